"""JSON as text with every number exactly as it is: a `Decimal` never passes through a binary float."""

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from bids.evaluation.json_text import Numeral


def write(document: object, indent: int = 1) -> str:
    """The document as JSON text, keys in their order, without escapes for what is not ASCII.

    Takes what JSON has, with `Decimal` for numbers that have a fraction, and `Numeral` for numbers as they
    were read. Raises `TypeError` for anything else, binary floats among it.
    """
    return "".join(_pieces(document, "\n", " " * indent)) + "\n"


def number(value: Decimal) -> str:
    """A finite decimal in plain notation without trailing zeros."""
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def _pieces(value: object, line: str, step: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from _between(
            "{}", [(f"{_text(str(key))}: ", inner) for key, inner in value.items()], line, step
        )
    elif isinstance(value, Sequence) and not isinstance(value, str):
        yield from _between("[]", [("", inner) for inner in value], line, step)
    else:
        yield _plain(value)


def _between(marks: str, rows: list[tuple[str, object]], line: str, step: str) -> Iterator[str]:
    yield marks[0]
    for place, (before, value) in enumerate(rows):
        yield f"{',' if place else ''}{line}{step}{before}"
        yield from _pieces(value, line + step, step)
    yield f"{line}{marks[1]}" if rows else marks[1]


def _plain(value: object) -> str:
    if isinstance(value, Numeral):
        return str(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Decimal):
        return number(value)
    if value is None or isinstance(value, bool | int):
        return json.dumps(value)
    raise TypeError(f"{type(value).__name__} has no place in this JSON")


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
