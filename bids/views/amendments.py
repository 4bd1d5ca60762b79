"""Amendments of a tender: proposed by one person, agreed by another, before the deadline."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bids import queries, rules
from bids.actions import amendments as actions
from bids.choices import AmendmentKind
from bids.forms.amendments import AmendmentForm, RefusalForm
from bids.forms.panel import PasswordForm
from bids.models import Amendment
from procurement.models import Tender
from procurement.queries import tenders_visible_to
from procurement.views.saving import attempt

from .changes_content import changes_of
from .head import tender_head


def _tender(request: HttpRequest, pk: str) -> Tender:
    tender = get_object_or_404(tenders_visible_to(request.user), pk=pk)
    rules.can_read_amendments(request.user).enforce()
    return tender


def _page(request: HttpRequest, tender: Tender, status: int = 200, **forms: Any) -> HttpResponse:
    """What waits, what was published, what came to nothing, and the form that proposes."""
    rows = list(queries.amendments_visible_to(request.user).filter(tender=tender))
    waiting = next((row for row in rows if not row.outcome and tender.is_open_for_bids(request.now)), None)
    context = {
        "waiting": waiting,
        "dropped": [
            (row, row.state(request.now).label)
            for row in rows
            if row.package_id is None and row is not waiting
        ],
        "changes": changes_of(tender, of_bank=True),
        "goes_on": tender.is_open_for_bids(request.now),
        "can_amend": rules.can_amend(request.user, tender, request.now),
        "can_decide": waiting and rules.can_decide_amendment(request.user, waiting, request.now),
        "can_take_back": waiting and rules.can_take_back_amendment(request.user, waiting),
        "can_read_outages": rules.can_read_outages(request.user),
        "form": AmendmentForm(initial=_carried(request, tender)),
        "agree_form": PasswordForm(actor=request.user, prefix="agree"),
        "refuse_form": RefusalForm(prefix="refuse"),
    }
    context |= tender_head(request, tender, "amendments") | forms
    return render(request, "bids/amendments/amendments.html", context, status=status)


def _carried(request: HttpRequest, tender: Tender) -> dict[str, str]:
    """What a question's answer says, where it changes what was published."""
    try:
        key = UUID(request.GET.get("question", ""))
    except ValueError:
        return {}
    row = queries.questions_visible_to(request.user).filter(tender=tender, pk=key).first()
    if row is None:
        return {}
    return {"kind": AmendmentKind.DOCUMENTS, "text_zh": row.answer_zh, "text_en": row.answer_en}


@require_GET
def amendments(request: HttpRequest, pk: str) -> HttpResponse:
    """What was changed since the publication, and what is proposed."""
    return _page(request, _tender(request, pk))


@require_POST
def amendment_propose(request: HttpRequest, pk: str) -> HttpResponse:
    """Propose a later deadline, or changed documents."""
    tender = _tender(request, pk)
    rules.can_amend(request.user, tender, request.now).enforce()
    form = AmendmentForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data | {"kind": AmendmentKind(form.cleaned_data["kind"])}
        if attempt(form, actions.propose_amendment, actor=request.user, tender=tender, **said):
            messages.success(request, _("It is proposed. Nothing changes before a second person agrees."))
            return redirect("amendments", pk)
    return _page(request, tender, 422, form=form)


def _amendment(request: HttpRequest, pk: int) -> Amendment:
    row = get_object_or_404(queries.amendments_visible_to(request.user), pk=pk)
    rules.can_read_amendments(request.user).enforce()
    return row


@require_POST
def amendment_agree(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a proposal in force, signed with the password."""
    row = _amendment(request, pk)
    rules.can_decide_amendment(request.user, row, request.now).enforce()
    form = PasswordForm(request.POST, actor=request.user, prefix="agree")
    if form.is_valid() and attempt(form, actions.agree_amendment, actor=request.user, amendment=row):
        messages.success(request, _("The amendment is in force, and all vendors are told."))
        return redirect("amendments", row.tender_id)
    return _page(request, row.tender, 422, agree_form=form)


@require_POST
def amendment_refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Refuse a proposal, with a reason."""
    row = _amendment(request, pk)
    rules.can_decide_amendment(request.user, row, request.now).enforce()
    form = RefusalForm(request.POST, prefix="refuse")
    if form.is_valid() and attempt(
        form,
        actions.refuse_amendment,
        actor=request.user,
        amendment=row,
        reason=form.cleaned_data["reason"],
    ):
        return redirect("amendments", row.tender_id)
    return _page(request, row.tender, 422, refuse_form=form)


@require_POST
def amendment_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one's own proposal back."""
    row = _amendment(request, pk)
    actions.take_back_amendment(actor=request.user, amendment=row)
    return redirect("amendments", row.tender_id)
