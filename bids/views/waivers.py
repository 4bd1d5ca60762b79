"""Waivers of failed gates and accepted risks: what was proposed, who signed, until when."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bids import queries, rules
from bids.actions.waivers import LONGEST, propose_waiver, refuse_waiver, sign_waiver
from bids.forms.waivers import RefusalForm, SignatureForm, WaiverForm
from bids.models import Waiver
from procurement.queries import tenders_visible_to
from procurement.views.lists import page_of
from procurement.views.saving import attempt

from .head import tender_head


@require_GET
def waivers(request: HttpRequest, pk: str) -> HttpResponse:
    """Every waiver and accepted risk of a tender, and what is unmet besides."""
    tender = get_object_or_404(tenders_visible_to(request.user), pk=pk)
    rules.can_read_bids(request.user, tender).enforce()
    today = timezone.localdate(request.now)
    page = page_of(request, queries.waivers_visible_to(request.user).filter(claim__bid__tender=tender))
    for row in page:
        row.stands = row.state(today)
    may_propose = rules.can_propose_waivers(request.user, tender)
    claims = queries.claims_visible_to(request.user).filter(bid__tender=tender) if may_propose else []
    context = {
        "page": page,
        "may_propose": may_propose,
        "unmet": [claim for claim in claims if rules.is_waivable(claim, today)],
    }
    return render(request, "bids/waivers/waivers.html", context | tender_head(request, tender, "waivers"))


@require_http_methods(["GET", "POST"])
def waiver_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose to waive a gate, or to accept the risk of an unmet scored requirement."""
    claim = get_object_or_404(queries.claims_visible_to(request.user), pk=pk)
    today = timezone.localdate(request.now)
    rules.can_waive(request.user, claim, today).enforce()
    form = WaiverForm(request.POST or None, actor=request.user, today=today, longest=LONGEST)
    if form.is_valid():
        row = attempt(
            form, propose_waiver, actor=request.user, claim=claim, now=request.now, **form.arguments
        )
        if row:
            messages.success(request, _("The proposal is on record. It waits for security and an approver."))
            return redirect("waiver", row.pk)
    context = {"claim": claim, "form": form} | tender_head(request, claim.bid.tender, "waivers")
    return render(request, "bids/waivers/new.html", context, status=422 if form.is_bound else 200)


def _waiver(request: HttpRequest, pk: int) -> Waiver:
    return get_object_or_404(queries.waivers_visible_to(request.user), pk=pk)


def _page(request: HttpRequest, row: Waiver, **more: Any) -> HttpResponse:
    today = timezone.localdate(request.now)
    seen = {"actor": request.user, "initial": {"version": row.version}}
    context = {
        "waiver": row,
        "claim": row.claim,
        "stands": row.state(today),
        "can_sign": rules.can_sign_waiver(request.user, row, today),
        "for_security": rules.signs_for_security(request.user, row),
        "sign_form": SignatureForm(**seen, prefix="sign"),
        "refusal_form": RefusalForm(**seen, prefix="refuse"),
    }
    context |= tender_head(request, row.claim.bid.tender, "waivers") | more
    return render(request, "bids/waivers/waiver.html", context, status=422 if more else 200)


@require_GET
def waiver(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them: what it excuses, who signed, and the signature that is missing."""
    return _page(request, _waiver(request, pk))


@require_POST
def waiver_sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign for security or as the approver, with the password."""
    row = _waiver(request, pk)
    rules.can_sign_waiver(request.user, row, timezone.localdate(request.now)).enforce()
    form = SignatureForm(request.POST, actor=request.user, prefix="sign")
    if not form.is_valid():
        return _page(request, row, sign_form=form)
    sign_waiver(actor=request.user, waiver=row, seen=form.cleaned_data["version"], now=request.now)
    return redirect("waiver", pk)


@require_POST
def waiver_refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Refuse it, with a reason."""
    row = _waiver(request, pk)
    rules.can_sign_waiver(request.user, row, timezone.localdate(request.now)).enforce()
    form = RefusalForm(request.POST, actor=request.user, prefix="refuse")
    if not form.is_valid():
        return _page(request, row, refusal_form=form)
    words = form.cleaned_data
    refuse_waiver(
        actor=request.user, waiver=row, reason=words["reason"], seen=words["version"], now=request.now
    )
    return redirect("waiver", pk)
