"""Signatures under drafts."""

from django.db.models import Exists, OuterRef, QuerySet

from procurement.choices import Role, Stage
from procurement.models import Clearance, Criterion, Requirement, Tender, User
from procurement.queries import specifications_visible_to


def clearances_of(tender: Tender, fingerprint: str) -> dict[str, Clearance]:
    """The signatures under that very text, by side."""
    return {row.side: row for row in Clearance.objects.filter(tender=tender, fingerprint=fingerprint)}


def drafts_to_sign(user: User) -> QuerySet[Tender]:
    """Drafts that the person reads and that ask and weigh something, with all their signatures.

    Whose signature is missing is for the rule to say.
    """
    if user.role not in (Role.MEMBER, Role.APPROVER):
        return Tender.objects.none()
    asks = Exists(Requirement.objects.filter(tender=OuterRef("pk")))
    weighs = Exists(Criterion.objects.filter(tender=OuterRef("pk")))
    rows = specifications_visible_to(user).filter(asks, weighs, stage=Stage.DRAFT)
    return rows.prefetch_related("clearances").order_by("deadline", "reference")
