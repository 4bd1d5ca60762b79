"""The blank files that we hand out come back as the rows that people wrote into them."""

import io
from typing import Any

import openpyxl
import pytest

from procurement.sheets.headings import plain
from procurement.sheets.reading import read_tables
from procurement.sheets.templates import (
    LANGUAGES,
    TEMPLATES,
    TENDER,
    blank_csv,
    blank_workbook,
    parse,
    parse_all,
)
from procurement.sheets.unreadable import Unreadable
from tests.procurement.sheet_files import book_of, faults, parse_csv

ROWS: dict[str, list[dict[str, Any]]] = {
    "requirements": [
        {
            "code": "R01",
            "title": "ATM 主機執行白名單",
            "kind": "security",
            "mandatory": True,
            "severity": "critical",
            "unit": "資安處",
            "source": "內規 4.2\n附錄",
            "evidence": "報告",
            "criterion": "S1",
            "title_en": "The ATM host runs listed programs only",
            "why": "惡意程式都是多出來的程式",
            "why_en": "Malware is a program too many",
            "pass_test": "執行未列名程式，遭阻擋",
            "pass_test_en": "An unlisted program is blocked",
            "evidence_en": "A report",
            "evidence_level": "tested",
            "catalogue": "assay-baseline",
            "catalogue_version": "2026.11",
            "entry": "ASY-SI-01",
            "entry_digest": "ab" * 32,
        },
        {
            "code": "1-2",
            "title": "=HYPERLINK(1)",
            "kind": "legal",
            "mandatory": False,
            "severity": "low",
            "unit": None,
            "source": None,
            "evidence": None,
            "criterion": None,
            "title_en": None,
            "why": None,
            "why_en": None,
            "pass_test": None,
            "pass_test_en": None,
            "evidence_en": None,
            "evidence_level": None,
            "catalogue": None,
            "catalogue_version": None,
            "entry": None,
            "entry_digest": None,
        },
    ],
    "criteria": [
        {
            "code": "S",
            "parent": None,
            "title": "資安",
            "title_en": "Security",
            "kind": None,
            "weight": "45",
            "minimum": "21",
            "maximum": None,
            "units": None,
            "value": None,
            "anchors": None,
            "evidence_caps": None,
        },
        {
            "code": "S1",
            "parent": "S",
            "title": "存取",
            "title_en": None,
            "kind": "security",
            "weight": "12.5",
            "minimum": None,
            "maximum": "5",
            "units": ["資安處", "資訊處"],
            "value": "-1500000",
            "anchors": "5 = 本行實測\n0 = 未提供",
            "evidence_caps": False,
        },
    ],
    "bids": [
        {"vendor": "磐礎資安", "price": "15460000", "status": "valid", "reason": None, "claims": []},
        {"vendor": "宏橡軟體", "price": "0.5", "status": "excluded", "reason": "未揭露", "claims": []},
    ],
    "claims": [
        {
            "vendor": "磐礎資安",
            "requirement": "R01",
            "met": True,
            "verified": False,
            "note": "第 3 節",
            "applicable": True,
        },
    ],
    "marks": [
        {"member": "M1", "vendor": "磐礎資安", "criterion": "S1", "mark": "4.25", "comment": "斷網仍有效"},
        {"member": "M2", "vendor": "磐礎資安", "criterion": "S1", "mark": "0", "comment": None},
    ],
}


