"""Opening: what becomes visible when, and what stands in the way."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from bids.actions import awards, opening, panel, scoring
from bids.actions.unsealing import content_of
from bids.choices import BidStatus, Envelope
from bids.models import Attachment, Bid, Claim, Mark, ScoreSheet
from procurement.actions.locking import Stale
from procurement.choices import Aggregation, Profile, Stage
from procurement.models import AuditEntry, Criterion, Seat
from procurement.rules import Forbidden
from tests.bids.vendors import REPORT, add_file, remove_file, save, withdraw
from tests.cast import NOW, hand_in, mark_everything, open_bids, open_prices, unlock

MARKS = {"Bedrock Security": {"S": "40", "Q": "20"}, "Quickwin Technology": {"S": "30", "Q": "22"}}


def close(tender):
    tender.deadline = NOW - timedelta(hours=1)
    tender.save(update_fields=["deadline"])
    return tender


def seat_of(tender, person):
    return tender.seats.get(user=person)


def submit_all(tender):
    for seat in tender.seats.all():
        scoring.submit_marks(actor=seat.user, seat=seat, now=NOW)


# --- opening ----------------------------------------------------------------------------------------------
def test_nothing_opens_before_the_deadline(cast, published):
    with pytest.raises(Forbidden, match="until the deadline has passed"):
        opening.name_bidders(
            actor=cast.officer, tender=published, now=published.deadline - timedelta(microseconds=1)
        )
    with pytest.raises(Forbidden, match="cannot go to"):
        opening.open_technical(actor=cast.officer, tender=published, now=published.deadline)


def test_only_officers_name_and_open(cast, closed):
    for person in (cast.security, cast.approver, cast.auditor, cast.vendor, cast.administrator):
        for step in (opening.name_bidders, opening.open_technical):
            with pytest.raises(Forbidden, match="This is for: Procurement officer"):
                step(actor=person, tender=closed, now=NOW)


def test_bids_open_in_order_of_receipt_with_answers_and_without_prices(cast, published):
    early, late = NOW - timedelta(hours=3), NOW - timedelta(hours=2)
    hand_in(cast.rival, published, "2", at=early, R1="not_met")
    hand_in(cast.vendor, published, "1", at=early + timedelta(seconds=1))
    hand_in(cast.rival, published, "3", at=late)
    tender = open_bids(cast.officer, close(published))
    assert tender.stage == Stage.TECHNICAL_OPENED
    assert tender.opened_at == NOW
    rows = Bid.objects.order_by("position").values_list("vendor__name", "price", "opened_at")
    # the rival replaced its bid, so its last version is the later one; and it says "met"
    assert list(rows) == [("Bedrock Security", None, NOW), ("Quickwin Technology", None, NOW)]
    assert set(Claim.objects.values_list("answer", flat=True)) == {"met"}


def test_opening_twice_is_refused_and_changes_nothing(cast, opened):
    with pytest.raises(Forbidden, match="cannot go to"):
        opening.open_technical(actor=cast.officer, tender=opened, now=NOW)
    assert Claim.objects.count() == 6


def test_withdrawn_bids_are_listed_and_not_opened(cast, published):
    receipt = hand_in(cast.vendor, published, "1", at=NOW - timedelta(hours=2))
    withdraw(cast.vendor, receipt.bid, at=NOW - timedelta(hours=2))
    open_bids(cast.officer, close(published))
    bid = Bid.objects.get()
    assert (bid.status, bid.opened_at) == (BidStatus.WITHDRAWN, NOW)
    assert not Claim.objects.exists()


def test_a_draft_that_was_never_handed_in_is_no_bid(cast, published):
    save(cast.vendor, published)
    add_file(cast.vendor, published)
    open_bids(cast.officer, close(published))
    assert Bid.objects.get().opened_at is None


def test_the_bank_sees_the_files_that_the_opened_version_holds(cast, published):
    save(cast.vendor, published)
    held, dropped = (add_file(cast.vendor, published, name) for name in ("held.pdf", "dropped.pdf"))
    hand_in(cast.vendor, published, "2", at=NOW - timedelta(hours=3))
    remove_file(cast.vendor, dropped)
    hand_in(cast.vendor, published, "1", at=NOW - timedelta(hours=2))
    remove_file(cast.vendor, held)
    add_file(cast.vendor, published, "unsent.pdf")
    open_bids(cast.officer, close(published))
    file = Attachment.objects.get()
    assert (file.pk, file.name, file.requirement.code) == (held.pk, "held.pdf", "R1")
    assert content_of(file) == REPORT


# --- the panel --------------------------------------------------------------------------------------------
def test_a_member_is_recused_once_and_by_the_officer(cast, opened):
    seat, bid = seat_of(opened, cast.security), Bid.objects.first()
    arguments = {"seat": seat, "bid": bid, "reason": "employed there until last year", "now": NOW}
    with pytest.raises(Forbidden, match="This is for"):
        panel.recuse(actor=cast.security, **arguments)
    panel.recuse(actor=cast.officer, **arguments)
    with pytest.raises(ValidationError, match="recused from this bid already"):
        panel.recuse(actor=cast.officer, **arguments)
    entry = AuditEntry.objects.get(action="recuse member")
    assert json.loads(entry.payload)["reason"] == "employed there until last year"


def test_nobody_is_recused_once_the_marks_are_locked(cast, locked):
    with pytest.raises(Forbidden, match="belongs to the stage"):
        panel.recuse(
            actor=cast.officer,
            seat=seat_of(locked, cast.security),
            bid=Bid.objects.first(),
            reason="late",
            now=NOW,
        )


def test_an_absent_member_is_waited_for_no_longer(cast, opened):
    seat = seat_of(opened, cast.business)
    mark_everything(opened, MARKS)
    scoring.submit_marks(actor=cast.security, seat=seat_of(opened, cast.security), now=NOW)
    with pytest.raises(ValidationError, match="missing from: Business"):
        opening.lock_marks(actor=cast.officer, tender=opened, now=NOW)
    panel.set_presence(actor=cast.officer, seat=seat, present=False, reason="ill", seen=seat.version, now=NOW)
    with pytest.raises(Stale):
        panel.set_presence(actor=cast.officer, seat=seat, present=True, reason="back", seen=1, now=NOW)
    assert opening.lock_marks(actor=cast.officer, tender=opened, now=NOW).stage == Stage.TECHNICAL_LOCKED


# --- the lock ---------------------------------------------------------------------------------------------
def test_the_lock_names_whose_sheets_are_missing(cast, opened):
    with pytest.raises(ValidationError, match="missing from: Security, Business"):
        opening.lock_marks(actor=cast.officer, tender=opened, now=NOW)
    opened.refresh_from_db()
    assert opened.stage == Stage.TECHNICAL_OPENED


def test_the_lock_names_what_nobody_marked(cast, opened):
    for seat in opened.seats.all():
        for bid in Bid.objects.all():
            for leaf in opened.criteria.filter(code__in=["S", "Q"]):
                scoring.save_mark(
                    actor=seat.user,
                    seat=seat,
                    bid=bid,
                    criterion=leaf,
                    mark=None if leaf.code == "Q" else Decimal(30),
                    comment="no opinion",
                    seen=0,
                    now=NOW,
                )
    submit_all(opened)
    with pytest.raises(ValidationError, match="Bedrock Security has no mark that counts on criterion Q"):
        opening.lock_marks(actor=cast.officer, tender=opened, now=NOW)
    for bid in Bid.objects.all():
        scoring.agree(
            actor=cast.officer,
            bid=bid,
            criterion=opened.criteria.get(code="Q"),
            mark=Decimal(10),
            reason="agreed on the day",
            replaces=None,
            now=NOW,
        )
    assert opening.lock_marks(actor=cast.officer, tender=opened, now=NOW).stage == Stage.TECHNICAL_LOCKED


def test_consensus_needs_an_agreed_mark_for_every_cell(cast, draft, request):
    draft.aggregation = Aggregation.CONSENSUS
    draft.save(update_fields=["aggregation"])
    tender = request.getfixturevalue("opened")
    mark_everything(tender, MARKS)
    submit_all(tender)
    with pytest.raises(ValidationError) as refusal:
        opening.lock_marks(actor=cast.officer, tender=tender, now=NOW)
    assert len(refusal.value.messages) == 4


def test_under_the_procurement_act_a_panel_without_quorum_cannot_lock(cast, draft, request):
    draft.profile = Profile.TW_PUBLIC
    draft.save(update_fields=["profile"])
    for number in range(3):
        Seat.objects.create(
            tender=draft,
            position=9,
            code=f"x{number}",
            unit=cast.security.unit,
            expert=True,
            present=number == 0,
        )
    tender = request.getfixturevalue("opened")
    bid = Bid.objects.first()
    panel.recuse(actor=cast.officer, seat=seat_of(tender, cast.business), bid=bid, reason="kin", now=NOW)
    assert tender.bids.filter(recusals__seat__user=cast.business).count() == 2, "out of one is out of all"
    expert = tender.seats.get(code="x0")
    for seat in (seat_of(tender, cast.security), expert):
        for bid in Bid.objects.all():
            for leaf in tender.criteria.exclude(kind="price"):
                Mark.objects.create(bid=bid, seat=seat, criterion=leaf, mark="1", position=99)
        ScoreSheet.objects.create(seat=seat, submitted_at=NOW, signed_name="x")
    with pytest.raises(ValidationError, match=r"at least 2 experts are present.*: 1 of 2"):
        opening.lock_marks(actor=cast.officer, tender=tender, now=NOW)
    Seat.objects.filter(user=cast.security).update(expert=True)
    assert opening.lock_marks(actor=cast.officer, tender=tender, now=NOW).stage == Stage.TECHNICAL_LOCKED


def test_a_tender_without_bids_can_be_locked(cast, published):
    tender = open_bids(cast.officer, close(published))
    assert opening.lock_marks(actor=cast.officer, tender=tender, now=NOW).stage == Stage.TECHNICAL_LOCKED


# --- prices -----------------------------------------------------------------------------------------------
def test_prices_never_open_before_the_marks_are_locked(cast, opened):
    with pytest.raises(Forbidden, match="until the marks are locked"):
        opening.open_prices(actor=cast.officer, tender=opened, now=NOW)
    assert set(Bid.objects.values_list("price", flat=True)) == {None}


def test_prices_of_bids_in_play_open_and_others_stay_closed(cast, locked):
    Bid.objects.filter(vendor=cast.rival.vendor).update(status=BidStatus.EXCLUDED, reason="bribe")
    unlock(locked, Envelope.PRICE)
    tender = opening.open_prices(actor=cast.officer, tender=locked, now=NOW)
    assert (tender.stage, tender.priced_at) == (Stage.PRICE_OPENED, NOW)
    prices = dict(Bid.objects.values_list("vendor__name", "price"))
    assert prices == {"Bedrock Security": Decimal(15000000), "Quickwin Technology": None}


def test_every_step_of_the_opening_is_in_the_trail(priced):
    actions = list(AuditEntry.objects.order_by("seq").values_list("action", flat=True))
    assert [a for a in actions if a != "save mark"] == [
        *["make key of drafts", "submit bid"] * 2,
        "close bidding",
        "name bidders",
        *["declare interests"] * 2,
        *["take turn at envelope", "unlock envelope"],
        "open bids",
        *["submit marks"] * 2,
        "lock marks",
        *["take turn at envelope", "unlock envelope"],
        "open prices",
    ]
    assert ScoreSheet.objects.count() == 2
    assert Criterion.objects.count() == 3


def test_a_tender_without_bids_can_be_opened_but_nobody_is_ranked(client, cast, published):
    tender = open_bids(cast.officer, close(published))
    tender = opening.lock_marks(actor=cast.officer, tender=tender, now=NOW)
    tender = open_prices(cast.officer, tender)
    with pytest.raises(ValidationError, match="At least one bid is needed"):
        awards.present_ranking(actor=cast.officer, tender=tender, now=NOW)
    client.force_login(cast.officer)
    page = client.post(reverse("present", args=[tender.pk]), follow=True)
    assert "At least one bid is needed." in page.content.decode()
