"""The base of every workbook that we write: styles, cells that are what they say, print set-up, bytes.

    book = new_workbook(Properties(title="Ranking", created=moment, marks={"Fingerprint": "sha256:…"}))
    sheet = book.add_sheet("評選排名")
    book.write_text(sheet, 0, 0, tender.title, "title")
    book.write_number(sheet, 7, 5, Fraction(291, 4), "points", "strong")
    book.write_formula(sheet, 8, 5, "=SUM(C9:E9)", Fraction(291, 4), "points")
    book.set_up_page(sheet, footer="sha256:…", repeat_rows=(6, 6))
    data = book.to_bytes()

Rows and columns count from 0, as in XlsxWriter. The styles of a cell are names from `styles.STYLES`; several
are laid over each other, the last one wins, and keywords are XlsxWriter format properties on top:
``book.style("money", "excluded", bottom=2)``. What XlsxWriter can do beyond this (charts, defined names,
conditional formats, validations) is reached through ``book.workbook`` and the sheet itself. Text that came
from people goes through `Book.write_text` in cells, `text_literal` in formulas, `sheet_name` in sheet names
and `header_text` in page feet.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from typing import TYPE_CHECKING

from procurement.sheets.addresses import address, column_letters
from procurement.sheets.styles import STYLES

if TYPE_CHECKING:
    from xlsxwriter.format import Format  # type: ignore[import-untyped]  # no py.typed
    from xlsxwriter.workbook import Workbook  # type: ignore[import-untyped]  # no py.typed
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]  # no py.typed

#: Excel's limits, in UTF-16 code units.
CELL_LENGTH = 32_767
SHEET_NAME_LENGTH = 31
HEADER_LENGTH = 255

Number = int | float | Decimal | Fraction

_NOT_IN_XML = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\]")
#: What a spreadsheet takes for the beginning of a formula when somebody edits the cell or pastes it.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "＝", "＋", "－", "＠")


@dataclass(frozen=True, kw_only=True)
class Properties:
    """Document properties. ``created`` makes the bytes reproducible; without it the current time is written.

    ``marks`` become custom properties (name → text), the place for fingerprints; texts end at 255 characters.
    """

    title: str
    subject: str = ""
    author: str = ""
    organisation: str = ""
    keywords: str = ""
    comments: str = ""
    created: datetime | None = None
    marks: Mapping[str, str] = field(default_factory=dict)


class Book:
    """A workbook being written in memory (nothing goes through a temporary file)."""

    def __init__(self, properties: Properties) -> None:
        """Open an empty workbook with the default style ``plain`` and the given properties."""
        import xlsxwriter  # type: ignore[import-untyped]  # noqa: PLC0415 - no py.typed; slow, so only on use

        self._target = BytesIO()
        self._formats: dict[tuple[object, ...], Format] = {}
        self.workbook: Workbook = xlsxwriter.Workbook(
            self._target,
            {
                "in_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "nan_inf_to_errors": True,
                "remove_timezone": True,
                "default_format_properties": dict(STYLES["plain"]),
            },
        )
        self._set_properties(properties)

    def _set_properties(self, properties: Properties) -> None:
        texts = {
            "title": properties.title,
            "subject": properties.subject,
            "author": properties.author,
            "company": properties.organisation,
            "keywords": properties.keywords,
            "comments": properties.comments,
        }
        core: dict[str, str | datetime] = {key: cleaned(text)[:255] for key, text in texts.items() if text}
        if properties.created is not None:
            core["created"] = properties.created
        self.workbook.set_properties(core)
        for name, text in properties.marks.items():
            self.workbook.set_custom_property(name, cleaned(text)[:255], "text")

    def add_sheet(self, name: str) -> "Worksheet":
        """Add a sheet; its name is made valid (`sheet_name`), so read it back as ``.name``."""
        taken = {sheet.name.casefold() for sheet in self.workbook.worksheets()}
        sheet = self.workbook.add_worksheet(sheet_name(name, taken))
        sheet.hide_gridlines(2)
        return sheet

    def style(self, *names: str, **extra: object) -> "Format":
        """Return the format of the named styles laid over each other, then ``extra`` properties.

        Raises KeyError for a name that `styles.STYLES` does not hold.
        """
        properties: dict[str, object] = dict(STYLES["plain"])
        for name in names:
            properties |= STYLES[name]
        properties |= extra
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.workbook.add_format(properties)
        return self._formats[key]

    def write_text(
        self, sheet: "Worksheet", row: int, column: int, text: str | None, *styles: str, **extra: object
    ) -> None:
        """Write text as text, whatever it looks like; None and "" leave a styled empty cell.

        Text that would be taken for a formula when edited gets Excel's quote prefix. Control characters go,
        and past 32,767 characters the text ends in "…".
        """
        text = cleaned(text or "")
        if not text:
            sheet.write_blank(row, column, None, self.style(*styles, **extra))
            return
        if text.lstrip(" \n").startswith(_FORMULA_STARTS):
            extra["quote_prefix"] = True
        style = self.style(*styles, **extra)
        if text.startswith("<r>") and text.endswith("</r>"):
            # XlsxWriter takes such a string for markup of its own and would not escape it.
            sheet.write_rich_string(row, column, style, text[:1], style, text[1:], style)
        else:
            sheet.write_string(row, column, text, style)

    def write_number(
        self, sheet: "Worksheet", row: int, column: int, number: Number | None, *styles: str, **extra: object
    ) -> None:
        """Write a number (the file holds it as binary floating point); None leaves a styled empty cell."""
        style = self.style(*styles, **extra)
        if number is None:
            sheet.write_blank(row, column, None, style)
        else:
            sheet.write_number(row, column, float(number), style)

    def write_moment(
        self, sheet: "Worksheet", row: int, column: int, moment: date | None, *styles: str, **extra: object
    ) -> None:
        """Write a date, or a date and time in the reader's time zone; None leaves a styled empty cell."""
        names = styles or (("moment",) if isinstance(moment, datetime) else ("date",))
        style = self.style(*names, **extra)
        if moment is None:
            sheet.write_blank(row, column, None, style)
        else:
            sheet.write_datetime(row, column, moment, style)

    def write_formula(
        self,
        sheet: "Worksheet",
        row: int,
        column: int,
        formula: str,
        value: Number | str | bool | None,
        *styles: str,
        **extra: object,
    ) -> None:
        """Write a formula together with its value, so that readers which do not recalculate agree.

        The value is required: a formula without one reads as 0 on phones, in previews and in pandas. None
        stands for the empty text. Text inside the formula must have gone through `text_literal`.
        """
        stored: object
        if isinstance(value, bool):
            stored = value
        elif isinstance(value, (int, float, Decimal, Fraction)):
            stored = float(value)
        else:
            stored = cleaned(value or "")
        sheet.write_formula(row, column, formula, self.style(*styles, **extra), stored)

    def set_up_page(
        self,
        sheet: "Worksheet",
        *,
        footer: str = "",
        repeat_rows: tuple[int, int] | None = None,
        landscape: bool = True,
    ) -> None:
        """Set A4, one page wide, narrow margins, repeated rows (first, last) and "footer … n / m"."""
        sheet.set_paper(9)
        if landscape:
            sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.47, right=0.47, top=0.55, bottom=0.6)
        if repeat_rows is not None:
            sheet.repeat_rows(*repeat_rows)
        pages = "&R&8&P / &N"
        sheet.set_footer("&L&8 " + header_text(footer, HEADER_LENGTH - len(pages) - 5) + pages)

    def to_bytes(self) -> bytes:
        """Close the workbook and return the file. Nothing can be written afterwards."""
        self.workbook.close()
        return self._target.getvalue()


