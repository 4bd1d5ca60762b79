"""Charts of the judgement, drawn on the server as SVG: `{% load charts %}`.

Every chart is an image with a full sentence for those who do not see it; the same figures stand in a table
or in text nearby, which is the page's duty. Paint is a class and the price is hatched, so that light, dark
and grey print differ in the style sheet alone. Items are mappings or objects; numbers are exact (`Decimal`,
`Fraction`, `int`).

Criteria are painted security, quality, price; vendors by published place. The two never share one chart.
"""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from procurement.templatetags import drawing, figures
from procurement.templatetags.drawing import field, px

from . import scatter_plot, split_plot

register = template.Library()

CHARTS = "bids/charts/"

#: Paint of a vendor's area and of the text on it, by published place; everybody else is `OTHERS`.
VENDOR_PAINTS = {1: ("w-a", "on-a"), 2: ("w-b", "on-b"), 3: ("w-c", "f-ink2")}
OTHERS = ("w-o", "f-ink2")


# --- contributions ------------------------------------------------------------------------------------------
@register.inclusion_tag(CHARTS + "contribution_bar.html")
def contribution_bar(
    name: str, parts: Iterable[Any], of: figures.Number = 100, places: int = 1
) -> dict[str, object]:
    """A bid's points by what they come from, 26 px high on a line of `of` points.

    `parts`: items with `label`, `kind` (security, quality or price) and `value` in points. Each value
    stands in its segment with `places` decimals; under 3 % of the line only in the spoken text, which has
    two. Never for an excluded bid.
    """
    whole = figures.exact(of)
    at = total = Fraction(0)
    segments, spoken = [], []
    for part in parts:
        value, kind = figures.exact(field(part, "value")), str(field(part, "kind"))
        width = drawing.clamped(value / whole)
        segments.append({
            "x": drawing.percent(at), "width": drawing.percent(width), "edge": drawing.percent(at + width),
            "paint": drawing.PAINTS[kind], "on": drawing.ON_PAINTS[kind],
            "text": figures.points(value, places) if width >= Fraction(3, 100) else "",
        })  # fmt: skip
        spoken.append(f"{field(part, 'label')} {figures.points(value)}")
        at += width
        total += value
    label = _("%(vendor)s: %(parts)s; together %(total)s of %(of)s points") % {
        "vendor": name, "parts": figures.listed(spoken), "total": figures.points(total),
        "of": figures.plain(of),
    }  # fmt: skip
    return {"segments": segments, "label": label}


@register.inclusion_tag(CHARTS + "key.html")
def contribution_key(parts: Iterable[Any]) -> dict[str, object]:
    """What the paints mean. `parts`: items with `label`, `kind` and `value`, the effective points."""
    items = [
        (str(field(p, "label")), drawing.PAINTS[str(field(p, "kind"))], field(p, "value")) for p in parts
    ]
    return {"items": [(label, paint, figures.plain(value)) for label, paint, value in items]}


# --- turning points -----------------------------------------------------------------------------------------
#: Plot of the turning points, in px: share 0 at the left, 1 at the right; one root takes `PITCH`.
LEFT, RIGHT, PITCH, FIRST = 86, 628, 62, 30


def _at(share: Fraction) -> float:
    """Where a share lies on the axis."""
    return LEFT + float(share) * (RIGHT - LEFT)


@register.inclusion_tag(CHARTS + "turning_axis.html")
def turning_axis(roots: Iterable[Any]) -> dict[str, object]:
    """At which share of one root, the others keeping their proportions, first place changes hands.

    `roots`: items with `label`, `share` (the published one, of 1) and `bands`, from left to right: mappings
    with `from`, `to` (shares of 1), `vendor` ("" where nobody is first alone) and `place`, the published
    one or None.
    """
    rows = [_turning_row(root, FIRST + PITCH * index) for index, root in enumerate(roots)]
    ticks = [(f"{n}%", px(_at(Fraction(n, 100))), _anchor(n)) for n in (0, 20, 40, 60, 80, 100)]
    return {
        "rows": rows, "ticks": ticks, "height": 20 + PITCH * len(rows),
        "label": " ".join(row["sentence"] for row in rows),
    }  # fmt: skip


def _anchor(percent: int) -> str:
    return {0: "start", 100: "end"}.get(percent, "middle")


def _turning_row(root: Any, top: int) -> dict[str, Any]:
    bands = list(field(root, "bands"))
    published = figures.exact(field(root, "share"))
    label = str(field(root, "label"))
    return {
        "label": drawing.shortened(label, LEFT - 8, 12), "name": label,
        "published": _percent(published), "sentence": turning_sentence(root),
        "bands": [_band(band, first=band is bands[0], last=band is bands[-1]) for band in bands],
        "edges": list(_edges(bands, published, top)), "here": px(_at(published)),
        "y": top, "label_y": top + 13, "published_y": top + 28, "text_y": top + 15.5,
        "sign_y": top - 11, "line_y": top - 2,
    }  # fmt: skip


