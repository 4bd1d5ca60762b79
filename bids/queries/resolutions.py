"""Decisions of the panel, who had a say in them, and the rounds that they opened."""

from django.db.models import QuerySet

from bids.models import Bid, Dissent, LotDraw, Recusal, Resolution, Round
from procurement.choices import Aggregation, Method, Profile, Role
from procurement.models import Seat, Tender, User
from procurement.queries import tenders_visible_to

from .bids import bids_kept_from
from .marking import marking, may_read_round, sheets_missing, submitted_sheets


def all_sheets_in(tender: Tender) -> bool:
    """Whether every member with something to mark has submitted the sheet of the round that goes on."""
    return submitted_sheets(tender).exists() and not sheets_missing(tender, marking(tender))


def is_told_the_round(user: User, tender: Tender) -> bool:
    """Whether every sheet of the round is in, and the person may be told what others gave.

    Where every seat has submitted that takes two queries; otherwise only the whole plan tells who has nothing
    to mark, and who is absent since when.
    """
    submitted = submitted_sheets(tender)
    if not submitted.exists():
        return False
    if not tender.seats.exclude(pk__in=submitted.values("seat")).exists():
        return True
    plan = marking(tender)
    return not sheets_missing(tender, plan) and may_read_round(user, tender, plan)


def recusal_is_of_all(tender: Tender) -> bool:
    """Whether who is out of one bid is out of the whole case (case file, Panel)."""
    return (
        tender.profile == Profile.TW_PUBLIC
        or tender.aggregation == Aggregation.SUM
        or tender.method == Method.RANK_SUM
    )


def electorate(tender: Tender, bid: Bid | None) -> list[Seat]:
    """The seats that have a say on a bid, or, without one, on what concerns every bid; absent ones, too.

    Who is recused from a bid has none on it, nor on what concerns all of them.
    """
    recusals = Recusal.objects.filter(seat__tender=tender)
    if bid is not None and not recusal_is_of_all(tender):
        recusals = recusals.filter(bid=bid)
    seats = tender.seats.exclude(pk__in=recusals.values("seat")).select_related("unit", "user")
    return list(seats.order_by("position"))


def resolutions_visible_to(user: User) -> QuerySet[Resolution]:
    """What panels decided on tenders that a person of the bank may know of, newest last.

    A member does not see what was decided on a bid that the member is kept from.
    """
    resolutions = Resolution.objects.select_related(
        "tender", "criterion", "bid__vendor", "seat__unit"
    ).prefetch_related("dissents__seat", "rounds")
    if user.role == Role.VENDOR:
        return resolutions.none()
    return (
        resolutions.filter(tender__in=tenders_visible_to(user).values("pk"))
        .exclude(bid__in=bids_kept_from(user).values("pk"))
        .order_by("tender", "number")
    )


def dissents_visible_to(user: User) -> QuerySet[Dissent]:
    """Differing opinions on the resolutions that the person sees."""
    return Dissent.objects.filter(resolution__in=resolutions_visible_to(user).values("pk"))


def rounds_visible_to(user: User) -> QuerySet[Round]:
    """Rounds opened again; they hold every bid, so they are not for a member kept from one."""
    rounds = Round.objects.select_related("tender", "resolution").order_by("number")
    if user.role == Role.VENDOR:
        return rounds.none()
    kept_from = bids_kept_from(user).values("tender")
    return rounds.filter(tender__in=tenders_visible_to(user).values("pk")).exclude(tender__in=kept_from)


def lot_draws_visible_to(user: User) -> QuerySet[LotDraw]:
    """Drawings of lots, for the bank; not for a member kept from a bid of the tender."""
    draws = LotDraw.objects.select_related("tender", "resolution").order_by("pk")
    if user.role == Role.VENDOR:
        return draws.none()
    kept_from = bids_kept_from(user).values("tender")
    return draws.filter(tender__in=tenders_visible_to(user).values("pk")).exclude(tender__in=kept_from)
