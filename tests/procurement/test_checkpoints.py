"""Checkpoints: signed, kept outside of the database, and what the trail is held against."""

import json
import os
import shutil
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError
from django.db import transaction

from bids.actions import opening, publication
from procurement import audit
from procurement.audit import chain, checkpoints
from procurement.audit.chain import ALTERED, REWRITTEN, SHORTENED, UNCHAINED
from procurement.audit.checkpoints import UNREADABLE, anchor_state, make_checkpoint, verify_trail
from procurement.models import AuditEntry, AuditHead
from procurement.signing.anchors import Anchors, file_name
from procurement.signing.keys import SigningKey, UnsafeKey, make_key_file, read_key_file
from procurement.signing.verify import Fault, digest_of
from tests.cast import NOW, hand_in

from .anchoring import Unguarded, restore, rewrite

pytestmark = pytest.mark.django_db


def grow(cast, number=3):
    with transaction.atomic():
        for _ in range(number):
            audit.record(actor=cast.officer, action="look", object="x", now=NOW)


def verify_audit(capsys, *arguments):
    """Exit status and what was said."""
    try:
        call_command("verify_audit", *arguments)
        status = 0
    except SystemExit as end:
        status = end.code
    said = capsys.readouterr()
    return status, said.out + said.err


# --- how they are made --------------------------------------------------------------------------------------
def test_a_checkpoint_is_a_signed_file_that_names_the_one_before(cast, anchored):
    grow(cast)
    first = make_checkpoint("daily")
    grow(cast)
    second = make_checkpoint("on demand")
    assert (first["number"], first["size"], second["number"], second["size"]) == (1, 3, 2, 6)
    assert second["head"] == AuditHead.objects.get().hash
    assert second["previous"] == digest_of(first)
    files = sorted(anchored.glob("*.json"))
    assert [path.name for path in files] == [file_name(1), file_name(2)]
    assert [path.stat().st_mode & 0o222 for path in files] == [0, 0]
    assert json.loads(files[1].read_text()) == second
    assert Anchors(anchored).read() == [first, second]


def test_a_change_of_stage_makes_one_once_it_is_committed(
    cast, draft, anchored, django_capture_on_commit_callbacks
):
    at = NOW + timedelta(days=8)
    with django_capture_on_commit_callbacks(execute=True):
        tender = publication.publish(actor=cast.officer, tender=draft, now=NOW)
        assert not any(anchored.glob("*.json")), "not before it is committed"
    with django_capture_on_commit_callbacks(execute=True):
        hand_in(cast.vendor, tender, "15000000")
    with django_capture_on_commit_callbacks(execute=True):
        opening.name_bidders(actor=cast.officer, tender=tender, now=at)
    assert [row["reason"] for row in Anchors(anchored).read()] == ["publish tender", "name bidders"]


def test_without_a_key_a_change_of_stage_stands_and_is_logged(
    cast, draft, caplog, settings, django_capture_on_commit_callbacks
):
    settings.SIGNING_KEY.unlink()
    with django_capture_on_commit_callbacks(execute=True):
        publication.publish(actor=cast.officer, tender=draft, now=NOW)
    assert AuditEntry.objects.filter(action="publish tender").exists()
    assert "No checkpoint of the audit trail was made (publish tender)" in caplog.text


def test_mails_carry_the_digest_and_not_how_long_the_trail_is(cast, anchored, settings):
    settings.ANCHOR_MAILS = ["audit@bank.example", "board@bank.example"]
    settings.LANGUAGE_CODE = "en"
    grow(cast, 17)
    made = make_checkpoint("daily")
    (message,) = mail.outbox
    assert message.to == settings.ANCHOR_MAILS
    assert digest_of(made) in message.body
    assert file_name(1) in message.body
    assert made["head"] not in message.body
    assert "17" not in message.body.replace(digest_of(made), "").replace(made["at"], "")


def test_a_mail_that_fails_stops_nothing(cast, anchored, settings, caplog, monkeypatch):
    def fail(*_arguments):
        raise ConnectionRefusedError

    settings.ANCHOR_MAILS = ["audit@bank.example"]
    monkeypatch.setattr(checkpoints, "send_mail", fail)
    make_checkpoint("daily")
    assert len(Anchors(anchored).read()) == 1
    assert "was not mailed" in caplog.text


