"""How far members and units are apart, item by item."""

from fractions import Fraction

import pytest

from bids.evaluation import evaluate, read_document
from bids.evaluation.differences import Thresholds, agreement_before_prices, differences

from .making import bid, criterion, f, panel, tender

THRESHOLDS = Thresholds(f("0.3"), f("0.2"), f("0.6"))


def of(document):
    return {(item.vendor, item.code): item for item in differences(read_document(document))}


def two_units(marks, **keys):
    """Marks 0 to 5 of m1 and m2 (security) and m3 (business) on a leaf worth 60 points."""
    members = [*panel(2, "security"), {"code": "m3", "unit": "business"}]
    return tender([criterion("s", 60, maximum=5), criterion("q", 40, "quality", maximum=5)],
                  [bid("A", None, marks)], **keys) | {"panel": members}  # fmt: skip


def test_spreads_are_in_marks_and_shares_of_the_scale():
    item = of(two_units({"s": [5, 4, 2], "q": [3, 3, 3]}))["A", "s"]
    assert item.units == {"security": f("4.5"), "business": 2}
    assert (item.unit_spread, item.member_spread, item.top) == (f("2.5"), 3, 5)
    assert item.shares == (f("0.5"), f("0.6"))
    assert item.points == Fraction(5 + 4 + 2, 3) / 5 * 60


def test_an_abstention_is_no_zero_and_one_unit_is_no_difference():
    item = of(two_units({"s": [5, 4, None], "q": [3, 3, 3]}))["A", "s"]
    assert (item.unit_spread, item.member_spread) == (0, 1)


def test_an_item_that_nobody_marked_is_none_and_a_bid_that_fails_a_gate_has_items():
    document = two_units({"s": [5, 4, 2]}, requirements=[{"code": "r", "title": "r"}])
    assert set(of(document)) == {("A", "s")}


@pytest.mark.parametrize(
    ("marks", "level"),
    [
        ([4, 4, "2.5"], "red"),
        ([4, 4, "2.51"], "amber"),
        ([4, 4, 3], "amber"),
        ([4, 4, "3.01"], "green"),
        ([5, 2, "3.5"], "red"),
        ([5, "2.01", "3.5"], "green"),
    ],
)
def test_a_threshold_is_reached_exactly(marks, level):
    item = of(two_units({"s": marks, "q": [3, 3, 3]}))["A", "s"]
    assert THRESHOLDS.level(item) == level


def test_agreement_before_prices_is_that_of_the_totals_without_the_price():
    def document(prices):
        marks = [{"s": [50, 40], "q": [20, 30]}, {"s": [40, 44], "q": [35, 25]}, {"s": [10, 20], "q": [5, 6]}]
        bids = [bid(vendor, price, own) for vendor, price, own in zip("ABC", prices, marks, strict=True)]
        return tender([criterion("s", 60), criterion("q", 40, "quality")], bids, members=2)

    case = read_document(document([None, None, None]))
    assert agreement_before_prices(case) == evaluate(read_document(document([1, 2, 3]))).panel.kendall_w
    assert agreement_before_prices(case) == f("3/4")


def test_one_member_agrees_with_nobody():
    assert (
        agreement_before_prices(read_document(tender([criterion("s", 100)], [bid("A", 1, {"s": [5]})])))
        is None
    )
