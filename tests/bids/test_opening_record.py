"""The opening on record: who unlocked what, what was closed, and bids that could not be read."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from bids.actions import opening, panel, scoring
from bids.actions.custody import system_key
from bids.actions.submission import Late
from bids.cases import case_document
from bids.choices import Envelope
from bids.evaluation import evaluate, read_document
from procurement.models import User, Vendor
from procurement.templatetags.figures import fingerprint
from tests.bids.paper_reading import made, text_of
from tests.bids.vendors import submit, withdraw
from tests.cast import NOW, hand_in, mark_everything, open_bids, sign_in, unlock

pytestmark = pytest.mark.django_db

AFTER = NOW + timedelta(days=8)
ALTERED = "What is stored is not what was handed in."


@pytest.fixture
def third(cast):
    return User.objects.create(
        username="third",
        name="Third",
        role="vendor",
        vendor=Vendor.objects.create(name="Third"),
        language="en",
    )


@pytest.fixture
def over(clock, cast, third, published):
    """The vendor's bid is sound, the rival's was altered, the third withdrew, and one came late."""
    hand_in(cast.vendor, published, "15000000")
    sealed = hand_in(cast.rival, published, "12000000").manifests.get(envelope="technical")
    sealed.sealed = bytes(sealed.sealed)[:-1] + bytes([bytes(sealed.sealed)[-1] ^ 1])
    sealed.save()
    withdraw(third, hand_in(third, published, "13000000").bid)
    clock(AFTER)
    with pytest.raises(Late):
        submit(cast.vendor, published, at=AFTER)
    return published


@pytest.fixture
def opened(cast, over):
    return open_bids(cast.officer, over, at=AFTER)


@pytest.fixture
def priced(cast, opened):
    """The marks are locked and the prices open."""
    mark_everything(opened, {"Bedrock Security": {"S": "40", "Q": "20"}})
    for seat in opened.seats.filter(present=True):
        scoring.submit_marks(actor=seat.user, seat=seat, now=AFTER)
    locked = opening.lock_marks(actor=cast.officer, tender=opened, now=AFTER)
    unlock(locked, Envelope.PRICE, "next_above", "officer", at=AFTER)
    return opening.open_prices(actor=cast.officer, tender=locked, now=AFTER)


def page(client, person, tender, name="opening"):
    sign_in(client, person) if person.vendor_id else client.force_login(person)
    response = client.get(reverse(name, args=[tender.pk]))
    assert response.status_code == 200
    return response.content.decode()


# --- the page ---------------------------------------------------------------------------------------------
def test_the_page_names_officers_root_keys_and_what_came_late(client, cast, opened):
    shown = page(client, cast.auditor, opened)
    for words in (
        "Officer (Procurement)",
        "Auditor (Audit)",
        fingerprint(opened.closing.root, 16),
        fingerprint(opened.packages.get().digest, 16),
        system_key().key_id,
        "Came in too late",
        fingerprint(opened.late_bids.get().digest),
        reverse("closing-record", args=[opened.pk]),
    ):
        assert words in shown


def test_before_the_opening_it_says_nothing_of_what_came_late(client, cast, over):
    tender = opening.name_bidders(actor=cast.officer, tender=over, now=AFTER)
    shown = page(client, cast.auditor, tender)
    assert "Came in too late" not in shown
    assert fingerprint(tender.late_bids.get().digest) not in shown
    assert fingerprint(tender.closing.root) not in shown
    assert reverse("closing-record", args=[tender.pk]) in shown


def test_who_is_kept_from_a_bidder_does_not_read_that_it_came_late(client, cast, opened):
    seat, bid = opened.seats.get(user=cast.security), opened.bids.get(vendor=cast.vendor.vendor)
    panel.recuse(actor=cast.officer, seat=seat, bid=bid, reason="Kin", now=AFTER)
    assert "Came in too late" not in page(client, cast.security, opened)
    assert "Came in too late" in page(client, cast.business, opened)


# --- unreadable bids --------------------------------------------------------------------------------------
def test_an_unreadable_bid_is_shown_as_such_and_stops_no_other(client, cast, opened):
    shown = page(client, cast.officer, opened)
    assert "Unreadable" in shown
    assert ALTERED in shown
    assert "1 of 2" in shown
    assert opened.bids.get(vendor=cast.vendor.vendor).claims.count() == 3
    with translation.override("zh-hant"):
        bid = opened.bids.get(vendor=cast.rival.vendor)
        assert bid.unreadable == {"template": ALTERED, "params": {}}


def test_the_vendor_reads_why_and_whom_to_ask_and_only_after_the_opening(client, cast, over, third):
    named = opening.name_bidders(actor=cast.officer, tender=over, now=AFTER)
    assert "could not be read" not in page(client, cast.rival, named, "bid")
    tender = open_bids(cast.officer, named, at=AFTER)
    shown = page(client, cast.rival, tender, "bid")
    assert "Your bid could not be read" in shown
    assert ALTERED in shown
    assert "Officer (Procurement)" in shown
    for other in (cast.vendor, third):
        assert "could not be read" not in page(client, other, tender, "bid")


def test_a_price_that_cannot_be_read_is_told_once_the_prices_are_open(client, cast, published, clock):
    hand_in(cast.vendor, published, "15000000")
    sealed = hand_in(cast.rival, published, "12000000").manifests.get(envelope="price")
    sealed.sealed = bytes(sealed.sealed)[:-1] + bytes([bytes(sealed.sealed)[-1] ^ 1])
    sealed.save()
    clock(AFTER)
    tender = open_bids(cast.officer, published, at=AFTER)
    assert "could not be read" not in page(client, cast.rival, tender, "bid")
    marks = {"S": "40", "Q": "20"}
    mark_everything(tender, {"Bedrock Security": marks, "Quickwin Technology": marks})
    for seat in tender.seats.filter(present=True):
        scoring.submit_marks(actor=seat.user, seat=seat, now=AFTER)
    tender = opening.lock_marks(actor=cast.officer, tender=tender, now=AFTER)
    unlock(tender, Envelope.PRICE, at=AFTER)
    tender = opening.open_prices(actor=cast.officer, tender=tender, now=AFTER)
    bid = tender.bids.get(vendor=cast.rival.vendor)
    assert (bid.status, bid.price) == ("excluded", None)
    assert ALTERED in page(client, cast.rival, tender, "bid")
    assert ALTERED in page(client, cast.officer, tender)
    assert ALTERED in page(client, cast.officer, tender, "decision")
    assert ALTERED in text_of(made(cast.officer, tender, "opening-record"))


def test_the_case_the_ranking_and_the_files_say_why_it_is_out(client, cast, priced):
    document = case_document(priced, now=AFTER)
    (out,) = [row for row in document["bids"] if row["status"] == "excluded"]
    assert out["vendor"] == "Quickwin Technology"
    assert ALTERED in out["reason"]
    assert out.get("price") is None
    result = evaluate(read_document(document))
    assert [row.vendor for row in result.ranking] == ["Bedrock Security"]
    assert "Quickwin Technology" in [row.vendor for row in result.excluded]
    shown = page(client, cast.officer, priced, "decision")
    assert ALTERED in shown
    assert ALTERED in page(client, cast.officer, priced, "verification")
    assert client.get(reverse("workbook", args=[priced.pk])).status_code == 200
    case = json.loads(client.get(reverse("case-file", args=[priced.pk])).content)
    assert [row["vendor"] for row in case["bids"] if row["status"] == "excluded"] == ["Quickwin Technology"]


# --- the paper --------------------------------------------------------------------------------------------
def test_the_paper_has_all_of_it(cast, priced):
    text = text_of(made(cast.auditor, priced, "opening-record"))
    third = priced.bids.get(vendor__name="Third").submissions.latest("number")
    for words in (
        "Officer (Procurement)",
        "Auditor (Audit)",
        "Next_Above (Management)",
        "Technical envelope",
        "Price envelope",
        fingerprint(priced.closing.root, 16),
        fingerprint(priced.packages.get().digest, 16),
        fingerprint(third.commitment, 16),
        system_key().key_id,
        fingerprint(priced.late_bids.get().digest, 16),
        "Withdrawn",
        f"Unreadable: {ALTERED}",
        "22 November 2026 14:00:00.000",
        "30 November 2026 14:00:00.000",
        "1 of 2 agree",
        "15,000,000",
    ):
        assert words in text, words


def test_in_a_copy_without_names_no_member_stands_as_an_officer(cast, opened):
    seat = opened.seats.get(user=cast.security)
    seat.user, seat.name = cast.auditor, cast.auditor.name
    seat.save()
    assert "Auditor (Audit)" in text_of(made(cast.officer, opened, "opening-record"))
    lettered = text_of(made(cast.officer, opened, "opening-record", lettered=True))
    assert "Auditor" not in lettered
    assert "Officer (Procurement)" in lettered


def test_while_the_prices_are_locked_the_paper_says_so(cast, opened):
    text = text_of(made(cast.officer, opened, "opening-record"))
    assert "still locked" in text
    assert "15,000,000" not in text
