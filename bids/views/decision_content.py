"""What the decision page shows, worked out of a case and its result.

Nothing is computed here that the arithmetic computes: figures are picked, grouped and named.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from bids.cases import sentence
from bids.choices import BidStatus
from bids.evaluation import Case, Result
from bids.evaluation.case import SEVERITIES
from bids.evaluation.result import Reason, Row
from bids.evaluation.tree import tree_of
from bids.models import Claim, Waiver
from bids.queries.objections import Standing
from procurement.choices import Kind, Severity, TieRule
from procurement.models import Tender
from procurement.templatetags.figures import day

from .rankings import exceptions_of

KINDS = (Kind.SECURITY, Kind.QUALITY, Kind.PRICE)


@dataclass(frozen=True)
class Part:
    """Points of one kind: security, quality or price."""

    label: str
    kind: str
    value: Fraction


@dataclass(frozen=True)
class Failure:
    """One reason why a bid is out, or one requirement it does not meet: how bad, what, and who found it."""

    code: str
    text: str
    title: str = ""
    severity: str = ""
    mandatory: bool = True
    found_by: str = ""


@dataclass(frozen=True)
class Line:
    """One ranked bid."""

    row: Row
    shared: bool
    parts: Sequence[Part]
    gap: Fraction | None
    price_gap: Fraction | None
    waivers: Sequence[Waiver]
    open_objections: int
    gates_met: int
    gates: int

    @property
    def tie_word(self) -> str:
        """The tie rule that split the group this bid was in."""
        return str(TieRule(self.row.tie_broken_by).label) if self.row.tie_broken_by else ""


@dataclass(frozen=True)
class OutLine:
    """One bid that is not ranked."""

    vendor: str
    price: Fraction | None
    price_gap: Fraction | None
    failures: Sequence[Failure]
    withdrawn: bool


@dataclass(frozen=True)
class Alone:
    """What price alone would have bought, and what that leaves out."""

    vendors: Sequence[str]
    price: Fraction
    saving: Fraction | None
    saving_share: Fraction | None
    same_as_winner: bool
    would_be_out: Sequence[Failure]
    unmet: Sequence[Failure]
    by_severity: Sequence[tuple[str, int]]
    gates: int


@dataclass(frozen=True)
class Owner:
    """Who answers for a matter, and whether it is settled."""

    matter: str
    name: str
    kind: str
    state: str


class Content:
    """Everything on the decision page, for one reader in one language."""

    def __init__(
        self,
        case: Case,
        result: Result,
        claims: Iterable[Claim],
        objections: Iterable[Standing],
        units: Mapping[str, str],
    ) -> None:
        self.case, self.result = case, result
        self.units = units
        self.tree = tree_of(case)
        self.claims: Mapping[tuple[str, str], Claim] = {
            (claim.bid.vendor.name, claim.requirement.code): claim for claim in claims
        }
        self.objections = list(objections)
        self.waivers = exceptions_of(
            case, (waiver for claim in self.claims.values() for waiver in claim.waivers.all())
        )
        self.requirements = {row.code: row for row in case.requirements}
        self.first = result.ranking[0] if result.ranking else None
        self.of = self._whole()

    # --- ranking --------------------------------------------------------------------------------------------
    def _whole(self) -> Fraction:
        """The points that can be had: under `sum` every counted member gives them."""
        times = len(self.result.members) if self.case.aggregation == "sum" else 1
        return self.case.total_points * (times or 1)

    def kinds(self) -> list[Part]:
        """Published points of each kind that is there."""
        points = {kind: Fraction(0) for kind in KINDS}
        for leaf in self.tree.leaves:
            points[Kind(leaf.kind)] += self.result.effective_points[leaf.code]
        return [Part(str(kind.label), kind.value, value) for kind, value in points.items() if value]

    def lines(self) -> list[Line]:
        """Ranked bids in order of place."""
        places = [row.place for row in self.result.ranking]
        return [self._line(row, shared=places.count(row.place) > 1) for row in self.result.ranking]

    def _line(self, row: Row, *, shared: bool) -> Line:
        first = self.first or row
        gates = [code for code, requirement in self.requirements.items() if requirement.mandatory]
        return Line(
            row=row,
            shared=shared,
            parts=self._parts(row),
            gap=None if row is first else row.figure - first.figure,
            price_gap=_difference(row.price, first.price) if row is not first else None,
            waivers=[
                self.waivers[row.vendor, code] for code in row.waived if (row.vendor, code) in self.waivers
            ],
            open_objections=sum(
                bool(o.freezes and o.objection.bid and o.objection.bid.vendor.name == row.vendor)
                for o in self.objections
            ),
            gates_met=len(gates) - len(row.waived),
            gates=len(gates),
        )

    def _parts(self, row: Row) -> list[Part]:
        """Points by kind as they count: quality points scaled where the case says so."""
        factor = self.result.steps[row.vendor].scale_factor
        points = {kind: Fraction(0) for kind in KINDS}
        for leaf in self.tree.leaves:
            got = row.points.get(leaf.code)
            scaled = factor is not None and leaf.kind != Kind.PRICE
            points[Kind(leaf.kind)] += (got or Fraction(0)) * (factor if scaled and factor else 1)
        return [Part(str(kind.label), kind.value, value) for kind, value in points.items() if value]

    # --- who is out -----------------------------------------------------------------------------------------
    def out_lines(self) -> list[OutLine]:
        """Bids that are not ranked, with every reason; what nobody read is no requirement that is not met."""
        bids = {bid.vendor: bid for bid in self.case.bids}
        return [
            OutLine(
                vendor=out.vendor,
                price=bids[out.vendor].price,
                price_gap=_difference(bids[out.vendor].price, self.first.price if self.first else None),
                failures=[
                    self._failure(out.vendor, reason)
                    for reason in out.reasons
                    if bids[out.vendor].claims or reason.code != "requirement_not_met"
                ],
                withdrawn=bids[out.vendor].status == BidStatus.WITHDRAWN,
            )
            for out in self.result.excluded
        ]

    def _failure(self, vendor: str, reason: Reason) -> Failure:
        if reason.code == "requirement_not_met" and reason.at in self.requirements:
            return self._unmet(vendor, reason.at)
        return Failure(code=reason.at or "", text=sentence(reason.template, reason.params))

    def _unmet(self, vendor: str, code: str) -> Failure:
        """A requirement that the bid does not meet: what was found, or what the vendor said itself."""
        requirement, claim = self.requirements[code], self.claims.get((vendor, code))
        text, found_by = requirement.title, ""
        if claim and claim.verified is not None:
            text, found_by = claim.finding or requirement.title, claim.verified_by
        elif claim and claim.answer:
            text = _("The vendor says: %(answer)s. %(note)s") % {
                "answer": claim.get_answer_display(),
                "note": claim.note,
            }
        return Failure(
            code, text.strip(), requirement.title, requirement.severity, requirement.mandatory, found_by
        )

    # --- price alone ----------------------------------------------------------------------------------------
    def alone(self) -> Alone | None:
        """The other half of the page; None where no valid bid has an opened price."""
        cheapest = self.result.price_only
        if cheapest is None:
            return None
        unmet = [self._unmet(cheapest.vendor, code) for code in cheapest.unmet]
        winner_price = self.first.price if self.first and cheapest.premium is not None else None
        return Alone(
            vendors=cheapest.vendors,
            price=cheapest.price,
            saving=cheapest.premium,
            saving_share=cheapest.premium / winner_price if cheapest.premium and winner_price else None,
            same_as_winner=cheapest.same_as_winner,
            would_be_out=[self._failure(cheapest.vendor, r) for r in cheapest.would_have_been_excluded_for],
            unmet=unmet,
            by_severity=[
                (severity, count)
                for severity in SEVERITIES
                if (count := sum(failure.severity == severity for failure in unmet))
            ],
            gates=sum(failure.mandatory for failure in unmet),
        )

    # --- what else must be seen -----------------------------------------------------------------------------
    def warnings(self) -> list[str]:
        """Guard rails and alarms, as sentences."""
        said = [sentence(issue.template, issue.params) for issue in self.result.issues]
        said += [
            _("%(vendor)s: the price is strikingly low (%(rule)s).")
            % {"vendor": alarm.vendor, "rule": _alarm_word(alarm.rule)}
            for alarm in self.result.low_price
        ]
        said += [
            _("%(vendor)s: members differ markedly (%(flag)s).")
            % {"vendor": flag.vendor, "flag": _flag_word(flag.flag)}
            for flag in self.result.marked_differences
        ]
        return said

    def needs(self) -> list[str]:
        """What must happen before there can be a winner."""
        words = {
            "re_evaluation_or_lots": _("First place is tied: re-evaluate once, or draw lots."),
            "quorum": _("The panel has no quorum, so nothing it did can stand."),
        }
        return [words[need] for need in self.result.needs]

    def severity_words(self, alone: Alone | None) -> list[str]:
        """How many requirements of each severity price alone leaves out, worst first."""
        return [f"{Severity(level).label} {count}" for level, count in alone.by_severity] if alone else []

    def owners(self, tender: Tender) -> list[Owner]:
        """Who answers for the specification, the findings, each waiver and each warning."""
        owners = []
        if tender.owner:
            matter = _("Security specification and the system “%(system)s”") % {"system": tender.system}
            owners.append(Owner(matter, f"{tender.owner} ({tender.owner.belongs_to})", "ok", _("Published")))
        if tender.officer:
            name = f"{tender.officer} ({tender.officer.belongs_to})"
            owners.append(Owner(_("Procedure and price basis"), name, "ok", _("Published")))
        for (vendor, code), waiver in self.waivers.items():
            gate = self.requirements[code].mandatory
            matter = _("Waiver of %(code)s for %(vendor)s") if gate else _("Risk of %(code)s for %(vendor)s")
            until = _("Until %(day)s") % {"day": day(waiver.expires_on)}
            state = until if waiver.expires_on else _("Waived")
            owners.append(Owner(matter % {"code": code, "vendor": vendor}, waiver.signed_by, "warn", state))
        for standing in self.objections:
            matter = _("Answer to %(objection)s") % {"objection": standing.objection}
            name = (
                standing.answer.answered_by if standing.answer else str(tender.approver or _("an approver"))
            )
            kind = "no" if standing.freezes else "ok"
            owners.append(Owner(matter, name, kind, str(standing.state.label)))
        return owners

    def unit_splits(self, most: int = 5) -> list[dict[str, Any]]:
        """Leaves on which units are furthest apart, in marks of the leaf's own scale, largest first."""
        titles = {leaf.code: leaf.title for leaf in self.tree.leaves}
        splits = []
        for leaf, vendors in self.result.unit_split.items():
            points = self.result.effective_points[leaf]
            scale = self.tree.scales[leaf] / points
            for vendor, units in vendors.items():
                if len(units) > 1:
                    marks = {self.units.get(unit, unit): value * scale for unit, value in units.items()}
                    spread = max(marks.values()) - min(marks.values())
                    splits.append(
                        {
                            "leaf": leaf,
                            "title": titles[leaf],
                            "vendor": vendor,
                            "marks": marks,
                            "spread": spread,
                        }
                    )
        splits.sort(key=lambda split: -split["spread"])
        return [split for split in splits[:most] if split["spread"]]


def _difference(a: Fraction | None, b: Fraction | None) -> Fraction | None:
    return None if a is None or b is None else a - b


def _alarm_word(rule: str) -> str:
    return {
        "share-of-reserve": _("below the set share of the reserve price"),
        "share-of-budget": _("below the set share of the budget"),
        "share-of-mean": _("below the set share of the other bids' mean"),
        "share-of-next": _("below the set share of the next higher price"),
        "sd-below-mean": _("too many standard deviations below the mean"),
        "spain-85": _("below the bound of article 85"),
    }[rule]


def _flag_word(flag: str) -> str:
    return {
        "best_and_worst": _("first for one, last for another"),
        "high_and_fail": _("a high total from one, below the pass mark from another"),
        "leaf_high_and_zero": _("a high mark and a zero on one criterion"),
    }[flag]
