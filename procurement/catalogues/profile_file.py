"""A specification as an OSCAL profile: what it picks of which catalogue, and what it asks besides.

Each catalogue is an import with the identifiers it gives (`with-ids`). What somebody wrote stands in a
catalogue of its own, in the back matter, which the profile imports, too. What OSCAL has no word for, such as
gate or evidence, stands in properties and parts of our own namespace, added to each control; whoever does not
know them reads the rest (OSCAL 1.1.2, "Profile" and "Catalog" models).
"""

import base64
import binascii
import fnmatch
import json
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from procurement.catalogues.baseline import CODE
from procurement.catalogues.json_text import parse_json
from procurement.catalogues.tree import Node
from procurement.sheets.unreadable import Unreadable, gettext_noop, shown

OSCAL = "1.1.2"
#: Namespace of our own properties and parts, and root of the identifiers that are made of names.
NAMESPACE = "urn:assay:specification"
_ROOT = uuid.uuid5(uuid.NAMESPACE_URL, NAMESPACE)
#: Largest profile that is read, in bytes.
LARGEST_PROFILE = 1024 * 1024

#: Texts of a requirement, and its words; both by the names of their columns.
TEXTS = (
    "title",
    "title_en",
    "why",
    "why_en",
    "pass_test",
    "pass_test_en",
    "evidence",
    "evidence_en",
    "source",
)
WORDS = ("code", "kind", "severity", "evidence_level", "mandatory", "unit", "criterion")

_OWN = "own requirements"
#: What OSCAL takes for an identifier.
_TOKEN = re.compile(r"[^\W\d][\w.-]*")

_TOO_LARGE = gettext_noop("The profile is larger than %(limit)d MB; no more is read.")
_NO_PROFILE = gettext_noop("This is no OSCAL profile in JSON.")
_NO_IMPORT = gettext_noop("The profile draws on no catalogue.")
_BROKEN = gettext_noop("%(place)s: the catalogue inside the profile cannot be read.")

Object = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """A requirement in a profile: where it comes from ("" for one's own), its texts, words and blanks.

    `values` are the values of blanks by their identifiers; `blanks` are those of a requirement of one's own.
    """

    catalogue: str
    edition: str
    entry: str
    texts: Mapping[str, str]
    words: Mapping[str, str]
    values: Mapping[str, str] = field(default_factory=dict)
    blanks: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True)
class Selection:
    """What a profile takes of a catalogue: identifiers and patterns, or all of it; and what it leaves out."""

    names: tuple[str, ...]
    code: str
    edition: str
    everything: bool
    identifiers: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    with_children: bool = False
    without: tuple[str, ...] = ()

    def takes(self, identifier: str, parents: Iterable[str]) -> bool:
        """Whether a row is taken; `parents` are the identifiers of what it belongs to."""
        if any(fnmatch.fnmatchcase(identifier, pattern) for pattern in self.without):
            return False
        chosen = (*self.identifiers, *self.patterns)
        family = (identifier, *parents) if self.with_children else (identifier,)
        return self.everything or any(fnmatch.fnmatchcase(one, name) for one in family for name in chosen)


@dataclass(frozen=True)
class Profile:
    """A profile that was read: what it takes, what it says of it by identifier, and what is its own."""

    title: str
    selections: tuple[Selection, ...]
    said: Mapping[str, Row]
    values: Mapping[str, str]
    own: tuple[Row, ...]


