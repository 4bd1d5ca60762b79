"""A list of the site as a workbook: a title, a head row with filters, and a line for each row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from procurement.sheets.writing import Properties, new_workbook

Cell = str | date | int | Decimal | None


@dataclass(frozen=True)
class Heading:
    """The head of a column, and its width in characters."""

    text: str
    width: int


def list_workbook(
    *, title: str, headings: Sequence[Heading], rows: Sequence[Sequence[Cell]], created: datetime
) -> bytes:
    """The rows under the headings, with the title and the time above. Moments are shown as given.

    Texts are written as texts whatever they look like; a date becomes a date and a number a number.
    """
    book = new_workbook(Properties(title=title, created=created.replace(tzinfo=None)))
    sheet = book.add_sheet(title)
    book.write_text(sheet, 0, 0, title, "title")
    book.write_text(sheet, 1, 0, created.strftime("%Y/%m/%d %H:%M"), "note")
    for column, heading in enumerate(headings):
        sheet.set_column(column, column, heading.width)
        book.write_text(sheet, 3, column, heading.text, "head")
    for number, cells in enumerate(rows, 4):
        for column, cell in enumerate(cells):
            if isinstance(cell, date):
                book.write_moment(sheet, number, column, cell, "cell", "wrap", "date")
            elif isinstance(cell, int | Decimal):
                book.write_number(sheet, number, column, cell, "cell", "wrap")
            else:
                book.write_text(sheet, number, column, cell, "cell", "wrap")
    sheet.freeze_panes(4, 1)
    if headings and rows:
        sheet.autofilter(3, 0, 3 + len(rows), len(headings) - 1)
    book.set_up_page(sheet, footer=title, repeat_rows=(3, 3))
    return book.to_bytes()
