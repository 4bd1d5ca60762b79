"""The ranking workbook, computed anew by a spreadsheet: the same places and figures, also after a change."""

import random
from dataclasses import replace
from fractions import Fraction

import pytest

from bids.evaluation import evaluate, read_document
from bids.evaluation.case import METHODS
from tests.bids.random_cases import random_case
from tests.bids.recalculation import (
    STORIES,
    Recalculated,
    assert_ranks_as,
    changed,
    differing_cells,
    exported,
    shared_cases,
    story,
)
from tests.evaluation.making import bid, criterion, priced, tender, two_leaves

SEEDS = range(40)


@pytest.mark.parametrize("name", [path.stem for path in STORIES])
@pytest.mark.parametrize("language", ["en", "zh-hant"])
def test_every_formula_of_a_story_carries_its_value_and_gives_the_result(name, language):
    result, data = exported(story(name), language=language)
    recalculated = Recalculated(data)
    assert_ranks_as(recalculated, result)
    assert recalculated.ok is True
    assert differing_cells(data) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_every_formula_of_a_made_up_case_carries_its_value_and_gives_the_result(seed):
    result, data = exported(random_case(seed))
    recalculated = Recalculated(data)
    assert_ranks_as(recalculated, result)
    assert recalculated.ok is True
    assert differing_cells(data) == []


def test_made_up_cases_are_of_every_method():
    assert {random_case(seed).method for seed in SEEDS} == set(METHODS)


def test_every_worked_case_recalculates_to_its_result():
    cases = shared_cases()
    if not cases:
        pytest.skip("the worked cases in ../shared/cases are not here")
    for name, case in cases.items():
        result, data = exported(case)
        recalculated = Recalculated(data)
        assert_ranks_as(recalculated, result)
        assert recalculated.ok is True, name


@pytest.mark.parametrize("seed", SEEDS)
def test_a_changed_weight_gives_the_ranking_of_a_fresh_evaluation(seed):
    rng = random.Random(seed)
    case = random_case(seed)
    _result, data = exported(case)
    for _ in range(4):
        node = rng.choice(case.criteria)
        weight = Fraction(rng.choice(["1", "12.5", "20", "45", "80"]))
        criteria = tuple(replace(one, weight=weight) if one is node else one for one in case.criteria)
        fresh = changed(case, criteria=criteria)
        if fresh is not None:
            place = Recalculated(data).cell_of(node.code)
            trial = Recalculated(data, [(place, str(float(weight)))])
            assert_ranks_as(trial, evaluate(fresh))


def test_a_changed_weight_moves_the_order_and_is_called_a_trial():
    case = story("atm-endpoint")
    result, data = exported(case)
    before = Recalculated(data)
    roots = [node for node in case.criteria if node.parent is None]
    security = next(root for root in roots if root.code == "S")
    criteria = tuple(
        replace(node, weight=Fraction(150)) if node is security else node for node in case.criteria
    )
    trial = Recalculated(data, [(before.cell_of("S"), "150")])
    assert trial.ranking()[0][0] != before.ranking()[0][0]
    assert_ranks_as(trial, evaluate(changed(case, criteria=criteria)))
    assert trial.ok is False
    said = words_of(trial)
    assert "Trial, not the result of the evaluation" in said
    assert "Trial: with these weights totals or places differ from the evaluation" in said
    assert "Published weights" in words_of(before)
    assert result.winner == before.ranking()[0][0]


def words_of(recalculated):
    """Every text on the first sheet."""
    rows, columns = range(1, 80), range(1, 14)
    values = (recalculated.model.get_cell_value(0, row, column) for row in rows for column in columns)
    return {value for value in values if isinstance(value, str)}


def test_a_scale_that_was_not_given_follows_the_weight_as_in_a_fresh_evaluation():
    case = read_document(two_leaves())
    _result, data = exported(case)
    criteria = (
        replace(case.criteria[0], weight=Fraction(90)),
        replace(case.criteria[1], weight=Fraction(110)),
    )
    before = Recalculated(data)
    trial = Recalculated(data, [(before.cell_of("s"), "90"), (before.cell_of("q"), "110")])
    fresh = changed(case, criteria=criteria)
    assert fresh is None  # a mark of 50 is over the new scale of 45: such a case would be refused
    assert any(value == 1 for value in column_of(trial, "Check", "Marks over the scale"))


def column_of(recalculated, sheet, title):
    """The numbers below the last title of that text on a sheet."""
    index = recalculated.sheets.index(sheet)
    found = [
        (row, column)
        for row in range(1, 60)
        for column in range(1, 60)
        if recalculated.model.get_cell_value(index, row, column) == title
    ]
    top, column = found[-1]
    return [recalculated.model.get_cell_value(index, row, column) for row in range(top + 1, top + 30)]


def place_of(recalculated, sheet, text, *, after=1):
    """The place of the first cell with that text below the first rows of a sheet."""
    index = recalculated.sheets.index(sheet)
    return next(
        (index, row, column)
        for row in range(after, 200)
        for column in range(1, 40)
        if recalculated.model.get_cell_value(index, row, column) == text
    )


