"""Workbooks and documents (ISO/IEC 29500): no macros, nothing embedded, nothing fetched from outside.

A reader of such a file follows relationships from part to part, so what counts is what they say; what parts
are called and how they begin is looked at besides.
"""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError
from zipfile import ZipFile

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bids.files.containers import BROKEN, open_container
from bids.files.instructions import check_fields, check_formulas, check_target
from bids.files.kinds import COMPOUND_START, ZIP_START, Kind
from bids.files.pictures import check_size
from bids.files.refused import CONTENT, DAMAGED, EMBEDDED, ENTITIES, MACROS, OUTSIDE, FileRefused, shown

_TYPES = "[content_types].xml"
_PACKAGE = "_rels/.rels"
_MAIN = {
    Kind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    Kind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
}
_START = "/officedocument"

_MACRO = re.compile(r"macro|vba|keymapcustom|attachedtoolbars|dialogsheet|extensibility|customui")
_OBJECT = re.compile(r"oleobject|activex|webextension|officedocument\.package$")
_SOURCE = re.compile(r"externallink|connections\+xml|querytable")
#: The last word of a relationship's type.
_MACRO_LINKS = {"keymapcustomizations", "attachedtoolbars", "dialogsheet", "extensibility"}
_OBJECT_LINKS = {
    "package",
    "oleobject",
    "control",
    "activexcontrolbinary",
    "afchunk",
    "webextension",
    "webextensiontaskpanes",
    "subdocument",
}  # fmt: skip - one word a line says no more
_SOURCE_LINKS = {"connections", "querytable", "attachedtemplate", "frame", "recipientdata"}
_CLICKED = "hyperlink"

_FOREIGN = (
    ZIP_START,
    COMPOUND_START,
    b"PK\x05\x06",
    b"%PDF",
    b"MZ",
    b"\x7fELF",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ",
    b"{\\rtf",
    b"#!",
    b"SQLite format",
)  # fmt: skip - as above
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*")
_XML_NAMES = (".xml", ".rels", ".vml", ".svg")
_ENCODING = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']*)[\"']")
_PLAIN = {b"utf-8", b"utf8", b"us-ascii", b"ascii"}
_ACTIVE_SVG = re.compile(
    rb"<\s*(?:[\w.-]+:)?(?:script|foreignObject|iframe)\b|\son\w+\s*=|javascript:", re.IGNORECASE
)
_OUTSIDE_SVG = re.compile(rb"(?:href\s*=\s*[\"']|url\(\s*[\"']?)\s*(?:https?:|file:|//)", re.IGNORECASE)
_VIDEO = b"webVideoPr"
_MAIL_MERGE = re.compile(rb"<(?:[\w.-]+:)?mailMerge[\s/>]")


def check_office(content: bytes | bytearray, kind: Kind) -> None:
    """Raise `FileRefused` unless the archive is such a document and holds nothing that acts."""
    with open_container(content) as archive:
        try:
            parts = {entry.filename.lower().lstrip("/"): entry.filename for entry in archive.infolist()}
            _check_parts(archive, parts, kind)
        except FileRefused as refusal:
            raise (
                refusal if refusal.template != MACROS else FileRefused(MACROS, {"kind": kind.name})
            ) from None
        except DefusedXmlException:
            raise FileRefused(ENTITIES) from None
        except (ParseError, *BROKEN):
            raise FileRefused(DAMAGED) from None


def _check_parts(archive: ZipFile, parts: dict[str, str], kind: Kind) -> None:
    if _TYPES not in parts or _PACKAGE not in parts:
        raise FileRefused(CONTENT, {"kind": kind.name})
    types = _content_types(fromstring(archive.read(parts[_TYPES])))
    for content_type in types.values():
        _refuse_type(content_type)
    main = _main_part(fromstring(archive.read(parts[_PACKAGE])))
    if main not in parts or types.get(main) != _MAIN[kind]:
        raise FileRefused(CONTENT, {"kind": kind.name})
    for name, stored in parts.items():
        _check_part(name, archive.read(stored), kind)


