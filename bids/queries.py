"""The only doors to rows of the bids wing: what a person may not see is not there."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from django.db.models import F, Q, QuerySet

from bids.choices import BidStatus, SubmissionKind
from bids.evaluation import case
from bids.evaluation.panel import panel_of
from bids.evaluation.tree import tree_of
from bids.models import Agreed, Attachment, Bid, Claim, Mark, Objection, Recusal, ScoreSheet, Submission
from procurement.choices import PRICED_STAGES, Kind, Role, Stage
from procurement.models import Criterion, CriterionUnit, Seat, Tender, User
from procurement.queries import tenders_visible_to


# --- bids ---------------------------------------------------------------------------------------------------
def bids_visible_to(user: User) -> QuerySet[Bid]:
    """A vendor's own bids at any time; to the bank opened ones, without those a member is recused from."""
    bids = Bid.objects.select_related("tender", "vendor").order_by("position", "pk")
    if user.role == Role.VENDOR:
        return bids.filter(vendor=user.vendor)
    return bids.filter(opened_at__isnull=False, tender__in=tenders_visible_to(user).values("pk")).exclude(
        pk__in=Recusal.objects.filter(seat__user=user).values("bid")
    )


def own_bid(user: User, tender: Tender) -> Bid | None:
    """The bid, or draft of one, of the vendor's person on the tender."""
    if user.role != Role.VENDOR:
        return None
    return bids_visible_to(user).filter(tender=tender).first()


def latest_submission(bid: Bid) -> Submission | None:
    """What the vendor handed in last, be it a withdrawal."""
    return bid.submissions.order_by("-number").first()


def standing_submission(bid: Bid) -> Submission | None:
    """The submission that counts: the latest, unless it is a withdrawal."""
    latest = latest_submission(bid)
    return latest if latest is not None and latest.kind == SubmissionKind.BID else None


def handed_in(tender: Tender) -> list[tuple[Bid, Submission]]:
    """Every bid on the tender that was ever handed in, with its latest submission, in order of receipt."""
    latest: dict[object, Submission] = {}
    rows = Submission.objects.filter(bid__tender=tender).select_related("bid__vendor", "bid__tender")
    for submission in rows.order_by("number"):
        latest[submission.bid_id] = submission
    ordered = sorted(latest.values(), key=lambda submission: (submission.at, submission.pk))
    return [(submission.bid, submission) for submission in ordered]


def attachments_visible_to(user: User) -> QuerySet[Attachment]:
    """Files of the bids a person sees; the bank sees those that the opened submission holds."""
    files = Attachment.objects.filter(bid__in=bids_visible_to(user).values("pk")).select_related(
        "bid__tender"
    )
    return files if user.role == Role.VENDOR else files.filter(removed=False)


def claims_visible_to(user: User) -> QuerySet[Claim]:
    """Answers of opened bids, with what the bank found; nothing of a withdrawn bid."""
    if user.role == Role.VENDOR:
        return Claim.objects.none()
    bids = bids_visible_to(user).exclude(status=BidStatus.WITHDRAWN)
    return Claim.objects.filter(bid__in=bids.values("pk")).select_related(
        "bid__tender", "bid__vendor", "requirement__unit", "requirement__owner__unit"
    )


