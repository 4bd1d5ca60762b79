"""The workbook while it is being written: book, plan, figures, and how a cell of a table is filled."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bids.evaluation.result import Result
from bids.exports.figures import Figures
from bids.exports.layout import Plan, Table
from bids.exports.words import Words
from procurement.sheets.styles import STYLES
from procurement.sheets.writing import Book, Number

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet


#: Columns that hold words; the others hold numbers, and their titles stand on the right.
WORDS = frozenset(
    (
        "vendor",
        "code",
        "title",
        "kind",
        "severity",
        "gate",
        "unit",
        "source",
        "evidence",
        "status",
        "gates",
        "notes",
    )
) | {f"b{number}" for number in range(1000)}
#: The heights of rows in points: the title of a sheet, the title of a part, titles of columns (two lines).
TITLE_HEIGHT, SECTION_HEIGHT, HEAD_HEIGHT = 28, 20, 28


@dataclass(frozen=True, slots=True)
class Draft:
    """What every sheet needs to be written."""

    book: Book
    plan: Plan
    figures: Figures
    result: Result
    words: Words
    footer: str
    #: The number format of prices.
    money: str

    def sheet(self, name: str) -> "Worksheet":
        """The sheet of that name."""
        sheet = self.book.workbook.get_worksheet_by_name(name)
        if sheet is None:
            raise KeyError(name)
        return sheet

    def text(
        self, table: Table, column: str, row: int, text: str | None, *styles: str, **extra: object
    ) -> None:
        """Write text into a cell of a table."""
        sheet = self.sheet(table.sheet)
        self.book.write_text(sheet, table.top + row, table.columns[column], text, *styles, **extra)

    def number(
        self, table: Table, column: str, row: int, number: Number | None, *styles: str, **extra: object
    ) -> None:
        """Write a number, or an empty cell, into a cell of a table."""
        sheet = self.sheet(table.sheet)
        self.book.write_number(sheet, table.top + row, table.columns[column], number, *styles, **extra)

    def formula(
        self,
        table: Table,
        column: str,
        row: int,
        expression: str,
        value: Number | str | bool | None,
        *styles: str,
        **extra: object,
    ) -> None:
        """Write a formula and its value into a cell of a table; cells of its own sheet lose their sheet."""
        sheet, number = self.sheet(table.sheet), table.columns[column]
        own = "=" + expression.replace(f"'{table.sheet}'!", "")
        self.book.write_formula(sheet, table.top + row, number, own, value, *styles, **extra)

    def paint(self, *styles: str) -> "Format":
        """A format for conditional formatting: the colours and weight of the styles, nothing else."""
        wanted = ("bold", "font_color", "bg_color", "top", "top_color")
        properties = {key: value for name in styles for key, value in STYLES[name].items() if key in wanted}
        return self.book.workbook.add_format({"font_name": None, "font_size": None} | properties)

    def heads(self, table: Table, titles: dict[str, str], *, above: int = 1) -> None:
        """Write the titles of the columns of a table into the row above it."""
        sheet = self.sheet(table.sheet)
        for column, title in titles.items():
            if column in table:
                sides = (
                    ("head", "centre")
                    if column == "place"
                    else ("head",)
                    if column in WORDS
                    else ("head", "right")
                )
                self.book.write_text(sheet, table.top - above, table.columns[column], title, *sides)
        if above == 1:
            sheet.set_row(table.top - 1, HEAD_HEIGHT)

    def widths(self, table: Table, widths: dict[str, float]) -> None:
        """Set the widths of columns, in characters."""
        sheet = self.sheet(table.sheet)
        for column, width in widths.items():
            if column in table:
                sheet.set_column(table.columns[column], table.columns[column], width)

    def title(self, sheet_name: str, title: str, *notes: str) -> None:
        """Write the heading of a sheet: its title, which tender this is, and notes below."""
        sheet, case = self.sheet(sheet_name), self.plan.case
        sheet.set_row(0, TITLE_HEIGHT)
        self.book.write_text(sheet, 0, 0, title, "title")
        self.book.write_text(sheet, 1, 0, f"{case.reference}  {case.title}", "label")
        for row, note in enumerate(notes, 2):
            self.book.write_text(sheet, row, 0, note, "note")

    def section(
        self, sheet_name: str, row: int, title: str, last_column: int, style: str = "section"
    ) -> None:
        """Write the heading of a part of a sheet, ruled up to `last_column`."""
        sheet = self.sheet(sheet_name)
        sheet.set_row(row, SECTION_HEIGHT)
        self.book.write_text(sheet, row, 0, title, style)
        for column in range(1, last_column + 1):
            self.book.write_text(sheet, row, column, "", style)
