"""Field by field out of a parsed document: each value checked for itself, each fault noted with its path."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from bids.evaluation import exact
from bids.evaluation.issues import Issue, error, gettext_noop, shown
from bids.evaluation.json_text import Numeral, joined

Object = dict[str, object]

MOST_DIGITS = 30
_TOO_LONG = 10**MOST_DIGITS  # it has one digit more than is allowed, and str() can write it

_PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_NUMERAL = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?)([0-9]+))?")
_NONCHARACTERS = "".join(chr(plane * 0x10000 + last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
_FORBIDDEN = re.compile(f"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef{_NONCHARACTERS}]")
_FORBIDDEN_IN_LINES = re.compile(_FORBIDDEN.pattern.replace("\x00-\x1f", "\x00-\x09\x0b-\x1f"))
# A shift by more digits than a file has cannot give a number that is allowed, except of zero.
_LONGEST_EXPONENT = 9


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a number may be: more than `above`, at least `least`, `whole`."""

    above: int | None = None
    least: int | None = None
    whole: bool = False

    def fault(self, number: Fraction) -> str | None:
        """What is wrong with the size of a number, as a template."""
        above, below = number.numerator, number.denominator
        if self.above is not None and above <= self.above * below:
            return gettext_noop("This must be more than {above}.")
        if self.least is not None and above < self.least * below:
            return gettext_noop("This must be at least {least}.")
        if self.whole and below != 1:
            return gettext_noop("This must be a whole number.")
        return None


