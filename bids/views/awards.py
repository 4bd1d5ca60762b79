"""From the ranking to the award: the panel's recommendation, the sides' approvals, the decision by name."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bids import queries, rules
from bids.actions.approvals import approve as sign
from bids.actions.approvals import refuse_award
from bids.actions.awards import Words, recommend
from bids.actions.awards import award as decide
from bids.actions.rankings import rankings_of
from bids.actions.resolutions import Meeting
from bids.forms.awards import ApprovalForm, AwardForm, RecommendationForm
from procurement.models import Tender
from procurement.queries import tenders_visible_to
from procurement.views.saving import attempt

from .awards_content import Progress
from .decision import or_say_why
from .head import tender_head


@require_http_methods(["GET", "POST"])
@or_say_why
def recommendation(request: HttpRequest, pk: str) -> HttpResponse:
    """Record which bid the panel recommends, with votes and reasons."""
    tender = get_object_or_404(tenders_visible_to(request.user), pk=pk)
    rules.can_recommend(request.user, tender).enforce()
    form = _recommendation_form(request, tender)
    if form.is_valid():
        words = form.cleaned_data
        meeting = Meeting(list(words["present"]), words["in_favour"], words["against"], words["reason"])
        told = {name: words[name] for name in ("bid", "benefits", "seen")} | {"discussed": form.was_discussed}
        row = attempt(
            form, recommend, actor=request.user, tender=tender, meeting=meeting, now=request.now, **told
        )
        if row:
            messages.success(
                request, _("The recommendation is on record as %(resolution)s.") % {"resolution": row}
            )
            return redirect("decision", pk=pk)
    return _page(request, tender, "recommendation", form)


def _recommendation_form(request: HttpRequest, tender: Tender) -> RecommendationForm:
    rankings = rankings_of(tender, request.now)
    bids = tender.bids.filter(vendor__name__in=rankings.vendors()).select_related("vendor")
    voters = [seat for seat in queries.electorate(tender, None) if seat.present]
    first = bids.filter(vendor__name=rankings.as_scored.result.winner).first()
    initial = {"seen": rankings.fingerprint, "bid": first, "present": voters}
    return RecommendationForm(request.POST or None, bids=bids, voters=voters, initial=initial)


@require_http_methods(["GET", "POST"])
@or_say_why
def approve(request: HttpRequest, pk: str) -> HttpResponse:
    """Approve the recommendation for one's side, or refuse it."""
    tender = get_object_or_404(tenders_visible_to(request.user), pk=pk)
    progress = Progress(request.user, tender, request.now)
    rules.can_approve(request.user, tender, request.now, progress.fingerprint).enforce()
    seen = {"seen": progress.fingerprint}
    form = ApprovalForm(request.POST or None, actor=request.user, initial=seen)
    if form.is_valid():
        words = {"reason": form.cleaned_data["reason"], "seen": form.cleaned_data["seen"]}
        words["approved"] = form.agrees
        if attempt(form, sign, actor=request.user, tender=tender, now=request.now, **words):
            messages.success(request, _("Your signature is on record."))
            return redirect("decision", pk=pk)
    return _page(request, tender, "approval", form, progress=progress)


@require_http_methods(["GET", "POST"])
@or_say_why
def award(request: HttpRequest, pk: str) -> HttpResponse:
    """Award by name, or refuse."""
    tender = get_object_or_404(tenders_visible_to(request.user), pk=pk)
    progress = Progress(request.user, tender, request.now)
    rules.can_award(request.user, tender, request.now, progress.fingerprint).enforce()
    form = _award_form(request, progress)
    if form.is_valid() and _decided(request, tender, form):
        return redirect("decision", pk=pk)
    return _page(request, tender, "award", form, progress=progress)


def _award_form(request: HttpRequest, progress: Progress) -> AwardForm:
    choice, resolution = progress.choice, progress.resolution
    words = {"seen": progress.fingerprint, "benefits": resolution.recommendation.benefits}
    return AwardForm(
        request.POST or None,
        actor=request.user,
        initial=words,
        costs_more=choice is not None and choice.costs_more,
        departs=choice is not None and not choice.is_first,
    )


def _decided(request: HttpRequest, tender: Tender, form: AwardForm) -> Any:
    """What the action gave back, None when it refused."""
    told = {"actor": request.user, "tender": tender, "now": request.now, "seen": form.cleaned_data["seen"]}
    reason = form.cleaned_data["reason"]
    if not form.agrees:
        return attempt(form, refuse_award, reason=reason, **told)
    words = Words(reason, form.cleaned_data.get("benefits", ""), form.cleaned_data.get("departure", ""))
    return attempt(form, decide, words=words, **told)


def _page(request: HttpRequest, tender: Tender, name: str, form: Any, **more: Any) -> HttpResponse:
    context = {"tender": tender, "form": form} | tender_head(request, tender, "decision") | more
    context.setdefault("progress", Progress(request.user, tender, request.now))
    return render(request, f"bids/award/{name}.html", context, status=422 if form.is_bound else 200)
