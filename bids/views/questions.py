"""Questions on a tender: asked by vendors without a name, answered by units, released to all at once."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bids import queries, rules
from bids.actions import questions as actions
from bids.forms.questions import AnswerForm, QuestionForm, ReleaseForm, RouteForm
from procurement.choices import Role
from procurement.models import Question, Tender
from procurement.views.saving import attempt

from .head import tender_head


def _tender(request: HttpRequest, pk: str) -> Tender:
    tender = get_object_or_404(queries.tenders_with_questions(request.user), pk=pk)
    rules.can_read_questions(request.user, tender).enforce()
    return tender


def _page(request: HttpRequest, tender: Tender, status: int = 200, **forms: Any) -> HttpResponse:
    """What was released to all; to vendors their own questions beside it, to the bank what waits."""
    of_vendor = request.user.role == Role.VENDOR
    rows = queries.questions_visible_to(request.user).filter(tender=tender)
    waiting = [] if of_vendor else list(rows.filter(released_at=None))
    context = {
        "of_vendor": of_vendor,
        "released": list(queries.released_questions(tender)),
        "own": list(rows) if of_vendor else [],
        "waiting": waiting,
        "any_ready": any(row.is_ready and not row.same_as_id for row in waiting),
        "until": tender.questions_end,
        "now": request.now,
        "can_ask": rules.can_ask(request.user, tender, request.now),
        "can_release": rules.can_release_answers(request.user, tender, request.now),
        "form": QuestionForm(tender=tender),
        "release_form": ReleaseForm(tender=tender),
    }
    context |= tender_head(request, tender, "questions") | forms
    return render(request, "bids/questions/questions.html", context, status=status)


@require_GET
def questions(request: HttpRequest, pk: str) -> HttpResponse:
    """What was asked and answered."""
    return _page(request, _tender(request, pk))


@require_POST
def question_ask(request: HttpRequest, pk: str) -> HttpResponse:
    """Ask about a tender, for a vendor."""
    tender = _tender(request, pk)
    rules.can_ask(request.user, tender, request.now).enforce()
    form = QuestionForm(request.POST, tender=tender)
    if form.is_valid() and attempt(
        form, actions.ask_question, actor=request.user, tender=tender, **form.cleaned_data
    ):
        messages.success(request, _("Your question was sent. All vendors read the answer at the same time."))
        return redirect("questions", pk)
    return _page(request, tender, 422, form=form)


@require_POST
def questions_release(request: HttpRequest, pk: str) -> HttpResponse:
    """Let the chosen answers out to all vendors."""
    tender = _tender(request, pk)
    rules.can_release_answers(request.user, tender, request.now).enforce()
    form = ReleaseForm(request.POST, tender=tender)
    if form.is_valid() and attempt(
        form,
        actions.release_answers,
        actor=request.user,
        tender=tender,
        chosen=list(form.cleaned_data["chosen"]),
    ):
        messages.success(request, _("The answers are released, and all vendors are told."))
        return redirect("questions", pk)
    return _page(request, tender, 422, release_form=form)


# --- one question, at the bank ----------------------------------------------------------------------------
def _question(request: HttpRequest, pk: str) -> Question:
    row: Question = get_object_or_404(queries.questions_visible_to(request.user), pk=pk)
    rules.can_handle_questions(request.user).enforce()
    return row


def _question_page(request: HttpRequest, row: Question, status: int = 200, **forms: Any) -> HttpResponse:
    """The question, who answers it, and the answer in draft."""
    context = {
        "question": row,
        "likes": list(row.likes.all()),
        "now": request.now,
        "can_route": rules.can_route_question(request.user, row, request.now),
        "can_draft": rules.can_draft_answer(request.user, row, request.now),
        "can_amend": rules.can_amend(request.user, row.tender, request.now),
        "route_form": RouteForm(question=row, prefix="route"),
        "form": AnswerForm(question=row),
    }
    context |= tender_head(request, row.tender, "questions") | forms
    return render(request, "bids/questions/question.html", context, status=status)


@require_GET
def question(request: HttpRequest, pk: str) -> HttpResponse:
    """One question, for the bank."""
    return _question_page(request, _question(request, pk))


@require_POST
def question_route(request: HttpRequest, pk: str) -> HttpResponse:
    """Hand a question on, or let it be answered with another one."""
    row = _question(request, pk)
    rules.can_route_question(request.user, row, request.now).enforce()
    form = RouteForm(request.POST, question=row, prefix="route")
    if form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("unit", "same_as")}
        seen = form.cleaned_data["version"]
        if attempt(form, actions.route_question, actor=request.user, question=row, seen=seen, **given):
            return _after_handing_on(request, row)
    return _question_page(request, row, 422, route_form=form)


def _after_handing_on(request: HttpRequest, row: Question) -> HttpResponse:
    """To the questions of the tender; whoever knew of it by this question alone goes back to the own work."""
    if queries.tenders_with_questions(request.user).filter(pk=row.tender_id).exists():
        return redirect("questions", row.tender_id)
    messages.success(request, _("The question was handed on."))
    return redirect("work")


@require_POST
def question_answer(request: HttpRequest, pk: str) -> HttpResponse:
    """Write the answer down; an officer releases it."""
    row = _question(request, pk)
    rules.can_draft_answer(request.user, row, request.now).enforce()
    form = AnswerForm(request.POST, question=row)
    if form.is_valid():
        given = dict(form.cleaned_data)
        seen = given.pop("version")
        if attempt(form, actions.draft_answer, actor=request.user, question=row, seen=seen, **given):
            messages.success(request, _("The answer is kept as a draft; an officer releases it."))
            return redirect("question", pk)
    return _question_page(request, row, 422, form=form)
