"""Catalogues as tables: a row for each requirement, in CSV, Excel or a flat JSON list.

The flat forms of the ASVS, annex 10 of the Taiwanese regulations (資通系統防護基準), and our own template all
come down to rows with named columns; a column is known by any of the names that publishers give it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from procurement.catalogues.columns import (
    TAIWAN,
    assigned,
    check_columns,
    flag_columns,
    group_columns,
    is_head,
    plain,
)
from procurement.catalogues.entries import (
    CODE_LENGTH,
    Builder,
    Entry,
    Kind,
    Level,
    LevelScheme,
    Remark,
    one_line,
)
from procurement.sheets.unreadable import Unreadable, gettext_noop, shown

_NO_COLUMNS = gettext_noop(
    "No columns for identifier and text are found. They are called, for example, id and text, req_id and"
    " req_description, or 編號 and 內容."
)
_EMPTY = gettext_noop("The columns are named, but no row below them is filled.")
_LEVEL = gettext_noop("%(place)s: the level “%(level)s” is none of %(levels)s; the row has no level.")
_KIND = gettext_noop("%(place)s: “%(kind)s” is no kind of row; it is read as a requirement.")

_LEVEL_NAME = re.compile(r"(?:level|l)[ _-]*(\d+)", re.IGNORECASE)
#: What is no tick; a Latin x is one, the sign × is none.
_NO = {"", "false", "no", "n", "0", "-", "–", "—", "否", "無", "n/a", "na", "不適用", "×", "✗", "✘", "x0"}

_KINDS = {
    **dict.fromkeys(("group", "heading", "chapter", "section", "群組", "標題", "章節"), Kind.GROUP),
    **dict.fromkeys(("", "requirement", "assessable", "control", "要求", "控制措施"), Kind.ASSESSABLE),
    **dict.fromkeys(("withdrawn", "deleted", "retired", "deprecated", "廢止", "刪除"), Kind.WITHDRAWN),
    **dict.fromkeys(("note", "remark", "info", "註", "說明", "備註"), Kind.NOTE),
}
#: Dots in an identifier that speak of sections.
_DEEPEST = 8
_ACTIVE = {"", "active", "current", "in force", "有效", "現行"}
_WITHDRAWN_TEXT = re.compile(
    r"\[?\s*(?:deleted|withdrawn|moved|retired|removed|split|grouped|已删除|已刪除|刪除|删除|廢止)\b",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"\[[^\[\]]{3,}\]\.?")
#: A row that says how others are to be read: 第四點及第五點所定措施，…；註：…
_NOTE_TEXT = re.compile(
    r"(?:註|備註|附註|note)\s*\d*\s*[:：]|第[一二三四五六七八九十]+點(?:[及、與]第[一二三四五六七八九十]+點)*所定",
    re.IGNORECASE,
)


def short_level(name: str) -> str:
    """A level's name without the word: "Level 1", "level-1" and "L1" are all "1"."""
    found = _LEVEL_NAME.fullmatch(one_line(name))
    return found[1] if found else one_line(name).replace("|", "/")


def is_withdrawn(text: str, *, has_levels: bool) -> bool:
    """Whether a text says that its requirement is gone: "[DELETED, DUPLICATE OF 4.1.3]", in any language.

    A text that is nothing but a bracket, on a row that no level asks for, says so in languages that we do not
    know.
    """
    if text.startswith("[") and _WITHDRAWN_TEXT.match(text):
        return True
    return not has_levels and _BRACKETED.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Row:
    """A row by the names of its columns, and where it stands."""

    values: Mapping[str, str]
    place: str


@dataclass
class Read:
    """What a table held."""

    entries: tuple[Entry, ...]
    scheme: LevelScheme
    problems: list[Remark] = field(default_factory=list)


