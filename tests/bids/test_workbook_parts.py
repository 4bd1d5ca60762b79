"""The ranking workbook as a file: sheets, names, print, properties, and text that stays text."""

import zipfile
from io import BytesIO

import openpyxl
import pytest
from django.utils.translation import override

from bids.evaluation import evaluate, read_document
from bids.exports import TrailRow, WorkbookTooLarge, layout, workbook
from bids.exports.words import words
from tests.bids.recalculation import Recalculated, assert_ranks_as, exported, story
from tests.evaluation.making import bid, criterion, tender, two_leaves

NAMES = {"ranking_vendor", "ranking_place", "ranking_figure", "weights_code", "weights_value", "check_ok"}
HOSTILE = (
    '=HYPERLINK("http://example.org","x")',
    "+1+1",
    "-1",
    "@SUM(A1)",
    "＝１＋１",
    "<r>x</r>",
    "a" * 40_000,
    "http://example.org/",
    "*?~",
    "'quoted' & \"quoted\"",
)


def opened(data):
    """The file with its formulas."""
    return openpyxl.load_workbook(BytesIO(data))


@pytest.mark.parametrize(
    ("language", "sheets"),
    [
        (
            "en",
            [
                "Ranking",
                "Weights and rules",
                "Marks",
                "Requirements and findings",
                "Price only",
                "Check",
                "Trail",
            ],
        ),
        ("zh-hant", None),
    ],
)
def test_seven_sheets_and_the_same_names_in_both_languages(language, sheets):
    _result, data = exported(story("atm-endpoint"), language=language)
    book = opened(data)
    assert len(book.sheetnames) == 7
    assert sheets is None or book.sheetnames == sheets
    assert set(book.defined_names) >= NAMES
    for name in NAMES:
        assert len(list(book.defined_names[name].destinations)) == 1


def test_weights_are_named_for_every_node_and_are_numbers():
    case = story("atm-endpoint")
    _result, data = exported(case)
    recalculated = Recalculated(data)
    weights = dict(
        zip(recalculated.values("weights_code"), recalculated.values("weights_value"), strict=True)
    )
    assert weights == {node.code: float(node.weight) for node in case.criteria}
    book = opened(data)
    sheet, cells = next(iter(book.defined_names["weights_value"].destinations))
    assert {row[0].data_type for row in book[sheet][cells]} == {"n"}


@pytest.mark.parametrize("language", ["en", "zh-hant"])
def test_words_that_formulas_compare_differ_from_one_another(language):
    with override(language):
        found = words()
    for mapping in (found.statuses, found.findings, found.gate):
        assert len({word.casefold() for word in mapping.values()}) == len(mapping)


def test_print_set_up_and_properties():
    result, data = exported(story("atm-endpoint"), exported="2026-11-22 14:05 林以安")
    book = opened(data)
    for sheet in book:
        assert sheet.page_setup.paperSize == 9
        assert result.fingerprint in sheet.oddFooter.left.text
    for name in ("Ranking", "Weights and rules", "Marks", "Requirements and findings", "Price only", "Trail"):
        assert book[name].print_title_rows
        assert book[name].freeze_panes
    assert book.properties.keywords == result.fingerprint
    assert book.custom_doc_props["Case fingerprint"].value == result.fingerprint
    assert "ITS-2026-041" in book.properties.title


def test_the_same_export_gives_the_same_bytes():
    case = story("atm-endpoint")
    files = [exported(case, exported="2026-11-22 14:05 林以安")[1] for _ in range(2)]
    assert files[0] == files[1]


def test_the_ranked_bids_are_drawn_as_stacked_bars():
    _result, data = exported(story("atm-endpoint"))
    chart = zipfile.ZipFile(BytesIO(data)).read("xl/charts/chart1.xml").decode()
    assert 'barDir val="bar"' in chart
    assert 'grouping val="stacked"' in chart
    assert chart.count("<c:ser>") == 3
    assert "pattFill" in chart  # price is hatched, so that grey paper loses nothing


