"""One cell, read as what its column holds."""

import re
from decimal import Decimal

from procurement.sheets.amounts import decimal_text, parse_amount, parse_number
from procurement.sheets.columns import CHOICES, Holds
from procurement.sheets.numerals import DIGITS
from procurement.sheets.tables import Cell, Kind
from procurement.sheets.unreadable import Unreadable, gettext_noop, shown
from procurement.sheets.words import (
    Answer,
    means_abstention,
    means_unopened,
    parse_answer,
    parse_evidence,
    parse_kind,
    parse_severity,
    parse_status,
    parse_yes_no,
)

#: A bid's answer to one requirement. ``applicable`` is False where it is "not applicable" (met: None).
Claim = dict[str, str | bool | None]
#: What a row holds under a key.
Value = str | bool | list[str] | list[Claim] | None

_ERROR = gettext_noop("The cell shows the error %(text)s.")
_NO_VALUE = gettext_noop("The formula has no stored value. Open the file in a spreadsheet and save it.")
_A_DATE = gettext_noop("The spreadsheet has made a date of this (%(text)s). Format the cell as text first.")
_INVISIBLE = gettext_noop("The cell contains characters that cannot be seen.")
_A_PERCENTAGE = gettext_noop("This is a percentage (%(text)s %%); a plain number is expected.")
_MONEY = gettext_noop("This is an amount of money (%(unit)s %(text)s); a plain number is expected.")
_CURRENCY = gettext_noop("“%(text)s” is in %(currency)s; the prices of this tender are in %(expected)s.")
_TOO_MANY_DIGITS = gettext_noop("“%(text)s” has more than %(digits)d digits.")
_ABOVE_ZERO = gettext_noop("%(text)s is not above 0.")
_BELOW_ZERO = gettext_noop("%(text)s is below 0.")

_CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f]")
_LIST = re.compile(r"[、;；,，\n]")


def read_cell(cell: Cell, holds: Holds, currency: str) -> Value:
    """Return the value of a cell in a column that holds this. Raises `Unreadable`."""
    if cell.kind is Kind.ERROR:
        raise Unreadable(_ERROR, {"text": shown(cell.text)})
    if cell.kind is Kind.FORMULA:
        raise Unreadable(_NO_VALUE)
    if _CONTROLS.search(cell.text):
        raise Unreadable(_INVISIBLE)
    if holds in _NUMBERS:
        return _read_number(cell, holds, currency)
    if holds in CHOICES:
        return _read_choice(cell, holds)
    if cell.kind is Kind.DATE and holds in (Holds.CODE, Holds.LIST):
        raise Unreadable(_A_DATE, {"text": shown(cell.text)})
    if holds is Holds.TEXT:
        return cell.text
    if holds is Holds.LIST:
        return [part.strip() for part in _LIST.split(cell.text) if part.strip()]
    return re.sub(r"\s*\n\s*", " ", cell.text)


_NUMBERS = (Holds.POSITIVE, Holds.COUNT, Holds.SHARE, Holds.PRICE, Holds.MONEY, Holds.MARK)


def _read_number(cell: Cell, holds: Holds, currency: str) -> str | None:
    """Return the number as exact decimal text; None for a price not opened and for a mark not given."""
    if cell.kind is Kind.DATE:
        raise Unreadable(_A_DATE, {"text": shown(cell.text)})
    if holds is Holds.PRICE and means_unopened(cell.text):
        return None
    if holds is Holds.MARK and means_abstention(cell.text):
        return None
    if holds in (Holds.PRICE, Holds.MONEY):
        number = _amount(cell, currency)
    elif cell.kind is Kind.NUMBER:
        number = _plain(cell, percent=holds is Holds.SHARE)
    else:
        number = parse_number(cell.text, percent=holds is Holds.SHARE)
    text = decimal_text(number)
    if sum(sign.isdigit() for sign in text) > DIGITS:
        raise Unreadable(_TOO_MANY_DIGITS, {"text": shown(text), "digits": DIGITS})
    if holds in (Holds.POSITIVE, Holds.SHARE, Holds.PRICE) and number <= 0:
        raise Unreadable(_ABOVE_ZERO, {"text": text})
    if holds in (Holds.COUNT, Holds.MARK) and number < 0:
        raise Unreadable(_BELOW_ZERO, {"text": text})
    return text


def _plain(cell: Cell, *, percent: bool) -> Decimal:
    if cell.unit == "%" and not percent:
        raise Unreadable(_A_PERCENTAGE, {"text": cell.text})
    if cell.unit not in ("", "%"):
        raise Unreadable(_MONEY, {"unit": cell.unit, "text": cell.text})
    return Decimal(cell.text)


def _amount(cell: Cell, currency: str) -> Decimal:
    """Return an amount in the tender's currency; one that names none is taken to be in it."""
    if cell.kind is not Kind.NUMBER:
        amount = parse_amount(cell.text)
        number, named = amount.value, amount.currency
    elif cell.unit == "%":
        raise Unreadable(_A_PERCENTAGE, {"text": cell.text})
    else:
        number = Decimal(cell.text)
        named = parse_amount(cell.unit + "1").currency if cell.unit else None
    if named is not None and named != currency:
        raise Unreadable(_CURRENCY, {"text": shown(cell.text), "currency": named, "expected": currency})
    return number


def _read_choice(cell: Cell, holds: Holds) -> str | bool | None:
    """Return a choice; of answers True, False or None for "not applicable"."""
    if holds is Holds.ANSWER:
        return {Answer.YES: True, Answer.NO: False, Answer.NOT_APPLICABLE: None}[parse_answer(cell.text)]
    if holds is Holds.YES_NO:
        return parse_yes_no(cell.text)
    if holds is Holds.SEVERITY:
        return parse_severity(cell.text)
    if holds is Holds.STATUS:
        return parse_status(cell.text)
    if holds is Holds.EVIDENCE:
        return parse_evidence(cell.text)
    return parse_kind(cell.text, tuple(str(value) for value in CHOICES[holds]))
