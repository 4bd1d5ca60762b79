"""Writing the specification of a draft: requirements, criteria and the seats of the panel.

Every action locks the tender first, so that nothing of it changes while it is published.
"""

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from procurement import audit, rules
from procurement.actions.changes import entered, next_position, only, put
from procurement.actions.locking import Stale, advance, enforce_and_lock
from procurement.actions.tenders import check_owner
from procurement.choices import Kind, Role
from procurement.models import Criterion, CriterionUnit, Requirement, Seat, Tender, Unit, User

Row = TypeVar("Row", Requirement, Criterion, Seat)

REQUIREMENT = ("code", "title", "kind", "mandatory", "severity", "unit", "owner", "source", "evidence")
CRITERION = ("code", "title", "parent", "weight", "minimum", "kind", "maximum", "value")
SEAT = ("code", "unit", "user", "name", "expert")

#: Columns of a criterion that only a leaf has, and what they are on a group.
LEAF_ONLY: dict[str, Any] = {
    "kind": "",
    "maximum": None,
    "value": None,
    "anchors": [],
    "evidence_caps": None,
}

#: Columns that an import does not know; where they are not named they stay as they are.
REQUIREMENT_READING = (
    "criterion",
    "title_en",
    "why",
    "why_en",
    "pass_test",
    "pass_test_en",
    "evidence_en",
    "evidence_level",
    "catalogue",
    "catalogue_version",
    "entry",
    "entry_digest",
    "parameters",
)
CRITERION_READING = ("title_en", "anchors", "evidence_caps")


def _columns(values: Mapping[str, Any], names: tuple[str, ...], reading: tuple[str, ...]) -> dict[str, Any]:
    """The named columns, and those for reading that were entered."""
    return only(values, [*names, *(name for name in reading if name in values)])


def _same(code: str) -> str:
    """Codes that look alike are the same one (case file, Reading)."""
    return unicodedata.normalize("NFKC", code).casefold()


def _check_code(row: Row) -> None:
    """Refuse a code that another row of the tender has, whatever its letters' width or case."""
    others = type(row)._default_manager.filter(tender=row.tender).exclude(pk=row.pk)
    if _same(row.code) in map(_same, others.values_list("code", flat=True)):
        raise ValidationError({"code": _("“%(code)s” is there already.") % {"code": row.code}})


def _add(*, actor: User, tender: Tender, row: Row, values: Mapping[str, Any], now: datetime) -> Row:
    """Check and append a new row. The tender is locked."""
    row.tender = tender
    row.position = next_position(type(row)._default_manager.filter(tender=tender))
    _check_code(row)
    row.full_clean()
    row.save(force_insert=True)
    noun = row._meta.model_name
    audit.record(actor=actor, action=f"add {noun}", object=row, now=now, tender=tender, **entered(values))
    return row


def _write(*, actor: User, row: Row, changes: Mapping[str, Any], fields: list[str], now: datetime) -> None:
    """Check and save what was put into a row. The tender is locked."""
    if not changes:
        return
    _check_code(row)
    row.full_clean()
    row.save(update_fields=[*fields, "version"])
    audit.record(
        actor=actor,
        action=f"edit {row._meta.model_name}",
        object=row,
        now=now,
        tender=row.tender,
        changes=dict(changes),
    )


def _locked(actor: User, row: Row, seen: int) -> Row:
    """The stored row, its tender locked and still a draft, the version on screen still the stored one."""
    tender = enforce_and_lock(rules.can_edit_tender, actor, row.tender)
    fresh = type(row)._default_manager.select_for_update().filter(pk=row.pk).first()
    if fresh is None:
        raise Stale(_("Somebody deleted “%(row)s” meanwhile.") % {"row": row})
    fresh.tender = tender
    advance(fresh, seen)
    return fresh


def _remove(*, actor: User, row: Row, now: datetime) -> None:
    """Delete a locked row; the trail keeps its name."""
    audit.record(actor=actor, action=f"delete {row._meta.model_name}", object=row, now=now, tender=row.tender)
    row.delete()


def _swap(*, actor: User, tender: Tender, moved: Row, siblings: list[Row], up: bool, now: datetime) -> None:
    """Exchange a row's position with its neighbour's; at the end of the list nothing happens."""
    keys = [sibling.pk for sibling in siblings]
    if moved.pk not in keys:
        raise Stale(_("Somebody changed the order meanwhile."))
    here = keys.index(moved.pk)
    there = here - 1 if up else here + 1
    if not 0 <= there < len(siblings):
        return
    row, neighbour = siblings[here], siblings[there]
    row.position, neighbour.position = neighbour.position, row.position
    for either in (row, neighbour):
        either.save(update_fields=["position"])
    audit.record(
        actor=actor,
        action=f"move {row._meta.model_name}",
        object=row,
        now=now,
        tender=tender,
        **{"before" if up else "after": str(neighbour)},
    )


