"""The board's page: what awards cost and bought, what was overruled, what is past due, who holds much."""

from collections.abc import Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bids.actions.board import export_board
from bids.forms.board import AwardFilters
from bids.queries.board_figures import behind
from bids.queries.board_matters import Matter
from procurement.choices import Role
from procurement.rules import can_read_board
from procurement.views.lists import page_of

from .board_content import Board, known_keys

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

#: How many rows of a list the page itself shows.
SHOWN = 5


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Every figure, each with its finding first and the list behind it one link away."""
    can_read_board(request.user).enforce()
    content = Board(request)
    late = content.figures.past_due[:SHOWN]
    context = {
        "board": content,
        "figures": content.figures,
        "filters": content.filters,
        "columns": content.columns(),
        "price_count": content.figures.count("price"),
        "unpriced": content.figures.count("unpriced"),
        "holdings": content.figures.holdings[:SHOWN],
        "late": [(row, row.late(content.today)) for row in late],
        "of_bank": request.user.role != Role.MEMBER,
    }
    return render(request, "bids/board/board.html", context)


@require_safe
def board_awards(request: HttpRequest) -> HttpResponse:
    """The awards behind a figure, the last first."""
    can_read_board(request.user).enforce()
    content = Board(request, AwardFilters)
    filters = content.filters
    rows = behind(content.figures.bought, filters.value("figure"))
    vendor, system_class = filters.value("vendor"), filters.value("system_class")
    rows = [row for row in rows if vendor in ("", str(row.vendor.pk))]
    page = page_of(request, [row for row in rows if system_class in ("", row.tender.system_class)])
    context = {"page": page, "board": content, "filters": filters}
    context["known"] = known_keys(request.user, list(page))
    return render(request, "bids/board/awards.html", context)


@require_safe
def board_overruled(request: HttpRequest) -> HttpResponse:
    """Every time that advice was overruled, the last first."""
    can_read_board(request.user).enforce()
    content = Board(request)
    return _matters(request, content, content.figures.overruled, _("Advice overruled"))


@require_safe
def board_past_due(request: HttpRequest) -> HttpResponse:
    """What was promised and is past due, the longest first."""
    can_read_board(request.user).enforce()
    content = Board(request)
    return _matters(request, content, content.figures.past_due, _("Past due"))


def _matters(request: HttpRequest, content: Board, rows: Sequence[Matter], title: str) -> HttpResponse:
    page = page_of(request, rows)
    known = known_keys(request.user, list(page))
    is_late = rows is content.figures.past_due
    context = {
        "page": page,
        "lines": [
            (
                row,
                row.late(content.today) if is_late else 0,
                row.tender is not None and row.tender.pk in known,
            )
            for row in page
        ],
        "board": content,
        "filters": content.filters,
        "title": title,
        "is_late": is_late,
        "of_bank": request.user.role != Role.MEMBER,
    }
    return render(request, "bids/board/matters.html", context)


@require_safe
def board_workbook(request: HttpRequest) -> HttpResponse:
    """The same figures with all rows behind them, as a workbook."""
    can_read_board(request.user).enforce()
    content = Board(request)
    data = export_board(
        actor=request.user,
        figures=content.figures,
        period=content.title,
        language=get_language() or settings.LANGUAGE_CODE,
        now=request.now,
    )
    response = HttpResponse(data, content_type=XLSX)
    day = timezone.localdate(request.now).isoformat()
    response.headers["Content-Disposition"] = f'attachment; filename="board-{day}.xlsx"'
    return response
