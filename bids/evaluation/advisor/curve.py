"""Price to the right, points upward: the chosen formula as a line, with the dummies' references."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from bids.evaluation.advisor.dummies import Asked, Ground
from bids.evaluation.advisor.outcome import Outcome
from bids.evaluation.prices import formula_points, reference_of

STEPS = 60
#: How far the line goes to either side of the dummies.
DOWN, UP = Fraction(7, 10), Fraction(23, 20)

Points = tuple[tuple[Fraction, Fraction], ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """The formula's points at rising prices, as corners of a line; `worth` is the most there is to get."""

    corners: Points
    worth: Fraction


def curve_of(ground: Ground, asked: Asked, outcome: Outcome) -> Curve | None:
    """The line, before rounding; `None` where no formula makes points of prices.

    References are those of the dummies that are past the second stage: what a relative formula gives to one
    of them if all others stay, not what a new bid would do.
    """
    case, leaf = ground.case, ground.tree.price_leaf
    if not case.price.computed or leaf is None:
        return None
    worth = ground.tree.effective[leaf.code]
    reference = outcome.reference or reference_of(())
    corners = []
    for price in _prices(ground, asked):
        points = formula_points(case.price, worth, price, reference)
        if points is None:
            return None
        corners.append((price, points))
    return Curve(_stepped(ground, corners), worth)


def _prices(ground: Ground, asked: Asked) -> list[Fraction]:
    """Evenly spread prices, and those at which the line has a corner."""
    given = [dummy.price for dummy in asked.dummies]
    low, high = min(given) * DOWN, max(given) * UP
    price = ground.case.price
    corners = [*given, *(band.up_to for band in price.bands)]
    corners += [money for money in (price.ceiling, price.floor) if money is not None]
    spread = [low + (high - low) * step / STEPS for step in range(STEPS + 1)]
    return sorted({one for one in (*spread, *corners) if low <= one <= high})


def _stepped(ground: Ground, corners: list[tuple[Fraction, Fraction]]) -> Points:
    """Bands are level and then jump: each price after a band's end begins where that band ended."""
    if ground.case.price.formula != "bands":
        return tuple(corners)
    stepped = corners[:1]
    for (before, _), (price, points) in pairwise(corners):
        if points != stepped[-1][1]:
            stepped.append((before, points))
        stepped.append((price, points))
    return tuple(stepped)