# --- marks --------------------------------------------------------------------------------------------------
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

    `bids` are those in play, `seats` the whole panel, `counted` the seats whose marks count: present, and not
    out of the whole case by a recusal.
    """

    leaves: tuple[Leaf, ...]
    bids: tuple[Bid, ...]
    seats: tuple[Seat, ...]
    counted: frozenset[int]
    recused: frozenset[tuple[int, object]]

    def bids_of(self, seat: Seat) -> list[Bid]:
        """The bids that the seat judges, in order of receipt; none where its marks do not count."""
        if seat.pk not in self.counted:
            return []
        return [bid for bid in self.bids if (seat.pk, bid.pk) not in self.recused]

    def leaves_of(self, seat: Seat, *, price: bool) -> list[Leaf]:
        """The leaves that the seat's unit marks: the price, or all others."""
        return [leaf for leaf in self.leaves if leaf.is_price == price and seat.unit.code in leaf.units]

    def cells_of(self, seat: Seat, *, price: bool) -> Iterator[tuple[Leaf, Bid]]:
        """Every mark that the seat has to give."""
        for leaf in self.leaves_of(seat, price=price):
            for bid in self.bids_of(seat):
                yield leaf, bid

    def seats_with_cells(self, *, price: bool) -> list[Seat]:
        """The seats that have something to mark."""
        return [seat for seat in self.seats if any(self.cells_of(seat, price=price))]


def marking(tender: Tender) -> Marking:
    """Read who marks what, in five queries."""
    rows = {row.code: row for row in tender.criteria.select_related("parent", "tender").order_by("position")}
    units: dict[str, tuple[str, ...]] = {}
    for code, unit in CriterionUnit.objects.filter(criterion__tender=tender).values_list(
        "criterion__code", "unit__code"
    ):
        units[code] = (*units.get(code, ()), unit)
    seats = tuple(tender.seats.select_related("unit", "user").order_by("position"))
    recused = frozenset(Recusal.objects.filter(seat__tender=tender).values_list("seat_id", "bid_id"))
    bids = tender.bids.filter(opened_at__isnull=False, status=BidStatus.VALID).select_related("vendor")
    sketch = _sketch(tender, rows, units, seats, recused)
    tree = tree_of(sketch)
    return Marking(
        leaves=tuple(
            Leaf(
                rows[leaf.code],
                tree.scales[leaf.code],
                tree.effective[leaf.code],
                frozenset(leaf.units or sketch.units),
            )
            for leaf in tree.marked
        ),
        bids=tuple(bids.order_by("position")),
        seats=seats,
        counted=frozenset(
            seat.pk
            for seat in seats
            if seat.code in {member.code for member in panel_of(sketch, tree).counted}
        ),
        recused=recused,
    )


def _sketch(
    tender: Tender,
    rows: dict[str, Criterion],
    units: dict[str, tuple[str, ...]],
    seats: tuple[Seat, ...],
    recused: frozenset[tuple[int, object]],
) -> case.Case:
    """As much of the tender's case as the arithmetic needs to say who marks what, and how high."""
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
        panel=tuple(
            case.Member(
                code=seat.code,
                unit=seat.unit.code,
                present=seat.present,
                recused=tuple(str(bid) for who, bid in recused if who == seat.pk),
            )
            for seat in seats
        ),
    )


def cells_marked(seat: Seat) -> set[tuple[int, object]]:
    """Criterion and bid of every mark, abstentions too, that the seat has given."""
    return set(seat.marks.values_list("criterion_id", "bid_id"))


def cells_missing(plan: Marking, seat: Seat, *, price: bool = False) -> list[tuple[Leaf, Bid]]:
    """What the seat has not marked yet."""
    done = cells_marked(seat)
    return [
        (leaf, bid) for leaf, bid in plan.cells_of(seat, price=price) if (leaf.row.pk, bid.pk) not in done
    ]


def sheets_missing(tender: Tender, plan: Marking) -> list[Seat]:
    """Seats with something to mark whose sheet is not submitted."""
    submitted = set(ScoreSheet.objects.filter(seat__tender=tender).values_list("seat_id", flat=True))
    return [seat for seat in plan.seats_with_cells(price=False) if seat.pk not in submitted]