def new_workbook(properties: Properties) -> Book:
    """Return an empty workbook; strings in it never turn into formulas, links or numbers."""
    return Book(properties)


def cleaned(text: str, length: int = CELL_LENGTH) -> str:
    """Return the text without what a workbook cannot hold, cut with "…" at ``length`` UTF-16 code units."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _SURROGATES.sub("\ufffd", _NOT_IN_XML.sub("", text))
    return _cut(text, length)


def _cut(text: str, length: int) -> str:
    units = text.encode("utf-16-le")
    if len(units) <= 2 * length:
        return text
    return units[: 2 * (length - 1)].decode("utf-16-le", "ignore") + "…"


def sheet_name(name: str, taken: set[str] | frozenset[str] = frozenset()) -> str:
    """Return a valid sheet name near ``name`` that is not ``taken`` (casefolded): "Marks", "Marks 2", …"""
    base = _NOT_IN_SHEET_NAMES.sub(" ", cleaned(name).replace("\n", " ")).strip(" '") or "Sheet"
    if base.casefold() == "history":  # Excel keeps this name for itself
        base = base + "_"
    candidate, number = _cut(base, SHEET_NAME_LENGTH), 1
    while candidate.casefold() in taken:
        number += 1
        candidate = _cut(base, SHEET_NAME_LENGTH - len(f" {number}")) + f" {number}"
    return candidate


def text_literal(text: str) -> str:
    """Return the text as a string literal for a formula: quotes doubled, cut at Excel's 255 characters."""
    return '"' + cleaned(text, 255).replace('"', '""') + '"'


def header_text(text: str, length: int = HEADER_LENGTH) -> str:
    """Return text for a page header or footer, where "&" starts a command, of at most ``length`` units."""
    line = cleaned(text).replace("\n", " ")
    while len(line.replace("&", "&&").encode("utf-16-le")) > 2 * length:
        line = line[:-1]
    return line.replace("&", "&&")


__all__ = [
    "Book",
    "Properties",
    "address",
    "cleaned",
    "column_letters",
    "header_text",
    "new_workbook",
    "sheet_name",
    "text_literal",
]
