"""Amounts of money and plain numbers, as people write them into tables and price forms."""

import re
from dataclasses import dataclass
from decimal import Decimal, localcontext

from procurement.sheets.numerals import CHINESE, DIGITS, fold, read_numeral
from procurement.sheets.unreadable import Unreadable, gettext_noop, shown


@dataclass(frozen=True, slots=True)
class Amount:
    """An exact amount. ``currency`` is an ISO 4217 code, or None where the text does not say which."""

    value: Decimal
    currency: str | None


_CURRENCIES = {
    "TWD": "新臺幣 新台幣 新台币 臺幣 台幣 台币 nt$ ntd$ ntd nt twd",
    "USD": "美元 美金 us$ usd$ usd",
    "EUR": "歐元 歐幣 欧元 € euros euro eur",
    "JPY": "日圓 日元 日幣 円 yen jpy",
    "CNY": "人民幣 人民币 rmb cny",
    "HKD": "港幣 港元 hk$ hkd",
    "GBP": "英鎊 £ gbp",
    "AUD": "澳幣 澳元 au$ aud",
    "CAD": "加幣 加元 ca$ cad",
    "SGD": "新加坡幣 新加坡元 sg$ sgd",
    "CHF": "瑞士法郎 chf",
    "KRW": "韓元 韓圜 韓圓 ₩ krw",
}
_CODE_OF = {name: code for code, names in _CURRENCIES.items() for name in names.split()}
#: Signs of several currencies: a dollar, yen or yuan, and the 元 that every dollar is called in Chinese.
_SHARED = ("$", "¥", "元", "圓", "圆")
_MARKS = sorted([*_CODE_OF, *_SHARED, "整", "正", "only"], key=len, reverse=True)
_LABELS = sorted(
    [
        *("標價", "報價", "總價", "總價金額", "總金額", "總標價", "投標價", "投標標價"),
        *("投標金額", "標價金額", "報價金額", "決標價", "決標價格", "決標金額", "底價", "底價金額"),
        *(
            "預算",
            "預算金額",
            "採購金額",
            "契約金額",
            "金額",
            "合計",
            "合計金額",
            "共計",
            "總計",
            "小計",
            "計",
        ),
        *("price", "total", "amount", "bid"),
    ],
    key=len,
    reverse=True,
)
_LABEL = re.compile(rf"(?:{'|'.join(_LABELS)})\s*(?:為|:)?\s*")
_TAX_IN = re.compile(r"(?:已|內)?含\s*(?:營業)?稅|tax included|incl(?:\.|uding)? (?:vat|tax)")
_TAX_OUT = re.compile(r"未\s*含?\s*稅|不含\s*(?:營業)?稅|稅外加|tax excluded|excl(?:\.|uding)? (?:vat|tax)")
_INEXACT = re.compile(r"約|左右|以上|以下|以內|上限|下限|[~〜至到]|approx|about|up to|[0-9] ?[-–—] ?[0-9]")
_CENTS = re.compile(rf"(.+?)[元圓](?:([{CHINESE}0-9])角)?(?:([{CHINESE}0-9])分)?[整正]?")
#: Chinese words, or a full-width dollar sign, beside an amount that names no other currency.
_FROM_HERE = re.compile("[\u4e00-\u9fff\uff04]")
_BRACKETS = re.compile(r"\(([^()]*)\)")
_WORDS = {"thousand": 10**3, "million": 10**6}

_NO_AMOUNT = gettext_noop("“%(text)s” is not an amount of money.")
_NOT_EXACT = gettext_noop("“%(text)s” is not one exact amount.")
_WITHOUT_TAX = gettext_noop("“%(text)s” does not include tax: write the price to be paid, tax included.")
_BRACKETED = gettext_noop("“%(text)s” stands in brackets: write a minus sign if it is negative.")
_TWO_CURRENCIES = gettext_noop("“%(text)s” names two currencies.")
_WHICH_CURRENCY = gettext_noop("¥ in “%(text)s” may be Japanese or Chinese: write JPY or CNY.")
_DIFFERENT = gettext_noop("The two amounts in “%(text)s” differ.")


