"""The methods, the price formulas, aggregation and rounding, on numbers worked out by hand or published."""

import pytest

from .making import (
    bid,
    codes,
    criterion,
    f,
    figures,
    panel,
    places,
    priced,
    put,
    result_of,
    tender,
    two_leaves,
    warnings_of,
)


def test_total_adds_the_members_means():
    result = result_of(two_leaves())
    assert figures(result) == {"A": 70, "B": 72}
    assert (result.winner, result.status, result.figure) == ("B", "ranked", "total")
    assert result.ranking[0].points == {"s": 42, "q": 30}


def test_the_same_sheets_by_total_and_by_rank_sum():
    # 最有利標評選辦法 §12, §15: one member far apart decides the sum, not the sum of ranks.
    bids = [bid("A", 1, {"s": [95, 70, 70]}), bid("B", 1, {"s": [60, 75, 75]})]
    document = tender([criterion("s", 100)], bids, members=3)
    assert figures(result_of(document)) == {"A": f("235/3"), "B": 70}
    by_rank = result_of(document | {"method": "rank-sum"})
    assert figures(by_rank) == {"B": 4, "A": 5}
    assert by_rank.members["m1"]["A"].rank == 1


def test_price_per_point_divides():
    # 評分單價法, §13: 900,000 ÷ 90 = 10,000 and 780,000 ÷ 80 = 9,750.
    bids = [bid("A", 900_000, {"s": [90]}), bid("B", 780_000, {"s": [80]}), bid("Z", 1, {"s": [0]})]
    result = result_of(tender([criterion("s", 100)], bids, method="price-per-point"))
    assert figures(result) == {"B": 9750, "A": 10000}
    assert codes(result) == {"Z": [("below_pass_mark", None)]}


def test_price_per_point_of_nothing_is_one_reason_beside_a_pass_mark():
    bids = [bid("A", 9, {"s": [90]}), bid("Z", 1, {"s": [0]})]
    document = tender([criterion("s", 100)], bids, method="price-per-point", pass_mark={"points": 60})
    assert codes(result_of(document)) == {"Z": [("below_pass_mark", None)]}


def test_pass_then_lowest_takes_the_cheapest_that_passes():
    bids = [bid("A", 900, {"s": [90]}), bid("B", 700, {"s": [70]}), bid("C", 100, {"s": [69]})]
    result = result_of(
        tender([criterion("s", 100)], bids, method="pass-then-lowest", pass_mark={"points": 70})
    )
    assert figures(result) == {"B": 700, "A": 900}
    assert "69" in result.excluded[0].reasons[0].detail


@pytest.mark.parametrize("aggregation", ["mean", "sum"])
def test_adjusted_price_takes_the_value_of_quality_off(aggregation):
    # Gunnen op waarde: half of the points are worth half of the value; a negative value is a surcharge.
    bids = [bid("A", 100, {"s": [50, 50], "q": [0, 0]}), bid("B", 90, {"s": [0, 0], "q": [25, 25]})]
    criteria = [criterion("s", 50, value=40), criterion("q", 50, "quality", value=-10)]
    result = result_of(tender(criteria, bids, members=2, method="adjusted-price", aggregation=aggregation))
    assert figures(result) == {"A": 60, "B": 95}
    assert result.steps["B"].adjustments[1].amount == -5


def test_best_fair_price_excludes_what_is_over_the_ceiling():
    bids = [bid("A", 101, {"s": [90]}), bid("B", 100, {"s": [80]})]
    result = result_of(tender([criterion("s", 100)], bids, method="best-fair-price", fair_price_ceiling=100))
    assert figures(result) == {"B": 80}
    assert codes(result) == {"A": [("over_fair_price", None)]}


def test_the_yardstick_looks_at_status_and_requirements_only():
    bids = [bid("A", 900, {"s": [90]}), bid("B", 700), bid("C", 600, status="withdrawn")]
    document = tender(
        [criterion("s", 100, minimum=60)], bids, method="lowest-price", pass_mark={"points": 70}
    )
    result = result_of(document)
    assert figures(result) == {"B": 700, "A": 900}
    assert result.ranking[0].total is None
    assert result.holes == ()


def test_the_yardstick_needs_no_criterion_and_no_panel():
    document = tender(
        [], [bid("A", 5), bid("B", 5)], method="lowest-price", tie_break=["heaviest-criterion"], panel=None
    )
    result = result_of(document)
    assert (places(result), result.winner, result.panel) == ({"A": 1, "B": 1}, None, None)
    assert result.needs == ("re_evaluation_or_lots",)


