"""The award: an approver decides by name, on the figures in front of them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from bids import rules
from bids.actions.awards import award as decide
from bids.cases import evaluated
from bids.forms.decision import AwardForm
from procurement.queries import tenders_visible_to
from procurement.views.saving import attempt

from .decision import content_of, or_say_why, ranking_context
from .head import tender_head


@require_http_methods(["GET", "POST"])
@or_say_why
def award(request: HttpRequest, pk: str) -> HttpResponse:
    """Show both halves of the verdict once more, ask for the reason, and award."""
    tender = get_object_or_404(tenders_visible_to(request.user), pk=pk)
    rules.can_award(request.user, tender).enforce()
    case, result = evaluated(tender, now=request.now)
    form = AwardForm(request.POST or None, initial={"fingerprint": result.fingerprint})
    if request.method == "POST" and form.is_valid():
        reason, seen = form.cleaned_data["reason"], form.cleaned_data["fingerprint"]
        if attempt(
            form, decide, actor=request.user, tender=tender, reason=reason, seen=seen, now=request.now
        ):
            return redirect("decision", pk=pk)
    content = content_of(tender, case, result)
    context = {"tender": tender, "form": form, "result": result, "award": None}
    context |= ranking_context(request, tender, content) | tender_head(request, tender, "decision")
    return render(request, "bids/decision/award.html", context)
