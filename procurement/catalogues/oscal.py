"""OSCAL catalogues (NIST, versions 1.0 to 1.2): groups, controls, enhancements, parameters.

A control counts, and so does a control inside it (an enhancement); the items of its statement are its parts.
Where controls of one class do nothing but hold controls of another (CSF: categories hold subcategories;
SP 800-171: requirements hold security requirements), they are headings. Questions about a control (the CAIQ
beside the CCM) are notes on it.
"""

import re
from collections import defaultdict
from dataclasses import dataclass

from procurement.catalogues.entries import UNSTATED, Builder, Catalogue, Kind, Parameter, Remark, one_line
from procurement.catalogues.naming import code_of_title
from procurement.catalogues.oscal_prose import filled, guidance_of, label_of, parameter_of, statement_of
from procurement.catalogues.rows import short_name
from procurement.catalogues.tree import Node
from procurement.sheets.unreadable import Unreadable, gettext_noop

_EMPTY = gettext_noop("The catalogue holds no control.")
_UNDECLARED = gettext_noop("“%(id)s” has a blank that nothing declares: %(blank)s.")
_CSF = gettext_noop(
    "The file still carries what version 1.1 had, without a mark: subcategories without an implementation"
    " example and categories without a text are read as withdrawn."
)

_WITHDRAWN = {"withdrawn", "retired", "deleted", "deprecated", "obsolete"}
#: A control that has no status and says so in its text: "Dropped (moved to GV.RR-02)".
_GONE_TEXT = re.compile(r"\[?(?:Withdrawn|Dropped|Deleted|Removed|Retired)\b\s*[:(\[]")


@dataclass(frozen=True)
class _Held:
    """A group or a control, where it stands, and what it belongs to."""

    node: Node
    is_group: bool
    parent: str
    identifier: str


def read_oscal(document: Node) -> Catalogue:
    """The catalogue under the key `catalog`. Raises `Unreadable`."""
    catalogue = document.node("catalog")
    held: list[_Held] = []
    _collect(catalogue, "", held, set())
    if not any(not one.is_group for one in held):
        raise Unreadable(_EMPTY)
    known = _parameters(catalogue, held)
    headings = _headings(held)
    is_csf = _framework(catalogue) == "CSF"
    builder = Builder()
    for one in held:
        _add(builder, one, _kind(one, headings, is_csf=is_csf), known)
    metadata = catalogue.node("metadata")
    entries = builder.entries()
    csf = is_csf and any(entry.kind is Kind.WITHDRAWN for entry in entries)
    return Catalogue(
        code=_framework(catalogue) or code_of_title(metadata.text("title")),
        version=_version(metadata),
        title=one_line(metadata.text("title")),
        publisher=_publisher(metadata),
        source=_source(metadata),
        licence=_licence(metadata),
        entries=entries,
        declared=len(known),
        remarks=(Remark(_CSF),) if csf else (),
        problems=tuple(builder.problems),
    )


def _collect(parent: Node, parent_id: str, held: list[_Held], taken: set[str]) -> None:
    """Groups and controls in the order of the file, each after what holds it."""
    for key, is_group in (("groups", True), ("controls", False)):
        for node in parent.nodes(key):
            identifier = node.text("id")
            if is_group and not identifier:
                identifier = _name_of_group(node, parent_id, taken)
            held.append(_Held(node, is_group, parent_id, identifier))
            _collect(node, identifier, held, taken)


def _name_of_group(node: Node, parent_id: str, taken: set[str]) -> str:
    """What a group without identifier is called: its title, after that of its holder where two share one."""
    title = one_line(node.text("title"))
    name = short_name(title)
    if title and name in taken:
        path = f"{parent_id} / {title}" if parent_id else title
        name = short_name(path)
        number = 1
        while name in taken:
            number += 1
            name = short_name(f"{path} ({number})")
    taken.add(name)
    return name


def _parameters(catalogue: Node, held: list[_Held]) -> dict[str, Parameter]:
    """Every declared parameter by its identifier, wherever it stands."""
    nodes = [catalogue, *(one.node for one in held)]
    declared = [parameter_of(param) for node in nodes for param in node.nodes("params")]
    return {parameter.id: parameter for parameter in declared if parameter.id}


def _is_withdrawn(node: Node) -> bool:
    """Whether its status says so, or its text, or that it moved and says nothing more."""
    states = [prop.text("value") for prop in node.nodes("props") if prop.text("name").casefold() == "status"]
    if any(state.casefold() in _WITHDRAWN for state in states):
        return True
    text = statement_of(node)
    return _GONE_TEXT.match(text) is not None or (not text and bool(_successor(node)))


