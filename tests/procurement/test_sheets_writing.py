"""What we write into workbooks stays what it is: text is text, numbers are numbers."""

import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from procurement.sheets.styles import STYLES
from procurement.sheets.writing import (
    Book,
    Properties,
    address,
    cleaned,
    column_letters,
    header_text,
    new_workbook,
    sheet_name,
    text_literal,
)

ROOT = Path(__file__).resolve().parents[2]
MOMENT = datetime(2026, 11, 22, 6, 5, tzinfo=UTC)


def book() -> Book:
    """An empty workbook with a fixed date."""
    return new_workbook(
        Properties(title="Ranking", author="Lin", created=MOMENT, marks={"Fingerprint": "sha256:1"})
    )


def first_sheet(data: bytes, *, values: bool = False) -> Worksheet:
    """The first sheet, read by another library than the one that wrote it."""
    sheet = openpyxl.load_workbook(BytesIO(data), data_only=values).worksheets[0]
    assert isinstance(sheet, Worksheet)
    return sheet


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        '=HYPERLINK("http://x.test","a")',
        "+886 2 1234",
        "-5",
        "@SUM(A1)",
        "{=1}",
        "http://x.test",
        "0012",
        "1e5",
        "TRUE",
        "<r><t>not markup</t></r>",
        "<r></r>",
        "a\nb",
        " outer ",
        "_x0041_ & <b>",
        "𠮷野家",
    ],
)
def test_text_is_stored_as_text(text: str) -> None:
    written = book()
    sheet = written.add_sheet("s")
    written.write_text(sheet, 0, 0, text)
    cell = first_sheet(written.to_bytes())["A1"]
    assert (cell.data_type, cell.value) == ("s", text)


def test_text_that_looks_like_a_formula_stays_text_when_edited() -> None:
    written = book()
    sheet = written.add_sheet("s")
    for row, text in enumerate(["=1+1", " @x", "＝A1", "1=1"]):
        written.write_text(sheet, row, 0, text)
    read = first_sheet(written.to_bytes())
    assert [read.cell(row, 1).quotePrefix for row in (1, 2, 3, 4)] == [True, True, True, False]


@given(st.text(st.characters(codec=None), max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_text_can_be_written(text: str) -> None:
    written = book()
    sheet = written.add_sheet(text)
    written.write_text(sheet, 0, 0, text)
    written.write_formula(sheet, 1, 0, "=" + text_literal(text), text)
    written.set_up_page(sheet, footer=text)
    read = first_sheet(written.to_bytes())
    assert read["A1"].data_type in {"s", "n"}
    assert (read["A1"].value or "") == cleaned(text)


def test_long_text_is_cut_visibly() -> None:
    written = book()
    sheet = written.add_sheet("s")
    written.write_text(sheet, 0, 0, "字" * 40_000)
    value = first_sheet(written.to_bytes())["A1"].value
    assert isinstance(value, str)
    assert (len(value), value[-2:]) == (32_767, "字…")
    assert len(cleaned("𠮷" * 20_000).encode("utf-16-le")) // 2 <= 32_767


def test_formulas_carry_their_values() -> None:
    written = book()
    sheet = written.add_sheet("s")
    written.write_number(sheet, 0, 0, Fraction(1027, 12), "points")
    written.write_formula(sheet, 0, 1, "=A1*2", Fraction(1027, 6), "points")
    written.write_formula(sheet, 0, 2, '=IF(A1>0,"yes","")', "yes")
    written.write_formula(sheet, 0, 3, "=A1>0", True)
    written.write_formula(sheet, 0, 4, '=""', None)
    data = written.to_bytes()
    values = [cell.value for cell in first_sheet(data, values=True)[1]]
    assert values == [1027 / 12, 1027 / 6, "yes", True, None]
    assert first_sheet(data)["B1"].value == "=A1*2"


def test_numbers_dates_and_absence() -> None:
    written = book()
    sheet = written.add_sheet("s")
    written.write_number(sheet, 0, 0, Decimal("15460000.5"), "money")
    written.write_number(sheet, 0, 1, None, "money")
    written.write_moment(sheet, 0, 2, datetime(2026, 11, 24, 17, 0))
    written.write_moment(sheet, 0, 3, date(2026, 11, 24))
    written.write_moment(sheet, 0, 4, None)
    written.write_text(sheet, 0, 5, None)
    read = first_sheet(written.to_bytes())
    assert [cell.value for cell in read[1]] == [
        15460000.5,
        None,
        datetime(2026, 11, 24, 17, 0),
        datetime(2026, 11, 24),
        None,
        None,
    ]
    assert (read["A1"].number_format, read["C1"].number_format) == ("#,##0", "yyyy/mm/dd hh:mm")


def test_styles_are_laid_over_each_other_and_made_once() -> None:
    written = book()
    sheet = written.add_sheet("s")
    assert written.style("money", "excluded") is written.style("money", "excluded")
    written.write_number(sheet, 0, 0, 1, "money", "excluded")
    cell = first_sheet(written.to_bytes())["A1"]
    assert (cell.number_format, cell.font.color.rgb, cell.fill.fgColor.rgb, cell.font.name) == (
        "#,##0",
        "FF5A6A71",
        "FFEBEFED",
        "Microsoft JhengHei",
    )


@pytest.mark.parametrize("name", STYLES)
def test_every_style_is_one_that_the_writer_knows(name: str) -> None:
    written = book()
    sheet = written.add_sheet("s")
    written.write_text(sheet, 0, 0, "x", name)
    assert first_sheet(written.to_bytes())["A1"].value == "x"


def test_the_same_content_gives_the_same_bytes() -> None:
    def once() -> bytes:
        written = book()
        sheet = written.add_sheet("s")
        written.write_text(sheet, 0, 0, "x", "title")
        written.set_up_page(sheet, footer="R&D", repeat_rows=(0, 0))
        return written.to_bytes()

    data = once()
    assert data == once()
    with ZipFile(BytesIO(data)) as archive:
        assert b"2026-11-22T06:05:00Z" in archive.read("docProps/core.xml")
        assert b"sha256:1" in archive.read("docProps/custom.xml")
        assert b"R&amp;&amp;D" in archive.read("xl/worksheets/sheet1.xml")


def test_sheet_names_are_valid_and_apart() -> None:
    written = book()
    names = [
        written.add_sheet(name).name for name in ["a/b", "A:B", "History", "'x'", "", "字" * 40, "字" * 40]
    ]
    assert names == ["a b", "A B 2", "History_", "x", "Sheet", "字" * 30 + "…", "字" * 28 + "… 2"]
    assert sheet_name("[]") == "Sheet"


def test_words_inside_formulas_and_page_feet() -> None:
    assert text_literal('say "hi"') == '"say ""hi"""'
    assert header_text("R&D\nx") == "R&&D x"
    assert len(header_text("&" * 300)) <= 255


def test_what_only_reads_words_or_columns_starts_fast() -> None:
    code = (
        "import sys; from procurement.sheets import templates, values, writing; "
        "slow = {'pandas', 'numpy', 'openpyxl', 'xlsxwriter', 'defusedxml', 'django'}; "
        "print(sorted(slow & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_addresses() -> None:
    assert [column_letters(column) for column in (0, 25, 26, 701, 702, 16_383)] == [
        "A",
        "Z",
        "AA",
        "ZZ",
        "AAA",
        "XFD",
    ]
    assert address(7, 2) == "$C$8"
    assert address(7, 2, sheet="Lin's", absolute=False) == "'Lin''s'!C8"
