"""What waits for a person."""

from collections.abc import Iterable
from datetime import date, datetime, time

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from bids.choices import Answer, BidStatus
from bids.models import (
    Bid,
    Claim,
    Recusal,
    ScoreSheet,
)
from procurement.choices import Stage, UnitKind
from procurement.models import Seat, Tender, User
from procurement.queries import tenders_visible_to

from .bids import bids_visible_to, claims_visible_to


def end_of(day: date) -> datetime:
    """The last moment of a day in Taipei: what is due on it is late only after that."""
    return timezone.make_aware(datetime.combine(day, time.max))


def tenders_in_progress(user: User) -> QuerySet[Tender]:
    """Tenders that the person may know of and that go on, the next deadline first."""
    return (
        tenders_visible_to(user)
        .exclude(stage__in=[Stage.AWARDED, Stage.CANCELLED])
        .order_by(F("deadline").asc(nulls_last=True), "reference")
    )


def seats_to_fill(tenders: Iterable[Tender]) -> QuerySet[Seat]:
    """Seats of those present whose sheet is not submitted, on tenders whose bids are being marked.

    Who is recused from every bid in play has nothing to mark.
    """
    kept_from = Recusal.objects.filter(seat=OuterRef(OuterRef("pk")), bid=OuterRef("pk"))
    in_play = Bid.objects.filter(
        tender=OuterRef("tender"), opened_at__isnull=False, status=BidStatus.VALID
    ).exclude(Exists(kept_from))
    return (
        Seat.objects.filter(Exists(in_play), tender__in=tenders, present=True)
        .filter(
            Q(tender__stage=Stage.TECHNICAL_OPENED) | Q(tender__stage=Stage.PRICE_OPENED, tender__round__gt=1)
        )
        .exclude(pk__in=ScoreSheet.objects.filter(round=F("seat__tender__round")).values("seat"))
        .select_related("unit", "user")
        .order_by("tender_id", "position")
    )


def claims_to_verify(user: User) -> QuerySet[Claim]:
    """Claims nobody has looked at, on requirements of the person, or of the unit where nobody is named.

    To security also what a vendor calls not applicable, whoever is accountable for it.
    """
    unowned = Q(requirement__owner__isnull=True, requirement__unit=user.unit_id)
    accountable = Q(requirement__owner=user) | unowned
    if user.unit is not None and user.unit.kind == UnitKind.SECURITY:
        accountable |= Q(answer=Answer.NOT_APPLICABLE)
    return (
        claims_visible_to(user)
        .filter(accountable, bid__tender__stage=Stage.TECHNICAL_OPENED, bid__status=BidStatus.VALID)
        .filter(verified__isnull=True, not_applicable_by="")
    )


def vendors_standing(user: User) -> dict[object, str]:
    """By tender the kind of the vendor's latest submission, empty for a draft never handed in."""
    standing: dict[object, str] = {}
    for bid in bids_visible_to(user).prefetch_related("submissions"):
        kinds = [submission.kind for submission in bid.submissions.all()]
        standing[bid.tender_id] = kinds[-1] if kinds else ""
    return standing
