"""Lots that anybody can draw again: an order of vendors that follows from a seed and nothing else.

The source of the seed is named before the seed is known (a public draw of a day still to come, say), so that
neither the bank nor a vendor can choose it. Each vendor's ticket is the SHA-256 of one UTF-8 text of three
lines; the vendor with the smallest ticket comes first.
"""

import hashlib
from collections.abc import Iterable


def ticket(seed: str, reference: str, vendor: str) -> str:
    """SHA-256, as 64 hex digits, of `seed`, line feed, `reference`, line feed, `vendor` in UTF-8.

    No line feed follows the last line. Raises `ValueError` for an empty text, or one of several lines: two
    different draws could then have one text.
    """
    for text in (seed, reference, vendor):
        if not text or "\n" in text:
            raise ValueError(text)
    return hashlib.sha256(f"{seed}\n{reference}\n{vendor}".encode()).hexdigest()


def drawn_order(seed: str, reference: str, vendors: Iterable[str]) -> tuple[str, ...]:
    """The vendors by ascending ticket; in which order they are given makes no difference.

    Raises `ValueError` as `ticket` does, and where a vendor is named twice.
    """
    names = list(vendors)
    if len(set(names)) < len(names):
        raise ValueError(names)
    return tuple(sorted(names, key=lambda vendor: ticket(seed, reference, vendor)))