def parse_amount(text: str) -> Amount:
    """Read an amount of money: 新臺幣8,050萬7,302元整, 伍拾肆萬玖仟伍佰元, 924,40 Euros.

    元 without another name is the new Taiwan dollar, and so is an amount in Chinese words; a lone $ or
    plain figures leave the currency open. An amount repeated in brackets must be the same there. Raises
    `Unreadable` for what has no reading, or two.
    """
    folded = fold(text).lower()
    if _TAX_OUT.search(folded):
        raise Unreadable(_WITHOUT_TAX, {"text": shown(text)})
    folded = _TAX_IN.sub("", folded)
    asides = [aside.strip() for aside in _BRACKETS.findall(folded.replace("(下同)", ""))]
    main = _BRACKETS.sub(" ", folded).strip(" 。.;,")
    if not main:
        raise Unreadable(_BRACKETED if asides else _NO_AMOUNT, {"text": shown(text)})
    marks = [aside for aside in asides if aside in _MARKS]
    amount = _read(" ".join([*marks, main]), text)
    for aside in asides:
        if aside and aside not in marks and _read(aside, text).value != amount.value:
            raise Unreadable(_DIFFERENT, {"text": shown(text)})
    return amount


def _read(written: str, text: str) -> Amount:
    """Read one amount without brackets; ``text`` is what the sentences repeat."""
    if _INEXACT.search(written):
        raise Unreadable(_NOT_EXACT, {"text": shown(text)})
    unlabelled = _LABEL.sub("", written, count=1) if _LABEL.match(written) else written
    cents = _CENTS.fullmatch(unlabelled) if re.search("[角分]", unlabelled) else None
    fraction = Decimal(0)
    if cents is not None:
        unlabelled = cents[1] + "元"
        fraction = read_numeral(cents[2] or "0") / 10 + read_numeral(cents[3] or "0") / 100
    figures, marks, negative = _strip_marks(unlabelled, text)
    currency = _currency(marks, text)
    if currency is None and _FROM_HERE.search(text):
        currency = "TWD"
    factor = 1
    for word, multiple in _WORDS.items():
        if figures.endswith(word):
            figures, factor = figures.removesuffix(word).strip(), multiple
    try:
        value = read_numeral(figures, comma_decimals=currency == "EUR", doubt_points=factor == 1)
    except Unreadable as refusal:
        raise Unreadable(refusal.template, refusal.params | {"text": shown(text)}) from refusal
    with localcontext(prec=3 * DIGITS):
        value = value * factor + fraction
        return Amount(-value if negative else value, currency)


def _strip_marks(written: str, text: str) -> tuple[str, set[str], bool]:
    """Take currencies, 元, 整 and the sign off both ends; return the rest, the marks, and "is negative"."""
    marks: set[str] = set()
    signs = ""
    rest, before = re.sub(r"[.,] ?-{1,2}$", "", written.strip()), ""
    while rest != before:
        before = rest
        if rest[:1] in ("-", "+", "負"):
            signs, rest = signs + rest[0], rest[1:].strip()
        for mark in _MARKS:
            if rest.startswith(mark) and mark not in ("整", "正"):
                marks.add(mark)
                rest = rest.removeprefix(mark).strip(" .:")
                break
            if rest.endswith(mark):
                marks.add(mark)
                rest = re.sub(r"[.,] ?-{1,2}$", "", rest.removesuffix(mark).strip())
                break
    if len(signs) > 1 or not rest:
        raise Unreadable(_NO_AMOUNT, {"text": shown(text)})
    return rest, marks, signs in ("-", "負")


def _currency(marks: set[str], text: str) -> str | None:
    codes = {_CODE_OF[mark] for mark in marks if mark in _CODE_OF}
    if len(codes) > 1:
        raise Unreadable(_TWO_CURRENCIES, {"text": shown(text)})
    if codes:
        return codes.pop()
    if "¥" in marks:
        raise Unreadable(_WHICH_CURRENCY, {"text": shown(text)})
    return "TWD" if marks & {"元", "圓", "圆", "整", "正"} else None


def parse_number(text: str, *, percent: bool = False) -> Decimal:
    """Read a plain number: 85.5 分, 1,000, 八十五, −3; with ``percent`` also 35 %, which is 35.

    A lone point is always decimal here: marks and weights have no thousands. Raises `Unreadable`.
    """
    folded = fold(text).lower()
    number = re.sub(r"\s*(?:分|點|points?|pts)$", "", folded)
    if percent:
        number = re.sub(r"\s*(?:%|趴)$", "", number)
    sign = number[:1] if number[:1] in ("-", "+", "負") else ""
    try:
        value = read_numeral(number.removeprefix(sign).strip(), doubt_points=False)
    except Unreadable as refusal:
        raise Unreadable(refusal.template, refusal.params | {"text": shown(text)}) from refusal
    return value if sign in ("", "+") else value.copy_negate()


def decimal_text(value: Decimal) -> str:
    """Return the number as a case file writes it: plain ASCII notation, exact, no trailing zeros, no "-0"."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
