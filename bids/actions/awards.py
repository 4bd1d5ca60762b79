"""The last two moves of a tender: putting the ranking before the approver, and the award."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bids import rules
from bids.cases import evaluated
from bids.evaluation import Result, canonical, case_file
from bids.evaluation.result import RANKED
from bids.models import Award, Bid
from procurement import audit
from procurement.actions.locking import Stale, enforce_and_lock
from procurement.choices import Stage
from procurement.models import Tender, User


def _winner(result: Result) -> str:
    """The vendor in first place. Raises `ValidationError` where nobody, or more than one, stands there."""
    if result.status != RANKED:
        raise ValidationError(_("Nobody is ranked yet: marks or prices are missing."))
    if result.winner is None:
        raise ValidationError(
            _("First place is not settled: a tie or a missing quorum must be resolved first.")
        )
    return result.winner


def present_ranking(*, actor: User, tender: Tender, now: datetime) -> Tender:
    """Put the ranking before the approver; marks no longer change. Raises `Forbidden`, `ValidationError`."""
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_present, actor, tender)
        _case, result = evaluated(tender, now=now)
        if result.status != RANKED:
            raise ValidationError(_("Nobody is ranked yet: marks or prices are missing."))
        tender.stage = Stage.RANKED
        tender.save(update_fields=["stage"])
        audit.record(
            actor=actor,
            action="present ranking",
            object=tender,
            now=now,
            tender=tender,
            fingerprint=result.fingerprint,
            winner=result.winner or "",
        )
    return tender


def award(*, actor: User, tender: Tender, reason: str, seen: str, now: datetime) -> Award:
    """Award to first place, by name and with a reason, and freeze the case and the result with it.

    `seen` is the ranking fingerprint that the approver had on screen. Raises `Forbidden`, `Stale` when the
    ranking is another one by now, and `ValidationError` when first place is not settled.
    """
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_award, actor, tender)
        case, result = evaluated(tender, now=now)
        if result.fingerprint != seen:
            raise Stale(_("The ranking has changed since you opened this page. Look at it again first."))
        winner = _winner(result)
        decision = Award.objects.create(
            tender=tender,
            bid=Bid.objects.get(tender=tender, vendor__name=winner),
            reason=reason,
            awarded_by=f"{actor} ({actor.belongs_to})",
            awarded_at=now,
            case_text=canonical(case_file(case)),
            result_text=canonical(result.to_document()),
            fingerprint=result.fingerprint,
        )
        tender.stage = Stage.AWARDED
        tender.save(update_fields=["stage"])
        alone = result.price_only
        audit.record(
            actor=actor,
            action="award",
            object=winner,
            now=now,
            tender=tender,
            reason=reason,
            fingerprint=result.fingerprint,
            price_alone=alone.vendor if alone else "",
            unmet_by_price_alone=list(alone.unmet) if alone else [],
        )
    return decision
