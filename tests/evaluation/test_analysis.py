"""Alarms, the panel's agreement, turning points, price alone, guard rails."""

import pytest

from .making import bid, criterion, f, panel, priced, put, result_of, tender, two_leaves, warnings_of


def alarms(prices, *rules, **keys):
    bids = [bid(vendor, price, {"s": [50]}) for vendor, price in zip("ABCDEF", prices, strict=False)]
    result = result_of(tender([criterion("s", 100)], bids, low_price=list(rules), **keys))
    return [(low.vendor, low.threshold) for low in result.low_price]


@pytest.mark.parametrize(
    ("prices", "rule", "keys", "found"),
    [
        # 政府採購法 §58, 施行細則 §79: under 80 % of the reserve price; 80 % itself is not under it.
        ([80, "79.99"], {"rule": "share-of-reserve", "share": "0.8"}, {"reserve_price": 100}, [("B", 80)]),
        ([70, 69], {"rule": "share-of-budget", "share": "0.7"}, {"budget": 100}, [("B", 70)]),
        ([69, 100, 100], {"rule": "share-of-mean", "share": "0.7"}, {}, [("A", 70)]),
        ([50], {"rule": "share-of-mean", "share": 1}, {}, []),
        ([69, 69, 100], {"rule": "share-of-next", "share": "0.7"}, {}, [("A", 70), ("B", 70)]),
        ([100, None, 50], {"rule": "share-of-next", "share": "0.5"}, {}, []),
        # RD 1098/2001 art. 85.4: mean 95, 130 is over 104.5, mean again 86.25.
        ([100, 95, 90, 60, 130], {"rule": "spain-85"}, {}, [("D", f("77.625"))]),
        ([70, 100, 100, 200], {"rule": "spain-85"}, {}, [("A", 81)]),
        ([10, 10, 100, 100], {"rule": "spain-85"}, {}, [("A", 36), ("B", 36)]),
        ([1, 100, 100], {"rule": "spain-85"}, {}, []),
        ([90, 100, 110], {"rule": "sd-below-mean", "sd": 1}, {}, []),
        ([90, 100, 110], {"rule": "sd-below-mean", "sd": "0.99"}, {}, [("A", None)]),
        ([90, 100, 110], {"rule": "sd-below-mean", "sd": 0, "min_bids": 4}, {}, []),
        ([90], {"rule": "sd-below-mean", "sd": 0}, {}, []),
    ],
)
def test_low_prices_raise_alarms(prices, rule, keys, found):
    assert alarms(prices, rule, **keys) == found


def test_the_deviation_alarm_gives_mean_and_variance():
    document = tender(
        [criterion("s", 100)],
        [bid(v, p, {"s": [1]}) for v, p in (("A", 90), ("B", 100), ("C", 110))],
        low_price=[{"rule": "sd-below-mean", "sd": "0.5"}],
    )
    document = result_of(document).to_document()
    assert document["low_price"] == [
        {"vendor": "A", "rule": "sd-below-mean", "threshold": None, "mean": "100", "variance": "100"}
    ]


def test_prices_over_the_budget_are_pointed_at():
    result = result_of(two_leaves(budget=950))
    assert [(i.code, i.path) for i in result.issues if i.code == "over_budget"] == [
        ("over_budget", "bids[0].price")
    ]


# --- the panel ----------------------------------------
@pytest.mark.parametrize(
    ("members", "present", "experts", "quorum"),
    [
        (8, 5, 2, True),
        (7, 4, 2, True),
        (6, 3, 1, False),
        (6, 2, 2, False),
        (9, 7, 2, False),
        (11, 7, 3, True),
    ],
)
def test_the_quorum_of_a_public_tender(members, present, experts, quorum):
    # 採購評選委員會審議規則 §9: half of the members, two experts, a third of those present.
    document = tender(
        [criterion("s", 100)],
        [bid("A", 1, {"s": [50] * members})],
        members=members,
        profile="tw-public",
        tie_break=["lots"],
    )
    for number in range(members):
        document["panel"][number] |= {"present": number < present, "expert": number < experts}
    result = result_of(document)
    assert (result.panel.members, result.panel.present, result.panel.experts) == (members, present, experts)
    assert result.panel.quorum is quorum
    assert (result.winner, result.needs) == (("A", ()) if quorum else (None, ("quorum",)))
    assert ("no_quorum" in warnings_of(result)) is not quorum
    assert result_of(document | {"profile": "bank"}).panel.quorum is None


