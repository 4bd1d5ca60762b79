"""Pictures of the advisor, drawn on the server as SVG: `{% load advice %}`.

As in `charts`: every picture says its finding in a sentence, paint is a class, the price is hatched, and the
same figures stand in a table beside it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django import template
from django.utils.translation import gettext as _

from procurement.templatetags import drawing, figures
from procurement.templatetags.drawing import field, px, text_width

from .scatter_plot import nice_step

register = template.Library()

CHARTS = "bids/charts/"

#: Both drawings, in px: wide, and of small screens.
WIDTH, PHONE_WIDTH = 960, 336
#: The plot of the curve inside its drawing.
LEFT, TOP, BOTTOM, MARGIN, HEIGHT = 46.0, 44.0, 264.0, 18.0, 302


@dataclass(frozen=True)
class _Plot:
    """The scales of the curve: prices of money to the right, points upward."""

    low: Fraction
    high: Fraction
    worth: Fraction
    width: int

    @property
    def right(self) -> float:
        return self.width - MARGIN

    def x(self, price: Fraction) -> float:
        """Where a price lies."""
        return LEFT + float((price - self.low) / (self.high - self.low)) * (self.right - LEFT)

    def y(self, points: Fraction) -> float:
        """Where points lie."""
        return BOTTOM - float(points / self.worth) * (BOTTOM - TOP)


@register.inclusion_tag(CHARTS + "price_curve.html")
def price_curve(
    corners: Sequence[tuple[Fraction, Fraction]],
    worth: Fraction,
    dots: Iterable[Any],
    currency: str = "TWD",
    *,
    phone: bool = False,
) -> dict[str, object]:
    """How a formula makes points of prices, as a line through `corners` (price, points) up to `worth`.

    `dots`: items with `name`, `price`, `points` and `first`, whether that one comes first. `phone`: the
    drawing of small screens, beside the wide one.
    """
    plot = _Plot(corners[0][0], corners[-1][0], worth, PHONE_WIDTH if phone else WIDTH)
    path = "L".join(f"{px(plot.x(price))} {px(plot.y(points))}" for price, points in corners)
    drawn = _dots(plot, list(dots))
    unit, step = _unit(plot, ticks=4 if phone else 8)
    name = _("million") if unit == 10**6 else _("thousand") if unit == 10**3 else ""
    return {
        "width": plot.width, "right": px(plot.right), "bottom": px(BOTTOM), "phone": phone,
        "height": HEIGHT, "tick_y": px(BOTTOM + 17), "axis_y": HEIGHT - 3,
        "path": f"M{path}", "dots": drawn, "rows": _rows(plot), "columns": _columns(plot, unit, step),
        "axis": f"{_('Price')} ({' '.join(part for part in (name, currency) if part)})",
        "worth": figures.plain(worth),
        "label": _("Dummy bids: price to the right, points for it upward, of %(worth)s. %(dots)s") % {
            "worth": figures.plain(worth), "dots": figures.clauses(dot["sentence"] for dot in drawn),
        },
    }  # fmt: skip


def _unit(plot: _Plot, ticks: int) -> tuple[int, float]:
    """What prices are written in, and how far ticks are apart in it."""
    unit = 10**6 if plot.high >= 2 * 10**6 else 10**3 if plot.high >= 2 * 10**3 else 1
    return unit, nice_step(float((plot.high - plot.low) / unit), ticks)


def _columns(plot: _Plot, unit: int, step: float) -> list[tuple[str, str]]:
    """Ticks of the price axis: x and text."""
    width = figures.exact(step)
    first = -(-plot.low // (width * unit))
    ticks = []
    while first * width * unit <= plot.high:
        ticks.append((px(plot.x(first * width * unit)), figures.plain(first * width)))
        first += 1
    return ticks


def _rows(plot: _Plot) -> list[tuple[str, str, str]]:
    """Hairlines of the points: y, foot of the text, text."""
    quarters = [plot.worth * part / 4 for part in range(5)]
    return [(px(plot.y(points)), px(plot.y(points) + 4), figures.plain(points)) for points in quarters]


def _dots(plot: _Plot, dots: list[Any]) -> list[dict[str, Any]]:
    """The bids. Names stand above to the right, that of every second one below to the left: lines fall."""
    drawn: list[dict[str, Any]] = []
    taken: list[_Box] = []
    for index, dot in enumerate(dots):
        price, points = figures.exact(field(dot, "price")), figures.exact(field(dot, "points"))
        name = str(field(dot, "name"))
        text = f"{name} {figures.points(points, 1)}"
        x, y = plot.x(price), plot.y(points)
        place = _place(plot, (x, y, text_width(text, 12)), second=index % 2 == 1, taken=taken)
        taken.append(place)
        drawn.append({
            "x": px(x), "y": px(y), "first": field(dot, "first"), "text": text,
            "text_x": px(x - 10 if place.ends else x + 10), "text_y": px(place.foot),
            "anchor": "end" if place.ends else "start",
            "sentence": _("%(name)s: %(price)s gets %(points)s points") % {
                "name": name, "price": figures.amount(price), "points": figures.points(points),
            },
        })  # fmt: skip
    return drawn


@dataclass(frozen=True)
class _Box:
    """Where a name may stand: from left to right, its foot, and whether it ends at its dot."""

    left: float
    right: float
    foot: float
    ends: bool

    def hits(self, other: "_Box") -> bool:
        """Whether two names would cover each other; a line of text is 15 px high."""
        return self.left < other.right and other.left < self.right and abs(self.foot - other.foot) < 15


def _place(plot: _Plot, dot: tuple[float, float, float], *, second: bool, taken: list[_Box]) -> _Box:
    """The first place around a dot (x, y, width of the name) where its name covers none of those before."""
    x, y, width = dot
    sides = [
        ends
        for ends in (second, not second)
        if (x - width - 10 > LEFT if ends else x + width + 10 < plot.width)
    ]
    feet = [foot for foot in ((y + 19, y - 9) if second else (y - 9, y + 19)) if foot < BOTTOM]
    boxes = [
        _Box(x - 10 - width, x - 10, foot, True) if ends else _Box(x + 10, x + 10 + width, foot, False)
        for ends in sides or [False]
        for foot in feet
    ]
    return next((box for box in boxes if not any(map(box.hits, taken))), boxes[0])


# --- published and effective weights ------------------------------------------------------------------------
#: A kind takes so many px, either bar so many; bars begin here, and leave room for their text.
PITCH, BAR, BAR_LEFT, BAR_ROOM = 58, 17, 84, 92


@register.inclusion_tag(CHARTS + "weight_pairs.html")
def weight_pairs(bars: Iterable[Any], *, phone: bool = False) -> dict[str, object]:
    """What each kind of criterion is published as, and below it what it decides, as shares of 1.

    `bars`: items with `label`, `kind` (security, quality or price), `published` (None without one),
    `effective` and `sentence`. `phone`: the drawing of small screens.
    """
    width = PHONE_WIDTH if phone else WIDTH
    given = list(bars)
    rows = [_pair(bar, PITCH * index + 4, width - BAR_LEFT - BAR_ROOM) for index, bar in enumerate(given)]
    return {
        "rows": rows, "width": width, "height": PITCH * len(rows), "left": BAR_LEFT, "bar": BAR,
        "phone": phone, "label": " ".join(str(field(bar, "sentence")) for bar in given),
    }  # fmt: skip


def _pair(bar: Any, top: int, room: int) -> dict[str, Any]:
    published, effective = field(bar, "published"), figures.exact(field(bar, "effective"))
    lengths = {
        "published": 0.0 if published is None else float(figures.exact(published)) * room,
        "effective": float(effective) * room,
    }
    return {
        "label": drawing.shortened(str(field(bar, "label")), BAR_LEFT - 8, 12),
        "name": str(field(bar, "label")), "paint": drawing.PAINTS[str(field(bar, "kind"))],
        "y": top, "second": top + BAR + 4, "text_y": top + 13, "second_text_y": top + BAR + 17,
        "published": px(lengths["published"]), "effective": px(lengths["effective"]),
        "published_x": px(BAR_LEFT + lengths["published"] + 6),
        "effective_x": px(BAR_LEFT + lengths["effective"] + 6),
        "published_text": _("published %(share)s") % {"share": figures.share(published)},
        "effective_text": _("decides %(share)s") % {"share": figures.share(effective)},
    }  # fmt: skip
