"""Catalogues that come as tables: CSV and Excel, and lists of flat objects in JSON.

Above the row that names the columns a file may say what it is, a line each: code, version, language, title,
publisher, source, licence, levels (lowest first) and whether they are cumulative. That is our own template.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from procurement.catalogues.columns import TAIWAN, assigned, flag_columns, is_combined, is_head, parted, plain
from procurement.catalogues.entries import UNSTATED, Catalogue, Level, LevelScheme, Remark, one_line
from procurement.catalogues.naming import (
    code_without,
    language_of_name,
    stem,
    version_of_name,
)
from procurement.catalogues.nested import is_nested, nested_rows, texts_of
from procurement.catalogues.rows import Row, read_rows, short_level
from procurement.catalogues.tree import Node
from procurement.sheets.reading import read_tables
from procurement.sheets.tables import Cell, Table
from procurement.sheets.unreadable import Unreadable, gettext_noop, shown

_NO_HEAD = gettext_noop(
    "None of the first %(rows)d rows names the columns: an identifier (id, req_id, 編號) and a text (text,"
    " req_description, 內容) are needed."
)
_OTHER_SHEET = gettext_noop("The sheet “%(sheet)s” has other columns than the first; it is not read.")
_NAMELESS = gettext_noop("Row %(row)d, column %(column)d is filled but has no heading; it is not read.")
_GAZETTE = gettext_noop(
    "The edition is not stated in the file: its text is to be checked against the gazette (全國法規資料庫)"
    " before use."
)

#: Where a document says what it is.
_ABOUT = ("metadata", "info", "about")
#: The head of a table is looked for in this many rows.
HEAD_ROWS = 20

FACTS: Mapping[str, tuple[str, ...]] = {
    "code": ("code", "代碼", "catalogue", "目錄代碼"),
    "version": ("version", "版本"),
    "language": ("language", "語言"),
    "title": ("title", "名稱"),
    "publisher": ("publisher", "發布者", "發布機關"),
    "source": ("source", "來源"),
    "licence": ("licence", "license", "授權"),
    "levels": ("levels", "等級"),
    "cumulative": ("cumulative", "累積"),
}
_YES = {"yes", "true", "1", "是", "累積"}


@dataclass
class Facts:
    """What a file says of itself, by the keys of `FACTS`."""

    stated: dict[str, str] = field(default_factory=dict)

    def text(self, key: str) -> str:
        """What is stated, "" where nothing is."""
        return one_line(self.stated.get(key, ""))

    def scheme(self) -> LevelScheme | None:
        """The levels that are stated, lowest first."""
        names = [short_level(name) for name in re.split(r"[,;、，；<]", self.text("levels")) if name.strip()]
        if not names:
            return None
        levels = tuple(Level(name) for name in dict.fromkeys(names))
        return LevelScheme(levels, cumulative=self.text("cumulative").casefold() in _YES)


def read_table(name: str, data: bytes) -> Catalogue:
    """The catalogue of a workbook or a text file. Raises `Unreadable`."""
    facts: Facts | None = None
    rows: list[Row] = []
    problems: list[Remark] = []
    for table in read_tables(name, data):
        if table.hidden:
            continue
        whole, head = _with_head(table)
        if head is None:
            continue
        stated, more, nameless = _below(whole, head)
        if facts is None or (rows and more and set(more[0].values) == set(rows[0].values)):
            facts, rows, problems = facts or stated, rows + more, problems + nameless
        else:
            problems.append(Remark(_OTHER_SHEET, {"sheet": shown(table.sheet)}))
    if facts is None:
        raise Unreadable(_NO_HEAD, {"rows": HEAD_ROWS})
    return _catalogue(name, facts, rows, problems)


def _with_head(table: Table) -> tuple[Table, int | None]:
    """The table and the row that names its columns; cells of identifier and text are parted first."""
    head = _head(table)
    if head is not None:
        return table, head
    for row in table.rows[:HEAD_ROWS]:
        for cell in row:
            below = [one.text for line in table.rows for one in line if one.column == cell.column]
            if row[0].row <= HEAD_ROWS and is_combined(cell.text, below):
                return replace(table, rows=tuple(_parted(table, cell))), row[0].row
    return table, None


def _parted(table: Table, head: Cell) -> Iterator[tuple[Cell, ...]]:
    """The rows with an identifier before the text of a column, under names that every reader knows."""
    for row in table.rows:
        cells: list[Cell] = []
        for cell in row:
            if cell.column != head.column or cell.row < head.row:
                cells.append(cell)
                continue
            name, text = ("ID", "Text") if cell.row == head.row else parted(cell.text)
            cells += [replace(cell, column=0, text=name)] if name else []
            cells.append(replace(cell, text=text))
        yield tuple(cells)


def _head(table: Table) -> int | None:
    """The number of the row that names the columns."""
    for row in table.rows:
        if row[0].row > HEAD_ROWS:
            return None
        if is_head([cell.text for cell in row]):
            return row[0].row
    return None


def _below(table: Table, head: int) -> tuple[Facts, list[Row], list[Remark]]:
    """What stands above the head as facts, what stands below it as rows."""
    facts = Facts()
    names: dict[int, str] = {}
    rows: list[Row] = []
    nameless: dict[int, int] = {}
    for cells in table.rows:
        number = cells[0].row
        if number == head + 1 and (second := _second_head(names, cells)):
            names |= second
        elif number < head:
            _take_fact(facts, [cell.text for cell in cells])
        elif number == head:
            names = {cell.column: cell.text for cell in cells}
        else:
            values = {names[cell.column]: cell.text for cell in cells if cell.column in names}
            nameless |= {cell.column: number for cell in cells if cell.column not in names}
            rows.append(Row(values, f"{table.sheet} {number}".strip()))
    named = [Row({**dict.fromkeys(names.values(), ""), **row.values}, row.place) for row in rows]
    problems = [Remark(_NAMELESS, {"row": row, "column": column}) for column, row in nameless.items()]
    return facts, named, problems


def _second_head(names: Mapping[int, str], cells: Sequence[Cell]) -> dict[int, str]:
    """The levels that a second row names below a merged heading ("Level" over L1, L2, L3), by column."""
    identifier = assigned(list(names.values()))["id"]
    found = flag_columns([cell.text for cell in cells])
    if any(names.get(cell.column) == identifier for cell in cells) or len(found) < len(cells):
        return {}
    return {cell.column: cell.text for cell in cells}


def _take_fact(facts: Facts, cells: Sequence[str]) -> None:
    if len(cells) < 2:
        return
    pieces = [plain(piece) for piece in re.split(r"[/／|]", cells[0])]
    for key, names in FACTS.items():
        if any(piece in names for piece in pieces):
            facts.stated.setdefault(key, cells[1])


def read_flat(name: str, document: Node) -> Catalogue:
    """The catalogue of a JSON file with a list of flat objects under `requirements`. Raises `Unreadable`."""
    listed = list(document.nodes("requirements"))
    if any(is_nested(node) for node in listed):
        rows = nested_rows(document)
    else:
        rows = [Row(dict(texts_of(node)), node.place) for node in listed]
    facts = _facts(document)
    for key, also in (("code", "catalogue"), ("licence", "licence"), ("source", "source")):
        if also in document:
            facts.stated[key] = document.text(also)
    if "levels" in document:
        ranked = sorted(document.nodes("levels"), key=lambda level: level.text("rank"))
        facts.stated["levels"] = "、".join(level.text("code") or level.text("name") for level in ranked)
        facts.stated["cumulative"] = document.text("levels_are_cumulative")
    return _catalogue(name, facts, rows, [])


def read_nested(name: str, document: Node) -> Catalogue | None:
    """The catalogue of lists inside each other under whatever keys; None where nothing is asked there.

    Raises `Unreadable`.
    """
    rows = nested_rows(document)
    return _catalogue(name, _facts(document), rows, []) if rows else None


def _facts(document: Node) -> Facts:
    """What a document says of itself, at its top or under "metadata"."""
    stated: dict[str, str] = {}
    about = [document.node(key) for key in _ABOUT if isinstance(document.value.get(key), dict)]
    for holder in (document, *about):
        stated = {key: text for key, text in texts_of(holder) if key in FACTS and key != "levels"} | stated
    return Facts(stated)


def _catalogue(name: str, facts: Facts, rows: Sequence[Row], problems: list[Remark]) -> Catalogue:
    """Rows and facts together; what the file does not state is worked out from its name and its columns."""
    read = read_rows(rows, facts.scheme())
    is_asvs = any("req_description" in row.values for row in rows[:1]) or _ASVS.search(stem(name)) is not None
    is_annex = read.scheme.names == TAIWAN
    version = facts.text("version") or version_of_name(name) or UNSTATED
    code = facts.text("code") or ("ASVS" if is_asvs else _code_of_name(name, version))
    title = f"OWASP Application Security Verification Standard {version}" if is_asvs else code
    return Catalogue(
        code=code,
        version=version,
        language=facts.text("language") or ("zh-Hant-TW" if is_annex else ""),
        title=facts.text("title") or (_ANNEX if is_annex else title),
        publisher=facts.text("publisher") or ("OWASP Foundation" if is_asvs else ""),
        source=facts.text("source"),
        licence=facts.text("licence") or ("CC BY-SA 4.0" if is_asvs else ""),
        entries=read.entries,
        scheme=read.scheme,
        remarks=(Remark(_GAZETTE),) if is_annex and version == UNSTATED else (),
        problems=(*problems, *read.problems),
    )


_ASVS = re.compile(r"application.security.verification.standard", re.IGNORECASE)
_ANNEX = "資通安全責任等級分級辦法 附表十 資通系統防護基準"


def _code_of_name(name: str, version: str) -> str:
    """The file's name without version and language: "tw-annex10.csv" gives tw-annex10."""
    base = stem(name)
    language = language_of_name(name)
    if language:
        base = base[: -len(language)].rstrip("-_. ")
    short = code_without(base, version) if version != UNSTATED else base
    return re.sub(r"\s+", "-", short if version == UNSTATED else short.lower())
