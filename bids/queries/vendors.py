"""A vendor's record over all tenders, and the tier that follows from it by a published rule."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from django.db.models import Count, Q, QuerySet

from bids.choices import BidStatus, Outcome, Tier
from bids.models import Award, Bid, Incident, Promise
from procurement.choices import EntryState, Role, Severity, Stage
from procurement.models import RegisterEntry, Tender, User, Vendor
from procurement.queries import register_entries_visible_to, search_register, tenders_visible_to

from .bids import bids_visible_to
from .promises import standing_promises, state_conditions

#: Shares of due promises that must have been kept in time.
SHARE_A, SHARE_B = Fraction(9, 10), Fraction(7, 10)

#: How far back incidents count, in years.
YEARS = 2


@dataclass(frozen=True, slots=True)
class Record:
    """What counts for the tier, over all tenders that were awarded.

    `kept` is kept in time; `late` was kept late, or is open past its day; `open` is not due yet. `critical`
    and `high` are incidents of the last 24 months.
    """

    awards: int = 0
    kept: int = 0
    late: int = 0
    broken: int = 0
    broken_gates: int = 0
    open: int = 0
    critical: int = 0
    high: int = 0
    incidents: int = 0

    @property
    def due(self) -> int:
        """How many promises have been settled, or should have been."""
        return self.kept + self.late + self.broken

    @property
    def share_kept(self) -> Fraction | None:
        """Kept in time, as a share of those due; None where nothing was due yet."""
        return Fraction(self.kept, self.due) if self.due else None


def tier_of(record: Record) -> Tier:
    """The tier of a record. This is the published rule; the vendor's page says the same in words.

    - new: no award yet; or nothing it promised was due yet, and no critical or high incident in 24 months.
    - A: no gate promise broken, no critical or high incident in 24 months, at least 90 % of due promises kept
      in time.
    - B: no gate promise broken, no critical incident in 24 months, at least 70 % kept in time.
    - C: every other vendor with an award.

    A promise that was broken and kept later counts as late. Bids and prices count for nothing.
    """
    if not record.awards:
        return Tier.NEW
    share = record.share_kept
    if share is None:
        if not record.critical and not record.high:
            return Tier.NEW
        share = Fraction(1)
    if record.broken_gates or record.critical or share < SHARE_B:
        return Tier.C
    return Tier.B if record.high or share < SHARE_A else Tier.A


def counted_from(today: date) -> date:
    """The first day whose incidents count: 24 months before today."""
    try:
        return today.replace(year=today.year - YEARS)
    except ValueError:
        return today.replace(year=today.year - YEARS, day=28)


def vendors_on_record(user: User, text: str = "") -> QuerySet[Vendor]:
    """Every vendor, by name, for people of the bank; administrators have a page of their own."""
    if user.role in (Role.VENDOR, Role.ADMINISTRATOR):
        return Vendor.objects.none()
    vendors = Vendor.objects.order_by("name")
    return vendors.filter(Q(name__icontains=text) | Q(tax_id=text)) if text else vendors


def records_of(vendors: Iterable[Vendor], today: date) -> dict[int, Record]:
    """The record of each vendor, by key, in three queries.

    It rests on awarded tenders alone, so that it is the same for every reader and tells nothing of a tender
    that goes on.
    """
    keys = [vendor.pk for vendor in vendors]
    figures: dict[int, dict[str, int]] = defaultdict(dict)
    promises = standing_promises().filter(bid__vendor__in=keys)
    for vendor, counts in _counted(promises, "bid__vendor", _promise_counts(today)):
        figures[vendor] |= counts
    incidents = Incident.objects.filter(vendor__in=keys)
    for vendor, counts in _counted(incidents, "vendor", _incident_counts(today)):
        figures[vendor] |= counts
    awards = _standing_awards().filter(bid__vendor__in=keys)
    for vendor, counts in _counted(awards, "bid__vendor", {"awards": Q()}):
        figures[vendor] |= counts
    return {key: Record(**figures[key]) for key in keys}


def _counted(rows: QuerySet[Any], key: str, conditions: dict[str, Q]) -> Iterator[tuple[int, dict[str, int]]]:
    """How many of the rows of each key fulfil each condition."""
    counts = {f"count_{name}": Count("pk", filter=condition) for name, condition in conditions.items()}
    for group, *numbers in rows.order_by().values(key).annotate(**counts).values_list(key, *counts):
        yield group, dict(zip(conditions, numbers, strict=True))


def _promise_counts(today: date) -> dict[str, Q]:
    conditions = {state.value: condition for state, condition in state_conditions(today).items()}
    return conditions | {"broken_gates": Q(outcome=Outcome.BROKEN, mandatory=True)}


def _incident_counts(today: date) -> dict[str, Q]:
    recent = Q(happened_on__gte=counted_from(today))
    return {
        "incidents": Q(),
        "critical": recent & Q(severity=Severity.CRITICAL),
        "high": recent & Q(severity=Severity.HIGH),
    }


def _standing_awards() -> QuerySet[Award]:
    """Awards that no complaint brought down."""
    return Award.objects.filter(suspended_at__isnull=True, tender__stage=Stage.AWARDED)


def bids_on_record(user: User) -> QuerySet[Bid]:
    """Bids that a vendor's page tells of: of awarded tenders, and opened ones that the person may see.

    Nothing before the opening, nothing that was withdrawn, and of a tender that goes on nothing from which
    the person is recused.
    """
    bids = Bid.objects.filter(opened_at__isnull=False).exclude(status=BidStatus.WITHDRAWN)
    running = bids_visible_to(user).exclude(tender__stage=Stage.CANCELLED).order_by().values("pk")
    if user.role == Role.VENDOR:
        return bids.none()
    return (
        bids.filter(Q(tender__stage=Stage.AWARDED) | Q(pk__in=running))
        .select_related("tender", "vendor")
        .order_by("-tender__created_at", "tender__reference")
    )


def bids_counted(user: User, vendors: Iterable[Vendor]) -> dict[int, int]:
    """How many bids the page of each vendor tells of, by key."""
    rows = bids_on_record(user).filter(vendor__in=[vendor.pk for vendor in vendors]).order_by()
    return dict(rows.values_list("vendor").annotate(Count("pk")))


def place_of(bid: Bid, award: Award | None) -> int | None:
    """The place of a bid in the ranking that the award froze; None where it was out, or is not awarded."""
    if award is None:
        return None
    ranking = json.loads(award.result_text)["ranking"]
    return next((row["place"] for row in ranking if row["vendor"] == bid.vendor.name), None)


def awards_of(bids: Iterable[Bid]) -> dict[object, Award]:
    """The awards of the bids' tenders, by key of the tender."""
    tenders = {bid.tender_id for bid in bids}
    return {award.tender_id: award for award in _standing_awards().filter(tender__in=tenders)}


