"""What each side signs before the award, and what it refuses."""

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bids import rules
from bids.actions.awards import recommended
from bids.actions.rankings import can_be_awarded
from bids.actions.submission import signature
from bids.choices import ApprovalSide
from bids.models import Approval
from bids.queries import recommendation_of
from procurement import audit
from procurement.actions.locking import Stale, enforce_and_lock
from procurement.models import Tender, User


@dataclass(frozen=True)
class Word:
    """What a side says."""

    side: ApprovalSide | None
    approved: bool
    reason: str


def approve(
    *, actor: User, tender: Tender, approved: bool, reason: str, seen: str, now: datetime
) -> Approval:
    """Sign for one's side, on the ranking that was on screen, or refuse with a reason.

    A refusal ends the recommendation. Raises `Forbidden`, `Stale`, `ValidationError`.
    """
    word = Word(rules.side_of(actor), approved, reason)
    return _sign(actor=actor, tender=tender, word=word, seen=seen, now=now)


def refuse_award(*, actor: User, tender: Tender, reason: str, seen: str, now: datetime) -> Approval:
    """Refuse the award that both sides approved, with a reason: the panel has to recommend anew."""
    word = Word(ApprovalSide.FINAL, False, reason)
    return _sign(actor=actor, tender=tender, word=word, seen=seen, now=now)


def _sign(*, actor: User, tender: Tender, word: Word, seen: str, now: datetime) -> Approval:
    side, approved, reason = word.side, word.approved, word.reason
    rule = rules.can_award if side == ApprovalSide.FINAL else rules.can_approve
    with transaction.atomic():
        tender = enforce_and_lock(lambda person, row: rule(person, row, now, seen), actor, tender)
        choice, resolution = recommended(tender, now), recommendation_of(tender)
        verdict = can_be_awarded(tender, choice)
        if approved and not verdict:
            raise ValidationError(str(verdict.reason))
        if choice is None or choice.result.fingerprint != seen:
            raise Stale(_("The ranking has changed since you opened this page. Look at it again first."))
        if not approved and not reason:
            raise ValidationError({"reason": _("Say why you refuse.")})
        approval = Approval.objects.create(
            resolution=resolution,
            side=side,
            approved=approved,
            reason=reason,
            fingerprint=seen,
            signer=actor,
            signed_by=signature(actor),
            signed_at=now,
        )
        audit.record(
            actor=actor,
            action="approve award" if approved else "refuse award",
            object=resolution.bid,
            now=now,
            tender=tender,
            resolution=str(resolution),
            side=side,
            fingerprint=seen,
            reason=reason,
        )
    return approval
