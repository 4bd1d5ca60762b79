"""The figure of each method, the members' own ranks, and the order that follows."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from bids.evaluation import exact
from bids.evaluation.case import Case
from bids.evaluation.issues import Issue
from bids.evaluation.panel import Panel
from bids.evaluation.places import TieBreak, groups, ranks
from bids.evaluation.points import Marking
from bids.evaluation.requirements import waived
from bids.evaluation.result import Adjustment, MemberFigure, Row
from bids.evaluation.sheet import Sheet, final, total_of
from bids.evaluation.stages import YARDSTICK, Standing
from bids.evaluation.tree import Tree

HIGHEST_FIRST = ("total", "best-fair-price")

MemberTotals = Mapping[str, Mapping[str, Fraction | None]]
MemberFigures = Mapping[str, Mapping[str, MemberFigure]]


@dataclass(frozen=True, slots=True)
class Ballots:
    """The members' own totals of the scored bids, by member and vendor, and the scope in which they rank.

    `scope` is `None` while it is not known which bids pass. `fields` are each member's totals in the scope,
    without the members of whom one is still to come there. `figures` hold the ranks in those fields, and
    `first_places` count the members who put nobody of the scope above a bid.
    """

    totals: MemberTotals
    scope: tuple[str, ...] | None
    fields: Mapping[str, Mapping[str, Fraction]]
    figures: MemberFigures
    first_places: Mapping[str, int]


def ballots_of(case: Case, marking: Marking, standing: Standing) -> Ballots:
    """What each counted member says of each scored bid that it may judge."""
    by_vendor = {}
    for vendor, sheet in standing.sheets.items():
        price = sheet.price.points if sheet.price else exact.ZERO
        by_vendor[vendor] = marking.own_figures(sheet.bid, sheet.leaves, price)
    totals = {
        member.code: {vendor: own[member.code] for vendor, own in by_vendor.items() if member.code in own}
        for member in marking.panel.counted
    }
    scope = _scope(case, standing)
    fields = {}
    if scope is not None:
        waiting = _waiting(case, marking, standing, scope)
        fields = {member: _field(own, scope) for member, own in totals.items() if member not in waiting}
    ranked = {member: ranks(field, case.tied_rank) for member, field in fields.items()}
    firsts = Counter(
        vendor for field in fields.values() if field for vendor in groups(field, highest_first=True)[0]
    )
    figures = {
        member: {
            vendor: MemberFigure(total, ranked.get(member, {}).get(vendor)) for vendor, total in own.items()
        }
        for member, own in totals.items()
    }
    return Ballots(totals, scope, fields, figures, firsts)


def _scope(case: Case, standing: Standing) -> tuple[str, ...] | None:
    if case.rank_scope == "all":
        return tuple(standing.scored)
    return None if standing.open else standing.passing


def _waiting(case: Case, marking: Marking, standing: Standing, scope: tuple[str, ...]) -> frozenset[str]:
    """The members of whom a total of a bid of the scope is still to come: its price, or a mark of theirs."""
    found: set[str] = set()
    for sheet in (standing.sheets[vendor] for vendor in scope if standing.holes):
        if sheet.bid.vendor in standing.unpriced:
            found.update(member.code for member in marking.panel.judges(sheet.bid.vendor))
        elif case.method != YARDSTICK:
            found |= marking.waiting(sheet.bid, sheet.leaves)
    return frozenset(found)


def _field(own: Mapping[str, Fraction | None], scope: tuple[str, ...]) -> dict[str, Fraction]:
    """A member's totals in the scope, without the bids of which there is none."""
    return {vendor: total for vendor in scope if (total := own.get(vendor)) is not None}


@dataclass(frozen=True, slots=True)
class Scoring:
    """A bid's own figure of the method, and what led from its raw totals there."""

    figure: Fraction | None
    total: Fraction | None
    scale_factor: Fraction | None
    scaled_quality: Fraction | None
    adjustments: tuple[Adjustment, ...]


