"""A faulty value hides no other fault, and makes none that would end with it."""

import pytest

from bids.evaluation import check_specification

from .making import GONE, NESTED, bid, criterion, errors_of, priced, put, tender, two_leaves

THIRDS = tender(
    [criterion("s", 1), criterion("q", 2, "quality", maximum=10)],
    [bid("A", 1, {"s": [80], "q": [5]}, consensus=[{"criterion": "s", "mark": 90, "reason": "x"}])],
)


def both(document, *changes):
    """The errors of a document after some changes."""
    for path, value in changes:
        document = put(document, path, value)
    return errors_of(document)


# --- a leaf of kind price and the formula ----------------------------------------
@pytest.mark.parametrize("formula", ["mean", "marked"])
def test_a_formula_needs_a_price_leaf_where_there_is_no_criterion_at_all(formula):
    document = tender([], [bid("A", 4), bid("B", 5)], method="lowest-price", price={"formula": formula})
    assert errors_of(document) == {("criteria", "missing")}
    assert errors_of(put(document, "price", None)) == set()


@pytest.mark.parametrize("kind", ["prize", "", 5])
def test_a_kind_that_cannot_be_read_may_be_price(kind):
    document = put(priced("mean", [1, 2]), "criteria[1].weight", 30)
    assert {path for path, _ in both(document, ("criteria[0].maximum", 5), ("criteria[1].kind", kind))} == {
        "bids[0].marks[0].mark",
        "bids[1].marks[0].mark",
        "criteria[1].kind",
    }
    assert len(both(priced("mean", [1, 2]), ("criteria[1].kind", kind))) == 1


def test_a_criterion_that_cannot_be_read_may_be_the_price_leaf_or_have_the_value():
    document = priced("mean", [1, 2])
    assert both(document, ("criteria[1]", 7)) == {("criteria[1]", "wrong_type")}
    assert both(document, ("criteria[1].kind", None)) == {("criteria[1].kind", "missing")}
    adjusted = two_leaves(method="adjusted-price")
    assert both(adjusted, ("criteria[1]", 7), ("bids", [bid("A", 1)])) == {("criteria[1]", "wrong_type")}
    assert both(adjusted, ("criteria[1].value", "x")) == {("criteria[1].value", "bad_number")}


def test_a_formula_that_cannot_be_read_may_have_the_price_marked():
    document = tender([criterion("p", 1, "price")], [bid("A", 1)], aggregation="sum", price={"formula": 5})
    assert errors_of(document) == {("price.formula", "wrong_type")}


def test_what_may_be_about_security_is_no_warning():
    document = put(two_leaves(), "criteria[0].kind", "securty")
    warnings = {issue.code for issue in check_specification(document) if issue.level == "warning"}
    assert warnings == {"no_security_requirement"}
    named = check_specification(put(document, "criteria[0].kind", "quality"))
    assert "no_security_criterion" in {issue.code for issue in named}


def test_a_price_that_is_not_scored_has_no_share_that_is_out_of_bounds():
    document = priced("none", [1, 2], profile="tw-public")
    changes = (("criteria[0].weight", 90), ("criteria[1].weight", 10))
    assert both(document, *changes) == {("criteria[1].kind", "not_allowed")}


def test_a_price_that_may_be_fixed_has_no_least_share():
    document = priced({"formula": "marked", "fixed_price": "yes"}, [1], profile="tw-public")
    document = put(put(document, "criteria[1].weight", 1), "criteria[0].weight", 9)
    document = put(document, "bids[0].marks[0].mark", 5)
    assert errors_of(document) == {("price.fixed_price", "wrong_type")}
    assert both(document, ("criteria[1].weight", 27)) >= {
        ("criteria[1].weight", "price_weight_out_of_bounds")
    }


# --- the top of a scale ----------------------------------------
def test_marks_are_held_against_no_scale_that_is_not_known():
    assert errors_of(THIRDS) == {("criteria[0].maximum", "maximum_needed")}
    assert both(THIRDS, ("criteria[0].maximum", "x")) == {("criteria[0].maximum", "bad_number")}
    assert both(THIRDS, ("criteria[0].maximum", 80)) == {("bids[0].consensus[0].mark", "out_of_range")}


def test_marks_are_held_against_a_given_scale_whatever_the_leaf_is_worth():
    found = both(THIRDS, ("criteria[0].maximum", 80), ("criteria[1].weight", "x"))
    assert found == {("criteria[1].weight", "bad_number"), ("bids[0].consensus[0].mark", "out_of_range")}


