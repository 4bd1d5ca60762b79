"""Catalogues: the list, one of them, an upload with its dry run, and what a newer edition changes."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from procurement import queries, rules
from procurement.actions import catalogues as steps
from procurement.catalogues import Catalogue as Read
from procurement.catalogues import Kind, Unreadable, report_on, template
from procurement.catalogues.baseline import LANGUAGES, as_catalogue
from procurement.catalogues.difference import compare
from procurement.choices import EntryKind
from procurement.forms.catalogues import CatalogueFilters, EntryFilters, UploadForm
from procurement.models import Catalogue, CatalogueUpload
from procurement.views.lists import page_of
from procurement.views.saving import attempt, said

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def catalogues(request: HttpRequest) -> HttpResponse:
    """The catalogues that are stored."""
    rules.can_read_catalogues(request.user).enforce()
    stored = queries.catalogues_visible_to(request.user)
    languages = stored.order_by("language").values_list("language", flat=True).distinct()
    filters = CatalogueFilters(request.GET, languages=languages)
    found = stored.called(filters.value("q"), filters.value("language"))
    asked = Count("entries", filter=Q(entries__kind=EntryKind.ASSESSABLE))
    context = {
        "page": page_of(request, found.annotate(asked=asked).order_by(*Catalogue._meta.ordering)),
        "filters": filters,
        "can_load": rules.can_load_catalogues(request.user),
    }
    return render(request, "procurement/catalogues/catalogues.html", context)


def _catalogue(request: HttpRequest, pk: int) -> Catalogue:
    rules.can_read_catalogues(request.user).enforce()
    return get_object_or_404(queries.catalogues_visible_to(request.user), pk=pk)


@require_safe
def catalogue(request: HttpRequest, pk: int) -> HttpResponse:
    """One catalogue: what it is, and its rows."""
    row = _catalogue(request, pk)
    families = row.families
    filters = EntryFilters(request.GET, levels=row.scheme.levels, families=families)
    chosen = {name: filters.value(name) for name in filters.fields}
    page = page_of(request, row.entries.narrowed(row.scheme, **chosen))
    context = {
        "catalogue": row,
        "page": page,
        "filters": filters,
        "facts": _facts(row),
        "families": dict(families),
        "others": row.other_editions,
    }
    return render(request, "procurement/catalogues/catalogue.html", context)


def _facts(row: Catalogue) -> dict[str, Any]:
    """Counts of a stored catalogue, as a dry run has them."""
    counts = {kind.value: 0 for kind in EntryKind} | dict(
        row.entries.order_by().values_list("kind").annotate(count=Count("pk"))
    )
    levels = [
        (level, row.entries.exclude(kind=EntryKind.WITHDRAWN).asked_by(row.scheme, level.name).count())
        for level in row.scheme.levels
    ]
    remarks = [_(sentence) % params for sentence, params in row.remarks]
    return {"counts": counts, "levels": levels, "remarks": remarks}


@require_safe
def catalogue_difference(request: HttpRequest, pk: int, other: int) -> HttpResponse:
    """What the first catalogue changes against the second, of the same code."""
    after = _catalogue(request, pk)
    before = get_object_or_404(after.other_editions, pk=other)
    difference = compare(
        [entry.as_read() for entry in before.entries.all()],
        [entry.as_read() for entry in after.entries.all()],
    )
    context = {
        "before": before,
        "after": after,
        "difference": difference,
        "page": page_of(request, difference.changed),
        "can_load": rules.can_load_catalogues(request.user),
    }
    return render(request, "procurement/catalogues/difference.html", context)


# --- bringing one in ---------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def catalogue_new(request: HttpRequest) -> HttpResponse:
    """Hand in the file of a catalogue."""
    rules.can_load_catalogues(request.user).enforce()
    form = UploadForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        given = {"files": form.cleaned_data["files"], "naming": form.naming}
        if attempt(form, steps.keep_upload, actor=request.user, now=request.now, **given):
            return redirect("catalogue-upload")
    baseline = queries.catalogues_visible_to(request.user).filter(code=as_catalogue(LANGUAGES[0]).code)
    context = {"form": form, "has_baseline": baseline.exists()}
    return render(request, "procurement/catalogues/new.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def catalogue_upload(request: HttpRequest) -> HttpResponse:
    """The dry run of what the person handed in, and its confirmation."""
    rules.can_load_catalogues(request.user).enforce()
    upload = CatalogueUpload.objects.filter(uploader=request.user).first()
    if upload is None:
        messages.info(request, _("Nothing waits to be loaded. Choose a file."))
        return redirect("catalogue-new")
    if request.method == "POST":
        return _loaded(request, upload)
    try:
        read = steps.read_files(steps.unpacked(bytes(upload.files)), upload.naming)
    except Unreadable as refusal:
        messages.error(request, steps.sentence(refusal))
        return redirect("catalogue-new")
    known = queries.catalogues_visible_to(request.user).filter(code=read.code).order_by("-loaded_at")
    context = _dry_run(read) | {"known": known}
    return render(request, "procurement/catalogues/upload.html", context)


def _dry_run(read: Read) -> dict[str, Any]:
    """What the dry run of a file tells, in the reader's language."""
    report = report_on(read)
    levels = [(level, report.levels[level.name], report.asked_by[level.name]) for level in read.scheme.levels]
    return {
        "report": report,
        "levels": levels,
        "problems": [(problem.blocks, steps.sentence(problem)) for problem in report.problems],
        "remarks": [steps.sentence(remark) for remark in read.remarks],
        "first": [entry for entry in read.entries if entry.kind is Kind.ASSESSABLE][:5],
    }


def _loaded(request: HttpRequest, upload: CatalogueUpload) -> HttpResponse:
    """Load what the dry run showed."""
    try:
        row, is_new = steps.load_upload(actor=request.user, upload=upload, now=request.now)
    except ValidationError as error:
        messages.error(request, said(error))
        return redirect("catalogue-upload")
    text = _("%(catalogue)s is loaded.") if is_new else _("%(catalogue)s was here already.")
    messages.success(request, text % {"catalogue": row})
    return redirect("catalogue", row.pk)


@require_POST
def catalogue_baseline(request: HttpRequest) -> HttpResponse:
    """Load the built-in baseline, in every language that it has."""
    for language in LANGUAGES:
        try:
            steps.load_catalogue(
                actor=request.user, catalogue=as_catalogue(language), files={}, now=request.now
            )
        except ValidationError as error:
            messages.error(request, said(error))
            return redirect("catalogue-new")
    messages.success(request, _("The built-in baseline is loaded."))
    return redirect("catalogues")


@require_safe
def catalogue_template(request: HttpRequest, extension: str) -> HttpResponse:
    """An empty catalogue to fill in."""
    rules.can_read_catalogues(request.user).enforce()
    language = get_language() or "zh-hant"
    if extension == "xlsx":
        response = HttpResponse(template.blank_workbook(language), content_type=XLSX)
    elif extension == "csv":
        response = HttpResponse(template.blank_csv(language), content_type="text/csv; charset=utf-8")
    else:
        raise Http404
    response.headers["Content-Disposition"] = f'attachment; filename="catalogue.{extension}"'
    return response
