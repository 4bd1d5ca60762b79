"""Naming another approver where nobody named can answer any more."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bids import rules
from bids.actions.approvers import name_approver
from bids.forms.approvers import ApproverForm
from procurement.queries import tenders_visible_to
from procurement.views.saving import attempt

from .head import tender_head


@require_http_methods(["GET", "POST"])
def approver_name(request: HttpRequest, pk: str) -> HttpResponse:
    """Name another approver, with a reason."""
    tender = get_object_or_404(tenders_visible_to(request.user), pk=pk)
    rules.can_name_approver(request.user, tender).enforce()
    form = ApproverForm(request.POST or None, actor=request.user)
    if form.is_valid():
        named = attempt(
            form, name_approver, actor=request.user, tender=tender, now=request.now, **form.arguments
        )
        if named:
            messages.success(
                request, _("%(name)s is the approver of this tender now.") % {"name": named.approver}
            )
            return redirect("tender-objections", pk=pk)
    context = {"form": form} | tender_head(request, tender, "tender-objections")
    return render(request, "bids/objections/approver.html", context, status=422 if form.is_bound else 200)
