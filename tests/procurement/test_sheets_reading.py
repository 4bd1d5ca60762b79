"""Uploaded workbooks and text tables become filled cells with addresses."""

import csv
import io

import openpyxl
import pytest
import xlsxwriter

from procurement.sheets.reading import Cell, Kind, read_tables
from procurement.sheets.tables import tidy
from tests.procurement.sheet_files import (
    ROWS,
    SHARED,
    csv_text,
    needs_shared,
    texts,
    with_rows,
    with_sheet,
    workbook,
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp950"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_of_every_encoding_and_separator(encoding: str, delimiter: str) -> None:
    (table,) = read_tables("folder/requirements.csv", csv_text(ROWS, delimiter).encode(encoding))
    assert texts(table) == ROWS
    assert (table.sheet, table.rows[2][1].address, table.rows[2][1].kind) == ("requirements", "B3", Kind.TEXT)


def test_quoted_line_breaks_blank_lines_and_ragged_rows_keep_their_addresses() -> None:
    text = 'a,b\r\n"one\r\ntwo",x,y,z\r\n\r\n,,late\r\n,,,\r\n'
    (table,) = read_tables("t.csv", text.encode())
    assert [[(cell.address, cell.text) for cell in row] for row in table.rows] == [
        [("A1", "a"), ("B1", "b")],
        [("A2", "one\ntwo"), ("B2", "x"), ("C2", "y"), ("D2", "z")],
        [("C4", "late")],
    ]


def test_a_separator_declared_as_excel_does() -> None:
    (table,) = read_tables("t.csv", b"sep=|\r\na|b\r\n1|2\r\n")
    assert texts(table) == [["a", "b"], ["1", "2"]]
    assert table.rows[0][0].address == "A2"


def test_semicolons_win_over_commas_inside_texts() -> None:
    (table,) = read_tables("t.csv", b"a;b;c\n1,5;x, y, z;2\n2,5;w;3\n")
    assert texts(table)[1] == ["1,5", "x, y, z", "2"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_empty_cells_and_signs_at_the_end(delimiter: str) -> None:
    rows = [["a", "b", "c"], ["", "", "3"], ["1", "", "x;"], ["", "2,", ""], ["", "", "end,;"]]
    (table,) = read_tables("t.csv", csv_text(rows, delimiter).encode())
    assert [[(cell.column, cell.text) for cell in row] for row in table.rows] == [
        [(1, "a"), (2, "b"), (3, "c")],
        [(3, "3")],
        [(1, "1"), (3, "x;")],
        [(2, "2,")],
        [(3, "end,;")],
    ]


def test_words_that_pandas_takes_for_missing_stay_words() -> None:
    (table,) = read_tables("t.csv", b"a,b\nNA,null\nnan,None\n")
    assert texts(table)[1:] == [["NA", "null"], ["nan", "None"]]


def test_a_workbook_by_its_content_whatever_its_name() -> None:
    (table,) = read_tables("marks.csv", workbook())
    assert (table.sheet, texts(table)) == ("要求", ROWS)
    assert table.rows[1][2].address == "C2"


def test_numbers_dates_truths_and_errors_of_a_workbook() -> None:
    target = io.BytesIO()
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for cell, value, number_format in [
        ("A1", 0.1 + 0.2, "General"),
        ("B1", 15460000, '"NT$"#,##0'),
        ("C1", 0.35, "0%"),
        ("D1", 93700, "[$€-407] #,##0"),
        ("E1", 46350.7083333333, "yyyy/mm/dd hh:mm"),
        ("F1", 46350, "yyyy/mm/dd"),
        ("G1", True, "General"),
        ("H1", "#N/A", "General"),
        ("J1", "  ", "General"),
    ]:
        sheet[cell] = value
        sheet[cell].number_format = number_format
    sheet["H1"].data_type = "e"
    book.save(target)
    (table,) = read_tables("t.xlsx", target.getvalue())
    assert [(cell.text, cell.kind, cell.unit) for cell in table.rows[0]] == [
        ("0.3", Kind.NUMBER, ""),
        ("15460000", Kind.NUMBER, "NT$"),
        ("35", Kind.NUMBER, "%"),
        ("93700", Kind.NUMBER, "€"),
        ("2026-11-24 17:00", Kind.DATE, ""),
        ("2026-11-24", Kind.DATE, ""),
        ("TRUE", Kind.YES_NO, ""),
        ("#N/A", Kind.ERROR, ""),
    ]


def test_whole_numbers_are_exact_however_long() -> None:
    data = with_rows('<row r="1"><c r="A1"><v>123456789012345678</v></c><c r="B1"><v>1.5E7</v></c></row>')
    assert texts(read_tables("t.xlsx", data)[0]) == [["123456789012345678", "15000000"]]


def test_formulas_give_their_stored_values_and_those_without_are_told() -> None:
    target = io.BytesIO()
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["a", "=1+1"])
    book.save(target)
    (table,) = read_tables("t.xlsx", target.getvalue())
    assert table.rows[0][1] == Cell(1, 2, "=", Kind.FORMULA)

    target = io.BytesIO()
    written = xlsxwriter.Workbook(target, {"in_memory": True})
    filled = written.add_worksheet()
    filled.write_formula("A1", "=1+1", None, 2)
    filled.write_formula("B1", '="x"', None, "x")
    filled.write_string("D1", "end")
    written.close()
    (table,) = read_tables("t.xlsx", target.getvalue())
    assert [(cell.address, cell.text, cell.kind) for cell in table.rows[0]] == [
        ("A1", "2", Kind.NUMBER),
        ("B1", "x", Kind.TEXT),
        ("D1", "end", Kind.TEXT),
    ]


def test_cells_merged_downward_stand_in_each_of_their_rows() -> None:
    target = io.BytesIO()
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["Title", None], ["vendor", "mark"], ["甲", 1], [None, 2], [None, None], ["乙", 3]):
        sheet.append(row)
    for block in ("A1:B1", "A3:A5"):
        sheet.merge_cells(block)
    book.save(target)
    (table,) = read_tables("t.xlsx", target.getvalue())
    assert texts(table) == [["Title"], ["vendor", "mark"], ["甲", "1"], ["甲", "2"], ["乙", "3"]]
    assert [row[0].address for row in table.rows] == ["A1", "A2", "A3", "A4", "A6"]


