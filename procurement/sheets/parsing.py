"""The dry run of an import: every row that can be read, and every fault with its sheet, row and column.

Nothing is stored here and nothing is half stored later: who imports takes the rows only where there is no
fault. What one cell or one sheet can tell is checked here. What needs the whole case (dangling codes, weights
that do not add up) is checked by the case file's validation; `Place.fault` puts its faults beside the cells.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import cast

from procurement.sheets.addresses import column_letters
from procurement.sheets.cells import Claim, Value, read_cell
from procurement.sheets.columns import BIDS, CLAIMS, TEMPLATES, Holds, Template
from procurement.sheets.headings import Head, Remark, find_head, is_head, is_notes, kind_of_sheet
from procurement.sheets.names import case_key, name_key
from procurement.sheets.reading import read_tables
from procurement.sheets.tables import Cell, Table
from procurement.sheets.unreadable import Unreadable, gettext_noop, shown

#: More faults than people correct in one go are not listed.
FAULTS = 500

_NO_SHEET = gettext_noop("No sheet is named “%(kind)s”, and none has its columns.")
_EMPTY = gettext_noop("The columns are named, but no row below them is filled.")
_NEEDED = gettext_noop("“%(column)s” is needed in every row.")
_REPEATED = gettext_noop("“%(value)s” stands twice; the first is in row %(row)d.")
_ANSWERED_TWICE = gettext_noop("This bid has two answers to the requirement “%(code)s”.")
_WHY_EXCLUDED = gettext_noop("A bid that is excluded needs a reason.")
_NO_BID = gettext_noop("No bid is from “%(vendor)s”.")
_NO_BID_BUT = gettext_noop("No bid is from “%(vendor)s”. Is it “%(other)s”?")
_AND_MORE = gettext_noop("There are more faults; correct these first.")

Params = Mapping[str, str | int | float]
Row = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where. Row and column count from 1 and are 0 where they say nothing."""

    sheet: str
    row: int
    column: int
    template: str
    params: Params

    @property
    def address(self) -> str:
        """The cell as a spreadsheet shows it: C5; 5 for a whole row, "" for a whole sheet."""
        letters = column_letters(self.column - 1) if self.column else ""
        return f"{letters}{self.row or ''}"

    def __str__(self) -> str:
        """The fault in English, with its place."""
        place = "!".join(part for part in (self.sheet, self.address) if part)
        sentence = self.template % self.params
        return f"{place}: {sentence}" if place else sentence


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row came from: its sheet, its number, and the column of each key."""

    sheet: str
    row: int
    columns: Mapping[str, int]

    def fault(self, where: str | int, template: str, params: Params) -> Fault:
        """Return a fault of this row at the cell of a key, or in a column by its number."""
        column = self.columns.get(where, 0) if isinstance(where, str) else where
        return Fault(self.sheet, self.row, column, template, params)


@dataclass(slots=True)
class Parsed:
    """The rows of one import, by the keys of the case file, and what is wrong with them.

    Numbers are exact decimal text, answers True, False or None, absent values None; ``places`` says where
    each row came from. Rows may be used only where ``faults`` is empty. ``notes`` tell of columns left out.
    """

    kind: str
    rows: list[Row] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)


def parse(
    kind: str, name: str, data: bytes, *, currency: str = "TWD", codes: Collection[str] | None = None
) -> Parsed:
    """Read one kind of import (a key of `TEMPLATES`) out of an uploaded file.

    ``currency`` is the tender's: an amount in another is a fault. ``codes`` are the tender's requirements, by
    which further columns of bids are known as claims. Bids come with their ``claims``: from such columns, and
    from a sheet of claims in the same workbook. What cannot be read at all is one fault without a place.
    """
    try:
        tables = read_tables(name, data)
    except Unreadable as refusal:
        return Parsed(kind, faults=[Fault("", 0, 0, refusal.template, refusal.params)])
    parsed = _parse_tables(TEMPLATES[kind], tables, currency, codes)
    if not parsed.rows and not parsed.faults:
        parsed.faults.append(Fault("", 0, 0, _EMPTY, {}))
    return parsed


def parse_all(name: str, data: bytes, *, currency: str = "TWD") -> dict[str, Parsed]:
    """Read every kind of import that a workbook has a filled sheet for; claims come with the bids, if any.

    Raises `Unreadable` where the file cannot be read, or no sheet that is named after a kind has rows.
    """
    tables = read_tables(name, data)
    kinds = {kind_of_sheet(table.sheet) for table in tables if table.rows and not table.hidden}
    if BIDS.kind in kinds:
        kinds.discard(CLAIMS.kind)
    templates = [template for template in TEMPLATES.values() if template.kind in kinds]
    if not templates:
        names = ", ".join(str(template.sheet) for template in TEMPLATES.values())
        raise Unreadable(_NO_SHEET, {"kind": names})
    parsed = {template.kind: _parse_tables(template, tables, currency, None) for template in templates}
    filled = {kind: one for kind, one in parsed.items() if one.rows or one.faults}
    if not filled:
        raise Unreadable(_EMPTY)
    return filled


def _parse_tables(
    template: Template, tables: list[Table], currency: str, codes: Collection[str] | None
) -> Parsed:
    """Read one kind out of the sheets that hold it."""
    parsed = Parsed(template.kind)
    sheets = _sheets_of(template, tables, codes)
    if not sheets:
        parsed.faults.append(Fault("", 0, 0, _NO_SHEET, {"kind": str(template.sheet)}))
    reader = _Reader(parsed, template, currency)
    for table, head in sheets:
        reader.read(table, head)
    claims = [table for table in tables if not table.hidden and kind_of_sheet(table.sheet) == CLAIMS.kind]
    if template is BIDS and claims:
        _add_claims(parsed, _parse_tables(CLAIMS, claims, currency, None))
    if len(parsed.faults) > FAULTS:
        parsed.faults[FAULTS:] = [Fault("", 0, 0, _AND_MORE, {})]
    return parsed


def _sheets_of(
    template: Template, tables: list[Table], codes: Collection[str] | None
) -> list[tuple[Table, Head]]:
    """Return the sheets to read: those named after the kind, else the only one, else by their columns."""
    seen = [table for table in tables if table.rows and not table.hidden and not is_notes(table)]
    named = [table for table in seen if kind_of_sheet(table.sheet) == template.kind]
    if named or len(seen) == 1:
        return [(table, find_head(table, template, codes)) for table in named or seen]
    heads = [
        (table, find_head(table, template, codes)) for table in seen if kind_of_sheet(table.sheet) is None
    ]
    required = {column.key for column in template.columns if column.required}
    return [
        (table, head) for table, head in heads if required <= {column.key for column in head.columns.values()}
    ]


class _Reader:
    """Reads the rows of one kind, sheet by sheet, into one `Parsed`."""

    def __init__(self, parsed: Parsed, template: Template, currency: str) -> None:
        self.parsed = parsed
        self.template = template
        self.currency = currency
        self._first_rows: dict[tuple[str, ...], int] = {}

    def read(self, table: Table, head: Head) -> None:
        """Read the rows below the head."""
        self.parsed.faults += [_fault(table, remark) for remark in head.faults]
        self.parsed.notes += [_fault(table, remark) for remark in head.notes]
        columns = {column.key: number for number, column in head.columns.items()}
        for row in table.rows:
            if not row[0].row > head.row > 0 or is_head(row, head):
                continue
            cells = {cell.column: cell for cell in row if cell.column in {*head.columns, *head.codes}}
            if cells:
                self._read_row(Place(table.sheet, row[0].row, columns), cells, head)

    def _read_row(self, place: Place, cells: dict[int, Cell], head: Head) -> None:
        row: Row = {column.key: None for column in self.template.columns}
        for number in sorted(cells.keys() & head.columns.keys()):
            column = head.columns[number]
            row[column.key] = self._value(place, cells[number], column.kind)
        if self.template is CLAIMS:
            row["applicable"] = row["met"] is not None or place.columns.get("met") not in cells
        if self.template is BIDS:
            row["claims"] = [
                _claim(code, self._value(place, cells[number], Holds.ANSWER))
                for number, code in head.codes.items()
                if number in cells
            ]
        self._look_for_gaps(place, row, cells)
        self._look_for_twins(place, row)
        self.parsed.rows.append(row)
        self.parsed.places.append(place)

    def _value(self, place: Place, cell: Cell, holds: Holds) -> Value:
        try:
            return read_cell(cell, holds, self.currency)
        except Unreadable as refusal:
            self.parsed.faults.append(place.fault(cell.column, refusal.template, refusal.params))
            return None

    def _look_for_gaps(self, place: Place, row: Row, cells: dict[int, Cell]) -> None:
        """Report needed cells that are empty. A bid that is out needs no price, an excluded one a reason."""
        out = row.get("status") in ("withdrawn", "excluded")
        for column in self.template.columns:
            empty = column.key in place.columns and place.columns[column.key] not in cells
            if column.required and empty and not (column.kind is Holds.PRICE and out):
                self.parsed.faults.append(place.fault(column.key, _NEEDED, {"column": str(column.names)}))
        if row.get("status") == "excluded" and not row["reason"]:
            self.parsed.faults.append(place.fault("reason", _WHY_EXCLUDED, {}))

    def _look_for_twins(self, place: Place, row: Row) -> None:
        """Report a row whose code, or whose vendor and requirement and so on, stood in an earlier row."""
        values = [value for key in self.template.unique if isinstance(value := row[key], str)]
        if len(values) < len(self.template.unique):
            return
        first = self._first_rows.setdefault(tuple(case_key(value) for value in values), place.row)
        if first != place.row:
            params: Params = {"value": shown(" · ".join(values)), "row": first}
            self.parsed.faults.append(place.fault(self.template.unique[-1], _REPEATED, params))


def _fault(table: Table, remark: Remark) -> Fault:
    return Fault(table.sheet, remark.row, remark.column, remark.template, remark.params)


def _claim(code: str, met: Value) -> Claim:
    """Return the claim that one cell of a bid makes."""
    answer = met if isinstance(met, bool) else None
    return {
        "requirement": code,
        "met": answer,
        "verified": None,
        "note": None,
        "applicable": answer is not None,
    }


def _add_claims(bids: Parsed, claims: Parsed) -> None:
    """Put the claims of a sheet of their own under their bids, and its faults beside those of the bids."""
    bids.faults += claims.faults
    bids.notes += claims.notes
    by_vendor = {case_key(str(bid["vendor"])): bid for bid in bids.rows if bid["vendor"]}
    by_name = {name_key(str(bid["vendor"])): str(bid["vendor"]) for bid in by_vendor.values()}
    for claim, place in zip(claims.rows, claims.places, strict=True):
        vendor, code = claim["vendor"], claim["requirement"]
        if not isinstance(vendor, str) or not isinstance(code, str):
            continue
        bid = by_vendor.get(case_key(vendor))
        listed = None if bid is None else cast("list[Claim]", bid["claims"])
        if listed is None:
            other = by_name.get(name_key(vendor))
            params: Params = {"vendor": shown(vendor)} | ({"other": shown(other)} if other else {})
            bids.faults.append(place.fault("vendor", _NO_BID_BUT if other else _NO_BID, params))
        elif any(case_key(str(known["requirement"])) == case_key(code) for known in listed):
            bids.faults.append(place.fault("requirement", _ANSWERED_TWICE, {"code": shown(code)}))
        else:
            listed.append(cast("Claim", {key: value for key, value in claim.items() if key != "vendor"}))
