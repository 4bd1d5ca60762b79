"""The blank files that the site hands out: a workbook or a CSV with the columns of an import."""

import csv
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from typing import TYPE_CHECKING

from procurement.sheets.cells import Value
from procurement.sheets.columns import (
    BIDS,
    CHOICES,
    CLAIMS,
    NOTES,
    TEMPLATES,
    Column,
    Holds,
    Template,
    Words,
)
from procurement.sheets.tables import ROWS
from procurement.sheets.writing import Book, Properties, new_workbook

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]  # no py.typed

#: A workbook for a whole tender, with a sheet for each kind.
TENDER = "tender"

#: The same blank file has the same bytes, whenever it is made.
_CREATED = datetime(2026, 1, 1, tzinfo=UTC)
_WIDTHS = {Holds.CODE: 12, Holds.LINE: 32, Holds.TEXT: 36, Holds.LIST: 20, Holds.PRICE: 18, Holds.MONEY: 18}
_NUMBERS = (Holds.POSITIVE, Holds.COUNT, Holds.SHARE, Holds.PRICE, Holds.MONEY, Holds.MARK)
_DIGITS_OF_A_FLOAT = 15

_TITLE = Words("匯入範本", "Import template")
_HEADS = (
    Words("工作表", "Sheet"),
    Words("欄位", "Column"),
    Words("必填", "Needed"),
    Words("說明", "What it holds"),
)
_EXAMPLE = Words("範例", "Example")
_NEEDED = Words("必填", "needed")
_PICK = Words(
    "請由清單選擇，或寫中文或英文的同義詞。", "Pick from the list, or write the word in either language."
)
_ADVICE = (
    Words(
        "一列一筆，欄名請勿更改；欄的順序不拘，未列的欄不會讀入。",
        "One row each. Keep the names of the columns; their order is free, and other columns are not read.",
    ),
    Words(
        "整份檔案沒有錯誤才會匯入；有錯誤時逐格列出，不會只匯入一部分。",
        "A file is imported whole or not at all; every fault is listed with its cell.",
    ),
    Words(
        "數字可用全形、千分位、國字或「萬、億」；有兩種讀法者不予讀入。",
        "Numbers may be full-width or Chinese numerals, with separators; two readings are refused.",
    ),
)


def blank_workbook(
    kind: str, language: str, rows: Mapping[str, Sequence[Mapping[str, Value]]] | None = None
) -> bytes:
    """Return the workbook to fill in for one kind of import, or for all of them (``tender``), in a language.

    Bids have a sheet for their claims beside them. ``rows`` (kind → rows with the keys of the case file)
    fills the sheets with what is there already, in the words of the language. Raises KeyError for an unknown
    kind.
    """
    templates = _templates(kind)
    title = f"{_TITLE.of(language)} · {', '.join(template.sheet.of(language) for template in templates)}"
    book = new_workbook(Properties(title=title, created=_CREATED))
    for template in templates:
        _write_sheet(book, template, language, (rows or {}).get(template.kind, ()))
    _write_notes(book, templates, language)
    return book.to_bytes()


def blank_csv(kind: str, language: str) -> bytes:
    """Return the CSV to fill in: the names of the columns, in UTF-8 with a mark by which Excel knows it."""
    text = StringIO()
    csv.writer(text).writerow([column.names.of(language) for column in TEMPLATES[kind].columns])
    return text.getvalue().encode("utf-8-sig")


def _templates(kind: str) -> tuple[Template, ...]:
    if kind == TENDER:
        return tuple(TEMPLATES.values())
    return (BIDS, CLAIMS) if kind == BIDS.kind else (TEMPLATES[kind],)


def _write_sheet(book: Book, template: Template, language: str, rows: Sequence[Mapping[str, Value]]) -> None:
    """Write one sheet: named columns, lists to pick from, and room for as many rows as an import takes."""
    sheet = book.add_sheet(template.sheet.of(language))
    sheet.hide_gridlines(0)
    sheet.freeze_panes(1, 1)
    sheet.set_row(0, 24)
    for number, column in enumerate(template.columns):
        form = ("text",) if column.kind in (Holds.CODE, Holds.LINE, Holds.TEXT, Holds.LIST) else ()
        sheet.set_column(number, number, _WIDTHS.get(column.kind, 14), book.style(*form))
        book.write_text(
            sheet, 0, number, column.names.of(language), "head", *(() if column.required else ("optional",))
        )
        note = column.help.of(language)
        needed = f"{_NEEDED.of(language)} · " if column.required else ""
        sheet.write_comment(0, number, needed + note, {"author": "", "x_scale": 1.6, "y_scale": 0.8})
        _offer_choices(sheet, number, column, language)
    for row_number, row in enumerate(rows, start=1):
        for number, column in enumerate(template.columns):
            value = row.get(column.key)
            if column.kind in CHOICES and value is not None and not isinstance(value, list):
                value = CHOICES[column.kind][value].of(language)
            _write_value(book, sheet, (row_number, number), column.kind, value)
    book.set_up_page(sheet, footer=template.sheet.of(language), repeat_rows=(0, 0))


def _offer_choices(sheet: "Worksheet", number: int, column: Column, language: str) -> None:
    """Let people pick from the words of a closed choice; other words for the same are let through."""
    if column.kind not in CHOICES:
        return
    words = [word.of(language) for word in CHOICES[column.kind].values()]
    options = {
        "validate": "list",
        "source": words,
        "error_type": "information",
        "error_message": _PICK.of(language),
    }
    sheet.data_validation(1, number, ROWS - 1, number, options)


def _write_value(book: Book, sheet: "Worksheet", cell: tuple[int, int], holds: Holds, value: Value) -> None:
    """Write what is known already, so that it reads back as the same value."""
    if isinstance(value, list):
        book.write_text(sheet, *cell, "、".join(str(part) for part in value), "text")
    elif holds in _NUMBERS and isinstance(value, str) and len(value) <= _DIGITS_OF_A_FLOAT:
        book.write_number(sheet, *cell, Decimal(value), "exact")
    elif value is not None:
        book.write_text(sheet, *cell, str(value), "text")


def _write_notes(book: Book, templates: tuple[Template, ...], language: str) -> None:
    """Write the sheet that explains the columns, with an example of each; it is never read."""
    sheet = book.add_sheet(NOTES.of(language))
    for number, width in enumerate((14, 18, 10, 52, 34)):
        sheet.set_column(number, number, width)
    sheet.set_row(0, 30)
    book.write_text(sheet, 0, 0, _TITLE.of(language), "title")
    for row, line in enumerate(_ADVICE, start=1):
        book.write_text(sheet, row, 0, line.of(language), "label")
    top = len(_ADVICE) + 2
    for number, head in enumerate((*_HEADS, _EXAMPLE)):
        book.write_text(sheet, top, number, head.of(language), "head")
    row = top
    for template in templates:
        for column in template.columns:
            row += 1
            texts = (
                template.sheet.of(language),
                column.names.of(language),
                _NEEDED.of(language) if column.required else "",
                column.help.of(language),
                column.example.of(language),
            )
            for number, text in enumerate(texts):
                book.write_text(sheet, row, number, text, "cell", "wrap")
    book.set_up_page(sheet, repeat_rows=(top, top))
