"""Verification: what the bank found, and which bids are out."""

from collections.abc import Callable
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bids import rules
from bids.actions.submission import hold, signature
from bids.choices import DATED_EVIDENCE, Answer, BidStatus, Evidence
from bids.models import Bid, Claim
from procurement import audit
from procurement.actions.locking import advance, enforce_and_lock
from procurement.models import User
from procurement.rules import Verdict


def record_finding(
    *,
    actor: User,
    claim: Claim,
    verified: bool | None,
    finding: str,
    seen: int,
    now: datetime,
    level: Evidence | None = None,
    until: date | None = None,
) -> Claim:
    """Say by name whether a requirement is met, and what was found; None takes an earlier finding back.

    `level` is what was found to stand behind an answer that is met, good `until` that day; without a level it
    is as the vendor says. Raises `Forbidden`, `Stale`, and `ValidationError` for a finding without words, for
    evidence without its day, and for "met" where the vendor says "not applicable" and security has no say.
    """
    if verified is not None and not finding:
        raise ValidationError({"finding": _("Say what was found.")})
    if verified and level in DATED_EVIDENCE and until is None:
        raise ValidationError({"until": _("Say until when the evidence is good.")})
    with transaction.atomic():
        claim = _locked(rules.can_verify, actor, claim, seen)
        if verified and claim.answer == Answer.NOT_APPLICABLE:
            _check_security(actor, claim)
        claim.verified, claim.finding = verified, finding
        claim.verified_by, claim.verified_at = (signature(actor), now) if verified is not None else ("", None)
        claim.evidence_found = level or "" if verified else ""
        if verified and level in DATED_EVIDENCE:
            claim.evidence_until = until
        claim.save(update_fields=[*_FINDING, "version"])
        good_until = claim.evidence_until.isoformat() if claim.evidence_until else None
        found = {"verified": verified, "finding": finding, "evidence": claim.evidence_found}
        _record(claim, actor, "record finding", now, **found, evidence_until=good_until)
    return claim


_FINDING = ("verified", "finding", "verified_by", "verified_at", "evidence_found", "evidence_until")


def _check_security(actor: User, claim: Claim) -> None:
    """Nobody makes a "not applicable" count by calling it met in security's place."""
    verdict = rules.speaks_for_security(actor, claim.bid.tender, claim.requirement)
    if not verdict:
        raise ValidationError({"verified": str(verdict.reason)})


def accept_not_applicable(*, actor: User, claim: Claim, reason: str, seen: int, now: datetime) -> Claim:
    """Agree by name that a requirement does not apply to a bid: it then counts as met.

    A finding that is recorded later counts in its place. Raises `Forbidden` and `Stale`.
    """
    with transaction.atomic():
        claim = _locked(rules.can_accept_not_applicable, actor, claim, seen)
        claim.not_applicable_by, claim.not_applicable_reason = signature(actor), reason
        claim.save(update_fields=["not_applicable_by", "not_applicable_reason", "version"])
        _record(claim, actor, "accept not applicable", now, reason=reason)
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
