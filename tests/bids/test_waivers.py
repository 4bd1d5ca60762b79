"""Waivers of failed gates and accepted risks: two signatures, an end, and a base ranking that never moves."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from bids import queries, rules
from bids.actions import panel, verification
from bids.actions.waivers import propose_waiver, refuse_waiver, sign_waiver
from bids.cases import case_document, evaluated
from bids.choices import WaiverState
from bids.models import Claim, Waiver
from procurement.actions.locking import Stale
from procurement.choices import Stage
from procurement.models import AuditEntry, Seat
from procurement.rules import Forbidden
from tests.cast import NOW, PASSWORD

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate(NOW)
END = TODAY + timedelta(days=90)


def find(person, claim, *, verified):
    return verification.record_finding(
        actor=person, claim=claim, verified=verified, finding="seen", seen=claim.version, now=NOW
    )


@pytest.fixture
def failed(cast, opened):
    """A gate that the rival's bid fails."""
    claim = Claim.objects.get(bid__vendor=cast.rival.vendor, requirement__code="R1")
    return find(cast.security, claim, verified=False)


def propose(person, claim, *, expires_on=END, now=NOW):
    return propose_waiver(
        actor=person,
        claim=claim,
        reason="replaced in March",
        control="every batch is released by security",
        expires_on=expires_on,
        now=now,
    )


def sign(person, waiver, now=NOW):
    waiver.refresh_from_db()
    return sign_waiver(actor=person, waiver=waiver, seen=waiver.version, now=now)


@pytest.fixture
def proposed(cast, failed):
    return propose(cast.officer, failed)


@pytest.fixture
def signed(cast, proposed):
    sign(cast.security, proposed)
    return sign(cast.approver, proposed)


# --- two signatures ---------------------------------------------------------------------------------------
def test_it_is_in_force_when_security_and_an_approver_have_signed(cast, proposed):
    assert proposed.state(TODAY) == WaiverState.PROPOSED
    assert sign(cast.approver, proposed).state(TODAY) == WaiverState.PROPOSED
    waiver = sign(cast.security, proposed)
    assert waiver.state(TODAY) == WaiverState.IN_FORCE
    assert waiver.signed_by == "Approver (Management); Security (Security)"
    assert [entry.action for entry in AuditEntry.objects.order_by("-seq")[:3]] == [
        "sign waiver for security",
        "sign waiver as approver",
        "propose waiver",
    ]


@pytest.mark.parametrize("part", ["officer", "security", "business"])
def test_the_officer_and_the_panel_propose(cast, failed, part):
    assert propose(getattr(cast, part), failed).proposed_by.startswith(part.title())


@pytest.mark.parametrize("part", ["approver", "security_head", "auditor", "stranger"])
def test_nobody_else_proposes(cast, failed, part):
    with pytest.raises(Forbidden, match="propose waivers"):
        propose(getattr(cast, part), failed)


def test_another_tenders_officer_does_not_propose(cast, failed, opened):
    type(opened).objects.update(officer=cast.business)
    failed.bid.tender.refresh_from_db()
    with pytest.raises(Forbidden, match="propose waivers"):
        propose(cast.officer, failed)


def test_who_proposed_does_not_sign(cast, failed):
    waiver = propose(cast.security, failed)
    with pytest.raises(Forbidden, match="You proposed it"):
        sign(cast.security, waiver)
    sign(cast.security_head, waiver)
    assert sign(cast.approver, waiver).state(TODAY) == WaiverState.IN_FORCE


def test_nobody_signs_twice(cast, proposed):
    sign(cast.security_head, proposed)
    with pytest.raises(Forbidden, match="You have signed it"):
        sign(cast.security_head, proposed)


def test_the_table_itself_refuses_one_person_in_two_parts(cast, proposed):
    with pytest.raises(IntegrityError), transaction.atomic():
        Waiver.objects.update(security_signer=cast.officer)
    with pytest.raises(IntegrityError), transaction.atomic():
        Waiver.objects.update(security_signer=cast.security_head, approver=cast.security_head)


@pytest.mark.parametrize("part", ["business", "officer", "auditor"])
def test_others_do_not_sign(cast, failed, part):
    waiver = propose(cast.security, failed)
    with pytest.raises(Forbidden):
        sign(getattr(cast, part), waiver)


