"""Requirements and criteria out of an uploaded table: a dry run first, then all of it or nothing.

And the rows to go out, in the columns in which they come in.

The dry run is the import itself, taken back at the end; so it finds every fault that storing would find.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import rfc8785
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from procurement import audit, rules
from procurement.actions import specification
from procurement.actions.locking import Stale, enforce_and_lock
from procurement.actions.picking import blanks_of
from procurement.choices import RequirementKind, Severity
from procurement.forms.anchors import lines_of, read_anchors
from procurement.models import Criterion, Requirement, Tender, Unit, User
from procurement.models.fields import plain
from procurement.sheets.cells import Value
from procurement.sheets.names import case_key
from procurement.sheets.parsing import Fault, Parsed, Place
from procurement.sheets.values import parse_number

KINDS = ("requirements", "criteria")
#: More rows than any specification has.
ROWS = 1000

#: Texts beside those of the case file; a row that does not name them leaves them as they are.
_TEXTS = ("title_en", "why", "why_en", "pass_test", "pass_test_en", "evidence_en", "evidence_level")
#: Where a requirement was copied from.
_ORIGIN = ("catalogue", "catalogue_version", "entry", "entry_digest")

ADDED, CHANGED, SAME = "added", "changed", "same"


@dataclass(frozen=True)
class Line:
    """What a row does: its code and title, whether it is added, changed or the same, and what changes how."""

    code: str
    title: str
    does: str
    changes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Complaint:
    """One fault, in the reader's language, with its place in the file."""

    sheet: str
    address: str
    text: str


@dataclass(frozen=True)
class Outcome:
    """What an import does, or why it cannot be done; `lines` may be taken over only without faults."""

    lines: list[Line]
    faults: list[Complaint]
    notes: list[Complaint]

    def count(self, does: str) -> int:
        """How many rows are added, changed or the same."""
        return sum(line.does == does for line in self.lines)

    @property
    def changes_anything(self) -> bool:
        """Whether there is anything to store."""
        return any(line.does != SAME for line in self.lines)


def rows_of(tender: Tender, kind: str) -> list[dict[str, Value]]:
    """What stands in the specification, as rows that the import reads back as the same."""
    return list(map(_requirement_row if kind == KINDS[0] else _criterion_row, _stored(tender, kind)))


def _stored(tender: Tender, kind: str) -> QuerySet[Any]:
    if kind == KINDS[0]:
        return tender.requirements.select_related("unit", "criterion")
    return tender.criteria.select_related("parent").prefetch_related("marking_units__unit")


def _requirement_row(row: Requirement) -> dict[str, Value]:
    return {
        "code": row.code,
        "title": row.title,
        "kind": row.kind,
        "mandatory": row.mandatory,
        "severity": row.severity,
        "unit": row.unit.name if row.unit else None,
        "source": row.source or None,
        "evidence": row.evidence or None,
        "criterion": row.criterion.code if row.criterion else None,
        **{name: getattr(row, name) or None for name in (*_TEXTS, *_ORIGIN)},
    }


def _criterion_row(row: Criterion) -> dict[str, Value]:
    numbers = {"weight": row.weight, "minimum": row.minimum, "maximum": row.maximum, "value": row.value}
    return {
        "code": row.code,
        "parent": row.parent.code if row.parent else None,
        "title": row.title,
        "title_en": row.title_en or None,
        "kind": row.kind or None,
        **{key: None if number is None else plain(number) for key, number in numbers.items()},
        "units": [link.unit.name for link in row.marking_units.all()] or None,
        "anchors": lines_of(row.anchors) or None,
        "evidence_caps": row.evidence_caps,
    }


def complaint(fault: Fault) -> Complaint:
    """A fault of the file in the reader's language."""
    return Complaint(fault.sheet, fault.address, _(fault.template) % fault.params)


def try_import(*, actor: User, tender: Tender, parsed: Parsed, now: datetime) -> Outcome:
    """Run the import and take it back: what it would do, and every fault. Raises `Forbidden`."""
    with transaction.atomic():
        outcome = _run(actor, tender, parsed, now)
        transaction.set_rollback(True)
    return outcome


