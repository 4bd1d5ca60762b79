"""Numbers as people write them: full-width digits, separators of three traditions, Chinese numerals.

Chinese numerals follow the written rule: sections of 億 and 萬, inside a section 仟 佰 拾, and 零 where a
place is skipped. What breaks the rule so that two readings remain (三萬五: 35,000 or 30,005) is refused, not
guessed. Taiwan's 兆 is 10^12.
"""

import re
import unicodedata
from decimal import Decimal, localcontext

from procurement.sheets.unreadable import Unreadable, gettext_noop, shown

#: More digits than a case file takes are refused before anything is converted.
DIGITS = 30
#: No number, amount or date that people write is longer.
LENGTH = 200

_DIGITS = {
    **dict.fromkeys("〇零○", 0),
    **dict.fromkeys("一壹弌壱", 1),
    **dict.fromkeys("二貳贰弐兩两", 2),
    **dict.fromkeys("三參叁参叄", 3),
    **dict.fromkeys("四肆", 4),
    **dict.fromkeys("五伍", 5),
    **dict.fromkeys("六陸陆", 6),
    **dict.fromkeys("七柒", 7),
    **dict.fromkeys("八捌", 8),
    **dict.fromkeys("九玖", 9),
}
_PLACES = {**dict.fromkeys("十拾什", 10), **dict.fromkeys("百佰", 100), **dict.fromkeys("千仟", 1000)}
_SECTIONS = {**dict.fromkeys("萬万", 10**4), **dict.fromkeys("億亿", 10**8), "兆": 10**12}
_UNITS = {*_PLACES, *_SECTIONS}
_TENS = {"廿": "二十", "卅": "三十", "卌": "四十"}

#: Every character that can be part of a Chinese numeral.
CHINESE = "".join([*_DIGITS, *_PLACES, *_SECTIONS, *_TENS])

