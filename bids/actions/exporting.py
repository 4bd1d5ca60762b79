"""Handing out the ranking: every export is an entry of the trail."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import override

from bids import queries, rules
from bids.actions.rankings import rankings_of
from bids.actions.records import Records
from bids.cases import evaluated
from bids.evaluation import Case, Result
from bids.exports import TrailRow, member_labels, rankings_remark, workbook
from procurement import audit
from procurement.choices import Profile, Role
from procurement.models import AuditEntry, Tender, User
from procurement.templatetags.figures import stamp


def export(
    *, actor: User, tender: Tender, kind: str, now: datetime, waivers: bool = True
) -> tuple[Case, Result]:
    """The tender's case and result, and an entry that they were taken. Raises `Forbidden`, `Refused`.

    With `waivers` those in force count, and once the award is made those in force then; without, none do.
    """
    rules.can_export(actor, tender).enforce()
    case, result = evaluated(tender, now=queries.waivers_count_at(tender, now), waivers=waivers)
    with transaction.atomic():
        audit.record(
            actor=actor,
            action="export ranking",
            object=tender,
            now=now,
            tender=tender,
            kind=kind,
            as_scored=not waivers,
            fingerprint=result.fingerprint,
        )
    return case, result


def export_workbook(*, actor: User, tender: Tender, language: str, now: datetime) -> bytes:
    """The ranking workbook. Under the Procurement Act individual sheets stay confidential: members get code
    names, and the trail, which names them, is left out, unless an auditor asks. Raises `WorkbookTooLarge`.
    """
    case, result = export(actor=actor, tender=tender, kind="xlsx", now=now)
    confidential = tender.profile == Profile.TW_PUBLIC and actor.role != Role.AUDITOR
    names = {seat.code: seat.name or seat.code for seat in tender.seats.all()}
    rankings = rankings_of(tender, queries.waivers_count_at(tender, now))
    with override(language):
        labels = member_labels(case, names, code_names=confidential)
        records = Records(actor, tender, now, labels, confidential=confidential).sheets(rankings)
        remark = rankings_remark(rankings.as_scored.result, rankings.with_exceptions.result)
    return workbook(
        case,
        result,
        language=language,
        trail=None if confidential else _trail(tender),
        code_names=confidential,
        names=names,
        exported=f"{timezone.localtime(now):%Y-%m-%d %H:%M} {actor.name}",
        remarks=[remark],
        records=records,
    )


def _trail(tender: Tender) -> list[TrailRow]:
    """Every entry of the tender, in the order in which it was written."""
    entries = AuditEntry.objects.filter(tender=tender).order_by("seq")
    return [
        TrailRow(entry.seq, stamp(entry.at), entry.actor_name, entry.action, entry.object)
        for entry in entries
    ]
