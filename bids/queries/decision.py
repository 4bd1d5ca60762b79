"""Warnings, and what else stands between a ranking and an award."""

from django.db.models import QuerySet

from bids.models import (
    Objection,
    Recusal,
)
from procurement.choices import Role
from procurement.models import User
from procurement.queries import tenders_visible_to


def objections_visible_to(user: User) -> QuerySet[Objection]:
    """Warnings on tenders that a person of the bank may know of, but for bids a member is recused from."""
    if user.role == Role.VENDOR:
        return Objection.objects.none()
    return (
        Objection.objects.filter(tender__in=tenders_visible_to(user).values("pk"))
        .exclude(bid__in=Recusal.objects.filter(seat__user=user).values("bid"))
        .select_related("tender", "bid__vendor", "requirement")
    )
