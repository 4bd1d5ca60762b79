"""The weights of a draft's criteria in one form, with what they come to while they are typed."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from procurement.actions.weighing import give_anchors, set_weights
from procurement.forms.weighing import WeightsForm
from procurement.models import Tender
from procurement.models.fields import plain
from procurement.views.saving import attempt, said

from .head import tender_head
from .picking import draft_to_write
from .weights_content import points_of, spread_in


@require_http_methods(["GET", "POST"])
def weights(request: HttpRequest, pk: str) -> HttpResponse:
    """Type, spread, look, and store."""
    tender = draft_to_write(request, pk)
    form = WeightsForm(request.POST or None, criteria=tender.criteria.all())
    if {"even", "left"} & request.POST.keys():
        return _page(request, tender, _filled(request, form), 200)
    if "show" not in request.POST and form.is_valid():
        data = {"weights": form.weights, "seen": form.seen, "now": request.now}
        if attempt(form, set_weights, actor=request.user, tender=tender, **data):
            return redirect("weights", pk)
    return _page(request, tender, form, 422 if form.is_bound and form.errors else 200)


def _page(request: HttpRequest, tender: Tender, form: WeightsForm, status: int) -> HttpResponse:
    context = {"form": form, "sums": points_of(form, tender.total_points)}
    context |= tender_head(request, tender, "tender")
    return render(request, "bids/builder/weights.html", context, status=status)


def _filled(request: HttpRequest, form: WeightsForm) -> WeightsForm:
    """The form as typed, with the weights of one group spread. Nothing is stored."""
    data = request.POST.copy()
    only_empty = "left" in data
    wanted = data["left" if only_empty else "even"]
    for group in form.groups:
        if str(group.key) == wanted:
            try:
                filled = spread_in(form, group, only_empty=only_empty)
            except ValidationError as error:
                messages.error(request, said(error))
                filled = {}
            for key, weight in filled.items():
                data[f"weight-{key}"] = plain(weight)
    return WeightsForm(data, criteria=form.rows.values())


@require_safe
def weights_shown(request: HttpRequest, pk: str) -> HttpResponse:
    """What the typed weights come to. Nothing is stored."""
    tender = draft_to_write(request, pk)
    form = WeightsForm(request.GET, criteria=tender.criteria.all())
    context = {"sums": points_of(form, tender.total_points), "tender": tender}
    return render(request, "bids/builder/_points.html", context)


@require_POST
def anchors_give(request: HttpRequest, pk: str) -> HttpResponse:
    """Give scales without words the usual ones."""
    tender = draft_to_write(request, pk)
    number = give_anchors(actor=request.user, tender=tender, now=request.now)
    text = ngettext(
        "%(n)d criterion has words for its marks now.",
        "%(n)d criteria have words for their marks now.",
        number,
    )
    messages.success(request, text % {"n": number})
    return redirect("weights", pk)
