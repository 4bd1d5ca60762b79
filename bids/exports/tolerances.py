"""How close two computed numbers must be to count as equal.

Assay compares exact fractions, a sheet binary floats with 15 digits. The tolerance is a billionth of the
scale, or less where exact figures of this case are closer to each other without being equal, but never as
fine as the noise.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import pairwise

from bids.exports.figures import Figures
from bids.exports.layout import Plan

_COARSEST = Fraction(1, 10**9)
_NOISE = Fraction(5, 10**15)


def points_tolerance(plan: Plan, figures: Figures) -> float:
    """The tolerance between points: totals, members' totals, minimums, pass marks, points that split ties."""
    return _tolerance(_points(plan, figures), plan.case.total_points * plan.times)


def figure_tolerance(figures: Figures) -> float:
    """The tolerance between figures of the method; prices alone are not computed and need none."""
    known = [bid.figure for bid in figures.bids if bid.figure is not None]
    return _tolerance([known], max((abs(figure) for figure in known), default=Fraction(1)))


def _points(plan: Plan, figures: Figures) -> Iterator[list[Fraction]]:
    """Lists of numbers that are compared with one another."""
    bounds = [plan.case.pass_mark.points * plan.times] if plan.case.pass_mark else []
    bids = figures.bids
    yield bounds + _known(bid.sheet.total for bid in bids)
    yield bounds + _known(bid.sheet.quality for bid in bids)
    yield _known(bid.figure_total for bid in bids)
    yield from (_known(keys) for keys in zip(*(bid.keys for bid in bids), strict=True))
    yield _known(plan.tree.effective[leaf.code] for leaf in plan.tree.leaves)
    if plan.case.pass_mark:
        own = [*(bid.own for bid in bids), *(bid.own_quality for bid in bids)]
        yield [plan.case.pass_mark.points, *_known(total for totals in own for total in totals.values())]
    for member in plan.panel.counted:
        yield _known(bid.own.get(member.code) for bid in bids)
    for node in plan.case.criteria:
        if node.minimum is not None:
            yield [node.minimum * plan.times, *_known(bid.sheet.at(node.code) for bid in bids)]


def _known(numbers: Iterable[Fraction | None]) -> list[Fraction]:
    return [number for number in numbers if number is not None]


def _tolerance(lists: Iterable[list[Fraction]], scale: Fraction) -> float:
    closest = _COARSEST * scale
    for numbers in lists:
        ordered = sorted(set(numbers))
        for lower, upper in pairwise(ordered):
            closest = min(closest, (upper - lower) / 2)
    return float(max(closest, _NOISE * scale))
