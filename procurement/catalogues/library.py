"""Frameworks in YAML as CISO Assistant keeps them: a flat list of nodes, each naming its parent.

What is marked assessable is asked; the rest are headings. Implementation groups are levels.
"""

from collections import Counter
from os.path import commonprefix

from procurement.catalogues.entries import UNSTATED, Builder, Catalogue, Kind, one_line
from procurement.catalogues.rows import scheme_of
from procurement.catalogues.tree import Node
from procurement.sheets.unreadable import Unreadable, gettext_noop

_NO_FRAMEWORK = gettext_noop("This library holds no framework, and so no requirement.")


def is_library(document: Node) -> bool:
    """Whether a document is such a library, of whatever it may hold."""
    return "urn" in document and isinstance(document.value.get("objects"), dict)


def read_library(document: Node) -> Catalogue:
    """The framework of a library. Raises `Unreadable`."""
    framework = document.node("objects").node("framework")
    nodes = list(framework.nodes("requirement_nodes"))
    if not nodes:
        raise Unreadable(_NO_FRAMEWORK)
    labels = Counter(one_line(node.text("ref_id")) for node in nodes)
    urns = [node.text("urn") for node in nodes]
    shared = commonprefix(urns).rpartition(":")  # noqa: RUF071 - these are no paths, and letters are compared
    names = {node.text("urn"): _name(node, labels, len(shared[0] + shared[1])) for node in nodes}
    builder = Builder()
    for node in nodes:
        asked = node.text("assessable") == "true"
        name, description = one_line(node.text("name")), node.text("description").strip()
        builder.add(
            names[node.text("urn")],
            Kind.ASSESSABLE if asked else Kind.GROUP,
            place=node.place,
            title=name,
            text=description or (name if asked else ""),
            label=node.text("ref_id"),
            parent=names.get(node.text("parent_urn"), node.text("parent_urn")),
            guidance=node.text("annotation").strip(),
            levels=node.texts("implementation_groups"),
        )
    entries = builder.entries()
    declared = framework.nodes("implementation_groups_definition")
    titles = {one_line(group.text("ref_id")): one_line(group.text("name")) for group in declared}
    return Catalogue(
        code=one_line(framework.text("ref_id") or document.text("ref_id")).replace(" ", "-"),
        version=one_line(document.text("version")) or UNSTATED,
        title=one_line(framework.text("name") or document.text("name")),
        language=one_line(document.text("locale")),
        publisher=one_line(document.text("provider")),
        licence=one_line(document.text("copyright"))[:500],
        entries=entries,
        scheme=scheme_of(titles, [entry.levels for entry in entries]),
        problems=tuple(builder.problems),
    )


def _name(node: Node, labels: Counter[str], begin: int) -> str:
    """The publisher's own identifier where it stands once, else what its name has and others have not."""
    label = one_line(node.text("ref_id"))
    urn = node.text("urn")
    return label if label and labels[label] == 1 else one_line(urn[begin:] or urn)
