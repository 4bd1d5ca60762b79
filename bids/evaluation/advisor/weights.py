"""What the published weights really weigh: a weight moves the result only as far as its marks spread.

A criterion whose marks all lie near each other decides little whatever it is published as; the share of a
criterion in what can differ between bids is weight × spread, over the sum of these (range sensitivity of
weights: von Nitzsch and Weber 1993, Management Science 39(8), 937-943; Keeney 2002, Operations Research
50(6), 935-945, "the most common critical mistake").
"""

from dataclasses import dataclass
from fractions import Fraction

from bids.evaluation import exact
from bids.evaluation.advisor.dummies import Asked, Ground
from bids.evaluation.advisor.outcome import OF_POINTS, Outcome

KINDS = ("security", "quality", "price")


@dataclass(frozen=True, slots=True)
class Weight:
    """A kind of criterion: its `published` share, `None` where none is published, and its `effective` one.

    Both are in 0…1; the effective ones add up to 1. `spread` is what bids differ by on it: points, money
    under `adjusted-price`, a share of the figure under `price-per-point`, 1 for the price that alone decides.
    """

    kind: str
    published: Fraction | None
    spread: Fraction
    effective: Fraction


def weights_of(ground: Ground, asked: Asked, outcome: Outcome) -> tuple[Weight, ...] | None:
    """The shares by kind, when marks lie between `low` and `high` and prices as the dummies' do.

    Kinds that neither weigh nor decide are left out. `None` where nothing could differ.
    """
    spreads = _spreads(ground, asked, outcome)
    whole = exact.total(spreads.values())
    if whole == 0:
        return None
    weights = []
    for kind in KINDS:
        published = _published(ground, kind)
        if spreads[kind] or published:
            weights.append(Weight(kind, published, spreads[kind], spreads[kind] / whole))
    return tuple(weights)


def _published(ground: Ground, kind: str) -> Fraction | None:
    """A kind's share of all points; of the price `None` where it decides without a weight."""
    tree = ground.tree
    if kind == "price" and ground.case.method not in OF_POINTS:
        return None
    if tree.reachable == 0:
        return None
    return _points(ground, kind) / tree.reachable


def _points(ground: Ground, kind: str) -> Fraction:
    return exact.total(ground.tree.effective[code] for code in ground.tree.of_kind(kind))


def _spreads(ground: Ground, asked: Asked, outcome: Outcome) -> dict[str, Fraction]:
    """By kind, in the measure of the method."""
    method, width = ground.case.method, asked.high - asked.low
    prices = [dummy.price for dummy in asked.dummies]
    if method in ("pass-then-lowest", "lowest-price"):
        return {"security": exact.ZERO, "quality": exact.ZERO, "price": Fraction(len(set(prices)) > 1)}
    if method == "adjusted-price":
        return _of_values(ground, width) | {"price": max(prices) - min(prices)}
    spreads = {kind: _points(ground, kind) * width for kind in ("security", "quality")}
    if method == "price-per-point":
        middle = ground.tree.quality * (asked.low + asked.high) / 2
        relative = {kind: spread / middle for kind, spread in spreads.items()}
        return relative | {"price": 2 * (max(prices) - min(prices)) / (max(prices) + min(prices))}
    if ground.case.quality_scale == "relative-to-best":
        spreads = {kind: spread / asked.high for kind, spread in spreads.items()}
    return spreads | {"price": _of_price(ground, width, outcome)}


def _of_values(ground: Ground, width: Fraction) -> dict[str, Fraction]:
    """What marks take from the price at most, less what they take at least."""
    return {
        kind: exact.total(
            abs(leaf.value or exact.ZERO) * width for leaf in ground.tree.leaves if leaf.kind == kind
        )
        for kind in ("security", "quality")
    }


def _of_price(ground: Ground, width: Fraction, outcome: Outcome) -> Fraction:
    """Points between the dummy that gets most for its price and the one that gets least, of one member."""
    if ground.case.price.formula == "marked":
        return _points(ground, "price") * width
    points = [stand.price_points for stand in outcome.stands if stand.price_points is not None]
    if not points:
        return exact.ZERO
    times = len(ground.case.members) if ground.case.aggregation == "sum" else 1
    return (max(points) - min(points)) / times