@pytest.mark.parametrize(
    ("marks", "w"),
    [
        ({"A": [3, 3, 3], "B": [2, 2, 2], "C": [1, 1, 1]}, 1),
        # Rank sums 3, 6, 9 but one member turned round: 5, 6, 7; W = 12 × 2 ÷ (9 × 24).
        ({"A": [3, 3, 1], "B": [2, 2, 2], "C": [1, 1, 3]}, f("1/9")),
        # Ties: m1 puts A and B together; W = 12 × 4.5 ÷ (4 × 24 − 2 × 6).
        ({"A": [2, 3], "B": [2, 2], "C": [1, 1]}, f("13/14")),
        ({"A": [1, 1], "B": [1, 1]}, None),
        ({"A": [1, 1]}, None),
        ({"A": [2], "B": [1]}, None),
        ({"A": [2, None, 1], "B": [1, 1, 2]}, 0),
    ],
)
def test_kendalls_w_is_exact_and_corrected_for_ties(marks, w):
    bids = [bid(vendor, 1, {"s": own}) for vendor, own in marks.items()]
    result = result_of(tender([criterion("s", 100)], bids, members=len(bids[0]["marks"])))
    assert result.panel.kendall_w == w


RULE = {"marked_difference": {"high": 85, "low": 60, "leaf_high_share": "0.9"}}


def flags(marks, **keys):
    bids = [bid(vendor, 1, {"s": own}) for vendor, own in marks.items()]
    members = len(bids[0]["marks"])
    result = result_of(tender([criterion("s", 100)], bids, members=members, panel_rules=RULE, **keys))
    return [(d.vendor, d.flag, d.at) for d in result.marked_differences]


def test_marked_differences_are_flags_on_scored_bids():
    assert flags({"A": [90, 50], "B": [80, 70]}) == [("A", "best_and_worst", None)]
    assert flags({"A": [90, 60], "B": [80, 70]}) == []
    assert flags({"A": [90, 50]}) == []
    assert flags({"A": [90, 0], "B": [80, 0]}) == [
        ("A", "best_and_worst", None),
        ("A", "leaf_high_and_zero", "s"),
    ]
    assert flags({"A": [90, 64], "B": [95, 0]}, pass_mark={"points": 65}) == [
        # B fails the pass mark, so A is alone in the scope and nobody is first or last there.
        ("A", "high_and_fail", None),
        ("B", "high_and_fail", None),
        ("B", "leaf_high_and_zero", "s"),
    ]
    assert flags({"A": [90, 64], "B": [95, 0]}, pass_mark={"points": 65}, rank_scope="all")[1] == (
        "B",
        "best_and_worst",
        None,
    )
    assert flags({"A": [90, 64], "B": [70, 70]}, pass_mark={"points": 65, "on": "quality"}) == []


def test_one_member_alone_makes_no_marked_difference():
    # Everybody is first and last in a field where all are equal, but two members are needed.
    high_is_low = {"marked_difference": {"high": 50, "low": 60, "leaf_high_share": "0.9"}}
    bids = [bid("A", 1, {"s": [55]}), bid("B", 1, {"s": [55]})]
    result = result_of(tender([criterion("s", 100)], bids, panel_rules=high_is_low))
    assert result.marked_differences == ()


# --- turning points ----------------------------------------
def test_turning_points_are_exact():
    # Three bids on two roots: 1 − w against 0.7 + … the lines cross at 3/8 and 5/9.
    criteria = [criterion("c1", 50, maximum=1), criterion("c2", 50, "quality", maximum=1)]
    marks = {"A": ("1", "0.2"), "B": ("0.6", "0.7"), "C": ("0.1", "1")}
    document = tender(criteria, [bid(v, 1, {"c1": [a], "c2": [b]}) for v, (a, b) in marks.items()])
    points = result_of(document).turning_points
    assert [(p.share, p.below, p.above) for p in points["c1"]] == [(f("3/8"), "C", "B"), (f("5/9"), "B", "A")]
    assert [(p.share, p.below, p.above) for p in points["c2"]] == [(f("4/9"), "A", "B"), (f("5/8"), "B", "C")]


def test_bids_that_are_equal_everywhere_go_by_their_published_place():
    criteria = [criterion("s", 60), criterion("q", 40, "quality")]
    bids = [
        bid("A", 1, {"s": [60], "q": [0]}),
        bid("B", 1, {"s": [60], "q": [0]}),
        bid("C", 1, {"s": [36], "q": [36]}),
    ]
    document = tender(criteria, bids, tie_break=["lots"], lots_drawn=["B", "A"])
    assert [(p.share, p.below, p.above) for p in result_of(document).turning_points["s"]] == [
        (f("9/13"), "C", "B")
    ]
    shared = result_of(document | {"tie_break": [], "lots_drawn": []}).turning_points["s"]
    assert [(p.share, p.below, p.above) for p in shared] == [(f("9/13"), "C", None)]


