"""Catalogues as tables: a row for each requirement, in CSV, Excel or a flat JSON list.

The flat forms of the ASVS, annex 10 of the Taiwanese regulations (資通系統防護基準), and our own template all
come down to rows with named columns; a column is known by any of the names that publishers give it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

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

#: Column → names, as they are compared: lower case, without spaces, hyphens and underscores.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": (
        *("reqid", "id", "identifier", "requirementid", "controlid", "subcategoryid", "code", "subcategory"),
        *("編號", "要求編號", "代號", "條號", "項次編號"),
    ),
    "text": (
        *(
            "reqdescription",
            "text",
            "requirement",
            "statement",
            "description",
            "requirementtext",
            "controltext",
        ),
        *("內容", "要求內容", "條文", "要求", "控制措施"),
    ),
    "title": ("title", "name", "reqname", "標題", "名稱"),
    "levels": ("l", "level", "levels", "等級", "級別", "層級"),
    "parent": ("parent", "parentid", "上層", "所屬"),
    "kind": ("kind", "type", "種類", "列別"),
    "guidance": ("guidance", "rationale", "discussion", "why", "說明", "理由"),
    "remark": ("sourceremark", "remark", "remarks", "note", "備註"),
    "status": ("status", "state", "狀態"),
}
#: Columns that group rows, outermost first. Each may have a column for its identifier and one for its name:
#: chapter_id and chapter_name, or category_id and category.
GROUPS = ("chapter", "domain", "function", "family", "構面", "section", "category", "類別", "group")
_FLAG = re.compile(r"(?:level|l)([1-9])")
_LEVEL_NAME = re.compile(r"(?:level|l)[ _-]*(\d+)", re.IGNORECASE)
_NO = {"", "false", "no", "0", "-", "–", "否", "x0"}

#: Schemes whose order nobody states beside the data: protection levels of annex 10.
TAIWAN = ("普", "中", "高")
_KINDS = {
    **dict.fromkeys(("group", "heading", "chapter", "section", "群組", "標題", "章節"), Kind.GROUP),
    **dict.fromkeys(("", "requirement", "assessable", "control", "要求", "控制措施"), Kind.ASSESSABLE),
    **dict.fromkeys(("withdrawn", "deleted", "retired", "deprecated", "廢止", "刪除"), Kind.WITHDRAWN),
    **dict.fromkeys(("note", "remark", "info", "註", "說明", "備註"), Kind.NOTE),
}
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


def plain(name: str) -> str:
    """A column's name as it is compared."""
    return re.sub(r"[\s_*:()（）-]", "", name).casefold()


def column_of(name: str) -> str | None:
    """Which column a heading names, or None; a heading may name it in two languages ("編號 / ID")."""
    for piece in [name, *re.split(r"[/／|]", name)]:
        for key, names in COLUMNS.items():
            if plain(piece) in names:
                return key
    return None


def is_head(names: Sequence[str]) -> bool:
    """Whether a row names columns: an identifier and a text or title among them."""
    keys = {column_of(name) for name in names}
    return "id" in keys and bool({"text", "title"} & keys)


def read_rows(rows: Sequence[Row], declared: LevelScheme | None = None) -> Read:
    """The entries of a table; `declared` are its levels where the file states them. Raises `Unreadable`."""
    if not rows:
        raise Unreadable(_EMPTY)
    names = list(dict.fromkeys(name for row in rows for name in row.values))
    if not is_head(names):
        raise Unreadable(_NO_COLUMNS)
    table = _Table(names, declared)
    for row in rows:
        table.add(row)
    return table.done()


