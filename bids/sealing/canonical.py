"""One text for one value: canonical JSON (RFC 8785), moments to the millisecond, and digests of both."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bids.sealing.refusals import SealRefused, gettext_noop

#: What canonical JSON is made of here. Amounts and marks are texts: a binary fraction is refused.
Json = str | int | bool | None | Sequence["Json"] | Mapping[str, "Json"]

#: Whole numbers beyond this are not the same in every reader of JSON (RFC 8785 section 3.2.2.3, RFC 7493).
LARGEST_INTEGER = 2**53 - 1

# Python writes texts and whole numbers as RFC 8785 does; the order of keys and the limits are seen to here.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_DIGEST = re.compile(r"[0-9a-f]{64}")


def canonical(value: Json) -> bytes:
    """Return the canonical JSON of a value, in UTF-8.

    Raises ``SealRefused`` for what has no single text: binary fractions, whole numbers beyond 2^53 − 1, texts
    that are not Unicode, keys that are not text, and whatever is not JSON at all.
    """
    try:
        return _ENCODER.encode(_plain(value)).encode()
    except (UnicodeEncodeError, RecursionError) as error:
        raise _unwritable() from error


def parse(text: bytes) -> Any:
    """Return the value of which ``text`` is the canonical JSON.

    Raises ``SealRefused`` where it is not JSON, or where it is written in another way than ``canonical``
    writes it (spaces, order, the same key twice, fractions): two texts never stand for one value.
    """
    try:
        value = json.loads(text)
        exact = canonical(value) == bytes(text)
    except (ValueError, RecursionError) as error:
        raise _unreadable() from error
    if not exact:
        raise _unreadable()
    return value


def bound_to(use: str, **fields: Json) -> bytes:
    """Return what something is bound to: its use and the fields that name its place, as canonical JSON.

    The bytes go into HPKE's ``info`` or beside AES-GCM as data that is authenticated but not stored. What was
    made for one use never opens for another. Raises ``SealRefused`` as ``canonical`` does.
    """
    return canonical({"format": "assay/1", "use": use, **fields})


def sha256(content: bytes | bytearray | memoryview) -> str:
    """Return the SHA-256 of the bytes as 64 hexadecimal digits in lower case."""
    return hashlib.sha256(content).hexdigest()


def is_digest(text: object) -> bool:
    """Tell whether a value reads as ``sha256`` writes it."""
    return isinstance(text, str) and _DIGEST.fullmatch(text) is not None


def timestamp(moment: datetime) -> str:
    """Return a moment as text: UTC, to the millisecond, what is finer cut off (``2026-11-22T08:50:00.123Z``).

    Cutting off never makes a moment later than it was. Raises ``ValueError`` for a moment without a zone.
    """
    if moment.utcoffset() is None:
        raise ValueError("a moment without a time zone")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment_of(text: str) -> datetime:
    """Return the moment that ``timestamp`` wrote. Raises ``SealRefused`` for any other text."""
    try:
        moment = datetime.fromisoformat(text)
        exact = timestamp(moment) == text
    except ValueError as error:
        raise _unreadable() from error
    if not exact:
        raise _unreadable()
    return moment


def _plain(value: Any) -> Any:
    """Return the value in the types that JSON has, keys in the order of RFC 8785 (3.2.3: by UTF-16 units)."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise _unwritable()
        return int(value)
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise _unwritable()
        return {key: _plain(value[key]) for key in sorted(map(str.__str__, value), key=_in_utf_16)}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    raise _unwritable()


def _in_utf_16(key: str) -> bytes:
    return key.encode("utf-16-be")


def _unwritable() -> SealRefused:
    return SealRefused(gettext_noop("This holds a value that cannot be written in one way only."))


def _unreadable() -> SealRefused:
    return SealRefused(gettext_noop("This text is not written as it has to be."))