def test_an_approver_on_the_panel_does_not_approve(cast, proposed, opened):
    Seat.objects.create(
        tender=opened, position=9, code="boss", unit=cast.approver.unit, user=cast.approver, name="Boss"
    )
    with pytest.raises(Forbidden, match="on the panel"):
        sign(cast.approver, proposed)
    sign(cast.security, proposed)
    assert sign(cast.next_above, proposed).state(TODAY) == WaiverState.IN_FORCE


def test_a_refusal_has_a_name_and_a_reason_and_ends_it(cast, failed, proposed):
    refused = refuse_waiver(
        actor=cast.security, waiver=proposed, reason="not acceptable", seen=proposed.version, now=NOW
    )
    assert (refused.state(TODAY), refused.refused_by) == (WaiverState.REFUSED, "Security (Security)")
    with pytest.raises(Forbidden, match="It is settled: Refused"):
        sign(cast.approver, proposed)
    assert propose(cast.officer, failed).state(TODAY) == WaiverState.PROPOSED


def test_an_older_version_is_stale(cast, proposed):
    sign(cast.security, proposed)
    with pytest.raises(Stale):
        sign_waiver(actor=cast.approver, waiver=proposed, seen=proposed.version - 1, now=NOW)


# --- what and when ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("days", [-1, 0, 181])
def test_it_ends_after_today_and_within_180_days(cast, failed, days):
    with pytest.raises(ValidationError, match="within 180 days"):
        propose(cast.officer, failed, expires_on=TODAY + timedelta(days=days))


@pytest.mark.parametrize("days", [1, 180])
def test_the_bounds_themselves_are_taken(cast, failed, days):
    assert propose(cast.officer, failed, expires_on=TODAY + timedelta(days=days))


def test_what_is_met_cannot_be_waived_nor_signed(cast, failed, proposed):
    met = Claim.objects.get(bid__vendor=cast.vendor.vendor, requirement__code="R1")
    with pytest.raises(Forbidden, match="nothing to waive"):
        propose(cast.officer, met)
    find(cast.security, failed, verified=True)
    with pytest.raises(Forbidden, match="nothing to waive"):
        sign(cast.security, proposed)


def test_one_proposal_at_a_time_and_a_follow_up_two_weeks_before_the_end(cast, failed, signed):
    with pytest.raises(Forbidden, match="waived already"):
        propose(cast.officer, failed)
    later = NOW + timedelta(days=90 - 14)
    follow_up = propose(cast.officer, failed, expires_on=END + timedelta(days=30), now=later)
    with pytest.raises(Forbidden, match="waits for its signatures"):
        propose(cast.officer, failed, now=later)
    sign(cast.security, follow_up, now=later)
    sign(cast.approver, follow_up, now=later)
    held = failed.waiver_in_force(TODAY + timedelta(days=100))
    assert held == follow_up


@pytest.mark.parametrize("stage", [Stage.BIDDERS_NAMED, Stage.AWARDED, Stage.CANCELLED])
def test_only_between_the_opening_and_the_award(cast, failed, opened, stage):
    type(opened).objects.update(stage=stage, fingerprint="x")
    failed.bid.tender.refresh_from_db()
    assert not rules.can_waive(cast.officer, failed, TODAY)


@pytest.mark.parametrize("stage", [Stage.TECHNICAL_LOCKED, Stage.PRICE_OPENED, Stage.RANKED])
def test_also_after_the_marks_are_locked(cast, failed, opened, stage):
    type(opened).objects.update(stage=stage)
    failed.bid.tender.refresh_from_db()
    assert rules.can_waive(cast.officer, failed, TODAY)


# --- the ranking ------------------------------------------------------------------------------------------
def test_the_base_ranking_never_moves(cast, failed, opened):
    before = evaluated(opened, now=NOW, waivers=False)[1]
    waiver = propose(cast.officer, failed)
    for person in (cast.security, cast.approver):
        sign(person, waiver)
    assert evaluated(opened, now=NOW, waivers=False)[1] == before
    assert [row.vendor for row in before.excluded] == ["Quickwin Technology"]
    accepted = evaluated(opened, now=NOW)[1]
    assert accepted.excluded == ()
    assert accepted.fingerprint != before.fingerprint


