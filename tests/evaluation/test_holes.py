"""What is known, and what is not, while a mark or a price is missing."""

import pytest

from .making import bid, codes, criterion, panel, priced, put, result_of, tender, two_leaves

DIFFERENCE = {"marked_difference": {"high": 80, "low": 60, "leaf_high_share": 1}}
RELATIVE = ["lowest-over-price", "linear-to-lowest", "min-max", "mean"]


def totals(result):
    """Members' own totals by member and vendor."""
    return {m: {v: own.total for v, own in vendors.items()} for m, vendors in result.members.items()}


def ranks(result):
    """Members' ranks by member and vendor."""
    return {m: {v: own.rank for v, own in vendors.items()} for m, vendors in result.members.items()}


def flags(result):
    """Flag by vendor."""
    return [(flag.vendor, flag.flag) for flag in result.marked_differences]


# --- reference prices ----------------------------------------
@pytest.mark.parametrize("formula", RELATIVE)
def test_a_price_that_is_not_opened_keeps_the_points_of_every_price_unknown(formula):
    document = priced(formula, [8, 10, None], pass_mark={"points": 31}, panel_rules=DIFFERENCE)
    result = result_of(document)
    assert [(hole.vendor, hole.criterion) for hole in result.holes] == [("C", "price")]
    assert [steps.price.points for steps in result.steps.values()] == [None] * 3
    assert totals(result) == {"m1": {"A": None, "B": None, "C": None}}
    assert (codes(result), flags(result)) == ({}, [])
    assert result.price_only.would_have_been_excluded_for == ()
    assert [steps.held[-1].passed for steps in result.steps.values()] == [None] * 3


def test_the_missing_price_may_carry_a_bid_over_the_pass_mark():
    # Among 8 and 10 the second has no points for its price; beside 20 it has 50 of 60.
    marks = [30] * 3
    document = priced("min-max", [8, 10, 20], marks, pass_mark={"points": 31})
    document = put(put(document, "criteria[0].weight", 40), "criteria[1].weight", 60)
    assert codes(result_of(document)) == {"C": [("below_pass_mark", None)]}
    assert codes(result_of(put(document, "bids[2].price", None))) == {}


def test_without_the_reference_nobody_is_over_the_fair_price_yet():
    keys = {"method": "best-fair-price", "fair_price_ceiling": 9}
    document = priced("mean", [8, 10, None], pass_mark={"points": 31}, **keys)
    assert codes(result_of(document)) == {}
    assert codes(result_of(put(document, "pass_mark", None))) == {"B": [("over_fair_price", None)]}


def test_points_that_need_no_other_price_are_known():
    formula = {"formula": "ceiling-linear", "ceiling": 20, "floor": 0}
    result = result_of(priced(formula, [8, 20, None], pass_mark={"points": 31}, panel_rules=DIFFERENCE))
    assert totals(result) == {"m1": {"A": 54, "B": 30, "C": None}}
    assert codes(result) == {"B": [("below_pass_mark", None)]}


def test_nobody_waits_for_the_price_of_a_bid_that_failed_before():
    document = put(priced("lowest-over-price", [8, 10, None], [30, 30, 10]), "criteria[0].minimum", 20)
    result = result_of(put(document, "rank_scope", "all"))
    assert (result.status, result.holes) == ("ranked", ())
    assert ranks(result) == {"m1": {"A": 1, "B": 2, "C": None}}
    holed = put(document, "bids[1].marks", [])
    assert codes(result_of(holed)) == {"C": [("below_minimum", "s")]}
    assert totals(result_of(holed)) == {"m1": {"A": None, "B": None, "C": None}}


def test_a_bid_that_may_pass_and_is_not_opened_keeps_the_reference_unknown():
    document = put(priced("lowest-over-price", [8, 10, None]), "criteria[0].minimum", 20)
    result = result_of(put(document, "bids[2].marks", []))
    assert [(hole.vendor, hole.criterion) for hole in result.holes] == [("C", "s")]
    assert result.steps["A"].price.reference is None
    assert totals(result) == {"m1": {"A": None, "B": None, "C": None}}


def test_the_best_quality_is_unknown_while_any_of_them_is():
    document = two_leaves(quality_scale="relative-to-best")
    result = result_of(put(document, "bids[0].marks", []))
    assert [steps.figure_total for steps in result.steps.values()] == [None, None]
    assert result.steps["B"].total == 72


# --- members' ranks ----------------------------------------
def two_units(**keys):
    """`it` (m1, m2) alone marks s, `sec` (m3, m4) alone marks q; bids A, B and C, ranked by everybody."""
    people = [{"code": f"m{n}", "unit": unit} for n, unit in enumerate(["it", "it", "sec", "sec"], start=1)]
    criteria = [criterion("s", 60, units=["it"]), criterion("q", 40, "quality", units=["sec"])]
    bids = [
        bid("A", 5, {"s": [50, 40, ..., ...], "q": [..., ..., 30, 20]}),
        bid("B", 6, {"s": [40, 50, ..., ...], "q": [..., ..., 20, 10]}),
        bid("C", 7, {"s": [30, 30, ..., ...], "q": [..., ..., 10, None]}),
    ]
    return tender(criteria, bids, panel=people) | keys


