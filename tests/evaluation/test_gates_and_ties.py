"""Requirements, minimums, pass marks, the order of stages, tie rules, members' ranks."""

import pytest

from .making import (
    bid,
    codes,
    criterion,
    f,
    figures,
    places,
    priced,
    put,
    result_of,
    tender,
    two_leaves,
    warnings_of,
)

GATE = [
    {"code": "r", "title": "Logs are kept"},
    {"code": "o", "title": "Optional", "mandatory": False, "severity": "high"},
]


def gated(*claims, status="valid", **keys):
    document = two_leaves(requirements=GATE)
    document = put(document, "bids[1].claims", [{"requirement": "r", "met": True}])
    document["bids"][0] |= {"claims": list(claims), "status": status} | keys
    return result_of(document)


@pytest.mark.parametrize(
    ("claim", "out"),
    [
        ({"met": True}, False),
        ({"met": False}, True),
        ({"met": None}, True),
        ({}, True),
        ({"met": True, "verified": False}, True),
        ({"met": False, "verified": True}, False),
        ({"verified": True}, False),
        ({"met": False, "waiver": {"by": "board", "reason": "once"}}, False),
    ],
)
def test_a_finding_decides_and_silence_is_no_assurance(claim, out):
    result = gated({"requirement": "r"} | claim)
    assert codes(result) == ({"A": [("requirement_not_met", "r")]} if out else {})
    assert result.price_only.unmet == ("o",)


def test_a_waiver_that_was_needed_is_carried():
    waiver = {"by": "board", "reason": "once"}
    result = gated({"requirement": "r", "waiver": waiver}, {"requirement": "o", "waiver": waiver})
    assert {row.vendor: row.waived for row in result.ranking} == {"A": ("r",), "B": ()}


def test_status_and_requirements_are_one_stage():
    result = gated(status="withdrawn")
    assert codes(result) == {"A": [("withdrawn", None), ("requirement_not_met", "r")]}
    result = gated({"requirement": "r", "met": True}, status="excluded", reason="no bond {0}")
    assert codes(result) == {"A": [("excluded", None)]}
    assert result.excluded[0].reasons[0].detail == "The bid was excluded: no bond {0}"


def test_each_stage_looks_at_what_the_earlier_ones_left():
    criteria = [criterion("s", 60, minimum=30), criterion("p", 40, "price")]
    bids = [
        bid("gate", 1, {"s": [60]}, claims=[{"requirement": "r", "met": False}]),
        bid("minimum", 1, {"s": [20]}),
        bid("total", 400, {"s": [50]}),
        bid("dear", 200, {"s": [60]}),
        bid("good", 100, {"s": [50]}),
    ]
    for one in bids[1:]:
        one["claims"] = [{"requirement": "r", "met": True}]
    document = tender(
        criteria,
        bids,
        method="best-fair-price",
        fair_price_ceiling=150,
        price={"formula": "lowest-over-price"},
        pass_mark={"points": 70},
        requirements=GATE[:1],
    )
    result = result_of(document)
    assert codes(result) == {
        "gate": [("requirement_not_met", "r")],
        "minimum": [("below_minimum", "s")],
        "total": [("below_pass_mark", None)],
        "dear": [("over_fair_price", None)],
    }
    assert figures(result) == {"good": 90}
    assert "pass_mark_with_relative_price" in warnings_of(result)
    assert [held.what for held in result.steps["dear"].held] == ["minimum", "pass_mark", "fair_price_ceiling"]


def test_a_minimum_is_reached_exactly_and_holds_on_groups():
    criteria = [
        criterion("g", 60, None, minimum=30),
        criterion("s", 1, parent="g"),
        criterion("q", 40, "quality"),
    ]
    bids = [bid("A", 1, {"s": [30], "q": [0]}), bid("B", 1, {"s": ["29.999"], "q": [40]})]
    result = result_of(tender(criteria, bids))
    assert codes(result) == {"B": [("below_minimum", "g")]}
    assert result.ranking[0].nodes == {"g": 30}


