"""The intake: answering it, confirming what comes before a tender, and lowering what it proposes."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from procurement import audit, intake, rules
from procurement.actions.changes import signature
from procurement.actions.locking import Stale, advance, enforce_and_lock
from procurement.choices import Agreement
from procurement.intake.proposals import STEP
from procurement.models import Intake, Lowering, Tender, User

#: Columns that an answer computes.
_COMPUTED = (
    "rules",
    "answers",
    "worst",
    "system_class",
    "level",
    "tier",
    "proposals",
    "answered_by",
    "answered_at",
)


def answer_intake(
    *, actor: User, tender: Tender, answers: intake.Answers, seen: int, now: datetime
) -> Intake:
    """Store the answers with what they come to; `seen` is 0 for the first time.

    Raises `ValidationError` where a question has no answer that is offered, `Forbidden` and `Stale`.
    """
    computed = _computed(answers) | {"answered_by": signature(actor), "answered_at": now}
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_edit_tender, actor, tender)
        known = Intake.objects.filter(tender=tender).first()
        if known is None:
            if seen:
                raise Stale(_("Somebody removed the answers meanwhile. Load the page again."))
            row = Intake(tender=tender, worst=computed["answers"], **computed)
            row.save(force_insert=True)
        else:
            row = known
            advance(row, seen)
            computed["worst"] = intake.worst_of(row.worst, computed["answers"])
            for name, value in computed.items():
                setattr(row, name, value)
            row.save(update_fields=[*_COMPUTED, "version"])
        audit.record(
            actor=actor,
            action="answer intake",
            object=tender,
            now=now,
            tender=tender,
            answers=row.answers,
            system_class=row.system_class,
            level=row.level,
            tier=row.tier,
            rules=row.rules,
        )
    return row


def _computed(answers: intake.Answers) -> dict[str, Any]:
    """The columns that follow from answers. Raises `ValidationError` at the question that has none."""
    try:
        result = intake.classify(answers)
    except intake.Unanswered as gap:
        raise ValidationError({gap.question: _("Choose an answer.")}) from gap
    return {
        "rules": intake.VERSION,
        "answers": intake.tidy(answers),
        "system_class": result.system_class,
        "level": result.level,
        "tier": result.tier,
        "proposals": [
            {
                "key": one.key,
                "value": one.value,
                "template": one.why.template,
                "params": dict(one.why.params),
                "source": one.source,
            }
            for one in intake.propose(result)
        ],
    }


def proposals_of(row: Intake) -> list[intake.Proposal]:
    """What an intake proposes, as it was computed."""
    return [
        intake.Proposal(
            one["key"], one["value"], intake.Sentence(one["template"], one["params"]), one["source"]
        )
        for one in row.proposals
    ]


def confirm_steps(*, actor: User, tender: Tender, notes: Mapping[str, str], now: datetime) -> Intake:
    """Say that steps before the tender were done, and where that is written: a note by step.

    Raises `ValidationError` for a note that is empty and a step that is not asked for, and `Forbidden`.
    """
    notes = {step: note.strip() for step, note in notes.items()}
    if not notes or not all(notes.values()):
        raise ValidationError(_("Say who did it, when, and where it is written."))
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_edit_tender, actor, tender)
        row = _locked(tender)
        if not {f"{STEP}{step}" for step in notes} <= {one["key"] for one in row.proposals}:
            raise ValidationError(_("This step is not asked for."))
        said = {"by": signature(actor), "at": now.astimezone(UTC).isoformat()}
        row.steps = row.steps | {step: {"note": note, **said} for step, note in notes.items()}
        row.save(update_fields=["steps"])
        for step, note in notes.items():
            words = {"step": step, "note": note}
            audit.record(actor=actor, action="confirm step", object=tender, now=now, tender=tender, **words)
    return row


def ask_to_lower(
    *, actor: User, tender: Tender, items: Iterable[intake.Lowering], reason: str, now: datetime
) -> Lowering:
    """Ask security to agree that proposals are lowered, or left out, for a reason.

    Raises `ValidationError` without a reason or without anything to lower.
    """
    reason, chosen = reason.strip(), [asdict(item) for item in items]
    faults = {}
    if not chosen:
        faults["items"] = _("Choose what is lowered.")
    if not reason:
        faults["reason"] = _("Say why less is enough.")
    if faults:
        raise ValidationError(faults)
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_edit_tender, actor, tender)
        row = _locked(tender)
        lowering = Lowering(
            intake=row,
            number=row.lowerings.count() + 1,
            items=chosen,
            reason=reason,
            asker=actor,
            asked_by=signature(actor),
            asked_at=now,
        )
        lowering.save(force_insert=True)
        audit.record(
            actor=actor,
            action="ask to lower proposals",
            object=lowering,
            now=now,
            tender=tender,
            items=chosen,
            reason=reason,
        )
    return lowering


def answer_lowering(
    *, actor: User, lowering: Lowering, answer: str, reason: str, seen: int, now: datetime
) -> Lowering:
    """Give security's answer, by name, once. A refusal says why. Raises `Forbidden` and `Stale`."""
    reason = reason.strip()
    if answer == Agreement.REFUSED and not reason:
        raise ValidationError({"reason": _("Say why less is not enough.")})
    with transaction.atomic():
        row = enforce_and_lock(rules.can_answer_lowering, actor, lowering)
        advance(row, seen)
        row.answer, row.answer_reason = Agreement(answer), reason
        row.answered_by, row.answered_at = signature(actor), now
        row.save(update_fields=["answer", "answer_reason", "answered_by", "answered_at", "version"])
        agreed = row.answer == Agreement.AGREED
        audit.record(
            actor=actor,
            action="agree to lower proposals" if agreed else "refuse to lower proposals",
            object=row,
            now=now,
            tender=row.intake.tender,
            items=row.items,
            reason=reason,
        )
    return row


def _locked(tender: Tender) -> Intake:
    """The tender's intake, locked. Raises `ValidationError` where nobody answered it yet."""
    row = Intake.objects.select_for_update().filter(tender=tender).first()
    if row is None:
        raise ValidationError(_("Answer the intake first."))
    return row


def lowerings_with(row: Intake, *answers: str) -> list[intake.Lowering]:
    """What stands as lowered with one of these answers of security ("" waits for one)."""
    return [
        intake.Lowering(**item)
        for lowering in row.lowerings.all()
        if lowering.answer in answers
        for item in lowering.items
    ]