# --- price points ----------------------------------------
BANDS = {"formula": "bands", "bands": [{"up_to": 100, "points": 40}, {"up_to": 150, "points": "12.5"}]}


@pytest.mark.parametrize(
    ("formula", "prices", "points"),
    [
        # World Bank, Standard RFP for consultants, 15.1: Sf = 100 × Fm ÷ F.
        ("lowest-over-price", [100, 200, 160], [40, 20, 25]),
        ("linear-to-lowest", [100, 150, 250], [40, 20, 0]),
        ("min-max", [100, 200, 175], [40, 0, 10]),
        ("min-max", [100, 100], [40, 40]),
        # 40 × (1/2 − (P − 150) ÷ 150), at most 40 and at least 0.
        ("mean", [60, 150, 240], [40, 20, 0]),
        ({"formula": "ceiling-linear", "ceiling": 200, "floor": 100}, [50, 150, 300], [40, 20, 0]),
        (BANDS, [100, "100.01", 150, 151], [40, "12.5", "12.5", 0]),
    ],
)
def test_prices_become_points(formula, prices, points):
    result = result_of(priced(formula, prices))
    assert [result.steps[v].price.points for v in result.steps] == [f(str(p)) for p in points]
    assert ("relative_price_formula" in warnings_of(result)) == isinstance(formula, str)


def test_a_bid_past_no_second_stage_sets_no_reference_and_is_clamped():
    document = put(priced("lowest-over-price", [50, 100], [10, 60]), "criteria[0].minimum", 20)
    result = result_of(document)
    assert result.steps["B"].price.points == 40
    assert result.steps["A"].price.points == 40
    assert codes(result) == {"A": [("below_minimum", "s")]}


def test_without_any_reference_there_are_no_price_points():
    result = result_of(put(priced("mean", [50], [10]), "criteria[0].minimum", 20))
    assert result.status == "no-valid-bid"
    assert result.steps["A"].price.points is None
    assert result.members["m1"]["A"].total is None


def test_price_scores_are_rounded_before_price_points():
    rounding = {
        "price_score": {"places": 0, "mode": "half-up"},
        "price_points": {"places": 0, "mode": "down"},
    }
    result = result_of(priced("lowest-over-price", [100, 150], rounding=rounding))
    steps = result.steps["B"].price
    assert (steps.formula_points, steps.score, steps.points) == (f("80/3"), 67, 26)


def test_under_sum_price_points_count_once_for_each_member():
    bids = [bid("A", 100, {"s": [30, 40]}), bid("B", 160, {"s": [60, 60]})]
    criteria = [criterion("s", 60), criterion("p", 40, "price")]
    document = tender(criteria, bids, members=2, aggregation="sum", price={"formula": "lowest-over-price"})
    result = result_of(document | {"pass_mark": {"points": 85}})
    assert figures(result) == {"B": 170}
    assert result.steps["A"].total == 150
    assert codes(result) == {"A": [("below_pass_mark", None)]}
    assert result.members["m1"]["B"].total == 85


def test_a_marked_price_is_marked_like_any_other_leaf():
    bids = [bid("A", None, {"s": [30], "p": [20]}), bid("B", 5, {"s": [30], "p": [30]})]
    document = tender([criterion("s", 60), criterion("p", 40, "price")], bids, price={"formula": "marked"})
    assert figures(result_of(document)) == {"B": 60, "A": 50}


# --- aggregation ----------------------------------------
@pytest.mark.parametrize(
    ("aggregation", "keys", "total"),
    [
        ("mean", {}, "62.5"),
        ("median", {}, "65"),
        ("sum", {}, "250"),
        ("unit-mean", {}, "55"),
        ("unit-mean", {"unit_shares": {"committee": 3, "sec": 1}}, "62.5"),
    ],
)
def test_members_points_become_one(aggregation, keys, total):
    # The security member gives 40; three of the committee give 60, 70 and 80, so 70 in the mean.
    document = tender(
        [criterion("s", 100)], [bid("A", 1, {"s": [40, 60, 70, 80]})], members=4, aggregation=aggregation
    )
    assert figures(result_of(put(document, "panel[0].unit", "sec") | keys)) == {"A": f(total)}


def test_the_median_of_an_odd_number_is_the_middle_one():
    document = tender(
        [criterion("s", 100)], [bid("A", 1, {"s": [10, 70, 90]})], members=3, aggregation="median"
    )
    assert figures(result_of(document)) == {"A": 70}