def test_under_sum_a_minimum_and_a_pass_mark_are_those_of_one_member():
    document = put(two_leaves(aggregation="sum"), "criteria[0].minimum", "44.5")
    document = document | {"pass_mark": {"points": 71, "on": "quality"}}
    result = result_of(document)
    # Summed 140 and 144, so 70 and 72 a member; security 90 and 84, so 45 and 42.
    assert codes(result) == {"A": [("below_pass_mark", None)], "B": [("below_minimum", "s")]}


@pytest.mark.parametrize(
    ("marks", "passes"),
    [([70, 70, 0], True), ([70, 70, 0, 0], False), ([90, 80, None], True), ([90, None, None, 90], False)],
)
def test_a_majority_is_more_than_half_of_the_counted_members(marks, passes):
    document = tender(
        [criterion("s", 100)],
        [bid("A", 1, {"s": marks})],
        members=len(marks),
        pass_mark={"points": 70, "rule": "majority"},
    )
    result = result_of(document)
    assert codes(result) == ({} if passes else {"A": [("below_pass_mark", None)]})
    held = result.steps["A"].held[0]
    assert (held.of, held.passed) == (len(marks), passes)


def test_price_points_count_for_a_majority_on_the_total_only():
    document = priced("lowest-over-price", [100, 200], [30, 30], pass_mark={"points": 60, "rule": "majority"})
    assert codes(result_of(document)) == {"B": [("below_pass_mark", None)]}
    assert set(
        codes(result_of(document | {"pass_mark": {"points": 60, "rule": "majority", "on": "quality"}}))
    ) == {"A", "B"}


def test_totals_are_rounded_before_they_are_held_against_a_mark():
    document = tender([criterion("s", 100)], [bid("A", 1, {"s": ["69.95"]})], pass_mark={"points": 70})
    assert codes(result_of(document)) == {"A": [("below_pass_mark", None)]}
    rounding = {"total": {"places": 1, "mode": "half-up"}}
    assert figures(result_of(document | {"rounding": rounding})) == {"A": 70}


# --- ties ----------------------------------------
def tied(*rules, **keys):
    """A and B have 60, C and D too; A and B more on security, C more than D by price."""
    criteria = [criterion("s", 50), criterion("q", 50, "quality")]
    bids = [
        bid("A", 30, {"s": [40], "q": [20]}),
        bid("B", 20, {"s": [40], "q": [20]}),
        bid("C", 10, {"s": [20], "q": [40]}),
        bid("D", 10, {"s": [20], "q": [40]}),
    ]
    return result_of(tender(criteria, bids, tie_break=list(rules), **keys))


def test_without_a_rule_all_share_the_place():
    result = tied()
    assert set(places(result).values()) == {1}
    assert result.needs == ("re_evaluation_or_lots",)
    assert {row.tie_broken_by for row in result.ranking} == {None}


def test_each_rule_splits_what_is_still_tied():
    result = tied("higher-security", "lower-price", "lots", lots_drawn=["D"])
    assert places(result) == {"B": 1, "A": 2, "D": 3, "C": 4}
    assert {row.vendor: row.tie_broken_by for row in result.ranking} == {
        "B": "lower-price",
        "A": "lower-price",
        "D": "lots",
        "C": "lots",
    }
    assert "lots_not_drawn" in warnings_of(result)
    assert result.winner == "B"


def test_a_rule_that_splits_nothing_leaves_the_last_that_did():
    result = tied("higher-security", "heaviest-criterion")
    assert places(result) == {"A": 1, "B": 1, "C": 3, "D": 3}
    assert {row.tie_broken_by for row in result.ranking} == {"higher-security"}


def test_several_heaviest_leaves_are_summed():
    assert set(places(tied("heaviest-criterion")).values()) == {1}


