"""Verification: every claim of every bid, and what the accountable units found."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from bids import queries, rules
from bids.actions import verification as steps
from bids.forms.panel import ReasonForm
from bids.forms.verification import FindingForm
from bids.models import Claim
from procurement.models import Tender
from procurement.queries import tenders_visible_to
from procurement.views.saving import attempt

from .head import tender_head
from .verification_content import VerificationContent


def _page(request: HttpRequest, tender: Tender, chosen: str, **more: Any) -> HttpResponse:
    content = VerificationContent(request.user, tender, chosen, timezone.localdate(request.now))
    context = {"content": content} | tender_head(request, tender, "verification") | more
    return render(request, "bids/verification/verification.html", context, status=more.get("status", 200))


@require_GET
def verification(request: HttpRequest, pk: str) -> HttpResponse:
    """The matrix of requirements and bids, and one requirement of all bids in full."""
    tender = get_object_or_404(tenders_visible_to(request.user), pk=pk)
    rules.can_read_bids(request.user, tender).enforce()
    return _page(request, tender, request.GET.get("requirement", ""))


def _claim(request: HttpRequest, pk: int) -> Claim:
    return get_object_or_404(queries.claims_visible_to(request.user), pk=pk)


def _back(claim: Claim) -> HttpResponse:
    page = reverse("verification", args=[claim.bid.tender_id])
    return redirect(f"{page}?requirement={claim.requirement_id}#claim-{claim.pk}")


@require_POST
def finding_save(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what was found about one claim."""
    claim = _claim(request, pk)
    rules.can_verify(request.user, claim).enforce()
    form = FindingForm(request.POST, auto_id=f"id_{claim.pk}_%s")
    found = {"actor": request.user, "claim": claim, "now": request.now}
    if form.is_valid() and attempt(form, steps.record_finding, **found, **form.arguments):
        return _back(claim)
    return _refused(request, claim, finding_form=form)


@require_POST
def not_applicable_accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree that a requirement does not apply to a bid."""
    claim = _claim(request, pk)
    rules.can_accept_not_applicable(request.user, claim).enforce()
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _refused(request, claim, not_applicable_form=form)
    steps.accept_not_applicable(
        actor=request.user,
        claim=claim,
        reason=form.cleaned_data["reason"],
        seen=form.cleaned_data["version"],
        now=request.now,
    )
    return _back(claim)


def _refused(request: HttpRequest, claim: Claim, **forms: Any) -> HttpResponse:
    """The page again, with the fault beside the claim."""
    tender, requirement = claim.bid.tender, str(claim.requirement_id)
    return _page(request, tender, requirement, faulty=claim.pk, status=422, **forms)


@require_POST
def bid_exclude(request: HttpRequest, pk: str) -> HttpResponse:
    """Take a bid out of the evaluation."""
    bid = get_object_or_404(queries.bids_visible_to(request.user), pk=pk)
    rules.can_read_bids(request.user, bid.tender).enforce()
    rules.can_exclude(request.user, bid).enforce()
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, bid.tender, "", faulty=bid.pk, exclusion_form=form, status=422)
    words = form.cleaned_data
    steps.exclude(actor=request.user, bid=bid, reason=words["reason"], seen=words["version"], now=request.now)
    return redirect(reverse("verification", args=[bid.tender_id]) + "#bids")
