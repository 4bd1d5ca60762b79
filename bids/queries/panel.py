"""Who bid, once it may be said, and where every seat stands with its declaration of interests."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from bids.choices import DeclarationOutcome, SubmissionKind
from bids.models import Bid, Declaration, Recusal, Submission
from procurement.choices import Role, Stage
from procurement.models import Seat, Tender, User
from procurement.queries import tenders_visible_to

from .bids import handed_in


def bidders_visible_to(user: User, tender: Tender) -> list[Bid]:
    """Who bid and did not withdraw, by name, from the naming on: to the bank, without those one is kept from.

    Names are all that may be known before the opening, so they stand by the alphabet: the order of receipt
    would tell more.
    """
    if user.role == Role.VENDOR or tender.bidders_named_at is None:
        return []
    kept_from = set(Recusal.objects.filter(seat__user=user, bid__tender=tender).values_list("bid", flat=True))
    return [bid for bid in bidders_of(tender) if bid.pk not in kept_from]


def bidders_of(tender: Tender) -> list[Bid]:
    """Who bid and did not withdraw, by name."""
    standing = [bid for bid, last in handed_in(tender) if last.kind == SubmissionKind.BID]
    return sorted(standing, key=lambda bid: (bid.vendor.name, str(bid.pk)))


def declarations_visible_to(user: User) -> QuerySet[Declaration]:
    """One's own; every one of the tenders in sight for officers, who act on them, and for auditors."""
    declarations = Declaration.objects.select_related("seat__tender", "seat__unit", "seat__user")
    if user.role in (Role.OFFICER, Role.AUDITOR):
        return declarations.filter(seat__tender__in=tenders_visible_to(user).values("pk"))
    return declarations.filter(seat__user=user)


def recusals_visible_to(user: User) -> QuerySet[Recusal]:
    """One's own, and those from the bids that one may see; officers see all of them."""
    recusals = Recusal.objects.select_related("seat__tender", "bid__vendor").filter(
        seat__tender__in=tenders_visible_to(user).values("pk")
    )
    if user.role == Role.MEMBER:
        kept_from = Recusal.objects.filter(seat__user=user).values("bid")
        return recusals.filter(Q(seat__user=user) | ~Q(bid__in=kept_from))
    return recusals.none() if user.role == Role.VENDOR else recusals


@dataclass(frozen=True)
class DeclarationState:
    """A seat, its last declaration, and the recusals entered for it; `bidders` are all of the tender's."""

    seat: Seat
    last: Declaration | None
    recusals: tuple[Recusal, ...]
    bidders: frozenset[object]

    @property
    def is_out(self) -> bool:
        """Whether the member is recused from every bid, so that there is nothing left to declare."""
        return bool(self.bidders) and self.bidders <= {recusal.bid_id for recusal in self.recusals}

    @property
    def is_asked(self) -> bool:
        """Whether somebody sits here whose word is needed: present, with an account, and not out."""
        return self.seat.user_id is not None and self.seat.present and bool(self.bidders) and not self.is_out

    @property
    def is_missing(self) -> bool:
        """Whether the member still has to declare, for the first time or anew."""
        return self.is_asked and (self.last is None or self.last.outcome == DeclarationOutcome.ASKED)

    @property
    def waits_for_officer(self) -> bool:
        """Whether a declared interest is not dealt with."""
        return self.is_asked and self.last is not None and self.last.waits_for_officer


def declaration_states(tender: Tender) -> list[DeclarationState]:
    """Every seat of the tender, in order, in a constant number of queries."""
    bidders = frozenset(bid.pk for bid in bidders_of(tender))
    last = {row.seat_id: row for row in Declaration.objects.filter(seat__tender=tender).order_by("number")}
    recusals: dict[int, list[Recusal]] = defaultdict(list)
    for row in Recusal.objects.filter(seat__tender=tender).select_related("bid__vendor"):
        recusals[row.seat_id].append(row)
    seats = tender.seats.select_related("unit", "user").order_by("position")
    return [DeclarationState(seat, last.get(seat.pk), tuple(recusals[seat.pk]), bidders) for seat in seats]


def last_declaration(seat: Seat) -> Declaration | None:
    """What the member on the seat signed last."""
    return seat.declarations.order_by("-number").first()


def seats_without_say(tenders: Iterable[Tender]) -> QuerySet[Seat]:
    """Seats of those who still have to declare, on tenders whose bidders are named and not opened."""
    said = Declaration.objects.filter(seat=OuterRef("pk")).exclude(outcome=DeclarationOutcome.ASKED)
    kept_from = Recusal.objects.filter(seat=OuterRef(OuterRef("pk")), bid=OuterRef("pk"))
    last = Submission.objects.filter(bid=OuterRef("pk")).order_by("-number").values("kind")[:1]
    left = Bid.objects.alias(last=Subquery(last)).filter(
        ~Exists(kept_from), tender=OuterRef("tender"), last=SubmissionKind.BID
    )
    return (
        Seat.objects.filter(tender__in=tenders, tender__stage=Stage.BIDDERS_NAMED)
        .filter(Exists(left), present=True, user__isnull=False)
        .exclude(Exists(said))
        .select_related("unit", "user")
        .order_by("tender_id", "position")
    )


def interests_to_settle(tenders: Iterable[Tender]) -> QuerySet[Declaration]:
    """Declared interests that wait for the officer."""
    return (
        Declaration.objects.filter(seat__tender__in=tenders, seat__present=True, outcome="")
        .filter(seat__tender__stage__in=[Stage.BIDDERS_NAMED, Stage.TECHNICAL_OPENED])
        .exclude(interests=[])
        .select_related("seat__tender")
    )