def test_an_abstention_leaves_the_mean_and_uneven_units_are_pointed_at():
    bids = [bid("A", 1, {"s": [90, 50, 50]}), bid("B", 1, {"s": [None, 60, 60]})]
    document = put(
        tender([criterion("s", 100)], bids, members=3, aggregation="unit-mean"), "panel[0].unit", "it"
    )
    result = result_of(document)
    assert figures(result) == {"A": 70, "B": 60}
    assert "uneven_units" in warnings_of(result)
    assert result.unit_split["s"]["B"] == {"committee": 60}


def test_an_agreed_mark_takes_the_place_of_the_mean():
    document = put(two_leaves(), "bids[0].consensus", [{"criterion": "s", "mark": 60, "reason": "talked"}])
    result = result_of(document)
    assert figures(result)["A"] == 85
    assert result.members["m1"]["A"].total == 70
    assert result.steps["A"].leaves["s"].agreed == 60


def test_consensus_takes_agreed_marks_only():
    agreed = [{"criterion": "s", "mark": 30, "reason": "x"}, {"criterion": "q", "mark": 40, "reason": "x"}]
    document = put(
        put(two_leaves(aggregation="consensus"), "bids[0].consensus", agreed), "bids[1].consensus", agreed[:1]
    )
    result = result_of(document)
    assert result.status == "incomplete"
    assert [(hole.vendor, hole.criterion, hole.member) for hole in result.holes] == [("B", "q", None)]
    assert figures(result_of(put(document, "bids[1].consensus", agreed))) == {"A": 70, "B": 70}


# --- who counts ----------------------------------------
@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({}, {"A": 70, "B": 72}),
        ({"profile": "tw-public", "tie_break": ["lots"]}, {"A": 70, "B": 75}),
        ({"method": "rank-sum"}, {"A": 2, "B": 1}),
    ],
)
def test_a_recused_member_is_out_of_the_bid_or_of_the_case(keys, expected):
    # m2 is recused from A: its marks of A never count, those of B unless it is out of the case.
    document = put(two_leaves(**keys), "panel[1].recused", ["A"])
    assert figures(result_of(document)) == expected


def test_an_absent_member_does_not_count():
    result = result_of(put(two_leaves(), "panel[1].present", False))
    assert figures(result) == {"A": 70, "B": 75}
    assert list(result.members) == ["m1"]


def test_a_member_has_a_total_of_the_leaves_of_its_unit_and_none_without_a_leaf():
    bids = [bid("A", 100, {"s": [30], "q": [20, 10]}), bid("B", 50, {"s": [60], "q": [20, None]})]
    criteria = [
        criterion("s", 40, maximum=60, units=["it"]),
        criterion("q", 40, "quality", units=["it", "sec"]),
        criterion("p", 20, "price"),
    ]
    people = [{"code": f"m{n}", "unit": unit} for n, unit in enumerate(["it", "sec", "audit"], start=1)]
    result = result_of(tender(criteria, bids, panel=people, price={"formula": "lowest-over-price"}))
    assert {m: {v: own.total for v, own in vendors.items()} for m, vendors in result.members.items()} == {
        "m1": {"A": 50, "B": 80},
        "m2": {"A": 20, "B": None},
        "m3": {"A": None, "B": None},
    }
    assert result.members["m2"]["A"].rank == 1


def test_nobody_counted_is_a_hole_in_every_leaf():
    for keys in ({}, {"aggregation": "sum"}, {"method": "rank-sum"}):
        document = two_leaves(**keys) | {"panel": panel(2, present=False)}
        result = result_of(document)
        assert (result.status, len(result.holes)) == ("incomplete", 4)
        assert {hole.member for hole in result.holes} == {None}


def test_an_incomplete_case_says_what_is_known_and_ranks_nobody():
    document = put(
        two_leaves(method="rank-sum"), "bids[1].marks[3]", {"member": "m1", "criterion": "s", "mark": 1}
    )
    document = put(document, "bids[1].marks", document["bids"][1]["marks"][:3])
    result = result_of(document)
    assert [(hole.vendor, hole.criterion, hole.member) for hole in result.holes] == [("B", "q", "m2")]
    assert (result.status, result.ranking, result.winner, result.turning_points) == (
        "incomplete",
        (),
        None,
        None,
    )
    assert result.members["m1"]["A"].rank == 2
    assert result.members["m2"]["A"].rank is None
    assert result.panel.kendall_w is None


