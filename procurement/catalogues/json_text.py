"""JSON read strictly: UTF-8, no comments, no NaN, no key twice, numbers as they are written."""

import json
import re

from procurement.catalogues.tree import MOST_VALUES, Numeral, check, object_of
from procurement.sheets.unreadable import Unreadable, gettext_noop

_NOT_UTF_8 = gettext_noop("The file is not UTF-8: byte %(position)d, in line %(line)d, cannot be read.")
_COMMENT = gettext_noop(
    "Line %(line)d holds a comment, and JSON has none. Take every line that begins with // and everything"
    " from /* to */ out of the file and load it again."
)
_BROKEN = gettext_noop("This is no JSON: %(problem)s in line %(line)d, column %(column)d.")
#: What Python's parser says, and what we say.
_FAULTS = {
    "Expecting value": gettext_noop(
        "This is no JSON: in line %(line)d, column %(column)d, a value is missing or wrongly written."
    ),
    "Expecting property name enclosed in double quotes": gettext_noop(
        "This is no JSON: in line %(line)d, column %(column)d, a key in double quotes is expected."
    ),
    "Expecting ':' delimiter": gettext_noop(
        "This is no JSON: in line %(line)d, column %(column)d, a colon is expected."
    ),
    "Expecting ',' delimiter": gettext_noop(
        "This is no JSON: in line %(line)d, column %(column)d, a comma or the end of a list is expected."
    ),
    "Illegal trailing comma": gettext_noop(
        "This is no JSON: in line %(line)d, column %(column)d, a comma stands before a closing bracket."
    ),
    "Unterminated string": gettext_noop(
        "This is no JSON: the text that begins in line %(line)d, column %(column)d, does not end."
    ),
    "Invalid control character": gettext_noop(
        "This is no JSON: in line %(line)d, column %(column)d, a text holds a line break or a control sign."
    ),
    "Invalid \\": gettext_noop(
        "This is no JSON: in line %(line)d, column %(column)d, a backslash stands before what JSON has not."
    ),
    "Extra data": gettext_noop(
        "This is no JSON: the document is over in line %(line)d, column %(column)d, and more follows."
    ),
}
_NO_NUMBER = gettext_noop("Line %(line)d holds %(word)s, which is no number in JSON.")
_TOO_MANY = gettext_noop("The file holds more than %(limit)d values.")
_TOO_DEEP = gettext_noop("The file is nested too deep to be read.")

#: Braces, brackets and commas of a file, commas in texts included: what has more costs memory to parse.
MOST_SIGNS = 2 * MOST_VALUES

_STRING_OR_WORD = re.compile(r'"(?:[^"\\]|\\.)*"|-?Infinity|NaN')


def decode(data: bytes) -> str:
    """The text of a file in UTF-8, with or without byte-order mark. Raises `Unreadable`."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        raise Unreadable(_NOT_UTF_8, {"position": fault.start + 1, "line": line}) from fault


class _NotANumber(ValueError):
    """NaN or an infinity stands in the file."""


def _refuse(word: str) -> object:
    raise _NotANumber(word)


def parse_json(data: bytes) -> object:
    """The document of a file. Raises `Unreadable`, in words and with the place."""
    if sum(data.count(sign) for sign in (b"{", b"[", b",")) > MOST_SIGNS:
        raise Unreadable(_TOO_MANY, {"limit": MOST_VALUES})
    text = decode(data)
    try:
        document = json.loads(
            text,
            object_pairs_hook=object_of,
            parse_float=Numeral,
            parse_int=Numeral,
            parse_constant=_refuse,
        )
    except json.JSONDecodeError as fault:
        raise _explained(text, fault) from fault
    except _NotANumber as fault:
        raise Unreadable(_NO_NUMBER, {"line": _line_of(text, str(fault)), "word": str(fault)}) from fault
    except RecursionError as fault:
        raise Unreadable(_TOO_DEEP) from fault
    check(document)
    return document


def _explained(text: str, fault: json.JSONDecodeError) -> Unreadable:
    """Our own sentence: a comment is the most common reason, and easy to mend."""
    rest = text[fault.pos :]
    gap = re.match(r"\s*", rest)
    begin = fault.pos + (gap.end() if gap else 0)
    if text.startswith(("//", "/*"), begin):
        return Unreadable(_COMMENT, {"line": text.count("\n", 0, begin) + 1})
    place: dict[str, str | int] = {"line": fault.lineno, "column": fault.colno}
    for begin_of_message, template in _FAULTS.items():
        if fault.msg.startswith(begin_of_message):
            return Unreadable(template, place)
    return Unreadable(_BROKEN, {**place, "problem": fault.msg})


def _line_of(text: str, word: str) -> int:
    """The line of the first such word outside strings."""
    for match in _STRING_OR_WORD.finditer(text):
        if match[0] == word:
            return text.count("\n", 0, match.start()) + 1
    return 1
