"""The pages of opening, verification and marks."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from bids.actions import scoring
from bids.choices import Envelope
from bids.models import Agreed, Bid, Claim, Mark, Recusal, ScoreSheet
from procurement.choices import Aggregation, PriceFormula, Role, Stage
from procurement.models import User, Vendor
from tests.cast import NOW, PASSWORD, declare_nothing, hand_in, mark_everything, open_bids, unlock

HTMX = {"HX-Request": "true"}
MARKS = {"Bedrock Security": {"S": "40", "Q": "20"}, "Quickwin Technology": {"S": "30", "Q": "22"}}


def text_of(response):
    return response.content.decode()


def get(client, person, name, tender, query=""):
    client.force_login(person)
    return client.get(reverse(name, args=[tender.pk]) + query)


def post(client, person, name, arguments, data=None, **more):
    client.force_login(person)
    return client.post(reverse(name, args=arguments), data or {}, **more)


@pytest.fixture
def opened_with(cast, published):
    """Opens the tender with so many bids."""

    def with_bids(n):
        for i in range(n):
            vendor = Vendor.objects.create(name=f"Vendor {i}")
            person = User.objects.create(username=f"v{i}", name=f"V{i}", role=Role.VENDOR, vendor=vendor)
            hand_in(person, published, "1", at=NOW - timedelta(hours=3), R2="not_met")
        published.deadline = NOW - timedelta(hours=1)
        published.save(update_fields=["deadline"])
        return open_bids(cast.officer, published)

    return with_bids


# --- who may look -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["opening", "verification", "marks"])
def test_vendors_are_told_and_strangers_find_nothing(client, clock, cast, opened, name):
    vendor = get(client, cast.vendor, name, opened)
    assert vendor.status_code == 403
    assert "This is for: " in text_of(vendor)
    for person in (cast.stranger, cast.administrator):
        assert get(client, person, name, opened).status_code == 404


@pytest.mark.parametrize("name", ["verification", "marks"])
def test_before_the_opening_there_is_nothing_to_verify_or_mark(client, clock, cast, closed, name):
    response = get(client, cast.security, name, closed)
    assert response.status_code == 403
    assert "The bids have not been opened yet." in text_of(response)


def test_marks_are_confidential_until_they_are_locked(client, clock, cast, opened):
    for person in (cast.approver, cast.auditor):
        response = get(client, person, "marks", opened)
        assert response.status_code == 403
        assert "confidential" in text_of(response)


@pytest.mark.parametrize(
    ("name", "person", "queries"),
    [
        ("opening", "officer", 46),
        ("verification", "security", 17),
        ("verification", "approver", 15),
    ],
)
@pytest.mark.parametrize("bids", [1, 3])
def test_pages_ask_as_many_queries_for_one_bid_as_for_three(  # noqa: PLR0917 - fixtures
    client, clock, cast, opened_with, django_assert_num_queries, name, person, queries, bids
):
    tender = opened_with(bids)
    client.force_login(getattr(cast, person))
    client.get(reverse(name, args=[tender.pk]))  # the first reading is an entry of the trail
    with django_assert_num_queries(queries):
        client.get(reverse(name, args=[tender.pk]))


# --- opening ----------------------------------------------------------------------------------------------
def test_the_opening_page_walks_from_closed_to_priced(client, clock, cast, published):
    hand_in(cast.vendor, published, "15000000")
    page = get(client, cast.officer, "opening", published)
    assert "Bids stay closed until the deadline has passed." in text_of(page)
    assert post(client, cast.officer, "name-bidders", [published.pk]).status_code == 403
    clock(published.deadline)
    assert "Name the bidders" in text_of(get(client, cast.officer, "opening", published))
    assert post(client, cast.officer, "open-technical", [published.pk]).status_code == 403
    named = post(client, cast.officer, "name-bidders", [published.pk], follow=True)
    assert "Interests have not been declared yet by: Security, Business." in text_of(named)
    published.refresh_from_db()
    declare_nothing(published)
    refused = post(client, cast.officer, "open-technical", [published.pk])
    assert (refused.status_code, "unlock the envelopes first" in text_of(refused)) == (422, True)
    unlock(published, Envelope.TECHNICAL, at=published.deadline)
    opened = post(client, cast.officer, "open-technical", [published.pk], follow=True)
    assert "1 bid was opened" in text_of(opened)
    assert "Bedrock Security" in text_of(opened)
    assert "Score sheets are still missing from: Security" in text_of(opened)
    refused = post(client, cast.officer, "lock-marks", [published.pk])
    assert refused.status_code == 422
    assert "Score sheets are still missing from: Security" in text_of(refused)
    published.refresh_from_db()
    mark_everything(published, MARKS)
    for seat in published.seats.all():
        scoring.submit_marks(actor=seat.user, seat=seat, now=NOW)
    locked = post(client, cast.officer, "lock-marks", [published.pk], follow=True)
    assert "NT$ 15,000,000" not in text_of(locked)
    unlock(published, Envelope.PRICE, at=published.deadline)
    priced = post(client, cast.officer, "open-prices", [published.pk], follow=True)
    assert "NT$ 15,000,000" in text_of(priced)


@pytest.mark.parametrize("name", ["name-bidders", "open-technical", "lock-marks", "open-prices"])
def test_a_step_is_the_officers_and_no_get(client, clock, cast, closed, name):
    for person in (cast.security, cast.approver, cast.auditor):
        assert post(client, person, name, [closed.pk]).status_code == 403
    assert post(client, cast.stranger, name, [closed.pk]).status_code == 404
    client.force_login(cast.officer)
    assert client.get(reverse(name, args=[closed.pk])).status_code == 405
    closed.refresh_from_db()
    assert closed.stage == Stage.PUBLISHED


def test_members_are_not_told_who_has_submitted(client, clock, cast, opened):
    mark_everything(opened, MARKS)
    seat = opened.seats.get(user=cast.business)
    scoring.submit_marks(actor=cast.business, seat=seat, now=NOW)
    assert "Submitted" in text_of(get(client, cast.officer, "opening", opened))
    for person in (cast.security, cast.approver, cast.auditor):
        page = text_of(get(client, person, "opening", opened))
        assert "Submitted" not in page
        assert "Not submitted" not in page


def test_a_recusal_is_entered_and_the_bid_disappears_for_that_member(client, clock, cast, opened):
    seat, bid = opened.seats.get(user=cast.security), Bid.objects.get(position=0)
    refused = post(client, cast.officer, "recuse", [opened.pk], {"seat": seat.pk, "bid": bid.pk})
    assert refused.status_code == 422
    assert not Recusal.objects.exists()
    data = {"seat": seat.pk, "bid": bid.pk, "reason": "a brother works there"}
    assert post(client, cast.security, "recuse", [opened.pk], data).status_code == 403
    assert post(client, cast.officer, "recuse", [opened.pk], data).status_code == 302
    again = post(client, cast.officer, "recuse", [opened.pk], data)
    assert again.status_code == 422
    assert "recused from this bid already" in text_of(again)
    for name in ("opening", "verification"):
        page = text_of(get(client, cast.security, name, opened))
        assert "Quickwin Technology" in page
        # the record of the recusal itself names the bid
        assert page.count("Bedrock Security") == (1 if name == "opening" else 0), name


def test_an_absence_is_entered_with_a_reason(client, clock, cast, opened):
    seat = opened.seats.get(user=cast.security)
    empty = post(client, cast.officer, "seat-presence", [seat.pk], {"version": 1, "reason": ""})
    assert empty.status_code == 422
    data = {"version": 1, "reason": "ill"}
    assert post(client, cast.security, "seat-presence", [seat.pk], data).status_code == 403
    assert post(client, cast.officer, "seat-presence", [seat.pk], data).status_code == 302
    assert post(client, cast.officer, "seat-presence", [seat.pk], data).status_code == 409
    seat.refresh_from_db()
    assert not seat.present


# --- verification -----------------------------------------------------------------------------------------
@pytest.fixture
def claim(opened):
    return Claim.objects.get(bid__position=0, requirement__code="R1")


def test_a_finding_is_saved_from_the_page_and_shown_by_name(client, clock, cast, claim):
    empty = post(client, cast.security, "finding-save", [claim.pk], {"verified": "no", "version": 1})
    assert empty.status_code == 422
    assert "Say what was found." in text_of(empty)
    assert 'value="no" checked' in text_of(empty)
    data = {"verified": "no", "finding": "USB boot ran it", "version": 1}
    saved = post(client, cast.security, "finding-save", [claim.pk], data, follow=True)
    page = text_of(saved)
    assert "Found not met" in page
    assert "USB boot ran it" in page
    assert "Security (Security)" in page
    assert "Fails a gate" in page
    assert post(client, cast.security, "finding-save", [claim.pk], data).status_code == 409


def test_a_finding_is_refused_to_others_with_the_reason(client, clock, cast, claim):
    data = {"verified": "yes", "finding": "x", "version": 1}
    for person in (cast.officer, cast.approver, cast.auditor):
        response = post(client, person, "finding-save", [claim.pk], data)
        assert response.status_code == 403
        assert "Security is accountable for this requirement" in text_of(response)
    # to the business member it is not even there: security's answers are for security
    for person in (cast.business, cast.stranger, cast.vendor, cast.administrator):
        assert post(client, person, "finding-save", [claim.pk], data).status_code == 404


def test_a_bid_is_excluded_from_the_page(client, clock, cast, claim):
    bid = claim.bid
    data = {"version": bid.version, "reason": "forged test report"}
    assert post(client, cast.security, "bid-exclude", [bid.pk], data).status_code == 403
    assert post(client, cast.stranger, "bid-exclude", [bid.pk], data).status_code == 404
    assert post(client, cast.officer, "bid-exclude", [bid.pk], {"version": 1}).status_code == 422
    page = text_of(post(client, cast.officer, "bid-exclude", [bid.pk], data, follow=True))
    assert "forged test report" in page
    assert "Excluded" in page


def test_one_requirement_is_shown_in_full(client, clock, cast, opened):
    chosen = opened.requirements.get(code="R3")
    page = text_of(get(client, cast.security, "verification", opened, f"?requirement={chosen.pk}"))
    assert page.count('name="verified" value="yes"') == 2
    assert "Requirement R3" in page
    unknown = get(client, cast.security, "verification", opened, "?requirement=nonsense")
    assert unknown.status_code == 200


# --- marks ------------------------------------------------------------------------------------------------
def cell(tender, code="S", position=0):
    bid = Bid.objects.get(position=position, tender=tender)
    return [tender.pk, tender.criteria.get(code=code).pk, bid.pk]


def test_a_mark_is_saved_with_and_without_a_script(client, clock, cast, opened):
    saved = post(client, cast.security, "mark-save", cell(opened), {"mark": "33.5", "version": 0})
    assert saved.status_code == 302
    data = {"mark": "３４", "comment": "good", "version": 1}
    fragment = post(client, cast.security, "mark-save", cell(opened), data, headers=HTMX)
    assert fragment.status_code == 200
    assert "<html" not in text_of(fragment)
    assert 'name="version" value="2"' in text_of(fragment)
    assert Mark.objects.get().mark == 34
    assert post(client, cast.security, "mark-save", cell(opened), data).status_code == 409


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"mark": "46"}, "The scale goes from 0 to 45."),
        ({"mark": "-1"}, "The scale goes from 0 to 45."),
        ({"mark": "many"}, "“many” is not a number."),
        ({"mark": ""}, "Give a mark, or say that you do not mark this."),
        ({"mark": "x"}, "Say why you do not mark this."),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "script"])
def test_a_refused_mark_stays_typed_and_says_why(client, clock, cast, opened, data, reason, headers):  # noqa: PLR0917 - fixtures
    data = {"comment": "because", "version": 0} | data
    if data["mark"] == "x":
        data["comment"] = ""
    response = post(client, cast.security, "mark-save", cell(opened), data, headers=headers)
    assert response.status_code == 422
    assert reason in text_of(response)
    if not headers:
        assert data["comment"] in text_of(response)
    assert not Mark.objects.exists()


def test_who_has_no_seat_gives_no_marks(client, clock, cast, opened):
    response = post(client, cast.officer, "mark-save", cell(opened), {"mark": "1", "version": 0})
    assert response.status_code == 403
    assert "Only members of this tender’s panel mark." in text_of(response)
    assert post(client, cast.stranger, "mark-save", cell(opened), {"mark": "1"}).status_code == 404


def test_a_short_scale_is_a_row_of_buttons(client, clock, cast, opened):
    opened.criteria.filter(code="S").update(maximum="5")
    page = text_of(get(client, cast.security, "marks", opened))
    assert page.count('name="mark" value="5"') == 2
    assert page.count('name="mark" value="x"') == 2
    quality = opened.criteria.get(code="Q")
    page = text_of(get(client, cast.security, "marks", opened, f"?criterion={quality.pk}"))
    assert "of 25" in page


def test_pages_hide_others_marks_until_ones_own_are_submitted(client, clock, cast, opened):
    scoring.save_mark(
        actor=cast.business,
        seat=opened.seats.get(user=cast.business),
        bid=Bid.objects.get(position=0),
        criterion=opened.criteria.get(code="S"),
        mark=Decimal("37.75"),
        comment="a secret opinion",
        seen=0,
        now=NOW,
    )

    def told(person):
        page = text_of(get(client, person, "marks", opened))
        return "37.75" in page or "a secret opinion" in page

    assert told(cast.business)
    assert not told(cast.security)
    assert not told(cast.officer)
    before = text_of(get(client, cast.security, "marks", opened))
    Mark.objects.filter(seat__user=cast.business).delete()
    after = text_of(get(client, cast.security, "marks", opened))
    # neither counts nor order tell either
    assert _plain(before) == _plain(after)


def _plain(page):
    return [line for line in page.splitlines() if "csrf" not in line.lower()]


def test_prices_are_on_no_page_before_they_are_open(client, clock, cast, opened):
    mark_everything(opened, MARKS)
    for seat in opened.seats.all():
        scoring.submit_marks(actor=seat.user, seat=seat, now=NOW)
    for person in (cast.officer, cast.security, cast.approver, cast.auditor):
        for name in ("tender", "opening", "verification", "marks", "decision"):
            page = text_of(get(client, person, name, opened))
            for price in ("15,000,000", "15000000", "12,000,000", "12000000"):
                assert price not in page, (person, name)


def test_a_marked_price_is_marked_on_its_page_with_the_price_in_sight(client, clock, cast, draft, request):
    draft.price_formula, draft.price_parameters = PriceFormula.MARKED, {}
    draft.save(update_fields=["price_formula", "price_parameters"])
    tender = request.getfixturevalue("priced")
    page = text_of(get(client, cast.security, "marks", tender))
    assert "NT$ 15,000,000" in page
    saved = post(client, cast.security, "mark-save", cell(tender, "P"), {"mark": "20", "version": 0})
    assert saved.status_code == 302
    assert Mark.objects.get(criterion__code="P").mark == 20
    # nothing is signed a second time, and the other criteria are there to be read
    assert "Submit my marks" not in page
    leaf = tender.criteria.get(code="S")
    assert "<b>40</b>" in text_of(get(client, cast.security, "marks", tender, f"?criterion={leaf.pk}"))


def test_marks_are_submitted_with_the_password_and_others_show(client, clock, cast, opened):
    mark_everything(opened, MARKS)
    wrong = post(client, cast.security, "marks-submit", [opened.pk], {"password": "guess"})
    assert wrong.status_code == 422
    assert "This is not your password. Nothing was submitted." in text_of(wrong)
    assert not ScoreSheet.objects.exists()
    for person in (cast.security, cast.business):
        data = {"password": PASSWORD}
        page = text_of(post(client, person, "marks-submit", [opened.pk], data, follow=True))
        assert "Submitted and locked" in page
    assert 'name="mark"' not in page
    assert "<b>40</b>" in page
    again = post(client, cast.security, "marks-submit", [opened.pk], {"password": PASSWORD})
    assert again.status_code == 403


def test_an_incomplete_sheet_is_not_submitted(client, clock, cast, opened):
    page = text_of(get(client, cast.security, "marks", opened))
    assert "4 marks are still missing." in page
    response = post(client, cast.security, "marks-submit", [opened.pk], {"password": PASSWORD})
    assert response.status_code == 422
    assert not ScoreSheet.objects.exists()


def test_the_officer_enters_agreed_marks(client, clock, cast, opened):
    opened.aggregation = Aggregation.CONSENSUS
    opened.save(update_fields=["aggregation"])
    leaf, bid = opened.criteria.get(code="S"), Bid.objects.get(position=0)
    address = [opened.pk, leaf.pk]
    data = {"bid": bid.pk, "mark": "38", "reason": "after discussion", "replaces": ""}
    early = post(client, cast.officer, "agreed-save", address, data)
    assert early.status_code == 422
    mark_everything(opened, MARKS)
    for seat in opened.seats.all():
        scoring.submit_marks(actor=seat.user, seat=seat, now=NOW)
    assert post(client, cast.security, "agreed-save", address, data).status_code == 403
    off = post(client, cast.officer, "agreed-save", address, data | {"mark": "99"})
    assert off.status_code == 422
    assert "The scale goes from 0 to 45." in text_of(off)
    assert 'value="99"' in text_of(off)
    assert post(client, cast.officer, "agreed-save", address, data).status_code == 302
    assert post(client, cast.officer, "agreed-save", address, data).status_code == 409
    assert Agreed.objects.get().mark == 38
    assert "after discussion" in text_of(get(client, cast.security, "marks", opened))
    assert "Change the agreed mark" in text_of(get(client, cast.officer, "marks", opened))
    type(opened).objects.filter(pk=opened.pk).update(aggregation=Aggregation.MEAN)
    assert post(client, cast.officer, "agreed-save", address, data | {"replaces": "38"}).status_code == 403
    assert "Change the agreed mark" not in text_of(get(client, cast.officer, "marks", opened))