# --- requirements ---------------------------------------------------------------------------------------
def add_requirement(*, actor: User, tender: Tender, values: Mapping[str, Any], now: datetime) -> Requirement:
    """Append a requirement. Raises `ValidationError`."""
    values = _columns(values, REQUIREMENT, REQUIREMENT_READING)
    check_owner("unit", values)
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_edit_tender, actor, tender)
        row = Requirement(tender=tender, **values)
        _check_informed(row)
        return _add(actor=actor, tender=tender, row=row, values=values, now=now)


def edit_requirement(
    *, actor: User, requirement: Requirement, values: Mapping[str, Any], seen: int, now: datetime
) -> dict[str, list[Any]]:
    """Change a requirement, and say what became different. Raises `ValidationError` and `Stale`."""
    values = _columns(values, REQUIREMENT, REQUIREMENT_READING)
    check_owner("unit", values)
    with transaction.atomic():
        row = _locked(actor, requirement, seen)
        changes = put(row, values)
        changes |= _drop_stale_english(row, values, changes)
        _check_informed(row)
        _write(actor=actor, row=row, changes=changes, fields=list(changes), now=now)
    return changes


def _drop_stale_english(
    row: Requirement | Criterion, values: Mapping[str, Any], changes: Mapping[str, Any]
) -> dict[str, list[Any]]:
    """An English text goes where the text of record changed and nobody had it before the eyes."""
    stale = {
        f"{name}_en": ""
        for name in ("title", "why", "pass_test", "evidence")
        if name in changes and f"{name}_en" not in values
    }
    return put(row, stale)


def _check_informed(row: Requirement) -> None:
    """Refuse a criterion beside which nothing is read: of another tender, a group, or the price."""
    leaf = row.criterion
    if leaf is None:
        return
    if leaf.tender_id != row.tender_id:
        raise ValidationError({"criterion": _("This criterion is of another tender.")})
    if leaf.kind == Kind.PRICE or leaf.children.exists():
        raise ValidationError({"criterion": _("Only a criterion that people mark by quality has answers.")})


def delete_requirement(*, actor: User, requirement: Requirement, seen: int, now: datetime) -> None:
    """Take a requirement out. Raises `Stale`."""
    with transaction.atomic():
        _remove(actor=actor, row=_locked(actor, requirement, seen), now=now)


def move_requirement(*, actor: User, requirement: Requirement, up: bool, now: datetime) -> None:
    """Move a requirement one place up or down among the gates, or among the scored ones."""
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_edit_tender, actor, requirement.tender)
        siblings = list(tender.requirements.filter(mandatory=requirement.mandatory).select_for_update())
        _swap(actor=actor, tender=tender, moved=requirement, siblings=siblings, up=up, now=now)


# --- criteria -------------------------------------------------------------------------------------------
def add_criterion(*, actor: User, tender: Tender, values: Mapping[str, Any], now: datetime) -> Criterion:
    """Append a criterion. A leaf that gets its first part becomes a group. Raises `ValidationError`."""
    columns = _columns(values, CRITERION, CRITERION_READING)
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_edit_tender, actor, tender)
        row = Criterion(tender=tender, **columns)
        _check_parent(row)
        _add(actor=actor, tender=tender, row=row, values=columns | {"units": values["units"]}, now=now)
        _set_units(row, values["units"])
        _become_group(actor=actor, row=row.parent, now=now)
    return row


def edit_criterion(
    *, actor: User, criterion: Criterion, values: Mapping[str, Any], seen: int, now: datetime
) -> dict[str, list[Any]]:
    """Change a criterion and which units mark it, and say what became different.

    Raises `ValidationError` and `Stale`.
    """
    columns, units = _columns(values, CRITERION, CRITERION_READING), list(values["units"])
    with transaction.atomic():
        row = _locked(actor, criterion, seen)
        if row.children.exists():
            columns, units = columns | LEAF_ONLY, []
        changes = put(row, columns)
        changes |= _drop_stale_english(row, columns, changes)
        fields = list(changes)
        _check_parent(row)
        _check_informs(row)
        before = [link.unit.code for link in row.marking_units.select_related("unit")]
        if before != [unit.code for unit in units]:
            changes["units"] = [before, [unit.code for unit in units]]
            _set_units(row, units)
        _write(actor=actor, row=row, changes=changes, fields=fields, now=now)
        _become_group(actor=actor, row=row.parent, now=now)
    return changes


