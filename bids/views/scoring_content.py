"""What the marks page says: one's own criteria and progress, the cells of one of them, and others' marks."""

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from django.utils.translation import gettext as _

from bids import queries, rules
from bids.actions.scoring import scale_top
from bids.forms.panel import AgreedForm, MarkForm, steps_of
from bids.models import Agreed, Bid, Mark, ScoreSheet
from bids.queries import Leaf
from procurement.choices import PRICED_STAGES, Stage
from procurement.models import Seat, Tender, User
from procurement.models.fields import plain
from procurement.rules import Verdict


@dataclass(frozen=True)
class LeafRow:
    """A criterion in the list at the left: for each of one's bids whether it is marked."""

    leaf: Leaf
    done: list[bool]
    current: bool

    @property
    def count(self) -> int:
        """How many are marked."""
        return sum(self.done)


@dataclass(frozen=True)
class Cell:
    """One bid on the chosen criterion, with the form for one's own mark."""

    bid: Bid
    leaf: Leaf
    mark: Mark | None
    form: MarkForm

    @property
    def steps(self) -> list[int]:
        """The marks to choose from; empty where the scale is too long or too fine for that."""
        return steps_of(self.leaf.maximum)

    @property
    def typed(self) -> str:
        """The mark as it stands in the field; `x` for an abstention."""
        return str(self.form["mark"].value() or "")

    @property
    def state(self) -> tuple[str, str]:
        """Paint and word of the chip."""
        if self.form.errors:
            return "no", _("Not saved")
        if self.mark is None:
            return "", _("Not yet marked")
        return ("", _("Abstained")) if self.mark.mark is None else ("ok", _("Saved"))


@dataclass(frozen=True)
class Others:
    """One bid on the chosen criterion as others marked it, and what the panel agreed on."""

    bid: Bid
    marks: list[Mark | None]
    agreed: Agreed | None
    form: AgreedForm | None


