"""What a scored bid must reach: minimums and pass marks, and the fair price; each held in its stage."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from bids.evaluation import exact
from bids.evaluation.case import Case, PassMark
from bids.evaluation.issues import gettext_noop, shown
from bids.evaluation.points import Marking
from bids.evaluation.result import Held, Reason
from bids.evaluation.sheet import Sheet

MINIMUM = "minimum"
PASS_MARK = "pass_mark"
NO_POINTS = "no_points"
FAIR_PRICE = "fair_price_ceiling"

_CODES = {
    MINIMUM: "below_minimum",
    PASS_MARK: "below_pass_mark",
    NO_POINTS: "below_pass_mark",
    FAIR_PRICE: "over_fair_price",
}
_BELOW_MINIMUM = gettext_noop("{figure} points on “{title}” are below the minimum of {bound}.")
_BELOW_PASS_MARK = gettext_noop("{figure} points are below the pass mark of {bound}.")
_NO_MAJORITY = gettext_noop(
    "{figure} of {of} members gave the pass mark of {bound} or more, which is no majority."
)
_NO_POINTS = gettext_noop("Without any point there is no price per point.")
_OVER_FAIR_PRICE = gettext_noop("The price {figure} is over the fair price ceiling of {bound}.")


@dataclass(frozen=True, slots=True)
class Gate:
    """Holds a bid's figures against what the tender asks."""

    case: Case
    marking: Marking

    def second_stage(self, sheet: Sheet) -> tuple[Held, ...]:
        """Minimums, and a pass mark on quality, or on the total where price is not scored."""
        return tuple(self._second_stage(sheet))

    def _second_stage(self, sheet: Sheet) -> Iterator[Held]:
        for node in self.case.criteria:
            if node.minimum is not None:
                figure = self._of_one_member(sheet.at(node.code))
                yield _held(MINIMUM, node.code, 2, figure, node.minimum)
        mark = self.case.pass_mark
        if mark and self._early(mark):
            yield self._pass_mark(mark, sheet, 2)
        if self.case.method == "price-per-point":
            passed = None if sheet.total is None else sheet.total > 0
            yield Held(NO_POINTS, None, 2, sheet.total, exact.ZERO, passed)

    def third_stage(self, sheet: Sheet) -> tuple[Held, ...]:
        """A pass mark on a total that price is part of."""
        mark = self.case.pass_mark
        return (self._pass_mark(mark, sheet, 3),) if mark and not self._early(mark) else ()

    def fourth_stage(self, sheet: Sheet) -> tuple[Held, ...]:
        """A price that is not over the fair price."""
        ceiling, price = self.case.fair_price_ceiling, sheet.bid.price
        if ceiling is None:
            return ()
        return (Held(FAIR_PRICE, None, 4, price, ceiling, None if price is None else price <= ceiling),)

    def _early(self, mark: PassMark) -> bool:
        """Whether the pass mark is held before prices are looked at."""
        return mark.on == "quality" or self.marking.tree.price_leaf is None

    def _of_one_member(self, figure: Fraction | None) -> Fraction | None:
        """A figure as bounds are written: for `sum` it is divided by the number of members."""
        if figure is None or self.case.aggregation != "sum":
            return figure
        return figure / len(self.marking.panel.counted)

    def _pass_mark(self, mark: PassMark, sheet: Sheet, stage: int) -> Held:
        quality = mark.on == "quality"
        figure = sheet.quality if quality else sheet.total
        if mark.rule == "mean":
            return _held(PASS_MARK, None, stage, self._of_one_member(figure), mark.points)
        price = sheet.price.points if sheet.price and not quality else exact.ZERO
        # Under `consensus` only agreed marks are waited for, and members vote by their own.
        if price is None or (figure is None and self.case.aggregation != "consensus"):
            return _held(PASS_MARK, None, stage, None, mark.points)
        own = self.marking.own_figures(sheet.bid, sheet.leaves, price, quality=quality)
        votes = sum(1 for points in own.values() if points is not None and points >= mark.points)
        return Held(PASS_MARK, None, stage, Fraction(votes), mark.points, 2 * votes > len(own), of=len(own))

    def reasons(self, held: tuple[Held, ...]) -> tuple[Reason, ...]:
        """The reasons of what was not reached, no code and place twice."""
        reasons: dict[tuple[str, str | None], Reason] = {}
        for one in held:
            if one.passed is False:
                reasons.setdefault((_CODES[one.what], one.at), self._reason(one))
        return tuple(reasons.values())

    def _reason(self, held: Held) -> Reason:
        params = {"figure": exact.text(held.figure or exact.ZERO), "bound": exact.text(held.bound)}
        if held.at is not None:
            title = self.marking.tree.nodes[held.at].title
            return Reason(_CODES[held.what], held.at, _BELOW_MINIMUM, params | {"title": shown(title)})
        if held.of is not None:
            return Reason(_CODES[held.what], None, _NO_MAJORITY, params | {"of": str(held.of)})
        templates = {PASS_MARK: _BELOW_PASS_MARK, NO_POINTS: _NO_POINTS, FAIR_PRICE: _OVER_FAIR_PRICE}
        return Reason(_CODES[held.what], None, templates[held.what], params)


def _held(what: str, at: str | None, stage: int, figure: Fraction | None, bound: Fraction) -> Held:
    return Held(what, at, stage, figure, bound, None if figure is None else figure >= bound)
