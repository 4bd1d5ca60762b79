"""What of a release's tender becomes a draft, what is left, and why."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from bids.evaluation.issues import Issue, Refused, gettext_noop, shown
from bids.ocds.extension import REQUIREMENT_TEXTS
from bids.ocds.fields import LEFT, Fields
from bids.ocds.reading import Found
from bids.ocds.rules import read_rules

__all__ = ["LEFT", "Draft", "DraftCriterion", "DraftRequirement", "Reading", "read_tender"]

MOST_REQUIREMENTS = 1000
MOST_CRITERIA = 300
_KINDS = ("security", "legal", "technical")
_SEVERITIES = ("critical", "high", "medium", "low")
_LEAF_KINDS = ("security", "quality", "price")
#: Weights that are exact; ranges and orders are not.
_MEASURES = ("percentageExact", "pointsExact", "decimalExact")
#: Keys that are read, and those that say nothing to take over.
_RELEASE = {"ocid", "id", "date", "tag", "initiationType", "language", "tender", "buyer", "parties"}
_TENDER = {
    *("id", "title", "value", "tenderPeriod", "awardCriteria", "awardCriteriaDetails", "criteria", "lots"),
    *("assayRules", "status", "procuringEntity", "submissionMethod", "procurementMethod"),
}
_LOT = {"id", "title", "status", "value", "awardCriteria", "relatedLots"}


@dataclass(frozen=True, slots=True)
class DraftCriterion:
    """A node of the criteria tree; `kind` is empty for a group."""

    code: str
    title: str
    kind: str
    weight: Decimal
    parent: str = ""
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    title_en: str = ""


@dataclass(frozen=True, slots=True)
class DraftRequirement:
    """A requirement; `more` are texts by the names of the site's columns."""

    code: str
    title: str
    kind: str
    mandatory: bool
    severity: str
    source: str = ""
    evidence: str = ""
    more: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draft:
    """What becomes a draft; `rules` by the names of the case file, numbers as text."""

    reference: str
    title: str
    currency: str
    budget: Decimal | None
    deadline: datetime | None
    rules: dict[str, Any] = field(default_factory=dict)
    criteria: tuple[DraftCriterion, ...] = ()
    requirements: tuple[DraftRequirement, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """The draft, and notes: warnings about what was taken otherwise, and `LEFT` for what was not taken."""

    draft: Draft
    notes: tuple[Issue, ...]


def read_tender(found: Found, *, lot: str = "") -> Reading:
    """The draft of a release. Of a tender in several lots `lot` names the one to take.

    Raises `bids.evaluation.Refused` with every fault at its path.
    """
    root = Fields(found.release, found.path)
    tender = root.inner("tender")
    reader = _Reader(tender, _lot_of(tender, lot))
    draft = reader.draft(root.text("ocid", most=200))
    root.leave_others(_RELEASE)
    if root.faults:
        raise Refused(root.faults)
    return Reading(draft, (*found.notes, *root.notes))


def _lot_of(tender: Fields, wanted: str) -> Fields | None:
    """The lot to take: the only one, or the one that is asked for."""
    lots = tender.rows("lots", most=1000)
    named = {lot.text("id", most=200): lot for lot in lots}
    known = ", ".join(map(shown, list(named)[:10]))
    if wanted and wanted not in named:
        template = gettext_noop("The tender has no lot “{lot}”. It has: {known}.")
        tender.fault("no_lot", "lots", template, lot=shown(wanted), known=known or "–")
        raise Refused(tender.faults)
    if len(lots) > 1 and not wanted:
        template = gettext_noop(
            "The tender has {number} lots, and a tender here is one. Name the lot to take: {known}."
        )
        tender.fault("many_lots", "lots", template, number=str(len(lots)), known=known)
        raise Refused(tender.faults)
    return named[wanted] if wanted else (lots[0] if lots else None)


class _Reader:
    """One tender with the lot that is taken."""

    def __init__(self, tender: Fields, lot: Fields | None) -> None:
        self.tender, self.lot = tender, lot

    def draft(self, ocid: str) -> Draft:
        """Everything that has a place in a draft; faults and notes are with the fields."""
        title = self.tender.text("title", most=10_000)
        if not title:
            self.tender.fault("missing", "title", gettext_noop("A tender needs a title."))
        rules = read_rules(self.tender)
        currency, budget = self._budget(rules.pop("currency", ""))
        criteria = tuple(self._criteria())
        requirements = tuple(self._requirements())
        self.tender.leave_others(_TENDER)
        if self.lot:
            self.lot.leave_others(_LOT)
        return Draft(
            reference=self.tender.text("id", most=200, number=True) or ocid,
            title=title,
            currency=currency,
            budget=budget,
            deadline=self.tender.inner("tenderPeriod").moment("endDate"),
            rules=rules,
            criteria=criteria,
            requirements=requirements,
        )

    def _budget(self, said: str) -> tuple[str, Decimal | None]:
        """Of the lot where one of several was asked for, else of the tender; `said` is what the rules say."""
        value = self.tender.inner("value")
        if self.lot and (not value or len(self.tender.rows("lots", most=1000)) > 1):
            value = self.lot.inner("value")
        currency = value.text("currency", most=3) or said
        if currency and not (currency.isascii() and currency.isalpha() and len(currency) == 3):
            value.fault("currency", "currency", gettext_noop("A currency is three letters."))
        amount = value.number("amount")
        if amount is not None and amount <= 0:
            value.leave("amount", gettext_noop("A budget is more than 0."))
            amount = None
        return currency.upper() or "TWD", amount

    # --- award criteria -----------------------------------------------------------------------------------
    def _criteria(self) -> Iterator[DraftCriterion]:
        """The groups, then the leaves, with weights of one measure."""
        if self.lot is None:
            return
        holder = self.lot.inner("awardCriteria")
        groups = holder.rows("assayGroups", most=MOST_CRITERIA)
        leaves = holder.rows("criteria", most=MOST_CRITERIA)
        holder.leave_others({"assayGroups", "criteria", "weightingDescription"})
        codes = _Codes("C")
        yield from (self._node(group, codes, "title") for group in groups)
        if not any("assayCriterion" in leaf.values for leaf in leaves):
            leaves = self._of_one_measure(holder, leaves)
        for leaf in leaves:
            node = self._leaf(leaf, codes)
            if node is not None:
                yield node

    def _of_one_measure(self, holder: Fields, leaves: list[Fields]) -> list[Fields]:
        measures = {
            number.text("weight", most=100) for leaf in leaves for number in leaf.rows("numbers", most=20)
        } - {""}
        if len(measures) > 1:
            template = gettext_noop("The weights are of different measures ({measures}): enter them by hand.")
            holder.leave("", template, measures=", ".join(sorted(map(shown, measures))))
            return []
        return leaves

    def _node(self, row: Fields, codes: "_Codes", title: str, kind: str = "") -> DraftCriterion:
        """A criterion as our own extension describes it."""
        if "weight" not in row.values:
            row.fault("missing", "weight", gettext_noop("A criterion needs a weight."))
        return DraftCriterion(
            code=codes.take(row, row.text("code", most=200)),
            title=row.text(title, most=10_000) or row.text("code", most=200),
            kind=kind,
            weight=row.exact("weight", above=0) or Decimal(1),
            parent=row.text("parent", most=200),
            minimum=row.exact("minimum"),
            maximum=row.exact("maximum", above=0),
            title_en=row.text("titleEn", most=10_000),
        )

    def _leaf(self, leaf: Fields, codes: "_Codes") -> DraftCriterion | None:
        name = leaf.text("name", most=10_000) or leaf.text("description", most=10_000)
        if "assayCriterion" in leaf.values:
            own = leaf.inner("assayCriterion")
            kind = own.choice("kind", _LEAF_KINDS) or "quality"
            node = self._node(own, codes, "code", kind)
            return replace(node, title=name or node.code)
        weight, minimum = self._numbers(leaf)
        if weight is None:
            leaf.leave("", gettext_noop("No exact weight stands there: enter the criterion by hand."))
            return None
        return DraftCriterion(codes.take(leaf, ""), name or "–", self._kind(leaf), weight, "", minimum)

    def _kind(self, leaf: Fields) -> str:
        kind = leaf.text("type", most=100)
        if kind == "price":
            return "price"
        if kind != "quality":
            template = gettext_noop("A criterion of the type “{type}” was taken as quality.")
            leaf.warn("kind", "type", template, type=shown(kind) or "–")
        return "quality"

    def _numbers(self, leaf: Fields) -> tuple[Decimal | None, Decimal | None]:
        """The first exact weight above 0, and the minimum score."""
        weight = minimum = None
        for number in leaf.rows("numbers", most=20):
            figure = number.number("number")
            if weight is None and figure is not None and number.text("weight", most=100) in _MEASURES:
                weight = figure if figure > 0 else None
            if number.text("threshold", most=100) == "minimumScore":
                minimum = figure
        return weight, minimum

    # --- requirements -------------------------------------------------------------------------------------
    def _requirements(self) -> Iterator[DraftRequirement]:
        codes, number = _Codes("R"), 0
        for criterion in self.tender.rows("criteria", most=MOST_REQUIREMENTS):
            groups = criterion.rows("requirementGroups", most=MOST_REQUIREMENTS)
            if self._is_of_another_lot(criterion):
                criterion.leave("", gettext_noop("It belongs to another lot."))
                continue
            criterion.leave_others({"id", "title", "description", "requirementGroups", "relatedLots"})
            if len(groups) > 1:
                template = gettext_noop(
                    "One of several groups is enough there. Here each requirement stands by itself: they"
                    " were taken as scored, and none as a gate."
                )
                criterion.warn("alternatives", "requirementGroups", template)
            for group in groups:
                for row in group.rows("requirements", most=MOST_REQUIREMENTS):
                    number += 1
                    if number > MOST_REQUIREMENTS:
                        template = gettext_noop("There are more than {most} requirements.")
                        self.tender.fault("too_many", "criteria", template, most=str(MOST_REQUIREMENTS))
                        return
                    yield self._requirement(row, codes, alone=len(groups) == 1, heading=criterion)

    def _is_of_another_lot(self, criterion: Fields) -> bool:
        related = criterion.values.get("relatedLots")
        if self.lot is None or not isinstance(related, list):
            return False
        return bool(related) and self.lot.values.get("id") not in related

    def _requirement(self, row: Fields, codes: "_Codes", *, alone: bool, heading: Fields) -> DraftRequirement:
        own = row.inner("assayRequirement")
        said = row.text("title", most=10_000), row.text("description", most=10_000)
        text = "\n".join(dict.fromkeys(filter(None, said))) or heading.text("title", most=10_000)
        expected = self._expected(row)
        if not text:
            row.fault("missing", "title", gettext_noop("A requirement needs words."))
        row.leave_others(
            {"id", "title", "description", "dataType", "assayRequirement", "expectedValue"}
            | {"minValue", "maxValue", "pattern"}
        )
        mandatory = own.flag("mandatory")
        return DraftRequirement(
            code=codes.take(row, row.text("id", most=200)),
            title=f"{text} ({expected})" if expected not in ("", "true") else text,
            kind=own.choice("kind", _KINDS) or "technical",
            mandatory=(alone and expected != "") if mandatory is None else mandatory,
            severity=own.choice("severity", _SEVERITIES) or "medium",
            source=own.text("source", most=10_000),
            evidence=own.text("evidence", most=10_000),
            more={key: own.text(name, most=10_000) for key, name in REQUIREMENT_TEXTS.items()},
        )

    def _expected(self, row: Fields) -> str:
        """What an answer has to be, in signs; empty where anything goes."""
        value = row.values.get("expectedValue")
        if isinstance(value, bool):
            return "true" if value else "= false"
        signs = {"expectedValue": "=", "minValue": "≥", "maxValue": "≤", "pattern": "~"}
        found = [
            f"{sign} {text}" for key, sign in signs.items() if (text := row.text(key, most=500, number=True))
        ]
        return ", ".join(found)


class _Codes:
    """Codes that are unique whatever their letters' width or case; others are numbered."""

    def __init__(self, letter: str) -> None:
        self.letter, self.taken, self.number = letter, set[str](), 0

    def take(self, row: Fields, wanted: str) -> str:
        """The wanted code, or the next number."""
        key = Fields.key(wanted)
        if not wanted or key in self.taken:
            if wanted:
                template = gettext_noop("The code “{code}” stands there twice; this one was numbered.")
                row.warn("code", "", template, code=shown(wanted))
            wanted = self._next()
            key = Fields.key(wanted)
        self.taken.add(key)
        return wanted

    def _next(self) -> str:
        while True:
            self.number += 1
            code = f"{self.letter}{self.number}"
            if Fields.key(code) not in self.taken:
                return code
