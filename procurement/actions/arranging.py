"""Changing many requirements of a draft in one step: their order, and what several of them have in common."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from procurement import audit, queries, rules
from procurement.actions import specification
from procurement.actions.changes import put
from procurement.actions.locking import Stale, advance, enforce_and_lock
from procurement.actions.picking import same
from procurement.actions.tenders import check_owner
from procurement.choices import Kind
from procurement.models import Criterion, Requirement, Tender, User

#: Columns that several requirements can be given at once.
COMMON = ("mandatory", "severity", "unit", "owner", "criterion")


@dataclass(frozen=True)
class NewCriterion:
    """A criterion that is made for the requirements: its name, the group it is part of, and its weight."""

    title: str
    parent: Criterion | None
    weight: Decimal
    kind: str = Kind.SECURITY
    title_en: str = ""


def order_requirements(
    *, actor: User, tender: Tender, seen: Sequence[int], order: Sequence[int], now: datetime
) -> None:
    """Store a whole new order; `seen` is the order on the actor's screen, both by key.

    Raises `Stale` where another order is stored or rows came or went, `ValidationError` where the new order
    is not one of the same rows, and `Forbidden`.
    """
    if sorted(seen) != sorted(order):
        raise ValidationError(_("The new order does not have the same requirements."))
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_edit_tender, actor, tender)
        rows = {row.pk: row for row in tender.requirements.select_for_update()}
        if list(rows) != list(seen):
            raise Stale(_("Somebody changed the order meanwhile."))
        moved = []
        for position, key in enumerate(order):
            if rows[key].position != position:
                rows[key].position = position
                moved.append(rows[key])
        if list(seen) == list(order):
            return
        Requirement.objects.bulk_update(moved, ["position"], batch_size=200)
        audit.record(
            actor=actor,
            action="order requirements",
            object=tender,
            now=now,
            tender=tender,
            order=[rows[key].code for key in order],
        )


def edit_requirements(
    *,
    actor: User,
    tender: Tender,
    seen: Mapping[int, int],
    values: Mapping[str, Any],
    criterion: NewCriterion | None = None,
    now: datetime,
) -> int:
    """Give several requirements the same values, all of them or none; how many became different.

    `seen` is the version on screen by key; `values` has some of `COMMON`. With `criterion` a new one is made,
    beside which they are read. Raises `ValidationError` that names the requirement, `Stale`, `Forbidden`.
    """
    if not seen:
        raise ValidationError(_("Choose at least one requirement."))
    if not values and criterion is None:
        raise ValidationError(_("Say what is to change."))
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_edit_tender, actor, tender)
        rows = list(tender.requirements.select_for_update().filter(pk__in=seen))
        if len(rows) < len(seen):
            raise Stale(_("Somebody deleted one of the requirements meanwhile. Nothing was changed."))
        given = dict(values)
        if criterion is not None:
            given["criterion"] = _made(actor, tender, criterion, now)
        _check_criterion(tender, given.get("criterion"))
        changes = {row.code: changed for row in rows if (changed := _given(row, given, seen[row.pk]))}
        if changes:
            audit.record(
                actor=actor,
                action="edit requirements",
                object=tender,
                now=now,
                tender=tender,
                changes=changes,
            )
    return len(changes)


def _made(actor: User, tender: Tender, criterion: NewCriterion, now: datetime) -> Criterion:
    """The new criterion, its code the next one of its group."""
    prefix = criterion.parent.code if criterion.parent else "C"
    known = {same(code) for code in tender.criteria.values_list("code", flat=True)}
    number = next(number for number in range(1, len(known) + 2) if same(f"{prefix}{number}") not in known)
    values = {
        "code": f"{prefix}{number}",
        "title": criterion.title,
        "title_en": criterion.title_en,
        "parent": criterion.parent,
        "weight": criterion.weight,
        "kind": criterion.kind,
        "minimum": None,
        "maximum": None,
        "value": None,
        "units": [],
    }
    return specification.add_criterion(actor=actor, tender=tender, values=values, now=now)


def _check_criterion(tender: Tender, leaf: Criterion | None) -> None:
    if leaf is not None and not queries.leaves_that_are_informed(tender).filter(pk=leaf.pk).exists():
        raise ValidationError(
            {"criterion": _("Only a criterion of this tender that people mark by quality has answers.")}
        )


def _given(row: Requirement, values: Mapping[str, Any], seen: int) -> dict[str, list[Any]]:
    """Put the values into one locked row and save it; what became different."""
    changes = put(row, values)
    if not changes:
        return {}
    try:
        check_owner("unit", {"unit": row.unit, "owner": row.owner})
    except ValidationError as error:
        told = {name: [f"{row.code}: {text}" for text in texts] for name, texts in error.message_dict.items()}
        raise ValidationError(told) from error
    advance(row, seen)
    row.save(update_fields=[*changes, "version"])
    return changes
