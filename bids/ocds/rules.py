"""The rules of an evaluation in a release: the code of the standard, or all of them in our own extension."""

from collections.abc import Iterator
from typing import Any

from bids.evaluation.case import (
    AGGREGATIONS,
    FORMULAS,
    METHODS,
    PASS_MARK_ON,
    PASS_MARK_RULES,
    PROFILES,
    QUALITY_SCALES,
    RANK_SCOPES,
    ROUNDING_MODES,
    TIE_RULES,
    TIED_RANKS,
)
from bids.evaluation.issues import gettext_noop, shown
from bids.ocds.fields import Fields
from bids.ocds.writing import number

#: Rules that are one word, by the case file's name.
_WORDS = {
    "method": ("method", METHODS),
    "profile": ("profile", PROFILES),
    "quality_scale": ("qualityScale", QUALITY_SCALES),
    "aggregation": ("aggregation", AGGREGATIONS),
    "rank_scope": ("rankScope", RANK_SCOPES),
    "tied_rank": ("tiedRank", TIED_RANKS),
    "system_class": ("systemClass", ("1", "2", "3")),
}
_ROUNDED = {
    "leaf_points": "leafPoints",
    "price_score": "priceScore",
    "price_points": "pricePoints",
    "total": "total",
}
_PRICE_ALONE = "priceOnly"
_MOST_BANDS = 100


def read_rules(tender: Fields) -> dict[str, Any]:
    """The rules by the names of the case file; what the file does not say is not there."""
    if "assayRules" in tender.values:
        return dict(_own(tender.inner("assayRules")))
    code = tender.text("awardCriteria", most=200)
    if code == _PRICE_ALONE:
        return {"method": "lowest-price"}
    if code:
        template = gettext_noop(
            "The standard's code “{code}” says no method and no price formula: choose them in the draft."
        )
        tender.warn("method", "awardCriteria", template, code=shown(code))
    return {}


def own_rules(rules: dict[str, Any]) -> dict[str, Any]:
    """The rules of a case file as our extension has them; `read_rules` reads them back as the same."""
    price, mark = rules["price"], rules["pass_mark"]
    bands = [{"upTo": band["up_to"], "points": band["points"]} for band in price.get("bands", ())]
    return {
        **{name: rules[key] for key, (name, _known) in _WORDS.items()},
        "tieBreak": list(rules["tie_break"]),
        "price": {
            "formula": price["formula"],
            "fixedPrice": price.get("fixed_price"),
            "ceiling": price.get("ceiling"),
            "floor": price.get("floor"),
            "bands": bands,
        },
        "passMark": dict(mark) if mark else {},
        "rounding": {_ROUNDED[key]: dict(rule) for key, rule in (rules["rounding"] or {}).items()},
    }


def _own(own: Fields) -> Iterator[tuple[str, Any]]:
    for key, (name, known) in _WORDS.items():
        word = own.choice(name, known)
        if word:
            yield key, word
    currency = own.text("currency", most=3)
    if currency:
        yield "currency", currency
    total = own.exact("totalPoints", above=0)
    if total is not None:
        yield "total_points", total
    yield "tie_break", _ties(own)
    formula, parameters = _price(own.inner("price"))
    if formula:
        yield "price_formula", formula
        yield "price_parameters", parameters
    yield "pass_mark", _pass_mark(own.inner("passMark"))
    yield "rounding", _rounding(own.inner("rounding"))


def _ties(own: Fields) -> list[str]:
    value = own.values.get("tieBreak", [])
    if not isinstance(value, list) or any(rule not in TIE_RULES for rule in value):
        template = gettext_noop("A list of tie rules is expected here. Known are: {known}.")
        own.fault("ties", "tieBreak", template, known=", ".join(TIE_RULES))
        return []
    return list(dict.fromkeys(value))


def _price(price: Fields) -> tuple[str, dict[str, Any]]:
    bounds = {key: price.exact(key, above=0) for key in ("ceiling", "floor")}
    bands = [
        {"up_to": band.exact("upTo", above=0), "points": band.exact("points")}
        for band in price.rows("bands", most=_MOST_BANDS)
    ]
    found: dict[str, Any] = {key: number(value) for key, value in bounds.items() if value is not None}
    if price.flag("fixedPrice"):
        found["fixed_price"] = True
    if bands and all(value is not None for band in bands for value in band.values()):
        found["bands"] = [
            {key: number(value) for key, value in band.items() if value is not None} for band in bands
        ]
    return price.choice("formula", FORMULAS), found


def _pass_mark(mark: Fields) -> dict[str, str] | None:
    points = mark.exact("points")
    if points is None:
        return None
    on, rule = mark.choice("on", PASS_MARK_ON), mark.choice("rule", PASS_MARK_RULES)
    return {"points": number(points), "on": on or "total", "rule": rule or "mean"}


def _rounding(rounding: Fields) -> dict[str, Any] | None:
    found = {}
    for key, name in _ROUNDED.items():
        rule = rounding.inner(name)
        places, mode = rule.number("places"), rule.choice("mode", ROUNDING_MODES)
        if places is None or not mode:
            continue
        if places not in range(13):
            rule.fault("places", "places", gettext_noop("0 to 12 decimal places can be rounded to."))
            continue
        found[key] = {"places": int(places), "mode": mode}
    return found or None