class NotANumber(Exception):
    """The text is no number (`bad_number`), or has too many digits (`too_many_digits`)."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def number_of(numeral: str) -> Fraction:
    """The exact value of a JSON numeral; its digits are counted before anything is converted.

    Raises `NotANumber`.
    """
    match = _NUMERAL.fullmatch(numeral)
    if match is None:
        raise NotANumber("bad_number")
    sign, whole, part, exponent_sign, exponent = match.groups(default="")
    digits = (whole + part).lstrip("0")
    exponent = exponent.lstrip("0")
    if len(exponent) > _LONGEST_EXPONENT:
        if digits or exponent_sign == "-":
            raise NotANumber("too_many_digits")
        return exact.ZERO
    shift = int(exponent_sign + (exponent or "0")) - len(part)
    if max(len(digits), -shift, len(digits) + shift if digits else 0) > MOST_DIGITS:
        raise NotANumber("too_many_digits")
    value = int(digits or "0") * (-1 if sign else 1)
    return Fraction(value * 10**shift) if shift >= 0 and digits else Fraction(value, 10 ** max(-shift, 0))


def text_fault(text: str, *, lines: bool = False) -> str | None:
    """What is wrong with a text of the file, as a template; `lines` allows line feeds."""
    if not text:
        return gettext_noop("This text is empty.")
    if text != text.strip():
        return gettext_noop("This text begins or ends with white space.")
    if text.isascii() and text.isprintable():
        return None
    if (_FORBIDDEN_IN_LINES if lines else _FORBIDDEN).search(text):
        return gettext_noop("This text holds a control character or a code point that is no character.")
    if not unicodedata.is_normalized("NFC", text):
        return gettext_noop("This text is not in Unicode normalization form C.")
    return None


class Fields:
    """Reads values and collects issues; what is faulty or absent comes back as the default.

    `faulty` holds the paths of values that could not be read, so that checks across values leave them out.
    """

    def __init__(self) -> None:
        self.issues: list[Issue] = []
        self.faulty: set[str] = set()
        self._good_texts: set[tuple[str, bool]] = set()
        self._numbers: dict[str, Fraction] = {}

    def fault(self, code: str, path: str, template: str, /, **params: str) -> None:
        """Note an error; the value at the path counts as not read."""
        self.faulty.add(path)
        self.issues.append(error(code, path, template, **params))

    def keys(self, value: object, path: str, known: frozenset[str]) -> Object:
        """The keys of an object that are known and not null."""
        if not isinstance(value, dict):
            self.fault("wrong_type", path, gettext_noop("An object is expected here."))
            return {}
        if not value.keys() <= known:
            for key in value:
                if key not in known:
                    template = gettext_noop("The key “{key}” is not known here.")
                    self.fault("unknown_key", joined(path, str(key)), template, key=shown(str(key)))
        elif None not in value.values():
            return value
        return {key: inner for key, inner in value.items() if inner is not None and key in known}

    def items(
        self, source: Object, key: str, path: str, *, required: bool = False
    ) -> Iterator[tuple[object, str]]:
        """The values of a list with their paths; nothing where it is absent or no list."""
        where = joined(path, key)
        value = source.get(key)
        if value is None:
            if required:
                self.missing(where)
        elif isinstance(value, list):
            for index, inner in enumerate(value):
                yield inner, f"{where}[{index}]"
        else:
            self.fault("wrong_type", where, gettext_noop("A list is expected here."))

    def missing(self, path: str) -> None:
        """Note that a required value is absent."""
        self.fault("missing", path, gettext_noop("This is required."))

    def text(self, source: Object, key: str, path: str, *, lines: bool = False) -> str | None:
        """An optional text."""
        value = source.get(key)
        return None if value is None else self.text_value(value, path, key, lines=lines)

    def needed_text(self, source: Object, key: str, path: str, *, lines: bool = False) -> str:
        """A required text, empty where it is faulty."""
        value = source.get(key)
        if value is None:
            self.missing(joined(path, key))
            return ""
        return self.text_value(value, path, key, lines=lines) or ""

    def text_value(self, value: object, path: str, key: str = "", *, lines: bool = False) -> str | None:
        """A text at `path`, or at `path.key`."""
        if isinstance(value, str) and (value, lines) in self._good_texts and not isinstance(value, Numeral):
            return value
        where = joined(path, key) if key else path
        if not isinstance(value, str) or isinstance(value, Numeral):
            self.fault("wrong_type", where, gettext_noop("A text is expected here."))
            return None
        template = text_fault(value, lines=lines)
        if template is not None:
            self.fault("bad_text", where, template)
            return None
        self._good_texts.add((value, lines))
        return value

    def choice(
        self, source: Object, key: str, path: str, options: tuple[str, ...], default: str | None
    ) -> str:
        """One of the options; required where there is no default. Faulty: the default or the first option."""
        value = source.get(key)
        if value is None:
            if default is None:
                self.missing(joined(path, key))
            return default or options[0]
        return self.choice_value(value, joined(path, key), options) or default or options[0]

    def choice_value(self, value: object, path: str, options: tuple[str, ...]) -> str | None:
        """One of the options, or nothing."""
        if not isinstance(value, str) or isinstance(value, Numeral):
            self.fault("wrong_type", path, gettext_noop("A text is expected here."))
            return None
        if value not in options:
            template = gettext_noop("“{value}” is not one of: {options}.")
            self.fault("not_allowed", path, template, value=shown(value), options=", ".join(options))
            return None
        return value

    def flag(self, source: Object, key: str, path: str) -> bool | None:
        """An optional true or false."""
        value = source.get(key)
        if value is None or isinstance(value, bool):
            return value
        self.fault("wrong_type", joined(path, key), gettext_noop("True or false is expected here."))
        return None

    def number(self, source: Object, key: str, path: str, bounds: Bounds) -> Fraction | None:
        """An optional number within its bounds."""
        value = source.get(key)
        if value is None:
            return None
        number = self._value(value, path, key)
        template = None if number is None else bounds.fault(number)
        if template is None:
            return number
        self.fault(
            "out_of_range", joined(path, key), template, above=str(bounds.above), least=str(bounds.least)
        )
        return None

    def needed_number(self, source: Object, key: str, path: str, bounds: Bounds) -> Fraction:
        """A required number, 0 where it is faulty."""
        if source.get(key) is None:
            self.missing(joined(path, key))
        return self.number(source, key, path, bounds) or exact.ZERO

    def _value(self, value: object, path: str, key: str) -> Fraction | None:
        if isinstance(value, str):
            known = self._numbers.get(value)
            if known is not None and (isinstance(value, Numeral) or _PLAIN.fullmatch(value)):
                return known
            numeral = value
            good = isinstance(value, Numeral) or _PLAIN.fullmatch(value) is not None
        elif isinstance(value, int) and not isinstance(value, bool):
            numeral, good = str(min(abs(value), _TOO_LONG) * (-1 if value < 0 else 1)), True
        elif isinstance(value, Decimal):
            numeral, good = str(value), True
        else:
            self.fault("wrong_type", joined(path, key), gettext_noop("A number is expected here."))
            return None
        try:
            number = number_of(numeral if good else "")
        except NotANumber as fault:
            self.fault(fault.code, joined(path, key), _BAD_NUMBERS[fault.code], most=str(MOST_DIGITS))
            return None
        self._numbers[str(numeral)] = number
        return number


_BAD_NUMBERS = {
    "bad_number": gettext_noop("This is not a number."),
    "too_many_digits": gettext_noop("This number has more than {most} digits."),
}
