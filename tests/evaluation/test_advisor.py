"""The advisor: dummy bids under each formula and method, all figures worked out by hand."""

import json
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bids.evaluation import Refused
from bids.evaluation.advisor import BEST, CHEAP, MIDDLE, Asked, Dummy, advise, ground_of, plausible
from bids.evaluation.advisor.curve import curve_of
from bids.evaluation.advisor.dummies import bounds
from bids.evaluation.advisor.exchange import exchange_of
from bids.evaluation.advisor.outcome import outcome_of
from bids.evaluation.advisor.reversal import others, reversal_of
from bids.evaluation.advisor.turning_price import turning_price
from bids.evaluation.advisor.variants import variants_of
from bids.evaluation.advisor.weights import weights_of

from .making import criterion, f
from .random_cases import random_case

CASES = Path(__file__).resolve().parents[2] / ".." / "shared" / "cases"
NAMES = sorted(path.name for path in CASES.glob("*.json") if not path.name.endswith(".expected.json"))

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


# --- places, points, turning prices and weights under each formula --------------------------------------
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


@pytest.mark.parametrize("formula", BY_HAND)
def test_each_formula_comes_out_as_by_hand(formula):
    expected, first, turning, against, decides = BY_HAND[formula]
    ground, asked = ground_of(draft(formula)), trio()
    outcome = outcome_of(ground, asked.dummies)
    assert totals(outcome) == [f(total) for total in expected]
    assert outcome.first == first
    found = turning_price(ground, asked)
    if turning is None:
        assert (found.kind, found.price) == ("never", None)
    else:
        assert (found.kind, found.price, found.against, found.tie) == ("up-to", f(turning), against, True)
    shares = {weight.kind: weight.effective for weight in weights_of(ground, asked, outcome)}
    assert shares.get("price", 0) == f(decides)
    assert sum(shares.values()) == 1
    assert shares["security"] * 5 == shares["quality"] * 9


def test_bands_turn_at_a_jump():
    asked = trio(shares=("0.6", "0.7", "0.8"))
    assert totals(outcome_of(ground_of(draft("bands")), asked.dummies)) == [72, 69, 61]
    found = turning_price(ground_of(draft("bands")), asked)
    assert (found.kind, found.price, found.tie) == ("up-to", 600, False)


def test_rounding_turns_at_a_jump_to_the_cent():
    rounding = {"total": {"places": 0, "mode": "half-up"}}
    found = turning_price(ground_of(draft("min-max", rounding=rounding)), trio())
    # The middle bid's 49 + 6000 ÷ (1000 − p) is rounded to the outlier's 65 from 64.5 on.
    assert found.kind == "up-to"
    assert found.price in (Fraction(61290, 100), Fraction(61291, 100))


@pytest.mark.parametrize(
    ("method", "keys", "price", "against"),
    [
        ("pass-then-lowest", {}, "800", MIDDLE),
        ("lowest-price", {}, "800", MIDDLE),
        ("price-per-point", {}, "5000/9", BEST),
        ("adjusted-price", {"value": 1000}, "600", MIDDLE),
    ],
)
def test_methods_without_points_for_the_price(method, keys, price, against):
    document = draft("none", method=method)
    document["criteria"][0] |= keys
    found = turning_price(ground_of(document), trio())
    assert (found.kind, found.price, found.against, found.tie) == ("up-to", f(price), against, True)


def test_a_rank_sum_turns_where_its_members_totals_do():
    found = turning_price(ground_of(draft("min-max", method="rank-sum")), trio())
    assert (found.kind, found.price, found.against) == ("up-to", 625, MIDDLE)


def test_the_outlier_first_at_any_price():
    found = turning_price(ground_of(draft("none")), trio(shares=("0.9", "0.7", "0.5")))
    assert (found.kind, found.price) == ("always", None)


# --- what one percent is worth --------------------------------------------------------------------------
def test_one_percent_of_price_against_one_mark():
    rate = exchange_of(ground_of(draft()), trio())
    assert (rate.leaf, rate.top) == ("s", 5)
    assert (rate.percent, rate.mark) == (f("0.24"), 9)
    assert rate.percent_per_mark == f("37.5")


def test_at_the_top_of_the_scale_the_mark_is_one_less():
    rate = exchange_of(ground_of(draft()), trio(shares=("0.5", "1", "1")))
    assert rate.mark == 9


def test_in_money_under_an_adjusted_price():
    document = draft("none", method="adjusted-price")
    document["criteria"][0] |= {"value": 1000}
    rate = exchange_of(ground_of(document), trio())
    assert (rate.percent, rate.mark, rate.in_points) == (8, 200, False)


def test_no_mark_is_worth_anything_without_a_criterion_of_security():
    document = draft()
    document["criteria"][0]["kind"] = "quality"
    assert exchange_of(ground_of(document), trio()) is None


# --- what weights weigh ---------------------------------------------------------------------------------
def shares_of(document, asked=None):
    ground, asked = ground_of(document), asked or trio()
    weights = weights_of(ground, asked, outcome_of(ground, asked.dummies))
    return {weight.kind: (weight.published, weight.effective) for weight in weights}


def test_price_per_point_weighs_relative_spreads():
    # Points differ by 14 around 49, that is 2/7; prices by 400 around 800, that is 1/2.
    assert shares_of(draft("none", method="price-per-point")) == {
        "security": (f("45/70"), f("9/14") * f("4/11")),
        "quality": (f("25/70"), f("5/14") * f("4/11")),
        "price": (None, f("7/11")),
    }


def test_adjusted_price_weighs_money():
    document = draft("none", method="adjusted-price")
    document["criteria"][0] |= {"value": 1000}
    shares = shares_of(document)
    assert shares["security"] == (f("45/70"), f("1/3"))
    assert shares["price"] == (None, f("2/3"))


