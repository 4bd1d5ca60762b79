"""Waivers of failed gates and accepted risks: proposed, signed twice by two others, or refused, by name."""

from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bids import rules
from bids.actions.submission import hold, signature
from bids.models import Claim, Waiver
from procurement import audit
from procurement.actions.locking import advance, enforce_and_lock
from procurement.models import User

#: The longest that a waiver lasts.
LONGEST = timedelta(days=180)


def propose_waiver(
    *, actor: User, claim: Claim, reason: str, control: str, expires_on: date, now: datetime
) -> Waiver:
    """Propose by name that an unmet requirement is waived, or its risk accepted, up to and including a day.

    Raises `Forbidden`, and `ValidationError` for a day that is over or more than 180 days ahead.
    """
    today = timezone.localdate(now)
    if not today < expires_on <= today + LONGEST:
        text = _("It ends after today and within %(days)d days.") % {"days": LONGEST.days}
        raise ValidationError({"expires_on": text})
    with transaction.atomic():
        hold(claim.bid.tender)
        claim = enforce_and_lock(lambda person, row: rules.can_waive(person, row, today), actor, claim)
        waiver = Waiver.objects.create(
            claim=claim,
            reason=reason,
            control=control,
            expires_on=expires_on,
            proposer=actor,
            proposed_by=signature(actor),
            proposed_at=now,
        )
        words = {"reason": reason, "control": control, "expires_on": expires_on.isoformat()}
        _record(waiver, actor, "propose waiver", now, **words)
    return waiver


def sign_waiver(*, actor: User, waiver: Waiver, seen: int, now: datetime) -> Waiver:
    """Sign for security, or as the approver; with the second signature it is in force.

    Raises `Forbidden` and `Stale`.
    """
    with transaction.atomic():
        waiver = _locked(actor, waiver, seen, now)
        if rules.signs_for_security(actor, waiver):
            waiver.security_signer, waiver.security_by, waiver.security_at = actor, signature(actor), now
            columns, action = ["security_signer", "security_by", "security_at"], "sign waiver for security"
        else:
            waiver.approver, waiver.approved_by, waiver.approved_at = actor, signature(actor), now
            columns, action = ["approver", "approved_by", "approved_at"], "sign waiver as approver"
        waiver.save(update_fields=[*columns, "version"])
        in_force = waiver.is_in_force(timezone.localdate(now))
        _record(waiver, actor, action, now, in_force=in_force)
    return waiver


def refuse_waiver(*, actor: User, waiver: Waiver, reason: str, seen: int, now: datetime) -> Waiver:
    """Refuse to sign, for good and with a reason; another proposal can be made. Raises as above."""
    with transaction.atomic():
        waiver = _locked(actor, waiver, seen, now)
        waiver.refused_by, waiver.refused_at, waiver.refused_reason = signature(actor), now, reason
        waiver.save(update_fields=["refused_by", "refused_at", "refused_reason", "version"])
        _record(waiver, actor, "refuse waiver", now, reason=reason)
    return waiver


def _locked(actor: User, waiver: Waiver, seen: int, now: datetime) -> Waiver:
    today = timezone.localdate(now)
    hold(waiver.claim.bid.tender)
    waiver = enforce_and_lock(lambda person, row: rules.can_sign_waiver(person, row, today), actor, waiver)
    advance(waiver, seen)
    return waiver


def _record(waiver: Waiver, actor: User, action: str, now: datetime, **payload: object) -> None:
    claim = waiver.claim
    audit.record(
        actor=actor,
        action=action,
        object=waiver,
        now=now,
        tender=claim.bid.tender,
        bid=str(claim.bid),
        requirement=claim.requirement.code,
        gate=claim.requirement.mandatory,
        **payload,
    )
