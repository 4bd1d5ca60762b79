"""Who marks what in which round, and whose marks a person may see."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from django.db.models import F, Q, QuerySet

from bids.choices import BidStatus, ResolutionKind
from bids.evaluation import case
from bids.evaluation.panel import panel_of
from bids.evaluation.tree import Tree, tree_of
from bids.models import (
    Agreed,
    Bid,
    Mark,
    Recusal,
    Resolution,
    Round,
    ScoreSheet,
)
from procurement.choices import PRICED_STAGES, Kind, Role, Stage
from procurement.models import Criterion, CriterionUnit, Seat, Tender, User

from .bids import bids_visible_to


class Rounds:
    """In which round each leaf was marked last, as seen from one round."""

    def __init__(self, tender: Tender, number: int) -> None:
        self.number = number
        later = Round.objects.filter(tender=tender, number__lte=number).order_by("number")
        self._again = {row.number: frozenset(row.criteria) for row in later} if number > 1 else {}

    def of(self, criterion: str) -> int:
        """The number of the round whose marks on the leaf stand."""
        return max((number for number, codes in self._again.items() if criterion in codes), default=1)

    @property
    def marked_now(self) -> frozenset[str] | None:
        """Codes of the leaves that are marked in this round; None for all of them."""
        return self._again.get(self.number)


def removals(tender: Tender, round_number: int) -> list[tuple[int, Bid]]:
    """Seat and bid of every result that the panel removed, up to the round; without a bid it was of all."""
    rows = Resolution.objects.filter(
        tender=tender, kind=ResolutionKind.REMOVE, round__lte=round_number
    ).select_related("bid__vendor")
    if not rows:
        return []
    bids = list(tender.bids.filter(opened_at__isnull=False).select_related("vendor").order_by("position"))
    return [(row.seat_id, bid) for row in rows for bid in ([row.bid] if row.bid else bids) if row.seat_id]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A criterion that people mark: the top of its scale, what it is worth in points, and who marks it."""

    row: Criterion
    maximum: Fraction
    points: Fraction
    units: frozenset[str]

    @property
    def is_price(self) -> bool:
        """Whether the panel marks the price with it, and so after the prices are opened."""
        return self.row.kind == Kind.PRICE


@dataclass(frozen=True)
class Marking:
    """Who marks what on a tender, by the rules of its evaluation.

    `bids` are those in play, `seats` the whole panel, `members` the seats that no recusal puts out of the
    whole case, `counted` those of them who are present: their marks count. `recused` are seats and bids that
    are kept apart, `removed` those whose result the panel took out; `marked_now` the codes of the leaves that
    this round marks, None for all.
    """

    leaves: tuple[Leaf, ...]
    bids: tuple[Bid, ...]
    seats: tuple[Seat, ...]
    members: frozenset[int]
    counted: frozenset[int]
    recused: frozenset[tuple[int, object]]
    removed: frozenset[tuple[int, object]]
    round: int
    marked_now: frozenset[str] | None

    def bids_of(self, seat: Seat) -> list[Bid]:
        """The bids that the seat judges, in order of receipt; none where its marks do not count."""
        if seat.pk not in self.counted:
            return []
        return [bid for bid in self.bids if (seat.pk, bid.pk) not in self.recused | self.removed]

    def leaves_of(self, seat: Seat, *, price: bool) -> list[Leaf]:
        """The leaves that the seat's unit marks in this round: the price, or all others."""
        return [
            leaf
            for leaf in self.leaves
            if leaf.is_price == price
            and seat.unit.code in leaf.units
            and (self.marked_now is None or leaf.row.code in self.marked_now)
        ]

    def counts(self, mark: Mark) -> bool:
        """Whether it is a number, of a member who is present and judges the bid."""
        judges = (
            mark.seat_id in self.counted and (mark.seat_id, mark.bid_id) not in self.recused | self.removed
        )
        return mark.mark is not None and judges

    def cells_of(self, seat: Seat, *, price: bool) -> Iterator[tuple[Leaf, Bid]]:
        """Every mark that the seat has to give."""
        for leaf in self.leaves_of(seat, price=price):
            for bid in self.bids_of(seat):
                yield leaf, bid

    def could_mark(self, seat: Seat) -> bool:
        """Whether the seat has something to mark in this round, or would have if it were present."""
        apart = self.recused | self.removed
        return (
            seat.pk in self.members
            and bool(self.leaves_of(seat, price=False))
            and any((seat.pk, bid.pk) not in apart for bid in self.bids)
        )

    def seats_with_cells(self, *, price: bool) -> list[Seat]:
        """The seats that have something to mark."""
        return [seat for seat in self.seats if any(self.cells_of(seat, price=price))]


@dataclass(frozen=True)
class Asked:
    """What a tender asks of those who mark it: from its publication on it never changes."""

    rows: dict[str, Criterion]
    sketch: case.Case
    tree: Tree


