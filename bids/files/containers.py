"""The zip file around a document, looked through before anything in it is unpacked.

Readers disagree about zip files that are built to be disagreed about. So this one has to be plain: parts one
after the other from the first byte to the directory at the end, each once, each under a name that leads
nowhere, and none larger than it says.
"""

import re
import zlib
from io import BytesIO
from struct import error as StructError  # noqa: N812 - struct names its exception in small letters
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo, is_zipfile

from bids.files.refused import BOMB, DAMAGED, HIDDEN, LOCKED, PARTS, PATHS, UNPACKED, FileRefused

ENTRIES = 3000
UNPACKED_BYTES = 200_000_000
PART_BYTES = 100_000_000
RATIO = 200

BROKEN = (
    BadZipFile,
    zlib.error,
    StructError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
_RATIO_FROM = 1_000_000  # small parts may be as tight as they like
_LOCAL_HEADER = 30
#: After a part that was written as it came stand its sizes: 12 to 24 bytes.
_DESCRIPTOR = (12, 16, 20, 24)
_ENCRYPTED = 0x1 | 0x40
_LEADS_AWAY = re.compile(r"(^|/)\.\.?(/|$)|^/|//|[\\:\x00-\x1f]")


def open_container(content: bytes | bytearray) -> ZipFile:
    """The archive, once its directory is plain and within the caps. Raises `FileRefused`."""
    try:
        archive = ZipFile(BytesIO(content))
        entries = archive.infolist()
        _check_directory(entries)
        _check_layout(content, entries, archive.start_dir)
    except FileRefused:
        raise
    except BROKEN:
        raise FileRefused(DAMAGED) from None
    return archive


def is_archive(content: bytes | bytearray) -> bool:
    """Whether the bytes can be opened as a zip file too, whatever they start with."""
    if not is_zipfile(BytesIO(content)):
        return False
    try:
        return bool(ZipFile(BytesIO(content)).infolist())
    except BROKEN:
        return False


def _check_directory(entries: list[ZipInfo]) -> None:
    """Names and sizes only; the sizes bound what reading can give, whatever they claim."""
    if len(entries) > ENTRIES:
        raise FileRefused(PARTS, {"limit": ENTRIES})
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise FileRefused(LOCKED)
    if any(_LEADS_AWAY.search(entry.orig_filename) for entry in entries):
        raise FileRefused(PATHS)
    if len({entry.filename.lower() for entry in entries}) < len(entries):
        raise FileRefused(DAMAGED)
    if any(entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for entry in entries):
        raise FileRefused(DAMAGED)
    if any(entry.file_size > max(_RATIO_FROM, RATIO * entry.compress_size) for entry in entries):
        raise FileRefused(BOMB)
    if (
        sum(entry.file_size for entry in entries) > UNPACKED_BYTES
        or max((entry.file_size for entry in entries), default=0) > PART_BYTES
    ):
        raise FileRefused(UNPACKED, {"limit": UNPACKED_BYTES // 1_000_000})


def _check_layout(content: bytes | bytearray, entries: list[ZipInfo], directory: int) -> None:
    """No byte between the parts: a part that the directory does not name would hide there."""
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        gap = entry.header_offset - end
        if gap and not (end and gap in _DESCRIPTOR):
            raise FileRefused(HIDDEN)
        header = content[entry.header_offset : entry.header_offset + _LOCAL_HEADER]
        names = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
        end = entry.header_offset + _LOCAL_HEADER + names + entry.compress_size
    if directory - end not in (0, *_DESCRIPTOR):
        raise FileRefused(HIDDEN)
