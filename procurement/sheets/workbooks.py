"""An .xlsx workbook as tables, by openpyxl's streaming mode; the size that sheets claim is not believed."""

import re
import warnings
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from math import isfinite
from typing import TYPE_CHECKING

from procurement.sheets.amounts import decimal_text
from procurement.sheets.archives import check_archive, damaged
from procurement.sheets.layouts import Layout, read_layouts
from procurement.sheets.tables import COLUMNS, ROWS, SHEETS, Cell, Kind, Table, TableBuilder, tidy
from procurement.sheets.unreadable import Unreadable, gettext_noop

if TYPE_CHECKING:
    from collections.abc import Iterable

    from openpyxl.cell.cell import Cell as FilledCell
    from openpyxl.cell.cell import MergedCell
    from openpyxl.cell.read_only import ReadOnlyCell

    Source = FilledCell | MergedCell | ReadOnlyCell

_MANY_SHEETS = gettext_noop("The workbook has more than %(limit)d sheets.")
_FAR = gettext_noop("The sheet “%(sheet)s” has cells far out. Delete the empty rows and columns and save it.")

#: What openpyxl raises for parts that contradict each other; it promises no exception of its own.
_BROKEN = (
    *(ValueError, LookupError, TypeError, AttributeError, ArithmeticError),
    *(OSError, EOFError, SyntaxError, RecursionError),
)
#: Excel's last row; padding past it means that the row numbers are made up.
_LAST_ROW = 1_048_576
#: How many cells empty rows and columns may be padded with before the sheet is given up.
_PADDING = ROWS * COLUMNS // 2
_CURRENCY = re.compile(r"\[\$([^\]-]+)(?:-[0-9A-Fa-f]*)?\]|([€£¥₩])|\"(US\$|NT\$|USD|EUR|JPY|CNY|TWD)\"")
#: Excel shows and keeps 15 digits; what a file holds beyond them is binary dust.
_DIGITS = 15


def read_workbook(data: bytes) -> list[Table]:
    """Return the sheets of a workbook as tables. Raises `Unreadable`."""
    check_archive(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of parts that we do not read
            return _read(data)
    except Unreadable:
        raise
    except _BROKEN as error:
        raise damaged() from error


def _read(data: bytes) -> list[Table]:
    from openpyxl import load_workbook  # noqa: PLC0415 - slow to import, so only where a workbook is read

    layouts = read_layouts(data)
    workbook = load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
    if len(workbook.sheetnames) > SHEETS:
        raise Unreadable(_MANY_SHEETS, {"limit": SHEETS})
    tables: list[Table] = []
    count = 0
    for sheet in workbook.worksheets:
        sheet.reset_dimensions()
        builder = TableBuilder(tidy(sheet.title), count)
        _fill(builder, sheet.iter_rows(), layouts[sheet.title])
        tables.append(builder.table(hidden=sheet.sheet_state != "visible"))
        count = builder.count
    workbook.close()
    return tables


def _fill(builder: TableBuilder, rows: "Iterable[tuple[Source, ...]]", layout: Layout) -> None:
    """Put the filled cells of a sheet into the builder, those of merged blocks into each of their rows."""
    padding = 0
    below: dict[int, tuple[Cell, int]] = {}  # column → what is merged downward there, and its last row
    for number, row in enumerate(rows, start=1):
        padding += len(row)
        if number > _LAST_ROW or padding > _PADDING:
            raise Unreadable(_FAR, {"sheet": builder.sheet})
        if not row:
            continue
        filled = (_cell(source) for source in row if source.value is not None)
        cells = {cell.column: cell for cell in filled if cell is not None}
        for column in layout.formulas.get(number, ()):
            cells.setdefault(column, Cell(number, column, "=", Kind.FORMULA))
        for column, (cell, last) in below.items():
            if cells and number <= last:
                cells.setdefault(column, Cell(number, column, cell.text, cell.kind, cell.unit))
        for column, cell in cells.items() if layout.merged else ():
            if (number, column) in layout.merged:
                below[column] = (cell, layout.merged[number, column])
        builder.add_row([cells[column] for column in sorted(cells)])


def _cell(source: "Source") -> Cell | None:
    """Return one cell as text of a kind, or None for one of white space."""
    if source.row is None or source.column is None:
        return None
    text, kind, unit = _text(source.value, source.number_format or "")
    if source.data_type == "e":
        text, kind = str(source.value), Kind.ERROR
    return Cell(source.row, source.column, text, kind, unit) if text else None


def _text(value: object, number_format: str) -> tuple[str, Kind, str]:
    """Return a value as text, its kind, and the unit that its format shows."""
    if isinstance(value, bool):
        return str(value).upper(), Kind.YES_NO, ""
    if isinstance(value, (int, float)):
        return _number(value, number_format)
    if isinstance(value, datetime):
        return _moment(value), Kind.DATE, ""
    if isinstance(value, (date, time, timedelta)):
        return str(value), Kind.DATE, ""
    return tidy(str(value)), Kind.TEXT, ""


def _number(value: float, number_format: str) -> tuple[str, Kind, str]:
    """Return a number as exact decimal text, with what its format shows beside it."""
    if not isfinite(value):
        return "#NUM!", Kind.ERROR, ""
    exact = Decimal(value) if isinstance(value, int) else Decimal(f"{value:.{_DIGITS}g}")
    positive = number_format.partition(";")[0]
    if "%" in positive:
        return decimal_text(exact * 100), Kind.NUMBER, "%"
    currency = _CURRENCY.search(positive)
    unit = next((sign for sign in currency.groups() if sign), "") if currency else ""
    return decimal_text(exact), Kind.NUMBER, unit


def _moment(value: datetime) -> str:
    if not (value.hour or value.minute or value.second):
        return value.date().isoformat()
    return value.isoformat(sep=" ", timespec="seconds" if value.second else "minutes")
