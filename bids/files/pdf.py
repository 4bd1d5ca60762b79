"""PDF (ISO 32000-2): no password, no scripts, no actions that run, send or open, no files inside.

Every object that the file's tables name is looked at, of all its versions; streams of pages and pictures are
not unpacked. Readers mend damaged tables in different ways, so the bytes are searched as well.
"""

import logging
import re
import struct
import time
import zlib
from collections.abc import Iterator
from io import BytesIO

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject, StreamObject

from bids.files.containers import is_archive
from bids.files.instructions import check_target
from bids.files.refused import (
    COSTLY,
    DAMAGED,
    EMBEDDED,
    FORM,
    HIDDEN,
    LOCKED,
    OUTSIDE,
    PARTS,
    SCRIPTS,
    FileRefused,
    shown,
)

OBJECTS = 200_000

# What the library has to say about a damaged file quotes it, and nothing of a bid belongs in a log.
logging.getLogger("pypdf").addHandler(logging.NullHandler())
logging.getLogger("pypdf").propagate = False

_BROKEN = (
    PyPdfError,
    zlib.error,
    struct.error,
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)

#: Keys of a dictionary, and values of its /S (actions) and /Subtype (annotations), that are refused.
_KEYS = {
    "/JS": SCRIPTS,
    "/JavaScript": SCRIPTS,
    "/XFA": FORM,
    "/EF": EMBEDDED,
    "/EmbeddedFiles": EMBEDDED,
    "/RichMediaContent": EMBEDDED,
    "/Collection": EMBEDDED,
}  # fmt: skip - a table
_ACTIONS = {
    "/JavaScript": SCRIPTS,
    "/Launch": SCRIPTS,
    "/Rendition": SCRIPTS,
    "/SubmitForm": FORM,
    "/ImportData": FORM,
    "/ResetForm": FORM,
    "/GoToE": EMBEDDED,
    "/RichMediaExecute": SCRIPTS,
    "/Movie": EMBEDDED,
    "/Sound": EMBEDDED,
}  # fmt: skip - a table
_NOTES = {
    "/FileAttachment": EMBEDDED,
    "/RichMedia": EMBEDDED,
    "/Screen": EMBEDDED,
    "/Movie": EMBEDDED,
    "/Sound": EMBEDDED,
    "/3D": EMBEDDED,
}  # fmt: skip - a table
#: The same as bytes, as far as they are too long to stand in a picture by chance.
_WORDS = {
    b"/JavaScript": SCRIPTS,
    b"/Launch": SCRIPTS,
    b"/Rendition": SCRIPTS,
    b"/SubmitForm": FORM,
    b"/ImportData": FORM,
    b"/EmbeddedFile": EMBEDDED,
    b"/RichMedia": EMBEDDED,
    b"/FileAttachment": EMBEDDED,
}  # fmt: skip - a table
_SEARCH = re.compile(b"|".join(_WORDS))
# A sign of a name may be written by its number: /JavaScr#69pt
_WITH_NUMBERS = re.compile(rb"/[\w#.-]{0,60}#[0-9A-Fa-f]{2}[\w#.-]{0,60}")
_NUMBER = re.compile(rb"#([0-9A-Fa-f]{2})")


def check_pdf(content: bytes | bytearray, seconds: float) -> None:
    """Raise `FileRefused` unless the file opens without a password and holds nothing that acts.

    Its objects are read for so many seconds of computing at most.
    """
    if is_archive(content):
        raise FileRefused(HIDDEN)
    try:
        with BytesIO(content) as stream:
            _check_reader(PdfReader(stream, strict=False), content, time.thread_time() + seconds)
    except FileRefused:
        raise
    except _BROKEN:
        raise FileRefused(DAMAGED) from None


def _check_reader(reader: PdfReader, content: bytes | bytearray, until: float) -> None:
    try:
        if reader.is_encrypted:
            raise FileRefused(LOCKED)
        _search(content)
        _check_pages(reader)
        for found in _objects(reader, until):
            _check_object(found)
    finally:
        reader.resolved_objects.clear()  # the reader and they hold each other, and all of the file


def _search(data: bytes | bytearray) -> None:
    found = _SEARCH.search(data)
    if found:
        raise FileRefused(_WORDS[found[0]])
    for name in _WITH_NUMBERS.finditer(data):
        plain = _NUMBER.sub(lambda number: bytes([int(number[1], 16)]), name[0])
        found = _SEARCH.match(plain)
        if found:
            raise FileRefused(_WORDS[found[0]])


def _check_pages(reader: PdfReader) -> None:
    pages = reader.root_object.get("/Pages")
    if not isinstance(pages.get_object() if pages is not None else None, DictionaryObject):
        raise FileRefused(DAMAGED)


def _objects(reader: PdfReader, until: float) -> Iterator[object]:
    """Every object that a table of the file names, of whatever version, and the trailer."""
    known = [(number, generation) for generation, offsets in reader.xref.items() for number in offsets] + [
        (number, 0) for number in reader.xref_objStm
    ]
    if len(known) > OBJECTS:
        raise FileRefused(PARTS, {"limit": OBJECTS})
    yield reader.trailer
    for number, generation in known:
        if time.thread_time() > until:
            raise FileRefused(COSTLY)
        yield reader.get_object(IndirectObject(number, generation, reader))


def _check_object(found: object) -> None:
    """An object and what it holds directly; what it points to has its own turn."""
    waiting = [found]
    while waiting:
        item = waiting.pop()
        if isinstance(item, DictionaryObject):
            _check_dictionary(item)
            waiting.extend(item.values())
        elif isinstance(item, ArrayObject):
            waiting.extend(item)


def _check_dictionary(item: DictionaryObject) -> None:
    for key in item:
        if key in _KEYS:
            raise FileRefused(_KEYS[key])
    for key, refused in (("/S", _ACTIONS), ("/Subtype", _NOTES)):
        word = _direct(item, key)
        if isinstance(word, NameObject) and word in refused:
            raise FileRefused(refused[word])
    if _direct(item, "/S") in ("/GoToR", "/Thread") and "/F" in item:
        raise FileRefused(OUTSIDE, {"what": shown(str(_direct(item, "/F")))})
    if _direct(item, "/S") == "/URI":
        check_target(str(_direct(item, "/URI")))
    if isinstance(item, StreamObject):
        _check_stream(item)


def _check_stream(item: StreamObject) -> None:
    """What a stream says about itself; one of objects is searched too, whether a table names them or not."""
    kind = _direct(item, "/Type")
    if kind == "/EmbeddedFile":
        raise FileRefused(EMBEDDED)
    if "/F" in item:  # its bytes lie in another file
        raise FileRefused(OUTSIDE, {"what": shown(str(_direct(item, "/F")))})
    if kind == "/ObjStm":
        _search(item.get_data())


def _direct(item: DictionaryObject, key: str) -> object:
    """The value, followed where it is a reference."""
    value = item.raw_get(key) if key in item else None
    return value.get_object() if isinstance(value, IndirectObject) else value
