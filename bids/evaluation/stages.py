"""The stages of exclusion, one after the other, each looking only at the bids that the earlier ones left.

What is known while a mark or a price is missing: a figure is known where everything that it is made of is
there; nothing is concluded from what a missing part could be at most or at least.

- The second stage needs a bid's own figures only. A bid of which one is missing is open: no later stage holds
  it, and it is neither passing nor excluded.
- The reference prices, and the best non-price total, are those of the bids past the second stage: known only
  while none is open and each has its price (its non-price total), because one more can move them all. Until
  then a relative formula gives no points to any bid, so totals and members' totals wait, and a pass mark on
  the total leaves every bid open.
- Points for the price are still to come (`unpriced`) where the reference is, or where a bid that may be past
  the second stage has no price. Nobody waits for the price of a bid that the second stage excluded.
- Who passes is known when no bid is open. Ranks and concordance wait for that too where only passing bids are
  ranked, and for a member's totals of all of them (`ranking.Ballots`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from bids.evaluation import exact
from bids.evaluation.case import Bid, Case
from bids.evaluation.gate import Gate
from bids.evaluation.panel import Panel
from bids.evaluation.points import Marking
from bids.evaluation.prices import Pricing, reference_of
from bids.evaluation.requirements import first_stage
from bids.evaluation.result import Held, Hole, LeafSteps, PriceReference, Reason
from bids.evaluation.sheet import Sheet, sheet_of
from bids.evaluation.tree import Tree

YARDSTICK = "lowest-price"
NEED_EVERY_PRICE = ("price-per-point", "pass-then-lowest", "adjusted-price", "best-fair-price", YARDSTICK)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where every bid stands after the last stage; mappings are by vendor, in file order.

    `scored` are the valid bids that meet the requirements, `passing` those of them that no stage excludes,
    `open` those that a missing mark or price keeps from being judged, and `unpriced` those whose points by a
    price formula are still to come. `best_quality` is the best unrounded non-price total past the second
    stage, `None` where it is not known.
    """

    scored: Mapping[str, Bid]
    sheets: Mapping[str, Sheet]
    held: Mapping[str, tuple[Held, ...]]
    reasons: Mapping[str, tuple[Reason, ...]]
    passing: tuple[str, ...]
    open: frozenset[str]
    unpriced: frozenset[str]
    best_quality: Fraction | None
    holes: tuple[Hole, ...]


class Stages:
    """Runs the stages of one case."""

    def __init__(self, case: Case, tree: Tree, panel: Panel) -> None:
        self.case, self.tree = case, tree
        self.marking = Marking(case, tree, panel)
        self.gate = Gate(case, self.marking)
        self.pricing: Pricing | None = None
        if case.price.computed and tree.price_leaf:
            times = len(panel.counted) if case.aggregation == "sum" else 1
            self.pricing = Pricing(case, tree.price_leaf.code, tree.effective[tree.price_leaf.code], times)
        self.reasons: dict[str, tuple[Reason, ...]] = {}
        self.held: dict[str, tuple[Held, ...]] = {}

    def run(self) -> Standing:
        """All stages of the method; `lowest-price` looks at status and requirements only."""
        case = self.case
        for bid in case.bids:
            reasons = first_stage(case, bid)
            if reasons:
                self.reasons[bid.vendor] = reasons
        self.scored = {bid.vendor: bid for bid in case.bids if bid.vendor not in self.reasons}
        self.held = dict.fromkeys(self.scored, ())
        leaves = {vendor: self.marking.leaves(bid) for vendor, bid in self.scored.items()}
        sheets = self._sheets(leaves, None)
        if case.method != YARDSTICK:
            self._stage({vendor: self.gate.second_stage(sheet) for vendor, sheet in sheets.items()})
        past = [vendor for vendor in self.scored if vendor not in self.reasons]
        reference = self._reference(past)
        if case.price.relative:
            sheets = self._sheets(leaves, reference)
        best = self._best(sheets[vendor].quality_unrounded for vendor in past)
        if case.method != YARDSTICK:
            self._stage({vendor: self.gate.third_stage(sheets[vendor]) for vendor in self._left()})
            self._stage({vendor: self.gate.fourth_stage(sheets[vendor]) for vendor in self._left()})
        return Standing(
            scored=self.scored,
            sheets=sheets,
            held=self.held,
            reasons={bid.vendor: self.reasons[bid.vendor] for bid in case.bids if bid.vendor in self.reasons},
            passing=tuple(vendor for vendor in past if vendor not in self.reasons),
            open=self._open,
            unpriced=self._unpriced(past, reference),
            best_quality=best,
            holes=self._holes(leaves, past),
        )

    def _sheets(
        self, leaves: Mapping[str, dict[str, LeafSteps]], reference: PriceReference | None
    ) -> dict[str, Sheet]:
        sheets = {}
        for vendor, bid in self.scored.items():
            price = self.pricing.steps(bid.price, reference) if self.pricing else None
            sheets[vendor] = sheet_of(self.case, self.tree, bid, leaves[vendor], price)
        return sheets

    def _stage(self, held: Mapping[str, tuple[Held, ...]]) -> None:
        """Note what was held in a stage, and exclude the bids that did not reach it."""
        for vendor, figures in held.items():
            self.held[vendor] += figures
            reasons = self.gate.reasons(figures)
            if reasons:
                self.reasons[vendor] = reasons

    @property
    def _open(self) -> frozenset[str]:
        """The bids that are not out and of which a figure that was held is not known."""
        return frozenset(
            vendor
            for vendor, held in self.held.items()
            if vendor not in self.reasons and any(one.passed is None for one in held)
        )

    def _left(self) -> list[str]:
        """The bids that passed every stage so far."""
        undecided = self._open
        return [vendor for vendor in self.scored if vendor not in self.reasons and vendor not in undecided]

    def _reference(self, past: list[str]) -> PriceReference | None:
        """The reference prices of the bids past the second stage, `None` while they are not known."""
        prices = _all_known(self.scored[vendor].price for vendor in past)
        return None if self._open or prices is None else reference_of(prices)

    def _best(self, figures: Iterable[Fraction | None]) -> Fraction | None:
        """The best of the figures of the bids past the second stage, `None` while it is not known."""
        known = _all_known(figures)
        return None if self._open or known is None else max(known, default=exact.ZERO)

    def _unpriced(self, past: list[str], reference: PriceReference | None) -> frozenset[str]:
        """The scored bids whose points by a price formula are still to come."""
        if self.pricing is None:
            return frozenset()
        unknown = self.case.price.relative and reference is None
        return frozenset(
            vendor
            for vendor, bid in self.scored.items()
            if (vendor in past if bid.price is None else unknown)
        )

    def _holes(self, leaves: Mapping[str, dict[str, LeafSteps]], past: list[str]) -> tuple[Hole, ...]:
        needs_price = self.case.price.computed or self.case.method in NEED_EVERY_PRICE
        holes: list[Hole] = []
        for vendor, bid in self.scored.items():
            marks = [] if self.case.method == YARDSTICK else self.marking.holes(bid, leaves[vendor])
            if not marks and needs_price and bid.price is None and vendor in past:
                marks = [Hole(vendor, "price", None)]
            holes += marks
        return tuple(holes)


def _all_known(figures: Iterable[Fraction | None]) -> list[Fraction] | None:
    """The figures, or `None` where one is missing."""
    given = list(figures)
    known = [figure for figure in given if figure is not None]
    return known if len(known) == len(given) else None
