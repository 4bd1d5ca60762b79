"""Shared by everything that draws: reading items, measuring text, paints, and the weight bar."""

import unicodedata
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from . import figures

#: Paint of the three kinds of criteria, on every screen, sheet and paper.
PAINTS = {"security": "sec", "quality": "qual", "price": "price"}

#: Class of text that stands on such a paint.
ON_PAINTS = {"security": "s", "quality": "q", "price": "p"}

#: Below this share of the bar a label does not fit inside its segment.
NARROW = Fraction(8, 100)

#: Height of a row of labels above the bar, in px.
ROW = 18

#: Width the weight bar is assumed to have when labels above it are kept apart, in px; and on a phone.
ASSUMED_WIDTH, PHONE_WIDTH = 560, 320


def field(item: Any, name: str, default: Any = None) -> Any:
    """`name` of a mapping or of an object."""
    return item.get(name, default) if isinstance(item, Mapping) else getattr(item, name, default)


def text_width(text: str, size: float) -> float:
    """About how wide `text` is at `size` px: a Chinese character is one em, a Latin one over half."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return size * (wide + 0.57 * (len(text) - wide))


def shortened(text: str, width: float, size: float) -> str:
    """`text`, cut with an ellipsis to about `width` px at `size` px."""
    if text_width(text, size) <= width:
        return text
    while text and text_width(text + "…", size) > width:
        text = text[:-1]
    return text.rstrip() + "…"


def px(value: float) -> str:
    """A coordinate: one decimal, whatever the language."""
    return f"{value:.1f}"


def percent(value: Fraction) -> str:
    """A length as a share of the drawing's width: `38.93%`."""
    return f"{float(100 * value):.2f}%"


def clamped(value: Fraction) -> Fraction:
    """A share kept inside 0 to 1."""
    return min(max(value, Fraction(0)), Fraction(1))


def weight_segments(
    segments: Iterable[Any], total: figures.Number | None, *, room: float | None = None
) -> dict[str, Any]:
    """Geometry and text of a weight bar; see the tag `weight_bar`.

    With `room`, the width of a small screen in px, labels that do not fit inside stand above, too.
    """
    items = [
        (str(field(s, "label")), figures.exact(field(s, "value")), str(field(s, "kind"))) for s in segments
    ]
    whole = figures.exact(total) if total is not None else sum((value for _, value, _ in items), Fraction(0))
    drawn: list[dict[str, Any]] = []
    rows: list[float] = []
    at = Fraction(0)
    for label, value, kind in items:
        width = clamped(value / whole) if whole else Fraction(0)
        text = f"{label} {figures.plain(value)}"
        segment = {"x": percent(at), "width": percent(width), "paint": PAINTS[kind], "on": ON_PAINTS[kind]}
        segment |= {"middle": percent(at + width / 2), "edge": percent(at + width), "text": text}
        if width < NARROW or (room is not None and text_width(text, 12) + 14 > width * room):
            above = _label_above(rows, at, width, text_width(text, 12) + 12, room or ASSUMED_WIDTH)
            segment |= above
        drawn.append(segment)
        at += width
    top = ROW * len(rows)
    for segment in drawn:
        if "row" in segment:
            segment["label_y"] = top - ROW * segment["row"] - 7
            segment["leader"] = ROW * segment["row"] + 4
    return {
        "segments": drawn, "top": top, "height": top + 34, "baseline": top + 22,
        "label": figures.listed(segment["text"] for segment in drawn),
    }  # fmt: skip


def _label_above(rows: list[float], at: Fraction, width: Fraction, room: float, bar: float) -> dict[str, Any]:
    """Where the label of a narrow segment goes, nearest the bar first; `rows` says how far each is taken.

    The label takes `room` px of the `bar` px.

    In the right half the label ends where the segment ends, so that it stays inside the drawing.
    """
    ends = at + width > Fraction(1, 2)
    start = float(at + width) * bar - room if ends else float(at) * bar
    row = next((i for i, taken in enumerate(rows) if start >= taken), len(rows))
    rows[row : row + 1] = [start + room]
    return {"row": row, "anchor": "end" if ends else "start", "narrow": True}
