"""Made-up cases that are always accepted, of every method, aggregation, formula and rule."""

import random

from .making import criterion

RELATIVE = ["lowest-over-price", "linear-to-lowest", "min-max", "mean"]
METHODS = [
    "total",
    "total",
    "rank-sum",
    "price-per-point",
    "pass-then-lowest",
    "adjusted-price",
    "best-fair-price",
    "lowest-price",
]
NO_PRICE_LEAF = ("price-per-point", "pass-then-lowest", "adjusted-price")


def random_case(seed, *, relative=True, money=False):
    """The case of a seed; without `relative` nothing looks at other bids, with `money` no alarm is set."""
    rng = random.Random(seed)
    method = rng.choice(METHODS)
    aggregation = rng.choice(["mean", "median", "unit-mean", "sum"])
    formulas = ["none", "marked", "ceiling-linear", "bands", *(RELATIVE if relative else [])]
    formula = "none" if method in NO_PRICE_LEAF else rng.choice(formulas)
    criteria = criteria_of(rng, formula)
    if method == "adjusted-price":
        criteria[1]["value"] = rng.choice([100, -50, "33.3"])
    members = [{"code": f"m{n}", "unit": rng.choice(["it", "sec"])} for n in range(rng.randint(1, 4))]
    vendors = [f"V{n}" for n in range(rng.randint(1, 5))]
    members[-1] |= rng.choice([{}, {}, {}, {"recused": vendors[:1]}, {"present": False}])
    marked = [leaf["code"] for leaf in criteria if "maximum" in leaf]
    may_abstain = aggregation != "sum" and method != "rank-sum"
    blank = rng.choice([0, 0, 0.2]) if may_abstain else 0
    document = {
        "format": "tender-case/1",
        "reference": f"R-{seed}",
        "title": "Made up",
        "profile": "open",
        "method": method,
        "aggregation": aggregation,
        "criteria": criteria,
        "price": price_of(rng, formula),
        "requirements": [{"code": "r", "title": "r"}],
        "panel": members,
        "bids": [bid_of(rng, vendor, members, marked, blank) for vendor in vendors],
        "rank_scope": rng.choice(["passing", "all"]),
        "tied_rank": rng.choice(["competition", "dense", "average"]),
        "tie_break": tie_rules(rng, method),
        "lots_drawn": rng.sample(vendors, rng.randint(0, len(vendors))),
        "panel_rules": {"marked_difference": {"high": 80, "low": 50, "leaf_high_share": "0.9"}},
    } | settings_of(rng)
    if method == "best-fair-price":
        document["fair_price_ceiling"] = rng.choice([150, 250])
    if method == "total" and relative and aggregation != "sum" and rng.random() < 0.2:
        document["quality_scale"] = "relative-to-best"
    if not money:
        document["low_price"] = [{"rule": "share-of-mean", "share": "0.8"}]
    return document


def criteria_of(rng, formula):
    """A group of two leaves, a leaf beside it, and a price leaf where there is a formula."""
    criteria = [
        criterion("g", 40, None),
        criterion("s", rng.choice([1, 3]), parent="g", maximum=10),
        criterion("t", 1, rng.choice(["security", "quality"]), parent="g", maximum=5),
        criterion("q", 30, "quality", maximum=20),
    ]
    if formula != "none":
        criteria.append(criterion("p", 30, "price", **({"maximum": 10} if formula == "marked" else {})))
    if rng.random() < 0.4:
        criteria[rng.randrange(2)]["minimum"] = rng.choice([5, 10, "12.5"])
    return criteria


def bid_of(rng, vendor, members, marked, blank):
    """A bid with marks of every member on every leaf, some of them abstentions."""
    tops = {"s": 10, "t": 5, "q": 20, "p": 10}
    return {
        "vendor": vendor,
        "price": rng.choice([100, 150, 150, 200, "333.33", rng.choice([None, 120, 120])]),
        "status": rng.choice(["valid"] * 9 + ["withdrawn"]),
        "claims": [{"requirement": "r", "met": rng.random() < 0.9}] if rng.random() < 0.95 else [],
        "marks": [
            {
                "member": member["code"],
                "criterion": leaf,
                "mark": None if rng.random() < blank else str(rng.randint(0, 2 * tops[leaf]) / 2),
            }
            for member in members
            for leaf in marked
        ],
    }


def settings_of(rng):
    """A pass mark and roundings, or none."""
    settings = {}
    if rng.random() < 0.4:
        mark = {"points": rng.choice([10, 30, 50]), "on": rng.choice(["total", "quality"])}
        settings["pass_mark"] = mark | {"rule": rng.choice(["mean", "majority"])}
    if rng.random() < 0.3:
        things = rng.sample(["leaf_points", "price_score", "price_points", "total"], 2)
        modes = ["half-up", "half-even", "down"]
        settings["rounding"] = {
            thing: {"places": rng.randint(0, 2), "mode": rng.choice(modes)} for thing in things
        }
    return settings


def price_of(rng, formula):
    """The price block of a formula."""
    if formula == "ceiling-linear":
        return {"formula": formula, "ceiling": 300, "floor": rng.choice([0, 100])}
    if formula == "bands":
        return {"formula": formula, "bands": [{"up_to": 120, "points": 30}, {"up_to": 200, "points": "7.5"}]}
    return {"formula": formula}


def tie_rules(rng, method):
    """Some tie rules in some order."""
    rules = ["heaviest-criterion", "higher-security", "lower-price", "lots"]
    rules += ["more-first-places"] if method == "rank-sum" else []
    return rng.sample(rules, rng.randint(0, len(rules)))
