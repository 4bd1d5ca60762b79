"""Every refusal of a value or of values that do not fit together, by its path and code."""

from decimal import Decimal

import pytest

from bids.evaluation import Refused, read_document

from .making import GONE, NESTED, bid, criterion, errors_of, priced, put, tender, two_leaves


def test_the_base_documents_are_accepted():
    assert errors_of(NESTED) == set()
    assert errors_of(two_leaves()) == set()


WRONG = [
    # what stands there, what is put there, what it is called
    ("format", "tender-case/2", "format", "not_allowed"),
    ("format", GONE, "format", "missing"),
    ("reference", None, "reference", "missing"),
    ("title", " x", "title", "bad_text"),
    ("title", "", "title", "bad_text"),
    ("title", "e\u0301", "title", "bad_text"),
    ("title", "a\u0007b", "title", "bad_text"),
    ("title", "a\nb", "title", "bad_text"),
    ("title", "\ud800", "title", "bad_text"),
    ("title", "\ufdd0", "title", "bad_text"),
    ("title", "\U0001fffe", "title", "bad_text"),
    ("title", 5, "title", "wrong_type"),
    ("currency", "twd", "currency", "not_allowed"),
    ("currency", "ＴＷＤ", "currency", "not_allowed"),
    ("currency", 1, "currency", "wrong_type"),
    ("profile", "private", "profile", "not_allowed"),
    ("profile", 1, "profile", "wrong_type"),
    ("method", ["total"], "method", "wrong_type"),
    ("colour", "red", "colour", "unknown_key"),
    ("a\nb", "red", "a\\u000ab", "unknown_key"),
    ("total_points", 0, "total_points", "out_of_range"),
    ("total_points", True, "total_points", "wrong_type"),
    ("total_points", 1.5, "total_points", "wrong_type"),
    ("total_points", "1e2", "total_points", "bad_number"),
    ("total_points", "１００", "total_points", "bad_number"),
    ("total_points", "1_0", "total_points", "bad_number"),
    ("total_points", "+1", "total_points", "bad_number"),
    ("total_points", ".5", "total_points", "bad_number"),
    ("total_points", "1" * 31, "total_points", "too_many_digits"),
    ("total_points", 10**5000, "total_points", "too_many_digits"),
    ("total_points", Decimal("1E+40"), "total_points", "too_many_digits"),
    ("total_points", Decimal("NaN"), "total_points", "bad_number"),
    ("criteria", {}, "criteria", "wrong_type"),
    ("criteria", [], "criteria", "missing"),
    ("criteria", GONE, "criteria", "missing"),
    ("criteria[0]", 1, "criteria[0]", "wrong_type"),
    ("criteria[1].code", "G", "criteria[1].code", "repeated"),
    ("criteria[1].code", "ｇ", "criteria[1].code", "repeated"),
    ("criteria[1].code", None, "criteria[1].code", "missing"),
    ("criteria[1].weight", -1, "criteria[1].weight", "out_of_range"),
    ("criteria[1].parent", "nobody", "criteria[1].parent", "dangling"),
    ("criteria[0].parent", "s", "criteria[0].parent", "cycle"),
    ("criteria[0].parent", "s", "criteria[1].parent", "cycle"),
    ("criteria[0].maximum", 5, "criteria[0].maximum", "not_allowed"),
    ("criteria[0].units", ["committee"], "criteria[0].units", "not_allowed"),
    ("criteria[0].value", 5, "criteria[0].value", "not_allowed"),
    ("criteria[1].value", 5, "criteria[1].value", "not_allowed"),
    ("criteria[1].kind", None, "criteria[1].kind", "missing"),
    ("criteria[1].kind", "colour", "criteria[1].kind", "not_allowed"),
    ("criteria[1].kind", "price", "criteria[3].kind", "not_allowed"),
    ("criteria[1].maximum", 0, "criteria[1].maximum", "out_of_range"),
    ("criteria[1].minimum", 36, "criteria[1].minimum", "out_of_range"),
    ("criteria[1].minimum", -1, "criteria[1].minimum", "out_of_range"),
    ("criteria[1].units", [], "criteria[1].units", "missing"),
    ("criteria[1].units", ["committee", "committee"], "criteria[1].units[1]", "repeated"),
    ("criteria[1].units", ["nobody"], "criteria[1].units[0]", "dangling"),
    ("criteria[1].units", [1], "criteria[1].units[0]", "wrong_type"),
    ("criteria[1].weight", 2, "criteria[1].maximum", "maximum_needed"),
    ("criteria[3].maximum", 5, "criteria[3].maximum", "not_allowed"),
    ("criteria[3].units", ["committee"], "criteria[3].units", "not_allowed"),
    ("criteria[3].kind", "quality", "criteria", "missing"),
    ("price", 5, "price", "wrong_type"),
    ("price", {}, "price.formula", "missing"),
    ("price", {"formula": "magic", "ceiling": 5}, "price.formula", "not_allowed"),
    ("price", None, "criteria[3].kind", "not_allowed"),
    ("price", {"formula": "bands"}, "price.bands", "missing"),
    ("price", {"formula": "bands", "bands": []}, "price.bands", "missing"),
    ("price", {"formula": "bands", "bands": [5]}, "price.bands[0]", "wrong_type"),
    ("price", {"formula": "bands", "bands": [{"up_to": 5}]}, "price.bands[0].points", "missing"),
    (
        "price",
        {"formula": "bands", "bands": [{"up_to": 5, "points": 31}]},
        "price.bands[0].points",
        "out_of_range",
    ),
    (
        "price",
        {"formula": "bands", "bands": [{"up_to": 5, "points": 1}, {"up_to": 5, "points": 0}]},
        "price.bands[1].up_to",
        "out_of_range",
    ),
    ("price.ceiling", 50, "price.ceiling", "out_of_range"),
    ("price.floor", -1, "price.floor", "out_of_range"),
    ("price.bands", [], "price.bands", "not_allowed"),
    ("price.fixed_price", True, "price.fixed_price", "not_allowed"),
    ("price", {"formula": "marked", "fixed_price": 1}, "price.fixed_price", "wrong_type"),
    ("requirements[0].mandatory", "yes", "requirements[0].mandatory", "wrong_type"),
    ("requirements[1].code", "R", "requirements[1].code", "repeated"),
    ("requirements[1]", None, "requirements[1]", "wrong_type"),
    ("requirements[1].severity", "huge", "requirements[1].severity", "not_allowed"),
    ("pass_mark", 60, "pass_mark", "wrong_type"),
    ("pass_mark.points", 101, "pass_mark.points", "out_of_range"),
    ("pass_mark.points", -1, "pass_mark.points", "out_of_range"),
    ("pass_mark", {"points": 71, "on": "quality"}, "pass_mark.points", "out_of_range"),
    ("pass_mark.rule", "most", "pass_mark.rule", "not_allowed"),
    ("rank_scope", "some", "rank_scope", "not_allowed"),
    ("tied_rank", "fair", "tied_rank", "not_allowed"),
    ("tie_break", ["lots", "lots"], "tie_break[1]", "repeated"),
    ("tie_break", ["dice"], "tie_break[0]", "not_allowed"),
    ("tie_break", ["more-first-places"], "tie_break[0]", "not_allowed"),
    ("lots_drawn", ["A", "A"], "lots_drawn[1]", "repeated"),
    ("lots_drawn", ["a"], "lots_drawn[0]", "dangling"),
    ("rounding.mean", {}, "rounding.mean", "unknown_key"),
    ("rounding.total", 2, "rounding.total", "wrong_type"),
    ("rounding.total.places", 13, "rounding.total.places", "out_of_range"),
    ("rounding.total.places", "1.5", "rounding.total.places", "out_of_range"),
    ("rounding.total.mode", None, "rounding.total.mode", "missing"),
    ("rounding.total.mode", "up", "rounding.total.mode", "not_allowed"),
    ("budget", 0, "budget", "out_of_range"),
    ("fair_price_ceiling", 5, "fair_price_ceiling", "not_allowed"),
    ("method", "best-fair-price", "fair_price_ceiling", "missing"),
    ("method", "pass-then-lowest", "criteria[3].kind", "not_allowed"),
    ("method", "adjusted-price", "criteria", "missing"),
    ("quality_scale", "relative", "quality_scale", "not_allowed"),
    ("unit_shares", {"committee": 1}, "unit_shares", "not_allowed"),
    ("unit_shares", 1, "unit_shares", "wrong_type"),
    ("low_price", {}, "low_price", "wrong_type"),
    ("low_price[0]", "x", "low_price[0]", "wrong_type"),
    ("low_price[0].sd", None, "low_price[0].sd", "missing"),
    ("low_price[0].share", 1, "low_price[0].share", "not_allowed"),
    ("low_price[0].min_bids", 1, "low_price[0].min_bids", "out_of_range"),
    ("low_price[0]", {"rule": "share-of-budget", "share": 1}, "low_price[0].rule", "missing"),
    ("low_price[0]", {"rule": "share-of-reserve", "share": 1}, "low_price[0].rule", "missing"),
    ("low_price[0]", {"rule": "share-of-mean"}, "low_price[0].share", "missing"),
    ("low_price[0]", {"rule": "guess"}, "low_price[0].rule", "not_allowed"),
    ("panel", [], "panel", "missing"),
    ("panel[0]", [], "panel[0]", "wrong_type"),
    ("panel[0].unit", GONE, "panel[0].unit", "missing"),
    ("panel[0].recused", ["B"], "panel[0].recused[0]", "dangling"),
    ("panel[0].recused", ["A", "A"], "panel[0].recused[1]", "repeated"),
    ("panel[1]", {"code": "M1", "unit": "u"}, "panel[1].code", "repeated"),
    ("panel_rules", [], "panel_rules", "wrong_type"),
    ("panel_rules.marked_difference", 1, "panel_rules.marked_difference", "wrong_type"),
    ("panel_rules.marked_difference.high", None, "panel_rules.marked_difference.high", "missing"),
    (
        "panel_rules.marked_difference.leaf_high_share",
        "1.1",
        "panel_rules.marked_difference.leaf_high_share",
        "out_of_range",
    ),
    ("bids", [], "bids", "missing"),
    ("bids", GONE, "bids", "missing"),
    ("bids[0]", 1, "bids[0]", "wrong_type"),
    ("bids[0].price", GONE, "bids[0].price", "missing"),
    ("bids[0].price", "0.0", "bids[0].price", "out_of_range"),
    ("bids[0].price", [], "bids[0].price", "wrong_type"),
    ("bids[0].status", "excluded", "bids[0].reason", "missing"),
    ("bids[1]", bid("ａ", 5), "bids[1].vendor", "repeated"),
    ("bids[0].claims[0]", 1, "bids[0].claims[0]", "wrong_type"),
    ("bids[0].claims[0].requirement", "x", "bids[0].claims[0].requirement", "dangling"),
    ("bids[0].claims[1]", {"requirement": "r"}, "bids[0].claims[1].requirement", "repeated"),
    ("bids[0].claims[0].waiver", 1, "bids[0].claims[0].waiver", "wrong_type"),
    ("bids[0].claims[0].waiver", {"by": "me"}, "bids[0].claims[0].waiver.reason", "missing"),
    ("bids[0].marks[0]", 1, "bids[0].marks[0]", "wrong_type"),
    ("bids[0].marks[0].mark", GONE, "bids[0].marks[0].mark", "missing"),
    ("bids[0].marks[0].mark", 36, "bids[0].marks[0].mark", "out_of_range"),
    ("bids[0].marks[0].member", "m9", "bids[0].marks[0].member", "dangling"),
    ("bids[0].marks[0].criterion", "x", "bids[0].marks[0].criterion", "dangling"),
    ("bids[0].marks[0].criterion", "g", "bids[0].marks[0].criterion", "not_allowed"),
    ("bids[0].marks[0].criterion", "p", "bids[0].marks[0].criterion", "not_allowed"),
    ("bids[0].marks[0].criterion", "t", "bids[0].marks[1]", "repeated"),
    ("bids[0].marks[0].comment", "x ", "bids[0].marks[0].comment", "bad_text"),
    ("bids[0].consensus", [5], "bids[0].consensus[0]", "wrong_type"),
    ("bids[0].consensus", [{"criterion": "s", "mark": 1}], "bids[0].consensus[0].reason", "missing"),
    (
        "bids[0].consensus",
        [{"criterion": "s", "mark": None, "reason": "x"}],
        "bids[0].consensus[0].mark",
        "missing",
    ),
    (
        "bids[0].consensus",
        [{"criterion": "s", "mark": 36, "reason": "x"}],
        "bids[0].consensus[0].mark",
        "out_of_range",
    ),
    (
        "bids[0].consensus",
        [{"criterion": "p", "mark": 1, "reason": "x"}],
        "bids[0].consensus[0].criterion",
        "not_allowed",
    ),
    (
        "bids[0].consensus",
        [{"criterion": "s", "mark": 1, "reason": "x"}] * 2,
        "bids[0].consensus[1].criterion",
        "repeated",
    ),
]


