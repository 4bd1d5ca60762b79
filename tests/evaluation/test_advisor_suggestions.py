"""What the advisor suggests, draws and compares, and that it has something to say of every tender."""

import json
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bids.evaluation import Refused, read
from bids.evaluation.advisor import BEST, CHEAP, advise, ground_of, plausible
from bids.evaluation.advisor.curve import curve_of
from bids.evaluation.advisor.dummies import bounds
from bids.evaluation.advisor.outcome import outcome_of
from bids.evaluation.advisor.variants import variants_of

from .advising import BANDS, BY_HAND, FORMULAS, draft, totals, trio
from .making import criterion, f
from .random_cases import random_case

CASES = Path(__file__).resolve().parents[2] / ".." / "shared" / "cases"
NAMES = sorted(path.name for path in CASES.glob("*.json") if not path.name.endswith(".expected.json"))


# --- what is suggested ----------------------------------------------------------------------------------
def test_prices_follow_the_budget_and_marks_what_must_be_reached():
    document = draft(budget=18_500_000)
    document["criteria"][0] |= {"minimum": 27}
    asked = plausible(ground_of(document))
    assert [dummy.price for dummy in asked.dummies] == [11_100_000, 14_800_000, 17_575_000]
    assert [dummy.security for dummy in asked.dummies] == [f("0.6"), f("0.76"), f("0.88")]
    assert [dummy.quality for dummy in asked.dummies] == [f("0.5"), f("0.7"), f("0.85")]
    assert (asked.low, asked.high) == (f("0.68"), f("0.84"))


def test_the_outlier_just_passes_a_mark_on_the_total():
    # 18 points for the price of 600: 62.9 % of the other 70 are 44.
    ground = ground_of(draft(pass_mark={"points": 62}))
    asked = plausible(ground)
    assert asked.cheap.security == asked.cheap.quality == f("0.63")
    assert outcome_of(ground, asked.dummies).stands[0].place is not None


def test_what_nobody_can_reach_excludes_the_outlier_and_says_why():
    outcome = advise(*_ready(draft(pass_mark={"points": 100})), "bank").outcome
    assert outcome.first is None
    assert [reason.code for stand in outcome.stands for reason in stand.reasons] == ["below_pass_mark"] * 3


def _ready(document):
    ground = ground_of(document)
    return ground, plausible(ground)


def test_a_pass_mark_on_quality_is_a_bound_of_marks():
    ground = ground_of(draft(pass_mark={"points": 49, "on": "quality"}))
    assert bounds(ground) == (f("0.7"), f("0.7"))


@pytest.mark.parametrize(
    ("keys", "measure"),
    [
        ({}, "budget"),
        ({"method": "best-fair-price", "fair_price_ceiling": 900}, "fair_price_ceiling"),
        ({"budget": None}, "ceiling"),
        ({"budget": None, "price": BANDS}, "bands"),
        ({"budget": None, "price": {"formula": "mean"}, "reserve_price": 700}, "reserve_price"),
        ({"budget": None, "price": {"formula": "mean"}}, "assumed"),
    ],
)
def test_what_prices_are_measured_by(keys, measure):
    assert ground_of(draft(**keys)).measure == measure


def test_a_draft_that_says_too_little_is_refused_with_what_is_missing():
    with pytest.raises(Refused) as refusal:
        ground_of(draft() | {"criteria": []})
    assert "missing" in {issue.code for issue in refusal.value.issues}


def test_units_that_mark_are_seated_while_nobody_is_named():
    document = draft()
    document["criteria"][0] |= {"units": ["security"]}
    document["criteria"][1] |= {"units": ["business"]}
    ground = ground_of(document)
    assert [member.unit for member in ground.case.members] == ["security", "business"]
    assert totals(outcome_of(ground, trio().dummies)) == [53, 61, 69]


def test_agreed_marks_are_made_up_too():
    assert totals(outcome_of(ground_of(draft(aggregation="consensus")), trio().dummies)) == [53, 61, 69]


def test_weights_of_a_third_get_a_scale():
    document = draft()
    for leaf in document["criteria"][:2]:
        leaf |= {"weight": 35, "maximum": None}
    document["criteria"][2]["weight"] = 35
    assert ground_of(document).tree.effective["s"] == f("100/3")


# --- the curve ------------------------------------------------------------------------------------------
def curve(formula):
    ground, asked = ground_of(draft(formula)), trio()
    return curve_of(ground, asked, outcome_of(ground, asked.dummies))