def test_hidden_sheets_are_marked() -> None:
    target = io.BytesIO()
    book = openpyxl.Workbook()
    book.create_sheet("lists").append(["x"])
    book["lists"].sheet_state = "hidden"
    book["Sheet"].append(["y"])
    book.save(target)
    assert [(table.sheet, table.hidden) for table in read_tables("t.xlsx", target.getvalue())] == [
        ("Sheet", False),
        ("lists", True),
    ]


def test_a_wrong_dimension_is_not_believed() -> None:
    for dimension in (b'"A1"', b'"A1:XFD1048576"', b'"A1:A99999999"'):
        data = with_sheet(lambda part, d=dimension: part.replace(b'"A1:C3"', d))  # type: ignore[misc]
        assert texts(read_tables("t.xlsx", data)[0]) == ROWS


def test_escaped_control_characters_become_line_breaks() -> None:
    data = with_rows('<row r="1"><c r="A1" t="inlineStr"><is><t>a_x000D_&#10;b</t></is></c></row>')
    assert texts(read_tables("t.xlsx", data)[0]) == [["a\nb"]]


def test_blank_styled_cells_far_out_are_no_cells() -> None:
    data = with_rows('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"/></row>')
    assert texts(read_tables("t.xlsx", data)[0]) == [["1"]]


@needs_shared
def test_the_awards_of_a_county() -> None:
    name = "procurement_2023.csv"
    data = (SHARED / "messy" / "taiwan_hualien" / name).read_bytes()
    (table,) = read_tables(name, data)
    records = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert len(table.rows) == len(records) > 2000
    assert texts(table) == [[tidy(value) for value in record if tidy(value)] for record in records]


@needs_shared
def test_the_published_evaluations() -> None:
    files = sorted((SHARED / "evaluations").rglob("*.csv"))
    assert len(files) == 6
    for file in files:
        (table,) = read_tables(file.name, file.read_bytes())
        with file.open(encoding="utf-8-sig", newline="") as opened:
            assert texts(table) == [[value for value in record if value] for record in csv.reader(opened)]
