"""What the board's page draws: `{% load board %}`."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.translation import gettext as _

from procurement.templatetags import figures
from procurement.templatetags.drawing import field, px

register = template.Library()

#: Width of a column, and from one to the next; height of 100 %; room for the figure above; all in px.
WIDTH, PITCH, WHOLE, TOP = 44, 62, 68, 18


@register.inclusion_tag("bids/charts/year_bars.html")
def year_bars(columns: Iterable[Any]) -> dict[str, object]:
    """Shares of awards on price only, one column a year or quarter, the current one in another paint.

    `columns`: items with `name`, `short`, `count`, `of`, `share` (of 1) and `current`.
    """
    rows = list(columns)
    return {
        "bars": [_bar(row, index) for index, row in enumerate(rows)],
        "width": max(PITCH * len(rows) - (PITCH - WIDTH), 0),
        "base": TOP + WHOLE,
        "name_y": TOP + WHOLE + 16,
        "height": TOP + WHOLE + 20,
        "label": figures.clauses(_spoken(row) for row in rows),
    }


def _spoken(row: Any) -> str:
    words = {"period": field(row, "name"), "share": figures.share(field(row, "share"), 0)}
    words |= {"n": field(row, "count"), "of": field(row, "of")}
    return _("%(period)s: %(share)s, %(n)d of %(of)d") % words


def _bar(row: Any, index: int) -> dict[str, object]:
    height = WHOLE * float(field(row, "share"))
    x = PITCH * index
    return {
        "x": x,
        "y": px(TOP + WHOLE - height),
        "width": WIDTH,
        "height": px(height),
        "middle": x + WIDTH // 2,
        "text_y": px(TOP + WHOLE - height - 5),
        "text": figures.share(field(row, "share"), 0),
        "name": field(row, "short"),
        "paint": "f-act" if field(row, "current") else "f-edge",
    }
