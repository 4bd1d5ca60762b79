"""What the page of differences says: how many, which are largest, and who stands behind one of them."""

from collections import Counter
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from bids import queries, rules
from bids.actions.differences import (
    AGREEING,
    EXPLAINED,
    PENDING,
    RESOLVED,
    UNEXPLAINED,
    Item,
    items_of,
    thresholds_of,
    unresolved,
)
from bids.cases import case_document
from bids.choices import ResolutionKind
from bids.evaluation import Case, Result, evaluate, read_document
from bids.evaluation.differences import AMBER, GREEN, RED, agreement_before_prices
from bids.evaluation.result import DifferenceFlag
from bids.models import Bid, Resolution, ScoreSheet
from procurement.models import Criterion, Tender, Unit, User

#: So many are shown where none reaches a threshold.
LARGEST = 3

#: Paint of the chip of each state.
PAINTS = {PENDING: "no", RESOLVED: "ok", EXPLAINED: "ok", UNEXPLAINED: "warn", AGREEING: ""}

#: What the panel may decide about a flag that concerns a bid as a whole.
OF_A_BID = (ResolutionKind.KEEP, ResolutionKind.REMOVE, ResolutionKind.REDO)


@dataclass(frozen=True)
class Row:
    """One item in the list."""

    item: Item
    criterion: Criterion
    bid: Bid
    units: list[dict[str, Any]]
    selected: bool

    @property
    def name(self) -> str:
        """Criterion and bid, for the drawing's sentence."""
        return f"{self.criterion.code} {self.criterion.title}, {self.bid}"

    @property
    def is_red(self) -> bool:
        """Whether it is past the threshold from which the panel must decide."""
        return self.item.level == RED

    @property
    def chip(self) -> tuple[str, str]:
        """Paint and word of where it stands."""
        words = {
            PENDING: _("Pending"),
            RESOLVED: _("Resolved"),
            EXPLAINED: _("Explained"),
            UNEXPLAINED: _("Unexplained"),
            AGREEING: _("Below the threshold"),
        }
        return PAINTS[self.item.state], words[self.item.state]

    @property
    def query(self) -> str:
        """The address of its detail."""
        return f"?criterion={self.criterion.pk}&bid={self.bid.pk}"


