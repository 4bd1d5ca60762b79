"""Sizes in steps, of 1 MiB unless told otherwise: what is sealed says only in which step its content lies.

A padded content is its length (8 bytes, big-endian), the content, and zeros up to the next full step of
content. What holds nothing fills one step, too.
"""

from bids.sealing.refusals import SealRefused, Unopenable, gettext_noop
from bids.sealing.suite import Buffer

STEP = 2**20
#: The largest content of a part, in bytes.
LARGEST = 32 * STEP
#: Bytes in front of the content.
PREFIX = 8


def steps(size: int, step: int = STEP) -> int:
    """Return how many steps a content of ``size`` bytes fills, at least one.

    Raises ``SealRefused`` where it is larger than a part may be.
    """
    if size > LARGEST:
        raise SealRefused(
            gettext_noop("This has %(size)s bytes, and a part has at most %(largest)s."),
            {"size": size, "largest": LARGEST},
        )
    return max(1, -(-size // step))


def pad(content: Buffer, step: int = STEP) -> bytearray:
    """Return the padded content in memory of its own, which the caller can ``wipe``.

    Raises ``SealRefused`` where it is larger than a part may be.
    """
    size = len(content)
    padded = bytearray(PREFIX + steps(size, step) * step)
    view = memoryview(padded)
    view[:PREFIX] = size.to_bytes(PREFIX, "big")
    view[PREFIX : PREFIX + size] = content
    return padded


def unpad(padded: Buffer, step: int = STEP) -> bytes:
    """Return the content of ``padded``.

    Raises ``Unopenable`` where it is not exactly what ``pad`` makes of a content in these steps.
    """
    view = memoryview(padded)
    size = int.from_bytes(view[:PREFIX], "big")
    end = PREFIX + size
    if len(view) < PREFIX or size > LARGEST or len(view) != PREFIX + steps(size, step) * step:
        raise _unpadded()
    if view[end:] != bytes(len(view) - end):
        raise _unpadded()
    return bytes(view[PREFIX:end])


def wipe(buffer: bytearray) -> None:
    """Overwrite a buffer with zeros, so that what it held is not found in memory that is handed on."""
    view = memoryview(buffer)
    for start in range(0, len(view), STEP):
        end = min(start + STEP, len(view))
        view[start:end] = bytes(end - start)


def _unpadded() -> Unopenable:
    return Unopenable(gettext_noop("This opens, but it is not filled up to a full size as it has to be."))
