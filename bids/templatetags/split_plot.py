"""Geometry of the unit split: where each unit's mean lies on the scale, one small drawing a row."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from procurement.templatetags import figures
from procurement.templatetags.drawing import field, px

#: The drawing, in px: the scale goes from `LEFT` to `RIGHT`, the line lies at `MIDDLE`.
WIDTH, HEIGHT, LEFT, RIGHT, MIDDLE = 430, 38, 14, 416, 19

#: Signs of equal means stack by so much; more than four of them closer.
PITCH, TALLEST = 9.0, 27.0

#: Shape and paint by the side of the unit; everybody else is a triangle on its head.
SIDES = {
    "security": ("diamond", "u-sec"),
    "it": ("square", "u-it"),
    "business": ("disc", "u-biz"),
    "external": ("triangle", "u-ext"),
}
OTHERS = ("wedge", "u-ext")

#: In which order signs are drawn, the last one on top.
DRAWN = ("external", "management", "procurement", "audit", "it", "business", "security")

#: A scale up to this top has a line at each whole mark, a longer one at each fifth.
MOST_LINES = 10


@dataclass(frozen=True)
class Unit:
    """A unit's mean, and what it was before members corrected their marks; `nth` among units of its side."""

    label: str
    kind: str
    mark: Fraction
    first: Fraction
    nth: int

    @classmethod
    def read(cls, item: Any) -> "Unit":
        """A unit of a mapping or an object."""
        mark = figures.exact(field(item, "mark"))
        first = field(item, "first")
        return cls(
            str(field(item, "label")),
            str(field(item, "kind")),
            mark,
            mark if first is None else figures.exact(first),
            int(field(item, "nth") or 0),
        )


def ticks(top: Fraction) -> list[Fraction]:
    """Where the scale has lines, as shares of it."""
    count = int(top) if top.denominator == 1 and 1 <= top <= MOST_LINES else 5
    return [Fraction(number, count) for number in range(count + 1)]


def at(share: Fraction) -> float:
    """Where a share of the scale lies."""
    return LEFT + float(share) * (RIGHT - LEFT)


def sign(kind: str, nth: int, x: float, y: float) -> dict[str, str]:
    """A unit's sign around a point; a second unit of one side has it hollow."""
    shape, paint = SIDES.get(kind, OTHERS)
    return {"d": _outline(shape, x, y), "paint": paint if nth == 0 else f"{paint} hollow"}


def _outline(shape: str, x: float, y: float) -> str:
    """The path of a sign, 11 px wide."""
    if shape == "disc":
        return f"M{px(x - 5.5)} {px(y)}a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0 -11 0Z"
    corners = {
        "diamond": [(0.0, -6.5), (6.5, 0.0), (0.0, 6.5), (-6.5, 0.0)],
        "square": [(-5.0, -5.0), (5.0, -5.0), (5.0, 5.0), (-5.0, 5.0)],
        "triangle": [(0.0, -6.0), (6.0, 5.0), (-6.0, 5.0)],
        "wedge": [(0.0, 6.0), (6.0, -5.0), (-6.0, -5.0)],
    }[shape]
    return "M" + "L".join(f"{px(x + dx)} {px(y + dy)}" for dx, dy in corners) + "Z"


def draw(name: str, units: Iterable[Any], top: Fraction, *, red: bool) -> dict[str, object]:
    """What the template draws; see the tag `unit_split`."""
    given = [Unit.read(item) for item in units]
    ordered = sorted(given, key=lambda unit: DRAWN.index(unit.kind) if unit.kind in DRAWN else 0)
    marks = [unit.mark for unit in given]
    words = figures.listed(f"{unit.label} {figures.points(unit.mark, 1)}" for unit in given)
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "middle": MIDDLE,
        "lines": [px(at(share)) for share in ticks(top)],
        "line": (px(at(min(marks) / top)), px(at(max(marks) / top))) if marks else None,
        "red": red,
        "moves": [
            (px(at(unit.first / top)), px(at(unit.mark / top))) for unit in given if unit.first != unit.mark
        ],
        "signs": _signs(ordered, top),
        "label": _("%(name)s: %(words)s") % {"name": name, "words": words},
    }


def _signs(units: Sequence[Unit], top: Fraction) -> list[dict[str, str]]:
    """The signs from bottom to top; equal means stand above each other, around the line."""
    together: dict[Fraction, list[Unit]] = {}
    for unit in units:
        together.setdefault(unit.mark, []).append(unit)
    signs = []
    for mark, stack in together.items():
        pitch = min(PITCH, TALLEST / max(len(stack) - 1, 1))
        lowest = MIDDLE + pitch * (len(stack) - 1) / 2
        for level, unit in enumerate(stack):
            signs.append(sign(unit.kind, unit.nth, at(mark / top), lowest - pitch * level))
    return signs
