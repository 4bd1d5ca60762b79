"""What the formulas of the workbook give before anybody changes anything.

A result holds the steps of scored bids only; a workbook computes every bid, so that a finding or a status
that somebody changes shows at once what it would do. The arithmetic is the evaluation's own.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from bids.evaluation import exact
from bids.evaluation.case import Bid
from bids.evaluation.gate import MINIMUM, Gate
from bids.evaluation.places import ranks
from bids.evaluation.points import Marking
from bids.evaluation.prices import Pricing, reference_of
from bids.evaluation.requirements import unmet, waived
from bids.evaluation.result import Held, LeafSteps, PriceReference, Result
from bids.evaluation.sheet import Sheet, final, sheet_of, total_of
from bids.evaluation.stages import NEED_EVERY_PRICE, YARDSTICK
from bids.exports.layout import Plan

Own = Mapping[str, Fraction | None]


@dataclass(slots=True)
class BidFigures:
    """One bid as the formulas see it. Counts and flags are 0 or more, `None` where they are not known."""

    bid: Bid
    sheet: Sheet
    judges: tuple[str, ...]
    own: Own
    own_quality: Own
    valid: int
    gates: int
    waived: int
    gaps: int
    minimums: Mapping[str, int | None]
    stage2: int | None
    stage3: int | None
    stage4: int | None
    scaled: Fraction | None = None
    figure_raw: Fraction | None = None
    figure_total: Fraction | None = None
    figure: Fraction | None = None
    hole: int = 0
    ranked: int = 0
    scope: int = 0
    place: int | None = None
    line: int = 0
    split_by: str = ""
    note: str = ""
    ranks: dict[str, Fraction] = field(default_factory=dict)
    above: dict[str, int] = field(default_factory=dict)
    equals: dict[str, int] = field(default_factory=dict)
    keys: list[Fraction | None] = field(default_factory=list)
    places: list[int | None] = field(default_factory=list)

    @property
    def scored(self) -> int:
        """Whether the bid is valid and meets the requirements."""
        return int(self.valid == 1 and self.gates == 0)

    @property
    def below(self) -> int | None:
        """How many minimums are not reached; not known while none is missed and one is not known."""
        missed = sum(flag or 0 for flag in self.minimums.values())
        return None if not missed and None in self.minimums.values() else missed

    @property
    def undecided(self) -> bool:
        """Whether a minimum or a pass mark of the second stage cannot be held against anything yet."""
        return self.below is None or self.stage2 is None

    @property
    def past2(self) -> int:
        """Whether nothing known keeps the bid from getting past the second stage."""
        return int(self.scored == 1 and not self.below and not self.stage2)

    @property
    def passed(self) -> int:
        """Whether nothing known excludes the bid."""
        return int(self.past2 == 1 and not self.stage3 and not self.stage4)


class Figures:
    """The figures of all bids, in file order; `stored` is the result that they are compared with."""

    def __init__(self, plan: Plan, result: Result) -> None:
        self.plan, self.case, self.stored = plan, plan.case, result
        self.marking = Marking(plan.case, plan.tree, plan.panel)
        self.gate = Gate(plan.case, self.marking)
        self.pricing = self._pricing()
        self.reference = self._reference()
        self.bids = [self._bid(bid) for bid in plan.case.bids]
        self.best = self._best()
        for bid in self.bids:
            self._figure_total(bid)
        self.holes = sum(bid.hole for bid in self.bids)
        self._scopes()
        if plan.case.method == "rank-sum":
            self._member_ranks()
        for bid in self.bids:
            bid.figure = self._figure(bid)
        rows = {row.vendor: row for row in result.ranking}
        for bid in self.bids:
            bid.place = rows[bid.bid.vendor].place if bid.bid.vendor in rows else None

    def _pricing(self) -> Pricing | None:
        leaf = self.plan.tree.price_leaf
        if not self.case.price.computed or leaf is None:
            return None
        return Pricing(self.case, leaf.code, self.plan.tree.effective[leaf.code], self.plan.times)

    def _reference(self) -> PriceReference | None:
        """The reference prices that the result used, or those of an empty field where nobody is scored."""
        if not self.case.price.relative:
            return None
        used = [steps.price.reference for steps in self.stored.steps.values() if steps.price]
        return used[0] if used else reference_of(())

    def _bid(self, bid: Bid) -> BidFigures:
        steps = self.stored.steps.get(bid.vendor)
        leaves = steps.leaves if steps else self.marking.leaves(bid)
        price = None
        if self.pricing:
            price = steps.price if steps else self.pricing.steps(bid.price, self.reference)
        sheet = sheet_of(self.case, self.plan.tree, bid, leaves, price)
        excused = waived(self.case, bid)
        figures = self._held(bid, sheet, leaves)
        figures.waived = len(excused)
        figures.gates = sum(1 for r in unmet(self.case, bid) if r.mandatory and r.code not in excused)
        return figures

    def _held(self, bid: Bid, sheet: Sheet, leaves: Mapping[str, LeafSteps]) -> BidFigures:
        staged = self.case.method != YARDSTICK
        second = self.gate.second_stage(sheet) if staged else ()
        minimums = {held.at: _failed(held) for held in second if held.what == MINIMUM and held.at is not None}
        marked = bool(self.plan.tree.marked)
        price = sheet.price.points if sheet.price else exact.ZERO
        return BidFigures(
            bid=bid,
            sheet=sheet,
            judges=tuple(member.code for member in self.plan.panel.judges(bid.vendor)),
            own=self.marking.own_figures(bid, leaves, price) if marked else {},
            own_quality=self.marking.own_figures(bid, leaves, price, quality=True) if marked else {},
            valid=int(bid.status == "valid"),
            gates=0,
            waived=0,
            gaps=len(self.marking.holes(bid, leaves)),
            minimums=minimums,
            stage2=_failures(held for held in second if held.what != MINIMUM),
            stage3=_failures(self.gate.third_stage(sheet) if staged else ()),
            stage4=_failures(self.gate.fourth_stage(sheet)),
        )

    def _best(self) -> Fraction | None:
        """The best non-price total past the second stage; `None` while not known or without such a bid."""
        past = [None if bid.undecided else bid.sheet.quality_unrounded for bid in self.bids if bid.past2]
        known = [quality for quality in past if quality is not None]
        return max(known, default=None) if len(known) == len(past) else None

    def _figure_total(self, bid: BidFigures) -> None:
        """The total that the method uses, and whether something that the bid needs is missing."""
        needs_price = self.case.price.computed or self.case.method in NEED_EVERY_PRICE
        gaps = 0 if self.case.method == YARDSTICK else bid.gaps
        missing = gaps > 0 or bool(needs_price and bid.past2 and bid.bid.price is None)
        bid.hole = int(bid.scored == 1 and missing)
        bid.figure_total = bid.sheet.total
        if self.case.quality_scale == "relative-to-best":
            quality, price = bid.sheet.quality_unrounded, self._price_points(bid)
            factor = self.plan.tree.quality / self.best if self.best else exact.ZERO
            bid.scaled = None if quality is None or self.best is None else quality * factor
            bid.figure_raw = total_of([bid.scaled, price])
            bid.figure_total = final(self.case, bid.figure_raw)

    def _price_points(self, bid: BidFigures) -> Fraction | None:
        leaf = self.plan.tree.price_leaf
        return bid.sheet.points[leaf.code] if leaf else exact.ZERO

    def _scopes(self) -> None:
        for bid in self.bids:
            bid.ranked = int(bid.passed == 1 and self.holes == 0)
            bid.scope = bid.ranked
            if self.case.rank_scope == "all":
                bid.scope = int(bid.scored == 1 and self.holes == 0)

    def _member_ranks(self) -> None:
        for member in self.plan.panel.counted:
            field_ = {
                number: total
                for number, bid in enumerate(self.bids)
                if bid.scope and (total := bid.own.get(member.code)) is not None
            }
            ranked, ordered = ranks(field_, self.case.tied_rank), sorted(field_.values())
            seen: set[Fraction] = set()
            for number, total in field_.items():
                bid = self.bids[number]
                up_to = bisect_right(ordered, total)
                bid.above[member.code] = len(ordered) - up_to
                bid.ranks[member.code] = ranked[number]
                first, equal = int(total not in seen), up_to - bisect_left(ordered, total)
                bid.equals[member.code] = first if self.case.tied_rank == "dense" else equal
                seen.add(total)

    def _figure(self, bid: BidFigures) -> Fraction | None:
        method, price = self.case.method, bid.bid.price
        if method in ("total", "best-fair-price"):
            return bid.figure_total
        if method == "rank-sum":
            given = [bid.ranks.get(member.code) for member in self.plan.panel.counted]
            return total_of(given)
        if price is None:
            return None
        if method == "price-per-point":
            return price / bid.figure_total if bid.figure_total else None
        if method == "adjusted-price":
            return self._adjusted(bid, price)
        return price

    def _adjusted(self, bid: BidFigures, price: Fraction) -> Fraction | None:
        valued = [leaf for leaf in self.plan.tree.leaves if leaf.value is not None]
        points = [bid.sheet.points[leaf.code] for leaf in valued]
        if None in points:
            return None
        worth = (self.plan.tree.effective[leaf.code] * self.plan.times for leaf in valued)
        taken = zip(valued, points, worth, strict=True)
        return price - exact.total((leaf.value or exact.ZERO) * (p or exact.ZERO) / w for leaf, p, w in taken)


def _failed(held: Held) -> int | None:
    return None if held.passed is None else int(not held.passed)


def _failures(held: Iterable[Held]) -> int | None:
    flags = [_failed(one) for one in held]
    return None if not any(flags) and None in flags else sum(flag or 0 for flag in flags)