@pytest.mark.parametrize(
    ("where", "value", "path", "code"), WRONG, ids=[f"{n}-{w[2]}-{w[3]}" for n, w in enumerate(WRONG)]
)
def test_a_fault_is_named_with_its_path(where, value, path, code):
    assert (path, code) in errors_of(put(NESTED, where, value))


@pytest.mark.parametrize(
    ("document", "path", "code"),
    [
        (two_leaves(aggregation="consensus", method="rank-sum"), "aggregation", "not_allowed"),
        (two_leaves(quality_scale="relative-to-best", method="rank-sum"), "quality_scale", "not_allowed"),
        (two_leaves(quality_scale="relative-to-best", aggregation="sum"), "quality_scale", "not_allowed"),
        (
            two_leaves(quality_scale="relative-to-best", profile="tw-public"),
            "quality_scale",
            "relative_quality_scale",
        ),
        (
            two_leaves(aggregation="unit-mean", unit_shares={"committee": 1, "x": 1}),
            "unit_shares.x",
            "dangling",
        ),
        (two_leaves(aggregation="unit-mean", unit_shares={}), "unit_shares.committee", "missing"),
        (
            two_leaves(aggregation="unit-mean", unit_shares={"committee": 0}),
            "unit_shares.committee",
            "out_of_range",
        ),
        (
            put(two_leaves(aggregation="sum"), "criteria[0].units", ["committee"]),
            "criteria[0].units",
            "not_allowed",
        ),
        (
            put(two_leaves(aggregation="sum"), "bids[0].marks[0].mark", None),
            "bids[0].marks[0].mark",
            "not_allowed",
        ),
        (
            put(
                two_leaves(method="rank-sum"),
                "bids[0].consensus",
                [{"criterion": "s", "mark": 1, "reason": "x"}],
            ),
            "bids[0].consensus[0]",
            "not_allowed",
        ),
        (
            put(two_leaves(pass_mark={"points": 1, "rule": "majority"}), "criteria[0].units", ["committee"]),
            "pass_mark.rule",
            "not_allowed",
        ),
        (
            tender([criterion("p", 1, "price")], [bid("A", 1)], aggregation="sum", price={"formula": "mean"}),
            "criteria",
            "missing",
        ),
        (put(priced("mean", [1, 2]), "criteria[1].minimum", 1), "criteria[1].minimum", "not_allowed"),
        (priced("mean", [1, 2], profile="tw-public"), "price.formula", "relative_price_formula"),
        (
            put(priced({"formula": "marked"}, [1, 2], profile="tw-public"), "criteria[1].weight", 14),
            "criteria[1].weight",
            "price_weight_out_of_bounds",
        ),
        (two_leaves(profile="tw-public", tie_break=["lower-price"]), "tie_break[0]", "tie_rule_not_allowed"),
    ],
)
def test_a_setting_that_does_not_fit_is_named(document, path, code):
    assert (path, code) in errors_of(document)


