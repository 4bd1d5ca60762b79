"""From prices to points: the formulas, their references, and how their results are rounded."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from bids.evaluation import exact
from bids.evaluation.case import Case, Price, Rounding
from bids.evaluation.points import rounded
from bids.evaluation.result import PriceReference, PriceSteps

HALF = Fraction(1, 2)


def reference_of(prices: Iterable[Fraction]) -> PriceReference:
    """The reference of the bids past the second stage that have a price."""
    known = list(prices)
    if not known:
        return PriceReference(None, None, None)
    return PriceReference(min(known), max(known), exact.mean(known))


def formula_points(
    formula: Price, worth: Fraction, price: Fraction, reference: PriceReference
) -> Fraction | None:
    """The points of a price under a formula, within 0…`worth`; `None` without the reference it needs."""
    if formula.relative:
        points = _relative(formula.formula, worth, price, reference)
    elif formula.formula == "bands":
        points = next((band.points for band in formula.bands if price <= band.up_to), exact.ZERO)
    else:
        ceiling, floor = formula.ceiling or exact.ZERO, formula.floor or exact.ZERO
        points = worth * (ceiling - price) / (ceiling - floor)
    return None if points is None else exact.clamp(points, worth)


def _relative(formula: str, worth: Fraction, price: Fraction, reference: PriceReference) -> Fraction | None:
    lowest, highest, mean = reference.lowest, reference.highest, reference.mean
    if lowest is None or highest is None or mean is None:
        return None
    if formula == "lowest-over-price":
        return worth * lowest / price
    if formula == "linear-to-lowest":
        return worth * (2 - price / lowest)
    if formula == "mean":
        return worth * (HALF - (price - mean) / mean)
    if highest == lowest:
        return worth
    return worth * (highest - price) / (highest - lowest)


@dataclass(frozen=True, slots=True)
class Pricing:
    """What turns prices into points: the leaf, its worth to one member, the number of members summed."""

    case: Case
    code: str
    worth: Fraction
    times: int

    def steps(self, price: Fraction | None, reference: PriceReference | None) -> PriceSteps:
        """The steps of one price; a relative formula gives nothing while the reference is not known."""
        raw = None
        if price is not None and (reference is not None or not self.case.price.relative):
            raw = formula_points(self.case.price, self.worth, price, reference or reference_of(()))
        rounding = self.case.rounding or Rounding()
        score = points = None
        if raw is not None:
            score = rounded(100 * raw / self.worth, rounding.price_score)
            points = rounded(self.worth * score / 100, rounding.price_points)
        return PriceSteps(
            code=self.code,
            price=price,
            reference=reference if self.case.price.relative else None,
            formula_points=raw,
            score=score,
            points=points,
            times=self.times,
            unrounded=None if raw is None else raw * self.times,
            aggregated=None if points is None else points * self.times,
        )
