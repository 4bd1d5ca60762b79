"""Geometry of the chart of price and security: axes, lines, marks, and labels that do not cover each
other."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self

from django.utils.translation import gettext as _

from procurement.templatetags import figures
from procurement.templatetags.drawing import field as read
from procurement.templatetags.drawing import px, shortened, text_width

#: The drawing, in px, and how wide it is on a phone; the plot leaves `MARGIN` px free at the right.
WIDTH, PHONE_WIDTH, MARGIN = 560.0, 336.0, 18.0

#: The plot inside the wide drawing of 560 × 352 px.
LEFT, RIGHT, TOP, BOTTOM = 46.0, WIDTH - MARGIN, 16.0, 308.0


@dataclass(frozen=True)
class Point:
    """One bid: price in its currency, security in points, published place or the reason it has none."""

    vendor: str
    price: float
    security: float
    place: int | None
    reason: str

    @classmethod
    def read(cls, item: Any) -> Self | None:
        """From a mapping or object; None without a price or without points."""
        price, security = read(item, "price"), read(item, "security")
        if price is None or security is None:
            return None
        return cls(
            vendor=str(read(item, "vendor")),
            price=float(figures.exact(price)),
            security=float(figures.exact(security)),
            place=read(item, "place"),
            reason=str(read(item, "reason") or ""),
        )

    def note(self) -> str:
        """What stands after the name."""
        if self.place is not None:
            return _("place %(place)s") % {"place": self.place}
        return self.reason or _("not ranked")

    def sentence(self) -> str:
        """Name, price and points, to be read aloud and shown on pointing."""
        return _("%(vendor)s: %(price)s, %(points)s points, %(note)s") % {
            "vendor": self.vendor,
            "price": figures.amount(str(self.price)),
            "points": figures.points(self.security),
            "note": self.note(),
        }


@dataclass(frozen=True)
class Box:
    """A rectangle that is taken."""

    x: float
    y: float
    width: float
    height: float

    def overlap(self, other: "Box") -> float:
        """Area that both cover."""
        wide = min(self.x + self.width, other.x + other.width) - max(self.x, other.x)
        high = min(self.y + self.height, other.y + other.height) - max(self.y, other.y)
        return max(wide, 0) * max(high, 0)


@dataclass(frozen=True)
class Label:
    """Where a mark's text goes: baseline at x, y; a leader when it stands away from its mark."""

    x: float
    y: float
    anchor: str
    box: Box
    leader: bool = False


@dataclass
class Plane:
    """What is shown, and the scales that turn it into px."""

    points: list[Point]
    maximum: float
    minimum: float | None
    budget: float | None
    slope: float | None
    currency: str
    width: float = WIDTH
    unit: float = field(init=False)
    step: float = field(init=False)
    low: float = field(init=False)
    high: float = field(init=False)

    def __post_init__(self) -> None:
        prices = [point.price for point in self.points] + ([self.budget] if self.budget else [])
        most, least = max(prices, default=1.0), min((p.price for p in self.points), default=0.0)
        self.unit = 1e6 if most >= 2e6 else 1e3
        self.step = nice_step(max(most - least, most / 10) / self.unit, ticks=9 if self.width == WIDTH else 5)
        low = math.floor(least / self.unit / self.step) * self.step
        self.low = max(low - (self.step if least / self.unit - low < self.step / 2 else 0), 0)
        self.high = math.ceil((most / self.unit + self.step / 2) / self.step - 1e-9) * self.step

    @property
    def right(self) -> float:
        """Where the plot ends."""
        return self.width - MARGIN

    def x(self, price: float) -> float:
        """Where a price lies."""
        return LEFT + (price / self.unit - self.low) / (self.high - self.low) * (self.right - LEFT)

    def y(self, security: float) -> float:
        """Where security points lie."""
        return BOTTOM - security / self.maximum * (BOTTOM - TOP)


