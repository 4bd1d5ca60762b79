"""Bidders that have something in common, for those who keep the papers."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bids import rules
from bids.actions.relations import trace_files
from bids.queries.relations import compared
from bids.sealing.refusals import KeyUnavailable
from procurement.queries import tenders_visible_to

from .head import tender_head

#: Seconds that one request looks into files for.
STRETCH = 15.0


@require_GET
def relations(request: HttpRequest, pk: str) -> HttpResponse:
    """What bidders share. Nobody is rejected by it."""
    tender = get_object_or_404(tenders_visible_to(request.user), pk=pk)
    rules.can_read_relations(request.user, tender).enforce()
    context = {"found": compared(tender), "can_trace": rules.can_trace_files(request.user, tender)}
    return render(request, "bids/opening/relations.html", context | tender_head(request, tender, "opening"))


@require_POST
def relations_trace(request: HttpRequest, pk: str) -> HttpResponse:
    """Look into the files that nobody has looked into."""
    tender = get_object_or_404(tenders_visible_to(request.user), pk=pk)
    try:
        left = trace_files(actor=request.user, tender=tender, now=request.now, seconds=STRETCH)
    except KeyUnavailable:
        messages.error(request, _("The files cannot be opened: the system key is away."))
    else:
        if left:
            messages.info(request, _("%(n)d files are left: go on.") % {"n": left})
    return redirect("relations", tender.pk)
