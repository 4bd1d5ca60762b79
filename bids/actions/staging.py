"""Files of a draft: sealed to the technical envelope as they come in, and only then written to a disk."""

import os
import uuid
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from bids import queries
from bids.actions.drafts import open_tender, own_bid, readable, seal_draft
from bids.choices import Envelope
from bids.models import Bid, SealedDraft, StagedFile
from bids.models import Package as PackageRow
from bids.queries.drafts import Draft, DraftFile, OpenedKey
from bids.sealing import package as published
from bids.sealing import parts
from bids.sealing.refusals import SealRefused
from bids.sealing.suite import Buffer
from procurement.models import Requirement, Tender, User

#: Files that the draft of a bid may hold at a time.
MOST_FILES = 100
FOLDER = "sealed"


def add_file(
    *,
    actor: User,
    tender: Tender,
    opened: OpenedKey,
    requirement: Requirement,
    name: str,
    content: Buffer,
    now: datetime,
) -> StagedFile:
    """Seal a file beside an answer. Its kind and size were checked by the form.

    What is stored has a random name, is on the disk before the row is, and says nothing of the content but
    its size in steps of 1 MiB; what the file is called and belongs to is part of the sealed draft. Raises
    `Forbidden` and `ValidationError`.
    """
    tender, bid, package = _room_for_one(actor, tender, opened, now)
    row = StagedFile(bid=bid, package=package, staged_at=now)
    sealed = _seal(row, tender, content, name)
    row.digest, row.sealed.name = sealed.entry.sealed_digest, f"{FOLDER}/{uuid.uuid4().hex}"
    _write(row.sealed.name, sealed.sealed)
    try:
        with transaction.atomic():
            open_tender(actor, tender, now)
            draft = _with_room(readable(bid, opened))
            row.save(force_insert=True)
            file = DraftFile(requirement.code, sealed.entry, sealed.entry.sealed_digest)
            seal_draft(bid, Draft(draft.answers, draft.price, (*draft.files, file), draft.sent))
    except BaseException:
        default_storage.delete(row.sealed.name)
        raise
    return row


def _room_for_one(
    actor: User, tender: Tender, opened: OpenedKey, now: datetime
) -> tuple[Tender, Bid, PackageRow]:
    """Whether a file may come in, asked before it is sealed."""
    with transaction.atomic():
        tender = open_tender(actor, tender, now)
        bid = own_bid(actor, tender)
        _with_room(readable(bid, opened))
        return tender, bid, queries.current_package(tender)


def _with_room(draft: Draft) -> Draft:
    if len(draft.files) >= MOST_FILES:
        raise ValidationError(_("A bid holds at most %(most)s files.") % {"most": MOST_FILES})
    return draft


def _seal(row: StagedFile, tender: Tender, content: Buffer, name: str) -> parts.SealedFile:
    """The file, bound to its place under the package that is current."""
    binding = parts.Binding(str(tender.pk), Envelope.TECHNICAL.value, str(row.bid_id), row.package.digest)
    try:
        public = published.read(row.package.text.encode()).envelopes[Envelope.TECHNICAL.value]
        return parts.seal_file(public, content, binding=binding, part=str(row.pk), name=name)
    except SealRefused as refusal:
        raise ValidationError(_(refusal.template) % refusal.params) from refusal


def _write(name: str, sealed: bytes) -> None:
    """Write what is sealed and wait until it is on the disk, its entry in the folder included."""
    path = default_storage.path(name)
    folder = os.path.dirname(path)  # noqa: PTH120 - the storage speaks in texts
    os.makedirs(folder, mode=0o700, exist_ok=True)  # noqa: PTH103 - as above
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_file(*, actor: User, file: StagedFile, opened: OpenedKey, now: datetime) -> None:
    """Take a file out of the draft; one that was never handed in is deleted.

    Raises `Forbidden`, and `ValidationError` where the draft does not open.
    """
    with transaction.atomic():
        open_tender(actor, file.bid.tender, now)
        readable(file.bid, opened)
        SealedDraft.objects.filter(bid=file.bid, subject=str(file.pk)).delete()
        if file.bid.submissions.filter(receipt__contains=file.digest).exists():
            file.removed = True
            file.save(update_fields=["removed"])
        else:
            stored = file.sealed.name
            file.delete()
            transaction.on_commit(lambda: default_storage.delete(stored))
