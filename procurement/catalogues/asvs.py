"""The tree of the OWASP ASVS (4.0 and 5.0), in JSON and in XML: chapters, sections, requirements.

Version 5 gives each requirement the lowest level that asks for it (`L`); 4.0 ticks every level that does
(`L1`, `L2`, `L3`).
"""

from typing import TYPE_CHECKING

from procurement.catalogues.entries import UNSTATED, Builder, Catalogue, Kind, Level, LevelScheme, one_line
from procurement.catalogues.rows import is_withdrawn
from procurement.catalogues.tree import Node, check
from procurement.catalogues.xml_text import local

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_LEVELS = ("1", "2", "3")
_TITLE = "OWASP Application Security Verification Standard"
_YES = {"true", "yes", "1", "✓", "x"}


def read_asvs(document: Node) -> Catalogue:
    """The catalogue of the tree. Raises `Unreadable`."""
    builder = Builder()
    ranked = False
    for chapter in document.nodes("Requirements"):
        _heading(builder, chapter, "")
        for section in chapter.nodes("Items"):
            _heading(builder, section, chapter.text("Shortcode"))
            for item in section.nodes("Items"):
                ranked = ranked or "L" in item
                _requirement(builder, item, section.text("Shortcode"))
    version = one_line(document.text("Version")) or UNSTATED
    return Catalogue(
        code=one_line(document.text("ShortName")) or "ASVS",
        version=version,
        title=f"{_TITLE} {version}",
        publisher="OWASP Foundation",
        source="https://github.com/OWASP/ASVS",
        licence="CC BY-SA 4.0",
        entries=builder.entries(),
        scheme=LevelScheme(tuple(Level(one, f"Level {one}") for one in _LEVELS), cumulative=ranked),
        problems=tuple(builder.problems),
    )


def _heading(builder: Builder, node: Node, parent: str) -> None:
    builder.add(node.text("Shortcode"), Kind.GROUP, place=node.place, title=node.text("Name"), parent=parent)


def _requirement(builder: Builder, item: Node, parent: str) -> None:
    text = item.text("Description").strip()
    levels = _levels(item)
    builder.add(
        item.text("Shortcode"),
        Kind.WITHDRAWN if is_withdrawn(text, has_levels=bool(levels)) else Kind.ASSESSABLE,
        place=item.place,
        text=text,
        parent=parent,
        levels=levels,
    )


def _levels(item: Node) -> list[str]:
    """The lowest level, or every level that is ticked."""
    if "L" in item:
        return [level for level in _LEVELS if item.text("L").strip() == level]
    return [level for level in _LEVELS if item.node(f"L{level}").text("Required").casefold() in _YES]


# --- the same in XML ---------------------------------------------------------------------------------------
_LISTS = {"Requirements", "Items"}


def to_document(root: "Element") -> dict[str, object]:
    """The document that the same file has in JSON. Raises `Unreadable`."""
    document = _object(root)
    check(document)
    return document


def _object(element: "Element") -> dict[str, object]:
    found: dict[str, object] = {}
    for child in element:
        name = local(child)
        if name in _LISTS:
            found[name] = [_object(item) for item in child]
        elif len(child):
            found[name] = _object(child)
        elif child.text:
            found[name] = child.text
    return found