def test_lots_that_were_all_drawn_need_no_warning():
    result = tied("lots", lots_drawn=["C", "A", "D", "B"])
    assert [row.vendor for row in result.ranking] == ["C", "A", "D", "B"]
    assert "lots_not_drawn" not in warnings_of(result)


def test_lower_price_splits_nothing_where_a_price_is_not_known():
    criteria = [criterion("s", 100)]
    document = tender(
        criteria, [bid("A", None, {"s": [5]}), bid("B", 1, {"s": [5]})], tie_break=["lower-price"]
    )
    assert set(places(result_of(document)).values()) == {1}


def test_the_heaviest_leaf_is_compared_unrounded():
    criteria = [criterion("s", 60), criterion("q", 40, "quality")]
    rounding = {"leaf_points": {"places": 0, "mode": "half-up"}}
    bids = [bid("A", 1, {"s": ["50.1"], "q": [20]}), bid("B", 1, {"s": ["50.2"], "q": [20]})]
    document = tender(criteria, bids, rounding=rounding, tie_break=["heaviest-criterion"])
    assert places(result_of(document)) == {"B": 1, "A": 2}
    assert set(places(result_of(document | {"tie_break": ["higher-security"]})).values()) == {1}


def test_a_tie_rule_that_needs_a_missing_mark_splits_nothing():
    bids = [bid("A", 4, {"s": [40]}), bid("B", 4)]
    for rule in ("heaviest-criterion", "higher-security"):
        document = tender([criterion("s", 100)], bids, method="lowest-price", tie_break=[rule])
        assert places(result_of(document)) == {"A": 1, "B": 1}


def test_more_first_places_counts_members_who_put_nobody_above():
    # A is ranked 1, 1, 3 and B 2, 2, 1: five each, and two first places against one.
    bids = [
        bid("A", 1, {"s": [90, 90, 70]}),
        bid("B", 1, {"s": [80, 80, 90]}),
        bid("C", 1, {"s": [70, 70, 80]}),
    ]
    document = tender(
        [criterion("s", 100)], bids, members=3, method="rank-sum", tie_break=["more-first-places"]
    )
    result = result_of(document)
    assert figures(result) == {"A": 5, "B": 5, "C": 8}
    assert places(result) == {"A": 1, "B": 2, "C": 3}
    # A first place that is shared counts for both: m1 and m2 put A and B together.
    shared = put(put(document, "bids[1].marks[0].mark", 90), "bids[1].marks[1].mark", 90)
    assert places(result_of(put(shared, "bids[1].marks[2].mark", 60))) == {"A": 1, "B": 2, "C": 3}
    assert (
        places(result_of(put(put(shared, "bids[1].marks[2].mark", 70), "bids[0].marks[2].mark", 70)))["B"]
        == 1
    )


@pytest.mark.parametrize(
    ("tied_rank", "ranks"),
    [("competition", [1, 1, 3]), ("dense", [1, 1, 2]), ("average", [f("1.5"), f("1.5"), 3])],
)
def test_members_ranks_follow_the_tied_rank(tied_rank, ranks):
    bids = [bid("A", 1, {"s": [9]}), bid("B", 1, {"s": [9]}), bid("C", 1, {"s": [5]})]
    result = result_of(tender([criterion("s", 100)], bids, tied_rank=tied_rank, method="rank-sum"))
    assert [result.members["m1"][v].rank for v in "ABC"] == ranks


def test_the_scope_of_ranks_may_hold_the_excluded():
    # C fails the pass mark; ranked among all it stands between A and B for m1 and m2.
    bids = [
        bid("A", 1, {"s": [90, 90, 70]}),
        bid("B", 1, {"s": [70, 70, 95]}),
        bid("C", 1, {"s": [80, 80, 0]}),
    ]
    document = tender([criterion("s", 100)], bids, members=3, method="rank-sum", pass_mark={"points": 60})
    assert figures(result_of(document)) == {"A": 4, "B": 5}
    assert figures(result_of(document | {"rank_scope": "all"})) == {"A": 4, "B": 7}