def store_import(
    *, actor: User, tender: Tender, parsed: Parsed, expected: list[Line], now: datetime
) -> Outcome:
    """Run the import for good.

    Raises `Forbidden`, `ValidationError` where there is a fault, and `Stale` where it would do anything else
    than the `expected` lines, because somebody changed the draft meanwhile.
    """
    with transaction.atomic():
        outcome = _run(actor, tender, parsed, now)
        if outcome.faults:
            raise ValidationError([fault.text for fault in outcome.faults])
        if _plain(outcome.lines) != _plain(expected):
            raise Stale(_("Somebody changed the draft since the dry run. Nothing was imported."))
        audit.record(
            actor=actor,
            action=f"import {parsed.kind}",
            object=tender,
            now=now,
            tender=tender,
            added=str(outcome.count(ADDED)),
            changed=str(outcome.count(CHANGED)),
        )
    return outcome


def _plain(lines: list[Line]) -> bytes:
    """Lines as they can be compared."""
    return rfc8785.dumps([asdict(line) for line in lines])


def _run(actor: User, tender: Tender, parsed: Parsed, now: datetime) -> Outcome:
    """Store every row that can be stored, and complain of the others."""
    tender = enforce_and_lock(rules.can_edit_tender, actor, tender)
    run = _Run(actor, tender, now)
    faults = [complaint(fault) for fault in parsed.faults]
    lines: list[Line] = []
    if len(parsed.rows) > ROWS:
        text = _("There are %(rows)d rows; at most %(limit)d can be imported at once.")
        faults.append(Complaint("", "", text % {"rows": len(parsed.rows), "limit": ROWS}))
    elif not faults:
        store = run.requirement if parsed.kind == KINDS[0] else run.criterion
        for row, place in _parents_first(parsed):
            try:
                with transaction.atomic():
                    lines.append(store(row))
            except ValidationError as error:
                faults += _complaints(error, place)
    return Outcome(lines, faults, [complaint(note) for note in parsed.notes])


def _complaints(error: ValidationError, place: Place) -> Iterator[Complaint]:
    """A refusal of an action, at the cells that it is about."""
    names = {"owner": "unit", NON_FIELD_ERRORS: ""}
    for name, errors in getattr(error, "error_dict", {NON_FIELD_ERRORS: [error]}).items():
        where = place.fault(names.get(name, name), "", {})
        for one in errors:
            yield Complaint(where.sheet, where.address, " ".join(one.messages))


def _parents_first(parsed: Parsed) -> list[tuple[dict[str, Any], Place]]:
    """The rows in an order in which every parent comes before its parts; rows in a circle come last."""
    rows = list(zip(parsed.rows, parsed.places, strict=True))
    if parsed.kind == KINDS[0]:
        return rows
    waiting = {case_key(str(row["code"])) for row, _place in rows}
    ordered: list[tuple[dict[str, Any], Place]] = []
    while rows:
        ready = [(row, place) for row, place in rows if case_key(str(row["parent"] or "")) not in waiting]
        if not ready:
            break
        ordered += ready
        waiting -= {case_key(str(row["code"])) for row, _place in ready}
        rows = [pair for pair in rows if pair not in ready]
    return ordered + rows


