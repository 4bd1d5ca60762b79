"""Handing out the ranking: every export is an entry of the trail."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from bids import rules
from bids.cases import evaluated
from bids.evaluation import Case, Result
from bids.exports import TrailRow, workbook
from procurement import audit
from procurement.choices import Profile, Role
from procurement.models import AuditEntry, Tender, User
from procurement.templatetags.figures import stamp


def export(*, actor: User, tender: Tender, kind: str, now: datetime) -> tuple[Case, Result]:
    """The tender's case and result, and an entry that they were taken. Raises `Forbidden`, `Refused`."""
    rules.can_export(actor, tender).enforce()
    case, result = evaluated(tender, now=now)
    with transaction.atomic():
        audit.record(
            actor=actor,
            action="export ranking",
            object=tender,
            now=now,
            tender=tender,
            kind=kind,
            fingerprint=result.fingerprint,
        )
    return case, result


def export_workbook(*, actor: User, tender: Tender, language: str, now: datetime) -> bytes:
    """The ranking workbook. Under the Procurement Act individual sheets stay confidential: members get code
    names, and the trail, which names them, is left out, unless an auditor asks. Raises `WorkbookTooLarge`.
    """
    case, result = export(actor=actor, tender=tender, kind="xlsx", now=now)
    confidential = tender.profile == Profile.TW_PUBLIC and actor.role != Role.AUDITOR
    return workbook(
        case,
        result,
        language=language,
        trail=None if confidential else _trail(tender),
        code_names=confidential,
        names={seat.code: seat.name or seat.code for seat in tender.seats.all()},
        exported=f"{timezone.localtime(now):%Y-%m-%d %H:%M} {actor.name}",
    )


def _trail(tender: Tender) -> list[TrailRow]:
    """Every entry of the tender, in the order in which it was written."""
    entries = AuditEntry.objects.filter(tender=tender).order_by("seq")
    return [
        TrailRow(entry.seq, stamp(entry.at), entry.actor_name, entry.action, entry.object)
        for entry in entries
    ]
