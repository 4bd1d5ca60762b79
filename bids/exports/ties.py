"""How ties are split: one column of keys and one of places for each rule, in the rules' order.

A place is 1 + the bids with a better figure. Each rule adds, to the place of a bid, the bids that shared it
until then and have a better key; where a key is missing in such a group the rule splits nothing there.
"""

from collections.abc import Callable, Iterable
from fractions import Fraction

from bids.evaluation import exact
from bids.evaluation.ranking import HIGHEST_FIRST
from bids.exports import formulas
from bids.exports.draft import Draft
from bids.exports.figures import BidFigures, Figures
from bids.exports.layout import Plan
from bids.exports.long_prices import scale_of, split
from bids.exports.prices import lower_prices
from procurement.sheets.writing import text_literal

PRICE_ALONE = ("pass-then-lowest", "lowest-price")
_COMPUTED = ("heaviest-criterion", "higher-security")
_LOWER_FIRST = ("lower-price", "lots")


def find_places(plan: Plan, figures: Figures) -> None:
    """Note the keys of every tie rule and the places after it, and where each bid stands in the list."""
    ranked = [bid for bid in figures.bids if bid.ranked]
    highest_first = plan.case.method in HIGHEST_FIRST
    signed = {id(bid): -(bid.figure or 0) if highest_first else bid.figure or Fraction(0) for bid in ranked}
    for bid in figures.bids:
        bid.places = [1 + sum(1 for own in signed.values() if own < signed[id(bid)]) if bid.ranked else None]
    for rule in plan.case.tie_break:
        for bid in figures.bids:
            bid.keys.append(_KEYS[rule](plan, bid))
        _split_by(rule, figures.bids, ranked)
    _list(figures)


def _split_by(rule: str, bids: list[BidFigures], ranked: list[BidFigures]) -> None:
    """Append the places after a rule whose keys were appended last."""
    together: dict[int | None, list[BidFigures]] = {}
    for bid in ranked:
        together.setdefault(bid.places[-1], []).append(bid)
    places: dict[int, int] = {}
    for place, group in together.items():
        keys = [bid.keys[-1] for bid in group]
        known = [key if rule in _LOWER_FIRST else -key for key in keys if key is not None]
        if len(known) == len(group) and len(set(known)) > 1:
            for bid, key in zip(group, known, strict=True):
                places[id(bid)] = (place or 0) + sum(1 for other in known if other < key)
                bid.split_by = rule
    for bid in bids:
        bid.places.append(places.get(id(bid), bid.places[-1]))


def _list(figures: Figures) -> None:
    """Ranked bids first, in file order where they share a place, an empty line, then the others."""
    ranked = sorted((bid for bid in figures.bids if bid.ranked), key=lambda bid: bid.places[-1] or 0)
    others = [bid for bid in figures.bids if not bid.ranked]
    for line, bid in enumerate(ranked, 1):
        bid.line = line
    for line, bid in enumerate(others, len(ranked) + 2):
        bid.line = line


def _heaviest(plan: Plan, bid: BidFigures) -> Fraction | None:
    most = max((plan.tree.effective[leaf.code] for leaf in plan.tree.leaves), default=Fraction(0))
    return _sum(
        bid.sheet.unrounded[leaf.code] for leaf in plan.tree.leaves if plan.tree.effective[leaf.code] == most
    )


def _security(plan: Plan, bid: BidFigures) -> Fraction | None:
    return _sum(bid.sheet.points[code] for code in plan.tree.of_kind("security"))


def _sum(parts: Iterable[Fraction | None]) -> Fraction | None:
    points = list(parts)
    known = [point for point in points if point is not None]
    return exact.total(known) if len(known) == len(points) else None


def _firsts(_plan: Plan, bid: BidFigures) -> Fraction | None:
    return Fraction(sum(1 for above in bid.above.values() if above == 0))


def _price(_plan: Plan, bid: BidFigures) -> Fraction | None:
    return bid.bid.price


def _lot(plan: Plan, bid: BidFigures) -> Fraction | None:
    drawn = plan.case.lots_drawn
    return Fraction(drawn.index(bid.bid.vendor) + 1 if bid.bid.vendor in drawn else len(drawn) + 1)


_KEYS: dict[str, Callable[[Plan, BidFigures], Fraction | None]] = {
    "heaviest-criterion": _heaviest,
    "more-first-places": _firsts,
    "higher-security": _security,
    "lower-price": _price,
    "lots": _lot,
}


