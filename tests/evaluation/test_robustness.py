"""Random weightings against closed forms for two roots, and what is left out."""

import pytest

from bids.evaluation import read_document
from bids.evaluation.robustness import robustness
from bids.evaluation.robustness.left_out import left_out, other_formulas

from .making import bid, criterion, panel, priced, put, tender, two_leaves

COUNT = 40_000


def three_bids(**keys):
    """First places where the first root's share is over 5/9 (A), under 3/8 (C), between (B)."""
    criteria = [criterion("c1", 50, maximum=1), criterion("c2", 50, "quality", maximum=1)]
    marks = {"A": ("1", "0.2"), "B": ("0.6", "0.7"), "C": ("0.1", "1")}
    return tender(criteria, [bid(v, 10, {"c1": [a], "c2": [b]}) for v, (a, b) in marks.items()], **keys)


def advice(document, **keys):
    return robustness(read_document(document), **({"count": COUNT, "seed": 7} | keys))


def test_two_roots_follow_the_closed_form():
    result = advice(three_bids())
    close = {"abs": 0.01}
    assert result.acceptability["A"][0] == pytest.approx(4 / 9, **close)
    assert result.acceptability["B"][0] == pytest.approx(5 / 9 - 3 / 8, **close)
    assert result.acceptability["C"][0] == pytest.approx(3 / 8, **close)
    assert result.acceptability["B"][2] == 0
    assert result.central_weights["A"]["c1"] == pytest.approx((1 + 5 / 9) / 2, **close)
    assert result.central_weights["B"]["c1"] == pytest.approx((5 / 9 + 3 / 8) / 2, **close)
    assert result.winner_share == result.acceptability["B"][0]
    assert result.confidence == {"A": 1, "B": 1, "C": 1}


def test_weightings_within_a_share_of_the_published_ones():
    # Shares of 1/2 ± 10 %, renormalised, lie in 0.45 … 0.55: inside the range where B is first.
    assert advice(three_bids(), within=0.1).winner_share == 1
    # With ± 50 % the share is u ÷ (u + v), over 5/9 where u > 1.25 v, on (0.5, 1.5)²: area 0.30625.
    assert advice(three_bids(), within=0.5).acceptability["A"][0] == pytest.approx(0.30625, abs=0.01)


def test_the_same_seed_gives_the_same_numbers():
    first, again, other = advice(three_bids()), advice(three_bids()), advice(three_bids(), seed=8)
    assert first == again
    assert first.acceptability != other.acceptability


def test_equal_bids_share_the_better_rank():
    document = three_bids()
    document = put(document, "bids[1].marks", document["bids"][0]["marks"])
    result = advice(document, count=100)
    assert result.acceptability["A"] == result.acceptability["B"]
    assert result.winner_share is None


@pytest.mark.parametrize("tied_rank", ["competition", "dense", "average"])
def test_rank_sums_follow_the_weights(tied_rank):
    # Each member is for A where the share of s is over 1/2 and for B under it.
    criteria = [criterion("s", 50), criterion("q", 50, "quality")]
    bids = [
        bid("A", 1, {"s": [50, 50], "q": [0, 0]}),
        bid("B", 1, {"s": [0, 0], "q": [50, 50]}),
        bid("C", 1, {"s": [0, 0], "q": [50, 50]}),
    ]
    document = tender(criteria, bids, members=2, method="rank-sum", tied_rank=tied_rank, tie_break=["lots"])
    result = advice(document, count=20_000)
    assert result.acceptability["A"][0] == pytest.approx(0.5, abs=0.02)
    assert result.acceptability["B"] == result.acceptability["C"]
    assert result.confidence["A"] == 1


def test_members_who_disagree_lower_the_confidence():
    # One of two members is for A: B is first only where neither of the two drawn is that member.
    document = tender(
        [criterion("s", 100)], [bid("A", 1, {"s": [90, 50]}), bid("B", 1, {"s": [60, 60]})], members=2
    )
    result = advice(document, count=1000)
    assert result.acceptability == {"A": [1, 0], "B": [0, 1]}
    assert result.confidence["A"] == pytest.approx(0.75, abs=0.05)
    assert result.confidence["B"] is None


@pytest.mark.parametrize("aggregation", ["mean", "median", "unit-mean", "sum", "consensus"])
def test_every_aggregation_can_be_resampled(aggregation):
    document = two_leaves(aggregation=aggregation)
    if aggregation == "consensus":
        agreed = [{"criterion": c, "mark": 30, "reason": "x"} for c in ("s", "q")]
        document = put(put(document, "bids[0].consensus", agreed), "bids[1].consensus", agreed)
    elif aggregation != "sum":
        document = put(document, "bids[0].marks[1].mark", None)
    if aggregation == "unit-mean":
        document = put(document, "panel[1].unit", "sec") | {"unit_shares": {"sec": 1, "committee": 2}}
    result = advice(document, count=200)
    assert all(share is None or 0 <= share <= 1 for share in result.confidence.values())
    assert result.acceptability["A"][0] > 0