def delete_criterion(*, actor: User, criterion: Criterion, seen: int, now: datetime) -> None:
    """Take a criterion without parts out. Raises `ValidationError` where it has parts, and `Stale`."""
    with transaction.atomic():
        row = _locked(actor, criterion, seen)
        if row.children.exists():
            raise ValidationError(
                _("“%(row)s” has parts. Move or delete them first."), params={"row": str(row)}
            )
        _remove(actor=actor, row=row, now=now)


def move_criterion(*, actor: User, criterion: Criterion, up: bool, now: datetime) -> None:
    """Move a criterion one place up or down among those of the same parent."""
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_edit_tender, actor, criterion.tender)
        siblings = list(tender.criteria.filter(parent=criterion.parent_id).select_for_update())
        _swap(actor=actor, tender=tender, moved=criterion, siblings=siblings, up=up, now=now)


def _check_parent(row: Criterion) -> None:
    """Refuse a parent of another tender, and a criterion that would be part of itself."""
    step = row.parent
    if step is not None and step.tender_id != row.tender_id:
        raise ValidationError({"parent": _("This criterion is of another tender.")})
    while step is not None:
        if row.pk is not None and step.pk == row.pk:
            raise ValidationError({"parent": _("A criterion cannot be part of itself.")})
        step = step.parent


def _check_informs(row: Criterion) -> None:
    """Refuse to make the price of a criterion beside which requirements are read."""
    codes = list(row.informed_by.values_list("code", flat=True)) if row.kind == Kind.PRICE else []
    if codes:
        text = _("These requirements are read beside it: %(codes)s. The price has none.")
        raise ValidationError({"kind": text % {"codes": ", ".join(codes)}})


def _become_group(*, actor: User, row: Criterion | None, now: datetime) -> None:
    """What only a leaf has goes when a criterion gets parts: nobody marks a group."""
    if row is None:
        return
    changes = put(row, LEAF_ONLY)
    fields = list(changes)
    units = [link.unit.code for link in row.marking_units.select_related("unit")]
    if units:
        changes["units"] = [units, []]
        _set_units(row, [])
    informed_by = list(row.informed_by.values_list("code", flat=True))
    if informed_by:
        changes["informed_by"] = [informed_by, []]
        row.informed_by.update(criterion=None)
    if changes:
        advance(row, row.version)
        _write(actor=actor, row=row, changes=changes, fields=fields, now=now)


def _set_units(row: Criterion, units: list[Unit]) -> None:
    """The units that mark a criterion, in order."""
    row.marking_units.all().delete()
    CriterionUnit.objects.bulk_create(
        CriterionUnit(criterion=row, unit=unit, position=position) for position, unit in enumerate(units)
    )


# --- the panel ------------------------------------------------------------------------------------------
def add_seat(*, actor: User, tender: Tender, values: Mapping[str, Any], now: datetime) -> Seat:
    """Give a panel member a seat. Raises `ValidationError`."""
    values = _seat(values)
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_edit_tender, actor, tender)
        return _add(actor=actor, tender=tender, row=Seat(**values), values=values, now=now)


def edit_seat(*, actor: User, seat: Seat, values: Mapping[str, Any], seen: int, now: datetime) -> None:
    """Change a seat. Raises `ValidationError` and `Stale`."""
    values = _seat(values)
    with transaction.atomic():
        row = _locked(actor, seat, seen)
        changes = put(row, values)
        _write(actor=actor, row=row, changes=changes, fields=list(changes), now=now)


def delete_seat(*, actor: User, seat: Seat, seen: int, now: datetime) -> None:
    """Take a seat away. Raises `Stale`."""
    with transaction.atomic():
        _remove(actor=actor, row=_locked(actor, seat, seen), now=now)


def _seat(values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a seat: name, and code unless one was entered, are copied from the person."""
    user, unit = values["user"], values["unit"]
    if user.role != Role.MEMBER:
        raise ValidationError({"user": _("%(name)s is not a panel member.") % {"name": user.name}})
    if user.unit_id != unit.pk:
        raise ValidationError(
            {
                "user": _("%(name)s belongs to %(unit)s and cannot sit for another unit.")
                % {"name": user.name, "unit": user.belongs_to}
            }
        )
    return only({**values, "code": values["code"] or user.username, "name": str(user)}, SEAT)
