"""The dry run of an import lists every fault with its cell, and reads what has one reading."""

import csv
import io
from datetime import datetime
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procurement.sheets.templates import (
    TEMPLATES,
    parse,
)
from tests.procurement.sheet_files import SHARED, book_of, faults, needs_shared, parse_csv

# --- cells ----------------------------------------------------------------------------------------


def test_every_fault_of_a_file_is_listed_with_its_cell() -> None:
    parsed = parse_csv(
        "criteria",
        ["code", "parent", "title", "kind", "weight", "minimum", "maximum", "units"],
        ["S", "", "資安", "資安", "三萬五", "-1", "0", "資安處"],
        ["", "S", "", "法遵", "0", "x", "5 分", ""],
        ["ｓ", "", "again", "", "10", "", "1.2.3", ""],
    )
    assert [address for address, _ in faults(parsed)] == [
        *("E2", "F2", "G2"),
        *("D3", "E3", "F3", "A3", "C3"),
        *("G4", "A4"),
    ]
    assert faults(parsed)[-1] == ("A4", "“ｓ” stands twice; the first is in row 2.")


def test_prices_as_people_write_them() -> None:
    texts = ["1,470 ,000 元", "＄4,918,000元整", "新臺幣8,050萬7,302元整", "未開標", "NT$ 60.1"]
    parsed = parse_csv("bids", ["廠商", "標價"], *([f"V{n}", text] for n, text in enumerate(texts)))
    assert faults(parsed) == []
    assert [row["price"] for row in parsed.rows] == ["1470000", "4918000", "80507302", None, "60.1"]


def test_prices_that_are_refused() -> None:
    texts = ["€93,700", "-12,915,224元", "0", "1.470", "約350萬", "", "350萬元（未稅）"]
    parsed = parse_csv("bids", ["vendor", "price"], *([f"V{n}", text] for n, text in enumerate(texts)))
    assert [address for address, _ in faults(parsed)] == [f"B{row}" for row in range(2, 9)]
    assert "is in EUR; the prices of this tender are in TWD" in str(parsed.faults[0])
    assert faults(parse_csv("bids", ["vendor", "price"], ["V", "€93,700"], currency="EUR")) == []


def test_a_bid_that_is_out_needs_a_reason_and_no_price() -> None:
    parsed = parse_csv(
        "bids",
        ["vendor", "price", "status", "reason"],
        ["A", "", "withdrawn", ""],
        ["B", "", "排除", ""],
        ["C", "", "excluded", "late"],
    )
    assert faults(parsed) == [("D3", "A bid that is excluded needs a reason.")]


def test_kinds_of_cells_of_a_workbook_that_do_not_fit() -> None:
    sheet = [
        ["member", "vendor", "criterion", "mark"],
        [datetime(2026, 1, 2), "甲", "S1", 0.5],
        ["M2", "甲", "S1", datetime(2026, 1, 2)],
        ["M3", "甲", "S1", "=1+1"],
        ["M4", "甲", "S1", 1e100],
    ]
    data = book_of({"Marks": sheet})
    book = openpyxl.load_workbook(io.BytesIO(data))
    book["Marks"]["D2"].number_format = "0%"
    book["Marks"].append(["M5", "甲", "S1", "#N/A"])
    book["Marks"]["D6"].data_type = "e"
    target = io.BytesIO()
    book.save(target)
    assert faults(parse("marks", "x.xlsx", target.getvalue())) == [
        ("A2", "The spreadsheet has made a date of this (2026-01-02). Format the cell as text first."),
        ("D2", "This is a percentage (50 %); a plain number is expected."),
        ("D3", "The spreadsheet has made a date of this (2026-01-02). Format the cell as text first."),
        ("D4", "The formula has no stored value. Open the file in a spreadsheet and save it."),
        ("D5", "“1" + "0" * 58 + "…” has more than 30 digits."),
        ("D6", "The cell shows the error #N/A."),
    ]


def test_a_price_formatted_in_another_currency_is_a_fault() -> None:
    book = openpyxl.load_workbook(
        io.BytesIO(book_of({"Bids": [["vendor", "price"], ["A", 93700], ["B", 93700]]}))
    )
    book["Bids"]["B2"].number_format = "[$€-407] #,##0"
    book["Bids"]["B3"].number_format = '"NT$"#,##0'
    target = io.BytesIO()
    book.save(target)
    parsed = parse("bids", "x.xlsx", target.getvalue())
    assert [address for address, _ in faults(parsed)] == ["B2"]
    assert parsed.rows[1]["price"] == "93700"


def test_marks_and_abstentions() -> None:
    head = ["委員", "廠商", "準則", "評分", "評語"]
    parsed = parse_csv(
        "marks",
        head,
        ["A", "甲", "S", "8５.5 分", "好\n很好"],
        ["B", "甲", "S", "不評", ""],
        ["C", "甲", "S", "", ""],
    )
    assert faults(parsed) == [("D4", "“評分 / Mark” is needed in every row.")]
    assert [(row["mark"], row["comment"]) for row in parsed.rows] == [
        ("85.5", "好\n很好"),
        (None, None),
        (None, None),
    ]


def test_line_breaks_in_a_title_become_spaces() -> None:
    parsed = parse_csv("requirements", ["code", "requirement"], ["R1", "ATM \n 主機"])
    assert parsed.rows[0]["title"] == "ATM 主機"


def test_characters_that_cannot_be_seen_are_a_fault() -> None:
    parsed = parse_csv("requirements", ["code", "requirement"], ["R1", "a\tb"])
    assert faults(parsed) == [("B2", "The cell contains characters that cannot be seen.")]


