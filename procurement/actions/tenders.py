"""Writing a tender down: who wants what, by which rules, until when."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from procurement import audit, rules
from procurement.actions.changes import entered, only, put
from procurement.actions.locking import advance, enforce_and_lock
from procurement.choices import Role
from procurement.models import Tender, User

#: Columns that an officer writes.
WRITABLE = (
    "reference",
    "title",
    "currency",
    "system",
    "system_class",
    "owner_unit",
    "owner",
    "approver",
    "escalation",
    "profile",
    "method",
    "quality_scale",
    "fair_price_ceiling",
    "aggregation",
    "unit_shares",
    "total_points",
    "price_formula",
    "price_parameters",
    "pass_mark",
    "rank_scope",
    "tied_rank",
    "tie_break",
    "rounding",
    "budget",
    "reserve_price",
    "low_price",
    "panel_rules",
    "comment_at_ends",
    "masked_bidders",
    "difference_thresholds",
    "standstill_days",
    "deadline",
    "questions_until",
)


def check_owner(unit_field: str, values: Mapping[str, Any]) -> None:
    """Raise `ValidationError` unless the owner is of the bank and of the accountable unit."""
    owner, unit = values["owner"], values[unit_field]
    if owner and owner.role == Role.VENDOR:
        raise ValidationError({"owner": _("%(name)s is not of the bank.") % {"name": owner.name}})
    if owner and unit and owner.unit_id != unit.pk:
        raise ValidationError(
            {
                "owner": _("%(name)s belongs to %(unit)s, not to the accountable unit.")
                % {"name": owner.name, "unit": owner.belongs_to}
            }
        )


def check_dates(values: Mapping[str, Any]) -> None:
    """Raise `ValidationError` unless questions end before bids do."""
    until, deadline = values["questions_until"], values["deadline"]
    if until and deadline and until >= deadline:
        raise ValidationError({"questions_until": _("Questions end before the deadline for bids.")})


def create_tender(*, actor: User, values: Mapping[str, Any], now: datetime) -> Tender:
    """Enter a draft that the actor runs; `values` has all of `WRITABLE`. Raises `ValidationError`."""
    rules.can_create_tender(actor).enforce()
    values = only(values, WRITABLE)
    check_owner("owner_unit", values)
    check_dates(values)
    with transaction.atomic():
        tender = Tender(officer=actor, **values)
        tender.full_clean(exclude=["officer"])
        tender.save(force_insert=True)
        audit.record(
            actor=actor, action="create tender", object=tender, now=now, tender=tender, **entered(values)
        )
    return tender


def edit_tender(
    *, actor: User, tender: Tender, values: Mapping[str, Any], seen: int, now: datetime
) -> Tender:
    """Change a draft; `seen` is the version on the actor's screen. Raises `ValidationError` and `Stale`."""
    values = only(values, WRITABLE)
    check_owner("owner_unit", values)
    check_dates(values)
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_edit_tender, actor, tender)
        advance(tender, seen)
        changes = put(tender, values)
        if changes:
            tender.full_clean(exclude=["officer"])
            tender.save(update_fields=[*changes, "version"])
            audit.record(
                actor=actor, action="edit tender", object=tender, now=now, tender=tender, changes=changes
            )
    return tender