def test_the_command_prints_the_digest(cast, anchored, capsys):
    call_command("checkpoint", "--daily")
    (made,) = Anchors(anchored).read()
    assert made["reason"] == "daily"
    assert digest_of(made) in capsys.readouterr().out


def test_a_trail_that_is_older_gets_no_checkpoint(cast, anchored):
    grow(cast)
    make_checkpoint("daily")
    restore(2)
    with pytest.raises(CommandError, match="older than its last checkpoint"):
        call_command("checkpoint")
    assert len(Anchors(anchored).read()) == 1


# --- what they find -----------------------------------------------------------------------------------------
def test_an_intact_trail_leads_through_all(cast, anchored, capsys):
    for _ in range(3):
        grow(cast)
        make_checkpoint("daily")
    grow(cast)
    assert verify_audit(capsys) == (
        0,
        "12 entries, chain intact\n3 checkpoints, and the chain leads through each\n",
    )
    assert anchor_state().why == ""


def test_the_whole_trail_rewritten_with_its_head_is_found(cast, anchored, capsys):
    grow(cast)
    make_checkpoint("daily")
    grow(cast)
    rewrite(object="something else")
    assert audit.verify_chain().intact, "in itself it holds"
    assert verify_trail()[0] == audit.ChainState(2, 3, REWRITTEN)
    status, said = verify_audit(capsys, "--anchors", str(anchored))
    assert status == 2
    assert "the trail was rewritten" in said
    assert anchor_state().why == REWRITTEN


@pytest.mark.parametrize("seq", [0, 3, 5])
def test_a_trail_cut_short_or_rolled_back_is_found(cast, anchored, capsys, seq):
    grow(cast, 6)
    make_checkpoint("daily")
    restore(seq)
    assert audit.verify_chain().intact
    assert verify_trail()[0] == audit.ChainState(seq, seq + 1, SHORTENED)
    assert verify_audit(capsys)[0] == 2
    assert anchor_state().why == SHORTENED


def test_a_rolled_back_trail_that_grew_again_is_found(cast, anchored):
    grow(cast, 6)
    make_checkpoint("daily")
    restore(3)
    grow(cast, 9)
    assert anchor_state().why == REWRITTEN
    assert verify_trail()[0].why == REWRITTEN


def test_a_copy_kept_elsewhere_finds_what_rewritten_anchors_hide(cast, anchored, tmp_path, capsys):
    grow(cast)
    make_checkpoint("daily")
    shutil.copytree(anchored, tmp_path / "copy")
    rewrite(object="something else")
    shutil.rmtree(anchored)
    make_checkpoint("daily")
    assert verify_audit(capsys)[0] == 0
    assert verify_audit(capsys, "--anchors", str(tmp_path / "copy"))[0] == 2


def altered(path):
    path.chmod(0o600)
    path.write_text(path.read_text().replace('"size":3', '"size":2'))


@pytest.mark.parametrize(
    "harm",
    [altered, lambda path: path.unlink(), lambda path: os.truncate(path, 20)],
    ids=["size", "gone", "cut"],
)
def test_a_checkpoint_that_is_altered_or_missing_is_found(cast, anchored, capsys, harm):
    grow(cast)
    make_checkpoint("daily")
    grow(cast)
    make_checkpoint("daily")
    (anchored / file_name(1)).chmod(0o600)
    harm(anchored / file_name(1))
    status, said = verify_audit(capsys)
    assert status == 2
    assert said.startswith(UNREADABLE)


def test_checkpoints_of_another_key_are_not_believed(cast, anchored, settings, tmp_path, capsys):
    grow(cast)
    old = make_checkpoint("daily")["key"]
    settings.SIGNING_KEY = tmp_path / "other" / "signing.key"
    make_key_file(settings.SIGNING_KEY)
    assert verify_audit(capsys)[0] == 2
    assert verify_audit(capsys, "--key", old)[0] == 0
    settings.RETIRED_KEYS = [old]
    assert verify_audit(capsys)[0] == 0


