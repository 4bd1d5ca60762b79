"""Made-up case files of every method, aggregation, price formula, rounding and tie rule; one seed, one case.

Marks, weights and prices are few and small, so that ties, minimums and pass marks are met exactly.
"""

import random

from bids.evaluation import Refused, read_document
from bids.evaluation.case import AGGREGATIONS, FORMULAS, METHODS, ROUNDING_MODES, TIE_RULES, TIED_RANKS

NO_PRICE_LEAF = ("price-per-point", "pass-then-lowest", "adjusted-price")


def random_case(seed):
    """A case that is not refused; which one depends on the seed alone."""
    rng = random.Random(seed)
    while True:
        try:
            return read_document(_document(rng))
        except Refused:
            continue


def _document(rng):
    method = rng.choice(METHODS)
    aggregation = rng.choice(AGGREGATIONS)
    complete = aggregation == "sum" or method == "rank-sum"
    formula = "none" if method in NO_PRICE_LEAF else rng.choice(FORMULAS)
    criteria = _criteria(rng, method, formula, complete=complete)
    panel = _panel(rng)
    document = {
        "format": "tender-case/1",
        "reference": f"R-{rng.randrange(1000)}",
        "title": "Made up",
        "profile": rng.choice(["open", "bank", "open", "tw-public"]),
        "method": method,
        "aggregation": aggregation,
        "total_points": rng.choice([100, 100, 1000, 60]),
        "criteria": criteria,
        "price": _price(rng, formula),
        "panel": panel,
        "requirements": [
            {"code": f"R{n}", "title": f"Requirement {n}", "mandatory": rng.random() < 0.7}
            for n in range(rng.choice([0, 2, 4]))
        ],
        "tie_break": rng.sample(TIE_RULES, rng.choice([0, 1, 2, 4])),
        "tied_rank": rng.choice(TIED_RANKS),
        "rank_scope": rng.choice(["passing", "all"]),
    }
    if method == "best-fair-price":
        document["fair_price_ceiling"] = rng.choice([900, 1000, 1200])
    if method == "total" and rng.random() < 0.3:
        document["quality_scale"] = "relative-to-best"
    if aggregation == "unit-mean" and rng.random() < 0.6:
        document["unit_shares"] = {
            unit: rng.choice([1, 2, 0.5]) for unit in dict.fromkeys(member["unit"] for member in panel)
        }
    if rng.random() < 0.4:
        document["pass_mark"] = {
            "points": rng.choice([20, 30, 36, 50, 60]),
            "on": rng.choice(["total", "quality"]),
            "rule": rng.choice(["mean", "majority"]),
        }
    if rng.random() < 0.35:
        things = rng.sample(["leaf_points", "price_score", "price_points", "total"], rng.choice([1, 2, 4]))
        document["rounding"] = {
            t: {"places": rng.choice([0, 1, 2]), "mode": rng.choice(ROUNDING_MODES)} for t in things
        }
    document["bids"] = _bids(rng, document, complete=complete)
    document["lots_drawn"] = rng.sample(
        [bid["vendor"] for bid in document["bids"]], rng.randrange(3) % len(document["bids"])
    )
    return document


def _criteria(rng, method, formula, *, complete):
    criteria = []
    for root in range(rng.choice([1, 2, 3])):
        code = f"g{root}"
        children = rng.choice([0, 0, 2, 3])
        criteria.append({"code": code, "title": f"Group {root}", "weight": rng.choice([20, 30, 30, 50])})
        for child in range(children):
            leaf = {
                "code": f"{code}.{child}",
                "title": f"Leaf {child}",
                "weight": rng.choice([1, 1, 2]),
                "parent": code,
            }
            criteria.append(_leaf(rng, leaf, method, complete=complete))
        if not children:
            _leaf(rng, criteria[-1], method, complete=complete)
    if formula != "none":
        price = {"code": "p", "title": "Price", "weight": rng.choice([20, 30, 50]), "kind": "price"}
        if formula == "marked":
            price["maximum"] = 10
        if criteria[0].get("kind") is None and rng.random() < 0.4:
            price |= {"parent": "g0", "weight": 1}
        criteria.insert(rng.randrange(1, len(criteria) + 1), price)
    for node in criteria:
        if rng.random() < 0.15:
            node["minimum"] = rng.choice([5, 6, 10, 15])
    return criteria


def _leaf(rng, leaf, method, *, complete):
    leaf |= {"kind": rng.choice(["security", "quality"]), "maximum": rng.choice([5, 10])}
    if method == "adjusted-price" and rng.random() < 0.7:
        leaf["value"] = rng.choice([100, 200, -50])
    if not complete and rng.random() < 0.1:
        leaf["units"] = [rng.choice(["it", "sec"])]
    return leaf


def _price(rng, formula):
    if formula == "ceiling-linear":
        return {"formula": formula, "ceiling": rng.choice([1000, 1500]), "floor": rng.choice([0, 500])}
    if formula == "bands":
        return {"formula": formula, "bands": [{"up_to": 800, "points": 10}, {"up_to": 1000, "points": 6}]}
    return {"formula": formula}


def _panel(rng):
    units = ["it", "sec", "biz"]
    return [
        {
            "code": f"m{n}",
            "unit": units[n % 2] if n < 2 else rng.choice(units),
            "present": n == 0 or rng.random() < 0.9,
        }
        for n in range(rng.choice([2, 3, 5]))
    ]


def _bids(rng, document, *, complete):
    vendors = [f"V{n}" for n in range(rng.choice([1, 2, 4, 6]))]
    if len(vendors) > 1 and rng.random() < 0.25:
        document["panel"][-1]["recused"] = [rng.choice(vendors)]
    leaves = [node for node in document["criteria"] if node.get("kind")]
    if document["price"]["formula"] != "marked":
        leaves = [leaf for leaf in leaves if leaf["kind"] != "price"]
    holes = rng.random() < 0.1
    return [_bid(rng, document, vendor, leaves, complete=complete, holes=holes) for vendor in vendors]


def _bid(rng, document, vendor, leaves, *, complete, holes):
    bid = {"vendor": vendor, "price": rng.choice([600, 800, 800, 900, 1000, 1200, 1600])}
    if holes and rng.random() < 0.3:
        bid["price"] = None
    if rng.random() < 0.08:
        bid["status"] = "withdrawn"
    bid["claims"] = [
        {"requirement": requirement["code"], "met": rng.random() < 0.9}
        | ({"waiver": {"by": "Head", "reason": "Accepted"}} if rng.random() < 0.2 else {})
        for requirement in document["requirements"]
        if rng.random() < 0.97
    ]
    bid["marks"] = []
    bid["consensus"] = []
    for leaf in leaves:
        for member in document["panel"]:
            if member["unit"] not in leaf.get("units", [member["unit"]]) or (holes and rng.random() < 0.1):
                continue
            mark = rng.choice([0, 2, 3, 3, 4, 5])
            if not complete and rng.random() < 0.05:
                mark = None
            bid["marks"].append({"member": member["code"], "criterion": leaf["code"], "mark": mark})
        agreed = 0.98 if document["aggregation"] == "consensus" else 0.1
        if not complete and rng.random() < agreed:
            bid["consensus"].append(
                {"criterion": leaf["code"], "mark": rng.choice([2, 3, 4]), "reason": "Agreed"}
            )
    return bid
