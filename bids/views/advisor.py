"""The formula advisor of a draft: dummy bids under the rules as they stand, before vendors see them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from bids.cases import specification_document
from bids.evaluation import Refused
from bids.evaluation.advisor import advise, ground_of, plausible
from bids.forms.advisor import AdvisorForm
from bids.views.advisor_content import Content, faults_of, reminders_of
from bids.views.head import tender_head
from procurement import rules
from procurement.choices import Stage
from procurement.models import Tender
from procurement.queries import specifications_visible_to, tenders_visible_to

#: What only those who may know of the tender are told; others who read the specification are not.
INSIDE = ("reserve_price", "low_price")


@require_safe
def advisor(request: HttpRequest, pk: str) -> HttpResponse:
    """How the draft's method, weights and price formula treat three dummy bids."""
    row = get_object_or_404(specifications_visible_to(request.user).filter(stage=Stage.DRAFT), pk=pk)
    context, status = _context(request, row)
    context |= tender_head(request, row, "advisor")
    return render(request, "bids/advisor/advisor.html", context, status=status)


def _context(request: HttpRequest, row: Tender) -> tuple[dict[str, object], int]:
    """The form, and the advice where form and draft allow one; the status that says so."""
    document = specification_document(row)
    if not tenders_visible_to(request.user).filter(pk=row.pk).exists():
        document |= dict.fromkeys(INSIDE)
    try:
        ground = ground_of(document)
    except Refused as refusal:
        return {"faults": faults_of(refusal), "can_edit": rules.can_edit_tender(request.user, row)}, 200
    form = AdvisorForm(request.GET, plausible(ground))
    context: dict[str, object] = {"form": form, "reminders": reminders_of(document, ground)}
    if not form.is_valid():
        return context, 422
    asked = form.asked()
    advice = advise(ground, asked, row.profile)
    titles = {leaf.code: leaf.shown_title for leaf in row.criteria.all()}
    return context | {"content": Content(ground, asked, advice, titles), "curve": advice.curve}, 200
