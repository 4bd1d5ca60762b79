"""What the columns of tables of requirements are called, and what stands in them."""

import re
from collections.abc import Iterator, Mapping, Sequence, Sized
from functools import lru_cache

from procurement.sheets.unreadable import Unreadable, gettext_noop

_TOO_MANY = gettext_noop("The rows have more than %(limit)d columns.")
#: As many as a table that is uploaded may have.
_MOST_COLUMNS = 200

#: Column → names, as they are compared: lower case, without spaces, hyphens and underscores. Of several
#: columns that could be one, the name that stands first here is taken.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": (
        *("reqid", "id", "identifier", "requirementid", "controlid", "subcategoryid", "code", "subcategory"),
        *("編號", "要求編號", "代號", "條號", "項次編號", "控制項編號", "编号", "要求编号"),
        *("controlidentifier", "safeguardid", "cissafeguard", "safeguard", "taskid", "clause", "條次"),
        *("refid", "ref", "item", "controlno", "reqno", "requirementno", "no", "no.", "#", "number"),
        *("項目編號", "項次", "序號", "序号"),
    ),
    "text": (
        *("reqdescription", "text", "requirement", "statement", "description", "requirementtext"),
        *("controltext", "requirementdescription", "controldescription", "controlstatement", "criterion"),
        *("controlspecification", "specification", "detailedverificationrequirement"),
        *("verificationrequirement", "detail", "details"),
        *("內容", "要求內容", "條文", "要求", "控制措施", "要求事項", "條文內容", "要求說明", "描述"),
        *("内容", "要求内容", "要求描述", "验证要求"),
    ),
    "title": (
        *("title", "name", "reqname", "controlname", "controltitle", "requirementname", "標題", "名稱"),
        *(
            "controlorcontrolenhancementname",
            "safeguardtitle",
            "control",
            "要求名稱",
            "控制項名稱",
            "标题",
            "名称",
        ),
    ),
    "levels": (
        *("l", "level", "levels", "applicability", "implementationgroups", "maturitylevel"),
        *("等級", "級別", "層級", "防護等級", "等级", "级别"),
    ),
    "parent": ("parent", "parentid", "上層", "所屬"),
    "kind": ("kind", "type", "種類", "列別"),
    "guidance": ("guidance", "rationale", "discussion", "why", "recommendation", "說明", "理由", "说明"),
    "remark": ("sourceremark", "remark", "remarks", "note", "備註", "备注"),
    "status": ("status", "state", "狀態", "状态"),
}
#: Names of an identifier that other tables give to mere row numbers: a text has to stand beside them.
_NUMBERS = {"item", "ref", "no", "no.", "#", "number", "項次", "序號", "序号"}
#: Columns that group rows, outermost first. Each may have a column for its identifier and one for its name:
#: chapter_id and chapter_name, or category_id and category.
GROUPS = (
    *("chapter", "domain", "controldomain", "function", "family", "構面", "section", "category", "類別"),
    *("practice", "practices", "ciscontrol", "group"),
)
#: Columns of which each cell begins with the identifier: "PO.1.1: Identify and document …".
_COMBINED = {"task", "tasks", "subcategory", "subcategories", "requirement", "requirements", "control"}
_NAMED = re.compile(
    r"([A-Za-z]{0,8}[.-]?\d[\w.()-]*|[A-Z]{1,8}(?:[.-][A-Z]{1,8})*[.-]?\d[\w.()-]*)\s*[:：]\s*(?=\S)"
)

#: Schemes whose order nobody states beside the data: protection levels of annex 10.
TAIWAN = ("普", "中", "高")
_BASELINES = ("low", "moderate", "high")
_FLAG = re.compile(r"(level|l|ig|ml|sl)([1-9])")


def check_columns(names: Sized) -> None:
    """Raise `Unreadable` for more columns than any table has."""
    if len(names) > _MOST_COLUMNS:
        raise Unreadable(_TOO_MANY, {"limit": _MOST_COLUMNS})


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """A column's name as it is compared."""
    return re.sub(r"[\s_*:()（）-]", "", name).casefold()


def pieces(name: str) -> Iterator[str]:
    """The name, and what it is in each of two languages ("編號 / ID")."""
    yield name
    yield from re.split(r"[/／|]", name)


@lru_cache(maxsize=4096)
def column_of(name: str) -> str | None:
    """Which column a heading names, or None."""
    for piece in pieces(name):
        for key, names in COLUMNS.items():
            if plain(piece) in names:
                return key
    return None


def is_head(names: Sequence[str]) -> bool:
    """Whether a row names columns: an identifier and a text or title among them."""
    keys = {column_of(name) for name in names}
    if "text" in keys:
        return "id" in keys
    numbers = {name for name in names if any(plain(piece) in _NUMBERS for piece in pieces(name))}
    return "title" in keys and any(column_of(name) == "id" for name in set(names) - numbers)


def assigned(names: Sequence[str]) -> dict[str, str]:
    """Column → heading; of several that could be one column, the name that stands first in `COLUMNS`."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for key, known in COLUMNS.items():
        candidates = [name for name in names if name not in taken and column_of(name) == key]
        candidates.sort(
            key=lambda name: min(
                (known.index(plain(piece)) for piece in pieces(name) if plain(piece) in known), default=99
            )
        )
        if candidates:
            found[key] = candidates[0]
            taken.add(candidates[0])
    return found


def group_columns(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The columns of each group: of its identifier, and of its name ("" where the identifier is its name)."""
    by_plain = {plain(name): name for name in names}
    for group in GROUPS:
        title = next(
            (by_plain[key] for key in (f"{group}name", f"{group}title", group) if key in by_plain), ""
        )
        identifier = by_plain.get(f"{group}id") or by_plain.get(f"{group}code") or title
        if identifier:
            yield identifier, "" if identifier == title else title


def flag_columns(names: Sequence[str]) -> dict[str, str]:
    """Columns that are ticked for a level, and the level's name: L1, Level 2, IG3, 普, or low to high."""
    found = {}
    for name in names:
        if flag := _FLAG.fullmatch(plain(name)):
            found[name] = flag[2] if flag[1] in ("level", "l") else flag[0].upper()
    for scheme in (TAIWAN, _BASELINES):
        called = {name: plain(name).removeprefix("securitycontrolbaseline") for name in names}
        named = {name: level for name, level in called.items() if level in scheme}
        if len(named) > 1:
            found |= dict(sorted(named.items(), key=lambda one: scheme.index(one[1])))
    return found


def is_combined(name: str, values: Sequence[str]) -> bool:
    """Whether a column holds identifier and text in one cell: most of its cells, and at least two, do."""
    split = sum(_NAMED.match(value) is not None for value in values)
    return any(plain(piece) in _COMBINED for piece in pieces(name)) and split > max(1, len(values) // 2)


def parted(value: str) -> tuple[str, str]:
    """The identifier and the text of such a cell; one without an identifier is all text."""
    found = _NAMED.match(value)
    return (found[1], value[found.end() :]) if found else ("", value)
