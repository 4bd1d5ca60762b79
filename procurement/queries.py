"""The only doors to rows of the procurement wing: what a person may not see is not there."""

from django.db.models import Q, QuerySet

from procurement.choices import Role, Stage
from procurement.models import AuditEntry, Tender, User

#: Roles of the bank that see every tender.
_ALL_TENDERS = frozenset({Role.OFFICER, Role.AUDITOR, Role.APPROVER})


def tenders_visible_to(user: User) -> QuerySet[Tender]:
    """Tenders that the person may know of.

    Officers, approvers and auditors see all; panel members those on whose panel they sit or that they own;
    vendors what is published, and later only what they bid on. Administrators run the site and see none.
    """
    tenders = Tender.objects.select_related("owner_unit", "owner__unit", "officer__unit")
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


def audit_entries_visible_to(user: User) -> QuerySet[AuditEntry]:
    """Auditors read the whole trail; nobody else reads any of it here."""
    entries = AuditEntry.objects.select_related("tender")
    return entries if user.role == Role.AUDITOR else entries.none()
