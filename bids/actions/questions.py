"""Questions on a tender: asked by vendors, answered by units, released to all at once.

Who asked is in no page, mail or answer for anybody but the vendor itself; the trail shows it to auditors once
the bids are opened.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from bids import queries, rules
from bids.actions.notices import tell_of_answers_later
from procurement import audit
from procurement.actions.changes import signature
from procurement.actions.locking import advance
from procurement.clock import read as site_clock
from procurement.models import Criterion, Question, Requirement, Tender, Unit, User
from procurement.rules import Verdict

Clock = Callable[[], datetime]

#: What the answering unit writes.
_DRAFTED = ("public_zh", "public_en", "answer_zh", "answer_en", "changes", "amendment")


def ask_question(
    *,
    actor: User,
    tender: Tender,
    text: str,
    requirement: Requirement | None = None,
    criterion: Criterion | None = None,
    clock: Clock = site_clock,
) -> Question:
    """Ask about the tender; the question goes to the unit that answers for what it is about, or the officer.

    Raises `Forbidden`, when questions ended too, and `ValidationError` where the text names its vendor.
    """
    with transaction.atomic():
        tender = Tender.objects.select_for_update().get(pk=tender.pk)
        at = clock()
        rules.can_ask(actor, tender, at).enforce()
        _check_nameless(actor, text)
        row = Question.objects.create(
            tender=tender,
            vendor_id=actor.vendor_id,
            asker=actor,
            text=text,
            asked_at=at,
            requirement=requirement,
            criterion=criterion,
            unit=_unit_for(requirement, criterion),
        )
        audit.record(
            actor=actor, action="ask question", object=row.pk, now=at, tender=tender, unit=_code(row.unit)
        )
    return row


def _check_nameless(actor: User, text: str) -> None:
    """Raise `ValidationError` where the vendor, its tax id or the person is named: the bank would know."""
    vendor = actor.vendor
    names = [vendor.name, vendor.tax_id, actor.name, actor.email] if vendor else []
    if any(name and name.casefold() in text.casefold() for name in names):
        raise ValidationError(
            {"text": _("Your question names you or your company. Take that out: it is read without a name.")}
        )


def _unit_for(requirement: Requirement | None, criterion: Criterion | None) -> Unit | None:
    """The unit that answers for the requirement, or the only one that marks the criterion."""
    if requirement is not None:
        return requirement.unit
    units = list(criterion.units.all()[:2]) if criterion is not None else []
    return units[0] if len(units) == 1 else None


def _code(unit: Unit | None) -> str:
    return unit.code if unit else ""


def route_question(
    *,
    actor: User,
    question: Question,
    unit: Unit | None,
    same_as: Question | None,
    seen: int,
    clock: Clock = site_clock,
) -> Question:
    """Hand a question on to another unit, or let it be answered with one that asks the same.

    Raises `Forbidden`, `Stale`, and `ValidationError` where the other question is answered with another one.
    """
    with transaction.atomic():
        row, at = _held(actor, question, seen, clock, rules.can_route_question)
        if same_as is not None:
            same_as.refresh_from_db()
            apart = same_as.tender_id != row.tender_id or same_as.pk == row.pk
            if apart or same_as.same_as_id or same_as.released_at or row.likes.exists():
                raise ValidationError({"same_as": _("Choose a question that waits and stands by itself.")})
        row.unit, row.same_as = unit, same_as
        row.save(update_fields=["unit", "same_as", "version"])
        audit.record(
            actor=actor,
            action="route question",
            object=row.pk,
            now=at,
            tender=row.tender,
            unit=_code(unit),
            same_as=str(same_as.pk) if same_as else "",
        )
    return row


def draft_answer(
    *, actor: User, question: Question, seen: int, clock: Clock = site_clock, **values: Any
) -> Question:
    """Write the answer down; nobody but the bank reads it yet.

    `values` are `public_zh`, `public_en`, `answer_zh`, `answer_en`, `changes` and `amendment`. Raises
    `Forbidden`, `Stale`, and `ValidationError` for an amendment that is not in force.
    """
    with transaction.atomic():
        row, at = _held(actor, question, seen, clock, rules.can_draft_answer)
        number = values["amendment"]
        known = [one.number for one in queries.agreed_amendments(row.tender)] if number is not None else []
        if number is not None and number not in known:
            raise ValidationError({"amendment": _("There is no amendment of that number in force.")})
        for name in _DRAFTED:
            setattr(row, name, values[name])
        row.drafted_by, row.drafted_at = signature(actor), at
        row.save(update_fields=[*_DRAFTED, "drafted_by", "drafted_at", "version"])
        audit.record(
            actor=actor,
            action="draft answer",
            object=row.pk,
            now=at,
            tender=row.tender,
            **{name: values[name] for name in ("answer_zh", "answer_en", "changes", "amendment")},
        )
    return row


def _held(
    actor: User,
    question: Question,
    seen: int,
    clock: Clock,
    rule: Callable[[User, Question, datetime], Verdict],
) -> tuple[Question, datetime]:
    """The question and the time, read with its tender locked. Raises `Forbidden` and `Stale`."""
    Tender.objects.select_for_update().get(pk=question.tender_id)
    row = Question.objects.select_for_update(of=("self",)).select_related("tender").get(pk=question.pk)
    at = clock()
    rule(actor, row, at).enforce()
    advance(row, seen)
    return row, at


def release_answers(
    *, actor: User, tender: Tender, chosen: Sequence[Question], clock: Clock = site_clock
) -> list[Question]:
    """Let answers out to all at once, under numbers, with what asks the same; gives back those with numbers.

    Raises `Forbidden`, and `ValidationError` where nothing is chosen or one of them is not ready.
    """
    with transaction.atomic():
        tender = Tender.objects.select_for_update().get(pk=tender.pk)
        at = clock()
        rules.can_release_answers(actor, tender, at).enforce()
        rows = list(queries.open_questions([tender]).filter(pk__in=[row.pk for row in chosen]))
        if not rows:
            raise ValidationError(_("Choose the answers that go out."))
        early = next((row for row in rows if not row.is_ready), None)
        if early is not None:
            text = _("“%(question)s” is not ready: write its answer first.")
            if early.is_drafted:
                text = _("“%(question)s” is not ready: its answer is a change. Name the amendment first.")
            raise ValidationError(text % {"question": Truncator(early.text).chars(80)})
        after = queries.released_questions(tender).count()
        signed = {"released_by": signature(actor), "released_at": at}
        for number, row in enumerate(rows, after + 1):
            Question.objects.filter(pk=row.pk).update(number=number, **signed)
            Question.objects.filter(same_as=row).update(**signed)
        audit.record(
            actor=actor,
            action="release answers",
            object=tender,
            now=at,
            tender=tender,
            questions={str(number): str(row.pk) for number, row in enumerate(rows, after + 1)},
        )
        released = list(queries.released_questions(tender).filter(number__gt=after))
        tell_of_answers_later(tender, released)
    return released
