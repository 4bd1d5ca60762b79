"""Reading envelopes that two officers unlocked: each bid is checked against what was committed, then read."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from bids.actions.unlocking import envelope_private
from bids.choices import OFFERED_EVIDENCE, Answer, Envelope, SubmissionKind
from bids.files import FileRefused, Inspector
from bids.models import Attachment, Bid, EnvelopeKey, SealedManifest, StagedFile, Submission
from bids.sealing import merkle, parts
from bids.sealing.canonical import sha256
from bids.sealing.refusals import KeyUnavailable, SealRefused, Unopenable, gettext_noop
from procurement.audit.checkpoints import trusted_keys
from procurement.models import AuditEntry, Tender
from procurement.signing import verify

#: A price as it is sealed: plain digits, no sign, no exponent.
_PRICE = re.compile(r"[0-9]{1,30}(\.[0-9]{1,10})?")

#: What an entry of the trail calls a version of that kind.
_ACTIONS = {SubmissionKind.BID.value: "submit bid", SubmissionKind.WITHDRAWAL.value: "withdraw bid"}


def unsealer(tender: Tender, envelope: Envelope) -> "Unsealer":
    """What reads an unlocked envelope.

    Raises `ValidationError` where it is locked, and where the closing record was altered or no sealed file is
    at hand: no bid is to blame for that. Raises `KeyUnavailable` where the system key is not at hand.
    """
    key = tender.envelope_keys.filter(envelope=envelope).first()
    if key is None or key.opened_at is None:
        raise ValidationError(_("Two opening officers unlock the envelopes first."))
    staged = StagedFile.objects.filter(bid__tender=tender).first()
    if staged is not None and not default_storage.exists(staged.sealed.name.rpartition("/")[0]):
        raise ValidationError(_("The folder of sealed files is not there. Nothing was opened."))
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
        self._leaves = _leaves_of(tender)
        self._inspector = Inspector()

    def __enter__(self) -> "Unsealer":
        self._inspector.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._inspector.__exit__(*error)

    def check_withdrawal(self, bid: Bid, submission: Submission) -> None:
        """That a bid was withdrawn by its vendor before the deadline. Raises `Unopenable`."""
        self._committed_parts(bid, submission)

    def open(self, bid: Bid, submission: Submission) -> Opened:
        """What a version of a bid holds in this envelope.

        Raises `Unopenable` with the reason where anything differs from what was committed at the deadline:
        digests, trail, closing record, seal, structure, or a file that cannot be what it says.
        """
        manifest = self._committed_manifest(bid, submission)
        binding = self._binding(bid, submission.package.digest)
        opened = parts.open_manifest(
            self._private,
            manifest.sealed,
            binding=binding,
            version=submission.number,
            parts=manifest.parts,
        )
        try:
            self._inspector.inspect_all(self._files(binding, opened.files))
        except FileRefused as refusal:
            raise Unopenable(refusal.template, refusal.params) from refusal
        return Opened(dict(opened.content), opened.files)

    def _files(
        self, binding: parts.Binding, entries: tuple[parts.FileEntry, ...]
    ) -> Iterator[tuple[str, bytes]]:
        """Name and content of each file, opened when it is asked for."""
        for entry in entries:
            try:
                row = StagedFile.objects.get(pk=entry.part, bid=binding.bid)
                with row.sealed.open("rb") as stored:
                    sealed = stored.read()
            except (StagedFile.DoesNotExist, FileNotFoundError, IsADirectoryError) as error:
                raise Unopenable(gettext_noop("A file of this bid is not there any more.")) from error
            yield entry.name, parts.open_file(self._private, sealed, binding=binding, entry=entry)

    def _binding(self, bid: Bid, package: str) -> parts.Binding:
        return parts.Binding(
            tender=str(self.tender.pk), envelope=self.envelope.value, bid=str(bid.pk), package=package
        )

    def _committed_parts(self, bid: Bid, submission: Submission) -> list[parts.PartDigest]:
        """The parts to which trail, row and closing record commit as the bid's last version."""
        said, digests = _said_last(bid, submission)
        again = parts.commitment(
            bid=str(bid.pk),
            version=submission.number,
            package=submission.package.digest,
            parts=digests,
            received_at=submission.at,
        )
        if not again == said.get("commitment") == submission.commitment:
            raise Unopenable(gettext_noop("The audit trail says something else of this bid."))
        if said["vendor"] != str(bid.vendor_id):
            raise Unopenable(gettext_noop("The audit trail says that another vendor handed this bid in."))
        if submission.commitment not in self._leaves:
            raise Unopenable(gettext_noop("This is not what was committed at the deadline."))
        return digests

    def _committed_manifest(self, bid: Bid, submission: Submission) -> SealedManifest:
        """The sealed manifest, which is the very one that was committed."""
        own = [
            part.digest for part in self._committed_parts(bid, submission) if part.envelope == self.envelope
        ]
        manifest = submission.manifests.filter(envelope=self.envelope).first()
        if manifest is None:
            raise Unopenable(gettext_noop("What was handed in is not stored any more."))
        if sha256(bytes(manifest.sealed)) != manifest.digest or own[:1] != [manifest.digest]:
            raise Unopenable(gettext_noop("What is stored is not what was handed in."))
        return manifest


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


