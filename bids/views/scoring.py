"""Marks: one criterion, all bidders, so that the yardstick stays still; or one bidder, all criteria."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bids import queries, rules
from bids.actions import scoring as steps
from bids.forms.panel import PasswordForm
from bids.forms.scoring import AgreedForm, MarkForm, OpinionForm
from procurement.actions.locking import Stale
from procurement.models import Criterion, Tender
from procurement.queries import tenders_visible_to
from procurement.views.saving import attempt

from .head import tender_head
from .scoring_cells import anchor_of
from .scoring_content import Place, Refusal
from .scoring_reading import MarksPage


def _tender(request: HttpRequest, pk: str) -> Tender:
    tender = get_object_or_404(tenders_visible_to(request.user), pk=pk)
    rules.can_read_marks(request.user, tender).enforce()
    return tender


def _seat(request: HttpRequest, tender: Tender) -> Any:
    seat = tender.seats.filter(user=request.user).first()
    rules.on_panel(seat).enforce()
    return seat


def _page(request: HttpRequest, tender: Tender, place: Place, **more: Any) -> HttpResponse:
    asked = {name: more.pop(name, None) for name in ("refusal", "refused")}
    content = MarksPage(request.user, tender, place, request.now, **asked)
    context = {"content": content, "password_form": PasswordForm(actor=request.user)}
    context |= tender_head(request, tender, "marks") | more
    if content.cells:
        context["state"] = {"kind": "", "label": _("Only you see your marks"), "sign": "eyeoff"}
    return render(request, "bids/scoring/marks.html", context, status=more.get("status", 200))


def _at(tender: Tender, place: Place) -> str:
    return reverse("marks", args=[tender.pk]) + place.query


def _criterion(criterion: Criterion) -> Place:
    return Place(criterion=str(criterion.pk))


@require_GET
def marks(request: HttpRequest, pk: str) -> HttpResponse:
    """One's own marks on one criterion or of one bidder, or everybody's where they may be seen."""
    place = Place(request.GET.get("criterion", ""), request.GET.get("bid", ""))
    return _page(request, _tender(request, pk), place)


@require_POST
def mark_save(request: HttpRequest, pk: str, criterion: int, bid: str) -> HttpResponse:
    """Keep one mark; the cell alone is answered where a script asked."""
    tender = _tender(request, pk)
    seat = _seat(request, tender)
    row = get_object_or_404(tender.criteria, pk=criterion)
    judged = get_object_or_404(queries.bids_visible_to(request.user), pk=bid, tender=tender)
    rules.can_mark(request.user, seat, row).enforce()
    form, cell = MarkForm(request.POST), {"seat": seat, "bid": judged, "criterion": row}
    status = _kept(request, form, **cell)
    place = Place(bid=str(bid)) if request.POST.get("by") == "bid" else _criterion(row)
    refusal = None if status == 200 else Refusal(row.pk, judged.pk, form, status == 409)
    if request.htmx:
        return _cell(request, tender, place, cell, refusal=refusal, status=status)
    if refusal:
        return _page(request, tender, place, refusal=refusal, status=status)
    return redirect(_at(tender, place) + anchor_of(row, judged))


def _kept(request: HttpRequest, form: MarkForm, **cell: Any) -> int:
    """Keep the mark, or show in the form why not: 200, 422, or 409 where another window was first.

    A script tells of the last one by itself and keeps what is typed.
    """
    if not form.is_valid():
        return 422
    try:
        done = attempt(form, steps.save_mark, actor=request.user, now=request.now, **cell, **form.arguments)
    except Stale as stale:
        if request.htmx:
            raise
        form.add_error(None, str(stale))
        return 409
    return 200 if done else 422


def _cell(
    request: HttpRequest, tender: Tender, place: Place, saved: dict[str, Any], **more: Any
) -> HttpResponse:
    """One cell of the grid, and the progress beside it."""
    content = MarksPage(request.user, tender, place, request.now, refusal=more["refusal"])
    here = (saved["criterion"].pk, saved["bid"].pk)
    cell = next(cell for cell in content.cells if (cell.leaf.row.pk, cell.bid.pk) == here)
    context = {"tender": tender, "content": content, "cell": cell, "swapped": True} | more
    context["password_form"] = PasswordForm(actor=request.user)
    return render(request, "bids/scoring/_swapped.html", context, status=more["status"])


@require_POST
def marks_submit(request: HttpRequest, pk: str) -> HttpResponse:
    """Sign the marks with one's password."""
    tender = _tender(request, pk)
    seat = _seat(request, tender)
    rules.can_fill_sheet(request.user, seat).enforce()
    form = PasswordForm(request.POST, actor=request.user)
    if form.is_valid() and attempt(form, steps.submit_marks, actor=request.user, seat=seat, now=request.now):
        messages.success(
            request, _("Your marks are submitted and locked. You see the others’ submitted marks now.")
        )
        return redirect("marks", pk=pk)
    return _page(request, tender, Place(), password_form=form, status=422)


@require_POST
def first_opinion(request: HttpRequest, pk: str, criterion: int) -> HttpResponse:
    """Enter what the working group thought of a bid."""
    tender = _tender(request, pk)
    row = get_object_or_404(tender.criteria, pk=criterion)
    rules.can_record_first_opinion(request.user, tender).enforce()
    form = OpinionForm(request.POST, bids=queries.bids_visible_to(request.user).filter(tender=tender))
    arguments = {"actor": request.user, "criterion": row, "now": request.now}
    if form.is_valid() and attempt(form, steps.record_first_opinion, **arguments, **form.cleaned_data):
        return redirect(_at(tender, _criterion(row)) + "#first-opinions")
    return _page(request, tender, _criterion(row), refused=form, status=422)


@require_POST
def agreed_save(request: HttpRequest, pk: str, criterion: int) -> HttpResponse:
    """Enter what the panel agreed on."""
    tender = _tender(request, pk)
    row = get_object_or_404(tender.criteria, pk=criterion)
    rules.can_agree(request.user, row).enforce()
    form = AgreedForm(request.POST, bids=queries.bids_visible_to(request.user).filter(tender=tender))
    if form.is_valid() and attempt(
        form, steps.agree, actor=request.user, criterion=row, now=request.now, **form.cleaned_data
    ):
        return redirect(_at(tender, _criterion(row)))
    return _page(request, tender, _criterion(row), refused=form, status=422)
