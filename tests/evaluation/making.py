"""Small case files to test with, and a short way to change one value of them."""

import copy
import re
from fractions import Fraction

from bids.evaluation import Refused, evaluate, read_document

GONE = object()


def criterion(code, weight, kind="security", **keys):
    """A leaf (or with `kind=None` a group) that is called by its code."""
    return {"code": code, "title": code, "weight": weight} | ({"kind": kind} if kind else {}) | keys


def marks_of(by_leaf):
    """`{"s": [50, None]}`: the marks of m1, m2, … on each leaf; `...` is no entry at all."""
    return [
        {"member": f"m{number}", "criterion": leaf, "mark": mark}
        for leaf, marks in by_leaf.items()
        for number, mark in enumerate(marks, start=1)
        if mark is not ...
    ]


def bid(vendor, price, by_leaf=None, **keys):
    """A bid with marks by leaf and member."""
    return {"vendor": vendor, "price": price, "marks": marks_of(by_leaf or {})} | keys


def panel(count, unit="committee", **keys):
    """Members m1, m2, … of one unit."""
    return [{"code": f"m{number}", "unit": unit} | keys for number in range(1, count + 1)]


def tender(criteria, bids, members=1, **keys):
    """A case of profile `open` with a panel of one unit."""
    return {
        "format": "tender-case/1",
        "reference": "T-1",
        "title": "A tender",
        "profile": "open",
        "criteria": criteria,
        "panel": panel(members),
        "bids": bids,
    } | keys


def two_leaves(**keys):
    """Security 60 and quality 40, two members, bids A (70 points) and B (72 points)."""
    return tender(
        [criterion("s", 60), criterion("q", 40, "quality")],
        [bid("A", 1000, {"s": [50, 40], "q": [20, 30]}), bid("B", 900, {"s": [40, 44], "q": [35, 25]})],
        members=2,
        **keys,
    )


def priced(formula, prices, marks=None, **keys):
    """Quality 60, price 40 by a formula; one member, bids A, B, C … with these prices (and marks)."""
    marks = marks or [30] * len(prices)
    bids = [bid(v, p, {"s": [m]}) for v, p, m in zip("ABCDEFGHIJ", prices, marks, strict=False)]
    price = formula if isinstance(formula, dict) else {"formula": formula}
    return tender([criterion("s", 60), criterion("p", 40, "price")], bids, price=price, **keys)


#: A case with something of everything, to be broken in one place.
NESTED = tender(
    [
        criterion("g", 70, None),
        criterion("s", 1, parent="g"),
        criterion("t", 1, "quality", parent="g"),
        criterion("p", 30, "price"),
    ],
    [bid("A", 100, {"s": [10], "t": [20]}, claims=[{"requirement": "r", "met": True}])],
    price={"formula": "ceiling-linear", "ceiling": 200, "floor": 50},
    requirements=[{"code": "r", "title": "r"}, {"code": "q", "title": "q", "mandatory": False}],
    tie_break=["heaviest-criterion", "lots"],
    lots_drawn=["A"],
    rounding={"total": {"places": 2, "mode": "half-up"}},
    low_price=[{"rule": "sd-below-mean", "sd": 1}],
    pass_mark={"points": 10},
    panel_rules={"marked_difference": {"high": 80, "low": 60, "leaf_high_share": 1}},
)


def errors_of(document):
    """Path and code of every error of a document."""
    try:
        read_document(document)
    except Refused as refusal:
        return {(issue.path, issue.code) for issue in refusal.issues if issue.level == "error"}
    return set()


def steps_of(path):
    """`bids[0].price` as `["bids", 0, "price"]`."""
    return [int(part) if part.isdigit() else part for part in re.findall(r"[^.\[\]]+", path)]


def put(document, path, value):
    """A copy with one value put at a path, or taken away with `GONE`; a list grows by one at its end."""
    document = copy.deepcopy(document)
    *above, last = steps_of(path)
    place = document
    for step in above:
        place = place[step]
    if value is GONE:
        del place[last]
    elif isinstance(place, list) and last == len(place):
        place.append(value)
    else:
        place[last] = value
    return document


def result_of(document):
    """The result of a document."""
    return evaluate(read_document(document))


def places(result):
    """Place by vendor."""
    return {row.vendor: row.place for row in result.ranking}


def figures(result):
    """Figure by vendor."""
    return {row.vendor: row.figure for row in result.ranking}


def codes(result):
    """Reason codes, with the place they are at, by excluded vendor."""
    return {out.vendor: [(reason.code, reason.at) for reason in out.reasons] for out in result.excluded}


def warnings_of(result):
    """The codes of the issues."""
    return {issue.code for issue in result.issues}


def f(text):
    """A fraction, of a text such as `1027/12` or `82.5`."""
    return Fraction(text)
