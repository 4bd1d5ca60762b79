"""What the ledger draws: `{% load ledger %}`."""

from django import template
from django.utils.translation import ngettext

register = template.Library()

#: Squares in a row, and their pitch.
ROW, PITCH = 24, 13


@register.inclusion_tag("bids/charts/case_squares.html")
def overruled_squares(count: int, overdue: int) -> dict[str, object]:
    """One square a case, red where a condition is past due; 24 in a row."""
    squares = [
        {"x": PITCH * (i % ROW), "y": PITCH * (i // ROW) + 1, "paint": "f-no" if i < overdue else "f-edge"}
        for i in range(count)
    ]
    label = ngettext("%(n)d case, %(late)d past due", "%(n)d cases, %(late)d past due", count)
    return {
        "squares": squares,
        "width": PITCH * min(count, ROW),
        "height": PITCH * -(-count // ROW),
        "label": label % {"n": count, "late": overdue},
    }
