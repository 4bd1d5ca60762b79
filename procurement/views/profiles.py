"""A specification as an OSCAL profile: the file, and the way back with a dry run."""

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from procurement import queries, rules
from procurement.actions.profiles import Outcome, profile_of, store_profile, try_profile
from procurement.forms.profiles import ProfileForm
from procurement.models import Tender
from procurement.views.imports import PATIENCE
from procurement.views.saving import said


@require_safe
def profile_file(request: HttpRequest, pk: str) -> HttpResponse:
    """The requirements of a tender as an OSCAL profile."""
    tender = get_object_or_404(queries.tenders_visible_to(request.user), pk=pk)
    rules.can_create_tender(request.user).enforce()
    response = HttpResponse(profile_of(tender, request.now), content_type="application/json")
    name = f"{tender.reference}-profile.json"
    response.headers["Content-Disposition"] = content_disposition_header(True, name)
    return response


@require_http_methods(["GET", "POST"])
def profile_import(request: HttpRequest, pk: str) -> HttpResponse:
    """Upload a profile, look at the dry run, confirm."""
    tender = get_object_or_404(queries.tenders_visible_to(request.user), pk=pk)
    rules.can_edit_tender(request.user, tender).enforce()
    if "plan" in request.POST:
        return _confirmed(request, tender)
    form = ProfileForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"tender": tender, "form": form}
    if form.is_valid():
        data = form.cleaned_data["file"].read()
        outcome = try_profile(actor=request.user, tender=tender, data=data)
        context |= {"outcome": outcome, "file_name": form.cleaned_data["file"].name}
        if outcome.lines and not outcome.faults:
            context["plan"] = _sealed(request, tender, data, outcome)
    return render(request, "procurement/profile.html", context)


def _salt(request: HttpRequest, tender: Tender) -> str:
    """A plan counts for one person and one tender."""
    return f"profile:{request.user.pk}:{tender.pk}"


def _sealed(request: HttpRequest, tender: Tender, data: bytes, outcome: Outcome) -> str:
    """The file and what it brings, signed, so that the confirmation needs no second upload."""
    plan = {"data": data.decode("utf-8-sig"), "lines": [asdict(line) for line in outcome.lines]}
    return signing.dumps(plan, salt=_salt(request, tender), compress=True)


def _confirmed(request: HttpRequest, tender: Tender) -> HttpResponse:
    """Store what the dry run showed."""
    try:
        plan = signing.loads(request.POST["plan"], salt=_salt(request, tender), max_age=PATIENCE)
    except signing.BadSignature:
        messages.error(request, _("The dry run is too old. Upload the file again."))
        return redirect("profile-import", tender.pk)
    given = {"data": plan["data"].encode(), "expected": plan["lines"], "now": request.now}
    try:
        store_profile(actor=request.user, tender=tender, **given)
        messages.success(request, _("Imported."))
    except ValidationError as error:
        messages.error(request, said(error))
        return redirect("profile-import", tender.pk)
    return redirect("tender", tender.pk)
