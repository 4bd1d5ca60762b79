"""OSCAL in XML, turned into the objects that OSCAL has in JSON; the readers know only those.

Lists get the names that the JSON format gives them, and prose becomes markdown, as in the conversion that
NIST publishes (OSCAL reference, "XML to JSON").
"""

from typing import TYPE_CHECKING

from procurement.catalogues.tree import check
from procurement.catalogues.xml_text import local

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

#: Elements that come in lists, and the key of the list.
_LISTS = {
    "group": "groups",
    "control": "controls",
    "part": "parts",
    "param": "params",
    "prop": "props",
    "link": "links",
    "party": "parties",
    "responsible-party": "responsible-parties",
    "resource": "resources",
    "rlink": "rlinks",
    "import": "imports",
    "include-controls": "include-controls",
    "exclude-controls": "exclude-controls",
    "insert-controls": "insert-controls",
    "with-id": "with-ids",
    "matching": "matching",
    "set-parameter": "set-parameters",
    "alter": "alters",
    "remove": "removes",
    "add": "adds",
    "value": "values",
    "choice": "choice",
    "guideline": "guidelines",
    "party-uuid": "party-uuids",
}
#: Elements of one line of markdown.
_LINES = {
    "title",
    "label",
    "version",
    "published",
    "last-modified",
    "oscal-version",
    "name",
    "text",
    "as-is",
}
_MARKED_LINES = {"choice", "value", "with-id", "party-uuid"}
#: Elements that hold paragraphs.
_PARAGRAPHS = {"remarks", "description", "usage"}
#: Elements of prose that stand among the others, and make up `prose`.
_BLOCKS = {"p", "ul", "ol", "table", "pre", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "hr"}
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}


def to_document(root: "Element") -> dict[str, object]:
    """The document that the same file has in JSON. Raises `Unreadable`."""
    document: dict[str, object] = {local(root): _object(root)}
    check(document)
    return document


def _object(element: "Element") -> dict[str, object]:
    """An element as an object: its attributes, its children, its prose."""
    found: dict[str, object] = dict(element.attrib)
    blocks = []
    lists: dict[str, list[object]] = {}
    for child in element:
        name = local(child)
        if name in _BLOCKS:
            blocks.append(block(child))
        elif name in _MARKED_LINES:
            lists.setdefault(_LISTS[name], []).append(inline(child))
        elif name in _LISTS:
            lists.setdefault(_LISTS[name], []).append(_object(child))
        elif name in _LINES:
            found[name] = inline(child)
        elif name in _PARAGRAPHS:
            found[name] = "\n\n".join(block(inner) for inner in child) or inline(child)
        elif name:
            found[name] = _object(child)
    if blocks:
        found["prose"] = "\n\n".join(text for text in blocks if text)
    return found | lists


def block(element: "Element", indent: str = "") -> str:
    """A paragraph, a list, a table or another block as markdown."""
    name = local(element)
    if name in ("ul", "ol"):
        return "\n".join(_item(item, f"{indent}{'-' if name == 'ul' else '1.'} ") for item in element)
    if name == "table":
        rows = [row for row in element.iter() if local(row) == "tr"]
        return "\n".join(" | ".join(inline(cell) for cell in row) for row in rows)
    if name == "pre":
        return "```\n" + "".join(element.itertext()) + "\n```"
    if name == "hr":
        return "---"
    if name == "blockquote":
        return "\n".join(f"> {block(child)}" for child in element) or f"> {inline(element)}"
    text = inline(element)
    return f"{'#' * int(name[1])} {text}" if name in _HEADINGS else text


def _item(item: "Element", mark: str) -> str:
    """An item of a list, with the lists in it."""
    inner = [child for child in item if local(child) in _BLOCKS]
    text = inline(item, without=_BLOCKS)
    blocks = [block(child, " " * len(mark)) for child in inner]
    first = [text] if text else ([blocks.pop(0).strip()] if blocks else [""])
    return "\n".join([mark + first[0], *blocks])


def inline(element: "Element", without: frozenset[str] | set[str] = frozenset()) -> str:
    """The text of an element as markdown in one line."""
    return " ".join(_inline(element, without).split())


def _inline(element: "Element", without: frozenset[str] | set[str]) -> str:
    pieces = [element.text or ""]
    for child in element:
        name = local(child)
        if name not in without:
            pieces.append(_marked(name, child))
        pieces.append(child.tail or "")
    return "".join(pieces)


def _marked(name: str, child: "Element") -> str:
    """A piece of text with its mark."""
    if name == "insert":
        return "{{ insert: " + f"{child.get('type', 'param')}, {child.get('id-ref', '')}" + " }}"
    text = _inline(child, frozenset())
    marks = {"em": "*", "i": "*", "strong": "**", "b": "**", "code": "`", "q": '"'}
    if name in marks and text.strip():
        return f"{marks[name]}{text}{marks[name]}"
    if name == "a" and child.get("href"):
        return f"[{text}]({child.get('href')})"
    return " " if name in ("br", "img") else text
