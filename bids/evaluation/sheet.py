"""One scored bid's figures on one sheet: points by leaf and group, non-price total, total."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from bids.evaluation import exact
from bids.evaluation.case import Bid, Case, Rounding
from bids.evaluation.points import rounded
from bids.evaluation.result import LeafSteps, PriceSteps
from bids.evaluation.tree import Tree


@dataclass(frozen=True, slots=True)
class Sheet:
    """The figures of one bid, `None` where a mark or a price is missing; totals are not scaled to the best.

    `unrounded` are the aggregated points by leaf before any rounding, `points` and `nodes` after it.
    """

    bid: Bid
    leaves: Mapping[str, LeafSteps]
    price: PriceSteps | None
    unrounded: Mapping[str, Fraction | None]
    points: Mapping[str, Fraction | None]
    nodes: Mapping[str, Fraction | None]
    quality_unrounded: Fraction | None
    quality: Fraction | None
    total_unrounded: Fraction | None
    total: Fraction | None

    def at(self, code: str) -> Fraction | None:
        """The points of a leaf or a group."""
        return self.points[code] if code in self.points else self.nodes[code]


def total_of(parts: list[Fraction | None]) -> Fraction | None:
    """The sum, or `None` where a part is not known."""
    known = [part for part in parts if part is not None]
    return exact.total(known) if len(known) == len(parts) else None


def sheet_of(
    case: Case, tree: Tree, bid: Bid, leaves: Mapping[str, LeafSteps], price: PriceSteps | None
) -> Sheet:
    """The sheet of a bid, of its leaf steps and, where a formula gives points, its price steps."""
    unrounded: dict[str, Fraction | None] = {}
    points: dict[str, Fraction | None] = {}
    for leaf in tree.leaves:
        if leaf.code in leaves:
            unrounded[leaf.code], points[leaf.code] = leaves[leaf.code].unrounded, leaves[leaf.code].points
        else:
            unrounded[leaf.code] = price.unrounded if price else None
            points[leaf.code] = price.aggregated if price else None
    quality = total_of([points[leaf.code] for leaf in tree.leaves if leaf.kind != "price"])
    total = total_of([quality, points[tree.price_leaf.code] if tree.price_leaf else exact.ZERO])
    return Sheet(
        bid=bid,
        leaves=leaves,
        price=price,
        unrounded=unrounded,
        points=points,
        nodes=tree.sums(points),
        quality_unrounded=quality,
        quality=final(case, quality),
        total_unrounded=total,
        total=final(case, total),
    )


def final(case: Case, total: Fraction | None) -> Fraction | None:
    """A total as `rounding.total` leaves it."""
    return None if total is None else rounded(total, (case.rounding or Rounding()).total)