@dataclass(frozen=True, slots=True)
class Ranking:
    """Makes figures and places of where the bids stand."""

    case: Case
    tree: Tree
    panel: Panel
    standing: Standing
    ballots: Ballots

    def rows(self, scorings: Mapping[str, Scoring]) -> tuple[tuple[Row, ...], tuple[Issue, ...]]:
        """The ranked bids, best first, in file order where they share a place, and warnings about ties."""
        figures = {vendor: scorings[vendor].figure for vendor in self.standing.passing}
        known = {vendor: figure for vendor, figure in figures.items() if figure is not None}
        tie_break = TieBreak(self.case, self.tree, self.standing.sheets, self.ballots.first_places)
        rows = []
        for placed in tie_break.placed(known, highest_first=self.case.method in HIGHEST_FIRST):
            sheet, scoring = self.standing.sheets[placed.vendor], scorings[placed.vendor]
            rows.append(
                Row(
                    place=placed.place,
                    vendor=placed.vendor,
                    price=sheet.bid.price,
                    figure=known[placed.vendor],
                    total=scoring.total,
                    points=sheet.points,
                    nodes=sheet.nodes,
                    scaled_quality=scoring.scaled_quality,
                    waived=waived(self.case, sheet.bid),
                    tie_broken_by=placed.tie_broken_by,
                )
            )
        return tuple(rows), tuple(tie_break.issues)

    def scorings(self) -> dict[str, Scoring]:
        """The figure of every scored bid, `None` where something that it needs is missing."""
        return {vendor: self._scoring(sheet) for vendor, sheet in self.standing.sheets.items()}

    def _scoring(self, sheet: Sheet) -> Scoring:
        factor = scaled = None
        total = sheet.total
        if self.case.quality_scale == "relative-to-best":
            best = self.standing.best_quality
            total = None
            if best is not None and sheet.quality_unrounded is not None:
                factor = self.tree.quality / best if best else Fraction(1)
                scaled = sheet.quality_unrounded * factor
                price = sheet.points[self.tree.price_leaf.code] if self.tree.price_leaf else exact.ZERO
                total = final(self.case, total_of([scaled, price]))
        adjustments = self._adjustments(sheet) if self.case.method == "adjusted-price" else ()
        return Scoring(self._figure(sheet, total, adjustments), total, factor, scaled, adjustments or ())

    def _figure(
        self, sheet: Sheet, total: Fraction | None, adjustments: tuple[Adjustment, ...] | None
    ) -> Fraction | None:
        """The method's figure: 總評分法 and 評分單價法 of 最有利標評選辦法 §12, §13, 序位法 of §15."""
        method, price = self.case.method, sheet.bid.price
        if method in HIGHEST_FIRST:
            return total
        if method == "rank-sum":
            return self._rank_sum(sheet.bid.vendor)
        if price is None or (method == "adjusted-price" and adjustments is None):
            return None
        if method == "price-per-point":
            return price / total if total else None
        return price - exact.total(adjustment.amount for adjustment in adjustments or ())

    def _rank_sum(self, vendor: str) -> Fraction | None:
        ranks_given = [self.ballots.figures[member.code][vendor].rank for member in self.panel.counted]
        return total_of(ranks_given)

    def _adjustments(self, sheet: Sheet) -> tuple[Adjustment, ...] | None:
        """What each valued leaf takes from the price (細則 §63): value × share of its points reached."""
        times = len(self.panel.counted) if self.case.aggregation == "sum" else 1
        adjustments = []
        for leaf in self.tree.leaves:
            if leaf.value is not None:
                points = sheet.points[leaf.code]
                if points is None:
                    return None
                share = points / (self.tree.effective[leaf.code] * times)
                adjustments.append(Adjustment(leaf.code, leaf.value, share, leaf.value * share))
        return tuple(adjustments)