class _Table:
    """Reads rows under known columns."""

    def __init__(self, names: Sequence[str], declared: LevelScheme | None) -> None:
        self.builder = Builder()
        self._columns = _assigned(names)
        self._flags = {name: found[1] for name in names if (found := _FLAG.fullmatch(plain(name)))}
        self._groups = list(_group_columns([name for name in names if name not in self._columns.values()]))
        self._declared = declared
        self._seen: dict[str, None] = {}

    def _value(self, row: Row, column: str) -> str:
        return row.values.get(self._columns.get(column, ""), "").strip()

    def add(self, row: Row) -> None:
        """Add a row, after the groups that it is the first to name."""
        parent = self._value(row, "parent") or self._group(row)
        text, title = self._value(row, "text"), self._value(row, "title")
        if "text" not in self._columns:
            text, title = title, ""
        levels = self._levels(row)
        self.builder.add(
            self._value(row, "id"),
            self._kind(row, text or title, has_levels=bool(levels)),
            place=row.place,
            title=title,
            text=text,
            parent=parent,
            guidance=self._value(row, "guidance"),
            levels=levels,
            remark=self._value(row, "remark"),
        )

    def _group(self, row: Row) -> str:
        """The innermost group of a row; all of them are added where they are new."""
        path: list[str] = []
        parent = ""
        for column, title_column in self._groups:
            value = one_line(row.values.get(column, ""))
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

    def _kind(self, row: Row, text: str, *, has_levels: bool) -> Kind:
        said = self._value(row, "kind").casefold()
        kind = _KINDS.get(said)
        if kind is None:
            self.builder.problems.append(Remark(_KIND, {"place": row.place, "kind": shown(said)}))
            kind = Kind.ASSESSABLE
        if kind is not Kind.ASSESSABLE:
            return kind
        status = self._value(row, "status").casefold()
        leveled = bool(self._flags) or "levels" in self._columns
        if _KINDS.get(status, Kind.ASSESSABLE) is Kind.WITHDRAWN and status not in _ACTIVE:
            return Kind.WITHDRAWN
        if is_withdrawn(text, has_levels=has_levels or not leveled):
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
            names = sorted(self._flags.values(), key=int)
            scheme = LevelScheme(tuple(Level(name, f"Level {name}") for name in names))
        else:
            scheme = _scheme(tuple(self._seen), [entry.levels for entry in entries])
        return Read(entries, scheme, self.builder.problems)


def _assigned(names: Sequence[str]) -> dict[str, str]:
    """Column → heading; of several that could be one column, the name that stands first in `COLUMNS`."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for key, known in COLUMNS.items():
        candidates = [name for name in names if name not in taken and column_of(name) == key]
        candidates.sort(
            key=lambda name: min(
                (known.index(plain(piece)) for piece in _pieces(name) if plain(piece) in known), default=99
            )
        )
        if candidates:
            found[key] = candidates[0]
            taken.add(candidates[0])
    return found


def short_name(name: str) -> str:
    """A name that can be an identifier: one of a whole sentence is cut, and stays different from others."""
    if len(name) <= CODE_LENGTH:
        return name
    return f"{name[:150]}…#{sha256(name.encode()).hexdigest()[:9]}"


def _group_columns(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The columns of each group: of its identifier, and of its name ("" where the identifier is its name)."""
    by_plain = {plain(name): name for name in names}
    for group in GROUPS:
        title = next(
            (by_plain[key] for key in (f"{group}name", f"{group}title", group) if key in by_plain), ""
        )
        identifier = by_plain.get(f"{group}id") or by_plain.get(f"{group}code") or title
        if identifier:
            yield identifier, "" if identifier == title else title


def _pieces(name: str) -> Iterator[str]:
    yield name
    yield from re.split(r"[/／|]", name)


def _scheme(names: tuple[str, ...], levels: Sequence[Sequence[str]]) -> LevelScheme:
    """The scheme that the rows speak for: one level a row is a rank, several are a set."""
    one_each = all(len(row) <= 1 for row in levels)
    if set(names) <= set(TAIWAN) and names:
        return LevelScheme(tuple(Level(name) for name in TAIWAN), cumulative=True)
    if all(name.isdecimal() for name in names):
        ordered = sorted(names, key=int)
        return LevelScheme(
            tuple(Level(name, f"Level {name}") for name in ordered), cumulative=one_each and bool(names)
        )
    return LevelScheme(tuple(Level(name) for name in names))
