"""Files of a bid: sealed before they touch a disk; and amendments, under which older ones still open."""

import hashlib

import pytest
from django.core.exceptions import ValidationError

from bids import queries
from bids.actions import staging, submission
from bids.models import StagedFile
from procurement.models import AuditEntry
from procurement.rules import Forbidden
from tests.bids.amending import amend
from tests.bids.vendors import add_file, checked, draft_of, entries, manifest, remove_file, stored, withdraw
from tests.cast import NOW, hand_in, opened_drafts


def test_a_file_is_stored_sealed_under_a_random_name_and_leaves_no_trace_in_the_trail(cast, published):
    before = AuditEntry.objects.count()
    opened_drafts(cast.vendor)
    file = add_file(cast.vendor, published, "財務報告.pdf", content=b"%PDF-1.7 plain")
    kept = stored(file)
    assert hashlib.sha256(kept).hexdigest() == file.digest
    assert "report" not in file.sealed.name
    assert b"plain" not in kept
    assert len(kept) > 2**20  # padded to a step of 1 MiB
    assert AuditEntry.objects.count() == before + 1  # the key of drafts, made at the first sign-in
    assert [item.entry.name for item in draft_of(cast.vendor, file.bid).files] == ["財務報告.pdf"]


def test_a_file_is_on_the_disk_before_its_row_is(cast, published, monkeypatch):
    order = []
    fsync = staging.os.fsync
    monkeypatch.setattr(staging.os, "fsync", lambda handle: (order.append("disk"), fsync(handle)))
    sealed = staging.seal_draft
    monkeypatch.setattr(staging, "seal_draft", lambda *said: (order.append("row"), sealed(*said)))
    add_file(cast.vendor, published)
    assert order == ["disk", "disk", "row"]


def test_files_are_kept_by_what_was_handed_in_and_capped(cast, published, monkeypatch):
    file = add_file(cast.vendor, published, "report.pdf")
    row = hand_in(cast.vendor, published, "1")
    assert [entry.name for entry in manifest(row).files] == ["report.pdf"]
    remove_file(cast.vendor, file)
    file.refresh_from_db()
    assert file.removed
    assert file.sealed.storage.exists(file.sealed.name)
    assert manifest(hand_in(cast.vendor, published, "1")).files == ()
    monkeypatch.setattr(staging, "MOST_FILES", 1)
    add_file(cast.vendor, published, "second.pdf")
    there = set(file.sealed.storage.listdir("sealed")[1])
    with pytest.raises(ValidationError, match="at most 1 files"):
        add_file(cast.vendor, published, "third.pdf")
    assert set(file.sealed.storage.listdir("sealed")[1]) == there


def test_a_file_that_was_never_handed_in_leaves_the_disk(cast, published, django_capture_on_commit_callbacks):
    file = add_file(cast.vendor, published, "draft.pdf")
    storage, stored = file.sealed.storage, file.sealed.name
    assert storage.exists(stored)
    with django_capture_on_commit_callbacks(execute=True):
        remove_file(cast.vendor, file)
    assert not storage.exists(stored)
    assert not StagedFile.objects.exists()


def test_a_file_whose_row_cannot_be_stored_leaves_the_disk(cast, published, monkeypatch):
    def refuse(*said):
        raise ValidationError("no")

    add_file(cast.vendor, published)
    storage = StagedFile.objects.get().sealed.storage
    there = set(storage.listdir("sealed")[1])
    monkeypatch.setattr(staging, "seal_draft", refuse)
    with pytest.raises(ValidationError):
        add_file(cast.vendor, published, "second.pdf")
    assert set(storage.listdir("sealed")[1]) == there
    assert StagedFile.objects.count() == 1


# --- amendments -------------------------------------------------------------------------------------------
def test_an_amendment_wants_the_bid_confirmed_and_each_further_one_again(cast, published):
    row = hand_in(cast.vendor, published, "1")
    assert not queries.needs_confirmation(row.bid)
    with pytest.raises(Forbidden, match="nothing to confirm"):
        submission.confirm_bid(actor=cast.vendor, bid=row.bid, clock=lambda: NOW)
    package = amend(published)
    assert queries.needs_confirmation(row.bid)
    with pytest.raises(Forbidden, match="another vendor"):
        submission.confirm_bid(actor=cast.rival, bid=row.bid, clock=lambda: NOW)
    confirmed = submission.confirm_bid(actor=cast.vendor, bid=row.bid, clock=lambda: NOW)
    assert confirmed.confirmed == package
    document = checked(confirmed.confirmation)
    assert (document["kind"], document["package"]) == ("confirmed", package.digest)
    assert (document["commitment"], confirmed.receipt) == (row.commitment, row.receipt)
    assert entries("confirm bid") == [{"package": package.digest, "version": 1}]
    assert not queries.needs_confirmation(row.bid)
    amend(published)
    assert queries.needs_confirmation(row.bid)


def test_a_new_version_under_the_amendment_needs_no_confirmation(cast, published):
    add_file(cast.vendor, published)
    hand_in(cast.vendor, published, "1")
    package = amend(published)
    row = hand_in(cast.vendor, published, "2")
    assert row.package == package
    assert not queries.needs_confirmation(row.bid)
    entry = manifest(row).files[0]
    assert entry.package != package.digest  # staged before: it opens under the package that it names
    withdraw(cast.vendor, row.bid)
    assert not queries.needs_confirmation(row.bid)