@pytest.mark.parametrize(
    ("keys", "firsts"),
    [
        ({"method": "pass-then-lowest"}, {"A": 0, "B": 0, "C": 1}),
        ({"method": "lowest-price"}, {"A": 0, "B": 0, "C": 1}),
        ({"method": "best-fair-price", "fair_price_ceiling": 100}, None),
        ({"method": "price-per-point"}, None),
    ],
)
def test_methods_by_price_know_no_weights(keys, firsts):
    document = put(three_bids(**keys), "bids[2].price", 9)
    result = advice(document, count=2000)
    found = {vendor: shares[0] for vendor, shares in result.acceptability.items()}
    assert sum(found.values()) == pytest.approx(1)
    assert firsts is None or found == firsts


def test_a_scale_relative_to_the_best_is_kept_under_every_weighting():
    criteria = [criterion("q", 60, maximum=100), criterion("p", 40, "price")]
    bids = [bid("A", 100, {"q": [40]}), bid("B", 200, {"q": [80]})]
    price = {"formula": "ceiling-linear", "ceiling": 200, "floor": 100}
    # A has w/2 + 1 − w and B w: A is first where w < 2/3.
    result = advice(tender(criteria, bids, price=price, quality_scale="relative-to-best"))
    assert result.winner_share == pytest.approx(2 / 3, abs=0.01)


def test_nobody_ranked_gives_no_shares():
    document = put(three_bids(), "bids[0].marks", [])
    result = advice(document, count=10)
    assert (result.acceptability, result.winner_share) == ({}, None)
    assert result.left_out.bids == {"A": "B", "B": None, "C": None}
    yardstick = advice(tender([], [bid("A", 5)], method="lowest-price", panel=None), count=10)
    assert yardstick.acceptability == {"A": [0]}
    assert advice(two_leaves(), count=1).to_document()["left_out"]["units"] == {"committee": None}


# --- one thing less ----------------------------------------
def test_one_thing_less_is_another_case():
    criteria = [
        criterion("g", 60, None),
        criterion("s", 1, parent="g"),
        criterion("t", 1, parent="g", minimum=3),
        criterion("q", 40, "quality", units=["it"]),
    ]
    bids = [
        bid("A", 1, {"s": [30, 20], "t": [10, 10], "q": [10]}),
        bid("B", 1, {"s": [5, 10], "t": [10, 5], "q": [40]}),
    ]
    people = [{"code": "m1", "unit": "it"}, {"code": "m2", "unit": "sec"}]
    document = tender(criteria, bids, panel=people, pass_mark={"points": 10, "on": "quality"})
    case = read_document(document)
    assert left_out(case).members == {"m1": None, "m2": "B"}
    assert left_out(case).units == {"it": None, "sec": "B"}
    assert left_out(case).criteria == {"g": "B", "s": "B", "t": "A", "q": "A"}
    assert left_out(case).bids == {"A": "B", "B": "A"}


def test_leaving_out_the_only_leaf_leaves_nothing():
    case = read_document(
        tender([criterion("g", 1, None), criterion("s", 1, parent="g", maximum=5)], [bid("A", 1, {"s": [5]})])
    )
    assert left_out(case).criteria == {"g": None, "s": None}
    assert left_out(case).bids == {"A": None}


def test_other_price_formulas():
    case = read_document(priced("lowest-over-price", [100, 150], [20, 40], budget=200))
    assert other_formulas(case) == {
        "ceiling-linear": "B",
        "linear-to-lowest": None,
        "mean": "B",
        "min-max": "A",
    }
    document = priced({"formula": "ceiling-linear", "ceiling": 200, "floor": 0}, [100, 150])
    assert other_formulas(read_document(put(document, "criteria[1].minimum", 1))) == {}
    assert other_formulas(read_document(two_leaves())) == {}
    bands = {"formula": "bands", "bands": [{"up_to": 120, "points": 40}]}
    assert left_out(read_document(priced(bands, [100, 150], [20, 40]))).criteria == {"s": "A", "p": "B"}


def test_members_who_are_absent_change_nothing():
    document = two_leaves() | {"panel": [*panel(2), {"code": "m3", "unit": "audit", "present": False}]}
    assert left_out(read_document(document)).members["m3"] == "B"
