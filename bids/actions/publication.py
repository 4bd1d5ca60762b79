"""Publishing a draft, which freezes it, and cancelling a tender."""

import json
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bids.actions.amendments import is_as_agreed
from bids.actions.custody import make_keys
from bids.actions.notices import tell_invited_later
from bids.actions.readiness import blocking, publication_checks
from bids.cases import publication_fingerprint, publication_text
from bids.queries import agreed_amendments, clearances_of
from procurement import audit, rules
from procurement.actions.locking import Stale, enforce_and_lock
from procurement.choices import Stage
from procurement.models import Tender, User

#: Names are copied at publication: who is renamed later has still signed.
_COPIED_NAMES = ("owner", "approver", "escalation", "requirement_owners")


def draft_fingerprint(tender: Tender) -> str:
    """The fingerprint that the specification would get if it were published as it stands."""
    return publication_fingerprint(publication_text(tender))


def publish(*, actor: User, tender: Tender, now: datetime, seen: str | None = None) -> Tender:
    """Freeze the specification and open the tender for bids.

    `seen` is the fingerprint of what the actor had on screen, if it is known. Raises `Forbidden`,
    `ValidationError` with everything that is missing, and `Stale` when the draft changed meanwhile.
    """
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_publish, actor, tender)
        faults = blocking(publication_checks(tender, now))
        if faults:
            raise ValidationError([check.text for check in faults])
        text = publication_text(tender)
        if seen is not None and seen != publication_fingerprint(text):
            raise Stale(_("The draft changed while you were looking at it. Nothing was published."))
        tender.stage = Stage.PUBLISHED
        tender.published_at = now
        tender.published_text = text
        tender.fingerprint = publication_fingerprint(text)
        tender.save(update_fields=["stage", "published_at", "published_text", "fingerprint"])
        package, signed = make_keys(tender, now), clearances_of(tender, tender.fingerprint)
        audit.record(
            actor=actor,
            action="publish tender",
            object=tender,
            now=now,
            tender=tender,
            fingerprint=tender.fingerprint,
            package=package.digest,
            deadline=tender.deadline.isoformat(),
            signed_off={side: row.signed_by for side, row in signed.items()},
            panel=[f"{seat.code} ({seat.unit.code})" for seat in tender.seats.select_related("unit")],
        )
        audit.stage_changed("publish tender")
        tell_invited_later(tender)
    return tender


def is_as_published(tender: Tender) -> bool:
    """Whether the rows still say what was published, and the published text still has its fingerprint.

    The deadline is the published one, or the one that the last amendment set; amendments say what was agreed.
    """
    if publication_fingerprint(tender.published_text) != tender.fingerprint:
        return False
    now, then = _without_names(publication_text(tender)), _without_names(tender.published_text)
    moved, published = now.pop("deadline"), then.pop("deadline")
    amended = list(agreed_amendments(tender))
    deadlines = [row.deadline for row in amended if row.deadline is not None]
    deadline_stands = tender.deadline == deadlines[-1] if deadlines else moved == published
    return deadline_stands and now == then and all(is_as_agreed(row) for row in amended)


def _without_names(text: str) -> dict[str, Any]:
    """A publication text without the names of people."""
    document = json.loads(text)
    return {key: value for key, value in document.items() if key not in _COPIED_NAMES}


def cancel(*, actor: User, tender: Tender, reason: str, now: datetime) -> Tender:
    """End a tender without an award. Raises `Forbidden`, and `ValidationError` without a reason."""
    reason = reason.strip()
    if not reason:
        raise ValidationError({"reason": _("Say why the tender is cancelled.")})
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_cancel, actor, tender)
        was = tender.stage
        tender.stage = Stage.CANCELLED
        tender.cancelled_reason = reason
        tender.save(update_fields=["stage", "cancelled_reason"])
        audit.record(
            actor=actor,
            action="cancel tender",
            object=tender,
            now=now,
            tender=tender,
            reason=reason,
            stage=was,
        )
        audit.stage_changed("cancel tender")
    return tender