def test_members_whom_the_hole_does_not_touch_have_ranks():
    document = two_units()
    document = put(document, "bids[1].marks", document["bids"][1]["marks"][2:])
    result = result_of(document)
    assert [(hole.vendor, hole.criterion, hole.member) for hole in result.holes] == [("B", "s", None)]
    assert ranks(result) == {
        "m1": {"A": None, "B": None, "C": None},
        "m2": {"A": None, "B": None, "C": None},
        "m3": {"A": 1, "B": 2, "C": 3},
        "m4": {"A": 1, "B": 2, "C": None},
    }
    assert result.panel.kendall_w is None


def test_a_first_place_in_a_field_that_is_not_whole_is_no_flag():
    document = two_leaves(panel_rules={"marked_difference": {"high": 70, "low": 71, "leaf_high_share": 1}})
    third = bid("C", 800, {"s": [60, 60], "q": [40, 40]})
    assert flags(result_of(put(document, "bids[2]", third))) == []
    assert flags(result_of(document)) == [("A", "best_and_worst"), ("B", "best_and_worst")]
    assert flags(result_of(put(document, "bids[2]", third | {"marks": []}))) == []


def test_every_member_has_ranks_while_the_panel_has_not_agreed_yet():
    document = two_leaves(aggregation="consensus", pass_mark={"points": 70, "rule": "majority"})
    result = result_of(document)
    assert len(result.holes) == 4
    # A: 70 and 70, B: 75 and 69; one of two is no majority.
    assert codes(result) == {"B": [("below_pass_mark", None)]}
    assert ranks(result) == {"m1": {"A": 1, "B": None}, "m2": {"A": 1, "B": None}}
    everybody = result_of(put(document, "rank_scope", "all"))
    assert ranks(everybody) == {"m1": {"A": 2, "B": 1}, "m2": {"A": 1, "B": 2}}
    assert everybody.panel.kendall_w == 0


def test_a_majority_is_unknown_while_marks_or_the_price_are_missing():
    majority = {"points": 50, "rule": "majority"}
    blank = put(two_leaves(pass_mark=majority), "bids[1].marks", [])
    assert result_of(blank).steps["B"].held[0].passed is None
    keys = {"aggregation": "consensus", "pass_mark": majority}
    result = result_of(priced("mean", [8, None], [10, 10], **keys))
    assert (codes(result), result.steps["A"].held[0].passed) == ({}, None)
    on_quality = result_of(priced("mean", [8, None], [10, 10], **put(keys, "pass_mark.on", "quality")))
    assert codes(on_quality) == {"A": [("below_pass_mark", None)], "B": [("below_pass_mark", None)]}


def test_a_bid_that_may_fail_a_minimum_is_not_held_against_a_later_mark():
    formula = {"formula": "ceiling-linear", "ceiling": 20, "floor": 0}
    keys = {"aggregation": "consensus", "pass_mark": {"points": 60, "rule": "majority"}}
    document = priced(formula, [8, 8], [10, 10], **keys)
    assert codes(result_of(document)).keys() == {"A", "B"}
    assert codes(result_of(put(document, "criteria[0].minimum", 5))) == {}


@pytest.mark.parametrize("keys", [{"aggregation": "sum"}, {"method": "rank-sum"}])
def test_who_marked_everything_has_ranks_where_every_member_must(keys):
    document = two_leaves(**keys)
    document = put(document, "bids[1].marks", document["bids"][1]["marks"][:3])
    result = result_of(document)
    assert [(hole.vendor, hole.criterion, hole.member) for hole in result.holes] == [("B", "q", "m2")]
    assert ranks(result) == {"m1": {"A": 2, "B": 1}, "m2": {"A": None, "B": None}}


def test_a_price_that_only_the_method_needs_leaves_ranks_and_concordance_known():
    bids = [bid("A", None, {"s": [50, 40]}), bid("B", 900, {"s": [40, 30]})]
    document = tender([criterion("s", 100)], bids, members=2, method="pass-then-lowest", rank_scope="all")
    result = result_of(document)
    assert [hole.criterion for hole in result.holes] == ["price"]
    assert ranks(result) == {"m1": {"A": 1, "B": 2}, "m2": {"A": 1, "B": 2}}
    assert result.panel.kendall_w == 1


def test_the_yardstick_waits_for_prices_and_never_for_marks():
    formula = {"formula": "ceiling-linear", "ceiling": 20, "floor": 0}
    document = priced(formula, [8, None, 5], method="lowest-price")
    document = put(document, "bids[2].marks", [])
    assert ranks(result_of(document)) == {"m1": {"A": None, "B": None, "C": None}}
    opened = result_of(put(document, "bids[1].price", 9))
    assert ranks(opened) == {"m1": {"A": 1, "B": 2, "C": None}}


def test_nobody_counted_is_no_majority_against_a_bid():
    keys = {"pass_mark": {"points": 50, "rule": "majority"}, "aggregation": "sum"}
    result = result_of(two_leaves(**keys) | {"panel": panel(2, present=False)})
    assert (result.status, codes(result)) == ("incomplete", {})
