"""The advisor: dummy bids under each formula and method, all figures worked out by hand."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bids.evaluation.advisor import BEST, CHEAP, MIDDLE, Asked, Dummy, ground_of
from bids.evaluation.advisor.exchange import exchange_of
from bids.evaluation.advisor.outcome import outcome_of
from bids.evaluation.advisor.reversal import others, reversal_of
from bids.evaluation.advisor.turning_price import turning_price
from bids.evaluation.advisor.weights import weights_of

from .advising import BY_HAND, FORMULAS, draft, totals, trio
from .making import f


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
