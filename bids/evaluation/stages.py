"""The stages of exclusion, one after the other, each looking only at the bids that the earlier ones left."""

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
    and `open` those that a missing mark or price keeps from being judged. `best_quality` is the best
    unrounded non-price total past the second stage, `None` where it is not known.
    """

    scored: Mapping[str, Bid]
    sheets: Mapping[str, Sheet]
    held: Mapping[str, tuple[Held, ...]]
    reasons: Mapping[str, tuple[Reason, ...]]
    passing: tuple[str, ...]
    open: frozenset[str]
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
        holes = self._holes(leaves, past)
        if case.price.relative:
            sheets = self._sheets(leaves, self._reference(past))
        best = None if self._open & set(past) else _best(sheets[vendor].quality_unrounded for vendor in past)
        if case.method != YARDSTICK:
            self._stage({vendor: self.gate.third_stage(sheets[vendor]) for vendor in past})
            left = [vendor for vendor in past if vendor not in self.reasons and vendor not in self._open]
            self._stage({vendor: self.gate.fourth_stage(sheets[vendor]) for vendor in left})
        return Standing(
            scored=self.scored,
            sheets=sheets,
            held=self.held,
            reasons={bid.vendor: self.reasons[bid.vendor] for bid in case.bids if bid.vendor in self.reasons},
            passing=tuple(vendor for vendor in past if vendor not in self.reasons),
            open=self._open,
            best_quality=best,
            holes=holes,
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

    def _reference(self, past: list[str]) -> PriceReference | None:
        """The reference prices, not known while a bid with a price may or may not pass the second stage."""
        if any(vendor in self._open and self.scored[vendor].price is not None for vendor in past):
            return None
        prices = (self.scored[vendor].price for vendor in past)
        return reference_of(price for price in prices if price is not None)

    def _holes(self, leaves: Mapping[str, dict[str, LeafSteps]], past: list[str]) -> tuple[Hole, ...]:
        needs_price = self.case.price.computed or self.case.method in NEED_EVERY_PRICE
        holes: list[Hole] = []
        for vendor, bid in self.scored.items():
            marks = [] if self.case.method == YARDSTICK else self.marking.holes(bid, leaves[vendor])
            if not marks and needs_price and bid.price is None and vendor in past:
                marks = [Hole(vendor, "price", None)]
            holes += marks
        return tuple(holes)


def _best(figures: Iterable[Fraction | None]) -> Fraction | None:
    known = [figure for figure in figures if figure is not None]
    return max(known, default=exact.ZERO)
