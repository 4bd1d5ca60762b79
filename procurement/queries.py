"""The only doors to rows of the procurement wing: what a person may not see is not there."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Min, Q, QuerySet

from procurement.choices import SECURITY_SIDE, Advice, Decision, EntryState, Kind, Role, Stage, UnitKind
from procurement.models import (
    AuditEntry,
    Catalogue,
    CatalogueEntry,
    Criterion,
    Lowering,
    RegisterEntry,
    Requirement,
    Seat,
    Tender,
    Unit,
    User,
    Vendor,
)

#: Roles of the bank that see every tender.
_ALL_TENDERS = frozenset({Role.OFFICER, Role.AUDITOR, Role.APPROVER})


def tenders_visible_to(user: User) -> QuerySet[Tender]:
    """Tenders that the person may know of.

    Officers, approvers and auditors see all; panel members those on whose panel they sit or that they own;
    vendors what is published, to all or to them, and later only what they bid on. Administrators run the
    site and see none.
    """
    tenders = Tender.objects.select_related(
        "owner_unit", "owner__unit", "officer__unit", "approver__unit", "escalation__unit"
    )
    if user.role in _ALL_TENDERS:
        return tenders
    if user.role == Role.MEMBER:
        return tenders.filter(
            Q(pk__in=user.seats.values("tender")) | Q(owner=user) | Q(requirements__owner=user)
        ).distinct()
    if user.role == Role.VENDOR:
        handed_in = Tender.objects.filter(bids__vendor=user.vendor, bids__submissions__isnull=False)
        invited = Tender.objects.filter(invited=user.vendor)
        asked = Q(invited_only=False) | Q(pk__in=invited.values("pk"))
        return tenders.filter(
            (Q(stage=Stage.PUBLISHED) & asked) | (~Q(stage=Stage.DRAFT) & Q(pk__in=handed_in.values("pk")))
        )
    return tenders.none()


def specifications_visible_to(user: User) -> QuerySet[Tender]:
    """Tenders whose specification the person may read: those, and for members of security every one.

    Security may object to what any tender asks; members of the unit that answers for the system sign the
    draft, and those of a unit to which a question was routed answer it, whether they have a seat or not.
    Bids, marks and prices stay behind `tenders_visible_to`.
    """
    if user.role != Role.MEMBER or user.unit is None:
        return tenders_visible_to(user)
    tenders = Tender.objects.select_related("owner_unit", "owner__unit", "officer__unit")
    if user.unit.kind == UnitKind.SECURITY:
        return tenders
    of_unit = Q(owner_unit=user.unit) | Q(questions__unit=user.unit, stage=Stage.PUBLISHED)
    return tenders.filter(of_unit | Q(pk__in=tenders_visible_to(user).values("pk"))).distinct()


def search_tenders(tenders: QuerySet[Tender], text: str = "") -> QuerySet[Tender]:
    """Narrow to those whose reference, title or system holds the text."""
    if not text:
        return tenders
    return tenders.filter(Q(reference__icontains=text) | Q(title__icontains=text) | Q(system__icontains=text))


def requirements_visible_to(user: User) -> QuerySet[Requirement]:
    """Requirements of the tenders that the person may know of."""
    return Requirement.objects.filter(tender__in=tenders_visible_to(user).values("pk")).select_related(
        "tender", "unit", "owner__unit"
    )


def criteria_visible_to(user: User) -> QuerySet[Criterion]:
    """Criteria of the tenders that the person may know of."""
    return Criterion.objects.filter(tender__in=tenders_visible_to(user).values("pk")).select_related(
        "tender", "parent"
    )


def seats_visible_to(user: User) -> QuerySet[Seat]:
    """Panel seats of the tenders that the person may know of; vendors are not told who sits on a panel."""
    seats = Seat.objects.select_related("tender", "unit", "user__unit")
    if user.role == Role.VENDOR:
        return seats.none()
    return seats.filter(tender__in=tenders_visible_to(user).values("pk"))


def lowerings_visible_to(user: User) -> QuerySet[Lowering]:
    """Lowered proposals of the tenders whose specification the person may read; none for vendors."""
    lowerings = Lowering.objects.select_related("intake__tender")
    if user.role == Role.VENDOR:
        return lowerings.none()
    return lowerings.filter(intake__tender__in=specifications_visible_to(user).values("pk"))


def lowerings_waiting(user: User) -> QuerySet[Lowering]:
    """Lowered proposals of drafts that wait for this person of security, the oldest first."""
    if user.unit is None or user.unit.kind != UnitKind.SECURITY:
        return Lowering.objects.none()
    waiting = lowerings_visible_to(user).filter(answer="", intake__tender__stage=Stage.DRAFT)
    return waiting.exclude(asker=user).order_by("asked_at", "pk")


def people_of(kind: str, role: str = "") -> QuerySet[User]:
    """People of the bank on one side, with the role if one is given."""
    people = bank_people().filter(unit__kind=kind)
    return people.filter(role=role) if role else people


_READERS_OF_CATALOGUES = frozenset({Role.OFFICER, Role.MEMBER, Role.APPROVER, Role.AUDITOR})


def catalogues_visible_to(user: User) -> QuerySet[Catalogue]:
    """Catalogues, which all of the bank may read; without the files that they were read from."""
    catalogues = Catalogue.objects.defer("files")
    return catalogues if user.role in _READERS_OF_CATALOGUES else catalogues.none()


def entries_for_picking(user: User) -> QuerySet[CatalogueEntry]:
    """Rows of all catalogues that can be asked of a vendor, in order; the queryset narrows them further."""
    entries = CatalogueEntry.objects.filter(catalogue__in=catalogues_visible_to(user).values("pk"))
    return entries.pickable().select_related("catalogue").defer("catalogue__files")


def bank_people(also: int | None = None) -> QuerySet[User]:
    """People of the bank who can answer for something, by unit: who may sign in, and who answers for it now.

    `also` is the key of the person who does, so that saving a form drops nobody who has left.
    """
    return (
        User.objects.filter(Q(is_active=True) | Q(pk=also), unit__isnull=False)
        .exclude(role=Role.ADMINISTRATOR)
        .select_related("unit")
        .order_by("unit", "name", "pk")
    )


def leaves_that_are_informed(tender: Tender) -> QuerySet[Criterion]:
    """The criteria of a tender that people mark in the light of answers: leaves, and not the price."""
    return tender.criteria.filter(children__isnull=True).exclude(kind=Kind.PRICE).order_by("position")


def approvers(also: int | None = None) -> QuerySet[User]:
    """People who can answer a warning and make an award; `also` as above."""
    return bank_people(also).filter(Q(role=Role.APPROVER) | Q(pk=also))


def people_visible_to(user: User) -> QuerySet[User]:
    """Everybody, for administrators; nobody for others."""
    people = User.objects.select_related("unit", "vendor").order_by("-is_active", "username")
    return people if user.role == Role.ADMINISTRATOR else people.none()


def search_people(people: QuerySet[User], text: str = "", role: str = "") -> QuerySet[User]:
    """Narrow to those whose name, user name, unit or vendor holds the text, with the role if one is given."""
    if text:
        people = people.filter(
            Q(name__icontains=text)
            | Q(username__icontains=text)
            | Q(job_title__icontains=text)
            | Q(unit__name_zh__icontains=text)
            | Q(unit__name_en__icontains=text)
            | Q(vendor__name__icontains=text)
        )
    return people.filter(role=role) if role in Role.values else people


def units_visible_to(user: User) -> QuerySet[Unit]:
    """Units, for those who enter people."""
    return Unit.objects.all() if user.role == Role.ADMINISTRATOR else Unit.objects.none()


def vendors_visible_to(user: User) -> QuerySet[Vendor]:
    """Vendors, for those who enter people."""
    return Vendor.objects.all() if user.role == Role.ADMINISTRATOR else Vendor.objects.none()


def audit_actions(entries: QuerySet[AuditEntry]) -> list[str]:
    """What was ever done, by name."""
    return list(entries.order_by("action").values_list("action", flat=True).distinct())


def search_audit_entries(
    entries: QuerySet[AuditEntry], tender: str = "", person: str = "", action: str = "", text: str = ""
) -> QuerySet[AuditEntry]:
    """Narrow to a tender's reference, a person's name, an action, and a text in object or content."""
    if tender:
        entries = entries.filter(tender__reference__icontains=tender)
    if person:
        entries = entries.filter(actor_name__icontains=person)
    if action:
        entries = entries.filter(action=action)
    return entries.filter(Q(object__icontains=text) | Q(payload__icontains=text)) if text else entries


#: Stages at which nobody may learn how many versions of bids came in.
_CLOSED_STAGES = (Stage.PUBLISHED, Stage.BIDDERS_NAMED)

_OF_BIDS = ("submit bid", "withdraw bid", "confirm bid", "refuse late bid", "ask question")
#: What tells who bid, and how often, before the bids are opened; and marks before they are locked.
_SEALED = {
    Stage.PUBLISHED: _OF_BIDS,
    Stage.BIDDERS_NAMED: _OF_BIDS,
    Stage.TECHNICAL_OPENED: ("save mark", "correct mark"),
}


def audit_entries_visible_to(user: User) -> QuerySet[AuditEntry]:
    """Auditors read the trail, bids once they are opened, marks once they are locked; others nothing."""
    entries = AuditEntry.objects.select_related("tender")
    if user.role != Role.AUDITOR:
        return entries.none()
    for stage, actions in _SEALED.items():
        entries = entries.exclude(tender__stage=stage, action__in=actions)
    first = first_sealed_number()
    if first is not None:
        # Whom a page of a tender refuses may tell who bids on it.
        entries = entries.exclude(actor_role=Role.VENDOR, action="refuse", seq__gte=first)
    marks = _SEALED[Stage.TECHNICAL_OPENED]
    return entries.exclude(tender__stage=Stage.PRICE_OPENED, tender__round__gt=1, action__in=marks)


def first_sealed_number() -> int | None:
    """The number of the first entry of a tender whose bids are not opened; None where no tender is open.

    The numbers from there on would tell how many entries are not shown, and so how many bids there are.
    """
    published = AuditEntry.objects.filter(tender__stage__in=_CLOSED_STAGES)
    first: int | None = published.aggregate(first=Min("seq"))["first"]
    return first


def last_verification() -> AuditEntry | None:
    """The entry of the last verification of the trail; None where there was none."""
    return AuditEntry.objects.filter(action="verify trail").order_by("-seq").first()


# --- the register of exceptions ---------------------------------------------------------------------------
#: Filter of the register that is no state of its own.
OVERRULED = "overruled"

_STANDING = Q(decision=Decision.GRANTED, closed_by="", prolonged_by__isnull=True)


def register_entries_visible_to(user: User) -> QuerySet[RegisterEntry]:
    """Entries of the register that the person may read, newest first.

    Officers, approvers, auditors and members of security and IT read all of it; other members what their unit
    proposed and what they own. Nothing of it is for vendors.
    """
    entries = RegisterEntry.objects.select_related(
        "owner__unit", "unit", "tender", "vendor", "renews", "prolonged_by"
    ).order_by("-pk")
    if user.role in _ALL_TENDERS:
        return entries
    if user.role != Role.MEMBER:
        return entries.none()
    if user.unit is not None and user.unit.kind in SECURITY_SIDE:
        return entries
    return entries.filter(Q(unit=user.unit) | Q(owner=user) | Q(proposer=user))


def search_register(
    entries: QuerySet[RegisterEntry],
    *,
    today: date,
    text: str = "",
    state: str = "",
    system: str = "",
    unit: str = "",
    vendor: str = "",
) -> QuerySet[RegisterEntry]:
    """Narrow to a text, a state on the day (or `OVERRULED`), a system, and keys of a unit and a vendor."""
    if text:
        entries = entries.filter(
            Q(system__icontains=text)
            | Q(origin__icontains=text)
            | Q(target__icontains=text)
            | Q(opening__icontains=text)
            | Q(reason__icontains=text)
            | Q(risk__icontains=text)
            | Q(owner__name__icontains=text)
        )
    if system:
        entries = entries.filter(system=system)
    if unit:
        entries = entries.filter(unit=int(unit))
    if vendor:
        entries = entries.filter(vendor=int(vendor))
    return entries.filter(_in_state(state, today)) if state else entries


def _in_state(state: str, today: date) -> Q:
    """The condition of a state, as `RegisterEntry.state` has it."""
    conditions = {
        OVERRULED: Q(decision=Decision.GRANTED, advice=Advice.AGAINST),
        EntryState.ASKED.value: Q(decision="", advice=""),
        EntryState.ADVISED.value: Q(decision="") & ~Q(advice=""),
        EntryState.OPEN.value: _STANDING & Q(expires_on__gte=today),
        EntryState.OVERDUE.value: _STANDING & Q(expires_on__lt=today),
        EntryState.REFUSED.value: Q(decision=Decision.REFUSED),
        EntryState.CLOSED.value: ~Q(closed_by=""),
        EntryState.PROLONGED.value: Q(closed_by="", prolonged_by__isnull=False),
    }
    return conditions[state]


def known_tenders(user: User, entries: Iterable[RegisterEntry]) -> set[object]:
    """Keys of the entries' tenders that the person may know of."""
    keys = {entry.tender_id for entry in entries if entry.tender_id}
    return set(tenders_visible_to(user).filter(pk__in=keys).values_list("pk", flat=True)) if keys else set()