class DifferencesContent:
    """The differences of the round that goes on, as one person may see them.

    `chosen` are the keys of the criterion and the bid whose detail is open. Raises `bids.evaluation.Refused`.
    """

    def __init__(
        self,
        user: User,
        tender: Tender,
        now: Any,
        chosen: tuple[str, str] = ("", ""),
        *,
        everything: bool = False,
    ) -> None:
        self.user, self.tender, self.now = user, tender, now
        self.everything, self._chosen = everything, chosen
        bids = queries.bids_visible_to(user).filter(tender=tender)
        self.bids = {bid.vendor.name: bid for bid in bids}
        self.case: Case = read_document(case_document(tender, now=now))
        self.seen = replace(self.case, bids=tuple(b for b in self.case.bids if b.vendor in self.bids))
        self.items = items_of(tender, self.seen)
        self.criteria = {row.code: row for row in tender.criteria.select_related("parent")}
        self.units = {unit.code: unit for unit in Unit.objects.all()}

    # --- overview -------------------------------------------------------------------------------------------
    @cached_property
    def counts(self) -> Counter[str]:
        """How many items there are of each level."""
        return Counter(item.level for item in self.items)

    @property
    def red(self) -> int:
        """Items that the panel decides about."""
        return self.counts[RED]

    @property
    def amber(self) -> int:
        """Items apart, and no more."""
        return self.counts[AMBER]

    @property
    def green(self) -> int:
        """Items below the thresholds."""
        return self.counts[GREEN]

    @property
    def pending(self) -> int:
        """Items about which the panel has not decided yet."""
        return len(unresolved(self.items))

    @cached_property
    def thresholds(self) -> Any:
        """The tender's thresholds, and in marks where every scale is the same."""
        return thresholds_of(self.tender)

    @cached_property
    def top(self) -> Fraction | None:
        """The top of the scale that all shown items share; None where they differ."""
        tops = {item.now.top for item in self.shown}
        return tops.pop() if len(tops) == 1 else None

    @property
    def bounds(self) -> dict[str, Fraction]:
        """The thresholds in marks where scales are alike, else as shares."""
        factor = self.top or Fraction(1)
        found = self.thresholds
        return {
            "unit_red": found.unit_red * factor,
            "unit_amber": found.unit_amber * factor,
            "member_red": found.member_red * factor,
        }

    @cached_property
    def sheets(self) -> list[ScoreSheet]:
        """The signed sheets of the round, in order of time."""
        return list(queries.submitted_sheets(self.tender).order_by("submitted_at"))

    @cached_property
    def result(self) -> Result | None:
        """The evaluation, once prices are open and the person sees every bid."""
        complete = len(self.seen.bids) == len(self.case.bids)
        return evaluate(self.case) if self.tender.is_priced and complete else None

    @cached_property
    def concordance(self) -> Fraction | None:
        """Kendall's W: of non-price totals before prices are open, of all totals after."""
        if self.result is not None:
            return self.result.panel.kendall_w if self.result.panel else None
        return agreement_before_prices(self.seen)

    @property
    def concordance_word(self) -> str:
        """W in words, by the bounds of Schmidt (1997), Decision Sciences 28(3), p. 767."""
        if self.concordance is None:
            return ""
        words = (
            (Fraction(9, 10), _("the members put the bids in almost the same order")),
            (Fraction(7, 10), _("the members put the bids in a similar order")),
            (Fraction(5, 10), _("the members’ orders agree moderately")),
            (Fraction(3, 10), _("the members’ orders agree weakly")),
            (Fraction(0), _("the members have hardly an order in common")),
        )
        return next(word for bound, word in words if self.concordance >= bound)

    @property
    def can_lock(self) -> bool:
        """Whether it is this person's to lock the marks, once nothing stands in the way."""
        return bool(rules.can_lock_marks(self.user, self.tender))

    # --- the list -------------------------------------------------------------------------------------------
    @cached_property
    def shown(self) -> list[Item]:
        """Items past a threshold; all of them where asked, the largest three where none is."""
        if self.everything:
            return self.items
        apart = [item for item in self.items if item.level != GREEN]
        return apart or self.items[:LARGEST]

    @cached_property
    def rows(self) -> list[Row]:
        """The list, largest difference first."""
        return [self.row(item) for item in self.shown]

    def row(self, item: Item) -> Row:
        """An item with the names that only the database knows."""
        return Row(
            item=item,
            criterion=self.criteria[item.now.code],
            bid=self.bids[item.now.vendor],
            units=[
                self.sign(code) | {"mark": mark, "first": item.first.units.get(code)}
                for code, mark in item.now.units.items()
            ],
            selected=self.chosen is not None and self.chosen.key == item.key,
        )

    @cached_property
    def _numbers(self) -> dict[str, int]:
        """Which unit of its side each unit of the panel is, from 0."""
        found: Counter[str] = Counter()
        numbers = {}
        for code in self.case.units:
            numbers[code] = found[self.units[code].kind]
            found[self.units[code].kind] += 1
        return numbers

    def sign(self, code: str) -> dict[str, Any]:
        """Name, side and number of a unit."""
        unit = self.units[code]
        return {"label": unit.name, "kind": unit.kind, "nth": self._numbers.get(code, 0)}

    @property
    def legend(self) -> list[dict[str, Any]]:
        """The panel's units."""
        return [self.sign(code) for code in self.case.units]

    # --- flags of the case file -----------------------------------------------------------------------------
    @cached_property
    def flags(self) -> list[dict[str, Any]]:
        """Marked differences by the published rule, once every mark and price is there."""
        if self.result is None or self.result.holes:
            return []
        settled = list(
            queries.resolutions_visible_to(self.user).filter(
                tender=self.tender, round=self.tender.round, bid__isnull=False, kind__in=OF_A_BID
            )
        )
        return [self._flag(flag, settled) for flag in self.result.marked_differences]

    def _flag(self, flag: DifferenceFlag, settled: list[Resolution]) -> dict[str, Any]:
        bid, criterion = self.bids[flag.vendor], self.criteria.get(flag.at or "")
        words = {
            "best_and_worst": _("one member ranks it first with a high total, another last with a low one"),
            "high_and_fail": _("a high total from one member, one below the pass mark from another"),
            "leaf_high_and_zero": _("a high mark from one member and a 0 from another"),
        }
        pk = criterion.pk if criterion else None
        return {
            "bid": bid,
            "criterion": criterion,
            "word": words[flag.flag],
            "query": f"?criterion={pk or ''}&bid={bid.pk}",
            "resolutions": [row for row in settled if row.bid_id == bid.pk and row.criterion_id == pk],
        }

    # --- which item is open -------------------------------------------------------------------------------
    @cached_property
    def chosen(self) -> Item | None:
        """The item whose detail is open: the one asked for, else the first."""
        criterion, bid = self._chosen
        for item in self.items:
            key = str(self.criteria[item.now.code].pk), str(self.bids[item.now.vendor].pk)
            if key == (criterion, bid):
                return item
        return None if bid else next(iter(self.shown), None)

    @cached_property
    def chosen_bid(self) -> Bid | None:
        """The bid of the detail, also where no criterion is chosen."""
        if self.chosen is not None:
            return self.bids[self.chosen.now.vendor]
        return next((bid for bid in self.bids.values() if str(bid.pk) == self._chosen[1]), None)
