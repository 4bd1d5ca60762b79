"""Security warnings: raising one, reading it, answering it by name."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bids import rules
from bids.actions.objections import answer_objection, raise_objection
from bids.forms.decision import AnswerForm, ObjectionForm
from bids.models import Objection
from bids.queries import bids_visible_to, objections_visible_to
from procurement.queries import tenders_visible_to

from .head import tender_head


@require_http_methods(["GET", "POST"])
def objection_new(request: HttpRequest, pk: str) -> HttpResponse:
    """Put a warning against a bid on record."""
    tender = get_object_or_404(tenders_visible_to(request.user), pk=pk)
    rules.can_object(request.user, tender).enforce()
    bids = bids_visible_to(request.user).filter(tender=tender)
    form = ObjectionForm(request.POST or None, tender=tender, bids=bids, now=request.now)
    if request.method == "POST" and form.is_valid():
        raise_objection(actor=request.user, tender=tender, now=request.now, **form.cleaned_data)
        return redirect("decision" if tender.is_priced else "verification", pk=pk)
    context = {"tender": tender, "form": form} | tender_head(request, tender, "decision")
    return render(request, "bids/objections/new.html", context)


def _objection(request: HttpRequest, pk: int) -> Objection:
    rules.can_read_objections(request.user).enforce()
    return get_object_or_404(objections_visible_to(request.user), pk=pk)


@require_GET
def objection(request: HttpRequest, pk: int) -> HttpResponse:
    """One warning, and its answer or the form for it."""
    row = _objection(request, pk)
    return _page(request, row, AnswerForm(initial={"version": row.version}))


@require_POST
def objection_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer a warning."""
    row = _objection(request, pk)
    rules.can_answer_objection(request.user, row).enforce()
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, row, form)
    words = form.cleaned_data
    answer_objection(
        actor=request.user,
        objection=row,
        seen=words["version"],
        answer=words["answer"],
        reason=words["reason"],
        now=request.now,
    )
    return redirect("objection", pk=pk)


def _page(request: HttpRequest, row: Objection, form: AnswerForm) -> HttpResponse:
    context = {
        "objection": row,
        "tender": row.tender,
        "form": form,
        "can_answer": rules.can_answer_objection(request.user, row),
    }
    return render(
        request, "bids/objections/objection.html", context | tender_head(request, row.tender, "decision")
    )