# --- what we hand out -----------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", TEMPLATES)
def test_what_is_filled_into_a_template_comes_back(kind: str, language: str) -> None:
    parsed = parse(
        kind,
        "filled.xlsx",
        blank_workbook(kind, language, ROWS if kind != "bids" else {"bids": ROWS["bids"]}),
    )
    assert faults(parsed) == []
    assert parsed.rows == ROWS[kind]
    assert parsed.notes == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_whole_tender_in_one_workbook(language: str) -> None:
    parsed = parse_all("tender.xlsx", blank_workbook(TENDER, language, ROWS))
    assert list(parsed) == ["requirements", "criteria", "bids", "marks"]
    assert [fault for one in parsed.values() for fault in faults(one)] == []
    claim = {key: value for key, value in ROWS["claims"][0].items() if key != "vendor"}
    assert parsed["bids"].rows == [{**ROWS["bids"][0], "claims": [claim]}, ROWS["bids"][1]]
    assert parsed["marks"].rows == ROWS["marks"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", TEMPLATES)
def test_a_blank_template_says_that_it_is_blank(kind: str, language: str) -> None:
    for data in (blank_workbook(kind, language), blank_csv(kind, language)):
        (fault,) = parse(kind, "blank", data).faults
        assert "no row below" in str(fault)


def test_a_blank_tender_says_that_it_is_blank() -> None:
    with pytest.raises(Unreadable, match="no row below"):
        parse_all("tender.xlsx", blank_workbook(TENDER, "en"))


def test_the_same_template_has_the_same_bytes() -> None:
    assert blank_workbook("criteria", "en") == blank_workbook("criteria", "en")
    assert blank_workbook("criteria", "en") != blank_workbook("criteria", "zh-Hant")


def test_a_template_helps_people_to_fill_it_in() -> None:
    book = openpyxl.load_workbook(io.BytesIO(blank_workbook("requirements", "zh-Hant")))
    assert book.sheetnames == ["要求", "說明"]
    sheet = book["要求"]
    assert sheet.freeze_panes == "B2"
    lists = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert lists["E2:E20000"] == '"重大,高,中,低"'
    assert sheet.column_dimensions["A"].number_format == "@"
    assert "必填" in sheet["A1"].comment.text
    assert any(cell.value == "ATM 主機執行白名單" for row in book["說明"].iter_rows() for cell in row)


def test_a_csv_template_opens_in_excel_as_what_it_is() -> None:
    data = blank_csv("marks", "zh-Hant")
    assert data.decode("utf-8-sig") == "委員,廠商,準則,評分,理由\r\n"
    assert data.startswith(b"\xef\xbb\xbf")


def test_no_two_columns_of_a_template_share_a_name() -> None:
    for template in TEMPLATES.values():
        names = [
            {plain(name) for name in (column.zh, column.en, column.key, *column.also)}
            for column in template.columns
        ]
        assert sum(map(len, names)) == len(set().union(*names)), template.kind


# --- heads that people write ----------------------------------------------------------------------


def test_titles_blank_rows_and_columns_around_the_table() -> None:
    parsed = parse_csv(
        "criteria",
        ["ATM 端點防護", "", "", "", ""],
        [],
        ["", "機密", "", "", ""],
        ["", " 編號＊", "", "準則 / Criterion", "權重（分）"],
        [],
        ["", "S", "", "資安", "４５"],
        ["", "編號", "", "準則", "權重"],
        ["", "Q", "", "品質", "35%"],
    )
    assert faults(parsed) == []
    assert [(row["code"], row["title"], row["weight"]) for row in parsed.rows] == [
        ("S", "資安", "45"),
        ("Q", "品質", "35"),
    ]
    assert (parsed.places[1].row, parsed.places[1].columns["weight"]) == (8, 5)


def test_a_head_is_needed_in_the_first_twenty_rows() -> None:
    parsed = parse_csv(
        "marks", *[["note"]] * 20, ["member", "vendor", "criterion", "mark"], ["M", "V", "C", "1"]
    )
    assert [address for address, _ in faults(parsed)] == [""]
    assert "None of the first 20 rows names the columns" in str(parsed.faults[0])


def test_missing_columns_are_named_in_both_languages() -> None:
    parsed = parse_csv("requirements", ["Code", "Severity"], ["R1", "high"])
    assert faults(parsed) == [("1", "The column “要求 / Requirement” is missing.")]


def test_a_column_that_stands_twice_is_a_fault() -> None:
    parsed = parse_csv("marks", ["member", "vendor", "criterion", "mark", "分數"], ["M", "V", "C", "1", "2"])
    assert faults(parsed) == [("E1", "Two columns are read as “評分 / Mark”; the other is column D.")]


def test_a_misspelt_column_is_a_fault_and_a_strange_one_a_note() -> None:
    parsed = parse_csv(
        "criteria", ["code", "title", "weight", "minimun", "顏色", "No."], ["S", "x", "1", "2", "紅", "1"]
    )
    assert faults(parsed) == [("D1", "There is no column “minimun”. Is it “最低分 / Minimum”?")]
    assert [str(note) for note in parsed.notes] == [
        "upload!E1: The column “顏色” is not read.",
        "upload!F1: The column “No.” is not read.",
    ]


def test_values_below_no_name_are_a_fault() -> None:
    parsed = parse_csv("marks", ["member", "vendor", "criterion", "mark"], ["M", "V", "C", "1", "5"])
    assert faults(parsed) == [("E1", "The column has no name, but cells below are filled.")]


# --- which sheet is read --------------------------------------------------------------------------

MARKS = [["member", "vendor", "criterion", "mark"], ["M1", "甲", "S1", 4]]


def test_the_sheet_of_that_name_is_read_and_no_hidden_one() -> None:
    others = [["member", "vendor", "criterion", "mark"], ["M9", "乙", "S9", 1]]
    for sheets, hidden in (
        ({"Sheet1": others, "評分": MARKS}, ()),
        ({"Marks": MARKS, "說明": others}, ()),
        ({"old": others, "new": MARKS}, ("old",)),
        ({"cover": [["Tender"]], "any": MARKS}, ()),
        ({"only": MARKS}, ()),
    ):
        parsed = parse("marks", "x.xlsx", book_of(sheets, hidden))
        assert [row["member"] for row in parsed.rows] == ["M1"], sheets.keys()
        assert faults(parsed) == []


def test_marks_of_several_members_on_several_sheets() -> None:
    parsed = parse("marks", "x.xlsx", book_of({"M1": MARKS, "M2": [MARKS[0], ["M2", "甲", "S1", 3]]}))
    assert [(row["member"], row["mark"]) for row in parsed.rows] == [("M1", "4"), ("M2", "3")]
    assert [place.sheet for place in parsed.places] == ["M1", "M2"]


def test_no_sheet_for_the_kind() -> None:
    parsed = parse("marks", "x.xlsx", book_of({"a": [["x", "y"]], "b": [["x", "y"]]}))
    assert str(parsed.faults[0]) == "No sheet is named “評分 / Marks”, and none has its columns."
    with pytest.raises(Unreadable, match="No sheet is named"):
        parse_all("x.xlsx", book_of({"a": [["x"]]}))


def test_a_file_that_cannot_be_read_is_one_fault() -> None:
    assert [str(fault) for fault in parse("marks", "x.xlsx", b"%PDF-1.7").faults] == [
        "This is a PDF, whatever its name says. Save the table as .xlsx or .csv."
    ]


def test_the_only_sheet_may_have_any_name_even_of_another_kind() -> None:
    data = book_of({"投標": MARKS})
    assert read_tables("x", data)[0].sheet == "投標"
    assert faults(parse("marks", "x.xlsx", data)) == []