def test_turning_points_scale_groups_and_bands():
    # A is better by the group's 10 points of 60, B by the band's 20 of 40.
    criteria = [
        criterion("g", 60, None),
        criterion("s", 1, parent="g", maximum=60),
        criterion("p", 40, "price"),
    ]
    price = {"formula": "bands", "bands": [{"up_to": 10, "points": 40}, {"up_to": 20, "points": 20}]}
    document = tender(criteria, [bid("A", 20, {"s": [60]}), bid("B", 10, {"s": [50]})], price=price)
    result = result_of(document)
    # w + (1 − w) ÷ 2 = 5w ÷ 6 + 1 − w where w = 3/4.
    assert [(p.share, p.below, p.above) for p in result.turning_points["g"]] == [(f("3/4"), "B", "A")]
    assert [(p.share, p.below, p.above) for p in result.turning_points["p"]] == [(f("1/4"), "A", "B")]


def test_no_turning_points_where_totals_are_not_linear_or_nobody_is_ranked():
    assert result_of(two_leaves(method="rank-sum")).turning_points is None
    assert result_of(tender([criterion("s", 1, maximum=5)], [bid("A", 1, {"s": [5]})])).turning_points is None
    nobody = put(put(two_leaves(), "bids[0].status", "withdrawn"), "bids[1].status", "withdrawn")
    assert result_of(nobody).turning_points == {"s": (), "q": ()}
    better = two_leaves() | {
        "bids": [bid("A", 1, {"s": [50, 50], "q": [30, 30]}), bid("B", 1, {"s": [5, 5], "q": [3, 3]})]
    }
    assert result_of(better).turning_points == {"s": (), "q": ()}
    crossing_beyond = put(put(better, "bids[1].marks[2].mark", 30), "bids[1].marks[3].mark", 30)
    assert result_of(crossing_beyond).turning_points == {"s": (), "q": ()}


# --- price alone ----------------------------------------
def test_price_alone_ignores_gates_and_marks():
    document = two_leaves(requirements=[{"code": "r", "title": "r"}])
    document = put(document, "bids[0].claims", [{"requirement": "r", "met": True}])
    result = result_of(document)
    cheapest = result.price_only
    assert (cheapest.vendor, cheapest.vendors, cheapest.premium, cheapest.same_as_winner) == (
        "B",
        ("B",),
        100,
        False,
    )
    assert [reason.code for reason in cheapest.would_have_been_excluded_for] == ["requirement_not_met"]
    same = result_of(put(document, "bids[0].price", 800)).price_only
    assert (same.premium, same.same_as_winner, same.would_have_been_excluded_for) == (0, True, ())
    unopened = put(put(document, "bids[0].price", None), "bids[1].price", None)
    assert result_of(unopened).price_only is None
    assert result_of(put(document, "bids[0].price", None)).price_only.premium is None


# --- guard rails ----------------------------------------
def test_guard_rails_warn_of_what_a_price_only_tender_looks_like():
    document = tender(
        [criterion("q", 40, "quality"), criterion("p", 60, "price")],
        [bid("A", 5, {"q": [4]})],
        price={"formula": "mean"},
    )
    assert {"no_security_requirement", "no_security_criterion"} <= warnings_of(result_of(document))
    document = put(document, "criteria[0].kind", "security")
    assert "security_outweighed" in warnings_of(result_of(document))
    assert "no_security_criterion" not in warnings_of(result_of(document))
    required = document | {"requirements": [{"code": "r", "title": "r"}]}
    assert "no_security_requirement" not in warnings_of(result_of(required))
    lax = document | {"requirements": [{"code": "r", "title": "r", "mandatory": False}]}
    assert "no_security_requirement" in warnings_of(result_of(lax))


def test_public_tenders_are_warned_of_no_tie_rule_and_of_a_price_without_weight():
    result = result_of(two_leaves(profile="tw-public"))
    assert {"no_tie_rule", "price_not_weighed"} <= warnings_of(result)


def test_a_fixed_price_may_weigh_less_than_a_fifth():
    # 最有利標評選辦法 §16, §17: 20 to 50 % inclusive; at a fixed price its composition may weigh less.
    price = {"formula": "marked", "fixed_price": True}
    document = tender(
        [criterion("s", 90), criterion("p", 10, "price")],
        [bid("A", 5, {"s": [50], "p": [5]})],
        price=price,
        profile="tw-public",
        tie_break=["lots"],
    )
    document["panel"] = [member | {"expert": True} for member in panel(4)]
    assert result_of(document).status == "ranked"


# --- the result file ----------------------------------------
def test_the_result_file_writes_numbers_as_text():
    result = result_of(priced("lowest-over-price", [3, 7], [30, 20], panel_rules=RULE))
    document = result.to_document()
    assert list(document)[:4] == ["format", "status", "fingerprint", "method"]
    assert document["ranking"][1]["figure"] == "260/7"
    assert document["ranking"][1]["place"] == 2
    assert document["effective_points"] == {"s": "60", "p": "40"}
    assert document["members"]["m1"]["A"] == {"total": "70", "rank": "1"}
    assert document["panel"] == {"members": 1, "present": 1, "experts": 0, "quorum": None, "kendall_w": None}
    assert document["unit_split"]["s"]["B"] == {"committee": "20"}
    assert document["turning_points"] == {"s": [], "p": []}
