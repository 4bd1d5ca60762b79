"""Promises that a person may know of, and what waits among them."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from bids.choices import Outcome, PromiseState
from bids.models import Acceptance, Award, Complaint, Promise, Recusal, SignOff
from procurement.choices import Role, Stage
from procurement.models import Tender, User
from procurement.queries import tenders_visible_to


def standing_promises() -> QuerySet[Promise]:
    """Promises of every award that stands; those of a suspended one are nobody's any more."""
    standing = Award.objects.filter(suspended_at__isnull=True, tender__stage=Stage.AWARDED)
    return Promise.objects.filter(bid__in=standing.values("bid"))


def promises_visible_to(user: User) -> QuerySet[Promise]:
    """A vendor's own; to the bank those of tenders it may know of, and those a person or unit answers for.

    Nothing of a bid that the person is recused from.
    """
    promises = standing_promises().select_related("tender", "bid__vendor", "unit", "owner__unit")
    if user.role == Role.VENDOR:
        return promises.filter(bid__vendor=user.vendor)
    if user.role == Role.ADMINISTRATOR:
        return promises.none()
    known = Q(tender__in=tenders_visible_to(user).values("pk"))
    return promises.filter(known | Q(owner=user) | Q(unit=user.unit)).exclude(
        bid__in=Recusal.objects.filter(seat__user=user).values("bid")
    )


def tenders_with_promises(user: User) -> QuerySet[Tender]:
    """Tenders that the person may know of, and those where the person or the unit answers for a promise."""
    return Tender.objects.select_related("owner__unit", "officer__unit", "acceptance").filter(
        Q(pk__in=tenders_visible_to(user).values("pk"))
        | Q(pk__in=promises_visible_to(user).order_by().values("tender"))
    )


def search_promises(
    promises: QuerySet[Promise], *, today: date, text: str = "", state: str = "", gate: str = ""
) -> QuerySet[Promise]:
    """Narrow to a text in code, words, tender or vendor, to a state on the day, to gates or the rest."""
    if text:
        promises = promises.filter(
            Q(code__icontains=text)
            | Q(text__icontains=text)
            | Q(tender__reference__icontains=text)
            | Q(tender__title__icontains=text)
            | Q(bid__vendor__name__icontains=text)
        )
    if gate:
        promises = promises.filter(mandatory=gate == "gate")
    return promises.filter(state_conditions(today)[PromiseState(state)]) if state else promises


def state_conditions(today: date) -> dict[PromiseState, Q]:
    """What each state of `Promise.state` is in the database, on the day."""
    late_kept = Q(outcome=Outcome.KEPT) & (Q(was_broken=True) | Q(settled_on__gt=F("due_on")))
    return {
        PromiseState.OPEN: Q(outcome="", due_on__gte=today),
        PromiseState.LATE: Q(outcome="", due_on__lt=today) | late_kept,
        PromiseState.KEPT: Q(outcome=Outcome.KEPT, was_broken=False, settled_on__lte=F("due_on")),
        PromiseState.BROKEN: Q(outcome=Outcome.BROKEN),
    }


def unsettled_gates(tender: Tender) -> list[Promise]:
    """Gate promises that are open or broken, with their exceptions: what keeps the system from going live."""
    gates = standing_promises().filter(tender=tender, mandatory=True).exclude(outcome=Outcome.KEPT)
    rows = gates.select_related("bid__vendor").prefetch_related("exceptions")
    return list(rows.order_by("position"))


def uncovered(promises: Iterable[Promise], today: date) -> list[Promise]:
    """Those of the promises that no exception in force covers."""
    return [promise for promise in promises if promise.covered_by(today) is None]


def promises_to_sign(user: User, now: datetime) -> QuerySet[Promise]:
    """Unsigned promises that the person answers for: as owner, or the unit where nobody is named.

    Only those of awards that are final: nobody signs before.
    """
    mine = Q(owner=user) | Q(owner__isnull=True, unit=user.unit) if user.unit_id else Q(owner=user)
    complaints = Complaint.objects.filter(late=False, answer="").values("award")
    final = Award.objects.filter(suspended_at__isnull=True, standstill_until__lt=now)
    final = final.exclude(pk__in=complaints)
    return (
        promises_visible_to(user)
        .filter(mine, outcome="", tender__in=final.values("tender"))
        .order_by("due_on", "tender_id", "position")
    )


def acceptances_to_finish(user: User) -> QuerySet[Acceptance]:
    """Awarded systems that the person owns or runs and that are not live yet, each with its `open_gates`."""
    standing = Award.objects.filter(suspended_at__isnull=True, tender__stage=Stage.AWARDED)
    unkept = standing_promises().filter(mandatory=True).exclude(outcome=Outcome.KEPT)
    gates = unkept.filter(tender=OuterRef("tender"))
    count = gates.order_by().values("tender").annotate(n=Count("pk")).values("n")
    return (
        Acceptance.objects.filter(tender__in=standing.values("tender"), live_by="")
        .filter(Q(tender__owner=user) | Q(tender__officer=user))
        .select_related("tender")
        .annotate(open_gates=Coalesce(Subquery(count), 0))
        .order_by("target_on", "pk")
    )


def due_promises(until: date) -> QuerySet[Promise]:
    """Promises without a sign-off that are due by the day, the earliest first."""
    rows = standing_promises().filter(outcome="", due_on__lte=until)
    return rows.select_related("tender", "bid__vendor", "unit", "owner__unit").order_by("due_on", "position")


def sign_offs_visible_to(user: User) -> QuerySet[SignOff]:
    """What was signed about the promises a person of the bank may know of; nothing for vendors."""
    if user.role == Role.VENDOR:
        return SignOff.objects.none()
    known = promises_visible_to(user).order_by().values("pk")
    return SignOff.objects.filter(promise__in=known).select_related("promise")