def nice_step(span: float, ticks: int) -> float:
    """The smallest of 1, 2, 5 × a power of ten that parts `span` into at most `ticks`; 1 for no span."""
    power = 10.0 ** math.floor(math.log10(span / ticks)) if span > 0 else 1.0
    return next(power * m for m in (1, 2, 5, 10) if power * m * ticks >= span - 1e-9)


def draw(plane: Plane) -> dict[str, object]:
    """Everything the template writes down."""
    taken = [Box(plane.x(p.price) - 9, plane.y(p.security) - 9, 18, 18) for p in plane.points]
    floor, budget, equal = _floor(plane), _budget(plane), _equal(plane)
    taken += [box for part in (floor, budget, equal) if part for box in part["boxes"]]
    ordered = sorted(plane.points, key=lambda p: (p.place is None, p.place or 0))
    marks = [_mark(plane, point, taken) for point in ordered]
    unit = _("million") if plane.unit == 1e6 else _("thousand")
    return {
        "width": f"{plane.width:g}", "right": f"{plane.right:g}", "floor_x": f"{plane.right - 6:g}",
        "plot": f"{plane.right - LEFT:g}",
        "rows": list(_rows(plane)), "columns": list(_columns(plane)), "floor": floor, "budget": budget,
        "equal": equal, "marks": marks, "maximum": figures.plain(plane.maximum),
        "price_axis": _("Price (%(unit)s %(currency)s)") % {"unit": unit, "currency": plane.currency},
        "label": _("Price to the right, security points upward. %(points)s")
        % {"points": figures.clauses(point.sentence() for point in plane.points)},
    }  # fmt: skip


def _rows(plane: Plane) -> Iterator[tuple[str, str, str]]:
    """Hairlines of the security axis: y, text, and where the text's foot stands."""
    step = nice_step(plane.maximum, ticks=6)
    ticks = [n * step for n in range(int(plane.maximum / step) + 1)]
    ticks = [t for t in ticks if plane.y(t) - TOP >= 14] + [plane.maximum]
    for tick in ticks:
        yield px(plane.y(tick)), figures.plain(tick), px(plane.y(tick) + 4)


def _columns(plane: Plane) -> Iterator[tuple[str, str]]:
    """Ticks of the price axis: x and text."""
    for n in range(round((plane.high - plane.low) / plane.step) + 1):
        tick = plane.low + n * plane.step
        yield px(plane.x(tick * plane.unit)), figures.plain(round(tick, 6))


def _floor(plane: Plane) -> dict[str, Any] | None:
    """The security minimum: a red line, its wash below, and words at its right end."""
    if plane.minimum is None:
        return None
    y = plane.y(plane.minimum)
    text = _("Security minimum %(points)s; below it nobody is chosen") % {
        "points": figures.plain(plane.minimum)
    }
    foot = y + 16 if BOTTOM - y > 40 else y - 6
    box = Box(plane.right - 6 - text_width(text, 12), foot - 11, text_width(text, 12), 14)
    return {"y": px(y), "height": px(BOTTOM - y), "text": text, "text_y": px(foot), "boxes": [box]}


def _budget(plane: Plane) -> dict[str, Any] | None:
    """The budget: a dashed line, named at its foot."""
    if plane.budget is None:
        return None
    x = plane.x(plane.budget)
    text = _("Budget %(amount)s") % {"amount": figures.plain(round(plane.budget / plane.unit, 6))}
    width = text_width(text, 11)
    return {"x": px(x), "text": text, "text_x": px(x - 5), "boxes": [Box(x - 5 - width, 290, width, 13)]}