# --- out ---------------------------------------------------------------------------------------------------
def write_profile(reference: str, title: str, rows: Iterable[Row], at: datetime) -> bytes:
    """The profile of a specification, as JSON; the same rows at the same moment give the same bytes."""
    asked = [
        (place, row if _TOKEN.fullmatch(row.entry) else _as_own(row)) for place, row in enumerate(rows, 1)
    ]
    picked: dict[tuple[str, str], list[str]] = {}
    for _place, row in asked:
        if row.entry:
            picked.setdefault((row.catalogue, row.edition), []).append(row.entry)
    own = [(place, row) for place, row in asked if not row.entry]
    resources = [_resource(code, edition) for code, edition in picked]
    imports: list[Object] = [
        {"href": f"#{resource['uuid']}", "include-controls": [{"with-ids": ids}]}
        for resource, ids in zip(resources, picked.values(), strict=True)
    ]
    if own:
        held = _own_catalogue(reference, title, own, at)
        resources.append(held)
        imports.append({"href": f"#{held['uuid']}", "include-all": {}})
    profile: Object = {
        "uuid": str(uuid.uuid5(_ROOT, f"{reference} {at.isoformat()}")),
        "metadata": _metadata(title, reference, at),
        "imports": imports,
        "merge": {"as-is": True},
        "modify": {
            "set-parameters": [
                {"param-id": parameter_of(row.catalogue, row.entry, name), "values": [value]}
                for _place, row in asked
                for name, value in row.values.items()
                if row.entry and value
            ],
            "alters": [
                {"control-id": row.entry, "adds": [_ours(place, row)]} for place, row in asked if row.entry
            ],
        },
        "back-matter": {"resources": resources},
    }
    modify = {key: value for key, value in profile["modify"].items() if value}
    profile = {**profile, "modify": modify} if modify else {k: v for k, v in profile.items() if k != "modify"}
    return json.dumps({"profile": profile}, ensure_ascii=False, indent=1).encode()


def parameter_of(catalogue: str, entry: str, name: str) -> str:
    """What a blank is called in a profile; those of the baseline are told apart by their requirement."""
    return f"{entry}.{name}" if catalogue == CODE else name


def _as_own(row: Row) -> Row:
    """A row whose identifier OSCAL does not take goes among one's own."""
    return Row("", "", "", row.texts, row.words, row.values, row.blanks)


def _metadata(title: str, version: str, at: datetime) -> Object:
    return {
        "title": title or version,
        "last-modified": at.isoformat(),
        "version": version,
        "oscal-version": OSCAL,
    }


def _resource(code: str, edition: str) -> Object:
    name = str(uuid.uuid5(_ROOT, f"{code} {edition}"))
    props = [{"name": "version", "value": edition}] if edition else []
    return {"uuid": name, "title": code, "props": props, "rlinks": [{"href": f"{code}-{edition}.json"}]}


def _ours(place: int, row: Row) -> Object:
    """What is said of a control in our namespace."""
    words = {"position": str(place), **row.words}
    props = [{"name": name, "ns": NAMESPACE, "value": value} for name, value in words.items() if value]
    parts = [
        {"name": name, "ns": NAMESPACE, "prose": row.texts[name]} for name in TEXTS if row.texts.get(name)
    ]
    return {"props": props, **({"parts": parts} if parts else {})}


def _own_catalogue(reference: str, title: str, rows: list[tuple[int, Row]], at: datetime) -> Object:
    """What somebody wrote, as a catalogue inside a resource."""
    name = uuid.uuid5(_ROOT, f"{reference} {_OWN}")
    controls = []
    for place, row in rows:
        ours = _ours(place, row)
        statement = {"id": f"own-{place}_smt", "name": "statement", "prose": row.texts["title"]}
        params = [
            {"id": blank["id"], "label": blank["label"], "props": _blank_props(blank)}
            | ({"values": [blank["value"]]} if blank.get("value") else {})
            for blank in row.blanks
        ]
        control: Object = {"id": f"own-{place}", "title": row.words.get("code") or f"own-{place}"}
        control |= {"params": params} if params else {}
        controls.append(control | {"props": ours["props"], "parts": [statement, *ours.get("parts", [])]})
    document = {
        "catalog": {"uuid": str(name), "metadata": _metadata(title, reference, at), "controls": controls}
    }
    data = base64.b64encode(json.dumps(document, ensure_ascii=False).encode()).decode()
    held = {"filename": "own.json", "media-type": "application/oscal.catalog+json", "value": data}
    return {"uuid": str(name), "title": _OWN, "base64": held}


def _blank_props(blank: Mapping[str, str]) -> list[Object]:
    return [
        {"name": name, "ns": NAMESPACE, "value": blank[name]}
        for name in ("label_en", "suggested")
        if blank.get(name)
    ]


