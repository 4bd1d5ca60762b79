"""A draft and three dummy bids to try the advisor with."""

from fractions import Fraction

from bids.evaluation.advisor import BEST, CHEAP, MIDDLE, Asked, Dummy

from .making import criterion, f

CEILING = {"formula": "ceiling-linear", "ceiling": 1200, "floor": 200}
BANDS = {
    "formula": "bands",
    "bands": [{"up_to": 600, "points": 30}, {"up_to": 800, "points": 20}, {"up_to": 1000, "points": 5}],
}
FORMULAS = {
    "none": {"formula": "none"},
    "marked": {"formula": "marked"},
    "ceiling-linear": CEILING,
    "bands": BANDS,
} | {name: {"formula": name} for name in ("lowest-over-price", "linear-to-lowest", "min-max", "mean")}


def draft(formula="ceiling-linear", **keys):
    """Security 45 and quality 25, marked 0 to 5, and price 30; nothing but its formula looks at a price."""
    criteria = [criterion("s", 45, maximum=5), criterion("q", 25, "quality", maximum=5)]
    if formula != "none":
        criteria.append(criterion("p", 30, "price", **({"maximum": 5} if formula == "marked" else {})))
    return {
        "format": "tender-case/1",
        "reference": "T-1",
        "title": "A draft",
        "criteria": criteria,
        "price": FORMULAS[formula],
        "total_points": 70 if formula == "none" else 100,
        "budget": 1000,
    } | keys


def trio(prices=(600, 800, 1000), shares=("0.5", "0.7", "0.9"), low="0.6", high="0.8"):
    """The three dummies, marked the same on security and quality."""
    cheap, middle, best = (
        Dummy(code, Fraction(price), f(share), f(share))
        for code, price, share in zip((CHEAP, MIDDLE, BEST), prices, shares, strict=True)
    )
    return Asked(cheap, middle, best, f(low), f(high))


def totals(outcome):
    return [stand.total for stand in outcome.stands]


#: Totals of the three, who is first, the turning price of the cheap one (None: never) and who it then meets,
#: and what price decides when marks lie between 3 and 4 of 5, security then differing by 9 and quality by 5.
BY_HAND = {
    "none": (["35", "49", "63"], BEST, None, None, "0"),
    "marked": (["65", "71.5", "81"], BEST, "200/3", BEST, "6/20"),
    "lowest-over-price": (["65", "71.5", "81"], BEST, "200/3", BEST, "12/26"),
    "linear-to-lowest": (["65", "69", "73"], BEST, "15000/29", BEST, "20/34"),
    "min-max": (["65", "64", "63"], CHEAP, "625", MIDDLE, "30/44"),
    "mean": (["57.5", "64", "70.5"], BEST, "12600/43", BEST, "15/29"),
    "ceiling-linear": (["53", "61", "69"], BEST, None, None, "12/26"),
    "bands": (["65", "69", "68"], MIDDLE, None, None, "25/39"),
}
