"""Complaints against an award: entered, answered by name, and what follows when one is upheld."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bids import rules
from bids.actions.submission import signature
from bids.choices import ComplaintAnswer
from bids.models import Acceptance, Award, Bid, Complaint, Promise, SignOff
from bids.queries import award_of
from procurement import audit
from procurement.actions.locking import advance, enforce_and_lock
from procurement.choices import Role, Stage
from procurement.models import Tender, User


def complain(
    *,
    actor: User,
    tender: Tender,
    bid: Bid | None,
    complainant: str,
    text: str,
    received_at: datetime,
    now: datetime,
) -> Complaint:
    """Put a complaint on record. Inside the standstill it freezes the award; later it is kept, marked late.

    What a vendor's person writes is that vendor's, received now. Raises `Forbidden`, `ValidationError`.
    """
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_complain, actor, tender)
        if actor.role == Role.VENDOR:
            bid, received_at = tender.bids.get(vendor=actor.vendor), now
            complainant = signature(actor)
        award = award_of(tender)
        if not award.awarded_at <= received_at <= now:
            raise ValidationError({"received_at": _("This lies before the award, or has not come yet.")})
        complaint = Complaint.objects.create(
            award=award,
            number=award.complaints.count() + 1,
            bid=bid,
            complainant=complainant or str(bid or ""),
            text=text,
            received_at=received_at,
            entered_by=signature(actor),
            entered_at=now,
            late=received_at > award.standstill_until,
        )
        audit.record(
            actor=actor,
            action="enter complaint",
            object=complaint.number,
            now=now,
            tender=tender,
            complainant=complaint.complainant,
            received_at=received_at.isoformat(),
            late=complaint.late,
            text=text,
        )
    return complaint


def answer_complaint(
    *, actor: User, complaint: Complaint, seen: int, answer: str, reason: str, now: datetime
) -> Complaint:
    """Answer for good, by name. Upheld, the award is suspended: a new recommendation, or a cancellation.

    Raises `Forbidden`, `Stale`.
    """
    with transaction.atomic():
        Tender.objects.select_for_update().get(pk=complaint.award.tender_id)
        complaint = enforce_and_lock(rules.can_answer_complaint, actor, complaint)
        advance(complaint, seen)
        complaint.answer, complaint.answer_reason = answer, reason
        complaint.answered_by, complaint.answered_at = signature(actor), now
        complaint.save(update_fields=["answer", "answer_reason", "answered_by", "answered_at", "version"])
        tender = complaint.award.tender
        audit.record(
            actor=actor,
            action="answer complaint",
            object=complaint.number,
            now=now,
            tender=tender,
            answer=answer,
            reason=reason,
        )
        if answer == ComplaintAnswer.UPHELD:
            _suspend(actor, complaint.award, complaint, now)
    return complaint


def _suspend(actor: User, award: Award, complaint: Complaint, now: datetime) -> None:
    """Bring the award down: the one move of a tender that goes back. The award stays on record."""
    tender = award.tender
    if SignOff.objects.filter(promise__tender=tender).exists():
        raise ValidationError(_("Promises of this award were signed already, so it cannot be suspended."))
    Promise.objects.filter(tender=tender).delete()
    Acceptance.objects.filter(tender=tender).delete()
    award.suspended_at, award.suspended_by = now, signature(actor)
    award.save(update_fields=["suspended_at", "suspended_by"])
    tender.stage = Stage.RANKED
    tender.save(update_fields=["stage"])
    audit.record(
        actor=actor,
        action="suspend award",
        object=award.bid,
        now=now,
        tender=tender,
        complaint=complaint.number,
        fingerprint=award.fingerprint,
    )
    audit.stage_changed("suspend award")
