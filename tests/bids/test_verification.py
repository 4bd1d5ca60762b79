"""Findings, waivers and exclusions: who, when, by name."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from bids import queries, rules
from bids.actions import opening, verification
from bids.cases import evaluated
from bids.choices import BidStatus
from bids.models import Bid, Claim
from procurement.actions.locking import Stale
from procurement.models import AuditEntry
from procurement.rules import Forbidden
from tests.cast import NOW, hand_in


@pytest.fixture
def claim(opened):
    return Claim.objects.get(bid__position=0, requirement__code="R1")


@pytest.fixture
def failed(cast, published):
    """A gate that the vendor itself calls not met."""
    hand_in(cast.vendor, published, "1", at=NOW - timedelta(hours=2), R2="not_met")
    published.deadline = NOW - timedelta(hours=1)
    published.save(update_fields=["deadline"])
    opening.open_technical(actor=cast.officer, tender=published, now=NOW)
    return Claim.objects.get(requirement__code="R2")


def find(person, claim, verified=True, finding="seen on the test ATM", seen=1):
    return verification.record_finding(
        actor=person, claim=claim, verified=verified, finding=finding, seen=seen, now=NOW
    )


# --- findings ---------------------------------------------------------------------------------------------
def test_a_finding_carries_name_unit_and_time(cast, claim):
    found = find(cast.security, claim, verified=False)
    assert (found.verified, found.verified_by, found.verified_at) == (False, "Security (Security)", NOW)
    assert not found.counts_as_met
    assert AuditEntry.objects.get(action="record finding").actor_name == "Security (Security)"


def test_a_finding_is_taken_back(cast, claim):
    found = find(cast.security, find(cast.security, claim), verified=None, finding="", seen=2)
    assert (found.verified, found.verified_by, found.verified_at) == (None, "", None)
    assert found.counts_as_met


def test_a_finding_needs_words(cast, claim):
    with pytest.raises(ValidationError, match="Say what was found"):
        find(cast.security, claim, finding="")


def test_the_second_of_two_findings_is_told(cast, claim):
    find(cast.security, claim)
    with pytest.raises(Stale):
        find(cast.security, claim, verified=False, seen=1)


def test_only_the_accountable_unit_on_this_tender_finds(cast, claim, units, opened):
    for person in (cast.business, cast.officer, cast.approver, cast.auditor, cast.stranger):
        with pytest.raises(Forbidden, match="Security is accountable"):
            find(person, claim)
    claim.requirement.owner = cast.officer
    claim.requirement.save(update_fields=["owner"])
    find(cast.officer, claim)
    # a colleague of the accountable unit without a seat on this tender
    cast.stranger.unit = units["security"]
    cast.stranger.save(update_fields=["unit"])
    with pytest.raises(Forbidden, match="accountable"):
        find(cast.stranger, claim, seen=2)


def test_a_recused_member_finds_nothing_about_that_bid(cast, claim, opened):
    seat = opened.seats.get(user=cast.security)
    opening.recuse(actor=cast.officer, seat=seat, bid=claim.bid, reason="kin", now=NOW)
    with pytest.raises(Forbidden, match="recused"):
        find(cast.security, claim)
    assert not queries.claims_visible_to(cast.security).filter(bid=claim.bid).exists()


def test_findings_end_with_the_lock(cast, locked):
    with pytest.raises(Forbidden, match="belongs to the stage"):
        find(cast.security, Claim.objects.first())


# --- waivers ----------------------------------------------------------------------------------------------
def test_a_gate_is_waived_by_name_and_the_bid_ranked_with_it(cast, failed):
    _case, before = evaluated(failed.bid.tender, now=NOW)
    assert [row.reasons[0].code for row in before.excluded] == ["requirement_not_met"]
    waived = verification.waive(
        actor=cast.approver, claim=failed, reason="compensated by a second lock", seen=1, now=NOW
    )
    assert waived.waived_by == "Approver (IT)"
    _case, after = evaluated(failed.bid.tender, now=NOW)
    assert after.excluded == ()


@pytest.mark.parametrize("part", ["officer", "security", "auditor"])
def test_only_approvers_waive(cast, failed, part):
    with pytest.raises(Forbidden, match="This is for: Approver"):
        verification.waive(actor=getattr(cast, part), claim=failed, reason="x", seen=1, now=NOW)


def test_what_is_met_or_no_gate_or_waived_cannot_be_waived(cast, failed):
    met = Claim.objects.get(requirement__code="R1")
    scored = Claim.objects.get(requirement__code="R3")
    assert "nothing to waive" in rules.can_waive(cast.approver, met).reason
    assert "Only a gate" in rules.can_waive(cast.approver, scored).reason
    verification.waive(actor=cast.approver, claim=failed, reason="x", seen=1, now=NOW)
    failed.refresh_from_db()
    assert "waived already" in rules.can_waive(cast.approver, failed).reason


# --- exclusions -------------------------------------------------------------------------------------------
def test_a_bid_is_excluded_with_a_reason_and_then_out_of_play(cast, claim, opened):
    bid = claim.bid
    verification.exclude(actor=cast.officer, bid=bid, reason="forged test report", seen=bid.version, now=NOW)
    bid.refresh_from_db()
    assert (bid.status, bid.reason) == (BidStatus.EXCLUDED, "forged test report")
    claim.refresh_from_db()
    with pytest.raises(Forbidden, match="withdrawn or excluded"):
        find(cast.security, claim)
    assert bid.pk not in {row.pk for row in queries.marking(opened).bids}


def test_only_officers_exclude_and_only_while_bids_are_verified(cast, opened, request):
    bid = Bid.objects.first()
    with pytest.raises(Forbidden, match="This is for"):
        verification.exclude(actor=cast.approver, bid=bid, reason="x", seen=1, now=NOW)
    locked = request.getfixturevalue("locked")
    assert not rules.can_exclude(cast.officer, Bid.objects.filter(tender=locked).first())
