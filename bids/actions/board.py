"""Handing out the board's figures: the trail says who took them."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from bids.exports.board import board_workbook
from bids.queries.board_figures import Figures
from procurement import audit
from procurement.models import User
from procurement.rules import can_read_board


def export_board(*, actor: User, figures: Figures, period: str, language: str, now: datetime) -> bytes:
    """The figures and the rows behind them as an `.xlsx` file. Raises `Forbidden`."""
    can_read_board(actor).enforce()
    with transaction.atomic():
        audit.record(actor=actor, action="export board", object=period, now=now, awards=len(figures.bought))
    exported = f"{timezone.localtime(now):%Y-%m-%d %H:%M} {actor.name}"
    today = timezone.localdate(now)
    return board_workbook(figures, period=period, language=language, exported=exported, today=today)
