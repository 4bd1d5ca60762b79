"""From marks to points: each member's own, and their aggregate on each leaf that people mark."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from bids.evaluation import exact
from bids.evaluation.case import Bid, Case, Criterion, Round, Rounding
from bids.evaluation.panel import Panel
from bids.evaluation.result import Hole, LeafSteps
from bids.evaluation.tree import Tree

_AVERAGES: Mapping[str, Callable[[list[Fraction]], Fraction]] = {
    "mean": exact.mean,
    "median": exact.median,
    "sum": exact.total,
}


def rounded(number: Fraction, rule: Round | None) -> Fraction:
    """The number as a rounding rule leaves it; exact where there is none."""
    return number if rule is None else exact.rounded(number, rule.places, rule.mode)


@dataclass(frozen=True, slots=True)
class Marking:
    """What turns the marks of one bid into points."""

    case: Case
    tree: Tree
    panel: Panel

    def leaves(self, bid: Bid) -> dict[str, LeafSteps]:
        """The steps of every leaf that people mark, in file order."""
        given: dict[str, dict[str, Fraction]] = {leaf.code: {} for leaf in self.tree.marked}
        judges = {member.code: member.unit for member in self.panel.judges(bid.vendor)}
        for mark in bid.marks:
            if mark.mark is not None and mark.member in judges:
                given[mark.criterion][mark.member] = mark.mark
        agreed = {mark.criterion: mark.mark for mark in bid.consensus}
        return {
            leaf.code: self._leaf(leaf, given[leaf.code], judges, agreed.get(leaf.code))
            for leaf in self.tree.marked
        }

    def _leaf(
        self,
        leaf: Criterion,
        marks: dict[str, Fraction],
        judges: dict[str, str],
        agreed_mark: Fraction | None,
    ) -> LeafSteps:
        factor = self.tree.effective[leaf.code] / self.tree.scales[leaf.code]
        points = {member: marks[member] * factor for member in judges if member in marks}
        by_unit: dict[str, list[Fraction]] = {}
        for member, own in points.items():
            by_unit.setdefault(judges[member], []).append(own)
        units = {unit: exact.mean(own) for unit, own in by_unit.items()}
        agreed = None if agreed_mark is None else agreed_mark * factor
        complete = bool(judges) and len(points) == len(judges)
        unrounded = self._aggregate(list(points.values()), units, agreed, complete=complete)
        rule = (self.case.rounding or Rounding()).leaf_points
        return LeafSteps(
            code=leaf.code,
            members=points,
            units=units,
            agreed=agreed,
            unrounded=unrounded,
            points=None if unrounded is None else rounded(unrounded, rule),
        )

    def _aggregate(
        self, points: list[Fraction], units: dict[str, Fraction], agreed: Fraction | None, *, complete: bool
    ) -> Fraction | None:
        """The aggregated points of a leaf; `None` where a mark that it needs is missing."""
        aggregation = self.case.aggregation
        if self.panel.complete:
            if not complete:
                return None
        elif agreed is not None or aggregation == "consensus":
            return agreed
        if not points:
            return None
        return self._mean_of_units(units) if aggregation == "unit-mean" else _AVERAGES[aggregation](points)

    def _mean_of_units(self, units: dict[str, Fraction]) -> Fraction:
        """The mean of the units that marked, weighted by their shares."""
        given = self.case.unit_shares
        shares = {unit: given[unit] if given else Fraction(1) for unit in units}
        return exact.total(units[unit] * share for unit, share in shares.items()) / exact.total(
            shares.values()
        )

    def holes(self, bid: Bid, leaves: Mapping[str, LeafSteps]) -> list[Hole]:
        """The marks without which the bid cannot be judged."""
        holes: list[Hole] = []
        judges = self.panel.judges(bid.vendor)
        for code, leaf in leaves.items():
            if self.panel.complete and judges:
                missing = (member.code for member in judges if member.code not in leaf.members)
                holes += [Hole(bid.vendor, code, member) for member in missing]
            elif leaf.unrounded is None:
                holes.append(Hole(bid.vendor, code, None))
        return holes

    def waiting(self, bid: Bid, leaves: Mapping[str, LeafSteps]) -> frozenset[str]:
        """The counted members of a bid who may still mark a leaf of it that is a hole.

        Under `consensus` holes are agreed marks, so nobody's own figures wait for them.
        """
        if self.case.aggregation == "consensus":
            return frozenset()
        blank = {code: leaf.members for code, leaf in leaves.items() if leaf.unrounded is None}
        return frozenset(
            member.code
            for member in self.panel.judges(bid.vendor)
            for leaf in self.panel.leaves[member.unit]
            if leaf.code in blank and member.code not in blank[leaf.code]
        )

    def own_figures(
        self, bid: Bid, leaves: Mapping[str, LeafSteps], price: Fraction | None, *, quality: bool = False
    ) -> dict[str, Fraction | None]:
        """Each counted member's own total of a bid: points on the leaves its unit marks, plus `price`.

        `price` is what a formula gives to every member, `None` where that is not known. With `quality` only
        what is not price. A figure is `None` where a part is missing or the member's unit marks no leaf.
        """
        figures: dict[str, Fraction | None] = {}
        for member in self.panel.judges(bid.vendor):
            mine = self.panel.leaves[member.unit]
            needed = [leaf.code for leaf in mine if not (quality and leaf.kind == "price")]
            points = [
                leaves[code].members[member.code] for code in needed if member.code in leaves[code].members
            ]
            known = bool(mine) and len(points) == len(needed)
            extra = exact.ZERO if quality else price
            figures[member.code] = exact.total(points) + extra if known and extra is not None else None
        return figures
