"""Sheets of what was recorded beside the arithmetic: plain tables, one below the other, with no formulas."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import zip_longest

from django.utils.translation import gettext as _

from bids.evaluation.result import Result
from bids.exports.draft import HEAD_HEIGHT, Draft

Cell = str | int | Decimal | Fraction | date | datetime | None

#: The first row of a table's heading on a sheet, counted from 0, and the rows between two tables.
_TOP, _GAP = 4, 2


@dataclass(frozen=True)
class RecordTable:
    """A table: its columns as heading and width in characters, and what to say where it has no rows.

    Numbers are written as numbers, moments in the time zone that they come in.
    """

    title: str
    columns: Sequence[tuple[str, int]]
    rows: Sequence[Sequence[Cell]]
    empty: str


@dataclass(frozen=True)
class RecordSheet:
    """A sheet: its name, a sentence about it, and its tables."""

    name: str
    note: str
    tables: Sequence[RecordTable]


def write_records(draft: Draft, records: RecordSheet) -> None:
    """Add the sheet."""
    name = draft.book.add_sheet(records.name).name
    draft.title(name, records.name, records.note)
    sheet = draft.sheet(name)
    for column, width in enumerate(_widths(records.tables)):
        sheet.set_column(column, column, width)
    row = _TOP
    for table in records.tables:
        row = _write_table(draft, name, row, table) + _GAP
    sheet.freeze_panes(_TOP, 0)
    draft.book.set_up_page(sheet, footer=draft.footer)


def _widths(tables: Sequence[RecordTable]) -> list[int]:
    """The widest that any table wants each column."""
    columns = zip_longest(*([width for _head, width in table.columns] for table in tables), fillvalue=0)
    return [max(widths) for widths in columns]


def _write_table(draft: Draft, name: str, row: int, table: RecordTable) -> int:
    """Write one table from the row on, and return the row after it."""
    sheet, book = draft.sheet(name), draft.book
    draft.section(name, row, table.title, len(table.columns) - 1)
    sheet.set_row(row + 1, HEAD_HEIGHT)
    for column, (head, _width) in enumerate(table.columns):
        book.write_text(sheet, row + 1, column, head, "head")
    row += 2
    if not table.rows:
        book.write_text(sheet, row, 0, table.empty, "note")
        return row + 1
    for cells in table.rows:
        for column, cell in enumerate(cells):
            _write_cell(draft, name, row, column, cell)
        row += 1
    return row


def _write_cell(draft: Draft, name: str, row: int, column: int, cell: Cell) -> None:
    sheet, book = draft.sheet(name), draft.book
    if isinstance(cell, datetime):
        book.write_moment(sheet, row, column, cell.replace(tzinfo=None), "cell", "moment", valign="top")
    elif isinstance(cell, date):
        book.write_moment(sheet, row, column, cell, "cell", "date", valign="top")
    elif isinstance(cell, int | Decimal | Fraction):
        book.write_number(sheet, row, column, cell, "cell", "exact", valign="top")
    else:
        book.write_text(sheet, row, column, cell, "cell", "wrap")


def rankings_remark(scored: Result, accepted: Result) -> str:
    """What the first sheet says of the two rankings: who is first in each."""
    if [(row.vendor, row.place) for row in scored.ranking] == [
        (row.vendor, row.place) for row in accepted.ranking
    ]:
        return _("As scored and with accepted exceptions all places are the same.")
    return _("First as scored: {scored}. First with accepted exceptions: {accepted}. See “{sheet}”.").format(
        scored=scored.winner or "—", accepted=accepted.winner or "—", sheet=_("Exceptions")
    )
