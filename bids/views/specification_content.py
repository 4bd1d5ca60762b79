"""What the tender page shows, worked out of the rows of a tender."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from bids.actions.panel import panel_rules
from bids.actions.readiness import (
    BLANKS,
    CRITERIA,
    INTAKE,
    OPENING,
    REQUIREMENTS,
    SEATS,
    SIGNATURES,
    STEPS,
    Check,
)
from bids.cases import criteria_tree
from bids.models import Objection, OpeningOfficer
from bids.rules import PanelRule, composition
from procurement.choices import Kind, PriceFormula, TieRule
from procurement.models import Criterion, Requirement, Seat, Tender, Unit, User
from procurement.templatetags.figures import amount, clauses, listed


@dataclass(frozen=True)
class Owner:
    """Somebody who answers, and for what."""

    part: str
    person: User | None
    unit: str


@dataclass(frozen=True)
class Node:
    """A criterion with what it weighs: `share` of its group (1 is all of it), effective `points`."""

    row: Criterion
    depth: int
    is_group: bool
    share: Fraction
    points: Fraction
    computed: bool
    kind: str
    units: list[str]
    first: bool
    last: bool


@dataclass(frozen=True)
class Segment:
    """A part of the weight bar."""

    label: str
    value: Fraction
    kind: str


class Content:
    """The tender, read once. To vendors it says units, not people, and nothing of the panel."""

    def __init__(self, tender: Tender, *, of_bank: bool) -> None:
        self.tender, self.of_bank = tender, of_bank
        self.requirements: list[Requirement] = list(
            tender.requirements.select_related("unit", "owner", "criterion")
        )
        self.criteria = {row.code: row for row in tender.criteria.prefetch_related("marking_units__unit")}
        self.tree = criteria_tree(tender)
        self.seats: list[Seat] = list(tender.seats.select_related("unit", "user")) if of_bank else []

    # --- who answers ------------------------------------------------------------------------------------
    def owners(self) -> list[Owner]:
        """System, procurement, and whoever else answers for a requirement."""
        tender = self.tender
        found = [
            Owner(_("Answers for the system"), tender.owner, str(tender.owner_unit or "")),
            Owner(_("Runs the procurement"), tender.officer, getattr(tender.officer, "belongs_to", "")),
        ]
        seen = {owner.person for owner in found}
        for row in self.requirements:
            if row.owner and row.owner not in seen:
                seen.add(row.owner)
                found.append(Owner(_("Answers for requirements"), row.owner, str(row.unit or "")))
        return found

    @cached_property
    def opening_officers(self) -> list[OpeningOfficer]:
        """Who opens the bids, with their keys once published."""
        return list(self.tender.opening_officers.filter(replaced_at=None).select_related("user", "key"))

    # --- what is asked ----------------------------------------------------------------------------------
    @cached_property
    def gates(self) -> list[Requirement]:
        """Requirements that exclude."""
        return [row for row in self.requirements if row.mandatory]

    @cached_property
    def scored(self) -> list[Requirement]:
        """Requirements that marks look at."""
        return [row for row in self.requirements if not row.mandatory]

    # --- how it is weighed ------------------------------------------------------------------------------
    @cached_property
    def nodes(self) -> list[Node]:
        """The criteria, each group before its parts."""
        return list(self._below(None, 0))

    def _below(self, parent: str | None, depth: int) -> Iterator[Node]:
        codes = self.tree.children.get(parent, ())
        whole = sum((self.tree.effective[code] for code in codes), Fraction(0))
        for code in codes:
            row = self.criteria[code]
            yield Node(
                row=row,
                depth=depth,
                is_group=bool(self.tree.children.get(code)),
                share=self.tree.effective[code] / whole,
                points=self.tree.effective[code],
                computed=row.kind == Kind.PRICE and self.tender.price_formula != PriceFormula.MARKED,
                kind=row.kind,
                units=[link.unit.name for link in row.marking_units.all()],
                first=code == codes[0],
                last=code == codes[-1],
            )
            yield from self._below(code, depth + 1)

    @property
    def anchored(self) -> list[Criterion]:
        """The criteria whose marks have words, in order."""
        return [node.row for node in self.nodes if node.row.anchors]

    @cached_property
    def heaviest(self) -> Fraction:
        """Points of the heaviest leaf: the full length of a bar in the table."""
        return max((node.points for node in self.nodes if not node.is_group), default=Fraction(1))

    @cached_property
    def segments(self) -> list[Segment]:
        """The roots side by side; where one mixes kinds, or has none yet, the kinds side by side."""
        tree = self.tree
        kinds = {code: {tree.nodes[leaf].kind for leaf in self._leaves(code)} for code in tree.roots}
        if all(len(below) == 1 and None not in below for below in kinds.values()):
            return [
                Segment(self.criteria[code].shown_title, tree.effective[code], str(next(iter(below))))
                for code, below in kinds.items()
            ]
        sums = {
            kind: sum((tree.effective[leaf] for leaf in tree.of_kind(kind)), Fraction(0)) for kind in Kind
        }
        return [Segment(str(kind.label), sums[kind], kind) for kind in Kind if sums[kind]]

    def _leaves(self, code: str) -> list[str]:
        """The leaves below a node, or the node itself."""
        return [leaf.code for leaf in self.tree.leaves if code in self.tree.upwards(leaf.code)]

    # --- who marks --------------------------------------------------------------------------------------
    @property
    def panel_rules(self) -> list[PanelRule]:
        """Composition of the panel; recusals and attendance, too, once the bidders are named."""
        if self.tender.bidders_named_at is None and not self.tender.is_opened:
            return composition(self.tender, self.seats)
        return panel_rules(self.tender)

    # --- by which rules ---------------------------------------------------------------------------------
    def rules(self) -> list[tuple[str, str]]:
        """The rules in words, those that say something."""
        tender = self.tender
        lines = [
            (_("Profile"), tender.get_profile_display()),
            (_("Method"), tender.get_method_display()),
            (_("Aggregation"), self._aggregation()),
            (_("Price formula"), self._price()),
            (_("Equal bids"), " → ".join(str(TieRule(rule).label) for rule in tender.tie_break)),
            (_("Pass mark"), self._pass_mark()),
            (_("Rounding"), self._rounding()),
        ]
        return [(term, str(words)) for term, words in lines if words]

    def _aggregation(self) -> str:
        shares = self.tender.unit_shares or {}
        names = {unit.code: unit.name for unit in Unit.objects.filter(code__in=shares)}
        words = listed(f"{names.get(code, code)} {share}" for code, share in shares.items())
        return _named(self.tender.get_aggregation_display(), words)

    def _price(self) -> str:
        parameters = self.tender.price_parameters
        words = str(self.tender.get_price_formula_display())
        if "ceiling" in parameters and "floor" in parameters:
            figures = {"ceiling": amount(parameters["ceiling"]), "floor": amount(parameters["floor"])}
            return _named(words, _("(%(ceiling)s − price) ÷ (%(ceiling)s − %(floor)s)") % figures)
        bands = [f"≤ {amount(band['up_to'])}: {band['points']}" for band in parameters.get("bands", [])]
        return _named(words, clauses(bands))

    def _pass_mark(self) -> str:
        mark = self.tender.pass_mark
        if not mark:
            return ""
        on = _("on the total") if mark["on"] == "total" else _("on everything but the price")
        rule = _("by the panel's figure") if mark["rule"] == "mean" else _("by a majority of members")
        return _("%(points)s %(on)s, %(rule)s") % {"points": mark["points"], "on": on, "rule": rule}

    def _rounding(self) -> str:
        names = {
            "leaf_points": _("points of each criterion"),
            "price_score": _("price score"),
            "price_points": _("price points"),
            "total": _("total"),
        }
        return listed(
            _("%(thing)s to %(places)s decimals") % {"thing": names[thing], "places": rule["places"]}
            for thing, rule in (self.tender.rounding or {}).items()
        )


def _named(name: str, words: str) -> str:
    """A name with the particulars that belong to it, or alone where there are none."""
    return _("%(name)s: %(words)s") % {"name": name, "words": words} if words else name


def place_of(check: Check, tender: Tender) -> str:
    """Where a check can be put right."""
    about: Any = check.about
    if isinstance(about, Objection):
        return reverse("objection", args=[about.pk])
    if isinstance(about, Tender):
        return reverse("tender-edit", args=[tender.pk])
    if isinstance(about, Requirement):
        return reverse("requirement-edit", args=[about.pk])
    if isinstance(about, Criterion):
        return reverse("criterion-edit", args=[about.pk])
    names = {
        REQUIREMENTS: "requirement-new",
        CRITERIA: "criterion-new",
        SEATS: "seat-new",
        OPENING: "opening-officers",
        INTAKE: "intake",
        STEPS: "intake",
        BLANKS: "blanks",
        SIGNATURES: "tender",
    }
    places = {STEPS: "#steps", SIGNATURES: "#sign-offs"}
    return reverse(names[about], args=[tender.pk]) + places.get(about, "") if about in names else ""