def test_a_mark_of_a_unit_that_does_not_mark_the_leaf_is_refused():
    document = put(two_leaves(), "panel[1].unit", "sec")
    document = put(document, "criteria[0].units", ["sec"])
    assert ("bids[0].marks[0]", "not_allowed") in errors_of(document)


def test_what_cannot_be_read_raises_no_follow_up_faults():
    assert errors_of(put(NESTED, "criteria[1].weight", "x")) == {("criteria[1].weight", "bad_number")}
    assert errors_of(put(NESTED, "panel[0].code", 7)) == {("panel[0].code", "wrong_type")}
    assert errors_of(put(NESTED, "panel", 7)) == {("panel", "wrong_type")}
    assert errors_of(put(NESTED, "method", 7)) == {("method", "wrong_type")}
    assert errors_of(put(NESTED, "criteria[3].kind", "prize")) == {("criteria[3].kind", "not_allowed")}
    assert errors_of([]) == {("", "wrong_type")}


def test_all_faults_are_listed_once():
    document = put(put(put(NESTED, "colour", 1), "criteria[1].weight", 0), "bids[0].price", -1)
    with pytest.raises(Refused) as refusal:
        read_document(document)
    found = [(i.path, i.code) for i in refusal.value.issues if i.level == "error"]
    assert sorted(found) == [
        ("bids[0].price", "out_of_range"),
        ("colour", "unknown_key"),
        ("criteria[1].weight", "out_of_range"),
    ]
    assert str(refusal.value)
