"""Handing out the list of tenders: the trail says who took it."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from bids.exports.tenders import tenders_workbook
from procurement import audit
from procurement.models import User
from procurement.rules import can_export_tenders
from procurement.sheets.lists import Cell


def export_tenders(*, actor: User, rows: Sequence[Sequence[Cell]], now: datetime) -> bytes:
    """The rows as an `.xlsx` file. Raises `Forbidden`."""
    can_export_tenders(actor).enforce()
    with transaction.atomic():
        audit.record(actor=actor, action="export tenders", object=f"{len(rows)}", now=now)
    return tenders_workbook(rows, timezone.localtime(now))