def _headings(held: list[_Held]) -> set[str]:
    """Classes of controls that only hold controls of another class, enhancements apart.

    The inner class stands in no other control: classes that only name where a control comes from (BSI) make
    no headings.
    """
    classes: dict[str, list[bool]] = defaultdict(list)
    holders: dict[str, set[str]] = defaultdict(set)
    for one in held:
        if one.is_group:
            continue
        own = one.node.text("class")
        inner = [child.text("class") for child in one.node.nodes("controls")]
        for name in inner:
            holders[name].add(own)
        if not _is_withdrawn(one.node):
            classes[own].append(bool(inner) and all(_is_another(own, name) for name in inner))
    found = {name for name, holds in classes.items() if name and all(holds)}
    return {name for name in found if all(own == {name} for own in holders.values() if name in own)}


def _is_another(own: str, inner: str) -> bool:
    """Whether a control of the inner class is no enhancement of one of the outer, nor a question on it."""
    other = bool(inner) and inner != own and not inner.startswith(own)
    return other and not any(word in inner.casefold() for word in ("enhancement", "question"))


def _kind(one: _Held, headings: set[str], *, is_csf: bool) -> Kind:
    if not one.is_group and _is_withdrawn(one.node):
        return Kind.WITHDRAWN
    if not one.is_group and "question" in one.node.text("class").casefold():
        return Kind.NOTE
    is_heading = one.is_group or one.node.text("class") in headings
    if is_csf and not one.is_group and _is_left_over(one.node, is_heading=is_heading):
        return Kind.WITHDRAWN
    return Kind.GROUP if is_heading else Kind.ASSESSABLE


def _is_left_over(node: Node, *, is_heading: bool) -> bool:
    """Whether it is one of CSF 1.1: 2.0 gives each category a text and each subcategory examples."""
    if is_heading:
        return not statement_of(node)
    return not any(part.text("name") == "example" for part in node.nodes("parts"))


def _add(builder: Builder, one: _Held, kind: Kind, known: dict[str, Parameter]) -> None:
    text = statement_of(one.node)
    shown_text, blanks = filled(text, known)
    builder.add(
        one.identifier,
        kind,
        place=one.node.place,
        title=_title(one.node, known),
        text=text,
        shown_text=shown_text,
        parent=one.parent,
        label=label_of(one.node),
        guidance=filled(guidance_of(one.node), known)[0],
        parameters=blanks,
        remark=_successor(one.node) if kind is Kind.WITHDRAWN else "",
    )
    builder.problems += [
        Remark(_UNDECLARED, {"id": one.identifier, "blank": blank.id})
        for blank in blanks
        if blank.id not in known
    ]


def _title(node: Node, known: dict[str, Parameter]) -> str:
    return filled(one_line(node.text("title")), known)[0]


def _successor(node: Node) -> str:
    """Where a withdrawn control went: "incorporated-into AC-2"."""
    links = [link for link in node.nodes("links") if link.text("rel").replace("_", "-") in _MOVED]
    return "; ".join(
        f"{link.text('rel').replace('_', ' ').replace('-', ' ')} {link.text('href').lstrip('#')}"
        for link in links
    )


_MOVED = ("incorporated-into", "moved-to", "addressed-by", "superseded-by")


def _framework(catalogue: Node) -> str:
    """The short name that a catalogue gives itself by a property; "" where it does not."""
    props = catalogue.node("metadata").nodes("props")
    names = [prop.text("value") for prop in props if prop.text("name") == "framework-identifier"]
    return one_line(names[0]).replace("_", "-") if names else ""


def _version(metadata: Node) -> str:
    """The edition; the framework's where it is stated, because such a file numbers only itself."""
    stated = {prop.text("name"): prop.text("value") for prop in metadata.nodes("props")}
    framework, edition = (
        stated.get("framework-identifier", ""),
        stated.get("framework-version-identifier", ""),
    )
    if framework and edition.startswith(framework + "_"):
        return edition.removeprefix(framework + "_").replace("_", ".")
    return one_line(metadata.text("version")) or UNSTATED


def _publisher(metadata: Node) -> str:
    """The party that created it, else the first that is named."""
    names = {party.text("uuid"): one_line(party.text("name")) for party in metadata.nodes("parties")}
    creators = [
        uuid
        for responsible in metadata.nodes("responsible-parties")
        if responsible.text("role-id") in ("creator", "publisher")
        for uuid in responsible.texts("party-uuids")
    ]
    found = [names[uuid] for uuid in creators if names.get(uuid)]
    return (found or [name for name in names.values() if name] or [""])[0]


def _source(metadata: Node) -> str:
    links = {link.text("rel"): link.text("href") for link in metadata.nodes("links")}
    hrefs = [links.get(rel, "") for rel in ("canonical", "reference", "source-profile", "alternate")]
    return next((href for href in hrefs if href and not href.startswith("#")), "")


def _licence(metadata: Node) -> str:
    """What the metadata say of rights; OSCAL has no field for them."""
    for text in (metadata.text("remarks"), *(part.text("prose") for part in metadata.nodes("parts"))):
        if "licen" in text.casefold() or "public domain" in text.casefold():
            return one_line(text)[:500]
    return ""
