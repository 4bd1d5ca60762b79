"""Which sheet holds which kind of import, which row names its columns, and which column is which."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from procurement.sheets.addresses import column_letters
from procurement.sheets.columns import BIDS, NOTES, TEMPLATES, Column, Template, Words
from procurement.sheets.tables import Cell, Table
from procurement.sheets.unreadable import gettext_noop, shown

#: The head of a table is looked for in this many rows; above it people write titles and notes.
HEAD_ROWS = 20

_NO_HEAD = gettext_noop("None of the first %(rows)d rows names the columns. They are called: %(columns)s.")
_MISSING = gettext_noop("The column “%(column)s” is missing.")
_TWICE = gettext_noop("Two columns are read as “%(column)s”; the other is column %(other)s.")
_MISSPELT = gettext_noop("There is no column “%(name)s”. Is it “%(column)s”?")
_NO_REQUIREMENT = gettext_noop("There is no requirement “%(code)s”.")
_NOT_READ = gettext_noop("The column “%(name)s” is not read.")
_NAMELESS = gettext_noop("The column has no name, but cells below are filled.")

_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_NUMBERING = {"項次", "序號", "no", "no.", "#", "row"}
_CODE = re.compile(r"[^\W\d_]{0,8}[-_.]?\d+(?:[-_.]\d+)*[a-z]?", re.IGNORECASE)
_ALIKE = 0.75


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to say about a cell; row and column count from 1, 0 where it is about more than one."""

    row: int
    column: int
    template: str
    params: Mapping[str, str | int | float]


@dataclass(slots=True)
class Head:
    """The row that names the columns. ``columns``: number → column; ``codes``: number → requirement."""

    kind: str
    row: int = 0
    columns: dict[int, Column] = field(default_factory=dict)
    codes: dict[int, str] = field(default_factory=dict)
    faults: list[Remark] = field(default_factory=list)
    notes: list[Remark] = field(default_factory=list)


def plain(name: str) -> str:
    """Return a name as it is compared: half-width, lower case, no spaces, brackets, stars and colons."""
    folded = "".join(chr(ord(sign) - 0xFEE0) if "\uff01" <= sign <= "\uff5e" else sign for sign in name)
    return re.sub(r"[\s*:_\u3000]", "", _ASIDE.sub("", folded.lower()))


def _names(words: Words, *also: str) -> set[str]:
    return {plain(name) for name in (words.zh, words.en, *also)}


_SHEETS = {
    name: template.kind
    for template in TEMPLATES.values()
    for name in _names(template.sheet, *template.also, template.kind)
}
_COLUMNS = {
    kind: {
        name: column for column in template.columns for name in _names(column.names, *column.also, column.key)
    }
    for kind, template in TEMPLATES.items()
}


def kind_of_sheet(name: str) -> str | None:
    """Return the kind of import that a sheet is named after, or None."""
    return _SHEETS.get(plain(name))


def is_notes(table: Table) -> bool:
    """Say whether a sheet explains the others and is not read."""
    return plain(table.sheet) in _names(NOTES)


def column_of(name: str, kind: str) -> Column | None:
    """Return the column that a heading names; a heading may name it in both languages ("編號 / Code")."""
    known = _COLUMNS[kind]
    if plain(name) in known:
        return known[plain(name)]
    pieces = [known.get(plain(piece)) for piece in re.split(r"[\s/／|]+", _ASIDE.sub("", name)) if piece]
    return pieces[0] if len(set(pieces)) == 1 else None


def find_head(table: Table, template: Template, codes: Collection[str] | None) -> Head:
    """Find the head of a table; what is wrong with it stands in ``faults``, what is left unread in ``notes``.

    Further columns of bids that are named by a requirement's code hold claims: one of ``codes``, or, where
    they are None, anything that looks like a code.
    """
    best: tuple[Cell, ...] = ()
    best_count = 0
    for row in table.rows:
        if row[0].row > HEAD_ROWS:
            break
        found = {column.key for cell in row if (column := column_of(cell.text, template.kind)) is not None}
        if len(found) > best_count:
            best, best_count = row, len(found)
    head = Head(template.kind)
    if best_count < min(2, len(template.columns)):
        columns = ", ".join(column.zh + "/" + column.en for column in template.columns)
        head.faults.append(Remark(0, 0, _NO_HEAD, {"rows": HEAD_ROWS, "columns": columns}))
        return head
    head.row = best[0].row
    _assign(head, best, template, codes)
    _look_again(head, template)
    missing = [
        column for column in template.columns if column.required and column not in head.columns.values()
    ]
    head.faults += [Remark(head.row, 0, _MISSING, {"column": str(column.names)}) for column in missing]
    filled = {cell.column for cells in table.rows if cells[0].row > head.row for cell in cells}
    nameless = sorted(filled - {cell.column for cell in best})
    head.faults += [Remark(head.row, column, _NAMELESS, {}) for column in nameless]
    return head


def is_head(row: tuple[Cell, ...], head: Head) -> bool:
    """Say whether a row repeats the head, as merged and printed heads do."""
    named = [cell for cell in row if cell.column in head.columns]
    kind = head.kind
    return bool(named) and all(column_of(cell.text, kind) is head.columns[cell.column] for cell in named)


def _assign(head: Head, row: tuple[Cell, ...], template: Template, codes: Collection[str] | None) -> None:
    """Say of each heading which column it names, and remark on those that name none."""
    known = None if codes is None else {plain(code): code for code in codes}
    for cell in row:
        column = column_of(cell.text, template.kind)
        twin = next((number for number, other in head.columns.items() if other is column), None)
        if column is not None and twin is None:
            head.columns[cell.column] = column
        elif column is not None and twin is not None:
            params = {"column": str(column.names), "other": column_letters(twin - 1)}
            head.faults.append(Remark(cell.row, cell.column, _TWICE, params))
        elif template is BIDS and _CODE.fullmatch(cell.text) and known is None:
            head.codes[cell.column] = cell.text
        elif template is BIDS and known and plain(cell.text) in known:
            head.codes[cell.column] = known[plain(cell.text)]
        elif template is BIDS and _CODE.fullmatch(cell.text):
            head.faults.append(Remark(cell.row, cell.column, _NO_REQUIREMENT, {"code": shown(cell.text)}))
        else:
            head.notes.append(Remark(cell.row, cell.column, _NOT_READ, {"name": shown(cell.text)}))


def _look_again(head: Head, template: Template) -> None:
    """Turn the note on a column that is not read into a fault where it looks like one that is missing."""
    missing = [column for column in template.columns if column not in head.columns.values()]
    for note in list(head.notes):
        name = plain(str(note.params["name"]))
        meant = next((column for column in missing if name not in _NUMBERING and _alike(name, column)), None)
        if meant is not None:
            head.notes.remove(note)
            params = {**note.params, "column": str(meant.names)}
            head.faults.append(Remark(note.row, note.column, _MISSPELT, params))


def _alike(name: str, column: Column) -> bool:
    names = _names(column.names, column.key)
    return any(SequenceMatcher(None, name, other).ratio() >= _ALIKE for other in names)
