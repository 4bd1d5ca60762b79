"""Resolutions: the minutes of the panel's decisions, dissent, and rounds of evaluation that ended."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bids import queries, rules
from bids.actions.resolutions import Matter, Meeting, dissent, resolve
from bids.actions.rounds import export_round
from bids.cases import case_document
from bids.choices import ResolutionKind
from bids.forms.resolutions import DissentForm, ResolutionForm
from bids.models import Bid, Resolution
from procurement.models import Criterion, Tender
from procurement.queries import tenders_visible_to
from procurement.views.saving import attempt

from .difference_detail import resolution_form
from .differences import differences_page
from .head import tender_head
from .resolutions_content import FrozenRound, ResolutionsContent

#: A decision on the tender as a whole, whatever page it was entered on.
_OF_THE_TENDER = (ResolutionKind.LOTS, ResolutionKind.NO_AWARD)

#: What is decided here; the recommendation belongs to the award.
_DECIDED = [kind for kind in ResolutionKind if kind != ResolutionKind.RECOMMEND]


def minutes_of(request: HttpRequest, pk: str) -> Tender:
    """The tender whose minutes the person may read now."""
    tender = get_object_or_404(tenders_visible_to(request.user), pk=pk)
    rules.can_read_resolutions(request.user, tender).enforce()
    return tender


def _page(request: HttpRequest, tender: Tender, **forms: Any) -> HttpResponse:
    context = {"content": ResolutionsContent(request.user, tender, request.now, forms)}
    context |= tender_head(request, tender, "resolutions")
    return render(request, "bids/resolutions/resolutions.html", context, status=422 if forms else 200)


@require_GET
def resolutions(request: HttpRequest, pk: str) -> HttpResponse:
    """Every resolution with its votes, reasons and dissent; rounds; lots."""
    return _page(request, minutes_of(request, pk))


@require_POST
def resolution_new(request: HttpRequest, pk: str) -> HttpResponse:
    """Record what the panel decided about an item, a bid or the tender."""
    tender = minutes_of(request, pk)
    kinds = _kinds(request, tender)
    kind = request.POST.get("kind", "")
    if kind not in kinds:
        rules.can_resolve(request.user, tender, kind if kind in _DECIDED else _DECIDED[-1]).enforce()
    criterion, bid = _matter(request, tender)
    form = resolution_form(request.user, tender, kinds, data=request.POST, criterion=criterion, bid=bid)
    if form.is_valid():
        made = attempt(form, resolve, actor=request.user, tender=tender, now=request.now, **_said(form))
        if made:
            messages.success(request, _("%(resolution)s is on record.") % {"resolution": made})
            return redirect(reverse("resolutions", args=[pk]) + f"#res-{made.number}")
    if bid is None:
        return _page(request, tender, resolution=form)
    chosen = str(criterion.pk) if criterion else "", str(bid.pk)
    return differences_page(request, tender, chosen, resolution=form)


def _matter(request: HttpRequest, tender: Tender) -> tuple[Criterion | None, Bid | None]:
    """The criterion and the bid that were on screen."""
    bids = queries.bids_visible_to(request.user).filter(tender=tender)
    criterion, bid = request.POST.get("criterion"), request.POST.get("bid")
    try:
        return (
            get_object_or_404(tender.criteria, pk=criterion) if criterion else None,
            get_object_or_404(bids, pk=bid) if bid else None,
        )
    except (ValidationError, ValueError) as fault:  # no key at all
        raise Http404 from fault


def _kinds(request: HttpRequest, tender: Tender) -> list[str]:
    """What can be decided now."""
    return [kind for kind in _DECIDED if rules.can_resolve(request.user, tender, kind)]


def _said(form: ResolutionForm) -> dict[str, Any]:
    """What the action wants to know; a decision on the whole tender is about no item."""
    words = form.cleaned_data
    of_item = words["kind"] not in _OF_THE_TENDER
    matter = Matter(
        kind=words["kind"],
        criterion=words["criterion"] if of_item else None,
        bid=words["bid"] if of_item else None,
        seat=words["seat"] if words["kind"] == ResolutionKind.REMOVE else None,
        mark=words["mark"],
        replaces=words["replaces"],
        again=list(words["again"]),
    )
    meeting = Meeting(list(words["present"]), words["in_favour"], words["against"], words["reason"])
    return {"matter": matter, "meeting": meeting, "seen": words["seen"]}


@require_POST
def dissent_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a differing opinion to a resolution."""
    row: Resolution = get_object_or_404(queries.resolutions_visible_to(request.user), pk=pk)
    rules.can_dissent(request.user, row).enforce()
    form = DissentForm(request.POST, auto_id=f"id_{row.number}_%s")
    if form.is_valid() and attempt(
        form, dissent, actor=request.user, resolution=row, now=request.now, **form.cleaned_data
    ):
        messages.success(request, _("Your differing opinion is on record."))
        return redirect(reverse("resolutions", args=[row.tender_id]) + f"#res-{row.number}")
    return _page(request, row.tender, dissent=(row.pk, form))


@require_GET
def round_page(request: HttpRequest, pk: str, number: int) -> HttpResponse:
    """Case and result of an earlier round, with what became of its marks."""
    tender = minutes_of(request, pk)
    row = get_object_or_404(queries.rounds_visible_to(request.user), tender=tender, number=number + 1)
    current = None
    if rules.can_read_differences(request.user, tender):
        current = case_document(tender, now=request.now, round_number=row.number)
    context = {"ended": FrozenRound(row, current)} | tender_head(request, tender, "resolutions")
    return render(request, "bids/resolutions/round.html", context)


@require_GET
def round_file(request: HttpRequest, pk: str, number: int, kind: str) -> HttpResponse:
    """The frozen case file or result file of an earlier round."""
    tender = minutes_of(request, pk)
    if kind not in {"case", "result"}:
        raise Http404
    get_object_or_404(queries.rounds_visible_to(request.user), tender=tender, number=number + 1)
    document = export_round(actor=request.user, tender=tender, number=number, kind=kind, now=request.now)
    response = JsonResponse(document, json_dumps_params={"ensure_ascii": False, "indent": 1})
    name = f"{tender.reference}.round-{number}.{kind}.json"
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response
