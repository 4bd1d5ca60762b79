"""How papers write dates, sums and names: 民國 years and 新臺幣 in Chinese."""

from collections.abc import Iterable
from datetime import date, datetime
from fractions import Fraction

from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from procurement.templatetags import figures

#: Years between the Gregorian calendar and the one of the Republic of China.
ROC_OFFSET = 1911

ENGLISH_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def in_chinese() -> bool:
    """Whether the paper is a Chinese one."""
    return (get_language() or "").startswith("zh")


def day(value: date | datetime | None) -> str:
    """`115 年 11 月 19 日`, or `19 November 2026`; a moment by its day in Taipei."""
    if value is None:
        return figures.ABSENT
    local = timezone.localdate(value) if isinstance(value, datetime) else value
    if in_chinese():
        return f"{local.year - ROC_OFFSET} 年 {local.month} 月 {local.day} 日"
    return f"{local.day} {ENGLISH_MONTHS[local.month - 1]} {local.year}"


def moment(value: datetime | None) -> str:
    """The day and the time in Taipei: `115 年 11 月 19 日 17:00`."""
    if value is None:
        return figures.ABSENT
    return f"{day(value)} {timezone.localtime(value):%H:%M}"


def exactly(value: datetime | None) -> str:
    """The day and the time in Taipei to the millisecond, as on receipts; what is finer is cut off."""
    if value is None:
        return figures.ABSENT
    return f"{day(value)} {timezone.localtime(value):%H:%M:%S}.{value.microsecond // 1000:03}"


def sum_of(value: Fraction | None, currency: str) -> str:
    """`新臺幣 18,500,000 元`, or `NT$ 18,500,000`; other currencies by their code."""
    if value is None:
        return figures.ABSENT
    if not in_chinese():
        return figures.money(value, currency)
    if currency == "TWD":
        return f"新臺幣 {figures.amount(value)} 元"
    return f"{currency} {figures.amount(value)}"


def counted(items: Iterable[str]) -> tuple[str, ...]:
    """Notes with their numbers: `一、…`, or `1. …`."""
    numerals = "一二三四五六七八九十"
    texts = list(items)
    if in_chinese():
        return tuple(f"{numerals[number]}、{text}" for number, text in enumerate(texts))
    return tuple(f"{number}. {text}" for number, text in enumerate(texts, 1))


def listed(texts: Iterable[str]) -> str:
    """Short texts one after the other, or a dash for none."""
    found = [text for text in texts if text]
    return pgettext("between two things of a list", ", ").join(found) if found else figures.ABSENT


def sentences(texts: Iterable[str]) -> str:
    """Longer texts one after the other, or a dash for none."""
    found = [text for text in texts if text]
    return _("; ").join(found) if found else figures.ABSENT


def with_brackets(name: str, more: object) -> str:
    """A name with words in brackets after it, or alone."""
    return _("%(name)s (%(words)s)") % {"name": name, "words": more} if more else name


def labelled(label: str, text: object) -> str:
    """A label and what it is about: `Q1 磐礎資安: …`."""
    return _("%(label)s: %(text)s") % {"label": label, "text": text}


def letter(number: int) -> str:
    """A, B, … Z, AA: what a member is called where names stay out."""
    text = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("A") + rest) + text
    return text
