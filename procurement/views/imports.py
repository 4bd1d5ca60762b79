"""Importing requirements and criteria: a file, the dry run, and the confirmation."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from procurement import queries, rules
from procurement.forms.anchors import lines_of
from procurement.forms.imports import ImportForm
from procurement.imports import KINDS, Line, rows_of, store_import, try_import
from procurement.models import Criterion, Requirement, Tender
from procurement.sheets.parsing import Parsed, Place, parse
from procurement.sheets.templates import blank_csv, blank_workbook
from procurement.views.saving import said

#: How long a dry run may wait for its confirmation, in seconds.
PATIENCE = 60 * 60

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_http_methods(["GET", "POST"])
def tender_import(request: HttpRequest, pk: str, kind: str) -> HttpResponse:
    """Upload, look at the dry run, confirm."""
    tender = get_object_or_404(queries.tenders_visible_to(request.user), pk=pk)
    if kind not in KINDS:
        raise Http404
    rules.can_edit_tender(request.user, tender).enforce()
    if "plan" in request.POST:
        return _confirmed(request, tender, kind)
    form = ImportForm(request.POST or None, request.FILES or None)
    context = {"tender": tender, "kind": kind, "form": form, "of_requirements": kind == KINDS[0]}
    if form.is_valid():
        file = form.cleaned_data["file"]
        parsed = parse(kind, file.name, file.read(), currency=tender.currency)
        outcome = try_import(actor=request.user, tender=tender, parsed=parsed, now=request.now)
        lines = [(line, list(_changes(kind, line))) for line in outcome.lines]
        context |= {"outcome": outcome, "lines": lines, "file_name": file.name}
        if not outcome.faults and outcome.changes_anything:
            context["plan"] = _sealed(request, tender, parsed, outcome.lines)
    return render(request, "procurement/import.html", context)


def _changes(kind: str, line: Line) -> Iterator[tuple[str, Any, Any]]:
    """What a row changes, in the reader's words."""
    model = Requirement if kind == KINDS[0] else Criterion
    for name, (before, after) in line.changes.items():
        yield str(model._meta.get_field(name).verbose_name), _shown(name, before), _shown(name, after)


def _shown(name: str, value: Any) -> Any:
    """A value as a page shows it."""
    if name == "anchors":
        return "; ".join(lines_of(value).splitlines())
    if name == "mandatory":
        return _("Gate") if value else _("Scored")
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return ", ".join(value) if isinstance(value, list) else value


def _salt(request: HttpRequest, tender: Tender, kind: str) -> str:
    """A plan counts for one person, one tender and one kind."""
    return f"import:{request.user.pk}:{tender.pk}:{kind}"


def _sealed(request: HttpRequest, tender: Tender, parsed: Parsed, lines: list[Line]) -> str:
    """The rows and what they do, signed, so that the confirmation needs no second upload."""
    plan: dict[str, Any] = {
        "rows": parsed.rows,
        "places": [asdict(place) for place in parsed.places],
        "lines": [asdict(line) for line in lines],
    }
    return signing.dumps(plan, salt=_salt(request, tender, parsed.kind), compress=True)


def _confirmed(request: HttpRequest, tender: Tender, kind: str) -> HttpResponse:
    """Store what the dry run showed."""
    try:
        plan = signing.loads(request.POST["plan"], salt=_salt(request, tender, kind), max_age=PATIENCE)
    except signing.BadSignature:
        messages.error(request, _("The dry run is too old. Upload the file again."))
        return redirect("tender-import", tender.pk, kind)
    parsed = Parsed(kind, rows=plan["rows"], places=[Place(**place) for place in plan["places"]])
    expected = [Line(**line) for line in plan["lines"]]
    try:
        store_import(actor=request.user, tender=tender, parsed=parsed, expected=expected, now=request.now)
        messages.success(request, _("Imported."))
    except ValidationError as error:
        messages.error(request, said(error))
        return redirect("tender-import", tender.pk, kind)
    return redirect("tender", tender.pk)


@require_safe
def import_template(request: HttpRequest, kind: str, extension: str) -> HttpResponse:
    """An empty table to fill in."""
    rules.can_create_tender(request.user).enforce()
    if kind not in KINDS:
        raise Http404
    language = get_language() or "zh-hant"
    if extension == "xlsx":
        response = HttpResponse(blank_workbook(kind, language), content_type=XLSX)
    elif extension == "csv":
        response = HttpResponse(blank_csv(kind, language), content_type="text/csv; charset=utf-8")
    else:
        raise Http404
    response.headers["Content-Disposition"] = f'attachment; filename="{kind}.{extension}"'
    return response


@require_safe
def import_filled(request: HttpRequest, pk: str, kind: str) -> HttpResponse:
    """The table with what stands in the specification: edited and imported again, or kept for the next."""
    tender = get_object_or_404(queries.tenders_visible_to(request.user), pk=pk)
    if kind not in KINDS:
        raise Http404
    rules.can_create_tender(request.user).enforce()
    workbook = blank_workbook(kind, get_language() or "zh-hant", {kind: rows_of(tender, kind)})
    response = HttpResponse(workbook, content_type=XLSX)
    response.headers["Content-Disposition"] = content_disposition_header(
        True, f"{tender.reference}-{kind}.xlsx"
    )
    return response
