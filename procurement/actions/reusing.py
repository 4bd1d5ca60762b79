"""Keeping a specification as a template, and starting a tender from one or from a past tender, by value."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from procurement import audit, rules
from procurement.actions import specification
from procurement.actions.changes import as_payload, signature
from procurement.actions.tenders import WRITABLE, create_tender
from procurement.models import (
    Criterion,
    CriterionUnit,
    Requirement,
    SpecificationTemplate,
    Tender,
    Unit,
    User,
)

#: Columns of a tender that say whom and when it concerns, and how much money there is: those are not kept.
_OWN = (
    "reference",
    "title",
    "owner",
    "approver",
    "escalation",
    "budget",
    "reserve_price",
    "deadline",
    "questions_until",
)
RULES = tuple(name for name in WRITABLE if name not in _OWN)
_PEOPLE = ("owner", "approver", "escalation")

#: Columns of a row that name another row; kept by code, people not at all.
_REFERENCES = ("unit", "owner", "criterion", "parent")
REQUIREMENT = tuple(
    name
    for name in (*specification.REQUIREMENT, *specification.REQUIREMENT_READING)
    if name not in _REFERENCES
)
CRITERION = tuple(
    name for name in (*specification.CRITERION, *specification.CRITERION_READING) if name not in _REFERENCES
)

Document = dict[str, Any]


@dataclass(frozen=True)
class Started:
    """The new draft, and who or which units are not in it because they are no longer there."""

    tender: Tender
    dropped: list[str] = field(default_factory=list)


def document_of(tender: Tender) -> Document:
    """The specification of a tender by value: no dates, no people, no money of its own."""
    criteria = tender.criteria.select_related("parent").prefetch_related("marking_units__unit")
    asked = tender.requirements.select_related("unit", "criterion")
    return {
        "rules": _columns(tender, RULES),
        "criteria": [
            _columns(row, CRITERION)
            | {
                "parent": row.parent.code if row.parent else None,
                "units": [link.unit.code for link in row.marking_units.all()],
            }
            for row in criteria
        ],
        "requirements": [
            _columns(row, REQUIREMENT)
            | {
                "unit": row.unit.code if row.unit else None,
                "criterion": row.criterion.code if row.criterion else None,
            }
            for row in asked
        ],
    }


def _columns(row: models.Model, names: Iterable[str]) -> Document:
    """Columns as JSON keeps them."""
    return {name: as_payload(getattr(row, name)) for name in names}


def save_template(
    *, actor: User, tender: Tender, name: str, note: str, now: datetime
) -> SpecificationTemplate:
    """Keep the specification of a tender under a name. Raises `ValidationError` for a name that is taken."""
    rules.can_create_tender(actor).enforce()
    with transaction.atomic():
        row = SpecificationTemplate(
            name=name,
            note=note,
            document=document_of(tender),
            origin=str(tender),
            made_by=signature(actor),
            made_at=now,
        )
        row.full_clean()
        row.save(force_insert=True)
        audit.record(actor=actor, action="save template", object=row, now=now, tender=tender)
    return row


def delete_template(*, actor: User, template: SpecificationTemplate, now: datetime) -> None:
    """Take a template away; tenders that were started from it stay as they are."""
    rules.can_create_tender(actor).enforce()
    with transaction.atomic():
        audit.record(actor=actor, action="delete template", object=template, now=now)
        template.delete()


def start_from_template(
    *, actor: User, template: SpecificationTemplate, reference: str, title: str, now: datetime
) -> Started:
    """A new draft with everything that a template keeps. Raises `ValidationError` and `Forbidden`."""
    starting = _Starting(actor, str(template), now)
    return starting.start(template.document, {"reference": reference, "title": title}, {})


def start_from_tender(*, actor: User, past: Tender, reference: str, title: str, now: datetime) -> Started:
    """A new draft with what another tender asks and how it weighs it, by who of its people is still there.

    Nobody gets a seat: a panel is named for each tender. Raises `ValidationError` and `Forbidden`.
    """
    owners = {row.code: row.owner for row in past.requirements.select_related("owner__unit") if row.owner}
    values = {"reference": reference, "title": title} | {name: getattr(past, name) for name in _PEOPLE}
    return _Starting(actor, str(past), now).start(document_of(past), values, owners)


class _Starting:
    """One new draft that is filled."""

    def __init__(self, actor: User, source: str, now: datetime) -> None:
        self.actor, self.source, self.now = actor, source, now
        self.units = {unit.code: unit for unit in Unit.objects.all()}
        self.dropped: set[str] = set()

    def start(
        self, document: Mapping[str, Any], values: Mapping[str, Any], owners: Mapping[str, User]
    ) -> Started:
        """Store all of it, or nothing."""
        with transaction.atomic():
            tender = self.tender(document["rules"], values)
            criteria = self.criteria(tender, document["criteria"])
            self.requirements(tender, document["requirements"], criteria, owners)
            dropped = sorted(self.dropped)
            audit.record(
                actor=self.actor,
                action="start from specification",
                object=tender,
                now=self.now,
                tender=tender,
                source=self.source,
                dropped=dropped,
            )
        return Started(tender, dropped)

    def tender(self, kept: Mapping[str, Any], values: Mapping[str, Any]) -> Tender:
        """The draft itself, entered as any other."""
        columns: dict[str, Any] = dict.fromkeys(WRITABLE)
        columns |= {
            name: Tender._meta.get_field(name).to_python(value)
            for name, value in kept.items()
            if name != "owner_unit"
        }
        columns |= values
        columns["owner_unit"] = self._unit(kept["owner_unit"])
        for name in _PEOPLE:
            columns[name] = self._person(columns[name])
        if columns["owner"] and columns["owner"].unit_id != getattr(columns["owner_unit"], "pk", None):
            columns["owner"] = None
        return create_tender(actor=self.actor, values=columns, now=self.now)

    def criteria(self, tender: Tender, rows: Iterable[Mapping[str, Any]]) -> dict[str, Criterion]:
        """The criteria by code, groups before their parts."""
        made: dict[str, Criterion] = {}
        waiting = list(enumerate(rows))
        while waiting:
            ready = [(place, row) for place, row in waiting if row["parent"] is None or row["parent"] in made]
            if not ready:
                raise ValidationError(_("The criteria hang on each other in a circle."))
            for place, row in ready:
                columns = {name: Criterion._meta.get_field(name).to_python(row[name]) for name in CRITERION}
                parent = made[row["parent"]] if row["parent"] else None
                made[row["code"]] = Criterion.objects.create(
                    tender=tender, position=place, parent=parent, **columns
                )
            waiting = [pair for pair in waiting if pair not in ready]
        for row in rows:
            units = [unit for code in row["units"] if (unit := self._unit(code))]
            CriterionUnit.objects.bulk_create(
                CriterionUnit(criterion=made[row["code"]], unit=unit, position=place)
                for place, unit in enumerate(units)
            )
        return made

    def requirements(
        self,
        tender: Tender,
        rows: Iterable[Mapping[str, Any]],
        criteria: Mapping[str, Criterion],
        owners: Mapping[str, User],
    ) -> None:
        """The requirements, in order."""
        made = []
        for place, row in enumerate(rows):
            unit, owner = self._unit(row["unit"]), self._person(owners.get(row["code"]))
            if owner and unit and owner.unit_id != unit.pk:
                self.dropped.add(str(owner))
                owner = None
            criterion = criteria[row["criterion"]] if row["criterion"] else None
            columns = {name: row[name] for name in REQUIREMENT}
            made.append(
                Requirement(
                    tender=tender, position=place, unit=unit, owner=owner, criterion=criterion, **columns
                )
            )
        Requirement.objects.bulk_create(made, batch_size=300)

    def _unit(self, code: str | None) -> Unit | None:
        """The unit of a code; one that is no longer there is dropped."""
        if not code:
            return None
        if code not in self.units:
            self.dropped.add(code)
        return self.units.get(code)

    def _person(self, person: User | None) -> User | None:
        """A person who can still answer for something; whoever left is dropped."""
        if person is not None and not person.is_active:
            self.dropped.add(str(person))
            return None
        return person
