"""Pictures: they decode, they are not huge, and nothing hangs on behind them."""

import struct
import warnings
import zlib
from io import BytesIO

from PIL import Image, UnidentifiedImageError

from bids.files.containers import is_archive
from bids.files.kinds import Kind
from bids.files.refused import DAMAGED, HIDDEN, PIXELS, FileRefused

#: A page of A4 at 600 dots per inch has 35 million; decoded, the largest take 256 MB.
MOST_PIXELS = 64_000_000

_FORMATS = {Kind.PNG: ("PNG",), Kind.JPG: ("JPEG", "MPO")}
_BROKEN = (
    UnidentifiedImageError,
    Image.DecompressionBombError,
    zlib.error,
    struct.error,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,  # Pillow's, for a chunk that is none
    TypeError,
    ValueError,
)


def check_picture(content: bytes | bytearray, kind: Kind) -> None:
    """Raise `FileRefused` unless the first picture of the file decodes and the file ends with it."""
    if kind is Kind.PNG:
        _check_chunks(content)
    if is_archive(content):
        raise FileRefused(HIDDEN)
    _open(content, _FORMATS[kind], decode=True)


def _check_chunks(content: bytes | bytearray) -> None:
    """Raise `FileRefused` unless the file is one chunk after the other, each as its checksum says.

    PNG (third edition), 5.3: length, type, data, and CRC-32 of type and data.
    """
    at, kind = 8, b""
    while kind != b"IEND":
        length, kind = int.from_bytes(content[at : at + 4], "big"), bytes(content[at + 4 : at + 8])
        end = at + 8 + length
        if content[end : end + 4] != zlib.crc32(memoryview(content)[at + 4 : end]).to_bytes(4, "big"):
            raise FileRefused(DAMAGED)
        at = end + 4
    if at != len(content):
        raise FileRefused(HIDDEN)


def check_size(content: bytes | bytearray) -> None:
    """Raise `FileRefused` if a picture inside a document is too large to show. It is not decoded."""
    _open(content, ("PNG", "JPEG", "MPO", "GIF", "BMP", "TIFF"), decode=False)


def _open(content: bytes | bytearray, formats: tuple[str, ...], *, decode: bool) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of many pixels; here they are counted
            with Image.open(BytesIO(content), formats=formats) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise FileRefused(PIXELS, {"limit": MOST_PIXELS // 1_000_000})
                if decode:
                    picture.load()
    except FileRefused:
        raise
    except Image.DecompressionBombError:
        raise FileRefused(PIXELS, {"limit": MOST_PIXELS // 1_000_000}) from None
    except _BROKEN:
        raise FileRefused(DAMAGED) from None
