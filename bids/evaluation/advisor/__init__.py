"""Advice on a tender before it is published: how its method, weights and formula treat dummy bids.

A cheap outlier that just passes, a middle bid and an expensive best one are evaluated by the arithmetic that
will judge the real ones. Nothing here is part of a result, and everything is exact.
"""

from dataclasses import dataclass, replace
from fractions import Fraction

from bids.evaluation.advisor.curve import Curve, curve_of
from bids.evaluation.advisor.dummies import (
    BEST,
    CHEAP,
    HOPELESS,
    MIDDLE,
    PERCENT,
    Asked,
    Dummy,
    Ground,
    bounds,
    ground_of,
    whole_percent,
)
from bids.evaluation.advisor.exchange import Exchange, exchange_of
from bids.evaluation.advisor.outcome import Outcome, Stand, outcome_of
from bids.evaluation.advisor.reversal import Reversal, reversal_of
from bids.evaluation.advisor.turning_price import TurningPrice, turning_price
from bids.evaluation.advisor.variants import Variant, variants_of
from bids.evaluation.advisor.weights import Weight, weights_of

__all__ = [
    "BEST",
    "CHEAP",
    "HOPELESS",
    "MIDDLE",
    "Advice",
    "Asked",
    "Curve",
    "Dummy",
    "Exchange",
    "Ground",
    "Outcome",
    "Reversal",
    "Stand",
    "TurningPrice",
    "Variant",
    "Weight",
    "advise",
    "ground_of",
    "plausible",
]

#: Prices as shares of the yardstick, and marks in percent of the scale: of the outlier (the least it has
#: where nothing must be reached), the middle bid and the best one; and where marks cluster.
PRICES = (Fraction(60, 100), Fraction(80, 100), Fraction(95, 100))
MARKS = (40, 70, 90)
CLUSTER = (Fraction(60, 100), Fraction(80, 100))


@dataclass(frozen=True, slots=True)
class Advice:
    """What the advisor has to say; parts are `None` where the method has no such thing."""

    outcome: Outcome
    turning: TurningPrice
    exchange: Exchange | None
    weights: tuple[Weight, ...] | None
    reversal: Reversal
    curve: Curve | None
    variants: tuple[Variant, ...]


def advise(ground: Ground, asked: Asked, profile: str) -> Advice:
    """Everything about these dummies; `profile` says which formulas are compared (`ground` has none)."""
    outcome = outcome_of(ground, asked.dummies)
    return Advice(
        outcome=outcome,
        turning=turning_price(ground, asked),
        exchange=exchange_of(ground, asked),
        weights=weights_of(ground, asked, outcome),
        reversal=reversal_of(ground, asked),
        curve=curve_of(ground, asked, outcome),
        variants=variants_of(ground, asked, profile),
    )


def plausible(ground: Ground) -> Asked:
    """Dummies that fit the tender: prices by its yardstick, the outlier with the least marks that pass."""
    cheap, middle, best = (_price(ground.yardstick * share) for share in PRICES)
    least = tuple(whole_percent(share) for share in bounds(ground))

    def dummy(code: str, price: Fraction, percent: int) -> Dummy:
        security, quality = (max(share, percent * PERCENT) for share in least)
        return Dummy(code, price, security, quality)

    asked = Asked(
        cheap=dummy(CHEAP, cheap, MARKS[0]),
        middle=dummy(MIDDLE, middle, MARKS[1]),
        best=dummy(BEST, best, MARKS[2]),
        low=CLUSTER[0],
        high=CLUSTER[1],
    )
    return _just_passing(ground, asked)


def _price(price: Fraction) -> Fraction:
    """Rounded down to whole money, or to cents where that would be nothing much."""
    unit = 1 if price >= 100 else 100
    return Fraction(int(price * unit), unit) or price


def _just_passing(ground: Ground, asked: Asked) -> Asked:
    """The outlier lifted, in whole percent, until no stage excludes it; as it is if nothing helps."""

    def lifted(percent: int) -> Asked:
        least = percent * PERCENT
        cheap = asked.cheap
        return replace(
            asked,
            cheap=replace(cheap, security=max(cheap.security, least), quality=max(cheap.quality, least)),
        )

    def passes(percent: int) -> bool:
        return outcome_of(ground, lifted(percent).dummies).stands[0].place is not None

    low, high = 0, 100
    if passes(low) or not passes(high):
        return asked
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if passes(middle) else (middle, high)
    return lifted(high)