def test_a_changed_price_mark_finding_and_status_give_the_ranking_of_a_fresh_evaluation():
    case = story("atm-endpoint")
    result, data = exported(case)
    before = Recalculated(data)
    out = next(bid for bid in case.bids if bid.vendor in {exclusion.vendor for exclusion in result.excluded})
    _sheet, row, column = place_of(before, "Price only", out.vendor, after=11)
    price = Recalculated(data, [((before.sheets.index("Price only"), row, column + 2), "9000000")])
    bids = tuple(replace(bid, price=Fraction(9_000_000)) if bid is out else bid for bid in case.bids)
    assert_ranks_as(price, evaluate(changed(case, bids=bids)))
    first = next(bid for bid in case.bids if bid.vendor == result.winner)
    _sheet, row, column = place_of(before, "Price only", first.vendor, after=11)
    gone = Recalculated(data, [((before.sheets.index("Price only"), row, column + 1), "Withdrawn")])
    bids = tuple(replace(bid, status="withdrawn") if bid is first else bid for bid in case.bids)
    assert_ranks_as(gone, evaluate(changed(case, bids=bids)))


def test_a_finding_that_becomes_met_lets_the_bid_in():
    met = {"requirement": "R1", "met": True}
    document = two_leaves(requirements=[{"code": "R1", "title": "R1"}])
    document["bids"][0]["claims"] = [met]
    document["bids"][1]["claims"] = [met | {"verified": False}]
    _result, data = exported(read_document(document))
    before = Recalculated(data)
    assert [row[0] for row in before.ranking()] == ["A"]
    trial = Recalculated(data, [(place_of(before, "Requirements and findings", "Not met"), "Met")])
    document["bids"][1]["claims"] = [met]
    assert_ranks_as(trial, evaluate(read_document(document)))
    assert trial.ok is False


def test_a_changed_mark_gives_the_ranking_of_a_fresh_evaluation():
    document = two_leaves()
    _result, data = exported(read_document(document))
    before = Recalculated(data)
    sheet, row, column = place_of(before, "Marks", "A", after=6)
    trial = Recalculated(data, [((sheet, row, column + 3), "60")])
    document["bids"][0]["marks"][0]["mark"] = 60
    assert_ranks_as(trial, evaluate(read_document(document)))
    assert "✕ Differs from Assay: a mark, price, finding or rule was changed" in words_of(trial)


def test_a_hole_that_is_filled_ranks_the_bids():
    document = two_leaves()
    whole = read_document(document)
    document["bids"][1]["marks"] = [mark for mark in document["bids"][1]["marks"] if mark["criterion"] != "s"]
    result, data = exported(read_document(document))
    before = Recalculated(data)
    assert result.status == "incomplete"
    assert before.ranking() == []
    assert before.ok is True
    assert "Nobody is ranked: marks or prices are missing, they are listed under remarks." in words_of(before)
    sheet, row, column = place_of(before, "Marks", "B", after=6)
    filled = Recalculated(data, [((sheet, row, column + 3), "40"), ((sheet, row, column + 4), "44")])
    assert_ranks_as(filled, evaluate(whole))


def test_nobody_passes():
    document = two_leaves(pass_mark={"points": 99})
    result, data = exported(read_document(document))
    recalculated = Recalculated(data)
    assert result.status == "no-valid-bid"
    assert recalculated.ranking() == []
    assert recalculated.ok is True
    assert "No bid passes: nobody is ranked." in words_of(recalculated)


def test_lowest_price_needs_neither_criteria_nor_panel():
    document = tender([], [bid("A", 900), bid("B", 800)], method="lowest-price")
    del document["panel"]
    result, data = exported(read_document(document))
    assert_ranks_as(Recalculated(data), result)
    assert differing_cells(data) == []


def test_prices_of_thirty_digits_are_compared_digit_by_digit():
    long = "123456789012345678901234567890"
    document = priced("none", [long, long[:-1] + "1", long[:-1] + "0"])
    document["criteria"] = document["criteria"][:1]
    document |= {"method": "lowest-price"}
    result, data = exported(read_document(document))
    recalculated = Recalculated(data)
    assert [row[:2] for row in recalculated.ranking()] == [("A", 1), ("C", 1), ("B", 3)]
    assert_ranks_as(recalculated, result)
    assert differing_cells(data) == []


def test_close_totals_stay_apart_and_equal_ones_stay_equal():
    near = [bid("A", 1, {"s": ["50.00000000001"]}), bid("B", 1, {"s": ["50"]}), bid("C", 1, {"s": ["50"]})]
    result, data = exported(read_document(tender([criterion("s", 100)], near)))
    recalculated = Recalculated(data)
    assert [row[1] for row in recalculated.ranking()] == [1, 2, 2]
    assert_ranks_as(recalculated, result)


def test_two_hundred_bids():
    bids = [bid(f"V{number}", 1000 + number % 7, {"s": [number % 90]}) for number in range(200)]
    document = tender(
        [criterion("s", 100)], bids, tie_break=["lower-price", "lots"], lots_drawn=["V5", "V95"]
    )
    result, data = exported(read_document(document))
    recalculated = Recalculated(data)
    assert_ranks_as(recalculated, result)
    assert recalculated.ok is True
