"""What is in an uploaded file, whatever its format: sheets of filled cells with address and text."""

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum

from procurement.sheets.addresses import column_letters
from procurement.sheets.unreadable import Unreadable, gettext_noop

#: What one upload may hold. A file past any of these is refused before it costs memory or time.
UPLOAD_BYTES = 10_000_000
UNZIPPED_BYTES = 60_000_000
ZIP_RATIO = 150
ZIP_ENTRIES = 500
XML_TAGS = 2_500_000
XML_TAGS_OF_SHEETS = 1_300_000
XML_TAGS_OF_A_PART = 250_000
XML_TAGS_TOGETHER = 60_000
SHEETS = 30
ROWS = 20_000
COLUMNS = 200
CELLS = 250_000
TEXT_LENGTH = 32_767

TOO_MANY_ROWS = gettext_noop("The sheet “%(sheet)s” goes past row %(limit)d: cell %(address)s is filled.")
TOO_MANY_COLUMNS = gettext_noop(
    "The sheet “%(sheet)s” goes past column %(limit)s: cell %(address)s is filled."
)
TOO_MANY_CELLS = gettext_noop("The file has more than %(limit)d filled cells.")
TOO_LONG = gettext_noop("Cell %(address)s of the sheet “%(sheet)s” holds more than %(limit)d characters.")

_ESCAPED_CONTROL = re.compile(r"_x000[dD]_\n?|_x000[aA]_")
_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029\x0b\x0c]")


class Kind(Enum):
    """What a cell holds. Of a CSV everything is text."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    YES_NO = "yes or no"
    ERROR = "error"
    FORMULA = "formula without a value"


@dataclass(frozen=True, slots=True)
class Cell:
    """A filled cell. Row and column count from 1; numbers are exact decimal text, dates ISO 8601.

    ``unit`` is what a number's format shows beside it: "%" (the text is then the percentage) or a currency.
    """

    row: int
    column: int
    text: str
    kind: Kind = Kind.TEXT
    unit: str = ""

    @property
    def address(self) -> str:
        """The address as a spreadsheet shows it: C5."""
        return f"{column_letters(self.column - 1)}{self.row}"


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet, or the one table of a CSV: its filled cells by row, without empty rows, columns in order."""

    sheet: str
    rows: tuple[tuple[Cell, ...], ...]
    hidden: bool = False


def tidy(text: str) -> str:
    """Return text as it was meant: NFC, plain line ends, no byte-order marks, no outer white space."""
    text = _LINE_ENDS.sub("\n", _ESCAPED_CONTROL.sub("\n", text)).replace("\ufeff", "").replace("\u200b", "")
    return unicodedata.normalize("NFC", text).strip()


class TableBuilder:
    """Collects the cells of one sheet and refuses what goes past the caps, naming the cell."""

    def __init__(self, sheet: str, cells_before: int = 0) -> None:
        """Start a sheet of a file of which ``cells_before`` cells were filled so far."""
        self.sheet = sheet
        self.count = cells_before
        self._rows: list[tuple[Cell, ...]] = []

    def add_row(self, cells: list[Cell]) -> None:
        """Add the filled cells of one row. Raises `Unreadable` for one too far out or too long."""
        if not cells:
            return
        last = cells[-1]
        if last.row > ROWS:
            raise Unreadable(TOO_MANY_ROWS, {"sheet": self.sheet, "limit": ROWS, "address": last.address})
        if last.column > COLUMNS:
            limit = column_letters(COLUMNS - 1)
            raise Unreadable(TOO_MANY_COLUMNS, {"sheet": self.sheet, "limit": limit, "address": last.address})
        for cell in cells:
            if len(cell.text) > TEXT_LENGTH:
                raise Unreadable(
                    TOO_LONG, {"sheet": self.sheet, "limit": TEXT_LENGTH, "address": cell.address}
                )
        self.count += len(cells)
        if self.count > CELLS:
            raise Unreadable(TOO_MANY_CELLS, {"limit": CELLS})
        self._rows.append(tuple(cells))

    def table(self, *, hidden: bool = False) -> Table:
        """Return what was collected."""
        return Table(self.sheet, tuple(self._rows), hidden)
