"""Lists of controls in YAML as OpenSSF writes them (OSPS baseline, Gemara): one file, or a folder of them.

A control is a heading; its assessment requirements are what is asked. A level is a set that a requirement
belongs to ("applicability"), not a rank.
"""

from collections.abc import Mapping, Sequence

from procurement.catalogues.entries import (
    UNSTATED,
    Builder,
    Catalogue,
    Kind,
    Level,
    LevelScheme,
    Remark,
    one_line,
)
from procurement.catalogues.naming import stem
from procurement.catalogues.nested import holds_rows
from procurement.catalogues.rows import short_level
from procurement.catalogues.tree import Node
from procurement.sheets.unreadable import Unreadable, gettext_noop

_EMPTY = gettext_noop("None of the files holds a list of controls.")
_RETIRED = gettext_noop("“%(id)s” was retired; its publisher still counts it, but it cannot be picked.")

_FAMILIES = ("control-families", "families", "groups")
_LISTS = ("controls", "criteria")
_ASKED = ("assessment-requirements", "test-requirements")
#: What a control without them asks, and why (the OSPS's first edition, the MASVS).
_TEXTS = ("criterion", "statement", "text", "requirement", "objective", "description")
_REASONS = ("recommendation", "rationale", "details", "description")
_LEVELS = ("applicability", "maturity_level", "levels", "level", "implementation_groups")
_GONE = {"retired", "deprecated", "withdrawn", "removed"}


def is_list(document: Node) -> bool:
    """Whether a document is one of such lists, or the metadata beside them."""
    keys = ("controls", "criteria", "control-families")
    return any(isinstance(document.value.get(key), list) for key in keys) or _is_metadata(document)


def _is_metadata(document: Node) -> bool:
    return "metadata" in document and isinstance(document.value["metadata"], dict)


def read_lists(documents: Mapping[str, Node]) -> Catalogue:
    """The catalogue of one file or of the files of a folder, by name. Raises `Unreadable`."""
    builder = Builder()
    scheme: dict[str, str] = {}
    metadata = Node({})
    title = ""
    for _name, document in sorted(documents.items()):
        if _is_metadata(document):
            metadata, title = document.node("metadata"), document.text("title")
            scheme |= _declared_levels(metadata)
        _read(builder, document)
    entries = builder.entries()
    if not any(entry.kind is Kind.ASSESSABLE for entry in entries):
        raise Unreadable(_EMPTY)
    names = list(scheme) or _seen_levels([entry.levels for entry in entries])
    title = one_line(title or metadata.text("title"))
    code = _code(metadata, documents, next(entry.id for entry in entries if entry.kind is Kind.ASSESSABLE))
    return Catalogue(
        code=code,
        version=one_line(metadata.text("version")) or UNSTATED,
        title=title or code,
        publisher=one_line(metadata.node("author").text("name")) if "author" in metadata else "",
        licence=one_line(metadata.text("license")),
        entries=entries,
        scheme=LevelScheme(tuple(Level(name, scheme.get(name, "")) for name in names)),
        remarks=tuple(Remark(_RETIRED, {"id": entry.id}) for entry in entries if entry.retired),
        problems=tuple(builder.problems),
    )


def _code(metadata: Node, documents: Mapping[str, Node], first: str) -> str:
    """What the metadata are called, else what the identifiers begin with, else the one file."""
    begin = "" if first[:1].isdigit() else first.partition("-")[0]
    return (one_line(metadata.text("id")) or begin or stem(min(documents))).upper()


def _declared_levels(metadata: Node) -> dict[str, str]:
    groups = [*metadata.nodes("applicability-groups"), *metadata.nodes("applicability-categories")]
    return {
        short_level(group.text("id")): one_line(group.text("title")) for group in groups if group.text("id")
    }


def _seen_levels(levels: Sequence[Sequence[str]]) -> list[str]:
    """The levels that rows name where nothing declares them, by name, because sets have no order."""
    return sorted({level for names in levels for level in names})


def _read(builder: Builder, document: Node) -> None:
    """Read a file: families with controls in them, or families and controls that name them."""
    category = one_line(
        document.text("category") or ("" if _is_metadata(document) else document.text("title"))
    )
    for key in _FAMILIES:
        for family in document.nodes(key):
            identifier = family.text("id") or family.text("title")
            builder.add(
                identifier,
                Kind.GROUP,
                place=family.place,
                title=family.text("title"),
                text=family.text("description").strip(),
            )
            _controls(builder, family, one_line(identifier))
    holds = any(document.value.get(key) for key in _LISTS)
    if category and holds and category not in builder:
        text = document.text("description").strip()
        builder.add(category, Kind.GROUP, place=document.place, title=category, text=text)
    _controls(builder, document, category)


def _controls(builder: Builder, holder: Node, family: str) -> None:
    for key in _LISTS:
        for control in holder.nodes(key):
            parent = one_line(control.text("group") or control.text("family") or family)
            _control(builder, control, parent)


def _control(builder: Builder, control: Node, parent: str) -> None:
    """A control with what it asks below it is a heading; one without (the list's first edition) is asked."""
    asked = next((key for key in _ASKED if key in control), "")
    asked = asked or next((key for key, value in control.value.items() if holds_rows(value)), "")
    if not asked:
        _criterion(builder, control, parent)
        return
    identifier = control.text("id")
    builder.add(
        identifier,
        Kind.GROUP,
        place=control.place,
        title=control.text("title"),
        text=(control.text("objective") or control.text("description")).strip(),
        parent=parent,
    )
    for one in control.nodes(asked):
        _control(builder, one, one_line(identifier))


def _criterion(builder: Builder, one: Node, parent: str) -> None:
    title = one.text("title")
    text = next((said for key in _TEXTS if (said := one.text(key).strip())), "")
    guidance = next((said for key in _REASONS if (said := one.text(key).strip()) and said != text), "")
    levels = next((names for key in _LEVELS if (names := one.texts(key))), [])
    builder.add(
        one.text("id"),
        Kind.ASSESSABLE,
        place=one.place,
        title=title if text else "",
        text=text or one_line(title),
        parent=parent,
        guidance=guidance,
        levels=[short_level(level) for level in levels],
        retired=one.text("state").casefold() in _GONE,
    )