def marks_visible_to(user: User, tender: Tender, plan: Marking) -> QuerySet[Mark]:
    """One's own marks; those of submitted sheets once one's own is submitted.

    Officers, who mark nothing, see them when every sheet is in; the rest of the bank when they are locked.
    Marks on the price are seen by a member whose own are complete, by others once the tender is ranked.
    """
    marks = Mark.objects.filter(bid__tender=tender, bid__in=bids_visible_to(user).values("pk"))
    if user.role == Role.VENDOR:
        return marks.none()
    own = Q(seat__user=user)
    quality, price = ~Q(criterion__kind=Kind.PRICE), Q(criterion__kind=Kind.PRICE)
    seat = next((seat for seat in plan.seats if seat.user_id == user.pk), None)
    if tender.stage != Stage.TECHNICAL_OPENED:
        seen = own | quality
        ready = tender.stage in PRICED_STAGES - {Stage.PRICE_OPENED} or (
            seat in plan.seats_with_cells(price=True) and not cells_missing(plan, seat, price=True)
        )
        return marks.filter(seen | price if ready else seen)
    if seat is not None:
        ready = ScoreSheet.objects.filter(seat=seat).exists()
    else:
        ready = user.role == Role.OFFICER and not sheets_missing(tender, plan)
    return marks.filter(own | Q(seat__sheet__isnull=False) if ready else own)


def agreed_visible_to(user: User, tender: Tender, plan: Marking) -> QuerySet[Agreed]:
    """What the panel agreed on: for officers and the panel at first, for the rest of the bank once locked."""
    agreed = Agreed.objects.filter(bid__tender=tender, bid__in=bids_visible_to(user).values("pk"))
    if user.role == Role.VENDOR:
        return agreed.none()
    on_panel = any(seat.user_id == user.pk for seat in plan.seats)
    early = (user.role == Role.OFFICER or on_panel) and not sheets_missing(tender, plan)
    return agreed if early or tender.stage != Stage.TECHNICAL_OPENED else agreed.none()


# --- decision -----------------------------------------------------------------------------------------------
def objections_visible_to(user: User) -> QuerySet[Objection]:
    """Warnings on tenders that a person of the bank may know of, but for bids a member is recused from."""
    if user.role == Role.VENDOR:
        return Objection.objects.none()
    return (
        Objection.objects.filter(tender__in=tenders_visible_to(user).values("pk"))
        .exclude(bid__in=Recusal.objects.filter(seat__user=user).values("bid"))
        .select_related("tender", "bid__vendor", "requirement")
    )


# --- work ---------------------------------------------------------------------------------------------------
def tenders_in_progress(user: User) -> QuerySet[Tender]:
    """Tenders that the person may know of and that go on, the next deadline first."""
    return (
        tenders_visible_to(user)
        .exclude(stage__in=[Stage.AWARDED, Stage.CANCELLED])
        .order_by(F("deadline").asc(nulls_last=True), "reference")
    )


def seats_to_fill(tenders: Iterable[Tender]) -> QuerySet[Seat]:
    """Seats of those present whose sheet is not submitted, on tenders whose bids are being marked."""
    return (
        Seat.objects.filter(
            tender__in=tenders, tender__stage=Stage.TECHNICAL_OPENED, present=True, sheet__isnull=True
        )
        .select_related("unit", "user")
        .order_by("tender_id", "position")
    )


def claims_to_verify(user: User) -> QuerySet[Claim]:
    """Claims nobody has looked at, on requirements of the person, or of the unit where nobody is named."""
    unowned = Q(requirement__owner__isnull=True, requirement__unit=user.unit_id)
    accountable = Q(requirement__owner=user) | unowned
    return (
        claims_visible_to(user)
        .filter(accountable, bid__tender__stage=Stage.TECHNICAL_OPENED, bid__status=BidStatus.VALID)
        .filter(verified__isnull=True)
    )


def vendors_standing(user: User) -> dict[object, str]:
    """By tender the kind of the vendor's latest submission, empty for a draft never handed in."""
    standing: dict[object, str] = {}
    for bid in bids_visible_to(user).prefetch_related("submissions"):
        kinds = [submission.kind for submission in bid.submissions.all()]
        standing[bid.tender_id] = kinds[-1] if kinds else ""
    return standing
