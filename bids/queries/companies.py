"""What companies declared, who asks to be let in, and whose certificates end."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import Max, OuterRef, QuerySet, Subquery

from procurement.choices import Role
from procurement.models import CompanyProfile, Registration, Tender, User, Vendor

_BANK = (Role.OFFICER, Role.MEMBER, Role.APPROVER, Role.AUDITOR)


def company_profiles_visible_to(user: User) -> QuerySet[CompanyProfile]:
    """Every declaration, newest first: to a vendor its own, to the bank all of them."""
    rows = CompanyProfile.objects.select_related("vendor").order_by("vendor", "-number")
    if user.role == Role.VENDOR:
        return rows.filter(vendor=user.vendor)
    return rows if user.role in _BANK else rows.none()


def latest_profile(vendor: Vendor) -> CompanyProfile | None:
    """What the vendor declared last."""
    return CompanyProfile.objects.filter(vendor=vendor).order_by("-number").first()


def latest_profiles(vendors: QuerySet[Vendor] | None = None) -> QuerySet[CompanyProfile]:
    """What every vendor declared last."""
    own = CompanyProfile.objects.filter(vendor=OuterRef("vendor")).order_by()
    last = own.values("vendor").annotate(last=Max("number")).values("last")
    rows = CompanyProfile.objects.filter(number=Subquery(last)).select_related("vendor")
    return rows if vendors is None else rows.filter(vendor__in=vendors)


def registrations_visible_to(user: User) -> QuerySet[Registration]:
    """Who asked to be let in, the last first, for those who decide and for auditors."""
    rows = Registration.objects.select_related("vendor")
    return rows if user.role in (Role.OFFICER, Role.ADMINISTRATOR, Role.AUDITOR) else rows.none()


def registrations_waiting() -> QuerySet[Registration]:
    """Those that nobody has decided, the oldest first."""
    return Registration.objects.filter(approved__isnull=True).order_by("asked_at", "pk")


def certificates_ending(today: date, days: frozenset[int]) -> Iterator[tuple[Vendor, dict[str, Any], int]]:
    """Certificates whose last day is so many days away, with that number of days."""
    for profile in latest_profiles():
        for certificate in profile.certificates_on(today):
            left = (certificate["day"] - today).days
            if left in days:
                yield profile.vendor, certificate, left


def is_invited(user: User, tender: Tender) -> bool:
    """Whether the person's vendor may bid: everybody's may where the tender is open."""
    if not tender.invited_only:
        return True
    return user.vendor_id is not None and tender.invited.filter(pk=user.vendor_id).exists()