def test_where_price_alone_decides():
    shares = shares_of(draft("none", method="pass-then-lowest"))
    assert [shares[kind][1] for kind in ("security", "quality", "price")] == [0, 0, 1]


def test_a_scale_relative_to_the_best_stretches_the_spread():
    shares = shares_of(draft(quality_scale="relative-to-best"))
    # 9 and 5 points ÷ 0.8, beside 12 for the price.
    assert shares["security"] == (f("0.45"), f("11.25") / (f("17.5") + 12))


def test_sums_over_members_weigh_as_one_member_does():
    panel = [{"code": "a", "unit": "it"}, {"code": "b", "unit": "it"}]
    assert shares_of(draft(aggregation="sum", panel=panel)) == shares_of(draft())


def test_where_nothing_differs_no_weight_decides():
    ground = ground_of(draft("none", method="lowest-price"))
    asked = trio(prices=(600, 600, 600))
    assert weights_of(ground, asked, outcome_of(ground, asked.dummies)) is None


# --- rank reversal --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("formula", "shares", "first"),
    [
        ("lowest-over-price", ("0.65", "0.7", "0.8"), BEST),
        ("linear-to-lowest", ("0.6", "0.7", "0.8"), BEST),
        ("min-max", ("0.5", "0.7", "0.9"), BEST),
        ("mean", ("0.6", "0.7", "0.8"), BEST),
    ],
)
def test_a_hopeless_bid_turns_a_relative_formula(formula, shares, first):
    reversal = reversal_of(ground_of(draft(formula)), trio(shares=shares))
    assert reversal.looks_at_others
    assert reversal.found
    assert reversal.first_changed
    assert reversal.before.first == CHEAP
    assert others(reversal.after)[0] == (first,)
    assert "hopeless" not in reversal.after.order[0]


def test_a_hopeless_bid_turns_a_scale_that_is_relative_to_the_best():
    document = draft(quality_scale="relative-to-best")
    for leaf, weight in zip(document["criteria"], (30, 20, 50), strict=True):
        leaf["weight"] = weight
    reversal = reversal_of(ground_of(document), trio(shares=("0.5", "0.68", "0.88")))
    # Measured by 0.88: 25 ÷ 0.88 + 30, 34 ÷ 0.88 + 20, 50 + 10; measured by 1: 55, 54, 54.
    assert totals(reversal.before) == [f("1285/22"), f("645/11"), 60]
    assert reversal.before.order == ((BEST,), (MIDDLE,), (CHEAP,))
    assert reversal.first_changed
    assert others(reversal.after)[0] == (CHEAP,)
    assert reversal.hopeless.quality == 1


@pytest.mark.parametrize("formula", ["none", "marked", "ceiling-linear", "bands"])
def test_absolute_formulas_are_not_turned(formula):
    reversal = reversal_of(ground_of(draft(formula)), trio())
    assert not reversal.found
    assert not reversal.looks_at_others
    assert reversal.hopeless is None


def test_what_does_not_turn_may_shrink_the_lead():
    reversal = reversal_of(ground_of(draft("mean")), trio())
    assert not reversal.found
    assert reversal.before.lead == f("6.5")
    assert reversal.lead < reversal.before.lead


PERCENTS = st.integers(0, 100).map(lambda percent: Fraction(percent, 100))


@st.composite
def dummies(draw):
    prices = sorted(draw(st.lists(st.integers(1, 3000), min_size=3, max_size=3)))
    cheap, middle, best = (
        Dummy(code, Fraction(price), draw(PERCENTS), draw(PERCENTS))
        for code, price in zip((CHEAP, MIDDLE, BEST), prices, strict=True)
    )
    low = draw(st.integers(0, 99))
    return Asked(cheap, middle, best, Fraction(low, 100), Fraction(draw(st.integers(low + 1, 100)), 100))


@settings(max_examples=15, deadline=None)
@given(
    asked=dummies(),
    formula=st.sampled_from(["none", "ceiling-linear", "bands"]),
    method=st.sampled_from(["total", "rank-sum", "best-fair-price"]),
)
def test_no_hopeless_bid_ever_turns_an_absolute_formula(asked, formula, method):
    fair = {"fair_price_ceiling": 2000} if method == "best-fair-price" else {}
    assert not reversal_of(ground_of(draft(formula, method=method, **fair)), asked).found


@settings(max_examples=20, deadline=None)
@given(asked=dummies(), formula=st.sampled_from(sorted(FORMULAS)))
def test_shares_add_up_and_the_outlier_is_first_up_to_its_turning_price(asked, formula):
    ground = ground_of(draft(formula))
    weights = weights_of(ground, asked, outcome_of(ground, asked.dummies))
    assert weights is None or sum(weight.effective for weight in weights) == 1
    found = turning_price(ground, asked)
    if found.kind == "up-to" and found.tie:

        def first_at(price):
            moved = Dummy(CHEAP, price, asked.cheap.security, asked.cheap.quality)
            return outcome_of(ground, (moved, asked.middle, asked.best)).first

        assert first_at(found.price * Fraction(999999, 1000000)) == CHEAP
        assert first_at(found.price * Fraction(1000001, 1000000)) != CHEAP


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
    try:
        document = json.loads((CASES / name).read_bytes(), parse_float=Decimal)
    except (ValueError, RecursionError):
        pytest.skip("the case is no JSON, which its reader says")
    if not isinstance(document, dict):
        pytest.skip("the case is no object, which its reader says")
    advice = advice_on(document)
    if advice is not None and advice.weights is not None:
        assert sum(weight.effective for weight in advice.weights) == 1
