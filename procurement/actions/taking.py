"""Taking over what the intake proposes: rules, criteria, requirements and seats of a draft."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from procurement import audit, queries, rules
from procurement.actions import specification
from procurement.actions.changes import put
from procurement.actions.intake import lowerings_with, proposals_of
from procurement.actions.locking import enforce_and_lock
from procurement.actions.picking import BATCH, Choice, Picking, copied, origins
from procurement.actions.tenders import check_owner
from procurement.actions.weighing import USUAL
from procurement.catalogues import baseline
from procurement.choices import Agreement, Kind, Part, PriceFormula, TieRule
from procurement.intake import proposals as keys
from procurement.models import Criterion, Intake, Requirement, Tender, Unit, User
from procurement.models.fields import plain

#: Security criteria, in Chinese and English, with their share of the security points and the families that
#: are read beside them.
_SECURITY: tuple[tuple[str, str, str, str, tuple[str, ...]], ...] = (
    ("S1", "存取與身分", "Access and identity", "25", ("AC", "IA")),
    ("S2", "監控、日誌與事件", "Monitoring, logs and incidents", "25", ("AU", "SI")),
    ("S3", "供應鏈與開發", "Supply chain and development", "30", ("SA",)),
    ("S4", "防護與營運持續", "Protection and continuity", "20", ("SC", "CP")),
)
_QUALITY: tuple[tuple[str, str, str, str], ...] = (
    ("Q1", "功能與適合度", "Functions and fit", "50"),
    ("Q2", "建置、維運與支援", "Delivery, operation and support", "50"),
)
#: The price that earns all points, as a share of the budget.
_FLOOR = Decimal("0.5")


@dataclass(frozen=True)
class Taken:
    """How much came into the draft; what was there already is not counted."""

    fields: int = 0
    criteria: int = 0
    requirements: int = 0
    seats: int = 0

    def __bool__(self) -> bool:
        return any((self.fields, self.criteria, self.requirements, self.seats))


@dataclass(frozen=True)
class People:
    """Who answers for the requirements of a side, and who sits on the panel for it; both by side."""

    owners: Mapping[str, User] = field(default_factory=dict)
    members: Mapping[str, User] = field(default_factory=dict)


def take_over(*, actor: User, tender: Tender, parts: Collection[str], people: People, now: datetime) -> Taken:
    """Put what is proposed into the draft. What somebody wrote there stays, and so does what is left out by
    agreement, or by a request that security has not refused.

    Raises `ValidationError` where the intake was not answered, and `Forbidden`.
    """
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_edit_tender, actor, tender)
        row = Intake.objects.select_for_update().filter(tender=tender).first()
        if row is None:
            raise ValidationError(_("Answer the intake first."))
        taking = _Taking(actor, tender, row, people, now)
        taken = Taken(
            fields=taking.fill_in() if Part.RULES in parts else 0,
            criteria=taking.weigh() if Part.CRITERIA in parts else 0,
            requirements=taking.ask() if Part.REQUIREMENTS in parts else 0,
            seats=taking.seat() if Part.PANEL in parts else 0,
        )
        audit.record(
            actor=actor,
            action="take over proposals",
            object=tender,
            now=now,
            tender=tender,
            parts=list(parts),
            fields=str(taken.fields),
            criteria=str(taken.criteria),
            requirements=str(taken.requirements),
            seats=str(taken.seats),
            weights={row.code: plain(row.weight) for row in taking.criteria},
            added=origins(taking.requirements),
        )
    return taken


class _Taking:
    """One taking over, into a locked draft."""

    def __init__(self, actor: User, tender: Tender, row: Intake, people: People, now: datetime) -> None:
        self.actor, self.tender, self.people, self.now = actor, tender, people, now
        lowered = {item.key: item.value for item in lowerings_with(row, "", Agreement.AGREED)}
        #: Key to value, with what is lowered as it is lowered to; what is left out is not there.
        self.proposed = {
            one.key: value for one in proposals_of(row) if (value := lowered.get(one.key, one.value))
        }
        self.units = {unit.kind: unit for unit in Unit.objects.order_by("-pk")}
        self.criteria: list[Criterion] = []
        self.requirements: list[Requirement] = []

    # --- rules --------------------------------------------------------------------------------------------
    def fill_in(self) -> int:
        """Class, method, price formula and the order of equal bids; how many columns became different.

        What asks for as much already, and a formula that was chosen, stay.
        """
        tender = self.tender
        values: dict[str, Any] = {
            key: self.proposed[key]
            for key in (keys.SYSTEM_CLASS, keys.METHOD)
            if key in self.proposed and not keys.is_at_least(key, getattr(tender, key), self.proposed[key])
        }
        if tender.price_formula == PriceFormula.NONE:
            values["price_formula"] = self.proposed[keys.FORMULA]
            values["price_parameters"] = self._price_parameters()
        if not tender.tie_break:
            values["tie_break"] = [TieRule.HEAVIEST_CRITERION.value, TieRule.LOTS.value]
        changes = put(tender, values)
        if changes:
            tender.version += 1
            tender.save(update_fields=[*changes, "version"])
            audit.record(
                actor=self.actor,
                action="edit tender",
                object=tender,
                now=self.now,
                tender=tender,
                changes=changes,
            )
        return len(changes)

    def _price_parameters(self) -> dict[str, str]:
        """The budget is the ceiling, half of it earns all points; without a budget they are still to come."""
        budget = self.tender.budget
        if budget is None:
            return {}
        return {"ceiling": plain(budget), "floor": plain(budget * _FLOOR)}

    # --- criteria -----------------------------------------------------------------------------------------
    def weigh(self) -> int:
        """The tree of criteria, where there is none yet; how many were added."""
        if self.tender.criteria.exists():
            return 0
        security = Decimal(self.proposed[keys.SECURITY_WEIGHT])
        price = Decimal(self.proposed[keys.PRICE_WEIGHT])
        minimum = security * Decimal(self.proposed[keys.SECURITY_MINIMUM]) / 100
        points = Decimal(self.tender.total_points) / 100
        groups = [
            self._criterion(0, "S", ("資安", "Security"), security, minimum=minimum * points),
            self._criterion(5, "Q", ("品質", "Quality"), 100 - security - price),
            self._criterion(8, "P", ("價格", "Price"), price, kind=Kind.PRICE),
        ]
        Criterion.objects.bulk_create(groups)
        top, quality, _price = groups
        parts = [
            self._criterion(place, code, (zh, en), Decimal(share), parent=top, kind=Kind.SECURITY)
            for place, (code, zh, en, share, _families) in enumerate(_SECURITY, 1)
        ] + [
            self._criterion(place, code, (zh, en), Decimal(share), parent=quality, kind=Kind.QUALITY)
            for place, (code, zh, en, share) in enumerate(_QUALITY, 6)
        ]
        Criterion.objects.bulk_create(parts)
        self.criteria = sorted([*groups, *parts], key=lambda row: row.position)
        return len(self.criteria)

    def _criterion(
        self,
        position: int,
        code: str,
        titles: tuple[str, str],
        weight: Decimal,
        *,
        parent: Criterion | None = None,
        kind: str = "",
        minimum: Decimal | None = None,
    ) -> Criterion:
        """A criterion, checked and not stored; what people mark gets the usual scale with its words."""
        title, title_en = titles
        row = Criterion(
            tender=self.tender,
            position=position,
            code=code,
            title=title,
            title_en=title_en,
            weight=weight,
            parent=parent,
            kind=kind,
            minimum=minimum,
        )
        if kind in USUAL:
            row.maximum = Decimal(len(USUAL[kind]) - 1)
            row.anchors = [{"mark": str(mark), "text": text} for mark, text in enumerate(USUAL[kind])]
        row.full_clean(exclude=["tender", "parent"], validate_unique=False, validate_constraints=False)
        return row

    # --- requirements -------------------------------------------------------------------------------------
    def ask(self) -> int:
        """The requirements of the baseline that are proposed and not there yet; how many were added."""
        taken = set(self.tender.requirements.values_list("code", flat=True))
        leaves = {row.code: row for row in queries.leaves_that_are_informed(self.tender)}
        wanted = {
            key.removeprefix(keys.ASK): value
            for key, value in self.proposed.items()
            if key.startswith(keys.ASK)
        }
        for owner in self.people.owners.values():
            check_owner("unit", {"owner": owner, "unit": owner.unit})
        known = baseline.by_id()
        new = [
            self._columns(known[name], *value.split("/"), leaves)
            for name, value in wanted.items()
            if name in known and name not in taken
        ]
        self.requirements = Picking(self.actor, self.tender, Choice()).made(new)
        Requirement.objects.bulk_create(self.requirements, batch_size=BATCH)
        return len(self.requirements)

    def _columns(
        self, entry: baseline.Requirement, strength: str, evidence: str, leaves: Mapping[str, Criterion]
    ) -> dict[str, Any]:
        """The columns of a requirement that is proposed; what is no gate is read beside a criterion."""
        return copied(entry) | {
            "mandatory": strength == keys.GATE,
            "evidence_level": evidence,
            "unit": self._unit(entry.side),
            "owner": self.people.owners.get(entry.side),
            "criterion": None if strength == keys.GATE else leaves.get(_read_beside(entry.family)),
        }

    def _unit(self, side: str) -> Unit | None:
        """The unit of the person who answers for a side, else the first unit of it."""
        owner = self.people.owners.get(side)
        return owner.unit if owner else self.units.get(side)

    # --- the panel ----------------------------------------------------------------------------------------
    def seat(self) -> int:
        """Seats for the members that were named and have none; how many were added."""
        seated = set(self.tender.seats.values_list("user", flat=True))
        new = [person for person in self.people.members.values() if person.pk not in seated]
        for person in new:
            values = {"code": "", "unit": person.unit, "user": person, "expert": False}
            specification.add_seat(actor=self.actor, tender=self.tender, values=values, now=self.now)
        return len(new)


def _read_beside(family: str) -> str:
    """The criterion beside which a family is read."""
    return next(code for code, _zh, _en, _share, families in _SECURITY if family in families)
