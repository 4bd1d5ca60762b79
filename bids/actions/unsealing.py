"""Reading envelopes that two officers unlocked: each bid is checked against what was committed, then read."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from bids.actions.unlocking import envelope_private
from bids.choices import Envelope
from bids.files import FileRefused, Inspector
from bids.models import Attachment, Bid, EnvelopeKey, SealedManifest, StagedFile, Submission
from bids.sealing import parts
from bids.sealing.canonical import sha256
from bids.sealing.refusals import KeyUnavailable, SealRefused, Unopenable, gettext_noop
from procurement.models import AuditEntry, Tender


def unsealer(tender: Tender, envelope: Envelope) -> "Unsealer":
    """What reads an unlocked envelope. Raises `ValidationError` where it is locked, and `KeyUnavailable`."""
    key = tender.envelope_keys.filter(envelope=envelope).first()
    if key is None or key.opened_at is None:
        raise ValidationError(_("Two opening officers unlock the envelopes first."))
    try:
        return Unsealer(tender, key)
    except KeyUnavailable:
        raise
    except SealRefused as refusal:
        raise ValidationError(_(refusal.template) % refusal.params) from refusal


@dataclass(frozen=True)
class Opened:
    """What one envelope of a bid says, and the files that it lists."""

    content: dict[str, Any]
    files: tuple[parts.FileEntry, ...]


class Unsealer:
    """One envelope of a tender, unlocked: opens the bids one by one. A context, for its inspecting child.

    Raises `SealRefused` where the envelope's key is not at hand.
    """

    def __init__(self, tender: Tender, key: EnvelopeKey) -> None:
        self.tender, self.envelope = tender, Envelope(key.envelope)
        self._private = envelope_private(key)
        self._leaves = set(json.loads(tender.closing.leaves))
        self._inspector = Inspector()

    def __enter__(self) -> "Unsealer":
        self._inspector.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._inspector.__exit__(*error)

    def open(self, bid: Bid, submission: Submission) -> Opened:
        """What a version of a bid holds in this envelope.

        Raises `Unopenable` with the reason where anything differs from what was committed at the deadline:
        digests, trail, closing record, seal, structure, or a file that cannot be what it says.
        """
        manifest = submission.manifests.get(envelope=self.envelope)
        self._check_commitment(bid, submission, manifest)
        binding = self._binding(bid, submission.package.digest)
        opened = parts.open_manifest(
            self._private,
            manifest.sealed,
            binding=binding,
            version=submission.number,
            parts=manifest.parts,
        )
        for entry, content in self._files(binding, opened.files):
            try:
                self._inspector.inspect(entry.name, content)
            except FileRefused as refusal:
                raise Unopenable(refusal.template, refusal.params) from refusal
        return Opened(dict(opened.content), opened.files)

    def _files(
        self, binding: parts.Binding, entries: tuple[parts.FileEntry, ...]
    ) -> Iterator[tuple[parts.FileEntry, bytes]]:
        for entry in entries:
            try:
                row = StagedFile.objects.get(pk=entry.part, bid=binding.bid)
                with row.sealed.open("rb") as stored:
                    sealed = stored.read()
            except (StagedFile.DoesNotExist, OSError) as error:
                raise Unopenable(gettext_noop("A file of this bid is not there any more.")) from error
            yield entry, parts.open_file(self._private, sealed, binding=binding, entry=entry)

    def _binding(self, bid: Bid, package: str) -> parts.Binding:
        return parts.Binding(
            tender=str(self.tender.pk), envelope=self.envelope.value, bid=str(bid.pk), package=package
        )

    def _check_commitment(self, bid: Bid, submission: Submission, manifest: SealedManifest) -> None:
        """Trail, row and closing record name one commitment, to the very parts that are stored."""
        said = _said_in_trail(bid, submission)
        digests = [parts.PartDigest(**part) for part in said.get("parts", [])]
        again = parts.commitment(
            bid=str(bid.pk),
            version=submission.number,
            package=submission.package.digest,
            parts=digests,
            received_at=submission.at,
        )
        if not again == said.get("commitment") == submission.commitment:
            raise Unopenable(gettext_noop("The audit trail says something else of this bid."))
        if submission.commitment not in self._leaves:
            raise Unopenable(gettext_noop("This is not what was committed at the deadline."))
        own = [part.digest for part in digests if part.envelope == self.envelope]
        if sha256(bytes(manifest.sealed)) != manifest.digest or own[:1] != [manifest.digest]:
            raise Unopenable(gettext_noop("What is stored is not what was handed in."))


def content_of(attachment: Attachment) -> bytes:
    """The content of a file of an opened bid; it is stored sealed and opened each time it is read.

    Raises `ValidationError` where the file was altered, and `KeyUnavailable` where the system key is away.
    """
    bid, staged = attachment.bid, attachment.sealed
    binding = parts.Binding(str(bid.tender_id), Envelope.TECHNICAL.value, str(bid.pk), staged.package.digest)
    entry = parts.FileEntry(
        part=str(attachment.pk),
        name=attachment.name,
        size=attachment.size,
        digest=attachment.sha256,
        sealed_digest=staged.digest,
        package=staged.package.digest,
    )
    try:
        private = envelope_private(bid.tender.envelope_keys.get(envelope=Envelope.TECHNICAL))
        with staged.sealed.open("rb") as stored:
            return parts.open_file(private, stored.read(), binding=binding, entry=entry)
    except KeyUnavailable:
        raise
    except SealRefused as refusal:
        raise ValidationError(_(refusal.template) % refusal.params) from refusal
    except OSError as error:
        raise ValidationError(_("A file of this bid is not there any more.")) from error


def price_of(content: dict[str, Any]) -> Decimal:
    """The price that an opened envelope names. Raises `Unopenable`."""
    try:
        return Decimal(content["price"])
    except (KeyError, TypeError, InvalidOperation) as error:
        raise Unopenable(gettext_noop("The envelope names no price.")) from error


def _said_in_trail(bid: Bid, submission: Submission) -> dict[str, Any]:
    """What the trail says of a version; empty where it says nothing."""
    entries = AuditEntry.objects.filter(tender=bid.tender_id, object=str(bid.pk), action="submit bid")
    said = (json.loads(entry.payload) for entry in entries)
    return next((one for one in said if one.get("version") == submission.number), {})
