"""Security warnings: raised by name, answered by name, once."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from bids import rules
from bids.models import Bid, Objection
from procurement import audit
from procurement.actions.locking import advance, enforce_and_lock
from procurement.models import Requirement, Tender, User


def raise_objection(
    *,
    actor: User,
    tender: Tender,
    bid: Bid,
    requirement: Requirement | None,
    severity: str,
    claim: str,
    remedy: str,
    due_at: datetime,
    now: datetime,
) -> Objection:
    """Put a warning against a bid on record. Raises `Forbidden`."""
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_object, actor, tender)
        last = tender.objections.aggregate(last=Max("number"))["last"] or 0
        objection = Objection.objects.create(
            tender=tender,
            number=last + 1,
            bid=bid,
            requirement=requirement,
            severity=severity,
            claim=claim,
            remedy=remedy,
            raised_by=f"{actor} ({actor.belongs_to})",
            raised_at=now,
            due_at=due_at,
        )
        audit.record(
            actor=actor,
            action="raise objection",
            object=objection,
            now=now,
            tender=tender,
            bid=str(bid),
            requirement=requirement.code if requirement else "",
            severity=severity,
            claim=claim,
            remedy=remedy,
        )
    return objection


def answer_objection(
    *, actor: User, objection: Objection, seen: int, answer: str, reason: str, now: datetime
) -> Objection:
    """Answer a warning for good, with a reason. Raises `Forbidden`, `Stale`."""
    with transaction.atomic():
        objection = enforce_and_lock(rules.can_answer_objection, actor, objection)
        advance(objection, seen)
        objection.answer = answer
        objection.answer_reason = reason
        objection.answered_by = f"{actor} ({actor.belongs_to})"
        objection.answered_at = now
        objection.save(update_fields=["answer", "answer_reason", "answered_by", "answered_at", "version"])
        audit.record(
            actor=actor,
            action="answer objection",
            object=objection,
            now=now,
            tender=objection.tender,
            answer=answer,
            reason=reason,
        )
    return objection
