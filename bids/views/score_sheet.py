"""One's own marks as a workbook: downloaded, filled in, uploaded, looked at, confirmed."""

from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from bids import rules
from bids.exports.own_cells import OwnCells
from bids.exports.score_sheet import write_score_sheet
from bids.forms.score_sheet import ScoreSheetForm
from bids.imports import store_sheet, try_sheet
from procurement.models import Seat, Tender
from procurement.queries import tenders_visible_to
from procurement.views.imports import PATIENCE, XLSX
from procurement.views.saving import said

from .head import tender_head


def _own_seat(request: HttpRequest, pk: str) -> Seat:
    """The person's seat on the tender, while marks can be given on it."""
    tender = get_object_or_404(tenders_visible_to(request.user), pk=pk)
    rules.can_read_marks(request.user, tender).enforce()
    seat = Seat.objects.select_related("unit", "user").filter(tender=tender, user=request.user).first()
    rules.on_panel(seat).enforce()
    seat.tender = tender
    return seat


def _own_cells(request: HttpRequest, seat: Seat) -> OwnCells:
    own = OwnCells(seat, timezone.localdate(request.now))
    own.can_fill(request.user).enforce()
    return own


@require_GET
def score_sheet(request: HttpRequest, pk: str) -> HttpResponse:
    """One's own cells as a workbook to fill in."""
    seat = _own_seat(request, pk)
    content = write_score_sheet(_own_cells(request, seat), request.now)
    name = f"{seat.tender.reference}-{seat.code}-{seat.tender.round}.xlsx"
    response = HttpResponse(content, content_type=XLSX)
    response.headers["Content-Disposition"] = content_disposition_header(True, name)
    return response


@require_http_methods(["GET", "POST"])
def score_sheet_upload(request: HttpRequest, pk: str) -> HttpResponse:
    """Upload a filled-in sheet, look at what it changes, confirm."""
    seat = _own_seat(request, pk)
    _own_cells(request, seat)
    if "plan" in request.POST:
        return _confirmed(request, seat)
    form = ScoreSheetForm(request.POST or None, request.FILES or None)
    context = {"form": form, "seat": seat} | tender_head(request, seat.tender, "marks")
    if form.is_valid():
        context |= _dry_run(request, seat, form.cleaned_data["file"])
    return render(request, "bids/score_sheet/upload.html", context)


def _dry_run(request: HttpRequest, seat: Seat, file: Any) -> dict[str, Any]:
    """What the file changes, and the plan to confirm where nothing stands against it."""
    outcome = try_sheet(actor=request.user, seat=seat, name=file.name, content=file.read(), now=request.now)
    context: dict[str, Any] = {"outcome": outcome, "file_name": file.name}
    if outcome.changes and not outcome.faults and not outcome.refusal:
        context["plan"] = signing.dumps(outcome.plan(), salt=_salt(seat), compress=True)
    return context


def _salt(seat: Seat) -> str:
    """A plan counts for one seat, and so for one tender and person, and for one round."""
    return f"score-sheet:{seat.pk}:{seat.user_id}:{seat.tender.round}"


def _confirmed(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Store what the dry run showed."""
    tender: Tender = seat.tender
    try:
        plan = signing.loads(request.POST["plan"], salt=_salt(seat), max_age=PATIENCE)
        saved = store_sheet(actor=request.user, seat=seat, plan=plan, now=request.now)
    except signing.BadSignature:
        messages.error(request, _("The dry run is too old. Upload the file again."))
        return redirect("score-sheet-upload", tender.pk)
    except ValidationError as error:
        messages.error(request, said(error))
        return redirect("score-sheet-upload", tender.pk)
    text = ngettext("%(n)d mark is saved from the sheet.", "%(n)d marks are saved from the sheet.", saved)
    messages.success(request, text % {"n": saved})
    return redirect("marks", tender.pk)
