"""A backup that is restored is reported at the start, on pages, and takes no bids until it is settled."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.core.management import CommandError, call_command
from django.db import transaction
from django.urls import reverse

from procurement import audit
from procurement.audit import standing
from procurement.audit.checkpoints import make_checkpoint, verify_trail
from procurement.models import AuditEntry
from procurement.rules import Forbidden
from procurement.signing.anchors import Anchors
from tests.bids.vendors import save, submit, withdraw
from tests.cast import NOW, hand_in, sign_in
from tests.procurement.anchoring import restore, rewrite

pytestmark = pytest.mark.django_db

ROOT = Path(configured.ROOT)


@pytest.fixture(autouse=True)
def unwatched_anchors(monkeypatch):
    """Here they are watched, by a process that has just begun."""
    monkeypatch.setattr(standing, "_looked", None)


@pytest.fixture
def minute_later(monkeypatch):
    """What was seen a minute ago is looked at again."""
    return lambda: monkeypatch.setattr(standing, "_looked", None)


@pytest.fixture
def signed(cast, clock, published, anchored):
    """Some entries, and a checkpoint of them."""
    with transaction.atomic():
        for _ in range(5):
            audit.record(actor=cast.officer, action="look", object="x", now=NOW, tender=published)
    make_checkpoint("daily")
    return published


# --- while people work ------------------------------------------------------------------------------------
def test_bids_are_taken_while_the_database_extends_its_checkpoint(cast, signed):
    assert hand_in(cast.vendor, signed, "15000000").number == 1


@pytest.mark.parametrize("harm", [lambda: restore(2), lambda: rewrite(object="another")])
def test_on_another_database_no_bid_is_taken_changed_or_withdrawn(cast, signed, minute_later, harm):
    bid = hand_in(cast.vendor, signed, "15000000").bid
    harm()
    assert hand_in(cast.rival, signed, "12000000").number == 1, "seen within a minute"
    minute_later()
    for step in (
        lambda: submit(cast.vendor, signed),
        lambda: save(cast.vendor, signed),
        lambda: withdraw(cast.vendor, bid),
    ):
        with pytest.raises(Forbidden, match="restored a backup"):
            step()
    assert bid.submissions.count() == 1


def test_the_vendor_reads_why_and_those_who_answer_for_the_site_are_told(client, cast, signed, minute_later):
    client.force_login(cast.officer)
    assert "signed last" not in client.get(reverse("work")).content.decode()
    restore(2)
    minute_later()
    for person in (cast.officer, cast.auditor, cast.administrator):
        client.force_login(person)
        page = client.get(reverse("work")).content.decode()
        assert "The audit trail is not the one that was signed last" in page
        assert "No bids are taken until" in page
    client.force_login(cast.business)
    assert "signed last" not in client.get(reverse("work")).content.decode()
    sign_in(client, cast.vendor)
    assert "signed last" not in client.get(reverse("work")).content.decode()
    assert "restored a backup" in client.get(reverse("bid", args=[signed.pk])).content.decode()
    client.force_login(cast.auditor)
    assert "a backup was restored" in client.get(reverse("trail")).content.decode()


def test_checkpoints_that_cannot_be_read_are_an_alarm_and_stop_no_bid(client, cast, signed, minute_later):
    (path,) = configured.ANCHORS.glob("checkpoint-*.json")
    path.chmod(0o600)
    path.write_text("{}")
    minute_later()
    client.force_login(cast.officer)
    page = client.get(reverse("work")).content.decode()
    assert "The checkpoints cannot be read" in page
    assert "No bids are taken" not in page
    assert hand_in(cast.vendor, signed, "15000000").number == 1


def test_it_is_looked_at_once_a_minute(cast, signed, django_assert_num_queries):
    standing.look()
    with django_assert_num_queries(0):
        standing.look()


# --- settling it ------------------------------------------------------------------------------------------
def test_settled_on_record_bids_are_taken_again_and_a_new_series_begins(
    client, cast, signed, minute_later, tmp_path
):
    old = Anchors(configured.ANCHORS).read()
    shutil.copytree(configured.ANCHORS, tmp_path / "copy")
    restore(2)
    minute_later()
    with pytest.raises(CommandError, match="older than its last checkpoint"):
        call_command("checkpoint")
    call_command("settle_trail", "The disk failed at noon. Agreed with audit.")
    minute_later()
    assert hand_in(cast.vendor, signed, "15000000").number == 1
    entry = AuditEntry.objects.get(action="settle trail")
    said = json.loads(entry.payload)
    assert said["reason"] == "The disk failed at noon. Agreed with audit."
    assert said["checkpoint"] == old[-1]
    aside = configured.ANCHORS / said["folder"]
    assert [row.name for row in aside.iterdir()] == ["checkpoint-00000001.json"]
    make_checkpoint("daily")
    assert [row["reason"] for row in Anchors(configured.ANCHORS).read()] == ["settle trail", "daily"]
    assert verify_trail()[0].intact
    assert not verify_trail(tmp_path / "copy")[0].intact, "a copy of the old ones still shows it"
    client.force_login(cast.auditor)
    page = client.get(reverse("trail")).content.decode()
    assert "Do not work on" not in page
    assert "The disk failed at noon" in page


def test_where_all_is_well_nothing_is_settled(cast, signed):
    with pytest.raises(CommandError, match="nothing to settle"):
        call_command("settle_trail", "Why not")
    assert not AuditEntry.objects.filter(action="settle trail").exists()


# --- at the start, with a real file -----------------------------------------------------------------------
def run(var, *arguments):
    """Python, or the project's commands, on a database of its own in a process of its own."""
    environment = {
        "PATH": os.environ["PATH"],
        "ASSAY_SECRET_KEY": "x" * 50,
        "ASSAY_VAR": str(var),
        "ASSAY_SIGNING_KEY": str(var.parent / "keys" / "signing.key"),
        "ASSAY_ANCHORS": str(var.parent / "anchors"),
        "ASSAY_HTTPS": "0",
    }
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.sqlite
def test_yesterdays_file_copied_back_is_reported_when_the_server_starts(tmp_path):
    var = tmp_path / "var"
    var.mkdir()
    file, backup = var / "assay.sqlite3", tmp_path / "yesterday.sqlite3"
    start = ("-c", "import procurement.wsgi")

    def manage(*arguments):
        done = run(var, "manage.py", *arguments)
        assert done.returncode == 0, done.stderr
        return done

    manage("make_signing_key")
    manage("migrate", "--verbosity", "0")
    manage("settle_clock", "A first entry")
    manage("checkpoint", "--daily")
    shutil.copyfile(file, backup)
    manage("settle_clock", "An entry of today")
    manage("checkpoint", "--daily")
    assert "CRITICAL" not in (done := run(var, *start)).stderr + done.stdout
    assert done.returncode == 0
    shutil.copyfile(backup, file)
    done = run(var, *start)
    assert done.returncode == 0, "it starts, so that people can be told"
    assert "The audit trail is older than its last checkpoint" in done.stderr
    assert "a backup was restored" in done.stderr
    manage("settle_trail", "The disk failed")
    manage("verify_audit")