def price_of(content: Mapping[str, Any], currency: str) -> Decimal:
    """The price that an opened envelope names, in the tender's currency. Raises `Unopenable`."""
    price = content.get("price")
    if content.get("currency") != currency or not isinstance(price, str) or not _PRICE.fullmatch(price):
        raise Unopenable(gettext_noop("The envelope names no price in the currency of the tender."))
    return Decimal(price)


def answers_of(content: Mapping[str, Any], tender: Tender) -> dict[str, dict[str, Any]]:
    """The answers of an opened envelope by the code of their requirement.

    Each is `{"answer", "note", "evidence", "until", "files"}`. Raises `Unopenable` where they are not written
    as the site writes them, or answer another specification than the published one.
    """
    if content.get("publication") != tender.fingerprint:
        raise Unopenable(gettext_noop("This bid answers another specification than the published one."))
    try:
        return {row["requirement"]: _answer(row) for row in content["answers"]}
    except (KeyError, TypeError, ValueError) as error:
        raise Unopenable(gettext_noop("This opens, but it is not written as a bid has to be.")) from error


def _answer(row: dict[str, Any]) -> dict[str, Any]:
    """The answer, if it is one; else `KeyError`, `TypeError` or `ValueError`."""
    said = {key: row[key] for key in ("answer", "note", "evidence", "until")}
    if any("\x00" in text for text in said.values()):
        raise ValueError
    if said["answer"] not in {"", *Answer} or said["evidence"] not in {"", *OFFERED_EVIDENCE}:
        raise ValueError
    if said["until"]:
        date.fromisoformat(said["until"])
    return said | {"files": [str(file) for file in row["files"]]}


def _leaves_of(tender: Tender) -> set[str]:
    """The leaves of the signed closing record. Raises `ValidationError` where it was altered."""
    record = tender.closing
    try:
        leaves = json.loads(record.leaves)
        root = merkle.root([bytes.fromhex(leaf) for leaf in leaves]).hex()
        document = verify.read_document(record.document)
        verify.check_document(document, trusted=trusted_keys())
        if (document["tender"], document["root"]) == (str(tender.pk), root):
            return set(leaves)
    except (TypeError, ValueError):  # whatever cannot be read, or was not signed by this site
        pass
    raise ValidationError(
        _("The closing record is not the one that was signed at the deadline. Nothing was opened.")
    )


def _said_last(bid: Bid, submission: Submission) -> tuple[dict[str, Any], list[parts.PartDigest]]:
    """What the trail says of a version, and of its parts; empty where another one is the bid's last there."""
    entries = AuditEntry.objects.filter(
        tender=bid.tender_id, object=str(bid.pk), action__in=_ACTIONS.values()
    )
    last = entries.order_by("seq").last()
    if last is not None and last.action == _ACTIONS.get(submission.kind):
        try:
            said: dict[str, Any] = json.loads(last.payload)
            if said["version"] == submission.number and "vendor" in said:
                return said, [parts.PartDigest(**part) for part in said["parts"]]
        except (KeyError, TypeError, ValueError):  # the entry was altered
            pass
    return {}, []
