"""What one percent of price is worth, against one mark of security."""

from dataclasses import dataclass, replace
from fractions import Fraction

from bids.evaluation import exact
from bids.evaluation.advisor.dummies import MIDDLE, PERCENT, Asked, Ground, field
from bids.evaluation.advisor.outcome import OF_POINTS, measured
from bids.evaluation.case import Bid, Case, Criterion
from bids.evaluation.evaluation import run


@dataclass(frozen=True, slots=True)
class Exchange:
    """What the middle bid gains by one percent less price, and by one mark more on a security criterion.

    `leaf` is the heaviest criterion of security and `top` the top of its scale. Gains are in points with
    `in_points`, else in money, or money a point under `price-per-point`. `percent_per_mark` is how many
    percent of its price one mark is worth; `None` where price gains nothing.
    """

    leaf: str
    top: Fraction
    percent: Fraction
    mark: Fraction
    in_points: bool

    @property
    def percent_per_mark(self) -> Fraction | None:
        """Percent of the price that equal one mark."""
        return self.mark / self.percent if self.percent else None


def exchange_of(ground: Ground, asked: Asked) -> Exchange | None:
    """The rate of exchange at the middle bid; `None` without a criterion of security, or without a figure."""
    leaf = _heaviest(ground)
    if leaf is None:
        return None
    top = ground.tree.scales[leaf.code]
    step = min(Fraction(1), top)
    if asked.middle.security * top + step > top:
        step = -step
    case = field(ground, asked.dummies)
    cheaper = replace(asked.middle, price=asked.middle.price * (1 - PERCENT))
    before = _figure(case)
    dearer_by = _gain(ground.case, before, _figure(field(ground, (asked.cheap, cheaper, asked.best))))
    better = replace(
        case, bids=tuple(_moved(bid, leaf, step) if bid.vendor == MIDDLE else bid for bid in case.bids)
    )
    marked = _gain(ground.case, before, _figure(better))
    if dearer_by is None or marked is None:
        return None
    return Exchange(leaf.code, top, dearer_by, marked / step, ground.case.method in OF_POINTS)


def _heaviest(ground: Ground) -> Criterion | None:
    leaves = [leaf for leaf in ground.tree.marked if leaf.kind == "security"]
    return max(leaves, key=lambda leaf: ground.tree.effective[leaf.code], default=None)


def _figure(case: Case) -> Fraction | None:
    return measured(case, run(case), MIDDLE)


def _gain(case: Case, before: Fraction | None, after: Fraction | None) -> Fraction | None:
    """How much better the figure became, whichever way it counts."""
    if before is None or after is None:
        return None
    return after - before if case.method in OF_POINTS else before - after


def _moved(bid: Bid, leaf: Criterion, step: Fraction) -> Bid:
    """The bid with one leaf marked that much higher by everybody, within its scale by the caller's choice."""
    return replace(
        bid,
        marks=tuple(
            replace(mark, mark=(mark.mark or exact.ZERO) + step) if mark.criterion == leaf.code else mark
            for mark in bid.marks
        ),
        consensus=tuple(
            replace(agreed, mark=agreed.mark + step) if agreed.criterion == leaf.code else agreed
            for agreed in bid.consensus
        ),
    )
