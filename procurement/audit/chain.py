"""The hash chain (sealing specification, Audit trail); `procurement.signing.verify` says what is hashed."""

import gc
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from multiprocessing import get_context

import rfc8785
from django.db import connection, transaction
from django.db.models import Max
from django.db.transaction import TransactionManagementError

from procurement.models import AuditEntry, AuditHead, Tender, User
from procurement.models.audit import GENESIS
from procurement.signing.verify import content_digest, entry_hash, tender_mark

#: Number, tender (hex or None), time, actor's name and role, action, object, payload, salt, both hashes.
Row = tuple[int, str | None, str, str, str, str, str, str, str, str, str]

#: How long a time is that is hashed, and one of SQLite without microseconds.
_MOMENT, _SECOND = len("2026-01-31T12:00:00.000000+00:00"), len("2026-01-31 12:00:00")

#: Rows that are held in memory at a time.
_PAGE = 2000

#: A chain of so many entries is worth starting processes for.
_WORTH_SHARING = 100_000

#: What a row says, as text; `{tender}` and `{at}` are written by each database in its own way.
_ROWS = """
SELECT seq, {tender}, {at}, actor_name, actor_role, action, object, payload, salt, prev_hash, hash
FROM procurement_auditentry WHERE seq > %s AND seq <= %s ORDER BY seq LIMIT %s
"""

_COLUMNS = {
    # SQLite keeps a UUID without dashes, and a moment in UTC, without its microseconds where they are 0.
    "sqlite": {"tender": "tender_id", "at": "+at"},
    "postgresql": {
        "tender": "replace(tender_id::text, '-', '')",
        "at": "to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"+00:00\"')",
    },
}


def moment(at: datetime) -> str:
    """A time as the trail hashes it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


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
        salt=secrets.token_hex(16),
        prev_hash=head.hash,
    )
    of_tender = str(tender.pk) if tender else ""
    digest = content_digest(
        of_tender,
        moment(now),
        entry.actor_name,
        entry.actor_role,
        entry.action,
        entry.object,
        entry.payload,
        entry.salt,
    )
    entry.hash = entry_hash(entry.seq, tender_mark(of_tender), digest, entry.prev_hash)
    entry.save(force_insert=True)
    head.seq, head.hash = entry.seq, entry.hash
    head.save(update_fields=["seq", "hash"])
    return entry


def pages(after: int, upto: int) -> Iterator[list[Row]]:
    """The rows of the entries after one number up to another, in order, a list at a time.

    Raw rows: a million of them through model objects would take the better part of a minute.
    """
    query = _ROWS.format(**_COLUMNS[connection.vendor])
    with connection.cursor() as cursor:
        while after < upto:
            cursor.execute(query, [after, upto, _PAGE])
            rows = cursor.fetchall()
            if not rows:
                return
            yield rows
            after = rows[-1][0]


def dated(at: str) -> str:
    """The time of a row as it is hashed: as `moment` gives it."""
    if len(at) == _MOMENT:  # as PostgreSQL was asked to write it
        return at
    return at.replace(" ", "T") + ("+00:00" if len(at) > _SECOND else ".000000+00:00")


@cache
def dashed(tender: str | None) -> str:
    """A tender's UUID as it is hashed; empty for none."""
    if not tender:
        return ""
    return f"{tender[:8]}-{tender[8:12]}-{tender[12:16]}-{tender[16:20]}-{tender[20:]}"


@dataclass(frozen=True)
class ChainState:
    """What a walk along the chain found: how many entries hold, and the first that does not."""

    checked: int
    broken_at: int | None
    why: str = ""

    @property
    def intact(self) -> bool:
        """Whether every entry holds, the head agrees with the last one, and the checkpoints with theirs."""
        return self.broken_at is None


#: Why an entry does not hold; `procurement.views.trail` has the sentences.
MISSING = "missing"
UNCHAINED = "not chained to the entry before it"
ALTERED = "content does not match its hash"
OTHER_HEAD = "the head row names another last entry"
REWRITTEN = "not the entry that a checkpoint was made of: the trail was rewritten"
SHORTENED = "older than its last checkpoint: entries were cut off, or a backup was restored"


def verify_chain(anchored: Mapping[int, str] | None = None) -> ChainState:
    """Recompute every hash from the first entry on and hold the last against the head row.

    `anchored` are the heads that checkpoints name, by size: the trail has to lead through all of them.
    Nothing is locked, so that a walk along a long chain never keeps a bid waiting: entries that are appended
    meanwhile are not looked at.
    """
    head = AuditHead.objects.get(pk=1)
    heads = anchored or {}
    state, last = _walk_all(head.seq, heads)
    if not state.intact:
        return state
    newest = AuditEntry.objects.aggregate(last=Max("seq"))["last"] or 0
    if (head.seq, head.hash) != (state.checked, last) or newest > AuditHead.objects.get(pk=1).seq:
        return ChainState(state.checked, state.checked + 1, OTHER_HEAD)
    if max(heads, default=0) > head.seq:
        return ChainState(state.checked, state.checked + 1, SHORTENED)
    return state


def _walk_all(upto: int, heads: Mapping[int, str]) -> tuple[ChainState, str]:
    """The whole chain; a long one in parts, one for each core, where processes can have connections of their
    own. A part begins at the hash that is stored where the part before it ends, and that part checks it.
    """
    cores = len(os.sched_getaffinity(0))
    alone = connection.in_atomic_block or (connection.vendor == "sqlite" and connection.is_in_memory_db())
    if alone or cores == 1 or upto < _WORTH_SHARING:
        return _walk(0, upto, GENESIS, heads)
    bounds = [upto * number // cores for number in range(cores + 1)]
    stored = AuditEntry.objects.in_bulk(bounds[1:-1])
    begins = [GENESIS, *(stored[number].hash if number in stored else "" for number in bounds[1:-1])]
    connection.close()  # a connection must not be in two processes
    with get_context("fork").Pool(cores, gc.disable) as pool:
        parts = [
            (low, high, begin, heads) for low, high, begin in zip(bounds, bounds[1:], begins, strict=False)
        ]
        found = pool.starmap(_walk, parts)
    return next((part for part in found if not part[0].intact), found[-1])


def _walk(after: int, upto: int, previous: str, heads: Mapping[int, str]) -> tuple[ChainState, str]:
    """The entries after one number up to another: what was found, and the hash of the last that holds."""
    marks: dict[str | None, tuple[str, str]] = {}
    seq = after
    for page in pages(after, upto):
        for number, tender, at, name, role, action, about, payload, salt, prev_hash, stored in page:
            if number != seq + 1:
                return ChainState(seq, seq + 1, MISSING), previous
            if prev_hash != previous:
                return ChainState(seq, number, UNCHAINED), previous
            if tender not in marks:
                marks[tender] = dashed(tender), tender_mark(dashed(tender))
            of_tender, mark = marks[tender]
            digest = content_digest(of_tender, dated(at), name, role, action, about, payload, salt)
            if entry_hash(number, mark, digest, prev_hash) != stored:
                return ChainState(seq, number, ALTERED), previous
            if number in heads and heads[number] != stored:
                return ChainState(seq, number, REWRITTEN), previous
            previous, seq = stored, number
    return ChainState(seq, None), previous
