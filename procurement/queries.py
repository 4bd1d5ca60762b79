"""The only doors to rows of the procurement wing: what a person may not see is not there."""

from django.db.models import Min, Q, QuerySet

from procurement.choices import Role, Stage
from procurement.models import AuditEntry, Criterion, Requirement, Seat, Tender, Unit, User, Vendor

#: Roles of the bank that see every tender.
_ALL_TENDERS = frozenset({Role.OFFICER, Role.AUDITOR, Role.APPROVER})


def tenders_visible_to(user: User) -> QuerySet[Tender]:
    """Tenders that the person may know of.

    Officers, approvers and auditors see all; panel members those on whose panel they sit or that they own;
    vendors what is published, and later only what they bid on. Administrators run the site and see none.
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
        handed_in = Q(bids__vendor=user.vendor, bids__submissions__isnull=False)
        return tenders.filter(Q(stage=Stage.PUBLISHED) | (~Q(stage=Stage.DRAFT) & handed_in)).distinct()
    return tenders.none()


def search_tenders(tenders: QuerySet[Tender], text: str = "", stage: str = "") -> QuerySet[Tender]:
    """Narrow to those whose reference, title or system holds the text, at the stage if one is given."""
    if text:
        tenders = tenders.filter(
            Q(reference__icontains=text) | Q(title__icontains=text) | Q(system__icontains=text)
        )
    return tenders.filter(stage=stage) if stage in Stage.values else tenders


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


#: What tells who bid, and how many, before the bids are opened; and marks before they are locked.
_SEALED = {
    Stage.PUBLISHED: ("submit bid", "withdraw bid"),
    Stage.TECHNICAL_OPENED: ("save mark",),
}


def audit_entries_visible_to(user: User) -> QuerySet[AuditEntry]:
    """Auditors read the trail, bids once they are opened, marks once they are locked; others nothing."""
    entries = AuditEntry.objects.select_related("tender")
    if user.role != Role.AUDITOR:
        return entries.none()
    for stage, actions in _SEALED.items():
        entries = entries.exclude(tender__stage=stage, action__in=actions)
    return entries


def first_sealed_number() -> int | None:
    """The number of the first entry of a tender whose bids are not opened; None where no tender is open.

    The numbers from there on would tell how many entries are not shown, and so how many bids there are.
    """
    published = AuditEntry.objects.filter(tender__stage=Stage.PUBLISHED)
    first: int | None = published.aggregate(first=Min("seq"))["first"]
    return first
