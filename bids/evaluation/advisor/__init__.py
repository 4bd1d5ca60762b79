"""Advice on a tender before it is published: how its method, weights and formula treat dummy bids.

A cheap outlier that just passes, a middle bid and an expensive best one are evaluated by the arithmetic that
will judge the real ones. Nothing here is part of a result, and everything is exact.
"""

from dataclasses import dataclass
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

#: Prices as shares of the yardstick: of the cheap outlier, the middle bid and the best one.
PRICES = (Fraction(60, 100), Fraction(80, 100), Fraction(95, 100))
#: The least marks, in percent of the scale, that are plausible where nothing must be reached.
LEAST = 50
#: How far above the least marks, of all that is left of the scale: the three dummies, and the cluster.
ABOVE = (Fraction(0), Fraction(40, 100), Fraction(70, 100))
CLUSTER = (Fraction(20, 100), Fraction(60, 100))


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
    """Dummies that fit the tender: prices by its yardstick, the outlier with the least marks that pass.

    Marks are in whole percent of the scale; where no marks let the outlier pass they are as if all did.
    """

    def passes(percent: int) -> bool:
        return outcome_of(ground, _from_least(ground, percent).dummies).stands[0].place is not None

    low, high = LEAST, 100
    if passes(low) or not passes(high):
        return _from_least(ground, low)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if passes(middle) else (middle, high)
    return _from_least(ground, high)


def _from_least(ground: Ground, percent: int) -> Asked:
    """The dummies and the cluster above so many percent of the scale, and above every bound."""
    security, quality = (max(whole_percent(share), percent * PERCENT) for share in bounds(ground))
    least = max(security, quality) if ground.tree.quality else security

    def above(bottom: Fraction, share: Fraction) -> Fraction:
        return whole_percent(bottom + (1 - bottom) * share)

    cheap, middle, best = (
        Dummy(code, _price(ground.yardstick * price), above(security, share), above(quality, share))
        for code, price, share in zip((CHEAP, MIDDLE, BEST), PRICES, ABOVE, strict=True)
    )
    # The cluster keeps two percent to lie in where everything must be perfect.
    low, high = (above(min(least, 1 - 2 * PERCENT), share) for share in CLUSTER)
    return Asked(cheap, middle, best, low, high)


def _price(price: Fraction) -> Fraction:
    """Rounded down to whole money, or to cents where that would be nothing much."""
    unit = 1 if price >= 100 else 100
    return Fraction(int(price * unit), unit) or price
