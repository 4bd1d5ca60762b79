"""The price up to which the cheap outlier comes first, exactly, the other dummies staying as they are.

Under every formula a lower price never costs a bid its place among the same others, so that the prices at
which it is first reach from next to nothing up to one price. Its figure less that of its rival is, between
two corners of the formula, a quotient of two linear functions of the price: of three values of it the root
follows exactly, and the arithmetic confirms it. Where points jump instead (bands, rounding) the last price
at which it is first is given in the smallest unit of money.
"""

from dataclasses import dataclass, replace
from fractions import Fraction

from bids.evaluation.advisor.dummies import CHEAP, Asked, Ground, field
from bids.evaluation.advisor.outcome import measured
from bids.evaluation.evaluation import Run, run

NEVER, ALWAYS, UP_TO = "never", "always", "up-to"

#: Prices under this have cents.
_CENTS_BELOW = 10_000
#: A price so many times the dearest is as good as any.
_FAR = 50
#: This far from where two bids are level, in units of money, they are not.
_NEAR = Fraction(1, 10**6)


@dataclass(frozen=True, slots=True)
class TurningPrice:
    """Up to which `price` the cheap outlier is first: `up-to`; `never` and `always` have none.

    `tie` says that at exactly that price it and `against` are level; else it is the last price, to the unit
    of money, at which the outlier is first.
    """

    kind: str
    price: Fraction | None = None
    against: str | None = None
    tie: bool = False


class _Outlier:
    """The field with the outlier at any price."""

    def __init__(self, ground: Ground, asked: Asked) -> None:
        self.ground, self.asked = ground, asked

    def at(self, price: Fraction) -> Run:
        """The evaluation with that price."""
        moved = replace(self.asked.cheap, price=price)
        return run(field(self.ground, (moved, self.asked.middle, self.asked.best)))

    def wins(self, price: Fraction) -> bool:
        """Whether it is alone in first place."""
        return self.at(price).first == CHEAP

    def gap(self, price: Fraction, rival: str) -> Fraction | None:
        """How far it is from the rival; 0 when they are level."""
        done = self.at(price)
        own, other = (measured(self.ground.case, done, vendor) for vendor in (CHEAP, rival))
        return None if own is None or other is None else own - other


def turning_price(ground: Ground, asked: Asked) -> TurningPrice:
    """Where the outlier stops being first."""
    outlier = _Outlier(ground, asked)
    dearest = max(dummy.price for dummy in asked.dummies)
    unit = Fraction(1) if dearest >= _CENTS_BELOW else Fraction(1, 100)
    low, high = 1, int(-(-_FAR * dearest // unit))
    if not outlier.wins(low * unit):
        return TurningPrice(NEVER)
    if outlier.wins(high * unit):
        return TurningPrice(ALWAYS)
    while high - low > 1:
        middle = (low + high) // 2
        if outlier.wins(middle * unit):
            low = middle
        else:
            high = middle
    return _between(outlier, low * unit, high * unit)


def _between(outlier: _Outlier, low: Fraction, high: Fraction) -> TurningPrice:
    """The turning price between two neighbouring prices, the lower of which wins."""
    rows = [row.vendor for row in outlier.at(high).rows if row.vendor != CHEAP]
    if not rows:
        return TurningPrice(UP_TO, low)
    rival = rows[0]
    root = _root(outlier, rival, low, high)
    return TurningPrice(UP_TO, low if root is None else root, rival, tie=root is not None)


def _root(outlier: _Outlier, rival: str, low: Fraction, high: Fraction) -> Fraction | None:
    """Where the two are level, or `None` where the order turns by a jump or they stay level for a while."""
    samples = []
    for part in (Fraction(0), Fraction(1, 2), Fraction(1)):
        offset = part * (high - low)
        gap = outlier.gap(low + offset, rival)
        if gap is None:
            return None
        samples.append((offset, gap))
    level = [offset for offset, gap in samples if gap == 0]
    zero = level[0] if level else _zero(samples)
    if zero is None or not 0 <= zero <= high - low:
        return None
    near = (high - low) * _NEAR
    gaps = [outlier.gap(low + zero + step, rival) for step in (-near, Fraction(0), near)]
    return low + zero if gaps[1] == 0 and gaps[0] and gaps[2] else None


def _zero(samples: list[tuple[Fraction, Fraction]]) -> Fraction | None:
    """The root of (a·x + b) ÷ (c·x + 1) through three points, from a·x + b − c·x·y = y (Cramer's rule)."""
    (x1, y1), (x2, y2), (x3, y3) = samples
    rows = [(x1, -x1 * y1, y1), (x2, -x2 * y2, y2), (x3, -x3 * y3, y3)]
    slope = _determinant([(y, 1, z) for _, z, y in rows])
    start = _determinant([(x, y, z) for x, z, y in rows])
    return None if slope == 0 else -start / slope


def _determinant(rows: list[tuple[Fraction | int, ...]]) -> Fraction:
    (a, b, c), (d, e, f), (g, h, i) = rows
    return Fraction(a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g))
