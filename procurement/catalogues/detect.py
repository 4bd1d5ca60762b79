"""What a file is, by its content, and the reader for it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from procurement.catalogues import asvs, nested, oscal_xml
from procurement.catalogues.cyclonedx import read_cyclonedx
from procurement.catalogues.entries import CODE_LENGTH, UNSTATED, Catalogue, Kind, Remark, one_line
from procurement.catalogues.gemara import is_list, read_lists
from procurement.catalogues.json_text import parse_json
from procurement.catalogues.library import is_library, read_library
from procurement.catalogues.naming import language_of_name, language_of_text, tag, version_of_name
from procurement.catalogues.oscal import read_oscal
from procurement.catalogues.oscal_profile import resolve
from procurement.catalogues.tables import read_flat, read_nested, read_table
from procurement.catalogues.tree import Node
from procurement.catalogues.xml_text import local, parse_xml
from procurement.catalogues.yaml_text import parse_yaml
from procurement.sheets.formats import is_workbook
from procurement.sheets.unreadable import Unreadable, gettext_noop, shown

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

#: What one file may have, in bytes.
LARGEST_FILE = 10 * 1024 * 1024
#: Parts of a language tag, of up to eight characters each.
MOST_SUBTAGS = 3
#: Files of one folder.
MOST_FILES = 100

_TOO_LARGE = gettext_noop("The file is larger than %(limit)d MB; no more is read.")
_EMPTY = gettext_noop("The file is empty.")
_NO_FILES = gettext_noop("The folder holds no YAML file.")
_MANY_FILES = gettext_noop("The folder holds more than %(limit)d files.")
_IN_FILE = gettext_noop("%(name)s: %(problem)s")
_NOT_ASSESSABLE = gettext_noop("The file holds nothing that can be asked of a vendor.")
_QUESTIONS = gettext_noop(
    "This is a questionnaire (VSAQ), not a catalogue: it asks questions and states no requirements. Write"
    " what you need of it into our template."
)
_OTHER_OSCAL = gettext_noop("This is OSCAL of another kind (%(kind)s); catalogues and profiles are read.")
_UNKNOWN = gettext_noop(
    "This is no catalogue that is known here. OSCAL catalogues and profiles (JSON, XML, YAML), the ASVS"
    " (JSON, XML, CSV), CycloneDX standards (JSON), YAML lists (OSPS) and our template (Excel, CSV) are read."
)
_GUESSED = gettext_noop(
    "The form of this file is of no publisher known here. Read is whatever has an identifier and a text; look"
    " through the rows before loading it."
)
_CYCLONEDX_XML = gettext_noop("This is CycloneDX in XML. Load the same standard in JSON.")
_SEVERAL = gettext_noop("Several files together are read as one YAML list only (OSPS); %(name)s is none.")
_LONG_CODE = gettext_noop("The code of the catalogue is longer than %(limit)d characters: %(text)s")
_LONG_VERSION = gettext_noop("The version of the catalogue is longer than %(limit)d characters: %(text)s")
_STRANGE = gettext_noop("“%(text)s” is no language tag such as en or zh-Hant.")

_OSCAL_OTHERS = (
    "component-definition",
    "system-security-plan",
    "assessment-plan",
    "assessment-results",
    "plan-of-action-and-milestones",
    "mapping-collection",
)

#: A file by its name.
File = tuple[str, bytes]
#: Gives, for the names of files and the title of a publication, the files at hand that are meant.
Beside = Callable[[tuple[str, ...]], Iterable[File]]


def nothing_beside(_names: tuple[str, ...]) -> Iterable[File]:
    """No other file is at hand."""
    return ()


class Quoted(str):
    """A refusal inside another sentence: in English, and with what the site needs to translate it."""

    refusal: Unreadable

    def __new__(cls, refusal: Unreadable) -> Self:
        """The sentence of a refusal."""
        quoted = super().__new__(cls, str(refusal))
        quoted.refusal = refusal
        return quoted


@dataclass(frozen=True)
class Naming:
    """What a person says a catalogue is called, in place of what its file says; "" leaves that."""

    code: str = ""
    version: str = ""
    language: str = ""


def read_catalogue(
    name: str, data: bytes, *, beside: Beside = nothing_beside, naming: Naming | None = None
) -> Catalogue:
    """Read a file of any known format. `beside` finds the catalogues that a profile draws on.

    Raises `Unreadable`, and nothing else, for whatever cannot be read.
    """
    _check_size(data)
    return _named(_read(name, data, beside), naming or Naming(), name)


def read_files(
    files: Mapping[str, bytes], *, beside: Beside = nothing_beside, naming: Naming | None = None
) -> Catalogue:
    """Read one file, or the files of a folder as one YAML list. Raises `Unreadable`."""
    if len(files) == 1:
        [(name, data)] = files.items()
        return read_catalogue(name, data, beside=beside, naming=naming)
    if not files:
        raise Unreadable(_NO_FILES)
    if len(files) > MOST_FILES:
        raise Unreadable(_MANY_FILES, {"limit": MOST_FILES})
    _check_size(b"".join(files.values()))
    documents = {}
    for name, data in sorted(files.items()):
        if not name.lower().endswith((".yaml", ".yml")):
            raise Unreadable(_SEVERAL, {"name": shown(name)})
        document = _in_file(name, data)
        if isinstance(document, dict) and is_list(Node(document)):
            documents[name] = Node(document)
    return _named(read_lists(documents), naming or Naming(), "")


def _in_file(name: str, data: bytes) -> object:
    """A document of a folder; a refusal says in which file."""
    try:
        return parse_yaml(data)
    except Unreadable as refusal:
        raise Unreadable(_IN_FILE, {"name": shown(name), "problem": Quoted(refusal)}) from refusal


def _check_size(data: bytes) -> None:
    if len(data) > LARGEST_FILE:
        raise Unreadable(_TOO_LARGE, {"limit": LARGEST_FILE // 1024 // 1024})
    if not data.strip(b" \t\r\n\0"):
        raise Unreadable(_EMPTY)


def _read(name: str, data: bytes, beside: Beside) -> Catalogue:
    form = _form(name, data)
    if form == "table":
        return read_table(name, data)
    if form == "xml":
        return _of_root(name, parse_xml(data), beside)
    return _of_document(name, parse_json(data) if form == "json" else parse_yaml(data), beside)


def _form(name: str, data: bytes) -> str:
    """The outer form of a file: json, xml, yaml or table."""
    if data.startswith(b"PK\x03\x04"):
        return "table"
    head = data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    ending = name.lower().rpartition(".")[2]
    if head.startswith((b"{", b"[", b"//", b"/*")) or ending == "json":
        return "json"
    if head.startswith(b"<") or data.startswith((b"\xff\xfe<\0", b"\xfe\xff\0<")):
        return "xml"
    if ending in ("yaml", "yml") or head.startswith((b"---", b"%YAML")):
        return "yaml"
    is_workbook(data)
    return "table"


def _of_root(name: str, root: "Element", beside: Beside) -> Catalogue:
    kind = local(root)
    if kind in ("catalog", "profile"):
        return _of_document(name, oscal_xml.to_document(root), beside)
    if any(local(child) == "Requirements" for child in root):
        return asvs.read_asvs(Node(asvs.to_document(root)))
    if kind in _OSCAL_OTHERS:
        raise Unreadable(_OTHER_OSCAL, {"kind": kind})
    if kind == "bom":
        raise Unreadable(_CYCLONEDX_XML)
    return _of_lists(name, Node(nested.to_document(root)))


def _of_document(name: str, document: object, beside: Beside) -> Catalogue:
    """The catalogue of a parsed document, by the keys at its top."""
    if isinstance(document, list):
        document = {"requirements": document}
    if not isinstance(document, dict):
        raise Unreadable(_UNKNOWN)
    node = Node(document)
    readers: dict[str, Callable[[], Catalogue]] = {
        "catalog": lambda: read_oscal(node),
        "profile": lambda: _of_profile(node, beside),
        "bomFormat": lambda: read_cyclonedx(node),
        "Requirements": lambda: asvs.read_asvs(node),
        "requirements": lambda: read_flat(name, node),
    }
    for key, read in readers.items():
        if key in node:
            return read()
    if is_list(node):
        return read_lists({name: node})
    if is_library(node):
        return read_library(node)
    for kind in _OSCAL_OTHERS:
        if kind in node:
            raise Unreadable(_OTHER_OSCAL, {"kind": kind})
    if "questionnaire" in node:
        raise Unreadable(_QUESTIONS)
    return _of_lists(name, node)


def _of_lists(name: str, node: Node) -> Catalogue:
    """The catalogue of a document that is of no known publisher, where it lists requirements at all."""
    catalogue = read_nested(name, node)
    if catalogue is None:
        raise Unreadable(_UNKNOWN)
    return replace(catalogue, remarks=(*catalogue.remarks, Remark(_GUESSED)))


def _of_profile(node: Node, beside: Beside) -> Catalogue:
    """The catalogue that a profile stands for, with the catalogues at hand."""

    def find(names: tuple[str, ...]) -> Node | None:
        for name, data in beside(names):
            document = _oscal_document(name, data)
            if document is not None:
                return document
        return None

    resolved = resolve(node, find)
    catalogue = read_oscal(Node(resolved.document))
    problems = tuple(Remark(template, params) for template, params in resolved.problems)
    return replace(
        catalogue,
        source=", ".join(one_line(source) for source in resolved.sources),
        problems=problems + catalogue.problems,
    )


def _oscal_document(name: str, data: bytes) -> Node | None:
    """An OSCAL catalogue or profile in any form, or None for another file."""
    _check_size(data)
    form = _form(name, data)
    if form == "table":
        return None
    document = oscal_xml.to_document(parse_xml(data)) if form == "xml" else None
    if document is None:
        parsed = parse_json(data) if form == "json" else parse_yaml(data)
        document = parsed if isinstance(parsed, dict) else {}
    node = Node(document)
    return node if "catalog" in node or "profile" in node else None


def _named(catalogue: Catalogue, naming: Naming, name: str) -> Catalogue:
    """The catalogue under the names that a person gave, checked."""
    language = one_line(naming.language) or catalogue.language or _language(catalogue, name)
    named = replace(
        catalogue,
        code=one_line(naming.code) or catalogue.code,
        version=one_line(naming.version) or _version(catalogue, name),
        language=tag(language),
    )
    for template, text in ((_LONG_CODE, named.code), (_LONG_VERSION, named.version)):
        if len(text) > CODE_LENGTH:
            raise Unreadable(template, {"limit": CODE_LENGTH, "text": shown(text)})
    parts = named.language.split("-")
    if len(parts) > MOST_SUBTAGS or not all(
        part.isascii() and part.isalnum() and len(part) <= 8 for part in parts
    ):
        raise Unreadable(_STRANGE, {"text": shown(language)})
    if not any(entry.kind is Kind.ASSESSABLE for entry in named.entries):
        raise Unreadable(_NOT_ASSESSABLE)
    return named


def _version(catalogue: Catalogue, name: str) -> str:
    """The version of a file that states none is the one in its name."""
    stated = catalogue.version
    return (version_of_name(name) or stated) if stated == UNSTATED else stated


def _language(catalogue: Catalogue, name: str) -> str:
    """The language of a file that states none: what its name ends with, else that of its script."""
    text = "".join(entry.text or entry.title for entry in catalogue.entries[:200])
    return language_of_name(name) or language_of_text(text)
