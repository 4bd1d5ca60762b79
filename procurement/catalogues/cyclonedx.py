"""CycloneDX standards (1.6 and later, JSON): a flat list of requirements, each naming its parent.

What has no requirement below it is asked; what has is a heading. A publisher that gives identifiers to its
activities alone (BSIMM) makes headings of the rest.
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
from procurement.catalogues.naming import code_without
from procurement.catalogues.rows import is_withdrawn, short_level
from procurement.catalogues.tree import Node
from procurement.sheets.unreadable import Unreadable, gettext_noop, shown

_NONE = gettext_noop("The file holds no standard under “declarations” or “definitions”.")
_SEVERAL = gettext_noop("The file holds %(count)d standards (%(names)s); one file holds one catalogue.")
_EMPTY = gettext_noop("The standard holds no requirement.")
_UNKNOWN = gettext_noop(
    "The level “%(level)s” names %(count)d requirements that are not in the file: %(names)s."
)
#: Names that a sentence lists.
_LISTED = 5


def read_cyclonedx(document: Node) -> Catalogue:
    """The one standard of the file. Raises `Unreadable`."""
    standard = _standard(document)
    requirements = list(standard.nodes("requirements"))
    if not requirements:
        raise Unreadable(_EMPTY)
    levels = _levels(standard)
    builder = Builder()
    parents = {node.text("parent") for node in requirements}
    leaves = [node for node in requirements if node.text("bom-ref") not in parents]
    names_leaves = any("identifier" in node for node in leaves)
    names = {node.text("bom-ref"): _identifier(node) for node in requirements}
    for node in requirements:
        is_leaf = node.text("bom-ref") not in parents and ("identifier" in node or not names_leaves)
        _add(
            builder,
            node,
            names,
            [name for name, refs in levels.items() if node.text("bom-ref") in refs],
            is_leaf,
        )
    version = one_line(standard.text("version")) or UNSTATED
    return Catalogue(
        code=code_without(standard.text("bom-ref") or standard.text("name"), version),
        version=version.removeprefix("v"),
        title=" ".join(piece for piece in (one_line(standard.text("name")), version) if piece != UNSTATED),
        publisher=one_line(standard.text("owner")),
        source=_source(standard),
        licence=_licence(document),
        entries=builder.entries(),
        scheme=_scheme(standard, levels),
        counted={name: len(refs) for name, refs in levels.items()},
        problems=(*builder.problems, *_unknown(levels, set(names))),
    )


def _standard(document: Node) -> Node:
    found = [
        standard
        for key in ("declarations", "definitions")
        for standard in document.node(key).nodes("standards")
    ]
    if not found:
        raise Unreadable(_NONE)
    if len(found) > 1:
        names = ", ".join(shown(standard.text("name")) for standard in found[:_LISTED])
        raise Unreadable(_SEVERAL, {"count": len(found), "names": names})
    return found[0]


def _identifier(node: Node) -> str:
    return one_line(node.text("identifier") or node.text("bom-ref"))


def _add(builder: Builder, node: Node, names: Mapping[str, str], levels: list[str], is_leaf: bool) -> None:
    text, title = node.text("text").strip(), node.text("title")
    kind = Kind.GROUP
    if is_leaf and (text or levels):
        withdrawn = is_withdrawn(text or title, has_levels=bool(levels))
        kind = Kind.WITHDRAWN if withdrawn else Kind.ASSESSABLE
    parent = node.text("parent")
    builder.add(
        _identifier(node),
        kind,
        place=node.place,
        title=title,
        text=text,
        parent=names.get(parent, parent),
        guidance="\n\n".join(description.strip() for description in node.texts("descriptions")),
        levels=levels,
    )


def _levels(standard: Node) -> dict[str, list[str]]:
    """References by the name of the level, in the order of the file."""
    return {
        short_level(level.text("identifier") or level.text("title") or level.text("bom-ref")): level.texts(
            "requirements"
        )
        for level in standard.nodes("levels")
    }


def _scheme(standard: Node, levels: Mapping[str, Sequence[str]]) -> LevelScheme:
    """Levels that share no requirement are ranks: each stands on those below it."""
    titles = [one_line(level.text("title") or level.text("identifier")) for level in standard.nodes("levels")]
    rows = [reference for references in levels.values() for reference in references]
    return LevelScheme(
        tuple(Level(name, title) for name, title in zip(levels, titles, strict=False)),
        cumulative=len(levels) > 1 and len(rows) == len(set(rows)),
    )


def _unknown(levels: Mapping[str, Sequence[str]], known: set[str]) -> list[Remark]:
    """What the levels name and the file does not hold."""
    found = []
    for name, references in levels.items():
        missing = [reference for reference in references if reference not in known]
        if missing:
            listed = ", ".join(shown(reference) for reference in missing[:_LISTED])
            found.append(Remark(_UNKNOWN, {"level": name, "count": len(missing), "names": listed}))
    return found


def _source(standard: Node) -> str:
    links = {link.text("type"): link.text("url") for link in standard.nodes("externalReferences")}
    return links.get("website") or next(iter(links.values()), "")


def _licence(document: Node) -> str:
    for choice in document.node("metadata").nodes("licenses"):
        licence = choice.node("license")
        if name := licence.text("id") or licence.text("name") or choice.text("expression"):
            return one_line(name)
    return ""