# --- in ----------------------------------------------------------------------------------------------------
def read_profile(data: bytes) -> Profile:
    """The profile of a file. Raises `Unreadable`."""
    if len(data) > LARGEST_PROFILE:
        raise Unreadable(_TOO_LARGE, {"limit": LARGEST_PROFILE // 1024 // 1024})
    document = parse_json(data)
    if not isinstance(document, dict) or "profile" not in document:
        raise Unreadable(_NO_PROFILE)
    body = Node(document).node("profile")
    held = {one.text("uuid"): one for one in body.node("back-matter").nodes("resources")}
    selections: list[Selection] = []
    own: list[Row] = []
    for one in body.nodes("imports"):
        resource = held.get(one.text("href").removeprefix("#"))
        if resource is not None and "base64" in resource:
            own += _read_own(resource)
        else:
            selections.append(_selection(one, resource))
    if not selections and not own:
        raise Unreadable(_NO_IMPORT)
    modify = body.node("modify")
    said = {alter.text("control-id"): _said(alter) for alter in modify.nodes("alters")}
    values = {one.text("param-id"): " ".join(one.texts("values")) for one in modify.nodes("set-parameters")}
    return Profile(body.node("metadata").text("title"), tuple(selections), said, values, tuple(own))


def _selection(one: Node, resource: Node | None) -> Selection:
    href = one.text("href")
    names, code, edition = [href], "", ""
    if resource is not None:
        code = resource.text("title")
        names = [code, *(link.text("href") for link in resource.nodes("rlinks"))]
        props = {prop.text("name"): prop.text("value") for prop in resource.nodes("props")}
        edition = props.get("version", "")
    chosen = list(one.nodes("include-controls"))
    return Selection(
        names=tuple(PurePosixPath(name).name for name in names if name),
        code=code,
        edition=edition,
        everything="include-all" in one or not chosen,
        identifiers=tuple(name for part in chosen for name in part.texts("with-ids")),
        patterns=_patterns(chosen),
        with_children=any(part.text("with-child-controls") == "yes" for part in chosen),
        without=tuple(name for part in one.nodes("exclude-controls") for name in part.texts("with-ids"))
        + _patterns(one.nodes("exclude-controls")),
    )


def _patterns(parts: Iterable[Node]) -> tuple[str, ...]:
    return tuple(match.text("pattern") for part in parts for match in part.nodes("matching"))


def _row(props: Iterable[Node], parts: Iterable[Node], blanks: tuple[Mapping[str, str], ...] = ()) -> Row:
    """What stands in our namespace; what others wrote is not ours to take."""
    words = {
        prop.text("name"): prop.text("value")
        for prop in props
        if prop.text("ns") == NAMESPACE and prop.text("name") in (*WORDS, "position")
    }
    texts = {
        part.text("name"): part.text("prose")
        for part in parts
        if part.text("ns") == NAMESPACE and part.text("name") in TEXTS
    }
    return Row("", "", "", texts, words, blanks=blanks)


def _said(alter: Node) -> Row:
    adds = list(alter.nodes("adds"))
    return _row(
        (prop for add in adds for prop in add.nodes("props")),
        (part for add in adds for part in add.nodes("parts")),
    )


def _read_own(resource: Node) -> list[Row]:
    """The requirements of the catalogue inside a resource."""
    place = shown(resource.text("title") or resource.text("uuid"))
    try:
        data = base64.b64decode(resource.node("base64").text("value"), validate=True)
    except (binascii.Error, ValueError) as fault:
        raise Unreadable(_BROKEN, {"place": place}) from fault
    document = parse_json(data)
    if not isinstance(document, dict) or "catalog" not in document:
        raise Unreadable(_BROKEN, {"place": place})
    return [_own_row(control) for control in Node(document).node("catalog").nodes("controls")]


def _own_row(control: Node) -> Row:
    blanks = []
    for param in control.nodes("params"):
        props = {prop.text("name"): prop.text("value") for prop in param.nodes("props")}
        blanks.append(
            {
                "id": param.text("id"),
                "label": param.text("label"),
                "label_en": props.get("label_en", ""),
                "suggested": props.get("suggested", ""),
                "value": " ".join(param.texts("values")),
            }
        )
    row = _row(control.nodes("props"), control.nodes("parts"), tuple(blanks))
    statement = [part.text("prose") for part in control.nodes("parts") if part.text("name") == "statement"]
    texts = {"title": " ".join(statement) or control.text("title"), **row.texts}
    words = {"code": control.text("id"), **row.words}
    return Row("", "", "", texts, words, blanks=row.blanks)