def read_rows(rows: Sequence[Row], declared: LevelScheme | None = None) -> Read:
    """The entries of a table; `declared` are its levels where the file states them. Raises `Unreadable`."""
    if not rows:
        raise Unreadable(_EMPTY)
    names = list(dict.fromkeys(name for row in rows for name in row.values))
    check_columns(names)
    if not is_head(names):
        raise Unreadable(_NO_COLUMNS)
    renamed = _names_of_sections(names, rows)
    if renamed:
        names = [renamed.get(name, name) for name in names]
        rows = [
            Row({renamed.get(name, name): value for name, value in row.values.items()}, row.place)
            for row in rows
        ]
    table = _Table(names, rows, declared)
    for row in rows:
        table.add(row)
    return table.done()


def _names_of_sections(names: Sequence[str], rows: Sequence[Row]) -> dict[str, str]:
    """A column "Name" that names the section of each row, not the row (ASVS 4.0.1), under a telling name."""
    by_plain = {plain(name): name for name in names}
    name = by_plain.get("name", "")
    for group, title in group_columns(names):
        if not name or title or "text" not in assigned(names):
            continue
        called = {(row.values.get(group, ""), row.values.get(name, "")) for row in rows}
        if len({group for group, _name in called}) == len(called) < len(rows) / 2:
            return {name: f"{plain(group)}_name"}
    return {}


class _Table:
    """Reads rows under known columns."""

    def __init__(self, names: Sequence[str], rows: Sequence[Row], declared: LevelScheme | None) -> None:
        self.builder = Builder()
        self._columns = assigned(names)
        kinds = {self._value(row, "kind").casefold() for row in rows} - {""}
        if kinds and not kinds & _KINDS.keys():
            del self._columns["kind"]  # a type of something else
        self._flags = flag_columns(names)
        self._groups = list(group_columns([name for name in names if name not in self._columns.values()]))
        self._declared = declared
        self._seen: dict[str, None] = {}
        self._holders = {part for row in rows for part in _prefixes(self._value(row, "id"))}
        self._headings: dict[str, str] = {}
        self._latest: dict[str, str] = {}

    def _value(self, row: Row, column: str) -> str:
        return row.values.get(self._columns.get(column, ""), "").strip()

    def add(self, row: Row) -> None:
        """Add a row, after the groups that it is the first to name."""
        identifier = self._value(row, "id")
        parent = self._value(row, "parent") or self._group(row) or self._heading_of(identifier)
        text, title = self._value(row, "text"), self._value(row, "title")
        if "text" not in self._columns:
            text, title = title, ""
        is_nameless = not identifier and any(row.values.get(name, "").strip() for name, _one in self._groups)
        levels = self._levels(row)
        if is_nameless and not levels and (not text or self._is_leveled):
            return  # a line that only names the group of those below it
        kind = self._kind(row, text or title, has_levels=bool(levels))
        if kind is Kind.ASSESSABLE and not levels and self._is_leveled and _bare(identifier) in self._holders:
            kind = Kind.GROUP  # a line above the rows of its section: "V1 | Architecture"
            title, text = (title, text) if title else (text, "")
            self._headings[_bare(identifier)] = identifier
        self.builder.add(
            identifier,
            kind,
            place=row.place,
            title=title,
            text=text,
            parent=parent,
            guidance=self._value(row, "guidance"),
            levels=levels,
            remark=self._value(row, "remark"),
        )

    @property
    def _is_leveled(self) -> bool:
        return bool(self._flags) or "levels" in self._columns

    def _heading_of(self, identifier: str) -> str:
        """The nearest heading that was a row of its own: V1 for 1.1.2."""
        found = (self._headings.get(part, "") for part in _prefixes(identifier))
        return next((name for name in found if name), "")

    def _group(self, row: Row) -> str:
        """The innermost group of a row; all of them are added where they are new."""
        path: list[str] = []
        parent = ""
        for column, title_column in self._groups:
            value = one_line(row.values.get(column, ""))
            if value and value != self._latest.get(column):
                self._open(column, value)
            value = self._latest.get(column, "")  # cells merged downward leave those below empty
            if not value:
                continue
            path.append(value)
            identifier = short_name(value if title_column else " / ".join(path))
            if identifier not in self.builder:
                title = row.values.get(title_column, "") if title_column else value
                self.builder.add(
                    identifier,
                    Kind.GROUP,
                    place=row.place,
                    title=title,
                    parent=parent,
                    label=value[:CODE_LENGTH],
                )
            parent = identifier
        return parent

    def _open(self, column: str, value: str) -> None:
        """Note the group that rows belong to from here on; it closes the groups inside the former one."""
        columns = [name for name, _title in self._groups]
        for inner in columns[columns.index(column) :]:
            self._latest.pop(inner, None)
        self._latest[column] = value

    def _kind(self, row: Row, text: str, *, has_levels: bool) -> Kind:
        said = self._value(row, "kind").casefold()
        kind = _KINDS.get(said)
        if kind is None:
            self.builder.problems.append(Remark(_KIND, {"place": row.place, "kind": shown(said)}))
            kind = Kind.ASSESSABLE
        if kind is not Kind.ASSESSABLE:
            return kind
        status = self._value(row, "status").casefold()
        if _KINDS.get(status, Kind.ASSESSABLE) is Kind.WITHDRAWN and status not in _ACTIVE:
            return Kind.WITHDRAWN
        if is_withdrawn(text, has_levels=has_levels or not self._is_leveled):
            return Kind.WITHDRAWN
        return Kind.NOTE if _NOTE_TEXT.match(text) else Kind.ASSESSABLE

    def _levels(self, row: Row) -> list[str]:
        """The levels that a row names, or whose columns it ticks."""
        if self._flags:
            return [
                level
                for name, level in self._flags.items()
                if row.values.get(name, "").strip().casefold() not in _NO
            ]
        found = [
            short_level(name)
            for name in re.split(r"[,;、，；\n]", self._value(row, "levels"))
            if name.strip()
        ]
        if self._declared is not None and self._declared.levels:
            unknown = [name for name in found if name not in self._declared.names]
            said = {"place": row.place, "levels": ", ".join(self._declared.names)}
            self.builder.problems += [Remark(_LEVEL, {**said, "level": shown(name)}) for name in unknown]
            found = [name for name in found if name not in unknown]
        self._seen.update(dict.fromkeys(found))
        return found

    def done(self) -> Read:
        """Everything that was read."""
        entries = self.builder.entries()
        if self._declared is not None and self._declared.levels:
            scheme = self._declared
        elif self._flags:
            names = list(dict.fromkeys(self._flags.values()))
            if all(name.isdecimal() for name in names):
                names.sort(key=int)
            scheme = LevelScheme(tuple(Level(name, _title(name)) for name in names))
        else:
            scheme = scheme_of(dict.fromkeys(self._seen, ""), [entry.levels for entry in entries])
        return Read(entries, scheme, self.builder.problems)


