"""A parsed document walked with care: whatever it holds, a wrong type is a sentence that names the place."""

from collections.abc import Iterator
from typing import Self

from procurement.sheets.unreadable import Unreadable, gettext_noop, shown

#: Objects and lists inside each other; OSCAL needs about 25.
DEEPEST_LEVEL = 64
#: Values of a document; NIST SP 800-53, the largest that we know, has about 200,000.
MOST_VALUES = 400_000

_TOO_DEEP = gettext_noop("The file is nested more than %(limit)d levels deep.")
_TOO_MANY = gettext_noop("The file holds more than %(limit)d values.")
_TWICE = gettext_noop("%(place)s: the key “%(key)s” is given more than once.")
_CONTROL = gettext_noop("%(place)s: the text holds a character that no text may hold (U+%(code)s).")
_NO_OBJECT = gettext_noop("%(place)s: an object is expected here.")
_NO_LIST = gettext_noop("%(place)s: a list is expected here.")
_NO_TEXT = gettext_noop("%(place)s: a text is expected here.")

#: What a place is called that has no path.
_TOP = "/"


class Numeral(str):
    """A number as the file writes it."""

    __slots__ = ()


class Repeating(dict[str, object]):
    """An object that names keys more than once; `repeated` is the first of them."""

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        super().__init__(pairs)
        seen: set[str] = set()
        self.repeated = ""
        for key, _value in pairs:
            if key in seen:
                self.repeated = key
                break
            seen.add(key)


def object_of(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """The object of a parser's pairs; one with repeated keys remembers them."""
    document = dict(pairs)
    return document if len(document) == len(pairs) else Repeating(pairs)


def check(document: object) -> None:
    """Raise `Unreadable` for what is too deep or too large, repeated keys, and characters no text has."""
    waiting: list[tuple[object, str, int]] = [(document, "", 0)]
    count = 0
    while waiting:
        value, path, depth = waiting.pop()
        count += 1
        if depth > DEEPEST_LEVEL:
            raise Unreadable(_TOO_DEEP, {"limit": DEEPEST_LEVEL})
        if count > MOST_VALUES:
            raise Unreadable(_TOO_MANY, {"limit": MOST_VALUES})
        if isinstance(value, str):
            check_text(value, path)
        elif isinstance(value, dict):
            if isinstance(value, Repeating):
                raise Unreadable(_TWICE, {"place": path or _TOP, "key": shown(value.repeated)})
            for key, inner in value.items():
                check_text(key, path)
                waiting.append((inner, f"{path}.{key}" if path else key, depth + 1))
        elif isinstance(value, list):
            waiting.extend((inner, f"{path}[{index}]", depth + 1) for index, inner in enumerate(value))


def check_text(text: str, path: str) -> None:
    """Raise `Unreadable` for control characters, halves of surrogate pairs, and noncharacters."""
    if text.isprintable():
        return
    for sign in text:
        point = ord(sign)
        wrong = (point < 32 and sign not in "\n\r\t") or 0xD800 <= point <= 0xDFFF or point & 0xFFFE == 0xFFFE
        if wrong:
            raise Unreadable(_CONTROL, {"place": shown(path) or _TOP, "code": f"{point:04X}"})


class Node:
    """An object of a document, and where it stands. Absent and null are the same."""

    __slots__ = ("path", "value")

    def __init__(self, value: object, path: str = "") -> None:
        if not isinstance(value, dict):
            raise Unreadable(_NO_OBJECT, {"place": path or _TOP})
        self.value: dict[str, object] = value
        self.path = path

    @property
    def place(self) -> str:
        """Where it stands, for a sentence."""
        return self.path or _TOP

    def __contains__(self, key: str) -> bool:
        return self.value.get(key) is not None

    def _below(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def text(self, key: str, default: str = "") -> str:
        """The text of a key; numbers and truth values count as text."""
        return _text(self.value.get(key), self._below(key), default)

    def texts(self, key: str) -> list[str]:
        """The texts of a list; one text counts as a list of one."""
        value = self.value.get(key)
        if isinstance(value, str):
            return [value]
        return [_text(inner, place) for inner, place in self._items(key)]

    def node(self, key: str) -> Self:
        """The object of a key; an empty one where there is none."""
        value = self.value.get(key)
        return type(self)({} if value is None else value, self._below(key))

    def nodes(self, key: str) -> Iterator[Self]:
        """The objects of a list."""
        for inner, place in self._items(key):
            yield type(self)(inner, place)

    def _items(self, key: str) -> Iterator[tuple[object, str]]:
        value = self.value.get(key)
        if value is None or value == "":
            return
        if not isinstance(value, list):
            raise Unreadable(_NO_LIST, {"place": self._below(key)})
        for index, inner in enumerate(value):
            yield inner, f"{self._below(key)}[{index}]"


def _text(value: object, place: str, default: str = "") -> str:
    if value is None:
        return default
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        raise Unreadable(_NO_TEXT, {"place": place})
    return str(value)