def tenders_awarded_to(user: User, vendor: Vendor) -> QuerySet[Tender]:
    """Tenders that the person may know of and that the vendor won: what an incident can be about."""
    won = _standing_awards().filter(bid__vendor=vendor).values("tender")
    return tenders_visible_to(user).filter(pk__in=won)


def incidents_of(vendor: Vendor) -> QuerySet[Incident]:
    """What went wrong with the vendor, the last first."""
    return Incident.objects.filter(vendor=vendor).select_related("tender")


def incidents_visible_to(user: User) -> QuerySet[Incident]:
    """Incidents, for people of the bank."""
    incidents = Incident.objects.select_related("vendor", "tender")
    return incidents.none() if user.role in (Role.VENDOR, Role.ADMINISTRATOR) else incidents


def promises_of(vendor: Vendor) -> QuerySet[Promise]:
    """Everything that the vendor promised, the earliest due first."""
    rows = standing_promises().filter(bid__vendor=vendor).select_related("tender", "unit", "owner__unit")
    return rows.order_by("due_on", "tender_id", "position")


def exceptions_of(user: User, vendor: Vendor) -> QuerySet[RegisterEntry]:
    """Entries of the register that concern the vendor and that the person may read."""
    return register_entries_visible_to(user).filter(vendor=vendor)


def exceptions_counted(user: User, vendors: Iterable[Vendor], today: date) -> dict[int, int]:
    """How many exceptions stand for each vendor, in time or overdue, as far as the person may read them."""
    entries = register_entries_visible_to(user).filter(vendor__in=[vendor.pk for vendor in vendors])
    standing = [EntryState.OPEN, EntryState.OVERDUE]
    keys = Q(pk__in=[])
    for state in standing:
        keys |= Q(pk__in=search_register(entries, today=today, state=state).order_by().values("pk"))
    return dict(entries.filter(keys).order_by().values_list("vendor").annotate(Count("pk")))