@pytest.mark.parametrize("formula", sorted(set(FORMULAS) - {"none", "marked"}))
def test_the_curve_goes_through_the_dummies_and_falls(formula):
    corners = curve(formula).corners
    expected = [f(total) - quality for total, quality in zip(BY_HAND[formula][0], (35, 49, 63), strict=True)]
    for price, points in zip((600, 800, 1000), expected, strict=True):
        assert points in [got for at, got in corners if at == price]
    assert [points for _, points in corners] == sorted((points for _, points in corners), reverse=True)


def test_bands_are_drawn_as_steps():
    corners = curve("bands").corners
    jumps = [(a, b) for a, b in pairwise(corners) if a[1] != b[1]]
    assert [(at, points) for (at, _), (_, points) in jumps] == [(600, 20), (800, 5), (1000, 0)]
    assert all(a[0] == b[0] for a, b in jumps)


def test_a_bid_below_a_mark_on_the_total_still_sets_the_references_of_the_curve():
    ground, asked = ground_of(draft("mean", pass_mark={"points": 60})), trio()
    outcome = outcome_of(ground, asked.dummies)
    assert [stand.place for stand in outcome.stands] == [None, 2, 1]
    assert (Fraction(800), Fraction(15)) in curve_of(ground, asked, outcome).corners


@pytest.mark.parametrize("formula", ["none", "marked"])
def test_there_is_no_curve_without_a_formula(formula):
    assert curve(formula) is None


# --- other formulas and methods -------------------------------------------------------------------------
def compared(document, profile="bank"):
    ground = ground_of(document)
    return {
        (variant.method, variant.formula): variant.outcome.first if variant.outcome else variant.why_not
        for variant in variants_of(ground, trio(), profile)
    }


def test_every_other_formula_and_method_is_compared():
    assert compared(draft()) == {
        ("total", "ceiling-linear"): BEST,
        ("total", "none"): BEST,
        ("total", "lowest-over-price"): BEST,
        ("total", "linear-to-lowest"): BEST,
        ("total", "min-max"): CHEAP,
        ("total", "mean"): BEST,
        # 1000 is split into bands up to 600, 700, 800, 900, 1000: 30, 24, 18, 12, 6 points: 65, 67, 69.
        ("total", "bands"): BEST,
        ("rank-sum", "ceiling-linear"): BEST,
        ("price-per-point", "none"): BEST,
        ("pass-then-lowest", "none"): CHEAP,
        ("adjusted-price", "ceiling-linear"): "no_values",
        ("best-fair-price", "ceiling-linear"): BEST,
        ("lowest-price", "ceiling-linear"): CHEAP,
    }


def test_a_lowest_price_without_criteria_has_nothing_beside_it():
    document = draft("none", method="lowest-price") | {"criteria": []}
    assert compared(document) == {("lowest-price", "none"): CHEAP}
    assert advice_on(document).weights[-1].effective == 1


def test_the_procurement_act_compares_no_relative_formula():
    found = compared(draft(), "tw-public")
    for formula in ("lowest-over-price", "linear-to-lowest", "min-max", "mean"):
        assert found["total", formula] == "not_allowed"


def test_a_minimum_on_the_price_keeps_relative_formulas_away():
    document = draft()
    document["criteria"][2] |= {"minimum": 1}
    assert compared(document)["total", "mean"] == "has_minimum"


def test_without_the_price_the_other_points_stay():
    document = draft()
    document["criteria"] = [
        criterion("g", 75, None),
        criterion("s", 60, parent="g", maximum=5),
        criterion("p", 40, "price", parent="g"),
        criterion("q", 25, "quality", maximum=5),
    ]
    ground = ground_of(document)
    [variant] = [v for v in variants_of(ground, trio(), "bank") if v.method == "price-per-point"]
    assert totals(variant.outcome) == [35, 49, 63]


# --- whatever the tender --------------------------------------------------------------------------------
def advice_on(document):
    """The advice on a case file as a draft, or nothing for one that is refused."""
    specification = {key: value for key, value in document.items() if key != "bids"}
    try:
        ground = ground_of(specification)
    except Refused:
        return None
    return advise(ground, plausible(ground), document.get("profile") or "bank")


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_every_made_up_tender_gets_advice(seed):
    advice = advice_on(random_case(seed))
    assert advice is not None
    assert advice.weights is None or sum(weight.effective for weight in advice.weights) == 1


@pytest.mark.skipif(not NAMES, reason="the worked cases are not beside this repository")
@pytest.mark.parametrize("name", NAMES or ["none"])
def test_every_worked_case_gets_advice_or_words(name):
    data, document = (CASES / name).read_bytes(), None
    with suppress(ValueError, RecursionError):
        document = json.loads(data, parse_float=Decimal)
    if not isinstance(document, dict):
        with pytest.raises(Refused):
            read(data)
        return
    advice = advice_on(document)
    if advice is not None and advice.weights is not None:
        assert sum(weight.effective for weight in advice.weights) == 1
