"""Complaints against an award: who may, what they hold up, and what follows."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from bids import queries, rules
from bids.actions.complaints import answer_complaint, complain
from bids.models import Acceptance, Award, Complaint, Promise
from procurement.actions.locking import Stale
from procurement.choices import Stage
from procurement.models import AuditEntry
from procurement.rules import Forbidden
from tests.awarded import award_it
from tests.cast import NOW, PASSWORD

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=3)


@pytest.fixture
def awarded(priced):
    """Quickwin Technology won, and Bedrock Security did not."""
    award_it(priced)
    priced.refresh_from_db()
    return priced


def enter(actor, tender, *, received_at=LATER, now=LATER, **more):
    told = {"bid": None, "complainant": "Somebody", "text": "Unfair"} | more
    return complain(actor=actor, tender=tender, received_at=received_at, now=now, **told)


def answer(actor, complaint, word, *, seen=1):
    return answer_complaint(
        actor=actor, complaint=complaint, seen=seen, answer=word, reason="We looked", now=LATER
    )


def test_inside_the_standstill_it_freezes_the_award(cast, awarded):
    row = enter(cast.officer, awarded)
    assert not row.late
    state = queries.state_of(queries.award_of(awarded), LATER + timedelta(days=30))
    assert (state.kind, state.frozen_by) == ("frozen", (row,))
    assert state.sentence == "Frozen by complaint 1"


def test_until_the_last_moment(cast, awarded):
    until = queries.award_of(awarded).standstill_until
    assert not enter(cast.officer, awarded, received_at=until, now=until).late
    after = until + timedelta(microseconds=1)
    assert enter(cast.officer, awarded, received_at=after, now=after).late


def test_late_it_is_kept_and_freezes_nothing(cast, awarded):
    late = queries.award_of(awarded).standstill_until + timedelta(days=1)
    row = enter(cast.officer, awarded, received_at=late, now=late)
    assert row.late
    assert queries.state_of(queries.award_of(awarded), late).kind == "final"
    assert not rules.can_answer_complaint(cast.approver, row)


def test_when_it_arrived_counts_not_when_it_was_entered(cast, awarded):
    late = queries.award_of(awarded).standstill_until + timedelta(days=1)
    assert not enter(cast.officer, awarded, received_at=LATER, now=late).late


@pytest.mark.parametrize("days", [-1, 30])
def test_not_before_the_award_nor_in_the_future(cast, awarded, days):
    with pytest.raises(ValidationError):
        enter(cast.officer, awarded, received_at=NOW + timedelta(days=days))


def test_a_vendor_that_took_part_writes_its_own(cast, awarded):
    row = enter(cast.vendor, awarded, complainant="Somebody else", received_at=NOW)
    assert (row.bid.vendor, row.received_at) == (cast.vendor.vendor, LATER)
    assert row.complainant.startswith("Vendor")


@pytest.mark.parametrize("who", ["security", "approver", "auditor", "administrator", "stranger"])
def test_nobody_else_does(cast, awarded, who):
    with pytest.raises(Forbidden):
        enter(getattr(cast, who), awarded)


def test_rejected_with_a_reason_the_award_goes_on(cast, awarded):
    row = enter(cast.officer, awarded)
    answer(cast.approver, row, "rejected")
    award = queries.award_of(awarded)
    assert queries.state_of(award, LATER).kind == "standstill"
    assert queries.state_of(award, award.standstill_until + timedelta(days=1)).kind == "final"
    row.refresh_from_db()
    assert row.answered_by.startswith("Approver")
    with pytest.raises(Forbidden, match="already"):
        answer(cast.approver, row, "upheld", seen=2)


def test_upheld_the_award_is_suspended_and_the_panel_recommends_anew(cast, awarded):
    row = enter(cast.officer, awarded)
    answer(cast.approver, row, "upheld")
    awarded.refresh_from_db()
    assert awarded.stage == Stage.RANKED
    assert queries.award_of(awarded) is None
    assert queries.recommendation_of(awarded) is None
    old = Award.objects.get()
    assert queries.state_of(old, LATER).kind == "suspended"
    assert not Promise.objects.exists()
    assert not Acceptance.objects.exists()
    assert AuditEntry.objects.first().action == "suspend award"
    award_it(awarded, at=LATER)
    assert Award.objects.count() == 2
    assert queries.award_of(awarded) != old


def test_an_answer_to_an_older_version_is_stale(cast, awarded):
    with pytest.raises(Stale):
        answer(cast.approver, enter(cast.officer, awarded), "rejected", seen=0)


@pytest.mark.parametrize("who", ["officer", "security", "auditor", "security_head", "business_head"])
def test_only_the_named_approver_or_the_next_above_answers(cast, awarded, who):
    row = enter(cast.officer, awarded)
    assert not rules.can_answer_complaint(getattr(cast, who), row)
    assert rules.can_answer_complaint(cast.next_above, row)


class TestPages:
    def test_a_vendor_complains_and_reads_the_answer(self, client, cast, awarded, clock):
        clock(LATER)
        client.force_login(cast.vendor)
        outcome = client.get(reverse("decision", args=[awarded.pk])).content.decode()
        address = reverse("complaint-new", args=[awarded.pk])
        assert address in outcome
        assert client.post(address, {"text": ""}).status_code == 422
        body = client.post(address, {"text": "The marks are wrong"}, follow=True).content.decode()
        assert "The bank answers by name." in body
        row = Complaint.objects.get()
        client.force_login(cast.approver)
        words = {"answer": "rejected", "reason": "They stand", "version": row.version}
        at = reverse("complaint-answer", args=[row.pk])
        assert client.post(at, words | {"password": "wrong"}).status_code == 422
        client.post(at, words | {"password": PASSWORD})
        client.force_login(cast.vendor)
        assert "They stand" in client.get(reverse("complaint", args=[row.pk])).content.decode()

    def test_the_officer_enters_one_that_came_by_post(self, client, cast, awarded, clock):
        clock(LATER)
        client.force_login(cast.officer)
        words = {"complainant": "A shareholder", "received_at": "2026-11-24T09:00", "text": "Why so dear"}
        client.post(reverse("complaint-new", args=[awarded.pk]), words)
        assert Complaint.objects.get().complainant == "A shareholder"
        body = client.get(reverse("decision", args=[awarded.pk])).content.decode()
        assert "Frozen by complaint 1" in body

    def test_another_vendor_does_not_find_it(self, client, cast, awarded):
        row = enter(cast.vendor, awarded)
        for who in (cast.rival, cast.stranger, cast.administrator):
            client.force_login(who)
            assert client.get(reverse("complaint", args=[row.pk])).status_code == 404
        client.force_login(cast.rival)
        assert "Unfair" not in client.get(reverse("decision", args=[awarded.pk])).content.decode()

    def test_after_a_suspension_the_vendor_is_told(self, client, cast, awarded, clock):
        clock(LATER)
        answer(cast.approver, enter(cast.vendor, awarded), "upheld")
        client.force_login(cast.vendor)
        body = client.get(reverse("decision", args=[awarded.pk])).content.decode()
        assert "The award was suspended" in body
        assert "Quickwin Technology" not in body
