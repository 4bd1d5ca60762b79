"""Lots: drawn in the open, or by a seed that anybody can draw again."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bids import queries, rules
from bids.actions.lots import announce_seed, draw_by_seed, draw_in_the_open
from bids.choices import ResolutionKind
from bids.evaluation.lots import ticket
from bids.forms.resolutions import DrawForm, SeedForm, SourceForm
from bids.models import LotDraw
from procurement.models import Tender
from procurement.views.saving import attempt

from .head import tender_head
from .resolutions import minutes_of
from .resolutions_content import ResolutionsContent


def _page(request: HttpRequest, tender: Tender, **forms: Any) -> HttpResponse:
    content = ResolutionsContent(request.user, tender, request.now)
    context = {
        "content": content,
        "draws": [{"row": draw, "tickets": _tickets(tender, draw)} for draw in content.draws],
        "draw_form": DrawForm(initial={"order": "\n".join(content.tied)}),
        "source_form": SourceForm(),
        "seed_form": SeedForm(),
    }
    context |= tender_head(request, tender, "resolutions") | forms
    return render(request, "bids/resolutions/lots.html", context, status=422 if forms else 200)


def _tickets(tender: Tender, draw: LotDraw) -> list[tuple[str, str]]:
    """The vendors in the order in which they were drawn, each with the ticket that a seed gave."""
    return [
        (vendor, ticket(draw.seed, tender.reference, vendor) if draw.seed else "") for vendor in draw.order
    ]


@require_GET
def lots(request: HttpRequest, pk: str) -> HttpResponse:
    """What lots were drawn and how, and how anybody can draw them again."""
    return _page(request, minutes_of(request, pk))


def _step(
    request: HttpRequest, tender: Tender, name: str, form: forms.Form, action: Callable[..., Any], **more: Any
) -> HttpResponse:
    """Take a step of the drawing, or show what stands in its way."""
    rules.can_resolve(request.user, tender, ResolutionKind.LOTS).enforce()
    arguments = {"actor": request.user, "tender": tender, "now": request.now} | more
    if form.is_valid() and attempt(form, action, **arguments, **form.cleaned_data):
        messages.success(request, _("The drawing of lots is on record."))
        return redirect("lots", pk=tender.pk)
    return _page(request, tender, **{name: form})


@require_POST
def lots_draw(request: HttpRequest, pk: str) -> HttpResponse:
    """Record lots that were drawn in the open."""
    return _step(request, minutes_of(request, pk), "draw_form", DrawForm(request.POST), draw_in_the_open)


@require_POST
def lots_announce(request: HttpRequest, pk: str) -> HttpResponse:
    """Say where the seed will come from."""
    return _step(request, minutes_of(request, pk), "source_form", SourceForm(request.POST), announce_seed)


@require_POST
def lots_seed(request: HttpRequest, pk: str, draw: int) -> HttpResponse:
    """Enter the seed; the order follows from it."""
    tender = minutes_of(request, pk)
    row = get_object_or_404(queries.lot_draws_visible_to(request.user), pk=draw, tender=tender)
    return _step(request, tender, "seed_form", SeedForm(request.POST), draw_by_seed, draw=row)
