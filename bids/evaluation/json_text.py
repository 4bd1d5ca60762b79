"""JSON read strictly: I-JSON (RFC 7493), every number kept as it was written, every repeated key noticed."""

import json
from collections.abc import Iterable

from bids.evaluation.issues import Issue, Refused, error, gettext_noop, printable, shown

LONGEST_FILE = 20_000_000
DEEPEST_LEVEL = 32


class Numeral(str):
    """A JSON number as the file writes it; what it is worth is decided where a number is expected."""

    __slots__ = ()


class RepeatingObject(dict[str, object]):
    """An object that names a key more than once (the last value is kept)."""

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        super().__init__(pairs)
        seen: set[str] = set()
        again = (key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]  # set.add returns None
        self.repeated: tuple[str, ...] = tuple(dict.fromkeys(again))


def joined(path: str, key: str) -> str:
    """The path of a key below a path."""
    key = printable(key)
    return f"{path}.{key}" if path else key


def parse(data: bytes | str) -> tuple[object, list[Issue]]:
    """The document of a file, and the faults of its form that leave it readable.

    Raises `Refused` where there is no document: `too_large`, `not_json`, or so deep that it cannot be parsed.
    """
    repeating: list[RepeatingObject] = []

    def object_of(pairs: list[tuple[str, object]]) -> dict[str, object]:
        document = dict(pairs)
        if len(document) == len(pairs):
            return document
        repeating.append(RepeatingObject(pairs))
        return repeating[-1]

    try:
        document = json.loads(
            _decoded(data),
            object_pairs_hook=object_of,
            parse_float=Numeral,
            parse_int=Numeral,
            parse_constant=Numeral,
        )
    except json.JSONDecodeError as fault:
        where = {"problem": fault.msg, "line": str(fault.lineno), "column": str(fault.colno)}
        template = gettext_noop("This is not JSON: {problem} (line {line}, column {column}).")
        raise Refused([error("not_json", "", template, **where)]) from None
    except RecursionError:
        raise Refused([_too_deep()]) from None
    issues = [_too_deep()] if _levels_exceed(document, DEEPEST_LEVEL) else []
    return document, issues + (_repeated_keys(document) if repeating else [])


def _decoded(data: bytes | str) -> str:
    size = len(data) if isinstance(data, bytes) else len(data.encode("utf-8", "surrogatepass"))
    if size > LONGEST_FILE:
        template = gettext_noop("The file has {size} bytes; {most} are allowed.")
        raise Refused([error("too_large", "", template, size=str(size), most=str(LONGEST_FILE))])
    try:
        text = data.decode("utf-8") if isinstance(data, bytes) else data
    except UnicodeDecodeError as fault:
        template = gettext_noop("This is not JSON: byte {position} is not UTF-8.")
        raise Refused([error("not_json", "", template, position=str(fault.start))]) from None
    if text.startswith("\ufeff"):
        template = gettext_noop("This is not JSON: the file begins with a byte order mark.")
        raise Refused([error("not_json", "", template)])
    return text


def _too_deep() -> Issue:
    template = gettext_noop("The file is nested more than {deepest} levels deep.")
    return error("too_deep", "", template, deepest=str(DEEPEST_LEVEL))


def _inner(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _levels_exceed(document: object, most: int) -> bool:
    """Whether objects and lists stand more than so many levels inside each other; without recursion."""
    level = [document]
    for _ in range(most):
        level = [inner for value in level for inner in _inner(value) if isinstance(inner, (dict, list))]
    return bool(level)


def _repeated_keys(document: object) -> list[Issue]:
    """The keys that are given more than once, at every level, by their paths."""
    template = gettext_noop("The key “{key}” is given more than once.")
    issues: list[Issue] = []
    waiting: list[tuple[object, str]] = [(document, "")]
    while waiting:
        value, path = waiting.pop()
        if isinstance(value, RepeatingObject):
            issues += [
                error("duplicate_key", joined(path, key), template, key=shown(key)) for key in value.repeated
            ]
        if isinstance(value, dict):
            waiting += [(inner, joined(path, key)) for key, inner in value.items()]
        elif isinstance(value, list):
            waiting += [(inner, f"{path}[{index}]") for index, inner in enumerate(value)]
    return issues