def _percent(share: Fraction) -> str:
    """A published share: `45%`, `37.5%`."""
    return figures.plain(share * 100) + "%"


def _band(band: Any, *, first: bool, last: bool) -> dict[str, str]:
    """One winner's stretch, with half of the 2 px gap at each inner end, and its name where that fits."""
    start = _at(figures.exact(field(band, "from"))) + (0 if first else 1)
    width = max(_at(figures.exact(field(band, "to"))) - (0 if last else 1) - start, 0)
    paint, on = VENDOR_PAINTS.get(field(band, "place"), OTHERS)
    name = str(field(band, "vendor") or _("tie"))
    text = drawing.shortened(name, width - 12, 12) if width >= 44 else ""
    return {"x": px(start), "width": px(width), "paint": paint, "on": on, "name": name, "text": text,
            "text_x": px(start + 8)}  # fmt: skip


def _edges(bands: Sequence[Any], published: Fraction, top: int) -> Iterator[dict[str, str]]:
    """The turning points with their exact shares; a label within 30 px of another stands 12 px lower."""
    free = [float("-inf"), float("-inf")]
    for band in bands[:-1]:
        share = figures.exact(field(band, "to"))
        x = _at(share)
        level = 0 if x - free[0] >= 30 or x - free[0] > x - free[1] else 1
        free[level] = x
        text_x = min(max(x, LEFT + 16), RIGHT - 16)
        places = _places(share - published)
        yield {"x": px(x), "text_x": px(text_x), "y": px(top + 41 + 12 * level),
               "text": figures.share(share, places)}  # fmt: skip


def _places(difference: Fraction) -> int:
    """Decimals of percent: one, or two where one would read as no difference."""
    return 1 if abs(difference) >= Fraction(1, 1000) else 2


@register.simple_tag
def turning_sentence(root: Any) -> str:
    """What the axis shows of one root, in words; `root` as in `turning_axis`."""
    published = figures.exact(field(root, "share"))
    edges = [figures.exact(field(a, "to")) for a, _b in pairwise(field(root, "bands"))]
    down = max((edge for edge in edges if edge < published), default=None)
    up = min((edge for edge in edges if edge >= published), default=None)
    words = {"root": field(root, "label"), "share": _percent(published)}
    words |= {
        key: figures.points(abs(edge - published) * 100, _places(edge - published))
        for key, edge in (("down", down), ("up", up))
        if edge is not None
    }
    if down is not None and up is not None:
        text = _(
            "%(root)s, published at %(share)s: first place changes %(down)s points lower or %(up)s higher."
        )
    elif down is not None:
        text = _("%(root)s, published at %(share)s: first place changes %(down)s points lower.")
    elif up is not None:
        text = _("%(root)s, published at %(share)s: first place changes %(up)s points higher.")
    else:
        text = _("%(root)s, published at %(share)s: no other share changes first place.")
    return text % words


# --- shares of weightings -----------------------------------------------------------------------------------
BAR_LEFT, BAR_RIGHT = 128, 628


@register.inclusion_tag(CHARTS + "share_bars.html")
def share_bars(rows: Iterable[Any]) -> dict[str, object]:
    """In which share of random weightings each vendor is first; seed and number of draws belong below it.

    `rows`: items with `label` and `shares`: items with `vendor`, `place` (published, or None) and `share`
    of 1.
    """
    drawn = [_share_row(row, 27 * index + 2) for index, row in enumerate(rows)]
    return {
        "rows": drawn, "height": max(27 * len(drawn) - 2, 0),
        "label": figures.clauses(row["spoken"] for row in drawn),
    }  # fmt: skip


def _share_row(row: Any, top: int) -> dict[str, Any]:
    label = str(field(row, "label"))
    at, bars, spoken = float(BAR_LEFT), [], []
    for item in field(row, "shares"):
        vendor, share = str(field(item, "vendor")), figures.exact(field(item, "share"))
        width = float(share) * (BAR_RIGHT - BAR_LEFT)
        spoken.append(f"{vendor} {_whole_percent(share)}")
        if width > 0:
            paint, on = VENDOR_PAINTS.get(field(item, "place"), OTHERS)
            text = _share_text(vendor, _whole_percent(share), width)
            bars.append({"x": px(at), "width": px(max(width - 2, 0.5)), "paint": paint, "on": on,
                         "text": text, "text_x": px(at + 7), "name": spoken[-1]})  # fmt: skip
        at += width
    sentence = _("%(name)s: %(words)s") % {"name": label, "words": figures.listed(spoken)}
    return {"label": drawing.shortened(label, BAR_LEFT - 8, 12), "bars": bars, "y": top, "text_y": top + 14.5,
            "spoken": sentence}  # fmt: skip


