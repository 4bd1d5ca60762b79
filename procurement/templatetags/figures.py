"""How numbers, money, moments and lists are written: exact figures in, text for people out.

Numbers have grouped thousands, a real minus (U+2212) and are rounded half up, away from zero for negative
ones (`Decimal` and `Fraction` exactly; a `float` by its shortest decimal form). Absent ones are an em dash.
Moments are shown in Taipei time.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

Number = int | Decimal | Fraction | float | str

ABSENT = "—"
MINUS = "−"
TAIPEI = ZoneInfo("Asia/Taipei")
SYMBOLS = {"TWD": "NT$", "USD": "US$", "EUR": "€", "JPY": "JP¥"}

#: (from, written per, word, decimals at most), largest first.
CHINESE_STEPS = ((10**8, 10**8, "億", 4), (10**4, 10**4, "萬", 2))
ENGLISH_STEPS: tuple[tuple[int, int, Callable[[str], str], int], ...] = (
    (10**9, 10**9, lambda text: _("%(figure)s billion") % {"figure": text}, 2),
    (10**6, 10**6, lambda text: _("%(figure)s million") % {"figure": text}, 2),
)


def exact(value: Number) -> Fraction:
    """The number as a fraction; a float counts as the decimal a person would read."""
    return Fraction(repr(value)) if isinstance(value, float) else Fraction(value)


def half_up(value: Number, places: int) -> Decimal:
    """`value` rounded half up (away from zero) to `places` decimals (0 or more)."""
    scaled = abs(exact(value)) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    sign = -1 if exact(value) < 0 else 1
    return Decimal(sign * whole).scaleb(-places)


def number(value: Number | None, places: int = 2, *, trim: bool = False, plus: bool = False) -> str:
    """`1,234.50`, `−1.89`; `trim` drops zeros at the end, `plus` writes the sign of positive numbers too."""
    if value is None or value == "":
        return ABSENT
    rounded = half_up(value, places)
    text = f"{abs(rounded):,.{places}f}"
    if trim and "." in text:
        text = text.rstrip("0").rstrip(".")
    if rounded == 0:
        return text
    return (MINUS if rounded < 0 else "+" if plus else "") + text


def points(value: Number | None, places: int = 2) -> str:
    """Points or marks: `72.75`; `places` decimals, 2 unless told otherwise."""
    return number(value, places)


def plain(value: Number | None) -> str:
    """A number without zeros at its end, at most 2 decimals: `45`, `37.5`."""
    return number(value, 2, trim=True)


def signed(value: Number | None, places: int = 2) -> str:
    """A difference with its sign: `−1.89`, `+0.50`; 0 has none."""
    return number(value, places, plus=True)


def share(value: Number | None, places: int = 1) -> str:
    """A share of 1 as percent: ⅓ is `33.3%`."""
    return ABSENT if value is None or value == "" else number(exact(value) * 100, places) + "%"


def signed_share(value: Number | None, places: int = 1) -> str:
    """A difference as a share of 1, in percent with its sign: `−22.5%`."""
    return ABSENT if value is None or value == "" else number(exact(value) * 100, places, plus=True) + "%"


def _money_places(value: Number) -> int:
    """Whole amounts have no decimals, others two."""
    return 0 if exact(value).denominator == 1 else 2


def amount(value: Number | None) -> str:
    """Money in a table whose head names the currency: `15,460,000`."""
    return ABSENT if value is None or value == "" else number(value, _money_places(value))


def signed_amount(value: Number | None) -> str:
    """A difference in money: `−740,000`, `+1,990,000`; 0 has no sign."""
    return ABSENT if value is None or value == "" else number(value, _money_places(value), plus=True)


def money(value: Number | None, currency: str = "TWD") -> str:
    """Money with its currency: `NT$ 15,460,000`."""
    if value is None or value == "":
        return ABSENT
    return f"{SYMBOLS.get(currency, currency)} {amount(value)}"


def money_words(value: Number | None, currency: str = "TWD") -> str:
    """Money inside a sentence: `1,546 萬元` in Chinese, `NT$ 15.46 million` in English.

    Rounded half up to two decimals of 萬 or of a million (in Chinese from one 億: four decimals of 億), zeros
    at the end dropped. Amounts under one 萬 or one million are written out. Other currencies than TWD keep
    their symbol in Chinese, too: `US$ 12 萬`.
    """
    if value is None or value == "":
        return ABSENT
    if (get_language() or "").startswith("zh"):
        figure = _in_steps(value, [(a, b, lambda t, w=w: f"{t} {w}", n) for a, b, w, n in CHINESE_STEPS])
        if currency == "TWD":
            return f"{figure}元" if figure[-1] in "億萬" else f"{figure} 元"
        return f"{SYMBOLS.get(currency, currency)} {figure}"
    return f"{SYMBOLS.get(currency, currency)} {_in_steps(value, list(ENGLISH_STEPS))}"


def _in_steps(value: Number, steps: list[tuple[int, int, Callable[[str], str], int]]) -> str:
    """The figure in the largest step it reaches."""
    for start, unit, words, places in steps:
        if abs(exact(value)) >= start:
            return words(number(exact(value) / unit, places, trim=True))
    return amount(value)


def fingerprint(digest: str | None, groups: int = 4) -> str:
    """The start of a digest in groups of four: `3f9c 81aa 5e07 d2b4`. A `sha256:` in front is left out."""
    if not digest:
        return ABSENT
    hexadecimal = digest.rpartition(":")[2]
    return " ".join(hexadecimal[i : i + 4] for i in range(0, min(len(hexadecimal), 4 * groups), 4))


def listed(things: Iterable[object]) -> str:
    """Several things in a row: `R01, R04`, in Chinese `R01、R04`."""
    return pgettext("between two things of a list", ", ").join(str(thing) for thing in things)


def clauses(texts: Iterable[object]) -> str:
    """Several half sentences as one: `A; B`."""
    return _("; ").join(str(text) for text in texts)


def sentences(texts: Iterable[object]) -> str:
    """Several sentences after each other; those of Chinese have no space between them."""
    gap = "" if (get_language() or "").startswith("zh") else " "
    return gap.join(str(text) for text in texts if text)


def _local(value: date | datetime | None, pattern: str) -> str:
    if value is None or value == "":
        return ABSENT
    return (value.astimezone(TAIPEI) if isinstance(value, datetime) else value).strftime(pattern)


def day(value: date | datetime | None) -> str:
    """`2026/11/24`."""
    return _local(value, "%Y/%m/%d")


def short_day(value: date | datetime | None) -> str:
    """`11/24`."""
    return _local(value, "%m/%d")


def moment(value: datetime | None) -> str:
    """`2026/11/24 17:00`."""
    return _local(value, "%Y/%m/%d %H:%M")


def short_moment(value: datetime | None) -> str:
    """`11/24 17:00`."""
    return _local(value, "%m/%d %H:%M")


def stamp(value: datetime | None) -> str:
    """To the second, as in the audit line: `2026-11-22 14:05:12`."""
    return _local(value, "%Y-%m-%d %H:%M:%S")


def precise(value: datetime | None) -> str:
    """To the millisecond, as in receipts, what is finer cut off: `2026-11-22 14:05:12.345`."""
    return ABSENT if value is None else f"{stamp(value)}.{value.microsecond // 1000:03}"
