"""What an uploaded file is, by its content: a workbook, text, or something with a refusal of its own."""

from procurement.sheets.tables import UPLOAD_BYTES
from procurement.sheets.unreadable import Unreadable, gettext_noop

_EMPTY = gettext_noop("The file is empty.")
_TOO_LARGE = gettext_noop("The file has %(size).1f MB; at most %(limit).0f MB are read.")
_PDF = gettext_noop("This is a PDF, whatever its name says. Save the table as .xlsx or .csv.")
_ENCRYPTED = gettext_noop("The workbook is protected by a password. Save it without one and upload it again.")
_OLD_EXCEL = gettext_noop("This is a workbook of the old .xls format. Save it as .xlsx and upload it again.")
_OLE = gettext_noop("This is an old Office document, not a workbook. Save the table as .xlsx or .csv.")
_HTML = gettext_noop("This is a web page that only looks like a workbook. Open it and save it as .xlsx.")
_XML = gettext_noop("This is an XML document, not an .xlsx workbook. Open it and save it as .xlsx.")
_ARCHIVE = gettext_noop(
    "This is a compressed archive, not a workbook. Unpack it and upload the workbook inside."
)
_PICTURE = gettext_noop("This is a picture. Upload the table itself as .xlsx or .csv.")
_RTF = gettext_noop("This is a text document (RTF), not a table. Save the table as .xlsx or .csv.")
_JSON = gettext_noop("This is a JSON file, not a table. Save the table as .xlsx or .csv.")
_BINARY = gettext_noop("This is neither an .xlsx workbook nor a text file with separated values.")

_SIGNATURES = (
    (b"\x1f\x8b", _ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", _ARCHIVE),
    (b"Rar!\x1a\x07", _ARCHIVE),
    (b"BZh", _ARCHIVE),
    (b"\xfd7zXZ\x00", _ARCHIVE),
    (b"\x89PNG\r\n\x1a\n", _PICTURE),
    (b"\xff\xd8\xff", _PICTURE),
    (b"GIF8", _PICTURE),
    (b"{\\rtf", _RTF),
    # .xls before its containers: BIFF 2, 3 and 4
    (b"\x09\x00\x04\x00", _OLD_EXCEL),
    (b"\x09\x02\x06\x00", _OLD_EXCEL),
    (b"\x09\x04\x06\x00", _OLD_EXCEL),
)
_OLE_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP = (
    b"<html",
    b"<!doctype html",
    b"<table",
    b"<meta",
    b"<head",
    b"<body",
    b"<style",
    b"<div",
    b"<script",
)


def is_workbook(data: bytes) -> bool:
    """Say whether the bytes are a zip file, to be looked into, or else text; refuse all the rest."""
    if len(data) > UPLOAD_BYTES:
        raise Unreadable(_TOO_LARGE, {"size": len(data) / 1e6, "limit": UPLOAD_BYTES / 1e6})
    if not data.strip(b" \t\r\n\0"):
        raise Unreadable(_EMPTY)
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return True
    if data.startswith(_OLE_SIGNATURE):
        raise Unreadable(_ole(data))
    for signature, sentence in _SIGNATURES:
        if data.startswith(signature):
            raise Unreadable(sentence)
    _refuse_documents(data)
    return False


def _refuse_documents(data: bytes) -> None:
    """Raise `Unreadable` for text that is a document of another kind."""
    head = data[:2048].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if b"%pdf-" in data[:1024].lower():
        raise Unreadable(_PDF)
    if head.startswith(_MARKUP) or (head.startswith(b"<?xml") and b"<html" in head):
        raise Unreadable(_HTML)
    if head.startswith(b"<?xml"):
        raise Unreadable(_XML)
    if head.startswith((b'{"', b"{\n", b"{\r", b"{ ", b"[{", b"[\n")):
        raise Unreadable(_JSON)


def _ole(data: bytes) -> str:
    """Return the sentence for an OLE container, by the names of the streams in it."""
    names = {name: name.encode("utf-16-le") in data for name in ("EncryptedPackage", "Workbook", "Book")}
    if names["EncryptedPackage"]:
        return _ENCRYPTED
    return _OLD_EXCEL if names["Workbook"] or names["Book"] else _OLE


def not_text() -> Unreadable:
    """Return the refusal of bytes that turned out to be no text in any encoding."""
    return Unreadable(_BINARY)
