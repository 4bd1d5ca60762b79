"""One file: its name, its size, its kind, and then what that kind must not hold."""

from bids.files.kinds import COMPOUND_START, ENDINGS, STARTS, Kind
from bids.files.names import tidy_name
from bids.files.office import check_office
from bids.files.pdf import check_pdf
from bids.files.pictures import check_picture
from bids.files.refused import CONTENT, COSTLY, EMPTY, KIND, LARGE, LOCKED, FileRefused

MEGABYTE = 1024 * 1024
MOST_BYTES = 20 * MEGABYTE
SECONDS = 10.0

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def inspect(name: str, content: bytes | bytearray, *, seconds: float = SECONDS) -> Kind:
    """The kind of the file, by name and by content alike. Nothing is written anywhere.

    Objects of a PDF are read for so many seconds of computing; about 10,000 take one. Whoever looks a second
    time gives more, so that what was taken once is not refused by a slower machine.

    Raises `FileRefused`, and nothing else, for everything that is not taken (see the package's docstring).
    """
    name = tidy_name(name)
    try:
        return _checked(name, content, seconds)
    except FileRefused as refusal:
        raise refusal.of(name) from None  # what a library said may quote the content
    except (MemoryError, RecursionError):
        raise FileRefused(COSTLY, {"name": name}) from None


def too_large(name: str, size: int) -> FileRefused:
    """The refusal of a file of so many bytes, which nobody need have read."""
    return FileRefused(LARGE, {"name": name, "size": -(-size // MEGABYTE), "limit": MOST_BYTES // MEGABYTE})


def _checked(name: str, content: bytes | bytearray, seconds: float) -> Kind:
    kind = ENDINGS.get(name.rpartition(".")[2].lower()) if "." in name else None
    if kind is None:
        raise FileRefused(KIND)
    if not content:
        raise FileRefused(EMPTY)
    if len(content) > MOST_BYTES:
        raise too_large("…", len(content))
    if kind in (Kind.XLSX, Kind.DOCX) and content.startswith(COMPOUND_START) and _ENCRYPTED in content:
        raise FileRefused(LOCKED)
    if not content.startswith(STARTS[kind]):
        raise FileRefused(CONTENT, {"kind": kind.name})
    if kind is Kind.PDF:
        check_pdf(content, seconds)
    elif kind in (Kind.PNG, Kind.JPG):
        check_picture(content, kind)
    else:
        check_office(content, kind)
    return kind
