"""Findings, evidence, what does not apply, and exclusions: who, when, by name."""

import json
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from bids import queries, rules
from bids.actions import panel, verification
from bids.cases import evaluated
from bids.choices import BidStatus, Evidence
from bids.models import Bid, Claim, Recusal
from procurement.actions.locking import Stale
from procurement.models import AuditEntry
from procurement.rules import Forbidden
from tests.cast import NOW


@pytest.fixture
def claim(opened):
    return Claim.objects.get(bid__position=0, requirement__code="R1")


def find(person, claim, verified=True, finding="seen on the test ATM", seen=1, **found):
    return verification.record_finding(
        actor=person, claim=claim, verified=verified, finding=finding, seen=seen, now=NOW, **found
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
    panel.recuse(actor=cast.officer, seat=seat, bid=claim.bid, reason="kin", now=NOW)
    with pytest.raises(Forbidden, match="recused"):
        find(cast.security, claim)
    assert not queries.claims_visible_to(cast.security).filter(bid=claim.bid).exists()


def test_findings_end_with_the_lock(cast, locked):
    with pytest.raises(Forbidden, match="belongs to the stage"):
        find(cast.security, Claim.objects.first())


# --- the evidence ladder ----------------------------------------------------------------------------------
TODAY = date(2026, 11, 22)


def test_whoever_finds_says_what_stands_behind_it_and_corrects_the_day(cast, claim):
    Claim.objects.filter(pk=claim.pk).update(evidence="tested", evidence_until=date(2028, 1, 1))
    claim.refresh_from_db()
    assert claim.evidence_level(TODAY) == Evidence.TESTED
    found = find(cast.security, claim, level=Evidence.ATTESTED, until=date(2027, 1, 1))
    assert (found.evidence, found.evidence_found) == ("tested", "attested")
    assert (found.evidence_level(TODAY), found.evidence_until) == (Evidence.ATTESTED, date(2027, 1, 1))
    assert found.evidence_level(date(2027, 1, 1)) == Evidence.ATTESTED
    assert found.evidence_level(date(2027, 1, 2)) == Evidence.CLAIMED
    payload = json.loads(AuditEntry.objects.get(action="record finding").payload)
    assert (payload["evidence"], payload["evidence_until"]) == ("attested", "2027-01-01")


def test_only_the_bank_verifies_and_it_says_until_when(cast, claim):
    with pytest.raises(ValidationError, match="until when"):
        find(cast.security, claim, level=Evidence.VERIFIED)
    found = find(cast.security, claim, level=Evidence.VERIFIED, until=date(2027, 5, 1))
    assert found.evidence_level(TODAY) == Evidence.VERIFIED


@pytest.mark.parametrize("verified", [False, None])
def test_without_a_finding_of_met_no_level_is_found(cast, claim, verified):
    found = find(cast.security, claim, verified=verified, level=Evidence.VERIFIED, until=TODAY)
    assert (found.evidence_found, found.evidence_until) == ("", None)


# --- what does not apply ----------------------------------------------------------------------------------
@pytest.fixture
def not_applicable(claim):
    """The vendor says that a gate of another unit does not apply to it."""
    claim.answer, claim.note = "not_applicable", "no such component"
    claim.save(update_fields=["answer", "note"])
    return claim


def accept(person, claim, seen=1):
    return verification.accept_not_applicable(
        actor=person, claim=claim, reason="the module is not part of the system", seen=seen, now=NOW
    )


def test_not_applicable_counts_as_met_only_once_security_agreed_by_name(cast, not_applicable):
    tender = not_applicable.bid.tender
    assert not not_applicable.counts_as_met
    _case, before = evaluated(tender, now=NOW)
    assert [row.vendor for row in before.excluded] == ["Bedrock Security"]
    agreed = accept(cast.security, not_applicable)
    assert agreed.counts_as_met
    assert agreed.not_applicable_by == "Security (Security)"
    assert AuditEntry.objects.get(action="accept not applicable").actor_name == "Security (Security)"
    _case, after = evaluated(tender, now=NOW)
    assert after.excluded == ()
    with pytest.raises(Forbidden, match="agreed already"):
        accept(cast.security, agreed, seen=2)


@pytest.mark.parametrize("part", ["business", "officer", "approver", "auditor", "security_head", "stranger"])
def test_only_security_on_this_tender_agrees_that_it_does_not_apply(cast, not_applicable, part):
    with pytest.raises(Forbidden, match="security agrees or it counts as not met"):
        accept(getattr(cast, part), not_applicable)


def test_the_owner_of_the_requirement_agrees_if_of_security(cast, not_applicable):
    requirement = not_applicable.requirement
    requirement.owner = cast.security_head
    requirement.save(update_fields=["owner"])
    assert accept(cast.security_head, not_applicable).counts_as_met


def test_an_accountable_unit_does_not_call_it_met_in_the_place_of_security(cast, not_applicable, units):
    requirement = not_applicable.requirement
    requirement.owner, requirement.unit = cast.business, units["business"]
    requirement.save(update_fields=["owner", "unit"])
    with pytest.raises(ValidationError, match="security agrees"):
        find(cast.business, not_applicable)
    assert find(cast.business, not_applicable, verified=False).verified is False
    with pytest.raises(Forbidden, match="There is a finding"):
        accept(cast.security, not_applicable, seen=2)


def test_a_finding_counts_in_the_place_of_what_was_agreed(cast, not_applicable):
    agreed = accept(cast.security, not_applicable)
    assert not find(cast.security, agreed, verified=False, seen=2).counts_as_met


def test_what_the_vendor_answers_otherwise_cannot_be_agreed_away(cast, claim, opened):
    for answer in ("met", "not_met", ""):
        claim.answer = answer
        claim.save(update_fields=["answer"])
        with pytest.raises(Forbidden, match="does not say “not applicable”"):
            accept(cast.security, claim)


def test_a_recused_member_agrees_to_nothing_and_a_second_one_is_told(cast, not_applicable, opened):
    with pytest.raises(Stale):
        accept(cast.security, not_applicable, seen=7)
    Recusal.objects.create(
        seat=opened.seats.get(user=cast.security), bid=not_applicable.bid, position=0, reason="kin"
    )
    with pytest.raises(Forbidden, match="recused"):
        accept(cast.security, not_applicable)


def test_what_does_not_apply_is_settled_before_the_lock(cast, locked):
    claim = Claim.objects.filter(bid__tender=locked).first()
    claim.answer = "not_applicable"
    claim.save(update_fields=["answer"])
    with pytest.raises(Forbidden, match="belongs to the stage"):
        accept(cast.security, claim)


# --- the page ---------------------------------------------------------------------------------------------
def post(client, person, name, claim, data):
    client.force_login(person)
    return client.post(reverse(name, args=[claim.pk]), {"version": claim.version} | data, follow=True)


def test_the_level_found_stands_on_the_page(client, clock, cast, claim):
    data = {"verified": "yes", "finding": "seen", "level": "verified", "until": ""}
    refused = post(client, cast.security, "finding-save", claim, data)
    assert refused.status_code == 422
    assert "Say until when the evidence is good." in refused.content.decode()
    page = post(client, cast.security, "finding-save", claim, data | {"until": "2027-05-01"})
    text = page.content.decode()
    assert text.count("Verified by us</span>") == 2  # in the matrix and beside the claim
    assert "Evidence good until 2027/05/01" in text
    expired = post(client, cast.security, "finding-save", claim, data | {"until": "2026-11-21", "version": 2})
    assert "Expired; counts as: Independently tested" in expired.content.decode()


def test_security_agrees_on_the_page_and_others_see_that_it_waits(client, clock, cast, not_applicable):
    client.force_login(cast.officer)
    page = client.get(reverse("verification", args=[not_applicable.bid.tender_id])).content.decode()
    assert "“Not applicable” counts as not met until security agrees." in page
    assert "Agree by name" not in page
    empty = post(client, cast.security, "not-applicable-accept", not_applicable, {"reason": ""})
    assert empty.status_code == 422
    assert post(client, cast.officer, "not-applicable-accept", not_applicable, {}).status_code == 403
    assert post(client, cast.stranger, "not-applicable-accept", not_applicable, {}).status_code == 404
    done = post(client, cast.security, "not-applicable-accept", not_applicable, {"reason": "no such part"})
    text = done.content.decode()
    assert "Does not apply: agreed" in text
    assert "no such part" in text
    assert "counts as not met until" not in text


def test_what_a_vendor_calls_not_applicable_waits_for_security(cast, not_applicable, units):
    requirement = not_applicable.requirement
    requirement.owner, requirement.unit = cast.business, units["business"]
    requirement.save(update_fields=["owner", "unit"])
    assert not_applicable in queries.claims_to_verify(cast.security)
    accept(cast.security, not_applicable)
    assert not_applicable not in queries.claims_to_verify(cast.security)
    assert not_applicable not in queries.claims_to_verify(cast.business)


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
