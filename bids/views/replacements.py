"""Replacing an opening officer: proposed by name, agreed by two of those who open, with their passphrases."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bids import queries, rules
from bids.actions import replacing
from bids.actions.unlocking import WITHIN
from bids.forms.amendments import ReplacementForm
from bids.forms.keys import UnlockForm
from bids.models import OfficerReplacement
from procurement.models import Tender
from procurement.queries import tenders_visible_to
from procurement.views.saving import attempt

from .head import tender_head


def _tender(request: HttpRequest, pk: str) -> Tender:
    tender = get_object_or_404(tenders_visible_to(request.user), pk=pk)
    rules.can_propose_replacement(request.user, tender).enforce()
    return tender


def _page(request: HttpRequest, tender: Tender, status: int = 200, **forms: Any) -> HttpResponse:
    waiting = queries.waiting_replacement(tender)
    in_time = waiting is not None and waiting.first_at is not None and waiting.first_at > request.now - WITHIN
    context = {
        "standing": [(row, row.key.is_drilled(request.now)) for row in queries.standing_officers(tender)],
        "waiting": waiting,
        "until": waiting.first_at + WITHIN if in_time else None,
        "can_turn": waiting and rules.can_take_replacement_turn(request.user, waiting),
        "can_take_back": waiting and rules.can_take_back_replacement(request.user, waiting),
        "form": ReplacementForm(tender=tender),
        "turn_form": UnlockForm(actor=request.user),
    }
    context |= tender_head(request, tender, "tender") | forms
    return render(request, "bids/amendments/replacement.html", context, status=status)


@require_GET
def replacement(request: HttpRequest, pk: str) -> HttpResponse:
    """Who opens the bids, and who may come in for whom."""
    return _page(request, _tender(request, pk))


@require_POST
def replacement_propose(request: HttpRequest, pk: str) -> HttpResponse:
    """Propose who opens in whose place."""
    tender = _tender(request, pk)
    form = ReplacementForm(request.POST, tender=tender)
    if form.is_valid() and attempt(
        form,
        replacing.propose_replacement,
        actor=request.user,
        tender=tender,
        now=request.now,
        **form.cleaned_data,
    ):
        messages.success(request, _("It is proposed. Two of those who open agree to it now."))
        return redirect("replacement", pk)
    return _page(request, tender, 422, form=form)


def _replacement(request: HttpRequest, pk: int) -> OfficerReplacement:
    return get_object_or_404(queries.replacements_visible_to(request.user), pk=pk)


@require_POST
def replacement_turn(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree, with password and passphrase."""
    row = _replacement(request, pk)
    rules.can_take_replacement_turn(request.user, row).enforce()
    form = UnlockForm(request.POST, actor=request.user)
    if form.is_valid():
        typed = form.cleaned_data["passphrase"]
        done = attempt(
            form,
            replacing.agree_replacement,
            actor=request.user,
            replacement=row,
            typed=typed,
            now=request.now,
        )
        if done:
            messages.success(request, _("Your turn is on record."))
            return redirect("tender" if done.outcome else "replacement", row.tender_id)
    return _page(request, row.tender, 422, turn_form=form)


@require_POST
def replacement_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """End a proposal that was not agreed to."""
    row = _replacement(request, pk)
    replacing.take_back_replacement(actor=request.user, replacement=row, now=request.now)
    return redirect("replacement", row.tender_id)
