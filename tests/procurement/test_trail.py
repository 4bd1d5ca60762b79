"""The page of the audit trail, and `manage.py verify_audit`."""

import json

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.urls import reverse

from procurement import audit
from procurement.audit.checkpoints import make_checkpoint
from procurement.models import AuditEntry, AuditHead
from procurement.models.audit import TRIGGERS
from tests.cast import NOW

from .anchoring import restore

pytestmark = pytest.mark.django_db


@pytest.fixture
def entries(cast, draft):
    """Three entries: two on the draft by the officer, one by the administrator on nobody's tender."""
    with transaction.atomic():
        for action, actor, tender, payload in [
            ("create tender", cast.officer, draft, {"budget": "18500000"}),
            ("edit tender", cast.officer, draft, {"reason": "<b>a & b</b>"}),
            ("create person", cast.administrator, None, {}),
        ]:
            audit.record(actor=actor, action=action, object="x", now=NOW, tender=tender, **payload)


def shown(client, **query):
    return [entry.seq for entry in client.get(reverse("trail"), query).context["page"]]


def tamper(**values):
    """Change the second entry behind the triggers, as somebody with the database's password could."""
    make, drop = TRIGGERS[connection.vendor]
    with connection.cursor() as cursor:
        for statement in drop:
            cursor.execute(statement)
        AuditEntry.objects.filter(seq=2).update(**values)
        for statement in make:
            cursor.execute(statement)


def test_auditors_read_everything_newest_first(client, cast, entries):
    client.force_login(cast.auditor)
    assert shown(client) == [3, 2, 1]
    page = client.get(reverse("trail")).content.decode()
    assert "18500000" in page
    assert "<b>a" not in page
    assert "&lt;b&gt;a &amp; b&lt;/b&gt;" in page


@pytest.mark.parametrize("who", ["officer", "security", "approver", "administrator", "vendor"])
def test_nobody_else_reads_it(client, cast, entries, who):
    client.force_login(getattr(cast, who))
    assert client.get(reverse("trail")).status_code == 403


@pytest.mark.parametrize(
    ("query", "seqs"),
    [
        ({"tender": "ITS-2026"}, [2, 1]),
        ({"tender": "nothing"}, []),
        ({"person": "Administrator"}, [3]),
        ({"action": "edit tender"}, [2]),
        ({"action": "never done"}, [3, 2, 1]),
        ({"q": "18500000"}, [1]),
        ({"tender": "ITS-2026", "q": "18500000", "person": "officer"}, [1]),
    ],
)
def test_the_trail_is_narrowed(client, cast, entries, query, seqs):
    client.force_login(cast.auditor)
    assert shown(client, **query) == seqs


def verify(client):
    return client.post(reverse("trail-verify"), follow=True).content.decode()


def test_the_chain_is_verified_on_request_and_that_is_an_entry(client, cast, entries):
    client.force_login(cast.auditor)
    before = client.get(reverse("trail")).content.decode()
    assert "Not verified yet" in before
    assert "Intact" not in before
    after = verify(client)
    assert "It is intact." in after
    assert "Intact" in after
    entry = AuditEntry.objects.get(seq=4)
    assert (entry.action, json.loads(entry.payload)["intact"]) == ("verify trail", True)
    assert "3" not in entry.payload, "how long the trail is would tell how many bids came in"


def test_a_broken_chain_shows_where_and_why(client, cast, entries):
    tamper(payload='{"reason":"nothing to see"}')
    client.force_login(cast.auditor)
    page = verify(client)
    assert "It is broken." in page
    assert "Entry #2 does not hold." in page
    assert "The content does not match its hash." in page


@pytest.mark.parametrize("who", ["officer", "security", "approver", "administrator", "vendor"])
def test_nobody_else_verifies_it(client, cast, entries, who):
    client.force_login(getattr(cast, who))
    assert client.post(reverse("trail-verify")).status_code == 403
    assert not AuditEntry.objects.filter(action="verify trail").exists()


def test_the_page_shows_the_last_checkpoint(client, cast, anchored, entries):
    client.force_login(cast.auditor)
    assert "None yet: whoever rewrote" in client.get(reverse("trail")).content.decode()
    make_checkpoint("daily")
    page = client.get(reverse("trail")).content.decode()
    assert "Extends the last checkpoint" in page
    assert "daily" in page


def test_a_restored_backup_is_loud_on_the_page(client, cast, anchored, entries):
    make_checkpoint("daily")
    restore(seq=2)
    client.force_login(cast.auditor)
    page = client.get(reverse("trail")).content.decode()
    assert "Do not work on before this is explained." in page
    assert "a backup was restored" in page
    assert "a backup was restored" in verify(client)


@pytest.mark.parametrize("more", [0, 2])
def test_the_page_asks_as_often_for_three_entries_as_for_one(
    client, cast, draft, more, django_assert_num_queries
):
    for _ in range(more + 1):
        with transaction.atomic():
            audit.record(actor=cast.officer, action="look", object=draft, now=NOW, tender=draft)
    client.force_login(cast.auditor)
    with django_assert_num_queries(9):  # session, person, unit, actions, sealed 2, count, page, verification
        client.get(reverse("trail"))


def test_an_empty_trail_says_so(client, cast):
    client.force_login(cast.auditor)
    assert "The first action that anybody takes" in client.get(reverse("trail")).content.decode()


# --- the command --------------------------------------------------------------------------------------------
def test_the_command_says_that_the_chain_holds(entries, capsys):
    call_command("verify_audit")
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "3 entries, chain intact"
    assert said[1].startswith("no checkpoint to hold it against")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"payload": "{}"}, "entry 2: content does not match its hash (1 entries before it hold)"),
        ({"prev_hash": "0" * 64}, "entry 2: not chained to the entry before it (1 entries before it hold)"),
        ({"seq": 9}, "entry 2: missing (1 entries before it hold)"),
    ],
)
def test_the_command_ends_with_2_on_a_broken_chain(entries, capsys, values, sentence):
    tamper(**values)
    with pytest.raises(SystemExit) as end:
        call_command("verify_audit")
    assert end.value.code == 2
    assert sentence in capsys.readouterr().err


def test_the_command_sees_a_trail_cut_short(entries, capsys):
    AuditHead.objects.update(seq=4)
    with pytest.raises(SystemExit) as end:
        call_command("verify_audit")
    assert end.value.code == 2
    assert "the head row names another last entry" in capsys.readouterr().err