class TiesWriter:
    """Writes the columns of places in the table of steps."""

    def __init__(self, draft: Draft) -> None:
        self.draft, self.plan, self.case = draft, draft.plan, draft.plan.case
        self.steps, self.prices = draft.plan.steps, draft.plan.prices

    def write(self, row: int, bid: BidFigures) -> None:
        """Write the places of one bid before and after each rule, and the rule that split its group last."""
        draft, steps = self.draft, self.steps
        ranked = f"{steps.cell('ranked', row)}=1"
        expression = f'IF({ranked},1+{self._better_figures(row)},"")'
        draft.formula(steps, "p0", row, expression, bid.places[0], "cell", "integer")
        for number, rule in enumerate(self.case.tie_break, 1):
            self._write_key(row, number, rule, bid)
            expression = self._after(row, number, rule)
            draft.formula(steps, f"p{number}", row, expression, bid.places[number], "cell", "integer")
        words = self.draft.words.tie_rules
        split_by = words[bid.split_by] if bid.split_by else None
        draft.formula(steps, "split", row, self._split_by(row), split_by, "cell")

    def _better_figures(self, row: int) -> str:
        """How many ranked bids have a better figure."""
        figure, figures = self.steps.cell("figure", row), self.steps.span("figure")
        if self.case.method in PRICE_ALONE:
            return lower_prices(self.draft, row, f"{self.steps.span('ranked')}=1")
        if self.case.method in HIGHEST_FIRST:
            better = f"{figures}>{figure}+{self.plan.rules['tolerance']}"
        else:
            better = f"{figures}<{figure}-{self.plan.rules['figure_tolerance']}"
        return formulas.counted(f'{figures}<>""', better)

    def _write_key(self, row: int, number: int, rule: str, bid: BidFigures) -> None:
        draft, steps, key = self.draft, self.steps, bid.keys[number - 1]
        if rule == "lots":
            draft.number(steps, f"k{number}", row, key, "integer", "edit")
            return
        expression = {
            "heaviest-criterion": lambda: self._sum(row, "heaviest", "unrounded"),
            "higher-security": lambda: self._sum(row, "security", "points"),
            "more-first-places": lambda: self._firsts(row),
            "lower-price": lambda: formulas.unless_empty(
                self.prices.cell("price", row), self.prices.cell("price", row)
            ),
        }[rule]()
        if rule == "lower-price" and key is not None and "rest" in self.prices:
            key = split(key, scale_of(self.case))[0]
        draft.formula(steps, f"k{number}", row, expression, key, "cell", "exact")

    def _sum(self, row: int, flag: str, column: str) -> str:
        """The sum of a bid's points on the flagged leaves; the empty text where one is missing."""
        if not self.plan.nodes:
            return "0"
        flags, points = self.plan.weights.span(flag), self.plan.points_span(column, row)
        missing = formulas.counted(f"{flags}=1", f'{points}=""')
        return f'IF({missing}>0,"",SUMPRODUCT({flags},{points}))'

    def _firsts(self, row: int) -> str:
        last = len(self.plan.panel.counted) - 1
        return f"COUNTIF({self.steps.span('a0', row, row, to=f'a{last}')},0)" if last >= 0 else "0"

    def _after(self, row: int, number: int, rule: str) -> str:
        """The place after a rule."""
        before, spans = self.steps.cell(f"p{number - 1}", row), self.steps.span(f"p{number - 1}")
        key, keys = self.steps.cell(f"k{number}", row), self.steps.span(f"k{number}")
        shared = f"{spans}={before}"
        missing = formulas.counted(shared, f'{keys}=""')
        if rule == "lower-price":
            better = lower_prices(self.draft, row, shared)
        elif rule in _LOWER_FIRST:
            better = formulas.counted(shared, f"{keys}<{key}")
        else:
            nudge = f"+{self.plan.rules['tolerance']}" if rule in _COMPUTED else ""
            better = formulas.counted(shared, f"{keys}>{key}{nudge}")
        return f'IF({before}="","",IF({missing}>0,{before},{before}+{better}))'

    def _split_by(self, row: int) -> str:
        """The last rule that split the group that the bid was in."""
        expression = '""'
        for number, rule in enumerate(self.case.tie_break, 1):
            before, after = f"p{number - 1}", f"p{number}"
            sizes = [f"COUNTIF({self.steps.span(p)},{self.steps.cell(p, row)})" for p in (after, before)]
            name = text_literal(self.draft.words.tie_rules[rule])
            expression = f"IF({sizes[0]}<{sizes[1]},{name},{expression})"
        ranked = f"{self.steps.cell('ranked', row)}=1"
        return f'IF({ranked},{expression},"")' if self.case.tie_break else '""'
