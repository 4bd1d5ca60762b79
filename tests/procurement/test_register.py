"""The register of exceptions: who asks, answers, decides and closes, what is overdue, and who reads it."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from procurement import queries
from procurement.actions import register
from procurement.actions.locking import Stale
from procurement.choices import EntryState, Role
from procurement.models import AuditEntry, RegisterEntry, User
from procurement.rules import Forbidden
from tests.cast import NOW, PASSWORD

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 22)
EXPIRY = TODAY + timedelta(days=90)


def ask(actor, *, owner=None, expires_on=EXPIRY, renews=None, now=NOW, **values):
    asked = {
        "system": "ATM",
        "kind": "port",
        "origin": "Vendor's office",
        "target": "ATM gateway",
        "opening": "TCP 443",
        "reason": "Remote support",
        "risk": "A way in for malware",
        "owner": owner or actor,
        "expires_on": expires_on,
        "tender": None,
        "vendor": None,
    }
    return register.request_entry(actor=actor, values=asked | values, renews=renews, now=now)


def advise(actor, entry, advice="agrees", seen=1):
    entry.refresh_from_db()
    return register.advise(actor=actor, entry=entry, advice=advice, reason="Seen", seen=seen, now=NOW)


def decide(actor, entry, decision="granted", seen=2, now=NOW):
    entry.refresh_from_db()
    return register.decide(actor=actor, entry=entry, decision=decision, reason="Needed", seen=seen, now=now)


def close(actor, entry, seen=3):
    entry.refresh_from_db()
    return register.close(actor=actor, entry=entry, note="Port closed", seen=seen, now=NOW)


def granted(cast, actor, advice="agrees", **values):
    entry = ask(actor, **values)
    advise(cast.security, entry, advice)
    return decide(cast.approver, entry)


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


# --- reading ----------------------------------------------------------------------------------------------
@pytest.fixture
def clock(monkeypatch):
    from django.utils import timezone  # noqa: PLC0415 - as the other wing's fixture has it

    monkeypatch.setattr(timezone, "now", lambda: NOW)


def listed(client, who, **query):
    client.force_login(who)
    return [entry.pk for entry in client.get(reverse("register"), query).context["page"]]


@pytest.mark.usefixtures("clock")
def test_who_reads_what(client, cast, units):
    of_business, of_officer = ask(cast.business), ask(cast.officer)
    owned = ask(cast.officer, owner=cast.stranger)
    technician = User.objects.create(username="it", name="It", role=Role.MEMBER, unit=units["it"])
    everything = [owned.pk, of_officer.pk, of_business.pk]
    for who in (cast.officer, cast.security, cast.approver, cast.auditor, technician):
        assert listed(client, who) == everything
    assert listed(client, cast.business) == [of_business.pk]
    assert listed(client, cast.stranger) == [owned.pk, of_business.pk]
    client.force_login(cast.business)
    assert client.get(reverse("register-entry", args=[of_officer.pk])).status_code == 404
    for who in (cast.vendor, cast.administrator):
        client.force_login(who)
        for url in (
            reverse("register"),
            reverse("register-new"),
            reverse("register-workbook"),
            reverse("register-entry", args=[of_business.pk]),
        ):
            assert client.get(url).status_code == 403


@pytest.mark.usefixtures("clock")
def test_filters(client, cast):
    first = granted(cast, cast.business, advice="against", vendor=cast.vendor.vendor)
    second = ask(cast.officer, system="SWIFT", opening="FTP upload")
    late = granted(cast, cast.business, expires_on=TODAY)
    RegisterEntry.objects.filter(pk=late.pk).update(expires_on=TODAY - timedelta(days=1))
    who = cast.officer
    assert listed(client, who) == [late.pk, second.pk, first.pk]
    assert listed(client, who, state="open") == [first.pk]
    assert listed(client, who, state="overdue") == [late.pk]
    assert listed(client, who, state="overruled") == [first.pk]
    assert listed(client, who, state="asked") == [second.pk]
    assert listed(client, who, system="SWIFT") == [second.pk]
    assert listed(client, who, unit=cast.business.unit_id) == [late.pk, first.pk]
    assert listed(client, who, vendor=cast.vendor.vendor_id) == [first.pk]
    assert listed(client, who, q="ftp") == [second.pk]
    assert listed(client, who, q="nothing like it") == []
    assert listed(client, who, state="nonsense", unit="x") == [late.pk, second.pk, first.pk]


def test_states_in_the_database_and_in_the_row_are_the_same(cast):
    ask(cast.business)
    advise(cast.security, ask(cast.business))
    close(cast.business, granted(cast, cast.business))
    old = granted(cast, cast.business)
    new = ask(cast.business, renews=old, expires_on=EXPIRY + timedelta(days=5))
    advise(cast.security, new)
    decide(cast.approver, new)
    refused = ask(cast.business)
    advise(cast.security, refused)
    decide(cast.approver, refused, "refused")
    for today in (TODAY, EXPIRY, EXPIRY + timedelta(days=1), EXPIRY + timedelta(days=6)):
        entries = queries.register_entries_visible_to(cast.officer)
        seen = 0
        for state in EntryState:
            found = set(queries.search_register(entries, today=today, state=state))
            assert found == {entry for entry in entries if entry.state(today) == state}
            seen += len(found)
        assert seen == 6


def test_overdue_is_shown_to_both_units_and_the_owner(cast):
    entry = granted(cast, cast.business, owner=cast.officer)
    later = EXPIRY + timedelta(days=1)
    assert not queries.overdue_entries(EXPIRY).exists()
    for name in ("business", "stranger", "business_head", "security", "security_head", "officer"):
        assert list(queries.entries_overdue_for(getattr(cast, name), later)) == [entry], name
    for name in ("approver", "auditor", "administrator", "vendor"):
        assert not queries.entries_overdue_for(getattr(cast, name), later).exists(), name


@pytest.mark.usefixtures("clock")
def test_a_tender_that_the_reader_does_not_know_is_not_named(client, cast, draft):
    entry = ask(cast.officer, owner=cast.stranger, tender=draft)
    for who, known in ((cast.officer, True), (cast.security, True), (cast.stranger, False)):
        client.force_login(who)
        for url in (reverse("register"), reverse("register-entry", args=[entry.pk])):
            assert (draft.reference in client.get(url).content.decode()) is known
        book = load_workbook(BytesIO(client.get(reverse("register-workbook")).content))
        cells = [cell for row in book.active.iter_rows(values_only=True) for cell in row]
        assert (draft.reference in cells) is known


# --- forms and the workbook -------------------------------------------------------------------------------
@pytest.mark.usefixtures("clock")
def test_by_hand_from_the_form_to_the_decision(client, cast):
    client.force_login(cast.business)
    asked = {
        "system": "ATM",
        "kind": "function",
        "origin": "Branch",
        "target": "ATM",
        "opening": "USB boot",
        "reason": "Repair",
        "risk": "",
        "owner": cast.business.pk,
        "expires_on": "2027-12-01",
    }
    page = client.post(reverse("register-new"), asked)
    assert page.status_code == 200
    assert set(page.context["form"].errors) == {"risk"}
    page = client.post(reverse("register-new"), asked | {"risk": "Malware"})
    assert page.context["form"].errors["expires_on"] == [
        "At most 365 days from today; ask again before they end."
    ]
    good = asked | {"risk": "Malware", "expires_on": "2027-01-31"}
    assert client.post(reverse("register-new"), good).status_code == 302
    entry = RegisterEntry.objects.get()
    client.force_login(cast.security)
    said = {"advice": "against", "reason": "No", "version": 1}
    url = reverse("register-advise", args=[entry.pk])
    assert client.post(url, said | {"password": "wrong"}).status_code == 422
    assert client.post(url, said | {"password": PASSWORD}).status_code == 302
    client.force_login(cast.approver)
    said = {"decision": "granted", "reason": "Branches wait", "version": 2, "password": PASSWORD}
    assert client.post(reverse("register-decide", args=[entry.pk]), said).status_code == 302
    page = client.get(reverse("register-entry", args=[entry.pk])).content.decode()
    assert "Overruled" in page
    assert "The owner of the exception closes it." in page
    client.force_login(cast.business)
    done = {"note": "Boot order locked", "version": 3}
    assert client.post(reverse("register-close", args=[entry.pk]), done).status_code == 302
    entry.refresh_from_db()
    assert entry.closing_note == "Boot order locked"


@pytest.mark.usefixtures("clock")
def test_asking_to_prolong_starts_from_what_there_is(client, cast):
    old = granted(cast, cast.business)
    client.force_login(cast.business)
    url = reverse("register-new") + f"?renews={old.pk}"
    form = client.get(url).context["form"]
    assert form["opening"].value() == "TCP 443"
    assert form["expires_on"].value() is None
    said = {name: form[name].value() or "" for name in form.fields} | {"expires_on": "2027-03-01"}
    assert client.post(url, said).status_code == 302
    assert RegisterEntry.objects.first().renews == old
    other = ask(cast.business)
    assert client.get(reverse("register-new") + f"?renews={other.pk}").status_code == 403
    assert client.get(reverse("register-new") + "?renews=99999").status_code == 404


@pytest.mark.usefixtures("clock")
def test_going_live_cannot_be_asked_for_here(client, cast):
    client.force_login(cast.business)
    form = client.get(reverse("register-new")).context["form"]
    assert [kind for kind, _label in form.fields["kind"].choices] == ["connection", "port", "function"]


@pytest.mark.usefixtures("clock")
def test_the_workbook_holds_the_list_as_narrowed_and_the_trail_says_who_took_it(client, cast):
    granted(cast, cast.business, advice="against", opening="=HYPERLINK(1)")
    ask(cast.officer, system="SWIFT")
    client.force_login(cast.auditor)
    answer = client.get(reverse("register-workbook"), {"system": "ATM"})
    assert answer["Content-Disposition"] == 'attachment; filename="register-2026-11-22.xlsx"'
    rows = list(load_workbook(BytesIO(answer.content)).active.iter_rows(values_only=True))
    head, lines = rows[3], rows[4:]
    assert len(lines) == 1
    line = dict(zip(head, lines[0], strict=True))
    assert line["System"] == "ATM"
    assert line["Port or function"] == "=HYPERLINK(1)"
    assert line["Overruled"] == "Overruled"
    assert line["Expiry date"].date() == EXPIRY
    assert AuditEntry.objects.filter(action="export register", actor_name__startswith="Auditor").count() == 1


@pytest.mark.usefixtures("clock")
def test_the_list_costs_the_same_with_one_row_and_with_three(client, cast, draft):
    counts = []
    for _number in range(3):
        ask(cast.business, tender=draft, vendor=cast.vendor.vendor)
        client.force_login(cast.officer)
        with CaptureQueriesContext(connection) as queries_made:
            assert client.get(reverse("register")).status_code == 200
        counts.append(len(queries_made))
    assert counts[0] == counts[2]


@pytest.mark.usefixtures("clock")
def test_pages_of_25(client, cast):
    for _number in range(27):
        ask(cast.business)
    assert len(listed(client, cast.officer)) == 25
    assert len(listed(client, cast.officer, page="2")) == 2
