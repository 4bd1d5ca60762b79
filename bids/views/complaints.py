"""Complaints against an award: entered by the officer or by a vendor that took part, answered by name."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bids import queries, rules
from bids.actions.complaints import answer_complaint, complain
from bids.forms.awards import ComplaintAnswerForm, ComplaintForm, ReceivedComplaintForm
from bids.models import Complaint
from procurement.choices import Role
from procurement.models import Tender
from procurement.queries import tenders_visible_to
from procurement.views.saving import attempt

from .head import tender_head


@require_http_methods(["GET", "POST"])
def complaint_new(request: HttpRequest, pk: str) -> HttpResponse:
    """Put a complaint on record."""
    tender = get_object_or_404(tenders_visible_to(request.user), pk=pk)
    rules.can_complain(request.user, tender).enforce()
    form = _form(request, tender)
    if form.is_valid():
        row = attempt(form, complain, actor=request.user, tender=tender, now=request.now, **form.arguments)
        if row:
            messages.success(request, _("The complaint is on record."))
            return redirect("complaint", pk=row.pk)
    context = {"form": form, "award": queries.award_of(tender)} | tender_head(request, tender, "decision")
    return render(request, "bids/award/complaint_new.html", context, status=422 if form.is_bound else 200)


def _form(request: HttpRequest, tender: Tender) -> ComplaintForm:
    if request.user.role == Role.VENDOR:
        return ComplaintForm(request.POST or None)
    bids = tender.bids.filter(opened_at__isnull=False).select_related("vendor")
    return ReceivedComplaintForm(request.POST or None, bids=bids, now=request.now)


def _complaint(request: HttpRequest, pk: int) -> Complaint:
    return get_object_or_404(queries.complaints_visible_to(request.user), pk=pk)


@require_GET
def complaint(request: HttpRequest, pk: int) -> HttpResponse:
    """One complaint, and its answer or the form for it."""
    row = _complaint(request, pk)
    return _page(request, row, ComplaintAnswerForm(actor=request.user, initial={"version": row.version}))


@require_POST
def complaint_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer a complaint."""
    row = _complaint(request, pk)
    rules.can_answer_complaint(request.user, row).enforce()
    form = ComplaintAnswerForm(request.POST, actor=request.user)
    if form.is_valid():
        said = {name: form.cleaned_data[name] for name in ("answer", "reason")}
        seen = form.cleaned_data["version"]
        if attempt(
            form, answer_complaint, actor=request.user, complaint=row, seen=seen, now=request.now, **said
        ):
            return redirect("complaint", pk=pk)
    return _page(request, row, form, status=422)


def _page(request: HttpRequest, row: Complaint, form: Any, status: int = 200) -> HttpResponse:
    tender = row.award.tender
    context = {
        "complaint": row,
        "form": form,
        "state": queries.state_of(row.award, request.now),
        "can_answer": rules.can_answer_complaint(request.user, row),
    }
    context |= tender_head(request, tender, "decision") | {"award_state": context["state"]}
    return render(request, "bids/award/complaint.html", context, status=status)