def _equal(plane: Plane) -> dict[str, Any] | None:
    """The line on which a bid would have as many points as first place, named along itself."""
    first = next((p for p in plane.points if p.place == 1), None)
    if first is None or not plane.slope:
        return None
    slope = plane.slope / 1e6
    ends = [
        price
        for price in (
            plane.low * plane.unit, plane.high * plane.unit,
            first.price - first.security / slope, first.price + (plane.maximum - first.security) / slope,
        )
        if plane.low * plane.unit - 1 <= price <= plane.high * plane.unit + 1
        and -1e-6 <= first.security + (price - first.price) * slope <= plane.maximum + 1e-6
    ]  # fmt: skip
    (x1, y1), (x2, y2) = (
        (plane.x(price), plane.y(first.security + (price - first.price) * slope))
        for price in (min(ends), max(ends))
    )
    angle = math.atan2(y2 - y1, x2 - x1)
    unit = _("one million") if plane.unit == 1e6 else _("one thousand")
    text = _("Equal total: %(unit)s dearer needs %(points)s more points") % {
        "unit": unit, "points": figures.points(slope * plane.unit, 1),
    }  # fmt: skip
    width = text_width(text, 11)
    start = (x1 + 16 * math.cos(angle) + 7 * math.sin(angle), y1 + 16 * math.sin(angle) - 7 * math.cos(angle))
    fits = math.hypot(x2 - x1, y2 - y1) >= width + 24
    along = [Box(start[0] + d * math.cos(angle) - 5, start[1] + d * math.sin(angle) - 9, 12, 11)
             for d in range(0, int(width), 10)]  # fmt: skip
    return {
        "path": f"M{px(x1)} {px(y1)}L{px(x2)} {px(y2)}", "text": text if fits else "",
        "transform": f"translate({px(start[0])} {px(start[1])}) rotate({px(math.degrees(angle))})",
        "boxes": along if fits else [],
    }  # fmt: skip


def _mark(plane: Plane, point: Point, taken: list[Box]) -> dict[str, Any]:
    """A mark with its label; the label's place is entered into `taken`.

    Without a free place for name and note, the name stands alone; without one for the name, only first
    place keeps it. Nothing is lost: every mark says all of it on pointing, and the page's table has the
    same figures.
    """
    x, y = plane.x(point.price), plane.y(point.security)
    note = shortened(point.note(), 190, 11)
    for text in (note, ""):
        width = text_width(point.vendor, 12) + (3 + text_width(text, 11) if text else 0)
        label, hidden = _place(x, y, width, taken, plane.width - 4)
        if not hidden:
            break
    shown = not hidden or point.place == 1
    if shown:
        taken.append(label.box)
    return {
        "x": px(x), "y": px(y), "cross": f"M{px(x - 6)} {px(y - 6)}l12 12m0 -12l-12 12",
        "place": point.place, "sentence": point.sentence(),
        "name": point.vendor if shown else "", "note": text,
        "label": {"x": px(label.x), "y": px(label.y), "anchor": label.anchor},
        "leader": f"M{px(x - 10)} {px(y)}H{px(label.x + 3)}" if label.leader and shown else "",
    }  # fmt: skip


def _place(x: float, y: float, width: float, taken: list[Box], outer: float) -> tuple[Label, float]:
    """The first free one of right, below, left with a leader and above, else the least covered; and how
    much. Nothing reaches beyond `outer`."""
    candidates = [
        Label(x + 13, y + 5, "start", Box(x + 13, y - 6, width, 14)),
        Label(x, y + 22, "middle", Box(x - width / 2, y + 10.5, width, 14)),
        Label(x - 26, y + 5, "end", Box(x - 26 - width, y - 6, width, 14), leader=True),
        Label(x, y - 13, "middle", Box(x - width / 2, y - 24, width, 14)),
    ]
    inside = Box(LEFT, TOP - 6, outer - LEFT, BOTTOM - TOP + 6)

    def covered(label: Label) -> float:
        outside = label.box.width * label.box.height - label.box.overlap(inside)
        return outside + sum(label.box.overlap(box) for box in taken)

    best = min(candidates, key=covered)
    return best, covered(best) if covered(best) > 2 else 0
