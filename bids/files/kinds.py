"""The kinds of files that are taken, and how each begins."""

from enum import Enum


class Kind(Enum):
    """A kind of file; the value is the usual ending of its name."""

    PDF = "pdf"
    XLSX = "xlsx"
    DOCX = "docx"
    PNG = "png"
    JPG = "jpg"


#: Kinds by the endings of names, in small letters.
ENDINGS = {kind.value: kind for kind in Kind} | {"jpeg": Kind.JPG}

ZIP_START = b"PK\x03\x04"
#: A compound file: what Office wrote before 2007, and how it wraps a document with a password today.
COMPOUND_START = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

STARTS = {
    Kind.PDF: b"%PDF-",
    Kind.XLSX: ZIP_START,
    Kind.DOCX: ZIP_START,
    Kind.PNG: b"\x89PNG\r\n\x1a\n",
    Kind.JPG: b"\xff\xd8\xff",
}
