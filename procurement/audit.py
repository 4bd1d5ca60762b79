"""The hash chain of everything that was done (sealing specification, Audit trail)."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import rfc8785
from django.db import transaction
from django.db.models import Max
from django.db.transaction import TransactionManagementError

from procurement.models import AuditEntry, AuditHead, Tender, User
from procurement.models.audit import GENESIS

_DOMAIN = b"assay-audit/1"


def entry_hash(
    *,
    seq: int,
    tender: str,
    at: str,
    actor_name: str,
    actor_role: str,
    action: str,
    object: str,
    payload: str,
    prev_hash: str,
) -> str:
    """SHA-256, as hex, over the domain tag and every field, each after its length (8 bytes, big-endian)."""
    digest = hashlib.sha256(_DOMAIN)
    for field in (str(seq), tender, at, actor_name, actor_role, action, object, payload, prev_hash):
        data = field.encode()
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()


def _fields(entry: AuditEntry) -> dict[str, Any]:
    """What of an entry is hashed, as text that both databases give back unchanged."""
    return {
        "seq": entry.seq,
        "tender": str(entry.tender_id or ""),
        "at": entry.at.isoformat(timespec="microseconds"),
        "actor_name": entry.actor_name,
        "actor_role": entry.actor_role,
        "action": entry.action,
        "object": entry.object,
        "payload": entry.payload,
        "prev_hash": entry.prev_hash,
    }


def record(
    *,
    actor: User | None,
    action: str,
    object: object,
    now: datetime,
    tender: Tender | None = None,
    **payload: object,
) -> AuditEntry:
    """Append an entry to the chain, in the caller's transaction: no trail, no change.

    `action` is a short English verb phrase ("publish tender"); `payload` holds whatever JSON can, numbers as
    text. Raises `TransactionManagementError` outside a transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise TransactionManagementError("An entry of the trail belongs to the transaction of what it tells.")
    head = AuditHead.objects.select_for_update().get(pk=1)
    entry = AuditEntry(
        seq=head.seq + 1,
        tender=tender,
        at=now,
        actor_name=f"{actor} ({actor.belongs_to})" if actor else "manage.py",
        actor_role=actor.role if actor else "command line",
        action=action,
        object=str(object),
        payload=rfc8785.dumps(payload).decode(),
        prev_hash=head.hash,
    )
    entry.hash = entry_hash(**_fields(entry))
    entry.save(force_insert=True)
    head.seq, head.hash = entry.seq, entry.hash
    head.save(update_fields=["seq", "hash"])
    return entry


@dataclass(frozen=True)
class ChainState:
    """What a walk along the chain found: how many entries hold, and the first that does not."""

    checked: int
    broken_at: int | None
    why: str = ""

    @property
    def intact(self) -> bool:
        """Whether every entry holds and the head agrees with the last one."""
        return self.broken_at is None


def verify_chain(entries: Iterable[AuditEntry] | None = None) -> ChainState:
    """Recompute every hash from the first entry on and hold the last against the head row.

    Nothing is locked, so that a walk along a long chain never keeps a bid waiting: entries that are appended
    meanwhile are not looked at.
    """
    head = AuditHead.objects.get(pk=1)
    previous, seq = GENESIS, 0
    known = AuditEntry.objects.filter(seq__lte=head.seq).order_by("seq").iterator()
    for entry in entries if entries is not None else known:
        if entry.seq != seq + 1:
            return ChainState(seq, seq + 1, "missing")
        if entry.prev_hash != previous:
            return ChainState(seq, entry.seq, "not chained to the entry before it")
        if entry_hash(**_fields(entry)) != entry.hash:
            return ChainState(seq, entry.seq, "content does not match its hash")
        previous, seq = entry.hash, entry.seq
    last = AuditEntry.objects.aggregate(last=Max("seq"))["last"] or 0
    if (head.seq, head.hash) != (seq, previous) or last > AuditHead.objects.get(pk=1).seq:
        return ChainState(seq, seq + 1, "the head row names another last entry")
    return ChainState(seq, None)
