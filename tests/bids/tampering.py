"""Hands that reach past the site: into rows, into the trail, and into files on the disk."""

import json
from pathlib import Path

from django.db import connection
from django.db.models import QuerySet

from bids.models import SealedManifest, StagedFile, Submission
from procurement.models import AuditEntry
from procurement.models.audit import TRIGGERS


def flipped(content):
    """The same bytes but for one bit in the middle."""
    changed = bytearray(content)
    changed[len(changed) // 2] ^= 1
    return bytes(changed)


def alter(rows: QuerySet, **values) -> None:
    """Other values, without a word."""
    assert rows.update(**values)


def alter_trail(entries: QuerySet, **values) -> None:
    """Other words in the trail, past its triggers."""
    make, drop = TRIGGERS[connection.vendor]
    with connection.cursor() as cursor:
        for statement in drop:
            cursor.execute(statement)
        assert entries.update(**values)
        for statement in make:
            cursor.execute(statement)


def entry_of(bid) -> QuerySet:
    """What the trail says of the bid's version."""
    return AuditEntry.objects.filter(action="submit bid", object=str(bid.pk))


def alter_parts(bid) -> None:
    """The trail names another digest of the first part."""
    entries = entry_of(bid)
    said = json.loads(entries.get().payload)
    said["parts"][0]["digest"] = "0" * 64
    alter_trail(entries, payload=json.dumps(said))


def manifest_of(bid, envelope="technical") -> QuerySet:
    return SealedManifest.objects.filter(submission__bid=bid, envelope=envelope)


def version_of(bid) -> QuerySet:
    return Submission.objects.filter(bid=bid)


def path_of_file(bid) -> Path:
    """Where the one file of the bid lies."""
    return Path(StagedFile.objects.get(bid=bid).sealed.path)


def erase(bid) -> None:
    """All that was handed in of a bid is gone; the bid itself stays."""
    for rows in (SealedManifest.objects.filter(submission__bid=bid), version_of(bid)):
        rows._raw_delete(rows.db)
