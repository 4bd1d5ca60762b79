"""What the marks page says to who marks: one's own cells, by criterion or bidder, progress, what is left."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.utils import timezone

from bids import queries, rules
from bids.forms.scoring import MarkForm
from bids.models import Attachment, Bid, FirstOpinion, Mark, ScoreSheet
from bids.queries import Leaf
from procurement.choices import PRICED_STAGES
from procurement.models import Seat, Tender, User
from procurement.rules import Verdict

from .scoring_cells import Cell, Left, NavRow, anchor_of, fall, form_of

Key = tuple[int, object]


@dataclass(frozen=True, slots=True)
class Place:
    """Which cells are on the page: those of one criterion, or, where a bid is named, those of one bidder."""

    criterion: str = ""
    bid: str = ""

    @property
    def query(self) -> str:
        """The place as the query of an address."""
        if self.bid:
            return f"?bid={self.bid}"
        return f"?criterion={self.criterion}" if self.criterion else ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A mark that was not kept, as typed, of a bid on a criterion; stale where another window was first."""

    criterion: int
    bid: object
    form: MarkForm
    is_stale: bool = False


class ScoringContent:
    """The marks of one tender as a person gives them."""

    def __init__(
        self, user: User, tender: Tender, place: Place, now: datetime, refusal: Refusal | None = None
    ) -> None:
        self.user, self.tender, self.place, self._refusal = user, tender, place, refusal
        self.today = timezone.localdate(now)
        self.plan = queries.marking(tender)
        self.seat: Seat | None = next((seat for seat in self.plan.seats if seat.user_id == user.pk), None)
        self.price_phase = (
            tender.stage in PRICED_STAGES
            and not queries.is_marking(tender)
            and any(leaf.is_price for leaf in self.plan.leaves)
        )

    # --- who ------------------------------------------------------------------------------------------------
    @cached_property
    def sheet(self) -> ScoreSheet | None:
        """One's own submitted sheet."""
        return queries.submitted_sheets(self.tender).filter(seat=self.seat).first() if self.seat else None

    @cached_property
    def can_fill(self) -> Verdict:
        """Whether marks can be given now."""
        if self.seat is None:
            return rules.on_panel(None)
        rule = rules.can_mark_prices if self.price_phase else rules.can_fill_sheet
        return rule(self.user, self.seat)

    @property
    def can_abstain(self) -> Verdict:
        """Whether a mark may be withheld."""
        return rules.can_abstain(self.tender)

    @cached_property
    def masked(self) -> bool:
        """Whether bidders go by letters."""
        return queries.are_masked(self.tender, self.seat, self.plan, submitted=self.sheet is not None)

    @cached_property
    def names(self) -> dict[object, str]:
        """What the bidders are called on this page."""
        if self.masked and self.seat is not None:
            return queries.masked_names(self.tender, self.seat)
        return {bid.pk: str(bid) for bid in self.plan.bids}

    # --- one's own cells ------------------------------------------------------------------------------------
    @cached_property
    def own_bids(self) -> list[Bid]:
        """The bids that are one's own to mark, in the order of their letters where they have any."""
        bids = self.plan.bids_of(self.seat) if self.seat else []
        order = list(self.names) if self.masked else []
        return sorted(bids, key=lambda bid: order.index(bid.pk)) if order else bids

    @cached_property
    def own_leaves(self) -> list[Leaf]:
        """The criteria that are one's own to mark now."""
        if self.seat is None or not self.own_bids:
            return []
        return self.plan.leaves_of(self.seat, price=self.price_phase)

    @property
    def other_leaves(self) -> list[Leaf]:
        """The criteria that other units mark, or that are not marked in this stage or round."""
        own = {leaf.row.pk for leaf in self.own_leaves}
        return [leaf for leaf in self.plan.leaves if leaf.row.pk not in own]

    @cached_property
    def by_bid(self) -> bool:
        """Whether the page shows one bidder across the criteria."""
        return bool(self.place.bid and self.own_leaves)

    @cached_property
    def bid(self) -> Bid | None:
        """The bidder on the page: the chosen one, else the first; None where the page shows one criterion."""
        if not self.by_bid:
            return None
        chosen = [bid for bid in self.own_bids if str(bid.pk) == self.place.bid]
        return next(iter([*chosen, *self.own_bids]))

    @cached_property
    def leaf(self) -> Leaf | None:
        """The criterion on the page: the chosen one, else the first of one's own, else the first."""
        leaves = list(self.plan.leaves)
        chosen = [leaf for leaf in leaves if str(leaf.row.pk) == self.place.criterion]
        return next(iter([*chosen, *self.own_leaves, *leaves]), None)

    @property
    def top(self) -> str:
        """The top of the criterion's scale."""
        return rules.scale_figure(self.leaf.maximum) if self.leaf else ""

    @cached_property
    def marks(self) -> dict[Key, Mark]:
        """One's own marks of the round."""
        return {(mark.criterion_id, mark.bid_id): mark for mark in self._all if mark.round == self.plan.round}

    @cached_property
    def _all(self) -> list[Mark]:
        return list(self.seat.marks.order_by("round")) if self.seat else []

    @cached_property
    def _earlier(self) -> dict[Key, Mark]:
        """One's own last marks of earlier rounds."""
        return {(mark.criterion_id, mark.bid_id): mark for mark in self._all if mark.round < self.plan.round}

    @cached_property
    def _supports(self) -> queries.Supports:
        return queries.supports(self.tender, self.own_bids, self.today)

    @cached_property
    def opinions(self) -> dict[Key, FirstOpinion]:
        """What the working group thought, by criterion and bid."""
        rows = queries.first_opinions_visible_to(self.user).filter(bid__tender=self.tender)
        return {(row.criterion_id, row.bid_id): row for row in rows}

    @cached_property
    def _files(self) -> dict[tuple[int, object], list[Attachment]]:
        files: dict[tuple[int, object], list[Attachment]] = defaultdict(list)
        asked = queries.attachments_visible_to(self.user).filter(bid__in=self.own_bids)
        for file in asked.filter(requirement__criterion__isnull=False):
            files[file.requirement_id, file.bid_id].append(file)
        return files

    def _yardstick(self, leaf: Leaf, bid: Bid) -> rules.Yardstick:
        key = leaf.row.pk, bid.pk
        return rules.Yardstick(self.tender, leaf, self._supports.get(key), self.opinions.get(key))

    @cached_property
    def cells(self) -> list[Cell]:
        """One's own cells on the page; empty where they are not one's own to mark now."""
        if not self.own_leaves or not self.can_fill:
            return []
        if self.bid is not None:
            pairs = [(leaf, self.bid) for leaf in self.own_leaves]
        elif self.leaf in self.own_leaves:
            pairs = [(self.leaf, bid) for bid in self.own_bids]
        else:
            pairs = []
        return [self._cell(number, leaf, bid) for number, (leaf, bid) in enumerate(pairs, 1)]

    def _cell(self, number: int, leaf: Leaf, bid: Bid) -> Cell:
        key = leaf.row.pk, bid.pk
        mark, refusal = self.marks.get(key), self._refusal
        refused = refusal is not None and (refusal.criterion, refusal.bid) == key
        form = refusal.form if refused else form_of(mark)
        form.auto_id = f"id_{number}_%s"
        return Cell(
            number=number,
            bid=bid,
            name=self.names[bid.pk],
            leaf=leaf,
            mark=mark,
            earlier=self._earlier.get(key),
            yardstick=self._yardstick(leaf, bid),
            form=form,
            is_stale=refused and refusal.is_stale,
            files=self._files,
        )

    # --- progress, and what is left -------------------------------------------------------------------------
    def _dot(self, leaf: Leaf, bid: Bid) -> str:
        """How the square of a cell is drawn: done, without a number, to be looked at again, or open."""
        mark = self.marks.get((leaf.row.pk, bid.pk))
        if mark is None:
            return ""
        if not self.sheet and fall(self._yardstick(leaf, bid), mark):
            return "w"
        return "a" if mark.mark is None else "d"

    @cached_property
    def _dots(self) -> dict[Key, str]:
        """The square of every cell of one's own."""
        return {
            (leaf.row.pk, bid.pk): self._dot(leaf, bid) for leaf in self.own_leaves for bid in self.own_bids
        }

    @cached_property
    def rows(self) -> list[NavRow]:
        """The list at the left: one's own criteria, or one's own bidders."""
        if self.bid is not None:
            return [
                NavRow(
                    "",
                    self.names[bid.pk],
                    Place(bid=str(bid.pk)).query,
                    bid == self.bid,
                    [self._dots[leaf.row.pk, bid.pk] for leaf in self.own_leaves],
                )
                for bid in self.own_bids
            ]
        return [
            NavRow(
                leaf.row.code,
                leaf.row.shown_title,
                Place(criterion=str(leaf.row.pk)).query,
                leaf == self.leaf,
                [self._dots[leaf.row.pk, bid.pk] for bid in self.own_bids],
            )
            for leaf in self.own_leaves
        ]

    @property
    def here(self) -> int:
        """Which row of the list is on the page, from 1; 0 where none is."""
        return next((number for number, row in enumerate(self.rows, 1) if row.current), 0)

    @property
    def neighbours(self) -> tuple[NavRow | None, NavRow | None]:
        """The rows before and after it."""
        if not self.here:
            return None, None
        return (
            self.rows[self.here - 2] if self.here > 1 else None,
            self.rows[self.here] if self.here < len(self.rows) else None,
        )

    @property
    def ways(self) -> list[tuple[str, bool]]:
        """Where the page by criterion and the one by bidder are, and which of them this is."""
        leaf = self.leaf if self.leaf in self.own_leaves else self.own_leaves[0]
        bid = self.bid or self.own_bids[0]
        return [
            (Place(criterion=str(leaf.row.pk)).query, not self.by_bid),
            (Place(bid=str(bid.pk)).query, self.by_bid),
        ]

    @property
    def done(self) -> int:
        """How many of one's marks are given and stand."""
        return sum(dot in {"d", "a"} for dot in self._dots.values())

    @property
    def total(self) -> int:
        """How many marks are one's own to give."""
        return len(self._dots)

    @cached_property
    def left(self) -> list[Left]:
        """The cells that are still open or have to be looked at again, in the order of the page."""
        return list(self._left())

    def _left(self) -> Iterator[Left]:
        pairs = (
            [(leaf, bid) for bid in self.own_bids for leaf in self.own_leaves]
            if self.by_bid
            else [(leaf, bid) for leaf in self.own_leaves for bid in self.own_bids]
        )
        for leaf, bid in pairs:
            if self._dots[leaf.row.pk, bid.pk] in {"", "w"}:
                place = Place(bid=str(bid.pk)) if self.by_bid else Place(criterion=str(leaf.row.pk))
                here = bid == self.bid if self.by_bid else leaf == self.leaf
                text = f"{leaf.row.code} · {self.names[bid.pk]}"
                yield Left(place.query + anchor_of(leaf.row, bid), text, here)

    @property
    def next_left(self) -> Left | None:
        """Where to go on: the first open cell elsewhere, else one of this page."""
        return next((cell for cell in self.left if not cell.here), self.left[0] if self.left else None)
