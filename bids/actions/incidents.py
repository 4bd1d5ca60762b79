"""Incidents with a vendor: recorded by name, closed once with a note, changed never."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bids import rules
from bids.actions.submission import signature
from bids.models import Incident
from procurement import audit
from procurement.actions.locking import enforce_and_lock
from procurement.models import Tender, User, Vendor


def record_incident(
    *,
    actor: User,
    vendor: Vendor,
    tender: Tender | None,
    severity: str,
    happened_on: date,
    what: str,
    now: datetime,
) -> Incident:
    """Put an incident on the vendor's record. Raises `Forbidden`, and `ValidationError` for a day to come."""
    rules.can_record_incident(actor).enforce()
    if happened_on > timezone.localdate(now):
        raise ValidationError({"happened_on": _("This day is still to come.")})
    with transaction.atomic():
        incident = Incident.objects.create(
            vendor=vendor,
            tender=tender,
            severity=severity,
            happened_on=happened_on,
            what=what,
            recorded_by=signature(actor),
            recorded_at=now,
        )
        audit.record(
            actor=actor,
            action="record incident",
            object=incident,
            now=now,
            tender=tender,
            vendor=vendor.name,
            severity=severity,
            happened_on=happened_on.isoformat(),
            what=what,
        )
    return incident


def close_incident(*, actor: User, incident: Incident, note: str, now: datetime) -> Incident:
    """Add the closing note, by name and once. Raises `Forbidden`."""
    with transaction.atomic():
        incident = enforce_and_lock(rules.can_close_incident, actor, incident)
        incident.closing_note, incident.closed_by, incident.closed_at = note, signature(actor), now
        incident.save(update_fields=["closing_note", "closed_by", "closed_at"])
        audit.record(
            actor=actor, action="close incident", object=incident, now=now, tender=incident.tender, note=note
        )
    return incident
