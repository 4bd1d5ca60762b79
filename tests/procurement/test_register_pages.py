"""The register of exceptions as it is read: who sees what, filters, forms and the workbook."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from procurement import queries
from procurement.choices import EntryState, Role
from procurement.models import AuditEntry, RegisterEntry, User
from tests.cast import NOW, PASSWORD
from tests.procurement.exceptions import EXPIRY, TODAY, advise, ask, close, decide, granted

pytestmark = pytest.mark.django_db


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
