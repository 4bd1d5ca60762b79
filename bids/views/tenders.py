"""All tenders by stage, with what is late about them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from bids.actions.tenders import export_tenders
from procurement import rules
from procurement.views.lists import page_of

from .tenders_content import Tenders, cells

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def tenders(request: HttpRequest) -> HttpResponse:
    """Tenders that the person may know of, by stage, the late ones first."""
    rules.can_list_tenders(request.user).enforce()
    content = Tenders(request)
    groups, page = content.groups(), page_of(request, content.rows)
    context = {
        "page": page,
        "lines": content.lines(page),
        "groups": groups,
        "late": sum(group.late for group in groups),
        "filters": content.filters,
        "can_create": rules.can_create_tender(request.user),
        "of_bank": content.of_bank,
    }
    return render(request, "bids/tenders/tenders.html", context)


@require_safe
def tenders_workbook(request: HttpRequest) -> HttpResponse:
    """The same list, whole, as a workbook; for the bank."""
    rules.can_export_tenders(request.user).enforce()
    content = Tenders(request)
    rows = [cells(line) for line in content.lines(content.rows)]
    response = HttpResponse(export_tenders(actor=request.user, rows=rows, now=request.now), content_type=XLSX)
    day = timezone.localdate(request.now).isoformat()
    response.headers["Content-Disposition"] = f'attachment; filename="tenders-{day}.xlsx"'
    return response