def hostile_case():
    """A case whose every text is one that a spreadsheet might take for something else."""
    document = tender(
        [criterion(f"c{n}", 10) | {"title": text} for n, text in enumerate(HOSTILE)],
        [
            bid(text, 1000 + n, {f"c{leaf}": [n] for leaf in range(len(HOSTILE))})
            for n, text in enumerate(HOSTILE)
        ],
        requirements=[
            {
                "code": text[:30],
                "title": text,
                "mandatory": False,
                "source": text,
                "evidence": text,
                "unit": text,
            }
            for text in HOSTILE
        ],
        title=HOSTILE[0],
        reference=HOSTILE[1],
    )
    for one, text in zip(document["bids"], HOSTILE, strict=True):
        one["marks"][0]["comment"] = text
        one["claims"] = [{"requirement": text[:30], "met": False, "waiver": {"by": text, "reason": text}}]
        one["consensus"] = [{"criterion": "c1", "mark": 1, "reason": text}]
    document["panel"][0] |= {"name": HOSTILE[0], "unit": HOSTILE[3]}
    return read_document(document)


def test_what_people_wrote_is_never_a_formula_a_link_or_markup():
    case = hostile_case()
    trail = [TrailRow(number, text, text, text, text) for number, text in enumerate(HOSTILE)]
    result, data = exported(case, trail=trail, exported=HOSTILE[0])
    book = opened(data)
    for cell in formulas_of(book):
        assert not any(text[:20] in cell.value for text in HOSTILE if len(text) > 4)
    assert all(cell.hyperlink is None for sheet in book for row in sheet.iter_rows() for cell in row)
    texts = text_of(data)
    assert all(text in texts or text[:32_000] in {long[:32_000] for long in texts} for text in HOSTILE)
    recalculated = Recalculated(data)
    assert recalculated.ok is True
    assert [row[1] for row in recalculated.ranking()] == [row.place for row in result.ranking]


def formulas_of(book):
    """Every cell with a formula."""
    return [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_every_formula_uses_only_functions_that_spreadsheets_since_2010_know():
    for name in ("atm-endpoint", "tw-fire-emr-rank-sum"):
        _result, data = exported(story(name))
        for sheet in [
            entry for entry in zipfile.ZipFile(BytesIO(data)).namelist() if "worksheets/sheet" in entry
        ]:
            content = zipfile.ZipFile(BytesIO(data)).read(sheet).decode()
            assert "_xlfn" not in content
            assert 't="array"' not in content


def test_members_are_shown_by_name_or_by_letter():
    case = story("atm-endpoint")
    result = evaluate(case)
    named = text_of(workbook(case, result, language="en", names={case.members[0].code: "Somebody Else"}))
    assert "Somebody Else" in named
    coded = text_of(workbook(case, result, language="en", code_names=True))
    assert "Panel members are shown by letter: individual sheets are confidential." in coded
    for member in case.members:
        assert member.name not in coded
        assert member.code not in coded


def text_of(data):
    """Every text in the file."""
    return {
        str(cell.value)
        for sheet in opened(data)
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }


def test_the_trail_is_written_or_named_as_left_out():
    case = story("atm-endpoint")
    result = evaluate(case)
    entry = TrailRow(1871, "2026-11-22 14:05", "林以安", "Opened", "ITS-2026-041")
    assert {"林以安", "Opened"} <= text_of(workbook(case, result, language="en", trail=[entry]))
    assert "There is no trail: this workbook was made of a case file." in text_of(
        workbook(case, result, language="en")
    )
    without = workbook(case, result, language="en", trail=None)
    assert "Trail" not in opened(without).sheetnames
    assert "Left out for your role: the sheet “Trail”." in text_of(without)


def test_marks_that_do_not_count_stand_in_brackets():
    document = two_leaves()
    document["panel"][1]["present"] = False
    result, data = exported(read_document(document))
    assert "(40)" in text_of(data)
    assert_ranks_as(Recalculated(data), result)


def test_more_than_a_workbook_holds_is_refused(monkeypatch):
    monkeypatch.setattr(layout, "MOST_CELLS", 10)
    case = read_document(two_leaves())
    with pytest.raises(WorkbookTooLarge):
        workbook(case, evaluate(case))


def test_a_rank_sum_without_any_member_who_counts_is_a_workbook_of_holes():
    document = two_leaves(method="rank-sum")
    for member in document["panel"]:
        member["present"] = False
    result, data = exported(read_document(document))
    assert result.status == "incomplete"
    recalculated = Recalculated(data)
    assert recalculated.ranking() == []
    assert recalculated.ok
