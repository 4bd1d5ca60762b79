"""Importing an evaluation held on paper: the files, the dry run, and the confirmation."""

from django.contrib import messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from bids import rules
from bids.actions.recording import record_evaluation
from bids.forms.imports import EvaluationForm
from bids.imports import Upload, try_evaluation
from procurement.models import Tender
from procurement.queries import tenders_visible_to
from procurement.sheets.templates import blank_csv, blank_workbook
from procurement.views.imports import PATIENCE, XLSX
from procurement.views.saving import said

from .head import tender_head

KINDS = ("bids", "marks")


def _tender(request: HttpRequest, pk: str) -> Tender:
    tender = get_object_or_404(tenders_visible_to(request.user), pk=pk)
    rules.can_record_evaluation(request.user, tender, request.now).enforce()
    return tender


@require_http_methods(["GET", "POST"])
def evaluation_import(request: HttpRequest, pk: str) -> HttpResponse:
    """Upload, look at the dry run, confirm."""
    tender = _tender(request, pk)
    if "plan" in request.POST:
        return _confirmed(request, tender)
    form = EvaluationForm(request.POST or None, request.FILES or None)
    context = {"form": form} | tender_head(request, tender, "opening")
    if form.is_valid():
        bids, marks = (
            Upload(file.name, file.read()) if file else None
            for file in (form.cleaned_data["file"], form.cleaned_data["marks"])
        )
        outcome = try_evaluation(tender, bids, marks)
        context["outcome"] = outcome
        if not outcome.faults:
            context["plan"] = signing.dumps(outcome.bids, salt=_salt(request, tender), compress=True)
    return render(request, "bids/opening/import.html", context)


def _salt(request: HttpRequest, tender: Tender) -> str:
    """A plan counts for one person and one tender."""
    return f"record-evaluation:{request.user.pk}:{tender.pk}"


def _confirmed(request: HttpRequest, tender: Tender) -> HttpResponse:
    """Store what the dry run showed."""
    try:
        bids = signing.loads(request.POST["plan"], salt=_salt(request, tender), max_age=PATIENCE)
        record_evaluation(actor=request.user, tender=tender, bids=bids, now=request.now)
    except signing.BadSignature:
        messages.error(request, _("The dry run is too old. Upload the file again."))
    except ValidationError as error:
        messages.error(request, said(error))
    else:
        messages.success(request, _("The evaluation is recorded, and the ranking can be read."))
        return redirect("decision", tender.pk)
    return redirect("record-evaluation", tender.pk)


@require_GET
def evaluation_template(request: HttpRequest, pk: str, kind: str, extension: str) -> HttpResponse:
    """An empty table to fill in."""
    _tender(request, pk)
    if kind not in KINDS or extension not in ("xlsx", "csv"):
        raise Http404
    if extension == "xlsx":
        content, content_type = blank_workbook(kind, get_language() or "zh-hant"), XLSX
    else:
        content, content_type = blank_csv(kind, get_language() or "zh-hant"), "text/csv; charset=utf-8"
    response = HttpResponse(content, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{kind}.{extension}"'
    return response