@pytest.mark.parametrize("number", [1, 500, 501, 1203])
def test_a_broken_link_is_found_on_every_page_of_rows(cast, anchored, number):
    grow(cast, 1204)
    with Unguarded():
        AuditEntry.objects.filter(seq=number + 1).update(prev_hash="0" * 63 + "1")
    assert verify_trail()[0] == audit.ChainState(number, number + 1, UNCHAINED)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("broken", [None, 2, 9])
def test_a_long_chain_is_walked_in_parts(cast, anchored, monkeypatch, broken):
    monkeypatch.setattr(chain, "_WORTH_SHARING", 4)
    grow(cast, 12)
    made = make_checkpoint("daily")
    with Unguarded():
        AuditEntry.objects.filter(seq=broken).update(object="altered")
    state, _checkpoints = verify_trail()
    assert made["size"] == 12
    assert state == (
        audit.ChainState(12, None) if broken is None else audit.ChainState(broken - 1, broken, ALTERED)
    )


def test_times_and_tenders_are_hashed_the_same_in_every_form(cast, draft, anchored):
    with transaction.atomic():
        for at in (NOW, NOW + timedelta(microseconds=1), NOW + timedelta(milliseconds=120)):
            for tender in (None, draft):
                audit.record(
                    actor=cast.officer, action="look", object="價格", now=at, tender=tender, a='\n\t"'
                )
    assert verify_trail()[0] == audit.ChainState(6, None)


# --- at the start -------------------------------------------------------------------------------------------
def test_a_restored_backup_is_reported_at_the_start(cast, anchored, caplog):
    grow(cast)
    make_checkpoint("daily")
    checkpoints.report_at_start()
    call_command("check", "--database", "default")
    assert caplog.text == ""
    restore(1)
    checkpoints.report_at_start()
    assert "CRITICAL" in caplog.text
    assert "a backup was restored" in caplog.text
    with pytest.raises(SystemCheckError, match="a backup was restored"):
        call_command("check", "--database", "default")


# --- the key ------------------------------------------------------------------------------------------------
def test_a_key_is_made_once_and_readable_by_nobody_else(settings, tmp_path, capsys):
    settings.SIGNING_KEY = tmp_path / "keys" / "signing.key"
    call_command("make_signing_key")
    assert settings.SIGNING_KEY.stat().st_mode & 0o777 == 0o400
    assert capsys.readouterr().out.strip() == SigningKey.from_file(settings.SIGNING_KEY).public
    content = settings.SIGNING_KEY.read_bytes()
    with pytest.raises(CommandError, match="never overwritten"):
        call_command("make_signing_key")
    assert settings.SIGNING_KEY.read_bytes() == content


@pytest.mark.parametrize(
    ("mode", "size", "sentence"),
    [
        (0o440, 32, "has mode 0440"),
        (0o404, 32, "has mode 0404"),
        (0o600, 32, "has mode 0600"),
        (0o400, 31, "32 bytes long"),
        (0o400, 33, "32 bytes long"),
    ],
)
def test_a_key_that_lies_unsafely_is_refused(tmp_path, mode, size, sentence):
    path = tmp_path / "key"
    path.write_bytes(bytes(size))
    path.chmod(mode)
    with pytest.raises(UnsafeKey, match=sentence):
        read_key_file(path)


def test_a_link_a_folder_and_nothing_are_no_keys(tmp_path):
    make_key_file(tmp_path / "key")
    (tmp_path / "link").symlink_to(tmp_path / "key")
    for name, sentence in (("link", "is a link"), ("nothing", "is no key at"), (".", "is not a file")):
        with pytest.raises(UnsafeKey, match=sentence):
            read_key_file(tmp_path / name)
    with pytest.raises(UnsafeKey, match="would be copied with what it protects"):
        read_key_file(tmp_path / "key", [tmp_path])


def test_two_numbers_are_never_given_twice(anchored, settings):
    key = SigningKey.from_file(settings.SIGNING_KEY)
    anchors = Anchors(anchored)
    anchors.add(key, size=0, head="0" * 64, at="x", reason="y")
    (anchored / file_name(2)).write_text("{}")
    with pytest.raises(Fault):
        anchors.add(key, size=0, head="0" * 64, at="x", reason="y")