class _Run:
    """One import into a locked draft."""

    def __init__(self, actor: User, tender: Tender, now: datetime) -> None:
        self.actor, self.tender, self.now = actor, tender, now
        self.units = {
            case_key(name): unit
            for unit in Unit.objects.all()
            for name in (unit.code, unit.name_zh, unit.name_en)
        }
        self.requirements = {
            case_key(row.code): row for row in tender.requirements.select_related("unit", "owner")
        }
        self.criteria = {case_key(row.code): row for row in tender.criteria.all()}

    def requirement(self, row: Mapping[str, Any]) -> Line:
        """Add a requirement, or change the one of this code; a column that is empty changes nothing."""
        known = self.requirements.get(case_key(row["code"]))
        values = (
            _columns(known, specification.REQUIREMENT)
            if known
            else {
                "kind": RequirementKind.SECURITY,
                "mandatory": True,
                "severity": Severity.MEDIUM,
                "owner": None,
                "unit": None,
                "source": "",
                "evidence": "",
            }
        )
        values |= {
            key: value
            for key, value in row.items()
            if value is not None and key in (*specification.REQUIREMENT, *_TEXTS, *_ORIGIN)
        }
        if known is None and values.get("entry"):
            values["parameters"] = blanks_of(
                values.get("catalogue", ""), values.get("catalogue_version", ""), values["entry"]
            )
        if row["unit"] is not None:
            values["unit"] = self._unit(row["unit"], "unit")
        if row["criterion"] is not None:
            values["criterion"] = self._criterion(row["criterion"], "criterion")
        if values["owner"] and values["owner"].unit_id != getattr(values["unit"], "pk", None):
            values["owner"] = None
        return self._store(
            known, values, specification.add_requirement, specification.edit_requirement, "requirement"
        )

    def criterion(self, row: Mapping[str, Any]) -> Line:
        """Add a criterion, or change the one of this code; a column that is empty changes nothing."""
        known = self.criteria.get(case_key(row["code"]))
        if known:
            known.refresh_from_db()
            values = _columns(known, specification.CRITERION)
            values["units"] = [link.unit for link in known.marking_units.select_related("unit")]
        else:
            values = dict.fromkeys(specification.CRITERION) | {"kind": "", "units": []}
        values |= {key: row[key] for key in ("code", "title", "kind") if row[key] is not None}
        for key in ("weight", "minimum", "maximum", "value"):
            if row[key] is not None:
                values[key] = parse_number(row[key])
        if row["units"]:
            values["units"] = [self._unit(name, "units") for name in row["units"]]
        if row["parent"] is not None:
            values["parent"] = self._criterion(row["parent"], "parent")
        if row["title_en"] is not None:
            values["title_en"] = row["title_en"]
        if row["anchors"] is not None:
            values["anchors"] = self._anchors(row["anchors"], values["maximum"])
        if row["evidence_caps"] is not None:
            values["evidence_caps"] = row["evidence_caps"]
        line = self._store(
            known, values, specification.add_criterion, specification.edit_criterion, "criterion"
        )
        self.criteria = {case_key(row.code): row for row in self.tender.criteria.all()}
        return line

    def _store(
        self,
        known: Requirement | Criterion | None,
        values: dict[str, Any],
        add: Callable[..., Any],
        edit: Callable[..., dict[str, Any]],
        name: str,
    ) -> Line:
        """Add the row, or change the known one."""
        code, title = values["code"], values["title"]
        if known is None:
            add(actor=self.actor, tender=self.tender, values=values, now=self.now)
            return Line(code, title, ADDED)
        seen = type(known)._default_manager.values_list("version", flat=True).get(pk=known.pk)
        changes = edit(actor=self.actor, values=values, seen=seen, now=self.now, **{name: known})
        return Line(code, title, CHANGED if changes else SAME, changes)

    def _unit(self, name: str, column: str) -> Unit:
        unit = self.units.get(case_key(name))
        if unit is None:
            raise ValidationError({column: _("No unit is called “%(name)s”.") % {"name": name}})
        return unit

    def _criterion(self, code: str, column: str) -> Criterion:
        found = self.criteria.get(case_key(code))
        if found is None:
            raise ValidationError({column: _("No criterion has the code “%(code)s”.") % {"code": code}})
        return found

    def _anchors(self, lines: str, maximum: Decimal | None) -> list[dict[str, str]]:
        try:
            return read_anchors(lines, maximum)
        except ValidationError as refusal:
            raise ValidationError({"anchors": refusal}) from refusal


def _columns(row: Requirement | Criterion, names: tuple[str, ...]) -> dict[str, Any]:
    """What a row holds now."""
    return {name: getattr(row, name) for name in names}