def test_it_lapses_after_its_last_day(cast, opened, signed):
    last = NOW + timedelta(days=90)
    assert evaluated(opened, now=last)[1].excluded == ()
    after = evaluated(opened, now=last + timedelta(days=1))[1]
    assert after == evaluated(opened, now=last, waivers=False)[1]
    assert signed.state(END + timedelta(days=1)) == WaiverState.LAPSED


def test_half_signed_it_changes_nothing(cast, opened, proposed):
    sign(cast.approver, proposed)
    assert case_document(opened, now=NOW) == case_document(opened, now=NOW, waivers=False)


def test_an_accepted_risk_is_carried_and_moves_nothing(cast, opened):
    scored = Claim.objects.get(bid__vendor=cast.rival.vendor, requirement__code="R3")
    scored = find(cast.security, scored, verified=False)
    waiver = propose(cast.business, scored)
    sign(cast.security, waiver)
    assert sign(cast.next_above, waiver).word == "Accepted risk"
    _case, accepted = evaluated(opened, now=NOW)
    base = evaluated(opened, now=NOW, waivers=False)[1]
    assert (accepted.ranking, accepted.excluded) == (base.ranking, base.excluded)
    assert accepted.fingerprint != base.fingerprint, "the case file says who accepted it"


# --- who sees it ------------------------------------------------------------------------------------------
def test_a_recused_member_neither_sees_nor_signs(cast, proposed, opened, client, clock):
    seat = opened.seats.get(user=cast.security)
    panel.recuse(actor=cast.officer, seat=seat, bid=proposed.claim.bid, reason="kin", now=NOW)
    assert not queries.waivers_visible_to(cast.security).exists()
    assert not queries.waivers_to_sign(cast.security, TODAY).exists()
    assert not rules.can_sign_waiver(cast.security, proposed, TODAY)
    client.force_login(cast.security)
    assert client.get(reverse("waiver", args=[proposed.pk])).status_code == 404
    listing = client.get(reverse("waivers", args=[opened.pk])).content.decode()
    assert "Quickwin" not in listing


@pytest.mark.parametrize("part", ["vendor", "rival", "stranger", "administrator"])
@pytest.mark.parametrize("page", ["waiver", "waivers", "waiver-new"])
@pytest.mark.usefixtures("clock")
def test_others_do_not_know_of_it(client, cast, proposed, part, page):
    client.force_login(getattr(cast, part))
    keys = {"waiver": proposed.pk, "waivers": proposed.claim.bid.tender_id, "waiver-new": proposed.claim_id}
    key = keys[page]
    assert client.get(reverse(page, args=[key])).status_code in {403, 404}


@pytest.mark.parametrize("part", ["officer", "security", "approver", "auditor", "security_head"])
@pytest.mark.usefixtures("clock")
def test_the_bank_reads_it(client, cast, proposed, part):
    client.force_login(getattr(cast, part))
    listing = reverse("waivers", args=[proposed.claim.bid.tender_id])
    for address in (listing, reverse("waiver", args=[proposed.pk])):
        assert "Quickwin" in client.get(address).content.decode()


def test_a_member_of_another_group_reads_it_once_the_ranking_may_be_seen(
    client, clock, cast, opened, proposed
):
    client.force_login(cast.business)
    address = reverse("waiver", args=[proposed.pk])
    assert client.get(address).status_code == 404
    type(opened).objects.update(stage=Stage.PRICE_OPENED)
    assert client.get(address).status_code == 200


