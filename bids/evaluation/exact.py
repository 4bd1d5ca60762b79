"""Exact numbers: how they are rounded, and how the result file writes them."""

from collections.abc import Iterable
from fractions import Fraction
from math import gcd

ZERO = Fraction(0)
HALF_UP = "half-up"
HALF_EVEN = "half-even"
DOWN = "down"

_LONGEST_DECIMAL = 10**12
# str() of an integer is limited to 4300 digits by default; longer ones are written in pieces.
_PIECE_DIGITS = 4000
_PIECE = 10**_PIECE_DIGITS


def total(numbers: Iterable[Fraction]) -> Fraction:
    """The sum, with one reduction at the end instead of one for every term."""
    top, bottom = 0, 1
    for number in numbers:
        n, d = number.numerator, number.denominator
        if d == bottom:
            top += n
        else:
            shared = gcd(bottom, d)
            top = top * (d // shared) + n * (bottom // shared)
            bottom *= d // shared
    return Fraction(top, bottom)


def mean(numbers: list[Fraction]) -> Fraction:
    """The arithmetic mean of at least one number."""
    return total(numbers) / len(numbers)


def median(numbers: list[Fraction]) -> Fraction:
    """The middle one of at least one number, or the mean of the two in the middle."""
    ordered = sorted(numbers)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2


def clamp(number: Fraction, top: Fraction) -> Fraction:
    """The number, kept within 0…top."""
    return min(max(number, ZERO), top)


def rounded(number: Fraction, places: int, mode: str) -> Fraction:
    """The number at so many decimal places; `half-up` and `down` are away from and towards zero."""
    scale = 10**places
    scaled = abs(number) * scale
    whole, rest = divmod(scaled.numerator, scaled.denominator)
    twice = 2 * rest
    if mode == HALF_UP:
        whole += twice >= scaled.denominator
    elif mode == HALF_EVEN:
        whole += twice > scaled.denominator or (twice == scaled.denominator and whole % 2 == 1)
    return Fraction(whole if number >= 0 else -whole, scale)


def text(number: Fraction) -> str:
    """A number as the result file writes it: an exact decimal of at most 12 places, else a fraction."""
    if number.denominator == 1:
        return _digits(number.numerator)
    if _LONGEST_DECIMAL % number.denominator:
        return f"{_digits(number.numerator)}/{_digits(number.denominator)}"
    scaled = abs(number.numerator) * (_LONGEST_DECIMAL // number.denominator)
    whole, part = divmod(scaled, _LONGEST_DECIMAL)
    sign = "-" if number < 0 else ""
    return f"{sign}{_digits(whole)}.{part:012d}".rstrip("0")


def _digits(number: int) -> str:
    """The integer in decimal digits, however long it is."""
    if abs(number) < _PIECE:
        return str(number)
    sign, rest, pieces = ("-" if number < 0 else ""), abs(number), []
    while rest >= _PIECE:
        rest, piece = divmod(rest, _PIECE)
        pieces.append(f"{piece:0{_PIECE_DIGITS}d}")
    return sign + str(rest) + "".join(reversed(pieces))
