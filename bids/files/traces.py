"""What a file says about how it was made: the same author or moment in two bids points to one hand.

Such entries can be changed by anybody, or be those of a template: they point, and prove nothing.
"""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from bids.files.kinds import ENDINGS, Kind

#: Longer than any name; and more than any of the parts that hold them.
_MOST_TEXT = 200
_MOST_PART = 1_000_000

_PDF = {"author": "/Author", "program": "/Producer", "created": "/CreationDate"}
_CORE = {"creator": "author", "lastModifiedBy": "editor", "created": "created"}
_APP = {"Company": "company", "Application": "program"}


@dataclass(frozen=True, slots=True)
class Traces:
    """Who wrote it, who saved it last, for which company, with what, and when; empty where nothing says."""

    author: str = ""
    editor: str = ""
    company: str = ""
    program: str = ""
    created: str = ""

    def to_document(self) -> dict[str, str]:
        """What it says, without what is empty."""
        return {key: value for key, value in asdict(self).items() if value}


def traces_of(name: str, content: bytes) -> Traces:
    """What a file that was inspected says of its making. A file that cannot be read says nothing."""
    kind = ENDINGS.get(name.rpartition(".")[2].lower())
    if kind is Kind.PDF:
        return Traces(**_of_pdf(content))
    if kind in (Kind.DOCX, Kind.XLSX):
        return Traces(**_of_office(content))
    return Traces()


def _of_pdf(content: bytes) -> dict[str, str]:
    try:
        said: Mapping[str, object] = PdfReader(io.BytesIO(content), strict=False).metadata or {}
        return {key: _text(said.get(entry)) for key, entry in _PDF.items()}
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError):
        return {}  # whatever pypdf stumbles over: the file was taken as it is


def _of_office(content: bytes) -> dict[str, str]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _part(archive, "docProps/core.xml", _CORE) | _part(archive, "docProps/app.xml", _APP)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError):
        return {}


def _part(archive: zipfile.ZipFile, name: str, wanted: Mapping[str, str]) -> dict[str, str]:
    """The wanted elements of a small part, by their local names."""
    if name not in archive.namelist() or archive.getinfo(name).file_size > _MOST_PART:
        return {}
    with archive.open(name) as part:
        data = part.read(_MOST_PART)
    try:
        root = fromstring(data)
    except (ParseError, DefusedXmlException, ValueError):
        return {}
    return {
        wanted[local]: _text(element.text)
        for element in root
        if (local := element.tag.rpartition("}")[2]) in wanted
    }


def _text(value: object) -> str:
    """One line of printable text."""
    text = "".join(sign if sign.isprintable() else " " for sign in str(value or ""))
    return " ".join(text.split())[:_MOST_TEXT]