# --- pages ------------------------------------------------------------------------------------------------
def test_from_the_proposal_to_the_second_signature_on_the_pages(client, clock, cast, failed):
    client.force_login(cast.officer)
    address = reverse("waiver-new", args=[failed.pk])
    assert client.get(address).status_code == 200
    words = {"reason": "Why", "control": "Batch by batch", "expires_on": f"{END}", "password": "wrong"}
    refused = client.post(address, words)
    assert refused.status_code == 422
    assert "Batch by batch" in refused.content.decode()
    assert not Waiver.objects.exists()
    page = client.post(address, words | {"password": PASSWORD}, follow=True).content.decode()
    assert "Waits for signatures" in page
    waiver = Waiver.objects.get()
    sign_at = reverse("waiver-sign", args=[waiver.pk])
    assert client.post(sign_at, {"sign-version": 1, "sign-password": PASSWORD}).status_code == 403
    for person, version in ((cast.security, 1), (cast.approver, 2)):
        client.force_login(person)
        assert client.post(sign_at, {"sign-version": version, "sign-password": "no"}).status_code == 422
        client.post(sign_at, {"sign-version": version, "sign-password": PASSWORD})
    assert waiver.state(TODAY) == WaiverState.PROPOSED, "the row in hand is the old one"
    waiver.refresh_from_db()
    assert waiver.state(TODAY) == WaiverState.IN_FORCE
    assert "In force" in client.get(reverse("waiver", args=[waiver.pk])).content.decode()


def test_a_refusal_on_the_page_needs_its_reason(client, clock, cast, proposed):
    client.force_login(cast.approver)
    address = reverse("waiver-refuse", args=[proposed.pk])
    assert client.post(address, {"refuse-version": 1, "refuse-password": PASSWORD}).status_code == 422
    words = {"refuse-version": 1, "refuse-password": PASSWORD, "refuse-reason": "Not on ATMs"}
    assert "Not on ATMs" in client.post(address, words, follow=True).content.decode()


def test_a_day_too_far_stands_at_its_field(client, clock, cast, failed):
    client.force_login(cast.officer)
    words = {"reason": "x", "control": "y", "expires_on": "2028-01-01", "password": PASSWORD}
    response = client.post(reverse("waiver-new", args=[failed.pk]), words)
    assert response.status_code == 422
    assert "within 180 days" in str(response.context["form"].errors["expires_on"])


@pytest.mark.parametrize("name", ["waiver-sign", "waiver-refuse"])
def test_nothing_is_signed_by_looking(client, clock, cast, proposed, name):
    client.force_login(cast.approver)
    assert client.get(reverse(name, args=[proposed.pk])).status_code == 405


def test_verification_says_waived_only_while_it_holds(client, clock, cast, opened, signed):
    client.force_login(cast.officer)
    address = reverse("verification", args=[opened.pk])
    assert "Passes with a waiver" in client.get(address).content.decode()
    clock(NOW + timedelta(days=91))
    assert "Passes with a waiver" not in client.get(address).content.decode()


# --- my work ----------------------------------------------------------------------------------------------
def tasks(client, person):
    client.force_login(person)
    return [task.what for task in client.get(reverse("work")).context["tasks"]]


def test_who_must_sign_finds_it_among_the_tasks(client, clock, cast, proposed):
    assert "Sign a waiver" in tasks(client, cast.security)
    assert "Sign a waiver" in tasks(client, cast.approver)
    assert "Sign a waiver" not in tasks(client, cast.business)
    assert "Sign a waiver" not in tasks(client, cast.officer)
    sign(cast.security, proposed)
    assert "Sign a waiver" not in tasks(client, cast.security)
    sign(cast.approver, proposed)
    assert "Sign a waiver" not in tasks(client, cast.next_above)


@pytest.mark.parametrize(("days", "shown"), [(75, False), (76, True), (90, True), (91, False)])
@pytest.mark.usefixtures("signed")
def test_it_is_on_the_desk_two_weeks_before_it_ends(client, clock, cast, days, shown):
    clock(NOW + timedelta(days=days))
    assert ("A waiver ends" in tasks(client, cast.officer)) == shown
    assert "A waiver ends" not in tasks(client, cast.business)


# --- query counts -----------------------------------------------------------------------------------------
@pytest.mark.usefixtures("clock", "proposed")
def test_lists_ask_as_often_for_three_as_for_one(client, cast, opened, django_assert_max_num_queries):
    client.force_login(cast.officer)
    address = reverse("waivers", args=[opened.pk])
    with django_assert_max_num_queries(24) as asked:
        client.get(address)
    for code in ("R2", "R3"):
        claim = Claim.objects.get(bid__vendor=cast.rival.vendor, requirement__code=code)
        propose(cast.business, find(cast.security, claim, verified=False))
    with django_assert_max_num_queries(len(asked)):
        assert client.get(address).context["page"].paginator.count == 3