def asked(tender: Tender) -> Asked:
    """Read what those who mark are asked, in two queries."""
    rows = {row.code: row for row in _criteria(tender)}
    units: dict[str, tuple[str, ...]] = {}
    for code, unit in CriterionUnit.objects.filter(criterion__tender=tender).values_list(
        "criterion__code", "unit__code"
    ):
        units[code] = (*units.get(code, ()), unit)
    sketch = _sketch(tender, rows, units)
    return Asked(rows, sketch, tree_of(sketch))


def marking(tender: Tender, known: Asked | None = None) -> Marking:
    """Read who marks what in the round that goes on, in six queries, or eight from the second round on.

    It is two fewer where what is `asked` is known already.
    """
    known = known or asked(tender)
    tree = known.tree
    seats = tuple(tender.seats.select_related("unit", "user").order_by("position"))
    recused = frozenset(Recusal.objects.filter(seat__tender=tender).values_list("seat_id", "bid_id"))
    removed = frozenset((seat, bid.pk) for seat, bid in removals(tender, tender.round))
    bids = tender.bids.filter(opened_at__isnull=False, status=BidStatus.VALID).select_related("vendor")
    sketch = replace(known.sketch, panel=_panel(seats, recused | removed))
    panel = panel_of(sketch, tree)
    return Marking(
        leaves=tuple(
            Leaf(
                known.rows[leaf.code],
                tree.scales[leaf.code],
                tree.effective[leaf.code],
                frozenset(leaf.units or sketch.units),
            )
            for leaf in tree.marked
        ),
        bids=tuple(bids.order_by("position")),
        seats=seats,
        members=_keys(seats, panel.members),
        counted=_keys(seats, panel.counted),
        recused=recused,
        removed=removed,
        round=tender.round,
        marked_now=Rounds(tender, tender.round).marked_now,
    )


def _criteria(tender: Tender) -> list[Criterion]:
    """The criteria with their parents. A join would read the tender and the parent once for every row."""
    rows = list(tender.criteria.order_by("position"))
    by_key = {row.pk: row for row in rows}
    for row in rows:
        row.parent = by_key[row.parent_id] if row.parent_id else None
    return rows


def _keys(seats: Iterable[Seat], members: Iterable[case.Member]) -> frozenset[int]:
    """The keys of the members' seats."""
    codes = {member.code for member in members}
    return frozenset(seat.pk for seat in seats if seat.code in codes)


def _sketch(
    tender: Tender,
    rows: dict[str, Criterion],
    units: dict[str, tuple[str, ...]],
) -> case.Case:
    """As much of the tender's case as the arithmetic needs to say who marks what, and how high; no panel."""
    return case.Case(
        reference=tender.reference,
        title=tender.title,
        criteria=tuple(
            case.Criterion(
                code=row.code,
                title=row.title,
                weight=Fraction(row.weight),
                parent=row.parent.code if row.parent else None,
                kind=row.kind or None,
                maximum=None if row.maximum is None else Fraction(row.maximum),
                units=units.get(row.code),
            )
            for row in rows.values()
        ),
        bids=(),
        profile=tender.profile,
        method=tender.method,
        aggregation=tender.aggregation,
        total_points=Fraction(tender.total_points),
        price=case.Price(formula=tender.price_formula),
        panel=(),
    )


def _panel(seats: tuple[Seat, ...], recused: frozenset[tuple[int, object]]) -> tuple[case.Member, ...]:
    return tuple(
        case.Member(
            code=seat.code,
            unit=seat.unit.code,
            present=seat.present,
            recused=tuple(str(bid) for who, bid in recused if who == seat.pk),
        )
        for seat in seats
    )


def cells_marked(seat: Seat, round_number: int) -> set[tuple[int, object]]:
    """Criterion and bid of every mark, abstentions too, that the seat has given in the round."""
    return set(seat.marks.filter(round=round_number).values_list("criterion_id", "bid_id"))


def cells_missing(plan: Marking, seat: Seat, *, price: bool = False) -> list[tuple[Leaf, Bid]]:
    """What the seat has not marked yet in this round."""
    done = cells_marked(seat, plan.round)
    return [
        (leaf, bid) for leaf, bid in plan.cells_of(seat, price=price) if (leaf.row.pk, bid.pk) not in done
    ]


def has_marks(plan: Marking, bid: Bid, criterion: Criterion) -> bool:
    """Whether a mark that counts stands on the item."""
    number = Rounds(criterion.tender, plan.round).of(criterion.code)
    return any(plan.counts(row) for row in bid.marks.filter(criterion=criterion, round=number))


def sheets_missing(tender: Tender, plan: Marking) -> list[Seat]:
    """Seats with something to mark in this round whose sheet is not submitted."""
    submitted = set(submitted_sheets(tender).values_list("seat_id", flat=True))
    return [seat for seat in plan.seats_with_cells(price=False) if seat.pk not in submitted]


