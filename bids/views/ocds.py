"""Open data: the release of a tender, our extension of the standard, and a draft out of a release."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from bids import ocds, rules
from bids.actions.releases import export_release, release_of
from bids.forms.ocds import ReleaseForm
from bids.imports.ocds import Wanted, store_release, try_release
from procurement.queries import tenders_visible_to
from procurement.views.imports import PATIENCE
from procurement.views.saving import said

from .head import tender_head

JSON = "application/json"
#: A dry run of more than this cannot wait on the page for its confirmation; the command takes it.
LONGEST_PLAN = 2_000_000


@require_GET
def open_data(request: HttpRequest, pk: str) -> HttpResponse:
    """What a release of the tender says now, and what it does not."""
    tender = get_object_or_404(tenders_visible_to(request.user), pk=pk)
    rules.can_export_release(request.user, tender).enforce()
    release = release_of(tender, request.now)
    context = {
        "release": release,
        "bids": release.get("bids"),
        "awards": release.get("awards"),
        "registered": settings.OCDS_PREFIX != "ocds-assay0",
        "preview": ocds.write(release),
    }
    return render(request, "bids/ocds/open_data.html", context | tender_head(request, tender, "ocds"))


@require_GET
def release_file(request: HttpRequest, pk: str) -> HttpResponse:
    """The release package as a file; taking it is an entry of the trail."""
    tender = get_object_or_404(tenders_visible_to(request.user), pk=pk)
    text = export_release(actor=request.user, tender=tender, now=request.now)
    response = HttpResponse(text, content_type=JSON)
    name = f"{tender.reference}-ocds.json"
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


@login_not_required
@require_safe
def extension_file(request: HttpRequest, document: str) -> HttpResponse:  # noqa: ARG001 - the same for all
    """A file of our extension, for everybody: readers of a release fetch it."""
    files = ocds.extension_files(settings.SITE_ADDRESS)
    if document not in files:
        raise Http404
    kind = JSON if document.endswith(".json") else "text/markdown; charset=utf-8"
    return HttpResponse(files[document], content_type=kind)


@require_http_methods(["GET", "POST"])
def release_import(request: HttpRequest) -> HttpResponse:
    """Upload, look at the dry run, confirm."""
    rules.can_import_release(request.user).enforce()
    if "plan" in request.POST:
        return _confirmed(request)
    form = ReleaseForm(request.POST or None, request.FILES or None)
    context = {"form": form}
    if form.is_valid():
        given = form.cleaned_data
        wanted = Wanted(given["reference"], given["ocid"], given["lot"])
        data = given["file"].read()
        outcome = try_release(actor=request.user, data=data, wanted=wanted, now=request.now)
        context |= {"outcome": outcome, "draft": outcome.draft, "file_name": given["file"].name}
        if not outcome.faults:
            context |= _planned(request, outcome.source, wanted)
    return render(request, "bids/ocds/import.html", context)


def _planned(request: HttpRequest, source: str, wanted: Wanted) -> dict[str, object]:
    """What was read, signed, so that the confirmation needs no second upload."""
    plan = signing.dumps(
        {"source": source, "reference": wanted.reference, "lot": wanted.lot},
        salt=_salt(request),
        compress=True,
    )
    return {"plan": plan} if len(plan) <= LONGEST_PLAN else {"too_long": True}


def _salt(request: HttpRequest) -> str:
    """A plan counts for one person."""
    return f"import-release:{request.user.pk}"


def _confirmed(request: HttpRequest) -> HttpResponse:
    """Store what the dry run showed."""
    try:
        plan = signing.loads(request.POST["plan"], salt=_salt(request), max_age=PATIENCE)
        tender = store_release(
            actor=request.user,
            data=plan["source"].encode(),
            wanted=Wanted(reference=plan["reference"], lot=plan["lot"]),
            now=request.now,
        )
    except signing.BadSignature:
        messages.error(request, _("The dry run is too old. Upload the file again."))
    except ValidationError as error:
        messages.error(request, said(error))
    else:
        messages.success(request, _("The draft is stored. Now write what it asks."))
        return redirect("tender", tender.pk)
    return redirect("ocds-import")