def _whole_percent(share: Fraction) -> str:
    """Whole percent that never calls a rest nothing or a majority everything."""
    if 0 < share < Fraction(1, 200):
        return "<1%"
    if Fraction(199, 200) <= share < 1:
        return ">99%"
    return figures.share(share, 0)


def _share_text(vendor: str, percent: str, width: float) -> str:
    """Name and percent from 62 px on, percent alone from 30 px on."""
    text = f"{vendor} {percent}"
    if width >= 62 and drawing.text_width(text, 12) <= width - 10:
        return text
    return percent if width >= 30 else ""


# --- cases left out -----------------------------------------------------------------------------------------
@register.inclusion_tag(CHARTS + "case_squares.html")
def case_squares(cases: Iterable[bool], vendor: str) -> dict[str, object]:
    """One square a case: whether `vendor` stays first when something is left out; 24 squares in a row."""
    same = list(cases)
    squares = [
        {"x": 13 * (i % 24), "y": 13 * (i // 24) + 1, "paint": "f-act" if kept else "f-no"}
        for i, kept in enumerate(same)
    ]
    label = ngettext(
        "%(kept)d of %(n)d case keeps %(vendor)s first",
        "%(kept)d of %(n)d cases keep %(vendor)s first",
        len(same),
    ) % {"kept": sum(same), "n": len(same), "vendor": vendor}
    return {
        "squares": squares,
        "width": 13 * min(len(same), 24),
        "height": 13 * -(-len(same) // 24),
        "label": label,
    }


# --- unit split ---------------------------------------------------------------------------------------------
@register.inclusion_tag(CHARTS + "unit_split.html")
def unit_split(
    name: str, units: Iterable[Any], top: figures.Number, *, red: bool = False
) -> dict[str, object]:
    """Where the units' means lie on a scale from 0 to `top`, 430×38, a line from the lowest to the highest.

    `units`: items with `label`, `kind` (the side), `mark`, `first` (before corrections, or None) and `nth`
    (which of the units of that side it is, from 0). `red` paints the line of a difference past its threshold.
    """
    return split_plot.draw(name, units, figures.exact(top), red=red)


@register.inclusion_tag(CHARTS + "unit_sign.html")
def unit_sign(kind: str, nth: int = 0) -> dict[str, str]:
    """A unit's sign beside its name, 14 px."""
    return split_plot.sign(kind, nth, 7, 7)


@register.inclusion_tag(CHARTS + "split_scale.html")
def split_scale(top: figures.Number | None) -> dict[str, object]:
    """The head of a column of unit splits: marks of a scale up to `top`, or percent where scales differ."""
    whole = Fraction(1) if top is None else figures.exact(top)
    texts = figures.plain if top is not None else lambda value: figures.share(value, 0)
    shares = split_plot.ticks(Fraction(0) if top is None else whole)
    return {"width": split_plot.WIDTH, "ticks": [(px(split_plot.at(s)), texts(s * whole)) for s in shares]}


# --- price and security -------------------------------------------------------------------------------------
@register.inclusion_tag(CHARTS + "scatter.html")
def scatter(
    points: Iterable[Any],
    maximum: figures.Number,
    minimum: figures.Number | None = None,
    budget: figures.Number | None = None,
    *,
    slope: figures.Number | None = None,
    currency: str = "TWD",
    phone: bool = False,
) -> dict[str, object]:
    """Price to the right, security points upward: what more security costs.

    `points`: items with `vendor`, `price` (of `currency`), `security` (points), `place` (None when
    excluded) and `reason` (why excluded); those without price or points are left out. `maximum`: security
    points that can be had; `minimum`: those that must be. `slope`: how many points a price of one million
    more costs, for the line of equal totals through first place; not drawn when None. `phone`: the drawing of
    small screens, beside the one of wide ones.
    """
    given = scatter_plot.Plane(
        points=[p for p in map(scatter_plot.Point.read, points) if p is not None],
        maximum=float(figures.exact(maximum)),
        minimum=None if minimum is None else float(figures.exact(minimum)),
        budget=None if budget is None else float(figures.exact(budget)),
        slope=None if slope is None else float(figures.exact(slope)),
        currency=currency,
        width=scatter_plot.PHONE_WIDTH if phone else scatter_plot.WIDTH,
    )
    return scatter_plot.draw(given) | {"phone": phone}
