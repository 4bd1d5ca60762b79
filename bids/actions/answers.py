"""Answers to objections, by name and for one state of the case; what was promised in them, and its proof."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bids import rules
from bids.actions.objections import digest_of
from bids.actions.snapshots import on_screen, snapshot_text
from bids.actions.submission import hold, signature
from bids.choices import AnswerKind
from bids.models import Condition, Objection, ObjectionAnswer, RemedyConfirmation
from bids.models.objection import MOST_CONDITIONS, MOST_DAYS
from procurement import audit
from procurement.actions.locking import Stale, enforce_and_lock
from procurement.models import User


@dataclass(frozen=True)
class Term:
    """A condition under which a risk is accepted, what keeps the risk down until then, and who sees to it."""

    text: str
    control: str
    owner: User
    due_on: date


def answer_objection(
    *,
    actor: User,
    objection: Objection,
    seen: str,
    kind: str,
    reason: str,
    now: datetime,
    expires_on: date | None = None,
    conditions: Sequence[Term] = (),
) -> ObjectionAnswer:
    """Answer an objection once, by name, for the case as it stands.

    `seen` is `on_screen` of what the actor had before them. Expiry and conditions belong to an acceptance.
    Raises `Forbidden`, `Stale` when the case is another one by now, and `ValidationError`.
    """
    accepts = kind == AnswerKind.ACCEPTED
    if not reason:
        raise ValidationError({"reason": _("Give the reason.")})
    if accepts:
        _check_acceptance(expires_on, conditions, timezone.localdate(now))
    with transaction.atomic():
        hold(objection.tender)
        objection = enforce_and_lock(
            lambda person, row: rules.can_answer_objection(person, row, now), actor, objection
        )
        if on_screen(objection, now) != seen:
            raise Stale(
                _("The case has changed since you opened this page. Read it again; nothing was signed.")
            )
        answer = ObjectionAnswer.objects.create(
            objection=objection,
            number=objection.answers.count() + 1,
            kind=kind,
            reason=reason,
            expires_on=expires_on if accepts else None,
            answerer=actor,
            answered_by=signature(actor),
            answered_at=now,
            escalated=actor.pk != objection.tender.approver_id,
            snapshot=snapshot_text(objection.tender, objection.bid, now),
        )
        terms = _keep(answer, conditions) if accepts else []
        _record_answer(answer, terms, actor, now)
    return answer


def _check_acceptance(expires_on: date | None, conditions: Sequence[Term], today: date) -> None:
    if expires_on is None or not today < expires_on <= today + timedelta(days=MOST_DAYS):
        text = _("A risk is accepted until a day within the next %(days)d days.")
        raise ValidationError({"expires_on": text % {"days": MOST_DAYS}})
    if not 1 <= len(conditions) <= MOST_CONDITIONS:
        text = _("Name at least one condition, and at most %(most)d.")
        raise ValidationError(text % {"most": MOST_CONDITIONS})
    if not all(today <= term.due_on <= expires_on for term in conditions):
        raise ValidationError(_("Every condition is due from today on, and before the acceptance expires."))


def _keep(answer: ObjectionAnswer, terms: Sequence[Term]) -> list[Condition]:
    """The conditions, with the owners' names and units copied."""
    return [
        Condition.objects.create(
            answer=answer,
            position=position,
            text=term.text,
            control=term.control,
            owner=term.owner,
            unit=term.owner.unit,
            owner_name=signature(term.owner),
            due_on=term.due_on,
        )
        for position, term in enumerate(terms)
    ]


def _record_answer(answer: ObjectionAnswer, terms: list[Condition], actor: User, now: datetime) -> None:
    audit.record(
        actor=actor,
        action="answer objection",
        object=answer.objection,
        now=now,
        tender=answer.objection.tender,
        answer=answer.kind,
        reason=answer.reason,
        expires_on=answer.expires_on.isoformat() if answer.expires_on else "",
        conditions=[
            {"text": t.text, "control": t.control, "owner": t.owner_name, "due_on": t.due_on.isoformat()}
            for t in terms
        ],
        next_above=answer.escalated,
        snapshot=digest_of(answer.snapshot),
    )


def confirm_remedy(*, actor: User, objection: Objection, text: str, now: datetime) -> RemedyConfirmation:
    """Say for the unit that raised an upheld objection that its remedy is there. Raises `Forbidden`.

    The freeze ends with it, and comes back when what was confirmed changes.
    """
    with transaction.atomic():
        hold(objection.tender)
        objection = enforce_and_lock(
            lambda person, row: rules.can_confirm_remedy(person, row, now), actor, objection
        )
        confirmation = RemedyConfirmation.objects.create(
            answer=objection.answers.latest("number"),
            text=text,
            by_name=signature(actor),
            at=now,
            snapshot=snapshot_text(objection.tender, objection.bid, now),
        )
        audit.record(
            actor=actor,
            action="confirm remedy",
            object=objection,
            now=now,
            tender=objection.tender,
            text=text,
            snapshot=digest_of(confirmation.snapshot),
        )
    return confirmation


def meet_condition(*, actor: User, condition: Condition, evidence: str, now: datetime) -> Condition:
    """Say for the owner's unit how a condition was met, once. Raises `Forbidden`."""
    with transaction.atomic():
        condition = enforce_and_lock(rules.can_meet_condition, actor, condition)
        condition.met_by, condition.met_at, condition.met_evidence = signature(actor), now, evidence
        condition.save(update_fields=["met_by", "met_at", "met_evidence"])
        objection = condition.answer.objection
        audit.record(
            actor=actor,
            action="meet condition",
            object=objection,
            now=now,
            tender=objection.tender,
            condition=condition.text,
            evidence=evidence,
        )
    return condition
