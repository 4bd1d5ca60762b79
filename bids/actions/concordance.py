"""What is stored of a tender's sealed bids, held against what was signed and what the trail says.

The opening checks what it opens. This looks at everything else that somebody with the database in hand could
change without breaking a seal: times, names, vendors, receipts, packages, officers and their turns.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping

from django.db import models
from django.utils.translation import gettext as _

from bids import queries
from bids.choices import SubmissionKind
from bids.models import Bid, EnvelopeKey, LateBid, OpeningTurn, Package, StagedFile, Submission
from bids.sealing import merkle, receipts
from bids.sealing import package as published
from bids.sealing.canonical import sha256, timestamp
from bids.sealing.refusals import SealRefused
from procurement.audit.checkpoints import trusted_keys
from procurement.models import AuditEntry, Tender
from procurement.signing import verify
from procurement.signing.verify import Document, Fault

_VERSIONS = {
    SubmissionKind.BID.value: ("submit bid", receipts.SUBMITTED),
    SubmissionKind.WITHDRAWAL.value: ("withdraw bid", receipts.WITHDRAWN),
}
#: Entries that name a package which was published with what they tell.
_PUBLISHING = ("publish tender", "agree to amendment", "replace opening officer")
_TURNS = ("take turn at envelope", "unlock envelope")

#: A row, and what it says beside what is signed or recorded of it, by the name of the column.
Held = tuple[models.Model, Mapping[str, tuple[object, object]]]


def disagreements(tender: Tender) -> list[str]:
    """Where rows say otherwise than what was signed, or than the trail, a sentence each.

    Whether the trail itself holds is asked of `manage.py verify_audit`. Raises
    `procurement.signing.keys.UnsafeKey` where the site's signing key cannot be read.
    """
    entries = list(AuditEntry.objects.filter(tender=tender).order_by("seq"))
    return [
        _("%(what)s %(row)s: “%(column)s” is not as it was signed and recorded.")
        % {"what": row._meta.verbose_name, "row": row.pk, "column": column}
        for row, said in _rows(tender, entries)
        for column, (stored, wanted) in said.items()
        if stored != wanted
    ]


def _rows(tender: Tender, entries: list[AuditEntry]) -> Iterator[Held]:
    yield from _packages(tender, entries)
    yield from _officers(tender)
    yield from _keys(tender, entries)
    for submission in Submission.objects.filter(bid__tender=tender).select_related(
        "bid", "package", "confirmed"
    ):
        yield submission, _version(submission, entries)
    for late in LateBid.objects.filter(tender=tender).select_related("bid"):
        yield late, _late(late, entries)
    for file in StagedFile.objects.filter(bid__tender=tender):
        yield file, {"sealed": (_digest_of(file), file.digest)}
    yield from _closing(tender, entries)
    yield from _bids(tender, entries)
    yield tender, _counted(tender, entries)


def _payload(entry: AuditEntry) -> Document:
    """What an entry says; nothing where it was altered so that nobody can read it."""
    try:
        said = json.loads(entry.payload)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _entry(entries: list[AuditEntry], *actions: str, **said: object) -> tuple[AuditEntry | None, Document]:
    """The one entry of these actions whose payload says that; nothing where there is none, or two."""
    found = []
    for entry in entries:
        if entry.action in actions:
            payload = _payload(entry)
            if all(payload.get(name) == value for name, value in said.items()):
                found.append((entry, payload))
    return found[0] if len(found) == 1 else (None, {})


def _signed(text: str, wanted: str) -> Document:
    """A document that this site signed, else an empty one."""
    try:
        document = verify.read_document(text)
        verify.check_document(document, wanted, trusted_keys())
    except Fault:
        return {}
    return document


def _packages(tender: Tender, entries: list[AuditEntry]) -> Iterator[Held]:
    for number, row in enumerate(Package.objects.filter(tender=tender)):
        entry, _said = _entry(entries, *_PUBLISHING, package=row.digest)
        text = _read(row)
        yield (
            row,
            {
                "text": (sha256(row.text.encode()), row.digest),
                "digest": (entry is not None, True),
                "at": (row.at, entry and entry.at),
                "tender": (text and text.tender, str(tender.pk)),
                "amendment": ((row.amendment, text and text.amendment), (number, number)),
            },
        )
    first = Package.objects.filter(tender=tender).last()
    text = _read(first) if first else None
    if text is not None:
        fingerprint = tender.fingerprint.removeprefix("sha256:")
        yield (
            tender,
            {
                "deadline": (timestamp(tender.deadline), timestamp(text.deadline)),
                "fingerprint": (fingerprint, text.specification),
            },
        )


def _read(row: Package) -> published.Package | None:
    try:
        return published.read(row.text.encode())
    except SealRefused:
        return None


def _officers(tender: Tender) -> Iterator[Held]:
    """Officers as the packages name them; those who stand are all of the last one."""
    named = {}
    last: set[str] = set()
    for row in Package.objects.filter(tender=tender).order_by("amendment"):
        text = _read(row)
        last = {officer.code for officer in text.officers} if text else set()
        named |= {officer.code: officer for officer in text.officers} if text else {}
    for officer in tender.opening_officers.select_related("key", "user"):
        wanted = named.get(str(officer.pk))
        yield (
            officer,
            {
                "name": (officer.name, wanted and wanted.name),
                "unit_code": (officer.unit_code, wanted and wanted.unit),
                "key": (officer.key and officer.key.fingerprint, wanted and wanted.fingerprint),
                "user": (officer.key and officer.key.user_id, officer.user_id),
                "replaced_at": (officer.replaced_at is None, str(officer.pk) in last),
            },
        )
        if officer.key is not None:
            yield officer.key, {"public": (_fingerprint(officer.key.public), officer.key.fingerprint)}


def _fingerprint(public: str) -> str:
    """The fingerprint of a public key; empty where the text is none."""
    try:
        return sha256(bytes.fromhex(public))
    except ValueError:
        return ""


def _keys(tender: Tender, entries: list[AuditEntry]) -> Iterator[Held]:
    """The public halves of the package, and when and by whom they were unlocked."""
    text = _read(queries.current_package(tender))
    for key in EnvelopeKey.objects.filter(tender=tender):
        public = text and text.envelopes.get(key.envelope)
        entry, _said = _entry(entries, "unlock envelope", envelope=key.envelope)
        yield (
            key,
            {
                "public": (key.public, public and public.hex()),
                "opened_at": (key.opened_at, entry and entry.at),
            },
        )
        for turn in OpeningTurn.objects.filter(envelope_key=key).select_related("officer__key"):
            yield turn, _turn(turn, key, entries)


def _turn(turn: OpeningTurn, key: EnvelopeKey, entries: list[AuditEntry]) -> dict[str, tuple[object, object]]:
    fingerprint = turn.officer.key.fingerprint if turn.officer.key else ""
    found = [
        entry
        for entry in entries
        if entry.action in _TURNS
        and entry.at == turn.at
        and _payload(entry) == {"envelope": key.envelope, "key": fingerprint}
    ]
    return {
        "at": (bool(found), True),
        "signed_by": (turn.signed_by, found[0].actor_name if found else None),
    }


def _version(row: Submission, entries: list[AuditEntry]) -> dict[str, tuple[object, object]]:
    action, kind = _VERSIONS.get(row.kind, ("", ""))
    receipt = _signed(row.receipt, verify.RECEIPT)
    entry, said = _entry(entries, action, commitment=row.commitment)
    return {
        "bid": (str(row.bid_id), receipt.get("bid")),
        "number": (row.number, receipt.get("version")),
        "kind": (kind, receipt.get("kind")),
        "at": ((timestamp(row.at), row.at), (receipt.get("received_at"), entry and entry.at)),
        "by_name": (row.by_name, entry and entry.actor_name),
        "package": (row.package.digest, receipt.get("package")),
        "commitment": (row.commitment, receipt.get("commitment")),
        "receipt": (receipt.get("parts"), said.get("parts")),
        **_confirmed(row, entries),
    }


def _confirmed(row: Submission, entries: list[AuditEntry]) -> dict[str, tuple[object, object]]:
    """The last confirmation, which is signed as the version is."""
    known = [
        _payload(entry)
        for entry in entries
        if entry.action == "confirm bid" and entry.object == str(row.bid_id)
    ]
    known = [said for said in known if said.get("version") == row.number]
    document = _signed(row.confirmation, verify.RECEIPT) if row.confirmation else {}
    stored = row.confirmed.digest if row.confirmed else None
    return {
        "confirmed": (stored, known[-1].get("package") if known else None),
        "confirmation": (
            (document.get("package"), document.get("commitment"), document.get("kind")),
            (stored, row.commitment, receipts.CONFIRMED) if stored else (None, None, None),
        ),
    }


def _late(row: LateBid, entries: list[AuditEntry]) -> dict[str, tuple[object, object]]:
    refusal = _signed(row.refusal, verify.REFUSAL)
    entry, _said = _entry(entries, "refuse late bid", digest=row.digest)
    return {
        "bid": (str(row.bid_id), entry and entry.object),
        "at": ((timestamp(row.at), row.at), (refusal.get("received_at"), entry and entry.at)),
        "by_name": (row.by_name, entry and entry.actor_name),
        "digest": (row.digest, refusal.get("digest")),
        "refusal": (str(row.tender_id), refusal.get("tender")),
    }


def _digest_of(file: StagedFile) -> str:
    """The digest of what lies on the disk; empty where nothing does."""
    try:
        with file.sealed.open("rb") as stored:
            return hashlib.file_digest(stored, "sha256").hexdigest()
    except OSError:
        return ""


def _closing(tender: Tender, entries: list[AuditEntry]) -> Iterator[Held]:
    row = queries.closing_of(tender)
    if row is None:
        return
    document = _signed(row.document, verify.CLOSING)
    entry, _said = _entry(entries, "close bidding")
    try:
        root = merkle.root([bytes.fromhex(leaf) for leaf in json.loads(row.leaves)]).hex()
    except (TypeError, ValueError):
        root = ""
    yield (
        row,
        {
            "tender": (document.get("tender"), str(tender.pk)),
            "at": ((timestamp(row.at), row.at), (document.get("closed_at"), entry and entry.at)),
            "root": (row.root, document.get("root")),
            "leaves": (root, document.get("root")),
        },
    )


def _counted(tender: Tender, entries: list[AuditEntry]) -> dict[str, tuple[object, object]]:
    """That every package, late bid and closing record of the trail is there."""
    said: dict[str, list[str]] = {"package": [], "digest": [], "root": []}
    names = dict.fromkeys(_PUBLISHING, "package") | {"refuse late bid": "digest", "close bidding": "root"}
    for entry in entries:
        if entry.action in names:
            said[names[entry.action]].append(str(_payload(entry).get(names[entry.action])))
    closing = queries.closing_of(tender)
    return {
        "packages": (sorted(tender.packages.values_list("digest", flat=True)), sorted(said["package"])),
        "late_bids": (sorted(tender.late_bids.values_list("digest", flat=True)), sorted(said["digest"])),
        "closing": ([closing.root] if closing else [], said["root"]),
    }


def _bids(tender: Tender, entries: list[AuditEntry]) -> Iterator[Held]:
    """Whose bid it is, that every version of the trail is stored, and when the bids were opened."""
    opened, _said = _entry(entries, "open bids")
    for bid in Bid.objects.filter(tender=tender):
        said = [
            _payload(entry)
            for entry in entries
            if entry.action in ("submit bid", "withdraw bid") and entry.object == str(bid.pk)
        ]
        if said:
            vendors = {one.get("vendor") for one in said}
            versions = sorted(bid.submissions.values_list("number", flat=True))
            yield (
                bid,
                {
                    "vendor": (vendors, {str(bid.vendor_id)}),
                    "submissions": (versions, sorted(one.get("version", 0) for one in said)),
                    "opened_at": (bid.opened_at, opened and opened.at),
                },
            )
    known = {str(key) for key in Bid.objects.filter(tender=tender).values_list("pk", flat=True)}
    gone = {entry.object for entry in entries if entry.action == "submit bid"} - known
    yield tender, {"bids": (gone, set())}
