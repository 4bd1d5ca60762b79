"""Writing the specification of a draft: many requirements at once, their order, and what is missing."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from procurement.actions.arranging import NewCriterion, edit_requirements, order_requirements
from procurement.forms.arranging import CommonForm
from procurement.models import Tender
from procurement.views.saving import attempt, said

from .builder_content import Content
from .head import tender_head
from .picking import draft_to_write


@require_safe
def builder(request: HttpRequest, pk: str) -> HttpResponse:
    """The requirements of a draft, to be chosen and moved; coverage; what asks for the same."""
    tender = draft_to_write(request, pk)
    return _page(request, tender, CommonForm(tender=tender))


def _page(request: HttpRequest, tender: Tender, form: CommonForm) -> HttpResponse:
    context = {"content": Content(tender), "form": form, "chosen": request.POST.getlist("rows")}
    context |= tender_head(request, tender, "tender")
    return render(request, "bids/builder/builder.html", context, status=422 if form.is_bound else 200)


def _numbers(texts: list[str]) -> list[int]:
    """Keys out of a form; what is no number is none of them."""
    return [int(text) for text in texts if text.isdecimal() and len(text) < 19]


@require_POST
def requirements_edit(request: HttpRequest, pk: str) -> HttpResponse:
    """Give the chosen requirements the same values."""
    tender = draft_to_write(request, pk)
    form = CommonForm(request.POST, tender=tender)
    if form.is_valid():
        keys = _numbers(request.POST.getlist("rows"))
        seen = {key: next(iter(_numbers([request.POST.get(f"version-{key}", "")])), 0) for key in keys}
        made = NewCriterion(**form.new_criterion) if form.new_criterion else None
        data = {"seen": seen, "values": form.values, "criterion": made, "now": request.now}
        changed = attempt(form, edit_requirements, actor=request.user, tender=tender, **data)
        if changed is not None:
            number = int(changed) if changed is not True else 0
            text = ngettext("%(n)d requirement is changed.", "%(n)d requirements are changed.", number)
            messages.success(request, text % {"n": number})
            return redirect("builder", pk)
    return _page(request, tender, form)


@require_POST
def requirements_order(request: HttpRequest, pk: str) -> HttpResponse:
    """Store a whole new order, or the one on screen with a row moved one place (`move` is "key:up")."""
    tender = draft_to_write(request, pk)
    seen = _numbers(request.POST.get("seen", "").split(","))
    order = _numbers(request.POST.get("order", "").split(","))
    key, _sign, direction = request.POST.get("move", "").partition(":")
    if key:
        order = _moved(seen, key, -1 if direction == "up" else 1)
    try:
        order_requirements(actor=request.user, tender=tender, seen=seen, order=order, now=request.now)
    except ValidationError as error:
        messages.error(request, said(error))
    return redirect(reverse("builder", args=[pk]) + (f"#row-{key}" if key else ""))


def _moved(seen: list[int], key: str, by: int) -> list[int]:
    """The order with one row a place further up or down; the same at the ends of the list."""
    order = list(seen)
    for here, row in enumerate(seen):
        there = here + by
        if str(row) == key and 0 <= there < len(order):
            order[here], order[there] = order[there], order[here]
    return order
