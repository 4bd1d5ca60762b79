"""The audit trail: a chain that only grows, and that shows where it was tampered with."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.transaction import TransactionManagementError

from procurement import audit
from procurement.models import AuditEntry, AuditHead
from procurement.models.audit import GENESIS, TRIGGERS
from tests.cast import NOW

pytestmark = pytest.mark.django_db


def record(cast, text="x", **payload):
    return audit.record(actor=cast.officer, action="test", object=text, now=NOW, **payload)


def run(statement):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def unguarded():
    """The table as somebody with the database's own powers sees it: without its triggers."""
    with connection.cursor() as cursor:
        for statement in TRIGGERS[connection.vendor][1]:
            cursor.execute(statement)


def test_every_entry_chains_to_the_one_before(cast):
    first, second = record(cast), record(cast, mark="4.5", reason="因為")
    assert (first.seq, first.prev_hash) == (1, GENESIS)
    assert (second.seq, second.prev_hash) == (2, first.hash)
    assert AuditHead.objects.get().hash == second.hash
    assert json.loads(second.payload) == {"mark": "4.5", "reason": "因為"}
    assert audit.verify_chain() == audit.ChainState(2, None)


def test_names_are_copied_so_that_leaving_changes_nothing(cast):
    entry = record(cast)
    cast.officer.name = "Somebody Else"
    cast.officer.save()
    entry.refresh_from_db()
    assert entry.actor_name in {"Officer (Procurement)", "Officer (採購處)"}
    assert audit.verify_chain().intact


@pytest.mark.django_db(transaction=True)
def test_no_entry_without_a_transaction(cast):
    with pytest.raises(TransactionManagementError):
        record(cast)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE procurement_auditentry SET action = 'nothing'",
        "DELETE FROM procurement_auditentry",
    ],
)
def test_the_database_refuses_to_change_the_trail(cast, statement):
    record(cast)
    with pytest.raises(DatabaseError, match="only grows"):
        run(statement)
    assert AuditEntry.objects.get().action == "test"


@pytest.mark.sqlite
def test_the_database_refuses_to_replace_an_entry(cast):
    record(cast)
    columns = ", ".join(field.column for field in AuditEntry._meta.fields if field.column != "action")
    statement = (
        f"INSERT OR REPLACE INTO procurement_auditentry ({columns}, action) "  # noqa: S608 - own column names
        f"SELECT {columns}, 'nothing' FROM procurement_auditentry"
    )
    with pytest.raises(DatabaseError, match="only grows"):
        run(statement)
    assert AuditEntry.objects.get().action == "test"


@pytest.mark.parametrize(
    ("change", "broken_at"),
    [
        ({"action": "nothing"}, 2),
        ({"payload": "{}"}, 2),
        ({"actor_name": "Nobody"}, 2),
        ({"at": NOW + timedelta(seconds=1)}, 2),
        ({"prev_hash": GENESIS}, 2),
        ({"hash": "f" * 64}, 2),
    ],
)
def test_a_rewritten_entry_is_found(cast, unguarded, change, broken_at):
    for number in range(3):
        record(cast, number=str(number))
    AuditEntry.objects.filter(seq=2).update(**change)
    state = audit.verify_chain()
    assert not state.intact
    assert state.broken_at == broken_at


def test_a_missing_entry_and_a_cut_tail_are_found(cast, unguarded):
    for number in range(3):
        record(cast, number=str(number))
    last = AuditEntry.objects.get(seq=3)
    AuditEntry.objects.filter(seq=3).delete()
    assert audit.verify_chain().broken_at == 3
    last.save(force_insert=True)
    assert audit.verify_chain().intact
    AuditEntry.objects.filter(seq=2).delete()
    assert audit.verify_chain().broken_at == 2


def test_an_action_that_fails_leaves_no_entry(cast):
    def fail():
        with transaction.atomic():
            record(cast)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not AuditEntry.objects.exists()
    assert AuditHead.objects.get().seq == 0


def test_the_command_says_whether_the_chain_holds(cast, unguarded):
    record(cast)
    out = StringIO()
    call_command("verify_audit", stdout=out)
    assert "1" in out.getvalue()
    AuditEntry.objects.update(object="y")
    with pytest.raises((CommandError, SystemExit)) as failed:
        call_command("verify_audit", stdout=StringIO(), stderr=StringIO())
    assert getattr(failed.value, "returncode", getattr(failed.value, "code", None)) == 2


class TestEnrol:
    def test_the_first_administrator_is_enrolled_on_the_command_line(self, monkeypatch):
        monkeypatch.setattr("sys.stdin", StringIO("correct horse battery staple\n"))
        call_command("enrol", "root", "Root", stdout=StringIO())
        entry = AuditEntry.objects.get()
        assert (entry.action, entry.actor_name) == ("enrol administrator", "manage.py")

    def test_only_the_first_one(self, cast, monkeypatch):
        monkeypatch.setattr("sys.stdin", StringIO("correct horse battery staple\n"))
        with pytest.raises(CommandError) as refused:
            call_command("enrol", "root", "Root")
        assert refused.value.returncode == 2

    def test_a_weak_password_is_refused_and_nothing_is_stored(self, monkeypatch):
        monkeypatch.setattr("sys.stdin", StringIO("short\n"))
        with pytest.raises(CommandError):
            call_command("enrol", "root", "Root")
        assert not AuditEntry.objects.exists()
