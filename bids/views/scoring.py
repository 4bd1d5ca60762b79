"""Marks: one criterion, all bidders, so that the yardstick stays still."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bids import queries, rules
from bids.actions import scoring as steps
from bids.forms.panel import AgreedForm, MarkForm, PasswordForm
from procurement.models import Criterion, Tender
from procurement.queries import tenders_visible_to
from procurement.views.saving import attempt

from .head import tender_head
from .scoring_content import ScoringContent


def _tender(request: HttpRequest, pk: str) -> Tender:
    tender = get_object_or_404(tenders_visible_to(request.user), pk=pk)
    rules.can_read_marks(request.user, tender).enforce()
    return tender


def _seat(request: HttpRequest, tender: Tender) -> Any:
    seat = tender.seats.filter(user=request.user).first()
    rules.on_panel(seat).enforce()
    return seat


def _page(request: HttpRequest, tender: Tender, chosen: str, **more: Any) -> HttpResponse:
    content = ScoringContent(request.user, tender, chosen, more.get("faulty"), more.get("agreed_form"))
    context = {"content": content, "password_form": PasswordForm(actor=request.user)}
    context |= tender_head(request, tender, "marks") | more
    return render(request, "bids/scoring/marks.html", context, status=more.get("status", 200))


def _at(tender: Tender, criterion: Criterion) -> str:
    return reverse("marks", args=[tender.pk]) + f"?criterion={criterion.pk}"


@require_GET
def marks(request: HttpRequest, pk: str) -> HttpResponse:
    """One's own marks on one criterion, or everybody's where they may be seen."""
    return _page(request, _tender(request, pk), request.GET.get("criterion", ""))


@require_POST
def mark_save(request: HttpRequest, pk: str, criterion: int, bid: str) -> HttpResponse:
    """Keep one mark; the cell alone is answered where a script asked."""
    tender = _tender(request, pk)
    seat = _seat(request, tender)
    row = get_object_or_404(tender.criteria, pk=criterion)
    judged = get_object_or_404(queries.bids_visible_to(request.user), pk=bid, tender=tender)
    rules.can_mark(request.user, seat, row).enforce()
    form = MarkForm(request.POST, auto_id=f"id_{judged.position}_%s")
    cell = {"seat": seat, "bid": judged, "criterion": row}
    if form.is_valid() and attempt(
        form, steps.save_mark, actor=request.user, now=request.now, **cell, **form.arguments
    ):
        if request.htmx:
            return _cell(request, tender, row, judged.pk)
        return redirect(f"{_at(tender, row)}#bid-{judged.position}")
    faulty = (judged.pk, form)
    if request.htmx:
        return _cell(request, tender, row, judged.pk, faulty=faulty, status=422)
    return _page(request, tender, str(row.pk), faulty=faulty, status=422)


def _cell(
    request: HttpRequest, tender: Tender, criterion: Criterion, bid: object, **more: Any
) -> HttpResponse:
    """One cell of the grid, and the progress beside it."""
    content = ScoringContent(request.user, tender, str(criterion.pk), more.get("faulty"))
    cell = next(cell for cell in content.cells if cell.bid.pk == bid)
    context = {"tender": tender, "content": content, "cell": cell, "swapped": True} | more
    context["password_form"] = PasswordForm(actor=request.user)
    return render(request, "bids/scoring/_swapped.html", context, status=more.get("status", 200))


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
    return _page(request, tender, "", password_form=form, status=422)


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
        return redirect(_at(tender, row))
    return _page(request, tender, str(row.pk), agreed_form=form, status=422)
