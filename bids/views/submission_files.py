"""The files of a vendor's draft: sealed as they come in."""

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from bids import queries, rules
from bids.actions import staging
from bids.forms.submission import FileForm
from procurement.models import Requirement
from procurement.rules import YES
from procurement.views.saving import said

from .submission_page import LOCKED, Desk


@require_POST
def bid_file_add(request: HttpRequest, pk: str) -> HttpResponse:
    """Put a file beside an answer."""
    desk = Desk(request, pk)
    rules.can_bid(request.user, desk.tender, request.now).enforce()
    form = FileForm(request.POST, request.FILES, requirements=desk.tender.requirements.all())
    fault = "" if form.is_valid() else " ".join(form.errors.get("file", []))
    requirement = form.cleaned_data.get("requirement")
    if requirement is None:
        raise Http404
    if not fault:
        fault = _staged(desk, requirement, *form.cleaned_data["file"])
    return _files(Desk(request, pk), requirement.pk, fault)


def _staged(desk: Desk, requirement: Requirement, name: str, content: bytes | bytearray) -> str:
    """Seal the file and keep it; why not, where that cannot be."""
    if desk.opened is None:
        return str(LOCKED)
    try:
        staging.add_file(
            actor=desk.request.user,
            tender=desk.tender,
            opened=desk.opened,
            requirement=requirement,
            name=name,
            content=content,
            now=desk.request.now,
        )
    except ValidationError as error:
        return said(error)
    return ""


@require_POST
def bid_file_remove(request: HttpRequest, pk: str, file: str) -> HttpResponse:
    """Take a file out of the draft."""
    desk = Desk(request, pk)
    if desk.bid is None:
        raise Http404
    row = get_object_or_404(queries.staged_files(desk.bid), pk=file)
    rules.can_bid(request.user, desk.tender, request.now).enforce()
    if desk.draft is None:
        return desk.page(desk.form(), 422, refused=LOCKED)
    requirements = {item.code: item.pk for item in desk.tender.requirements.all()}
    beside = next(item.requirement for item in desk.draft.files if item.pk == str(row.pk))
    staging.remove_file(actor=request.user, file=row, opened=desk.opened, now=request.now)
    return _files(Desk(request, pk), requirements.get(beside, 0), "")


def _files(desk: Desk, requirement: int, fault: str) -> HttpResponse:
    """The files of one answer as a region, or the whole page where no script asked."""
    request, form = desk.request, desk.form()
    if not request.htmx:
        if fault:
            return desk.page(form, 422, fault_at=requirement, fault=fault)
        return redirect(reverse("bid", args=[desk.tender.pk]) + f"#r{requirement}")
    content = desk.content(form)
    row = next((row for row in content.rows if row.requirement.pk == requirement), None)
    context = {"tender": desk.tender, "row": row, "can_bid": YES, "content": content}
    context |= {"fault_at": requirement if fault else None, "fault": fault, "swapped": True}
    return render(request, "bids/submission/_files.html", context, status=422 if fault else 200)
