"""Differences: the agenda of the panel's meeting, largest first, and members' corrections."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bids import queries, rules
from bids.actions.differences import correct_mark
from bids.cases import sentence
from bids.evaluation import Refused
from bids.forms.resolutions import CorrectionForm
from bids.models import Mark
from procurement.models import Tender
from procurement.queries import tenders_visible_to
from procurement.views.saving import attempt

from .difference_detail import DifferenceDetail
from .differences_content import DifferencesContent
from .head import tender_head


def differences_of(request: HttpRequest, pk: str) -> Tender:
    """The tender whose differences the person may read now."""
    tender = get_object_or_404(tenders_visible_to(request.user), pk=pk)
    rules.can_read_differences(request.user, tender).enforce()
    return tender


def differences_page(
    request: HttpRequest, tender: Tender, chosen: tuple[str, str], **forms: Any
) -> HttpResponse:
    """The list and the open item; the region alone is answered where a script asked."""
    context: dict[str, Any] = {"tender": tender, "everything": request.GET.get("show") == "all"}
    region = request.htmx and not forms
    try:
        content = DifferencesContent(
            request.user, tender, request.now, chosen, everything=context["everything"]
        )
        context |= {"content": content, "detail": DifferenceDetail(content, forms), "announced": region}
    except Refused as refusal:
        context["refused"] = [(i.path, sentence(i.template, i.params)) for i in refusal.issues]
    if not region:
        context |= tender_head(request, tender, "differences")
    template = "bids/differences/_region.html" if region else "bids/differences/differences.html"
    return render(request, template, context, status=422 if forms else 200)


@require_GET
def differences(request: HttpRequest, pk: str) -> HttpResponse:
    """Where members and units are apart, and what was done about it."""
    chosen = request.GET.get("criterion", ""), request.GET.get("bid", "")
    return differences_page(request, differences_of(request, pk), chosen)


@require_POST
def mark_correct(request: HttpRequest, pk: str, mark: int) -> HttpResponse:
    """Correct an own mark, with a reason."""
    tender = differences_of(request, pk)
    bids = queries.bids_visible_to(request.user).filter(tender=tender)
    row = get_object_or_404(Mark.objects.select_related("criterion__tender"), pk=mark, bid__in=bids)
    rules.can_correct(request.user, row).enforce()
    chosen = str(row.criterion_id), str(row.bid_id)
    form = CorrectionForm(request.POST, auto_id="id_correct_%s")
    if form.is_valid() and attempt(
        form, correct_mark, actor=request.user, mark=row, now=request.now, **form.cleaned_data
    ):
        messages.success(request, _("Your mark is corrected. The original stays beside it."))
        return redirect(reverse("differences", args=[pk]) + f"?criterion={chosen[0]}&bid={chosen[1]}#detail")
    return differences_page(request, tender, chosen, correction=form)
