"""What somebody might type to find out too much, or to make a tender that cannot be evaluated."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from bids.actions import opening, scoring
from bids.actions.recording import record_evaluation
from bids.cases import evaluated
from bids.models import Mark
from bids.queries import marking
from procurement.actions import people
from procurement.forms.fields import MomentField, NumberField
from procurement.models import Vendor
from tests.cast import NOW, open_bids, open_prices


def first_cell(tender):
    """The first seat of the panel, and the first leaf and bid that it marks."""
    plan = marking(tender)
    seat = plan.seats[0]
    return seat, *next(plan.cells_of(seat, price=False))


# --- a tender that could not be evaluated any more ------------------------------------------------------
@pytest.mark.parametrize("sign", ["\ufdd0", "\uffff", "\U0001fffe", "\u0085", "\x1b"])
def test_a_comment_that_no_case_file_takes_is_refused(client, cast, opened, clock, sign):
    _seat, leaf, bid = first_cell(opened)
    client.force_login(cast.security)
    url = reverse("mark-save", args=[opened.pk, leaf.row.pk, bid.pk])
    answer = client.post(url, {"mark": "3", "comment": f"a{sign}b", "version": "0"})
    assert answer.status_code == 422
    assert not Mark.objects.exists()


@pytest.mark.parametrize("comment", ["a\r\nb", "a\u2028b", "\u202eb", "a\U0001f600", "e\u0301", "\u200b"])
def test_every_comment_that_is_taken_can_be_evaluated(client, cast, opened, clock, comment):
    _seat, leaf, bid = first_cell(opened)
    client.force_login(cast.security)
    url = reverse("mark-save", args=[opened.pk, leaf.row.pk, bid.pk])
    assert client.post(url, {"mark": "3", "comment": comment, "version": "0"}).status_code == 302
    evaluated(opened, now=NOW)


def test_a_number_has_no_more_digits_than_a_case_file_takes():
    with pytest.raises(ValidationError, match="more than 30 digits"):
        NumberField().clean("十0." + "0" * 28 + "1")


@pytest.mark.parametrize("typed", ["9" * 30, "0." + "9" * 29, "-" + "9" * 30])
def test_a_number_may_have_thirty_digits(typed):
    assert NumberField().clean(typed) == Decimal(typed)


@pytest.mark.parametrize("name", ["bedrock security", "Ｂedrock Security", "BEDROCK SECURITY"])
def test_no_two_vendors_are_one_in_a_case_file(cast, opened, name):
    with pytest.raises(ValidationError, match="is there already"):
        people.create_vendor(actor=cast.administrator, values={"name": name}, now=NOW)
    with pytest.raises(ValidationError, match="is there already"):
        people.edit_vendor(
            actor=cast.administrator, vendor=cast.rival.vendor, values={"name": name}, seen=1, now=NOW
        )
    evaluated(opened, now=NOW)


def test_a_vendor_may_change_the_case_of_its_own_name(cast):
    vendor = cast.rival.vendor
    people.edit_vendor(
        actor=cast.administrator, vendor=vendor, values={"name": "QuickWin Technology"}, seen=1, now=NOW
    )
    assert Vendor.objects.get(pk=vendor.pk).name == "QuickWin Technology"


def test_a_vendor_known_by_another_spelling_is_not_entered_twice(cast, published):
    published.deadline = NOW - timedelta(hours=1)
    published.save()
    mark = {"mark": "20", "comment": None}
    row = {
        "vendor": "BEDROCK Security",
        "price": "12000000",
        "status": "valid",
        "reason": None,
        "claims": [],
        "marks": [
            mark | {"member": member, "criterion": criterion}
            for member in ("security", "business")
            for criterion in ("S", "Q")
        ],
    }
    record_evaluation(actor=cast.officer, tender=published, bids=[row], now=NOW)
    assert published.bids.get().vendor == cast.vendor.vendor


def test_a_person_who_is_renamed_changes_nothing_that_was_published(client, cast, published, clock):
    cast.security.name = "Somebody Else"
    cast.security.save()
    client.force_login(cast.officer)
    page = client.get(reverse("opening", args=[published.pk])).content.decode()
    assert "Unchanged since publication" in page


@pytest.mark.parametrize("typed", ["0001-01-01T00:00", "1999-12-31T23:59", "9999-99-99T00:00"])
def test_a_moment_long_gone_is_none(typed):
    with pytest.raises(ValidationError, match="valid date/time"):
        MomentField().clean(typed)


# --- pages that broke -----------------------------------------------------------------------------------
def test_a_tender_without_bids_is_not_presented_and_says_why(client, cast, published, clock):
    published.deadline = NOW - timedelta(hours=1)
    published.save()
    published = open_bids(cast.officer, published)
    published = opening.lock_marks(actor=cast.officer, tender=published, now=NOW)
    published = open_prices(cast.officer, published)
    client.force_login(cast.officer)
    answer = client.post(reverse("present", args=[published.pk]), follow=True)
    assert answer.redirect_chain == [(reverse("decision", args=[published.pk]), 302)]
    assert "At least one bid is needed." in answer.content.decode()


@pytest.mark.parametrize("requirement", ["", "abc", "1.5", "-1", "9" * 30, "\x00"])
def test_a_file_for_no_requirement_is_not_found(client, cast, published, clock, requirement):
    client.force_login(cast.vendor)
    url = reverse("bid-file-add", args=[published.pk])
    file = SimpleUploadedFile("a.pdf", b"%PDF-1.7")
    assert client.post(url, {"requirement": requirement, "file": file}).status_code == 404


# --- what the trail tells too early ---------------------------------------------------------------------
def trail(client, cast, **query):
    client.force_login(cast.auditor)
    return client.get(reverse("trail"), query).content.decode()


def test_the_trail_tells_of_no_bid_before_the_opening(client, cast, closed, clock):
    for query in ({}, {"person": "Vendor"}, {"q": "digest"}, {"action": "submit bid"}):
        page = trail(client, cast, **query)
        # The key of drafts is made at anybody's first sign-in, be it to read only.
        assert "Bedrock" not in "".join(row for row in page.split("<tr>") if "make key of drafts" not in row)
        assert ">submit bid<" not in page
    open_bids(cast.officer, closed)
    page = trail(client, cast)
    assert "Vendor (Bedrock Security)" in page
    assert ">submit bid<" in page


def test_the_trail_tells_no_marks_before_they_are_locked(client, cast, opened, clock):
    seat, leaf, bid = first_cell(opened)
    scoring.save_mark(
        actor=seat.user,
        seat=seat,
        bid=bid,
        criterion=leaf.row,
        mark=Decimal(7),
        comment="a weak vault",
        seen=0,
        now=NOW,
    )
    assert "a weak vault" not in trail(client, cast)
    opened.stage = "technical_locked"
    opened.save()
    assert "a weak vault" in trail(client, cast)