def register_systems(entries: QuerySet[RegisterEntry]) -> list[str]:
    """The systems that stand in the entries."""
    return list(entries.order_by("system").values_list("system", flat=True).distinct())


def register_units(entries: QuerySet[RegisterEntry]) -> QuerySet[Unit]:
    """The units that proposed the entries."""
    return Unit.objects.filter(pk__in=entries.order_by().values("unit"))


def register_vendors(entries: QuerySet[RegisterEntry]) -> QuerySet[Vendor]:
    """The vendors that the entries concern."""
    return Vendor.objects.filter(pk__in=entries.order_by().values("vendor"))


def overdue_entries(today: date) -> QuerySet[RegisterEntry]:
    """Everything that should have been closed by now, the longest overdue first."""
    return entries_ending(today).filter(expires_on__lt=today)


def entries_overdue_for(user: User, today: date) -> QuerySet[RegisterEntry]:
    """Overdue entries that the person is shown: as owner, of the proposing unit, and for all of security."""
    late = overdue_entries(today)
    if user.unit is None or user.role == Role.ADMINISTRATOR:
        return late.none()
    if user.unit.kind == UnitKind.SECURITY:
        return late
    return late.filter(Q(owner=user) | Q(unit=user.unit))


def entries_ending(until: date) -> QuerySet[RegisterEntry]:
    """Exceptions that nobody has closed and whose last day is that day or before it, the first first."""
    entries = RegisterEntry.objects.filter(_STANDING, expires_on__lte=until)
    return entries.select_related("owner__unit", "unit", "tender", "vendor").order_by("expires_on", "pk")


def entries_ending_for(user: User, today: date, until: date) -> QuerySet[RegisterEntry]:
    """The person's own exceptions in force that end by the day, the next first."""
    return entries_ending(until).filter(owner=user, expires_on__gte=today)


def entries_waiting() -> QuerySet[RegisterEntry]:
    """Requests that nobody has decided, the oldest first."""
    waiting = RegisterEntry.objects.filter(decision="")
    return waiting.select_related("owner__unit", "unit", "tender", "vendor").order_by("pk")


def overruled_entries() -> QuerySet[RegisterEntry]:
    """Everything that was granted although security advised against it, newest first."""
    overruled = RegisterEntry.objects.filter(decision=Decision.GRANTED, advice=Advice.AGAINST)
    return overruled.select_related("owner__unit", "unit", "tender", "vendor").order_by("-decided_at", "-pk")


def known_companies() -> QuerySet[Vendor]:
    """Every company that may bid, for people of the bank; it does not say who bids on what."""
    return Vendor.objects.order_by("name")
