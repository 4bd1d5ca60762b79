"""Waivers and accepted risks: those a person sees, has to sign, and should renew."""

from datetime import date, datetime

from django.db.models import Q, QuerySet

from bids.choices import BidStatus
from bids.models import Award, Waiver
from bids.models.waiver import SOON
from procurement.choices import PRICED_STAGES, Role, Stage, UnitKind
from procurement.models import Tender, User

from .awards import award_of
from .bids import bids_visible_to, claims_visible_to


def waivers_visible_to(user: User) -> QuerySet[Waiver]:
    """Those on claims that a person of the bank reads; all of a tender whose ranking may be seen."""
    if user.role == Role.VENDOR:
        return Waiver.objects.none()
    ranked = bids_visible_to(user).filter(tender__stage__in=PRICED_STAGES)
    ranked = ranked.exclude(status=BidStatus.WITHDRAWN)
    return Waiver.objects.filter(
        Q(claim__in=claims_visible_to(user).values("pk")) | Q(claim__bid__in=ranked.values("pk"))
    ).select_related("claim__bid__tender", "claim__bid__vendor", "claim__requirement")


def waivers_to_sign(user: User, today: date) -> QuerySet[Waiver]:
    """Proposals that wait for this person's signature on tenders that go on."""
    of_security = user.unit is not None and user.unit.kind == UnitKind.SECURITY
    missing = Q(security_by="") if of_security else Q(pk=None)
    if user.role == Role.APPROVER:
        missing |= Q(approved_by="") & ~Q(claim__bid__tender__in=user.seats.values("tender"))
    elif user.role != Role.MEMBER:
        return Waiver.objects.none()
    signed = Q(proposer=user) | Q(security_signer=user) | Q(approver=user)
    return (
        waivers_visible_to(user)
        .filter(missing, loaded=False, refused_by="", expires_on__gte=today)
        .exclude(Q(security_by__gt="", approved_by__gt=""))
        .exclude(pk__in=Waiver.objects.filter(signed).values("pk"))
        .exclude(claim__bid__tender__stage__in=[Stage.AWARDED, Stage.CANCELLED])
        .order_by("expires_on", "pk")
    )


def waivers_ending(user: User, today: date) -> QuerySet[Waiver]:
    """Those in force that end within two weeks and that the person proposed, signed, runs or owns.

    Once the tender is awarded only those of the bid that won still matter.
    """
    concerned = (
        Q(proposer=user)
        | Q(security_signer=user)
        | Q(approver=user)
        | Q(claim__bid__tender__officer=user)
        | Q(claim__bid__tender__owner=user)
    )
    won = Award.objects.filter(suspended_at__isnull=True).values("bid")
    lost = Q(claim__bid__tender__stage=Stage.AWARDED) & ~Q(claim__bid__in=won)
    return (
        waivers_visible_to(user)
        .filter(concerned, loaded=False, refused_by="", security_by__gt="", approved_by__gt="")
        .filter(expires_on__gte=today, expires_on__lte=today + SOON)
        .exclude(lost | Q(claim__bid__tender__stage=Stage.CANCELLED))
        .order_by("expires_on", "pk")
    )


def waivers_count_at(tender: Tender, now: datetime) -> datetime:
    """The moment whose waivers count: that of the award that stands, so that it stays as it was."""
    award = award_of(tender)
    return award.awarded_at if award else now