def sheets_awaited(tender: Tender, plan: Marking) -> list[Seat]:
    """Seats whose sheet must be in before somebody who does not mark is told what others gave.

    Those are all who could mark when the round began: an absence that is entered later must not show marks
    to whoever entered it.
    """
    submitted = set(submitted_sheets(tender).values_list("seat_id", flat=True))
    began = _began(tender)
    return [
        seat
        for seat in plan.seats
        if seat.pk not in submitted
        and plan.could_mark(seat)
        and (seat.present or (began and seat.absent_since and seat.absent_since >= began))
    ]


def _began(tender: Tender) -> datetime | None:
    """When the round that goes on began."""
    if tender.round == 1:
        return tender.opened_at
    return tender.rounds.filter(number=tender.round).values_list("opened_at", flat=True).first()


def may_read_round(user: User, tender: Tender, plan: Marking) -> bool:
    """Whether the person may be told what others gave in the round that is being marked.

    A member once the own sheet is in, be it that the member is entered as absent meanwhile. The officer, and
    a member with nothing to mark, once every sheet is in. Nobody else before the marks are locked.
    """
    seat = next((seat for seat in plan.seats if seat.user_id == user.pk), None)
    if seat is not None and plan.could_mark(seat):
        return submitted_sheets(tender).filter(seat=seat).exists()
    return (user.role == Role.OFFICER or seat is not None) and not sheets_awaited(tender, plan)


def may_read_ranking(user: User, tender: Tender) -> bool:
    """Whether a ranking tells the person nothing of a round that is being marked: it rests on every mark.

    While a later round goes on it is shown once every sheet is in that anybody waits for, and to a member who
    could still mark in it only with the own sheet.
    """
    if not is_marking(tender):
        return True
    plan = marking(tender)
    on_panel = any(seat.user_id == user.pk for seat in plan.seats)
    return not sheets_awaited(tender, plan) and (not on_panel or may_read_round(user, tender, plan))


def submitted_sheets(tender: Tender) -> QuerySet[ScoreSheet]:
    """The sheets of the round that goes on."""
    return ScoreSheet.objects.filter(seat__tender=tender, round=tender.round)


def is_marking(tender: Tender) -> bool:
    """Whether the members mark now: after the opening, and again in a round that was opened after the prices.

    A later round that was locked with all marks stays locked.
    """
    if tender.stage != Stage.PRICE_OPENED or tender.round == 1:
        return tender.stage == Stage.TECHNICAL_OPENED
    return tender.rounds.filter(number=tender.round, opened_at__gte=F("tender__priced_at")).exists()


def marks_visible_to(user: User, tender: Tender, plan: Marking) -> QuerySet[Mark]:
    """One's own marks; those of submitted sheets of the round once one's own is submitted; earlier rounds.

    Officers, who mark nothing, see a round when every sheet of those is in who were there when it began; the
    rest of the bank when it is locked. Marks on the price are seen by a member whose own are complete, by
    others once the tender is ranked.
    """
    marks = Mark.objects.filter(bid__tender=tender, bid__in=bids_visible_to(user).values("pk"))
    if user.role == Role.VENDOR:
        return marks.none()
    own = Q(seat__user=user)
    seat = next((seat for seat in plan.seats if seat.user_id == user.pk), None)
    quality, price = ~Q(criterion__kind=Kind.PRICE), Q(criterion__kind=Kind.PRICE)
    submitted = submitted_sheets(tender)
    if is_marking(tender):
        ready = may_read_round(user, tender, plan)
        past = Q(round__lt=tender.round) if seat is not None or user.role == Role.OFFICER else Q(pk=None)
        this_round = quality & Q(round=tender.round, seat__in=submitted.values("seat"))
        return marks.filter(own | (past & quality) | this_round if ready else own | (past & quality))
    seen = own | quality
    ready = tender.stage in PRICED_STAGES - {Stage.PRICE_OPENED} or (
        seat in plan.seats_with_cells(price=True) and not cells_missing(plan, seat, price=True)
    )
    return marks.filter(seen | price if ready else seen)


def agreed_visible_to(user: User, tender: Tender, plan: Marking) -> QuerySet[Agreed]:
    """What the panel agreed on: for officers, who enter it, and for who may read the round.

    The rest of the bank sees it once the marks are locked.
    """
    agreed = Agreed.objects.filter(bid__tender=tender, bid__in=bids_visible_to(user).values("pk"))
    if user.role == Role.VENDOR:
        return agreed.none()
    early = may_read_round(user, tender, plan)
    early = early or (user.role == Role.OFFICER and not sheets_missing(tender, plan))
    return agreed if early or not is_marking(tender) else agreed.filter(round__lt=tender.round)
