"""What security says later of advice that was overruled, and the ledger as a workbook."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from bids import rules
from bids.actions.submission import signature
from bids.exports.ledger import ledger_workbook
from bids.models import LedgerNote
from bids.queries.ledger import LedgerRow
from procurement import audit
from procurement.models import User
from procurement.rules import can_read_ledger


def note_outcome(*, actor: User, row: LedgerRow, text: str, now: datetime) -> LedgerNote:
    """Add by name what came of it; nothing that was said before is changed. Raises `Forbidden`."""
    rules.can_note_outcome(actor).enforce()
    with transaction.atomic():
        note = LedgerNote.objects.create(
            kind=row.kind,
            record=row.record,
            tender=row.tender,
            text=text,
            by_name=signature(actor),
            at=now,
        )
        audit.record(
            actor=actor,
            action="note what came of it",
            object=row.advice,
            now=now,
            tender=row.tender,
            kind=row.kind.value,
            record=row.record,
            text=text,
        )
    return note


def export_ledger(*, actor: User, rows: Sequence[LedgerRow], language: str, now: datetime) -> bytes:
    """The rows as an `.xlsx` file, and an entry that they were taken. Raises `Forbidden`."""
    can_read_ledger(actor).enforce()
    with transaction.atomic():
        audit.record(actor=actor, action="export ledger", object="", now=now, rows=len(rows))
    exported = f"{timezone.localtime(now):%Y-%m-%d %H:%M} {actor.name}"
    return ledger_workbook(rows, language=language, exported=exported)
