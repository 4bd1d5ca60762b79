"""Evaluating again: the same members, only what was declared changed, and never more than three times."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import rfc8785
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bids import queries, rules
from bids.actions.submission import signature
from bids.cases import case_document, evaluated
from bids.evaluation import Refused, canonical, case_file, refused_document
from bids.models import Resolution, Round
from procurement import audit
from procurement.models import Criterion, Tender, User
from procurement.rules import Forbidden


def open_round(
    *, actor: User, tender: Tender, resolution: Resolution, criteria: Sequence[Criterion], now: datetime
) -> Round:
    """Open the next round for some leaves: their marks are given anew, all others stand.

    The case and the result of the round before are frozen with the new one. The tender must be locked.
    Raises `Forbidden` past the third round, and `ValidationError` for a criterion that nobody marks.
    """
    with transaction.atomic():
        rules.can_open_round(tender).enforce()
        codes = _declared(tender, criteria)
        case_text, result_text, fingerprint = _frozen(tender, now)
        tender.round += 1
        tender.lots_drawn = []  # drawn for a tie of the round before, which keeps them in its case
        tender.save(update_fields=["round", "lots_drawn"])
        row = Round.objects.create(
            tender=tender,
            number=tender.round,
            criteria=codes,
            resolution=resolution,
            opened_by=signature(actor),
            opened_at=now,
            case_text=case_text,
            result_text=result_text,
            fingerprint=fingerprint,
        )
        audit.record(
            actor=actor,
            action="open round",
            object=tender,
            now=now,
            tender=tender,
            round=row.number,
            criteria=codes,
            resolution=str(resolution),
            fingerprint=fingerprint,
        )
    return row


def _declared(tender: Tender, criteria: Sequence[Criterion]) -> list[str]:
    """Codes of the leaves that are marked again, in the order of the criteria.

    A price that people mark and that is not marked in full yet comes with them: it is marked in this round.
    """
    plan = queries.marking(tender)
    wanted = {row.pk for row in criteria}
    again = [leaf for leaf in plan.leaves if leaf.row.pk in wanted]
    if not again or len(again) < len(wanted):
        raise ValidationError({"again": _("Name criteria that the panel marks.")})
    unfinished = any(queries.cells_missing(plan, seat, price=True) for seat in plan.seats)
    return [leaf.row.code for leaf in plan.leaves if leaf in again or (leaf.is_price and unfinished)]


def _frozen(tender: Tender, now: datetime) -> tuple[str, str, str]:
    """Case and result of the round that ends, as canonical JSON, and the fingerprint of the result.

    A case that the arithmetic refuses is kept as it stands, with what was said against it, and has none.
    """
    try:
        case, result = evaluated(tender, now=now)
    except Refused as refusal:
        document = rfc8785.dumps(case_document(tender, now=now)).decode()
        return document, canonical(refused_document(refusal.issues)), ""
    return canonical(case_file(case)), canonical(result.to_document()), result.fingerprint


def export_round(*, actor: User, tender: Tender, number: int, kind: str, now: datetime) -> dict[str, Any]:
    """The frozen `case` or `result` of an earlier round, and an entry that it was taken.

    Raises `Forbidden`, also where there is no such round or a bid of it is not for the actor to see.
    """
    rules.can_read_resolutions(actor, tender).enforce()
    row = queries.rounds_visible_to(actor).filter(tender=tender, number=number + 1).first()
    if row is None:
        raise Forbidden(_("This round is not yours to read."))
    with transaction.atomic():
        audit.record(
            actor=actor,
            action="export round",
            object=tender,
            now=now,
            tender=tender,
            round=number,
            kind=kind,
            fingerprint=row.fingerprint,
        )
    document: dict[str, Any] = json.loads(row.case_text if kind == "case" else row.result_text)
    return document
