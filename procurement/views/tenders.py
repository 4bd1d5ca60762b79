"""The form of a draft."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from procurement import queries, rules
from procurement.actions.tenders import create_tender, edit_tender
from procurement.forms.tenders import TenderEntry
from procurement.models import Tender
from procurement.views.saving import attempt


@require_http_methods(["GET", "POST"])
def tender_new(request: HttpRequest) -> HttpResponse:
    """Start a draft."""
    rules.can_create_tender(request.user).enforce()
    entry = TenderEntry(request.POST or None, tender=Tender())
    if entry.is_valid():
        tender = attempt(entry, create_tender, actor=request.user, values=entry.columns(), now=request.now)
        if tender:
            messages.success(request, _("The draft is stored. Eight questions say what it has to ask."))
            return redirect("intake-answers", tender.pk)
    return render(request, "procurement/tender_form.html", {"entry": entry})


@require_http_methods(["GET", "POST"])
def tender_edit(request: HttpRequest, pk: str) -> HttpResponse:
    """Change a draft."""
    tender = get_object_or_404(queries.tenders_visible_to(request.user), pk=pk)
    rules.can_edit_tender(request.user, tender).enforce()
    entry = TenderEntry(request.POST or None, tender=tender)
    if entry.is_valid() and attempt(
        entry,
        edit_tender,
        actor=request.user,
        tender=tender,
        values=entry.columns(),
        seen=entry.seen,
        now=request.now,
    ):
        messages.success(request, _("The draft is stored."))
        return redirect("tender", pk)
    return render(request, "procurement/tender_form.html", {"entry": entry, "tender": tender})
