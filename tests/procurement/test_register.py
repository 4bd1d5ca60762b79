"""The register of exceptions, step by step: who asks, answers, decides, closes and prolongs."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from procurement import queries
from procurement.actions.locking import Stale
from procurement.choices import EntryState
from procurement.models import AuditEntry, RegisterEntry
from procurement.rules import Forbidden
from tests.cast import NOW
from tests.procurement.exceptions import EXPIRY, TODAY, advise, ask, close, decide, granted

pytestmark = pytest.mark.django_db


# --- step by step -----------------------------------------------------------------------------------------
def test_from_the_request_to_the_end_every_step_has_a_name(cast):
    entry = ask(cast.business)
    states = [entry.state(TODAY)]
    states.append(advise(cast.security, entry, "conditions").state(TODAY))
    states.append(decide(cast.approver, entry).state(TODAY))
    entry.refresh_from_db()
    states.append(entry.state(EXPIRY + timedelta(days=1)))
    states.append(close(cast.business, entry).state(EXPIRY + timedelta(days=1)))
    assert states == ["asked", "advised", "open", "overdue", "closed"]
    entry.refresh_from_db()
    assert [entry.proposed_by, entry.advised_by, entry.decided_by, entry.closed_by] == [
        "Business (Business)",
        "Security (Security)",
        "Approver (Management)",
        "Business (Business)",
    ]
    actions = AuditEntry.objects.order_by("seq").values_list("action", flat=True)
    assert list(actions) == [
        "request exception",
        "advise on exception",
        "grant exception",
        "close exception",
    ]


def test_who_asks(cast):
    for name in ("officer", "security", "business", "approver"):
        assert ask(getattr(cast, name)).unit == getattr(cast, name).unit
    for name in ("auditor", "administrator", "vendor"):
        with pytest.raises(Forbidden):
            ask(getattr(cast, name), owner=cast.officer)


@pytest.mark.parametrize(("days", "taken"), [(-1, False), (0, True), (365, True), (366, False)])
def test_it_ends_within_365_days(cast, days, taken):
    day = TODAY + timedelta(days=days)
    if taken:
        assert ask(cast.business, expires_on=day).expires_on == day
        return
    with pytest.raises(ValidationError) as refusal:
        ask(cast.business, expires_on=day)
    assert list(refusal.value.message_dict) == ["expires_on"]


def test_a_request_ends_somewhere(cast):
    with pytest.raises((ValidationError, TypeError)):
        ask(cast.business, expires_on=None)


def test_security_answers_and_nobody_else(cast):
    entry = ask(cast.business)
    for name in ("officer", "business", "approver", "business_head", "auditor", "administrator", "vendor"):
        with pytest.raises(Forbidden):
            advise(getattr(cast, name), entry)
    advise(cast.security_head, entry)
    with pytest.raises(Forbidden, match="answered this already"):
        advise(cast.security, entry, seen=2)


def test_security_does_not_answer_what_it_proposed_or_owns(cast):
    with pytest.raises(Forbidden, match="somebody else"):
        advise(cast.security, ask(cast.security))
    with pytest.raises(Forbidden, match="somebody else"):
        advise(cast.security, ask(cast.business, owner=cast.security))
    advise(cast.security_head, ask(cast.security))


def test_nobody_decides_before_security_has_answered(cast):
    entry = ask(cast.business)
    with pytest.raises(Forbidden, match="Security has not answered yet"):
        decide(cast.approver, entry, seen=1)
    with pytest.raises(Forbidden, match="Security has not answered yet"):
        decide(cast.approver, entry, "refused", seen=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        RegisterEntry.objects.update(decision="granted", decided_by="Approver", decision_reason="Now")


def test_an_approver_outside_the_proposing_unit_decides_in_another_person(cast):
    entry = ask(cast.business)
    advise(cast.security_head, entry)
    for name in ("officer", "business", "security", "auditor", "vendor"):
        with pytest.raises(Forbidden):
            decide(getattr(cast, name), entry)
    with pytest.raises(Forbidden, match="outside the proposing unit"):
        decide(cast.business_head, entry)
    with pytest.raises(Forbidden, match="answered for security"):
        decide(cast.security_head, entry)
    assert decide(cast.approver, entry).decided_by == "Approver (Management)"
    with pytest.raises(Forbidden, match="decided this already"):
        decide(cast.next_above, entry, seen=3)


def test_an_approver_decides_on_nothing_that_is_the_approvers_own(cast):
    proposed, owned = ask(cast.approver), ask(cast.business, owner=cast.approver)
    for entry in (proposed, owned):
        advise(cast.security, entry)
        with pytest.raises(Forbidden, match="somebody else"):
            decide(cast.approver, entry)


def test_granting_against_the_advice_is_overruled_for_ever(cast):
    entry = granted(cast, cast.business, advice="against")
    assert entry.is_overruled
    refused = ask(cast.business)
    advise(cast.security, refused, "against")
    assert not decide(cast.approver, refused, "refused").is_overruled
    close(cast.business, entry)
    assert list(queries.overruled_entries()) == [entry]
    assert (
        AuditEntry.objects.filter(action="grant exception", payload__contains='"overruled":true').count() == 1
    )


def test_what_nobody_decided_in_time_cannot_be_granted(cast):
    entry = ask(cast.business, expires_on=TODAY)
    advise(cast.security, entry)
    with pytest.raises(ValidationError, match="last day is over"):
        decide(cast.approver, entry, now=NOW + timedelta(days=1))
    decide(cast.approver, entry, "refused", now=NOW + timedelta(days=1))


def test_only_the_owner_closes_and_only_what_was_granted(cast):
    entry = ask(cast.business, owner=cast.security)
    with pytest.raises(Forbidden):
        close(cast.security, entry, seen=1)
    advise(cast.security_head, entry)
    decide(cast.approver, entry)
    for name in ("business", "officer", "approver", "security_head"):
        with pytest.raises(Forbidden):
            close(getattr(cast, name), entry)
    close(cast.security, entry)
    with pytest.raises(Forbidden):
        close(cast.security, entry, seen=4)


def test_a_stale_tab_signs_nothing(cast):
    entry = ask(cast.business)
    with pytest.raises(Stale):
        advise(cast.security, entry, seen=0)
    advise(cast.security, entry)
    with pytest.raises(Stale):
        decide(cast.approver, entry, seen=1)


def test_two_hands_of_one_person_are_refused_by_the_database_too(cast):
    entry = granted(cast, cast.business)
    for change in ({"adviser": cast.business}, {"decider": cast.business}, {"decider": cast.security}):
        with pytest.raises(IntegrityError), transaction.atomic():
            RegisterEntry.objects.filter(pk=entry.pk).update(**change)


# --- prolonging -------------------------------------------------------------------------------------------
def test_it_is_prolonged_by_a_new_request_that_was_granted_and_nothing_else(cast):
    old = granted(cast, cast.business)
    later = EXPIRY + timedelta(days=1)
    new = ask(cast.business, renews=old, expires_on=EXPIRY + timedelta(days=30))
    advise(cast.security, new)
    old.refresh_from_db()
    assert old.state(later) == EntryState.OVERDUE
    decide(cast.approver, new)
    old.refresh_from_db()
    assert (old.prolonged_by, old.state(later)) == (new, EntryState.PROLONGED)
    assert old.expires_on == EXPIRY
    with pytest.raises(Forbidden):
        ask(cast.business, renews=old)
    with pytest.raises(Forbidden):
        close(cast.business, old, seen=4)


def test_a_refused_request_prolongs_nothing(cast):
    old = granted(cast, cast.business)
    new = ask(cast.business, renews=old)
    advise(cast.security, new)
    decide(cast.approver, new, "refused")
    old.refresh_from_db()
    assert old.state(EXPIRY + timedelta(days=1)) == EntryState.OVERDUE
