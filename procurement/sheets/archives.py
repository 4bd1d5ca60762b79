"""The zip file around a workbook, looked through before anything in it is trusted.

Everything that may cost memory or time is counted here, on sizes and raw bytes, before a parser sees it. What
a workbook for an import has no business to carry (macros, links to other files, files inside) is refused by
name.
"""

import re
import zlib
from io import BytesIO
from itertools import pairwise
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from procurement.sheets.tables import (
    CELLS,
    UNZIPPED_BYTES,
    XML_TAGS,
    XML_TAGS_OF_A_PART,
    XML_TAGS_OF_SHEETS,
    XML_TAGS_TOGETHER,
    ZIP_ENTRIES,
    ZIP_RATIO,
)
from procurement.sheets.unreadable import Unreadable, gettext_noop

_DAMAGED = gettext_noop(
    "The workbook is damaged: parts of it cannot be read. Open it, save it again and upload that."
)
_MANY_ENTRIES = gettext_noop("The workbook consists of more than %(limit)d parts.")
_TOO_LARGE = gettext_noop("The workbook unpacks to more than %(limit).0f MB.")
_BOMB = gettext_noop("The workbook is packed more tightly than any real one; it is not opened.")
_LOCKED = gettext_noop("The file is a zip archive protected by a password. Upload the workbook without one.")
_MACROS = gettext_noop("The workbook contains macros. Save it as .xlsx, without macros, and upload it again.")
_LINKS = gettext_noop(
    "The workbook draws on other files or connections. Paste the values and upload it again."
)
_EMBEDDED = gettext_noop("The workbook has other files inside. Remove them and upload it again.")
_ENTITIES = gettext_noop("The workbook declares entities, which no real workbook does; it is not opened.")
_BINARY_EXCEL = gettext_noop("This is a workbook of the binary .xlsb format. Save it as .xlsx.")
_OPEN_DOCUMENT = gettext_noop("This is an OpenDocument file. Save the table as .xlsx or .csv.")
_OTHER_OFFICE = gettext_noop("This is a Word or PowerPoint document, not a workbook.")
_NO_WORKBOOK = gettext_noop(
    "This is a zip archive without a workbook in it. Unpack it and upload the workbook."
)
_TOO_MUCH = gettext_noop("The workbook holds too many cells to be read.")

_BROKEN = (BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)
_SHEETS = "xl/worksheets/"
_RATIO_FROM = 1_000_000  # small parts may be as tight as they like
_ROW = re.compile(rb"<(?:[\w.-]+:)?row[\s/>]")
_EXTERNAL = re.compile(rb"<[^<>]*TargetMode\s*=\s*[\"']External[\"'][^<>]*>")
_NESTED = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"MZ", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")


def damaged() -> Unreadable:
    """Return the refusal of a workbook that cannot be read for what it says it is."""
    return Unreadable(_DAMAGED)


def check_archive(data: bytes) -> None:
    """Raise `Unreadable` unless the zip file holds a harmless workbook of a size that can be read."""
    try:
        with ZipFile(BytesIO(data)) as archive:
            entries = archive.infolist()
            _check_entries(entries)
            _check_names({entry.filename.lower().lstrip("/") for entry in entries}, archive)
            tags = sheet_tags = 0
            for entry in entries:
                name = entry.filename.lower()
                found = _check_part(name, archive.read(entry))
                tags += found
                sheet_tags += found if name.startswith(_SHEETS) else 0
                if tags > XML_TAGS or sheet_tags > XML_TAGS_OF_SHEETS:
                    raise Unreadable(_TOO_MUCH)
    except _BROKEN as error:
        if isinstance(error, Unreadable):
            raise
        raise damaged() from error


def _check_entries(entries: list[ZipInfo]) -> None:
    """Look at names and sizes only; the sizes bound what reading can give, whatever they claim."""
    if len(entries) > ZIP_ENTRIES:
        raise Unreadable(_MANY_ENTRIES, {"limit": ZIP_ENTRIES})
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise Unreadable(_LOCKED)
    if len({entry.filename for entry in entries}) < len(entries):
        raise damaged()
    if any(entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for entry in entries):
        raise damaged()
    if any(entry.file_size > max(_RATIO_FROM, ZIP_RATIO * entry.compress_size) for entry in entries):
        raise Unreadable(_BOMB)
    if sum(entry.file_size for entry in entries) > UNZIPPED_BYTES:
        raise Unreadable(_TOO_LARGE, {"limit": UNZIPPED_BYTES / 1e6})


def _check_names(names: set[str], archive: ZipFile) -> None:
    """Look at which parts there are."""
    if "mimetype" in names and b"opendocument" in archive.read("mimetype"):
        raise Unreadable(_OPEN_DOCUMENT)
    if "[content_types].xml" not in names:
        raise Unreadable(_NO_WORKBOOK)
    if any(name.endswith("vbaproject.bin") or name.startswith("xl/macrosheets/") for name in names):
        raise Unreadable(_MACROS)
    if "xl/workbook.bin" in names:
        raise Unreadable(_BINARY_EXCEL)
    if any(name.startswith(("word/", "ppt/")) for name in names):
        raise Unreadable(_OTHER_OFFICE)
    if any(name.startswith("xl/externallinks/") or name == "xl/connections.xml" for name in names):
        raise Unreadable(_LINKS)
    if "xl/workbook.xml" not in names:
        raise Unreadable(_NO_WORKBOOK)
    embedded = ("xl/embeddings/", "xl/activex/", "xl/ctrlprops/")
    if any(name.startswith(embedded) or name.endswith((".zip", ".xlsx", ".xls", ".exe")) for name in names):
        raise Unreadable(_EMBEDDED)


def _check_part(name: str, part: bytes) -> int:
    """Look into one part, whatever its name says (a sheet may have any); return how many tags it may have."""
    if part.startswith(_NESTED):
        raise Unreadable(_EMBEDDED)
    is_text = name.endswith((".xml", ".rels", ".vml"))
    if is_text and (part.startswith((b"\xff\xfe", b"\xfe\xff")) or part[:4].count(0)):
        raise damaged()  # UTF-16: spreadsheets write UTF-8
    if b"<!DOCTYPE" in part or b"<!ENTITY" in part:
        raise Unreadable(_ENTITIES)
    if name == "[content_types].xml" and b"macroEnabled" in part:
        raise Unreadable(_MACROS)
    if name.endswith(".rels") and any(b"/hyperlink" not in link for link in _EXTERNAL.findall(part)):
        raise Unreadable(_LINKS)
    tags = part.count(b"<")
    if name.startswith(_SHEETS):
        _check_rows(part)
    elif tags > (4 * CELLS if name == "xl/sharedstrings.xml" else XML_TAGS_OF_A_PART):
        raise Unreadable(_TOO_MUCH)
    return tags


def _check_rows(part: bytes) -> None:
    """Refuse a sheet with more tags in one row, or around its rows, than any has: a parser holds them all."""
    starts = [row.start() for row in _ROW.finditer(part)]
    after = part.rfind(b"sheetData>")
    edges = [0, *starts, max(after, starts[-1] if starts else 0), len(part)]
    if any(part.count(b"<", begin, end) > XML_TAGS_TOGETHER for begin, end in pairwise(edges)):
        raise Unreadable(_TOO_MUCH)
