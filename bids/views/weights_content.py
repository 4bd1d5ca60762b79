"""What typed weights come to: the sum of each group, and the effective points of each criterion."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from procurement.actions.weighing import spread
from procurement.forms.weighing import Group, WeightsForm
from procurement.models import Criterion


@dataclass(frozen=True)
class Line:
    """A criterion: its share of its group (1 is all of it) and effective points; None where not known."""

    row: Criterion
    share: Fraction | None
    points: Fraction | None


@dataclass(frozen=True)
class Sum:
    """A group: the sum of its weights as typed, what is left of the whole, and its lines."""

    group: Group
    total: Decimal
    left: Decimal
    lines: list[Line]

    @property
    def excess(self) -> Decimal:
        """By how much the weights come to more than the whole; less than 0 where they do not."""
        return -self.left


def points_of(form: WeightsForm, total: Decimal) -> list[Sum]:
    """Every group as typed; points as case-file.md has them: weight ÷ siblings' weights × parent's points."""
    typed = form.typed()
    points: dict[int, Fraction | None] = {0: Fraction(total)}
    sums = []
    for group in sorted(form.groups, key=lambda one: _depth(form.rows, one.key)):
        weights = {row.pk: typed[row.pk] for row in group.rows}
        known = [weight for weight in weights.values() if weight is not None]
        whole = Fraction(sum(known)) if len(known) == len(weights) else None
        lines = []
        for row in group.rows:
            share = Fraction(weights[row.pk] or 0) / whole if whole else None
            above = points.get(group.key)
            points[row.pk] = share * above if share is not None and above is not None else None
            lines.append(Line(row, share, points[row.pk]))
        added = sum(known, Decimal(0))
        sums.append(Sum(group, added, form.whole(group) - added, lines))
    return sums


def _depth(rows: Mapping[int, Criterion], key: int) -> int:
    """How many groups stand above a group."""
    depth = 0
    while key:
        key, depth = rows[key].parent_id or 0, depth + 1
    return depth


def spread_in(form: WeightsForm, group: Group, *, only_empty: bool) -> dict[int, Decimal]:
    """The weights to fill in: what is left of the whole over the empty ones, or all of it over all."""
    typed = form.typed()
    chosen = [row.pk for row in group.rows if typed[row.pk] is None or not only_empty]
    taken = sum((typed[row.pk] or Decimal(0) for row in group.rows if row.pk not in chosen), Decimal(0))
    filled = spread(form.whole(group) - taken, len(chosen)) if chosen else []
    return dict(zip(chosen, filled, strict=True))
