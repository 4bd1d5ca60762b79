"""What a member has to mark now, as it goes into the member's score sheet and comes back from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from bids import queries, rules
from bids.choices import Absence
from bids.models import Bid, FirstOpinion, Mark
from bids.queries import Leaf
from procurement.choices import Stage
from procurement.models import Seat, User
from procurement.models.fields import plain
from procurement.rules import Verdict

#: A cell of a member's sheet: the keys of the criterion and of the bid.
Key = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Given:
    """A mark as a member gives it: a number, or why there is none; neither where it is not given yet."""

    mark: Decimal | None = None
    absence: str = ""
    comment: str = ""

    @property
    def figure(self) -> str:
        """The mark, or why there is none, in the reader's language; empty where it is not given yet."""
        if self.mark is not None:
            return plain(self.mark)
        return str(Absence(self.absence).label) if self.absence else ""


@dataclass(frozen=True, slots=True)
class OwnCell:
    """One bid on one criterion, what the member calls the bidder, and what was given so far."""

    leaf: Leaf
    bid: Bid
    name: str
    stored: Mark | None
    yardstick: rules.Yardstick

    @property
    def key(self) -> Key:
        """Criterion and bid."""
        return self.leaf.row.pk, str(self.bid.pk)

    @property
    def version(self) -> int:
        """The version of the stored mark; 0 where there is none."""
        return self.stored.version if self.stored else 0

    @property
    def given(self) -> Given:
        """The stored mark."""
        if self.stored is None:
            return Given()
        absence = "" if self.stored.mark is not None else self.stored.absence or Absence.ABSTAINED.value
        return Given(self.stored.mark, absence, self.stored.comment)


class OwnCells:
    """The cells that the member on a seat marks at this stage, on a day, by criterion and then by bidder."""

    def __init__(self, seat: Seat, today: date) -> None:
        self.seat, self.tender, self._today = seat, seat.tender, today
        self.plan = queries.marking(self.tender)

    @property
    def of_prices(self) -> bool:
        """Whether it is the price that is marked now."""
        opened = self.tender.stage == Stage.PRICE_OPENED and not queries.is_marking(self.tender)
        return opened and any(leaf.is_price for leaf in self.plan.leaves)

    def can_fill(self, actor: User) -> Verdict:
        """Whether the actor gives marks on this seat now."""
        rule = rules.can_mark_prices if self.of_prices else rules.can_fill_sheet
        return rule(actor, self.seat)

    @cached_property
    def _names(self) -> Mapping[object, str]:
        """What the member calls the bidders, in the member's order."""
        if queries.are_masked(self.tender, self.seat, self.plan, submitted=False):
            return queries.masked_names(self.tender, self.seat)
        return {bid.pk: str(bid) for bid in self.plan.bids}

    @cached_property
    def cells(self) -> list[OwnCell]:
        """All of them."""
        bids = {bid.pk: bid for bid in self.plan.bids_of(self.seat)}
        ordered = [bids[key] for key in self._names if key in bids]
        founded = queries.supports(self.tender, ordered, self._today)
        opinions: dict[tuple[int, object], FirstOpinion] = {
            (row.criterion_id, row.bid_id): row for row in FirstOpinion.objects.filter(bid__in=ordered)
        }
        marks = {
            (mark.criterion_id, mark.bid_id): mark for mark in self.seat.marks.filter(round=self.tender.round)
        }
        cells = []
        for leaf in self.plan.leaves_of(self.seat, price=self.of_prices):
            for bid in ordered:
                at = (leaf.row.pk, bid.pk)
                yardstick = rules.Yardstick(self.tender, leaf, founded.get(at), opinions.get(at))
                cells.append(OwnCell(leaf, bid, self._names[bid.pk], marks.get(at), yardstick))
        return cells

    @cached_property
    def by_key(self) -> dict[Key, OwnCell]:
        """The cells by criterion and bid."""
        return {cell.key: cell for cell in self.cells}