# --- keys that may not stand there ----------------------------------------
@pytest.mark.parametrize(
    ("document", "path", "value"),
    [
        (two_leaves(), "fair_price_ceiling", -1),
        (two_leaves(), "unit_shares", []),
        (two_leaves(), "unit_shares", {"committee": 0}),
        (NESTED, "criteria[0].units", "it"),
        (NESTED, "criteria[0].kind", 5),
        (NESTED, "criteria[0].value", "x"),
        (NESTED, "criteria[0].maximum", 0),
        (NESTED, "criteria[1].value", []),
        (NESTED, "criteria[3].maximum", "x"),
        (NESTED, "criteria[3].units", "it"),
        (priced("mean", [1, 2]), "criteria[1].minimum", -1),
        (two_leaves(aggregation="sum"), "criteria[1].units", 5),
        (two_leaves(aggregation="sum"), "bids[0].consensus[0]", 5),
    ],
)
def test_a_key_that_may_not_stand_there_is_named_whatever_its_value(document, path, value):
    if path.endswith("[0]"):
        document = put(document, path[:-3], [])
    found = errors_of(put(document, path, value))
    assert (path, "not_allowed") in found
    assert len(found) == 2


def test_a_fair_price_of_nothing_is_a_number():
    document = two_leaves(method="best-fair-price", fair_price_ceiling=0)
    assert errors_of(document) == set()
    assert both(document, ("fair_price_ceiling", "-0.1")) == {("fair_price_ceiling", "out_of_range")}


def test_a_minimum_above_a_relative_price_is_refused_whatever_the_weights_are():
    document = put(NESTED, "price", {"formula": "mean"})
    changes = (("criteria[3].parent", "g"), ("criteria[0].minimum", 1), ("criteria[1].weight", "x"))
    assert both(document, *changes) == {
        ("criteria[0].minimum", "not_allowed"),
        ("criteria[1].weight", "bad_number"),
    }


def test_a_group_with_units_refuses_no_majority():
    document = put(NESTED, "pass_mark", {"points": 1, "rule": "majority"})
    assert both(document, ("criteria[0].units", ["committee"])) == {("criteria[0].units", "not_allowed")}


def test_an_abstention_on_a_leaf_that_is_not_there_is_refused_as_well():
    document = put(two_leaves(aggregation="sum"), "bids[0].marks[0]", {"member": "m1", "criterion": "x"})
    assert both(document, ("bids[0].marks[0].mark", None)) == {
        ("bids[0].marks[0].criterion", "dangling"),
        ("bids[0].marks[0].mark", "not_allowed"),
    }


# --- codes, parents, cycles ----------------------------------------
def test_a_cycle_is_named_beside_codes_that_are_repeated_or_missing():
    cycle = {("criteria[0].parent", "cycle"), ("criteria[1].parent", "cycle")}
    document = put(NESTED, "criteria[0].parent", "s")
    assert errors_of(document) == cycle
    assert both(document, ("criteria[3].code", "t")) == cycle | {("criteria[3].code", "repeated")}
    assert both(document, ("criteria[3].code", GONE)) == cycle | {("criteria[3].code", "missing")}


def test_what_lies_above_itself_says_nothing_about_what_stands_below():
    # Without its own parent, t is a leaf that people mark.
    assert both(NESTED, ("criteria[2].parent", "t")) == {("criteria[2].parent", "cycle")}
    # A node with another one below it is a group wherever it hangs.
    found = both(NESTED, ("criteria[0].parent", "s"), ("criteria[0].kind", "security"))
    assert ("criteria[0].kind", "not_allowed") in found
    relative = both(
        NESTED,
        ("price", {"formula": "mean"}),
        ("criteria[3].parent", "s"),
        ("criteria[1].parent", "p"),
        ("criteria[1].minimum", 1),
    )
    assert relative == {("criteria[1].parent", "cycle"), ("criteria[3].parent", "cycle")}


def test_a_code_of_two_criteria_is_neither_of_them():
    # Is the new g the group, is the old one? Nothing about either is said, and neither about their cycle.
    assert both(NESTED, ("criteria[3].code", "g")) == {("criteria[3].code", "repeated")}
    again = put(NESTED, "criteria[4]", criterion("s", 1, parent="s", maximum=1))
    assert errors_of(again) == {("criteria[4].code", "repeated")}


def test_a_member_given_twice_marks_for_neither_unit():
    document = put(two_leaves(), "criteria[0].units", ["committee"])
    again = both(document, ("panel[2]", {"code": "m1", "unit": "sec"}))
    assert again == {("panel[2].code", "repeated")}


def test_a_criterion_may_have_the_children_whose_parent_cannot_be_read():
    unread = ((f"criteria[{index}].parent", 5) for index in (1, 2))
    assert both(NESTED, *unread) == {
        ("criteria[1].parent", "wrong_type"),
        ("criteria[2].parent", "wrong_type"),
    }
    gone = both(NESTED, ("criteria[1]", 5), ("criteria[2]", 5), ("bids[0].marks", []))
    assert gone == {("criteria[1]", "wrong_type"), ("criteria[2]", "wrong_type")}
