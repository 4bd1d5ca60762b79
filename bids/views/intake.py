"""The intake: the questionnaire, its result beside the draft, taking over, and lowering with agreement."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bids.actions.asking import Standing, standing_of
from bids.queries.similar import similar_tenders
from procurement import intake as asking
from procurement import queries, rules
from procurement.actions import intake as steps
from procurement.actions.taking import People, take_over
from procurement.choices import Role
from procurement.forms.intake import IntakeForm, LoweringAnswerForm, LoweringForm, StepsForm, TakeForm
from procurement.models import Intake, Tender
from procurement.views.saving import attempt

from .head import tender_head
from .intake_content import Content, Explained


def _tender(request: HttpRequest, pk: str) -> Tender:
    """A tender whose intake this person may read, else 404 or 403."""
    tender = get_object_or_404(queries.specifications_visible_to(request.user), pk=pk)
    rules.can_read_intake(request.user).enforce()
    return tender


def _standing(request: HttpRequest, pk: str) -> Standing:
    """An intake that was answered, of a draft that this person may write, else 404 or 403."""
    tender = _tender(request, pk)
    rules.can_edit_tender(request.user, tender).enforce()
    row = get_object_or_404(Intake, tender=tender)
    return standing_of(row.tender)


@require_safe
def intake(request: HttpRequest, pk: str) -> HttpResponse:
    """What the answers came to, what is proposed, and what the draft makes of it."""
    tender = _tender(request, pk)
    standing = standing_of(tender)
    if standing is None and rules.can_edit_tender(request.user, tender):
        return redirect("intake-answers", pk)
    return _page(request, tender, standing)


def _people(tender: Tender) -> dict[str, Any]:
    """Who owns the system answers for its side and sits for it, and the officer answers for procurement's.

    Unless somebody else is chosen; only members sit.
    """
    people = [person for person in (tender.officer, tender.owner) if person is not None and person.unit]
    answering = {f"owner_{person.unit.kind}": person.pk for person in people}
    sitting = {f"seat_{person.unit.kind}": person.pk for person in people if person.role == Role.MEMBER}
    return answering | sitting


def _page(
    request: HttpRequest, tender: Tender, standing: Standing | None, *, at: Any = None, **forms: Any
) -> HttpResponse:
    """The result, with the forms that this person may use; `at` is where a faulty one of several belongs."""
    context: dict[str, Any] = {"can_edit": rules.can_edit_tender(request.user, tender)}
    if standing is not None:
        content = Content(standing, get_language() or "")
        today = timezone.localdate(request.now)
        context |= {
            "content": content,
            "explained": Explained(standing.row.answers),
            "intake": standing.row,
            "steps": content.steps(forms.get("steps_form")),
            "requests": content.requests(request.user, at, forms.get("answer_form")),
            "similar": similar_tenders(request.user, tender, standing.row, today),
            "take_form": TakeForm(sides=content.panel, initial=_people(tender), prefix="take"),
            "lower_form": LoweringForm(keys=content.lowerable),
            "picked": request.POST.getlist("items"),
        }
    context |= tender_head(request, tender, "intake") | forms
    return render(request, "bids/intake/result.html", context, status=422 if forms else 200)


@require_http_methods(["GET", "POST"])
def intake_answers(request: HttpRequest, pk: str) -> HttpResponse:
    """The questionnaire."""
    tender = _tender(request, pk)
    rules.can_edit_tender(request.user, tender).enforce()
    row = Intake.objects.filter(tender=tender).first()
    stored = row.answers | {"version": row.version} if row else {}
    form = IntakeForm(request.POST or None, initial=stored)
    if form.is_valid() and attempt(
        form,
        steps.answer_intake,
        actor=request.user,
        tender=tender,
        answers=form.answers,
        seen=form.seen,
        now=request.now,
    ):
        return redirect("intake", pk)
    answers = form.answers if form.is_bound else {key: stored[key] for key in asking.BY_CODE if key in stored}
    context = {"form": form, "explained": Explained(answers), "intake": row}
    context |= tender_head(request, tender, "intake")
    return render(request, "bids/intake/answers.html", context, status=422 if form.is_bound else 200)


@require_safe
def intake_explained(request: HttpRequest, pk: str) -> HttpResponse:
    """What the answers on screen would do; nothing is stored."""
    tender = _tender(request, pk)
    rules.can_edit_tender(request.user, tender).enforce()
    form = IntakeForm(request.GET)
    form.is_valid()
    return render(request, "bids/intake/_explained.html", {"explained": Explained(form.answers)})


@require_POST
def intake_take(request: HttpRequest, pk: str) -> HttpResponse:
    """Put what is proposed into the draft."""
    standing = _standing(request, pk)
    tender = standing.row.tender
    sides = Content(standing, "").panel
    form = TakeForm(request.POST, sides=sides, prefix="take")
    if not form.is_valid():
        return _page(request, tender, standing, take_form=form)
    people = People(form.people("owner"), form.people("seat"))
    taken = attempt(
        form,
        take_over,
        actor=request.user,
        tender=tender,
        parts=form.cleaned_data["parts"],
        people=people,
        now=request.now,
    )
    if taken is None:
        return _page(request, tender, standing, take_form=form)
    words = {"criteria": taken.criteria, "requirements": taken.requirements, "seats": taken.seats}
    text = _("Taken over: %(criteria)d criteria, %(requirements)d requirements, %(seats)d seats.")
    messages.success(request, text % words)
    return redirect("blanks" if taken.requirements else "intake", pk)


@require_POST
def intake_lower(request: HttpRequest, pk: str) -> HttpResponse:
    """Ask security to agree to less than is proposed."""
    standing = _standing(request, pk)
    found = {one.proposal.key: one for one in standing.lowerable}
    form = LoweringForm(request.POST, keys=found)
    if form.is_valid() and attempt(
        form,
        steps.ask_to_lower,
        actor=request.user,
        tender=standing.row.tender,
        items=[asking.lowering_of(found[key]) for key in form.cleaned_data["items"]],
        reason=form.cleaned_data["reason"],
        now=request.now,
    ):
        messages.success(request, _("It is on record and waits for security."))
        return redirect("intake", pk)
    return _page(request, standing.row.tender, standing, lower_form=form)


@require_POST
def intake_steps(request: HttpRequest, pk: str) -> HttpResponse:
    """Say what was done before the tender, one thing or all of it at once."""
    standing = _standing(request, pk)
    form = StepsForm(request.POST, steps=Content(standing, "").open_steps)
    if form.is_valid() and attempt(
        form,
        steps.confirm_steps,
        actor=request.user,
        tender=standing.row.tender,
        notes=form.notes,
        now=request.now,
    ):
        return redirect("intake", pk)
    return _page(request, standing.row.tender, standing, steps_form=form)


@require_POST
def lowering_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Security's answer, by name."""
    row = get_object_or_404(queries.lowerings_visible_to(request.user), pk=pk)
    rules.can_answer_lowering(request.user, row).enforce()
    form = LoweringAnswerForm(request.POST, actor=request.user, prefix=f"lowering-{row.pk}")
    if form.is_valid() and attempt(
        form,
        steps.answer_lowering,
        actor=request.user,
        lowering=row,
        answer=form.cleaned_data["answer"],
        reason=form.cleaned_data["reason"],
        seen=form.cleaned_data["version"],
        now=request.now,
    ):
        return redirect("intake", row.intake.tender_id)
    tender = row.intake.tender
    return _page(request, tender, standing_of(tender), at=row.pk, answer_form=form)