def test_the_caller_puts_its_own_faults_beside_the_cells() -> None:
    parsed = parse_csv("criteria", ["title", "code", "parent", "weight"], ["x", "S1", "T", "1"])
    fault = parsed.places[0].fault("parent", "There is no criterion “%(code)s”.", {"code": "T"})
    assert str(fault) == "upload!C2: There is no criterion “T”."
    assert str(parsed.places[0].fault("minimum", "Too low.", {})) == "upload!2: Too low."


def test_more_faults_than_people_correct_are_not_listed() -> None:
    parsed = parse_csv(
        "marks", ["member", "vendor", "criterion", "mark"], *[["M", f"V{n}", "S", "x"] for n in range(900)]
    )
    assert len(parsed.faults) == 501
    assert "more faults" in str(parsed.faults[-1])


# --- claims ---------------------------------------------------------------------------------------


def claim(code: str, *, met: bool | None, applicable: bool = True) -> dict[str, Any]:
    """What one cell of a bid claims."""
    return {"requirement": code, "met": met, "verified": None, "note": None, "applicable": applicable}


def test_claims_in_columns_named_by_requirements() -> None:
    parsed = parse_csv(
        "bids",
        ["vendor", "price", "R01", "R02", "R03"],
        ["A", "5", "符合", "x", "不適用"],
        ["B", "6", "", "?", "✓"],
    )
    assert faults(parsed) == [("D3", "“?” is not an answer: write met, not met or not applicable.")]
    assert parsed.rows[0]["claims"] == [
        claim("R01", met=True),
        claim("R02", met=False),
        claim("R03", met=None, applicable=False),
    ]


def test_claims_by_the_codes_of_the_tender() -> None:
    head = ["vendor", "price", "MFA", "ｒ01", "R99"]
    parsed = parse_csv("bids", head, ["A", "5", "v", "v", "v"], codes=["MFA", "R01"])
    assert faults(parsed) == [("E1", "There is no requirement “R99”.")]
    assert [one["requirement"] for one in parsed.rows[0]["claims"]] == ["MFA", "R01"]  # type: ignore[union-attr, index]


def test_claims_on_a_sheet_of_their_own() -> None:
    claims = [
        ["vendor", "requirement", "met", "verified"],
        ["亘祐有限公司", "R01", "不適用", "是"],
        ["亘祐有限公司", "R02", None, None],
        ["亘祐'有限公司", "R01", "是", None],
        ["別家", "R01", "是", None],
        ["甲", "R03", "是", None],
    ]
    data = book_of(
        {"投標": [["vendor", "price", "R03"], ["亘祐有限公司", 5, None], ["甲", 6, "是"]], "符合": claims}
    )
    parsed = parse("bids", "x.xlsx", data)
    assert [str(fault) for fault in parsed.faults] == [
        "符合!A4: No bid is from “亘祐'有限公司”. Is it “亘祐有限公司”?",
        "符合!A5: No bid is from “別家”.",
        "符合!B6: This bid has two answers to the requirement “R03”.",
    ]
    assert parsed.rows[0]["claims"] == [
        {**claim("R01", met=None, applicable=False), "verified": True},
        claim("R02", met=None),
    ]


# --- files of others ------------------------------------------------------------------------------


@needs_shared
@pytest.mark.parametrize(
    "name", ["tw08_road_quotient_111002022", "tw10_fire_emr_IT_TNCFD1080304", "tw12_tie_lower_price_S110019"]
)
def test_published_bids_are_read(name: str) -> None:
    data = (SHARED / "evaluations" / "taiwan-pcc" / f"{name}.csv").read_bytes()
    records = list(csv.DictReader(io.StringIO(data.decode())))
    parsed = parse("bids", f"{name}.csv", data)
    assert faults(parsed) == []
    assert [(row["vendor"], row["price"]) for row in parsed.rows] == [
        (one["bidder"], one["price"]) for one in records
    ]
    assert parsed.notes


@needs_shared
def test_published_marks_lack_their_criterion_only() -> None:
    name = "tw01_kitchen_evaluator_matrix.csv"
    data = (SHARED / "evaluations" / "taiwan-pcc" / name).read_bytes()
    assert faults(parse("marks", name, data)) == [("1", "The column “準則 / Criterion” is missing.")]
    first, *others = data.decode().splitlines()
    with_criterion = "\n".join([f"{first},criterion", *(f"{line},整體" for line in others)])
    parsed = parse("marks", name, with_criterion.encode())
    assert (faults(parsed), len(parsed.rows)) == ([], 25)


# --- whatever else --------------------------------------------------------------------------------

CELLS = st.sampled_from(
    [
        "",
        "R1",
        "資安",
        "高",
        "是",
        "x",
        "1",
        "-1",
        "1,470 ,000 元",
        "三萬五",
        "=1",
        "不評",
        "9" * 40,
        "甲",
        "\t",
    ]
) | st.text(max_size=5)


@given(st.sampled_from(sorted(TEMPLATES)), st.lists(st.lists(CELLS, max_size=9), max_size=5), st.booleans())
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_filled_in_gives_rows_or_faults_with_a_place(
    kind: str, rows: list[list[str]], named: bool
) -> None:
    head = [[column.en for column in TEMPLATES[kind].columns]] if named else []
    parsed = parse_csv(kind, *head, *rows)
    assert len(parsed.rows) == len(parsed.places)
    for fault in (*parsed.faults, *parsed.notes):
        assert fault.template % fault.params
        assert fault.row or not fault.column
    if not parsed.faults:
        assert parsed.rows
        needed = [
            column.key
            for column in TEMPLATES[kind].columns
            if column.required and column.key not in ("mark", "price")
        ]
        assert all(row[key] for row in parsed.rows for key in needed)