def _title(level: str) -> str:
    return f"Level {level}" if level.isdecimal() else ""


def _bare(identifier: str) -> str:
    """A dotted identifier without the letters before it: V1.2 gives 1.2."""
    return re.sub(r"^[A-Za-z]+(?=\d)", "", identifier)


def _prefixes(identifier: str) -> list[str]:
    """What a dotted identifier stands below, the nearest first: 1.2.3 stands below 1.2 and 1."""
    parts = _bare(identifier)[:CODE_LENGTH].split(".")[:_DEEPEST]
    return [".".join(parts[:count]) for count in range(len(parts) - 1, 0, -1)]


def short_name(name: str) -> str:
    """A name that can be an identifier: one of a whole sentence is cut, and stays different from others."""
    if len(name) <= CODE_LENGTH:
        return name
    return f"{name[:150]}…#{sha256(name.encode()).hexdigest()[:9]}"


def scheme_of(titles: Mapping[str, str], levels: Sequence[Sequence[str]]) -> LevelScheme:
    """The scheme that rows speak for, of the levels in `titles`: one a row is a rank, several are a set."""
    names = list(titles)
    ranked = all(len(row) <= 1 for row in levels) and bool(names)
    if names and set(names) <= set(TAIWAN):
        return LevelScheme(tuple(Level(name) for name in TAIWAN), cumulative=ranked)
    numbered = all(name.isdecimal() for name in names)
    if numbered:
        names.sort(key=int)
    return LevelScheme(
        tuple(Level(name, titles[name] or _title(name)) for name in names), cumulative=ranked and numbered
    )