def _content_types(root: Element) -> dict[str, str]:
    """What the file says each part is, by the part's name or by the ending of names; once each."""
    types: dict[str, str] = {}
    for row in root:
        name = (row.get("PartName") or "." + row.get("Extension", "")).lower().lstrip("/")
        if name in types:
            raise FileRefused(DAMAGED)
        types[name] = row.get("ContentType", "").lower()
    return types


def _refuse_type(content_type: str) -> None:
    if _MACRO.search(content_type):
        raise FileRefused(MACROS)
    if _OBJECT.search(content_type):
        raise FileRefused(EMBEDDED)
    if _SOURCE.search(content_type):
        raise FileRefused(OUTSIDE, {"what": content_type.rpartition(".")[2].removesuffix("+xml")})


def _links(root: Element) -> Iterator[tuple[str, str, bool]]:
    """Type, target, and whether it lies outside, of every relationship."""
    for row in root.iter():
        if row.tag.rpartition("}")[2] == "Relationship":
            yield (
                row.get("Type", "").lower(),
                row.get("Target", ""),
                row.get("TargetMode", "Internal") != "Internal",
            )


def _main_part(root: Element) -> str:
    starts = [target for kind, target, outside in _links(root) if kind.endswith(_START) and not outside]
    return starts[0].lower().lstrip("/") if len(starts) == 1 else ""


def _check_part(name: str, part: bytes, kind: Kind) -> None:
    """One part, whatever its name says it is."""
    if part.startswith(_FOREIGN):
        raise FileRefused(EMBEDDED)
    if "vbaproject" in name or "/macrosheets/" in name:
        raise FileRefused(MACROS)
    if "/embeddings/" in name or "/activex/" in name:
        raise FileRefused(EMBEDDED)
    if part.startswith(_PICTURES):
        check_size(part)
    if name.endswith(_XML_NAMES) or part.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        _check_markup(name, part, kind)


def _check_markup(name: str, part: bytes, kind: Kind) -> None:
    encoding = _ENCODING.match(part.removeprefix(b"\xef\xbb\xbf"))
    if b"\0" in part[:4] or part.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FileRefused(DAMAGED)  # UTF-16: Office writes UTF-8, and what follows looks at bytes
    if encoding and encoding[1].lower() not in _PLAIN:
        raise FileRefused(DAMAGED)
    if b"<!DOCTYPE" in part or b"<!ENTITY" in part:
        raise FileRefused(ENTITIES)
    if name.endswith(".rels"):
        _check_links(fromstring(part))
    if b"<svg" in part or name.endswith(".svg"):
        _check_drawing(part)
    if kind is Kind.XLSX:
        check_formulas(part)
    elif _VIDEO in part or _MAIL_MERGE.search(part):
        raise FileRefused(OUTSIDE, {"what": "webVideo" if _VIDEO in part else "mailMerge"})
    else:
        check_fields(part)


def _check_drawing(part: bytes) -> None:
    if _ACTIVE_SVG.search(part):
        raise FileRefused(EMBEDDED)
    if _OUTSIDE_SVG.search(part):
        raise FileRefused(OUTSIDE, {"what": "svg"})


def _check_links(root: Element) -> None:
    """Only a link that somebody clicks on may lead outside."""
    for kind, target, outside in _links(root):
        word = kind.rpartition("/")[2]
        if "vba" in word or "macro" in word or word in _MACRO_LINKS:
            raise FileRefused(MACROS)
        if word in _OBJECT_LINKS:
            raise FileRefused(EMBEDDED)
        if word in _SOURCE_LINKS or word.startswith(("external", "xlexternal", "mailmerge")):
            raise FileRefused(OUTSIDE, {"what": shown(target)})
        if outside and word != _CLICKED:
            raise FileRefused(OUTSIDE, {"what": shown(target)})
        if outside or word == _CLICKED:
            check_target(target)
        elif "://" in target or target.startswith(("//", "\\")):
            raise FileRefused(OUTSIDE, {"what": shown(target)})
