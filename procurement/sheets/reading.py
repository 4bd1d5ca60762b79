"""An uploaded file as tables, or a sentence that says why not."""

from procurement.sheets.formats import is_workbook
from procurement.sheets.separated import read_separated
from procurement.sheets.tables import Cell, Kind, Table
from procurement.sheets.unreadable import Unreadable, gettext_noop
from procurement.sheets.workbooks import read_workbook

_NOTHING = gettext_noop("No cell of the file is filled.")


def read_tables(name: str, data: bytes) -> list[Table]:
    """Return the sheets of an .xlsx workbook, or the one table of a text file: filled cells with addresses.

    The content decides what the file is; ``name`` only names the table of a text file. Memory and time are
    bounded by the caps in `tables`. Raises `Unreadable`.
    """
    tables = read_workbook(data) if is_workbook(data) else [read_separated(name, data)]
    if not any(table.rows for table in tables):
        raise Unreadable(_NOTHING)
    return tables


__all__ = ["Cell", "Kind", "Table", "Unreadable", "read_tables"]
