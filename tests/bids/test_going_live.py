"""Going live: what keeps a system from it, exceptions, and what waits for whom until then."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from bids.actions import reminders
from bids.models import Complaint
from bids.queries.ledger import ledger_rows
from procurement.actions import register
from procurement.choices import Role
from procurement.models import RegisterEntry, User
from procurement.rules import Forbidden
from tests.bids.companies import declared
from tests.bids.promised import (
    DUE,
    advise,
    ask,
    ask_for_a_port,
    decide,
    keep_gates,
    live,
    promise_of,
    sign,
)
from tests.cast import NOW

pytestmark = pytest.mark.django_db


# --- going live -------------------------------------------------------------------------------------------
def test_no_system_goes_live_while_a_gate_promise_is_open_or_broken(cast, promised):
    with pytest.raises(ValidationError, match="R1, R2"):
        live(cast.officer, promised)
    sign(cast.security, promise_of(promised, "R1"))
    sign(cast.security, promise_of(promised, "R2"), "broken")
    with pytest.raises(ValidationError, match=r": R2\."):
        live(cast.security, promised)
    sign(cast.security, promise_of(promised, "R2"))
    row = live(cast.officer, promised)
    assert (row.live_by, row.live_despite) == ("Officer (Procurement)", [])
    with pytest.raises(Forbidden, match="already"):
        live(cast.officer, promised)


def test_only_the_owner_and_the_officer_say_that_it_is_live(cast, promised):
    keep_gates(cast, promised)
    for name in ("business", "approver", "auditor", "administrator", "vendor", "stranger"):
        with pytest.raises(Forbidden):
            live(getattr(cast, name), promised)
    other = User.objects.create(username="other", name="Other", role=Role.OFFICER, unit=cast.officer.unit)
    with pytest.raises(Forbidden):
        live(other, promised)
    live(cast.security, promised)


def test_an_exception_in_force_lets_it_go_live_and_is_named(cast, promised, colleague):
    entry = ask(cast.officer, promised)
    with pytest.raises(ValidationError):
        live(cast.officer, promised)
    advise(colleague, entry, "conditions")
    with pytest.raises(ValidationError):
        live(cast.officer, promised)
    decide(cast.approver, entry)
    row = live(cast.officer, promised)
    assert row.live_despite == [
        {"code": "R1", "exception": str(entry)},
        {"code": "R2", "exception": str(entry)},
    ]


def test_an_exception_ends_with_its_day(cast, promised, colleague):
    entry = ask(cast.officer, promised, days=3)
    advise(colleague, entry)
    decide(cast.approver, entry)
    with pytest.raises(ValidationError):
        live(cast.officer, promised, at=NOW + timedelta(days=4))
    live(cast.officer, promised, at=NOW + timedelta(days=3))


def test_an_exception_needs_the_agreement_of_security_and_three_people(cast, promised, colleague):
    entry = ask(cast.security, promised)
    for actor in (cast.security, cast.business, cast.officer, cast.approver):
        with pytest.raises(Forbidden):
            advise(actor, entry)
    with pytest.raises(Forbidden, match="Security has not answered"):
        register.decide(actor=cast.approver, entry=entry, decision="granted", reason="Now", seen=1, now=NOW)
    advise(cast.security_head, entry, "against")
    with pytest.raises(Forbidden):
        decide(cast.security_head, entry)
    with pytest.raises(ValidationError, match="needs security's agreement"):
        decide(cast.approver, entry)
    decide(cast.approver, entry, "refused")
    with pytest.raises(ValidationError):
        live(cast.officer, promised)


def test_an_exception_covers_only_what_was_open_when_it_was_asked_for(cast, promised, colleague):
    sign(cast.security, promise_of(promised, "R1"))
    entry = ask(cast.officer, promised)
    advise(colleague, entry)
    decide(cast.approver, entry)
    sign(cast.security, promise_of(promised, "R1"), "broken")
    with pytest.raises(ValidationError, match=r": R1\."):
        live(cast.officer, promised)


def test_asking_again_prolongs_the_exception_that_stands(cast, promised, colleague):
    first = ask(cast.officer, promised, days=3)
    advise(colleague, first)
    decide(cast.approver, first)
    live(cast.officer, promised)
    second = ask(cast.officer, promised, days=60)
    assert second.renews == first
    advise(colleague, second)
    decide(cast.approver, second)
    first.refresh_from_db()
    assert first.prolonged_by == second


def test_no_exception_is_asked_for_where_none_is_needed(cast, promised):
    keep_gates(cast, promised)
    with pytest.raises(ValidationError, match="no exception is needed"):
        ask(cast.officer, promised)
    assert not RegisterEntry.objects.exists()


def test_a_complaint_that_freezes_the_award_freezes_going_live(cast, promised):

    keep_gates(cast, promised)
    award = promised.awards.get()
    complaint = Complaint.objects.create(
        award=award,
        number=1,
        complainant="Rival",
        text="Wrong",
        received_at=NOW,
        entered_by="Officer",
        entered_at=NOW,
        late=False,
    )
    with pytest.raises(Forbidden, match="complaint"):
        live(cast.officer, promised)
    complaint.answer, complaint.answered_by, complaint.answer_reason = "rejected", "Approver", "No"
    complaint.save()
    live(cast.officer, promised)


# --- what waits -------------------------------------------------------------------------------------------
def tasks(client, who):
    client.force_login(who)
    return [(task.what, task.url, task.detail) for task in client.get(reverse("work")).context["tasks"]]


@pytest.mark.usefixtures("clock")
def test_what_waits_for_whom_after_the_award(client, cast, promised):
    for person in (cast.vendor, cast.rival):
        declared(person)
    url = reverse("promises", args=[promised.pk])
    finish = ("Put the system into operation", url, "2 gate promises are open")
    assert tasks(client, cast.officer) == [finish]
    assert tasks(client, cast.security) == [("Sign what was promised", url, "R1, R2, R3"), finish]
    assert tasks(client, cast.vendor) == [("Show what you promised", url, "R1, R2, R3")]
    assert tasks(client, cast.rival) == tasks(client, cast.auditor) == tasks(client, cast.business) == []
    for code in ("R1", "R2", "R3"):
        sign(cast.security, promise_of(promised, code))
    live(cast.officer, promised)
    assert tasks(client, cast.officer) == tasks(client, cast.security) == tasks(client, cast.vendor) == []


@pytest.mark.usefixtures("clock")
def test_an_exception_waits_for_security_then_for_an_approver_and_is_overdue_for_both_units(
    client, cast, promised, colleague, clock
):
    entry = ask(cast.officer, promised, days=30)
    page = reverse("register-entry", args=[entry.pk])
    assert ("Answer a request for an exception", page) in [row[:2] for row in tasks(client, colleague)]
    assert page not in [row[1] for row in tasks(client, cast.approver)]
    waits = client.get(reverse("work"))
    assert waits.status_code == 200
    advise(colleague, entry)
    assert page not in [row[1] for row in tasks(client, colleague)]
    assert ("Decide on an exception", page) in [row[:2] for row in tasks(client, cast.approver)]
    decide(cast.approver, entry)
    assert page not in [row[1] for row in tasks(client, cast.officer)]
    clock(NOW + timedelta(days=31))
    for who in (cast.officer, cast.security, colleague):
        assert ("An exception is overdue", page) in [row[:2] for row in tasks(client, who)]
    assert page not in [row[1] for row in tasks(client, cast.business)]


@pytest.mark.usefixtures("clock")
def test_what_was_granted_against_security_stands_in_the_ledger(client, cast, promised):

    entry = ask_for_a_port(cast)
    advise(cast.security, entry, "against")
    assert ledger_rows(cast.officer, NOW) == []
    decide(cast.approver, entry)
    (row,) = ledger_rows(cast.officer, NOW)
    assert (row.kind, row.unit, row.approver) == ("register", cast.business.unit, "Approver (Management)")
    assert not row.overdue
    (late,) = ledger_rows(cast.security, NOW + timedelta(days=11))
    assert late.overdue


def test_owners_are_reminded_of_promises_and_of_exceptions_that_end(cast, promised):

    assert list(reminders.promises(NOW)) == list(reminders.exceptions(NOW)) == []
    entry = ask_for_a_port(cast)
    advise(cast.security, entry)
    decide(cast.approver, entry)
    (ending,) = reminders.exceptions(NOW + timedelta(days=9))
    assert (ending.person, ending.about, ending.tender) == (cast.business, f"{entry} ATM", None)
    (due,) = reminders.promises(DUE - timedelta(days=1))
    assert (due.person, due.about) == (cast.security, "R1, R2, R3")
    assert due.due.date() == DUE.date()
    for code in ("R1", "R2", "R3"):
        sign(cast.security, promise_of(promised, code))
    assert list(reminders.promises(DUE)) == []