class ScoringContent:
    """The marks of one tender as a person may see them; `faulty` is the bid and form of a refused mark,
    `refused` the form of a refused agreed one."""

    def __init__(
        self,
        user: User,
        tender: Tender,
        chosen: str,
        faulty: tuple[object, MarkForm] | None = None,
        refused: AgreedForm | None = None,
    ) -> None:
        self.user, self.tender, self._chosen, self._faulty = user, tender, chosen, faulty
        self._refused = refused
        self.plan = queries.marking(tender)
        self.seat: Seat | None = next((seat for seat in self.plan.seats if seat.user_id == user.pk), None)
        self.price_phase = tender.stage in PRICED_STAGES and any(leaf.is_price for leaf in self.plan.leaves)

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

    @cached_property
    def _own(self) -> dict[tuple[int, object], Mark]:
        if self.seat is None:
            return {}
        marks = self.seat.marks.filter(round=self.tender.round)
        return {(mark.criterion_id, mark.bid_id): mark for mark in marks}

    @cached_property
    def own_leaves(self) -> list[LeafRow]:
        """The criteria that are one's own to mark now."""
        if self.seat is None:
            return []
        bids = self.plan.bids_of(self.seat)
        return [
            LeafRow(leaf, [(leaf.row.pk, bid.pk) in self._own for bid in bids], leaf == self.leaf)
            for leaf in self.plan.leaves_of(self.seat, price=self.price_phase)
            if bids
        ]

    @property
    def other_leaves(self) -> list[Leaf]:
        """The criteria that other units mark, or that are not marked in this stage."""
        own = {row.leaf.row.pk for row in self.own_leaves}
        return [leaf for leaf in self.plan.leaves if leaf.row.pk not in own]

    @property
    def done(self) -> int:
        """How many of one's marks are given."""
        return sum(row.count for row in self.own_leaves)

    @property
    def total(self) -> int:
        """How many marks are one's own to give."""
        return sum(len(row.done) for row in self.own_leaves)

    @property
    def left(self) -> int:
        """How many of them are still missing."""
        return self.total - self.done

    @cached_property
    def leaf(self) -> Leaf | None:
        """The criterion on the page: the chosen one, else the first of one's own, else the first."""
        leaves = list(self.plan.leaves)
        chosen = [leaf for leaf in leaves if str(leaf.row.pk) == self._chosen]
        own = self.plan.leaves_of(self.seat, price=self.price_phase) if self.seat else []
        return next(iter([*chosen, *own, *leaves]), None)

    @property
    def top(self) -> str:
        """The top of the criterion's scale."""
        return scale_top(self.leaf.maximum) if self.leaf else ""

    @property
    def worth(self) -> Fraction | None:
        """What the criterion is worth, in points."""
        return self.leaf.points if self.leaf else None

    @property
    def neighbours(self) -> tuple[LeafRow | None, LeafRow | None]:
        """The criteria before and after it among one's own."""
        rows = self.own_leaves
        here = next((i for i, row in enumerate(rows) if row.current), None)
        if here is None:
            return None, None
        return rows[here - 1] if here else None, rows[here + 1] if here + 1 < len(rows) else None

    @cached_property
    def cells(self) -> list[Cell]:
        """One's own cells on the criterion; empty where it is not one's own to mark now."""
        leaf, seat = self.leaf, self.seat
        if (
            leaf is None
            or seat is None
            or leaf not in [row.leaf for row in self.own_leaves]
            or not self.can_fill
        ):
            return []
        return [self._cell(leaf, bid) for bid in self.plan.bids_of(seat)]

    def _cell(self, leaf: Leaf, bid: Bid) -> Cell:
        mark = self._own.get((leaf.row.pk, bid.pk))
        if self._faulty and self._faulty[0] == bid.pk:
            return Cell(bid, leaf, mark, self._faulty[1])
        given = "" if mark is None else MarkForm.ABSTAIN if mark.mark is None else plain(mark.mark)
        initial = {
            "mark": given,
            "comment": mark.comment if mark else "",
            "version": mark.version if mark else 0,
        }
        return Cell(bid, leaf, mark, MarkForm(initial=initial, auto_id=f"id_{bid.position}_%s"))

    @property
    def can_abstain(self) -> Verdict:
        """Whether a mark may be withheld."""
        return rules.can_abstain(self.tender)

    # --- what others gave -----------------------------------------------------------------------------------
    @cached_property
    def _seen(self) -> dict[object, dict[int, Mark]]:
        """The marks on the criterion that this person may see, by bid and seat."""
        seen: dict[object, dict[int, Mark]] = defaultdict(dict)
        if self.leaf is not None:
            for mark in queries.marks_visible_to(self.user, self.tender, self.plan).filter(
                criterion=self.leaf.row
            ):
                seen[mark.bid_id][mark.seat_id] = mark
        return seen

    @cached_property
    def members(self) -> list[Seat]:
        """The seats whose marks on the criterion this person may see."""
        shown = {seat for marks in self._seen.values() for seat in marks}
        return [seat for seat in self.plan.seats if seat.pk in shown]

    @cached_property
    def complete(self) -> bool:
        """Whether every sheet is in, so that the panel can agree."""
        return not queries.sheets_missing(self.tender, self.plan)

    @cached_property
    def can_agree(self) -> Verdict:
        """Whether this person may enter agreed marks on the criterion now."""
        if self.leaf is None:
            return Verdict(False)
        verdict = rules.can_agree(self.user, self.leaf.row)
        if self.tender.stage != Stage.TECHNICAL_OPENED or self.complete:
            return verdict
        return verdict & Verdict(False, _("The panel can agree once every sheet is submitted."))

    @cached_property
    def others(self) -> list[Others]:
        """The reading table; empty while one's own marks are not submitted."""
        if self.leaf is None or self.cells:
            return []
        agreed = {
            row.bid_id: row
            for row in queries.agreed_visible_to(self.user, self.tender, self.plan).filter(
                criterion=self.leaf.row
            )
        }
        hidden = {bid for seat, bid in self.plan.recused if self.seat and seat == self.seat.pk}
        return [
            Others(
                bid,
                [self._seen[bid.pk].get(seat.pk) for seat in self.members],
                agreed.get(bid.pk),
                self._agreed_form(bid, agreed.get(bid.pk)),
            )
            for bid in self.plan.bids
            if bid.pk not in hidden
        ]

    def _agreed_form(self, bid: Bid, agreed: Agreed | None) -> AgreedForm | None:
        if not self.can_agree:
            return None
        if self._refused is not None and self._refused["bid"].value() == str(bid.pk):
            return self._refused
        initial = {"bid": bid.pk}
        if agreed is not None:
            initial |= {"mark": agreed.mark, "replaces": agreed.mark, "reason": agreed.reason}
        return AgreedForm(
            initial=initial, bids=Bid.objects.filter(tender=self.tender), auto_id=f"id_{bid.position}_%s"
        )
