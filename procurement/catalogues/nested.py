"""Lists of requirements inside each other, under whatever keys (JSON, YAML, XML), as rows of one table.

An object with an identifier and a text or title is a row; one that holds others is their heading. Where
the keys of objects carry numbers, they are the identifiers of what they hold.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from procurement.catalogues.columns import assigned, check_columns, column_of, is_head
from procurement.catalogues.entries import one_line
from procurement.catalogues.rows import Row, short_name
from procurement.catalogues.tree import Node, check
from procurement.catalogues.xml_text import local

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


_NUMBERED = re.compile(r"\d")


def texts_of(node: Node) -> Iterator[tuple[str, str]]:
    """The keys of an object that hold a text, a number or a list of them, and the text."""
    check_columns(node.value)
    for key, value in node.value.items():
        if value is None or isinstance(value, dict):
            continue
        if not isinstance(value, list):
            yield key, node.text(key)
        elif all(isinstance(inner, str) for inner in value):
            yield key, ", ".join(node.texts(key))


def is_nested(node: Node) -> bool:
    """Whether an object holds objects."""
    return any(
        isinstance(value, dict)
        or (isinstance(value, list) and any(isinstance(inner, dict) for inner in value))
        for value in node.value.values()
    )


def holds_rows(value: object) -> bool:
    """Whether a value is a list of objects with identifiers and texts or titles."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(one, dict) and is_head([*one]) for one in value)
    )


def nested_rows(document: Node) -> list[Row]:
    """The rows of a document, each after what holds it; none where nothing in it has a text."""
    rows: list[Row] = []
    _collect(document, "", rows, is_top=True)
    asked = any(row.values.get("text") and row.values.get("kind") != "group" for row in rows)
    return rows if asked else []


def _collect(
    node: Node, parent: str, rows: list[Row], *, key: str = "", is_top: bool = False, is_listed: bool = False
) -> None:
    """Add the row of an object, if it is one, and those below it. The depth of a document is limited.

    `is_listed`: rows stand in the same list, so an object with a text alone is a row that lacks its name.
    """
    values = dict(texts_of(node))
    columns = assigned([name for name, text in values.items() if text.strip()])
    own = {column: values[name] for column, name in columns.items()}
    if key and "id" not in own and "text" in own:
        own["id"] = key
    if is_listed and "text" in own:
        own.setdefault("id", "")
    is_row = not is_top and "id" in own and ("text" in own or "title" in own)
    is_heading = not is_top and not is_row and "title" in own
    name = one_line(own.get("id", "") if is_row else own.get("title", "")) if is_row or is_heading else ""
    at = len(rows)
    for inner, inner_key, listed in _inner(node):
        holder = short_name(name) if is_heading else name or parent
        _collect(inner, holder, rows, key=inner_key, is_listed=listed)
    holds = len(rows) > at
    if is_row or (is_heading and holds):
        others = {key: text for key, text in values.items() if column_of(key) is None}
        own.setdefault("parent", parent)
        if is_heading:
            own["id"] = short_name(name)
        if holds:
            own["kind"] = "group"
        rows.insert(at, Row({**others, **own}, node.place))


def _inner(node: Node) -> Iterator[tuple[Node, str, bool]]:
    """The objects in an object, their keys where those are identifiers, and whether rows stand beside."""
    named = [key for key, value in node.value.items() if isinstance(value, dict)]
    numbered = len(named) > 1 and all(_NUMBERED.search(key) for key in named)
    for key, value in node.value.items():
        place = f"{node.path}.{key}" if node.path else key
        if isinstance(value, dict):
            yield Node(value, place), key if numbered else "", False
        elif isinstance(value, list):
            objects = [(index, one) for index, one in enumerate(value) if isinstance(one, dict)]
            listed = any(is_head([*one]) for _index, one in objects)
            for index, one in objects:
                yield Node(one, f"{place}[{index}]"), "", listed


# --- the same in XML ---------------------------------------------------------------------------------------
def to_document(root: "Element") -> dict[str, object]:
    """A list of elements as the objects that a list in JSON would have. Raises `Unreadable`."""
    document = _object(root)
    check(document)
    return document


def _object(element: "Element") -> dict[str, object]:
    """Attributes and plain elements are texts, elements with more in them objects, own text is "text"."""
    found: dict[str, object] = dict(element.attrib)
    lists: dict[str, list[object]] = {}
    for child in element:
        if len(child) or child.attrib:
            lists.setdefault(local(child), []).append(_object(child))
        elif child.text and child.text.strip():
            found.setdefault(local(child), child.text.strip())
    if element.text and element.text.strip():
        found.setdefault("text", element.text.strip())
    return found | lists
