"""JSON read strictly: I-JSON (RFC 7493), every number kept as it was written, every repeated key noticed."""

import json

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
    try:
        document = json.loads(
            _decoded(data),
            object_pairs_hook=_object,
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
    return document, _faults_of_form(document)


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


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    document = dict(pairs)
    return document if len(document) == len(pairs) else RepeatingObject(pairs)


def _too_deep() -> Issue:
    template = gettext_noop("The file is nested more than {deepest} levels deep.")
    return error("too_deep", "", template, deepest=str(DEEPEST_LEVEL))


def _faults_of_form(document: object) -> list[Issue]:
    """Repeated keys at every level, and one issue for too many levels; without recursion."""
    issues: list[Issue] = []
    too_deep = False
    waiting: list[tuple[object, str, int]] = [(document, "", 1)]
    while waiting:
        value, path, level = waiting.pop()
        if not isinstance(value, (dict, list)):
            continue
        if level > DEEPEST_LEVEL:
            too_deep = True
            continue
        if isinstance(value, RepeatingObject):
            template = gettext_noop("The key “{key}” is given more than once.")
            issues += [
                error("duplicate_key", joined(path, key), template, key=shown(key)) for key in value.repeated
            ]
        if isinstance(value, dict):
            waiting += [
                (inner, joined(path, key), level + 1)
                for key, inner in value.items()
                if isinstance(inner, (dict, list))
            ]
        else:
            waiting += [
                (inner, f"{path}[{index}]", level + 1)
                for index, inner in enumerate(value)
                if isinstance(inner, (dict, list))
            ]
    return [_too_deep(), *issues] if too_deep else issues
