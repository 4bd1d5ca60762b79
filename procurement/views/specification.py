"""Requirements, criteria and seats of a draft: one form each."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from procurement import queries, rules
from procurement.actions import specification
from procurement.forms.specification import CriterionForm, RequirementForm, SeatForm
from procurement.models import Criterion, Requirement, Seat, Tender
from procurement.views.saving import attempt, said

REQUIREMENTS, CRITERIA, SEATS = "#requirements", "#criteria", "#panel"


def _draft(request: HttpRequest, pk: str) -> Tender:
    """A tender whose specification this person may write, else 404 or 403."""
    tender = get_object_or_404(queries.tenders_visible_to(request.user), pk=pk)
    rules.can_edit_tender(request.user, tender).enforce()
    return tender


def _row(request: HttpRequest, rows: Any, pk: int) -> Any:
    """A row of a tender whose specification this person may write, else 404 or 403."""
    row = get_object_or_404(rows, pk=pk)
    rules.can_edit_tender(request.user, row.tender).enforce()
    return row


def _page(request: HttpRequest, tender: Tender, form: Any, heading: str, **more: Any) -> HttpResponse:
    """A form of one row."""
    back = reverse("tender", args=[tender.pk])
    context = {"tender": tender, "form": form, "heading": heading, "back": back}
    return render(request, "procurement/row_form.html", context | more)


def _to(tender: Tender, place: str) -> HttpResponse:
    """Back to the tender, at the part that was changed."""
    return redirect(reverse("tender", args=[tender.pk]) + place)


def _deleted(
    request: HttpRequest, row: Any, action: Callable[..., None], place: str, **named: Any
) -> HttpResponse:
    """Delete a row, or say why not."""
    try:
        seen = int(request.POST.get("version", ""))
    except ValueError:
        seen = 0
    try:
        action(actor=request.user, seen=seen, now=request.now, **named)
        messages.success(request, _("“%(row)s” is deleted.") % {"row": row})
    except ValidationError as error:
        messages.error(request, said(error))
    return _to(row.tender, place)


# --- requirements ---------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def requirement_new(request: HttpRequest, pk: str) -> HttpResponse:
    """Add a requirement."""
    tender = _draft(request, pk)
    form = RequirementForm(request.POST or None, instance=Requirement(tender=tender, unit=tender.owner_unit))
    if form.is_valid() and attempt(
        form,
        specification.add_requirement,
        actor=request.user,
        tender=tender,
        values=form.cleaned_data,
        now=request.now,
    ):
        again = "another" in request.POST
        return redirect("requirement-new", pk) if again else _to(tender, REQUIREMENTS)
    return _page(request, tender, form, _("New requirement"), another=True)


@require_http_methods(["GET", "POST"])
def requirement_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a requirement."""
    row = _row(request, queries.requirements_visible_to(request.user), pk)
    form = RequirementForm(request.POST or None, instance=row)
    if form.is_valid() and attempt(
        form,
        specification.edit_requirement,
        actor=request.user,
        requirement=row,
        values=form.cleaned_data,
        seen=form.seen,
        now=request.now,
    ):
        return _to(row.tender, REQUIREMENTS)
    heading = _("Requirement %(code)s") % {"code": row.code}
    return _page(request, row.tender, form, heading, delete=reverse("requirement-delete", args=[pk]))


@require_POST
def requirement_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a requirement out."""
    row = _row(request, queries.requirements_visible_to(request.user), pk)
    return _deleted(request, row, specification.delete_requirement, REQUIREMENTS, requirement=row)


@require_POST
def requirement_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Move a requirement up or down."""
    row = _row(request, queries.requirements_visible_to(request.user), pk)
    up = "up" in request.POST
    specification.move_requirement(actor=request.user, requirement=row, up=up, now=request.now)
    return _to(row.tender, REQUIREMENTS)


# --- criteria -------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def criterion_new(request: HttpRequest, pk: str) -> HttpResponse:
    """Add a criterion, perhaps below another one."""
    tender = _draft(request, pk)
    wanted = request.GET.get("parent")
    parent = next((row for row in tender.criteria.all() if row.code == wanted), None)
    blank = Criterion(tender=tender, parent=parent, kind=parent.kind if parent else "")
    form = CriterionForm(request.POST or None, instance=blank, tender=tender)
    if form.is_valid() and attempt(
        form,
        specification.add_criterion,
        actor=request.user,
        tender=tender,
        values=form.values(),
        now=request.now,
    ):
        again = "another" in request.POST
        return redirect("criterion-new", pk) if again else _to(tender, CRITERIA)
    return _page(request, tender, form, _("New criterion"), another=True)


@require_http_methods(["GET", "POST"])
def criterion_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a criterion."""
    row = _row(request, queries.criteria_visible_to(request.user), pk)
    form = CriterionForm(request.POST or None, instance=row, tender=row.tender)
    if form.is_valid() and attempt(
        form,
        specification.edit_criterion,
        actor=request.user,
        criterion=row,
        values=form.values(),
        seen=form.seen,
        now=request.now,
    ):
        return _to(row.tender, CRITERIA)
    heading = _("Criterion %(code)s") % {"code": row.code}
    return _page(request, row.tender, form, heading, delete=reverse("criterion-delete", args=[pk]))


@require_POST
def criterion_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a criterion out."""
    row = _row(request, queries.criteria_visible_to(request.user), pk)
    return _deleted(request, row, specification.delete_criterion, CRITERIA, criterion=row)


@require_POST
def criterion_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Move a criterion up or down among its siblings."""
    row = _row(request, queries.criteria_visible_to(request.user), pk)
    up = "up" in request.POST
    specification.move_criterion(actor=request.user, criterion=row, up=up, now=request.now)
    return _to(row.tender, CRITERIA)


# --- the panel ------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def seat_new(request: HttpRequest, pk: str) -> HttpResponse:
    """Give a panel member a seat."""
    tender = _draft(request, pk)
    form = SeatForm(request.POST or None, instance=Seat(tender=tender))
    if form.is_valid() and attempt(
        form,
        specification.add_seat,
        actor=request.user,
        tender=tender,
        values=form.cleaned_data,
        now=request.now,
    ):
        return redirect("seat-new", pk) if "another" in request.POST else _to(tender, SEATS)
    return _page(request, tender, form, _("New panel seat"), another=True)


@require_http_methods(["GET", "POST"])
def seat_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a seat."""
    row = _row(request, queries.seats_visible_to(request.user), pk)
    form = SeatForm(request.POST or None, instance=row)
    if form.is_valid() and attempt(
        form,
        specification.edit_seat,
        actor=request.user,
        seat=row,
        values=form.cleaned_data,
        seen=form.seen,
        now=request.now,
    ):
        return _to(row.tender, SEATS)
    heading = _("Seat of %(name)s") % {"name": row}
    return _page(request, row.tender, form, heading, delete=reverse("seat-delete", args=[pk]))


@require_POST
def seat_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a seat away."""
    row = _row(request, queries.seats_visible_to(request.user), pk)
    return _deleted(request, row, specification.delete_seat, SEATS, seat=row)
