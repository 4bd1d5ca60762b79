"""The blanks of a draft's requirements: the numbers and places that are the bank's to set."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from procurement import queries, rules
from procurement.actions.blanks import fill_blanks
from procurement.forms.intake import BlanksForm
from procurement.views.saving import attempt

from .head import tender_head


@require_http_methods(["GET", "POST"])
def blanks(request: HttpRequest, pk: str) -> HttpResponse:
    """Every blank that is left, with what is suggested for it."""
    tender = get_object_or_404(queries.tenders_visible_to(request.user), pk=pk)
    rules.can_edit_tender(request.user, tender).enforce()
    form = BlanksForm(request.POST or None, requirements=tender.requirements.all())
    if form.is_valid():
        filled = attempt(
            form, fill_blanks, actor=request.user, tender=tender, values=form.values, now=request.now
        )
        if filled is not None:
            text = ngettext("%(n)d blank is filled in.", "%(n)d blanks are filled in.", int(filled))
            messages.success(request, text % {"n": int(filled)})
            return redirect("tender", pk)
    context = {"form": form} | tender_head(request, tender, "tender")
    return render(request, "bids/intake/blanks.html", context, status=422 if form.is_bound else 200)
