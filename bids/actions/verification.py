"""Verification: what the bank found, what an approver accepts, and which bids are out."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bids import rules
from bids.actions.submission import hold, signature
from bids.choices import BidStatus
from bids.models import Bid, Claim, Waiver
from procurement import audit
from procurement.actions.locking import advance, enforce_and_lock
from procurement.models import User
from procurement.rules import Verdict


def record_finding(
    *, actor: User, claim: Claim, verified: bool | None, finding: str, seen: int, now: datetime
) -> Claim:
    """Say by name whether a requirement is met, and what was found; None takes an earlier finding back.

    Raises `Forbidden`, `Stale`, and `ValidationError` for a finding without words.
    """
    if verified is not None and not finding:
        raise ValidationError({"finding": _("Say what was found.")})
    with transaction.atomic():
        claim = _locked(rules.can_verify, actor, claim, seen)
        claim.verified, claim.finding = verified, finding
        claim.verified_by, claim.verified_at = (signature(actor), now) if verified is not None else ("", None)
        claim.save(update_fields=["verified", "finding", "verified_by", "verified_at", "version"])
        _record(claim, actor, "record finding", now, verified=verified, finding=finding)
    return claim


def waive(*, actor: User, claim: Claim, reason: str, seen: int, now: datetime) -> Claim:
    """Accept by name that a gate is not met; the bid is ranked and carries the waiver wherever it is shown.

    Raises `Forbidden` and `Stale`.
    """
    with transaction.atomic():
        claim = _locked(rules.can_waive, actor, claim, seen)
        claim.save(update_fields=["version"])
        Waiver.objects.create(
            claim=claim,
            reason=reason,
            expires_on=timezone.localdate(now) + timedelta(days=180),
            proposed_by=signature(actor),
            proposed_at=now,
            security_by=signature(actor),
            security_at=now,
            approved_by=signature(actor),
            approved_at=now,
        )
        _record(claim, actor, "waive requirement", now, reason=reason)
    return claim


def exclude(*, actor: User, bid: Bid, reason: str, seen: int, now: datetime) -> Bid:
    """Take a bid out of the evaluation, for a reason that everybody sees. Raises `Forbidden` and `Stale`."""
    with transaction.atomic():
        hold(bid.tender)
        bid = enforce_and_lock(rules.can_exclude, actor, bid)
        advance(bid, seen)
        bid.status, bid.reason = BidStatus.EXCLUDED, reason
        bid.save(update_fields=["status", "reason", "version"])
        audit.record(actor=actor, action="exclude bid", object=bid, now=now, tender=bid.tender, reason=reason)
    return bid


def _locked(rule: Callable[[User, Claim], Verdict], actor: User, claim: Claim, seen: int) -> Claim:
    hold(claim.bid.tender)
    claim = enforce_and_lock(rule, actor, claim)
    advance(claim, seen)
    return claim


def _record(claim: Claim, actor: User, action: str, now: datetime, **payload: object) -> None:
    audit.record(
        actor=actor,
        action=action,
        object=claim,
        now=now,
        tender=claim.bid.tender,
        requirement=claim.requirement.code,
        bid=str(claim.bid),
        **payload,
    )
