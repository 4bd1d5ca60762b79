"""Picking requirements out of the catalogues and the baseline into a draft."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from procurement import queries, rules
from procurement.actions.picking import Choice, Picked, pick
from procurement.forms.picking import PickForm
from procurement.models import Tender
from procurement.views.lists import page_of
from procurement.views.saving import attempt

from .head import tender_head
from .picking_content import Draft, Found, picking_filters


def draft_to_write(request: HttpRequest, pk: str) -> Tender:
    """A draft that this person may write, else 404 or 403."""
    tender = get_object_or_404(queries.tenders_visible_to(request.user), pk=pk)
    rules.can_edit_tender(request.user, tender).enforce()
    return tender


@require_http_methods(["GET", "POST"])
def requirements_pick(request: HttpRequest, pk: str) -> HttpResponse:
    """Search, choose, and add at once."""
    tender = draft_to_write(request, pk)
    filters = picking_filters(request.user, request.GET)
    found = Found(request.user, filters, Draft(tender.requirements.all()))
    form = PickForm(request.POST if request.method == "POST" else None, tender=tender)
    if form.is_valid():
        keys = found.keys() if "all" in request.POST else request.POST.getlist("picks")
        choice = Choice(**form.cleaned_data)
        data = {"keys": keys, "choice": choice, "now": request.now}
        picked = attempt(form, pick, actor=request.user, tender=tender, **data)
        if picked is not None:
            _tell(request, picked)
            return redirect(_again(request))
    context = {"filters": filters, "page": page_of(request, found), "form": form}
    context |= {"chosen": request.POST.getlist("picks"), "standing": tender.requirements.count()}
    context |= tender_head(request, tender, "tender")
    return render(request, "bids/builder/pick.html", context, status=422 if form.is_bound else 200)


def _tell(request: HttpRequest, picked: Picked) -> None:
    """How many came in, and how many were there."""
    number = len(picked.added)
    text = ngettext("%(n)d requirement is added.", "%(n)d requirements are added.", number) % {"n": number}
    if picked.there:
        there = ngettext("%(n)d was there already.", "%(n)d were there already.", picked.there)
        text += " " + there % {"n": picked.there}
    messages.success(request, text)


def _again(request: HttpRequest) -> str:
    """The same search again."""
    query = QueryDict(request.META["QUERY_STRING"]).urlencode()
    return f"{request.path}?{query}" if query else request.path