_TOKEN = re.compile(rf"(?P<figure>[0-9][0-9.,]*)|(?P<word>[{CHINESE}])")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}([,.' ])[0-9]{3}(?:\1[0-9]{3})*")
_PLAIN = re.compile(r"[0-9]+(?:\.[0-9]+)?")

_TWO_READINGS = gettext_noop(
    "“%(text)s” can be read in two ways: write the number with digits, or with 零 where a place is skipped."
)
_BAD_NUMERAL = gettext_noop("“%(text)s” is not a well-formed Chinese number: write it with digits.")
_BAD_GROUPS = gettext_noop("The separators in “%(text)s” do not stand between groups of three digits.")
_THOUSANDS_OR_DECIMALS = gettext_noop(
    "“%(text)s” may mean thousands or decimals: write it without separators, or with two decimals."
)
_NOT_A_NUMBER = gettext_noop("“%(text)s” is not a number.")
_TOO_MANY_DIGITS = gettext_noop("“%(text)s” has more than %(digits)d digits.")
_TOO_LONG = gettext_noop("“%(text)s” is too long for a number or a date.")
_EMPTY = gettext_noop("Nothing is written here.")

_SPACES = dict.fromkeys("\t\n\r\f\v\u00a0\u2002\u2003\u2007\u2009\u202f\u3000", " ")
_INVISIBLE = dict.fromkeys("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad", "")
_SIGNS = dict.fromkeys("−﹣", "-") | dict.fromkeys("’‘", "'") | {"￥": "¥", "￡": "£", "﹐": ",", "﹒": "."}
_FULL_WIDTH = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_FOLD = str.maketrans(_FULL_WIDTH | _SPACES | _INVISIBLE | _SIGNS)


def fold(text: str) -> str:
    """Return the text with full-width letters, digits and signs made half-width, and invisible signs gone.

    Narrower than NFKC on purpose: 5² and ① are not 52 and 1. Raises `Unreadable` for empty and endless text.
    """
    if len(text) > LENGTH:
        raise Unreadable(_TOO_LONG, {"text": shown(text)})
    folded = "".join(
        unicodedata.normalize("NFKC", sign) if "\uf900" <= sign <= "\ufaff" else sign
        for sign in text.translate(_FOLD)
    ).strip()
    if not folded:
        raise Unreadable(_EMPTY)
    return folded


def read_figures(text: str, *, comma_decimals: bool = False, doubt_points: bool = True) -> Decimal:
    """Read ASCII digits with separators: 1470000, 1,470,000, 1.470.000, 924.998,40, 1 470 000, 60.1.

    Of two kinds of separators the last one is the decimal one. A lone comma before three digits stands for
    thousands. A lone point before three digits is doubtful and refused, unless ``doubt_points`` is False:
    then it is decimal. A comma before other numbers of digits is decimal where ``comma_decimals`` says so
    (euro), else refused.
    """
    if sum(sign.isdigit() for sign in text) > DIGITS:
        raise Unreadable(_TOO_MANY_DIGITS, {"text": shown(text), "digits": DIGITS})
    if not re.fullmatch(r"[0-9]+(?:[,.' ][0-9]+)*", text):
        raise Unreadable(_NOT_A_NUMBER, {"text": shown(text)})
    separators = re.findall(r"[^0-9]", text)
    whole, fraction = text, ""
    if separators and separators[-1] in ",." and separators.count(separators[-1]) == 1:
        whole, _, fraction = text.rpartition(separators[-1])
        if len(separators) == 1 and not _lone_is_decimal(text, comma_decimals, doubt_points):
            whole, fraction = text, ""
    if not whole.isdigit():
        if not _GROUPED.fullmatch(whole):
            raise Unreadable(_BAD_GROUPS, {"text": shown(text)})
        whole = re.sub(r"[^0-9]", "", whole)
    return Decimal(f"{whole}.{fraction}" if fraction else whole)


def _lone_is_decimal(text: str, comma_decimals: bool, doubt_points: bool) -> bool:
    """Say whether the only separator of the text is a decimal one; raise where it may be either."""
    like_thousands = _GROUPED.fullmatch(text) is not None
    if "," in text:
        if not like_thousands and not comma_decimals:
            raise Unreadable(_BAD_GROUPS, {"text": shown(text)})
        return not like_thousands
    if like_thousands and doubt_points:
        raise Unreadable(_THOUSANDS_OR_DECIMALS, {"text": shown(text)})
    return True


def read_numeral(text: str, *, comma_decimals: bool = False, doubt_points: bool = True) -> Decimal:
    """Read a number without sign: figures (`read_figures`), a Chinese numeral, or both (8,050萬7,302)."""
    if not text:
        raise Unreadable(_EMPTY)
    text = re.sub(r" *, *", ",", text)
    if not any(sign in CHINESE for sign in text):
        return read_figures(text, comma_decimals=comma_decimals, doubt_points=doubt_points)
    compact = text.replace(" ", "")
    for sign, spelled in _TENS.items():
        compact = compact.replace(sign, spelled)
    if len(compact) > 1 and all(sign in _DIGITS for sign in compact):
        return read_figures("".join(str(_DIGITS[sign]) for sign in compact))
    return Decimal(_Numeral(compact).value())


class _Numeral:
    """One pass over a numeral with units: units strictly falling, holes marked by 零."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[Decimal | str] = []
        position = 0
        while position < len(text):
            token = _TOKEN.match(text, position)
            if token is None:
                raise Unreadable(_NOT_A_NUMBER, {"text": shown(text)})
            figure = token["figure"]
            if self._has_fraction() and token["word"] not in _UNITS:
                raise self._malformed()  # 1.5萬300
            self.tokens.append(token["word"] if figure is None else read_figures(figure, doubt_points=False))
            position = token.end()

    def _has_fraction(self) -> bool:
        return any(isinstance(token, Decimal) and token != token.to_integral_value() for token in self.tokens)

    def value(self) -> Decimal:
        """Return the value: sections from 兆 down to ones, each below the one before."""
        total, above, section = Decimal(0), 0, list[Decimal | str]()
        with localcontext(prec=3 * DIGITS):
            for token in [*self.tokens, None]:
                unit = 1 if token is None else _SECTIONS.get(token, 0) if isinstance(token, str) else 0
                if token is not None and not unit:
                    section.append(token)
                    continue
                if section or token is not None:
                    total += self._section(section, above, unit) * unit
                above, section = unit, []
        if total.adjusted() >= DIGITS:
            raise Unreadable(_TOO_MANY_DIGITS, {"text": shown(self.text), "digits": DIGITS})
        return total

    def _malformed(self) -> Unreadable:
        return Unreadable(_BAD_NUMERAL, {"text": shown(self.text)})

    def _ambiguous(self) -> Unreadable:
        return Unreadable(_TWO_READINGS, {"text": shown(self.text)})

    def _section(self, tokens: list[Decimal | str], above: int, unit: int) -> Decimal:
        """Read one section and hold it against the one before: ``above`` is its unit, 0 for none."""
        amount = self._places(tokens)
        if not above:
            return amount
        if amount * unit >= above:
            raise self._malformed()  # 1萬12345
        hole = isinstance(tokens[0], str) and _DIGITS.get(tokens[0]) == 0
        bare_digit = len(tokens) == 1 and amount < 10
        if amount and not hole and (bare_digit or above > unit * 10**4):
            raise self._ambiguous()  # 三萬五, 一億五千: in speech the last unit is dropped
        return amount

    def _places(self, tokens: list[Decimal | str]) -> Decimal:
        """Add up digits × 仟, 佰, 拾 and ones."""
        total, last, hole = Decimal(0), 0, False
        digit: Decimal | None = None
        for token in tokens:
            place = _PLACES.get(token) if isinstance(token, str) else None
            if place is None:
                if digit:
                    raise self._malformed()
                digit = Decimal(_DIGITS[token]) if isinstance(token, str) else token
                hole = hole or digit == 0
                continue
            if digit is None and place != 10:
                raise self._malformed()
            amount = place * (Decimal(1) if digit is None else digit)
            if last and (place >= last or amount >= last):
                raise self._malformed()
            total, hole, digit, last = total + amount, digit == 0, None, place
        if not tokens or (last and digit is not None and digit >= last):
            raise self._malformed()
        if last > 10 and digit and not hole and digit < 10:
            raise self._ambiguous()  # 兩百五, 一千五
        return total + (digit or 0)