def test_a_bid_that_fails_what_is_known_is_out_even_with_a_hole():
    document = put(two_leaves(), "criteria[0].minimum", 55)
    document = put(document, "bids[0].marks", document["bids"][0]["marks"][:2])
    result = result_of(document)
    assert codes(result) == {"A": [("below_minimum", "s")], "B": [("below_minimum", "s")]}
    assert [(hole.vendor, hole.criterion) for hole in result.holes] == [("A", "q")]


def test_a_hole_keeps_reference_prices_unknown_while_a_stage_is_open():
    document = put(
        priced("lowest-over-price", [50, 100], pass_mark={"points": 30, "on": "quality"}), "bids[0].marks", []
    )
    result = result_of(document)
    assert result.status == "incomplete"
    assert result.steps["B"].price.points is None
    assert result.steps["A"].held[0].passed is None
    closed = result_of(put(document, "pass_mark", None))
    assert closed.steps["B"].price.points == 20


# --- prices that were not opened ----------------------------------------
@pytest.mark.parametrize(
    ("document", "holes"),
    [
        (two_leaves(), 0),
        (two_leaves(method="pass-then-lowest"), 1),
        (two_leaves(method="price-per-point"), 1),
        (two_leaves(method="best-fair-price", fair_price_ceiling=5000), 1),
        (two_leaves(method="lowest-price"), 1),
        (two_leaves(method="pass-then-lowest", pass_mark={"points": 71}), 0),
    ],
)
def test_a_price_that_nobody_needs_is_no_hole(document, holes):
    result = result_of(put(document, "bids[0].price", None))
    assert [(hole.vendor, hole.criterion) for hole in result.holes] == [("A", "price")] * holes


def test_a_minimum_above_the_price_leaf_needs_the_price():
    document = priced({"formula": "ceiling-linear", "ceiling": 200, "floor": 100}, [None, 150])
    document = put(document, "criteria[1].minimum", 10)
    assert [hole.vendor for hole in result_of(document).holes] == ["A"]
    out = put(document, "criteria[0].minimum", 40)
    assert result_of(out).holes == ()
    assert codes(result_of(out))["A"] == [("below_minimum", "s")]
    blank = result_of(put(document, "bids[0].marks", []))
    assert [(hole.vendor, hole.criterion) for hole in blank.holes] == [("A", "s")]


# --- relative to best, rounding ----------------------------------------
def test_relative_to_best_stretches_quality_before_the_total():
    criteria = [criterion("q", 60, maximum=100), criterion("p", 40, "price")]
    bids = [bid("A", 100, {"q": [40]}), bid("B", 200, {"q": [80]})]
    price = {"formula": "ceiling-linear", "ceiling": 200, "floor": 100}
    result = result_of(tender(criteria, bids, price=price, quality_scale="relative-to-best"))
    assert figures(result) == {"A": 70, "B": 60}
    assert (result.ranking[0].scaled_quality, result.ranking[0].points["q"]) == (30, 24)
    assert result.turning_points is None
    assert result.steps["A"].scale_factor == f("5/4")


def test_relative_to_best_of_nothing_stays_nothing():
    criteria = [criterion("q", 60), criterion("p", 40, "price")]
    document = tender(
        criteria, [bid("A", 100, {"q": [0]})], price={"formula": "mean"}, quality_scale="relative-to-best"
    )
    assert figures(result_of(document)) == {"A": 20}


def test_relative_to_best_is_unknown_while_a_bid_may_still_pass():
    document = two_leaves(quality_scale="relative-to-best", pass_mark={"points": 10})
    result = result_of(put(document, "bids[0].marks", []))
    assert result.steps["B"].scaled_quality is None
    assert result.steps["B"].figure_total is None


@pytest.mark.parametrize(
    ("mode", "mark", "points"),
    [
        ("half-up", "0.125", "0.13"),
        ("half-even", "0.125", "0.12"),
        ("half-even", "0.135", "0.14"),
        ("half-even", "0.1251", "0.13"),
        ("down", "0.129", "0.12"),
    ],
)
def test_leaf_points_are_rounded_as_the_tender_says(mode, mark, points):
    rounding = {"leaf_points": {"places": 2, "mode": mode}}
    result = result_of(tender([criterion("s", 100)], [bid("A", 1, {"s": [mark]})], rounding=rounding))
    assert figures(result) == {"A": f(points)}
    assert result.turning_points is None
