"""Objections: lists of them, raising one, reading it, and everything that is signed under it."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bids import queries, rules
from bids.actions import answers as signing
from bids.actions import objections as steps
from bids.forms.objections import AnswerEntry, ObjectionFilters, ObjectionForm, SignedTextForm, TextForm
from bids.models import Objection
from procurement.queries import specifications_visible_to
from procurement.views.lists import page_of
from procurement.views.saving import attempt

from .head import tender_head
from .objections_content import ObjectionContent, items


# --- lists ------------------------------------------------------------------------------------------------
@require_GET
def objections(request: HttpRequest) -> HttpResponse:
    """All objections that the person may read, what freezes something first."""
    rules.can_read_objections(request.user).enforce()
    filters = ObjectionFilters(request.GET)
    rows = queries.search_objections(
        queries.objections_visible_to(request.user), filters.value("q"), filters.value("unit")
    )
    page = page_of(request, items(rows, request.now, filters.value("state")))
    return render(request, "bids/objections/objections.html", {"page": page, "filters": filters})


@require_GET
def tender_objections(request: HttpRequest, pk: str) -> HttpResponse:
    """The objections to one tender and its bids."""
    tender = get_object_or_404(specifications_visible_to(request.user), pk=pk)
    rules.can_read_objections(request.user).enforce()
    rows = queries.objections_visible_to(request.user).filter(tender=tender)
    context = {
        "page": page_of(request, items(rows, request.now)),
        "can_object": rules.can_object(request.user, tender),
        "can_name": rules.can_name_approver(request.user, tender),
    }
    return render(
        request,
        "bids/objections/tender.html",
        context | tender_head(request, tender, "tender-objections"),
    )


# --- raising ----------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def objection_new(request: HttpRequest, pk: str) -> HttpResponse:
    """Put an objection on record."""
    tender = get_object_or_404(specifications_visible_to(request.user), pk=pk)
    rules.can_object(request.user, tender).enforce()
    bids = queries.bids_visible_to(request.user).filter(tender=tender)
    form = ObjectionForm(
        *_sent(request), tender=tender, bids=bids, now=request.now, dropped=_dropped(request)
    )
    if request.method == "POST" and form.is_valid():
        made = attempt(
            form,
            steps.raise_objection,
            actor=request.user,
            tender=tender,
            now=request.now,
            **form.cleaned_data,
        )
        if made:
            return redirect("objection", pk=made.pk)
    context = {"form": form} | tender_head(request, tender, "tender-objections")
    return render(request, "bids/objections/new.html", context)


def _sent(request: HttpRequest) -> tuple[Any, Any]:
    """Fields and files of a form that was sent."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def _dropped(request: HttpRequest) -> bool:
    """Whether the request was too large for its files to be taken in at all."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return not request.FILES and length.isdecimal() and int(length) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE


# --- one objection ----------------------------------------------------------------------------------------
def _objection(request: HttpRequest, pk: int) -> Objection:
    rules.can_read_objections(request.user).enforce()
    return get_object_or_404(queries.objections_visible_to(request.user), pk=pk)


def _page(request: HttpRequest, row: Objection, *, status: int = 200, **forms: Any) -> HttpResponse:
    """The page of one objection, with the form that has faults, if there is one."""
    content = ObjectionContent(request.user, row, request.now)
    context: dict[str, Any] = {"content": content, "objection": row, "text_form": TextForm()}
    if content.can_answer:
        context["entry"] = AnswerEntry(actor=request.user, seen=content.seen)
    if content.can_confirm or content.can_withdraw:
        context["signed_form"] = SignedTextForm(actor=request.user)
    context |= forms | tender_head(request, row.tender, "tender-objections")
    return render(request, "bids/objections/objection.html", context, status=status)


@require_GET
def objection(request: HttpRequest, pk: int) -> HttpResponse:
    """One objection, its answers, and what the reader may add."""
    return _page(request, _objection(request, pk))


@require_POST
def objection_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer by name; `add` asks for one more row for a condition and signs nothing."""
    row = _objection(request, pk)
    rules.can_answer_objection(request.user, row, request.now).enforce()
    if "add" in request.POST:
        seen = request.POST.get("seen", "")
        return _page(request, row, entry=AnswerEntry.grown(request.POST, actor=request.user, seen=seen))
    entry = AnswerEntry.posted(request.POST, actor=request.user)
    if entry.is_valid():
        words = {name: entry.main.cleaned_data[name] for name in ("kind", "reason", "expires_on", "seen")}
        terms = [signing.Term(**term) for term in entry.terms()]
        signed = {"actor": request.user, "objection": row, "conditions": terms, "now": request.now}
        if attempt(entry, signing.answer_objection, **signed, **words):
            messages.success(request, _("Your answer is on record."))
            return redirect("objection", pk=pk)
    return _page(request, row, entry=entry, status=422)


@require_POST
def objection_statement(request: HttpRequest, pk: int) -> HttpResponse:
    """Add an opinion."""
    row = _objection(request, pk)
    rules.can_state_opinion(request.user, row).enforce()
    form = TextForm(request.POST)
    if not form.is_valid():
        return _page(request, row, text_form=form, faulty="statement", status=422)
    steps.state_opinion(actor=request.user, objection=row, text=form.cleaned_data["text"], now=request.now)
    return redirect("objection", pk=pk)


@require_POST
def objection_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it back."""
    row = _objection(request, pk)
    rules.can_withdraw_objection(request.user, row, request.now).enforce()
    form = SignedTextForm(request.POST, actor=request.user)
    if not form.is_valid():
        return _page(request, row, signed_form=form, faulty="withdraw", status=422)
    reason = form.cleaned_data["text"]
    steps.withdraw_objection(actor=request.user, objection=row, reason=reason, now=request.now)
    return redirect("objection", pk=pk)


@require_POST
def objection_remedy(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm the remedy of an upheld objection."""
    row = _objection(request, pk)
    rules.can_confirm_remedy(request.user, row, request.now).enforce()
    form = SignedTextForm(request.POST, actor=request.user)
    if not form.is_valid():
        return _page(request, row, signed_form=form, faulty="remedy", status=422)
    text = form.cleaned_data["text"]
    signing.confirm_remedy(actor=request.user, objection=row, text=text, now=request.now)
    return redirect("objection", pk=pk)


@require_POST
def condition_met(request: HttpRequest, pk: int, condition: int) -> HttpResponse:
    """Say how a condition was met."""
    row = _objection(request, pk)
    term = get_object_or_404(queries.conditions_of(row), pk=condition)
    rules.can_meet_condition(request.user, term).enforce()
    form = TextForm(request.POST)
    if not form.is_valid():
        return _page(request, row, met_form=form, faulty=term.pk, status=422)
    evidence = form.cleaned_data["text"]
    signing.meet_condition(actor=request.user, condition=term, evidence=evidence, now=request.now)
    return redirect(reverse("objection", args=[pk]) + f"#condition-{term.pk}")


@require_GET
def objection_file(request: HttpRequest, pk: str) -> HttpResponse:
    """A file, always as a download that no browser runs."""
    rules.can_read_objections(request.user).enforce()
    row = get_object_or_404(queries.objection_files_visible_to(request.user), pk=pk)
    response = FileResponse(
        row.file.open("rb"), as_attachment=True, filename=row.name, content_type="application/octet-stream"
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
