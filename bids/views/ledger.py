"""The ledger of overruled advice: by unit and approver, what is past due, and what came of it."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from bids import rules
from bids.actions.ledger import export_ledger, note_outcome
from bids.forms.ledger import LedgerFilters, OutcomeForm
from bids.queries.ledger import LedgerRow, ledger_rows, search_ledger, tallies
from procurement.rules import can_read_ledger
from procurement.views.lists import page_of
from procurement.views.saving import attempt

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _narrowed(request: HttpRequest) -> tuple[list[LedgerRow], LedgerFilters]:
    """The rows that the query string asks for."""
    can_read_ledger(request.user).enforce()
    rows = ledger_rows(request.user, request.now)
    filters = LedgerFilters(
        request.GET,
        units=sorted(
            {(str(row.unit.pk), str(row.unit)) for row in rows if row.unit}, key=lambda pair: pair[1]
        ),
        approvers=sorted({row.approver for row in rows}),
        years=sorted({str(timezone.localtime(row.at).year) for row in rows}, reverse=True),
    )
    narrowed: dict[str, Any] = {name: filters.value(name) for name in ("kind", "unit", "approver", "year")}
    found = search_ledger(rows, text=filters.value("q"), overdue=bool(filters.value("overdue")), **narrowed)
    return found, filters


@require_GET
def ledger(request: HttpRequest) -> HttpResponse:
    """Every time that advice of security was overruled, newest first."""
    rows, filters = _narrowed(request)
    context = {
        "page": page_of(request, rows),
        "filters": filters,
        "overdue": sum(row.overdue for row in rows),
        "by_unit": tallies(rows, lambda row: row.unit_name),
        "by_approver": tallies(rows, lambda row: row.approver),
    }
    return render(request, "bids/ledger/ledger.html", context)


@require_http_methods(["GET", "POST"])
def ledger_row(request: HttpRequest, kind: str, record: int) -> HttpResponse:
    """One row in full, and what came of it, to which security adds."""
    can_read_ledger(request.user).enforce()
    found = [
        row for row in ledger_rows(request.user, request.now) if (row.kind, row.record) == (kind, record)
    ]
    if not found:
        raise Http404
    can_note = rules.can_note_outcome(request.user)
    if request.method == "POST":
        can_note.enforce()
    form = OutcomeForm(request.POST or None)
    if form.is_valid() and attempt(
        form, note_outcome, actor=request.user, row=found[0], text=form.cleaned_data["text"], now=request.now
    ):
        messages.success(request, _("It stands in the ledger now."))
        return redirect("ledger-row", kind, record)
    context = {"row": found[0], "form": form, "can_note": can_note}
    return render(request, "bids/ledger/row.html", context, status=422 if form.is_bound else 200)


@require_GET
def ledger_workbook(request: HttpRequest) -> HttpResponse:
    """The same rows as a workbook."""
    rows, _filters = _narrowed(request)
    language = get_language() or settings.LANGUAGE_CODE
    data = export_ledger(actor=request.user, rows=rows, language=language, now=request.now)
    response = HttpResponse(data, content_type=XLSX)
    name = content_disposition_header(True, "ledger.xlsx") or "attachment"
    response.headers["Content-Disposition"] = name
    return response
