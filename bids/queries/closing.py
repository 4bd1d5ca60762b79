"""What was closed at the deadline, who is told of it, and who may fetch it again."""

from datetime import datetime

from django.db.models import Q, QuerySet

from bids.models import ClosingRecord, Submission
from procurement.choices import Role, Stage
from procurement.models import Tender, User
from procurement.queries import tenders_visible_to


def closing_of(tender: Tender) -> ClosingRecord | None:
    """The record that closed the bidding; None before it was written."""
    return ClosingRecord.objects.filter(tender=tender).first()


def tenders_to_close(now: datetime) -> QuerySet[Tender]:
    """Tenders whose deadline is over and that have no closing record yet, the longest overdue first.

    Those of a loaded case, whose bids came on paper, were published without keys and are not among them.
    """
    over = Tender.objects.filter(stage=Stage.PUBLISHED, deadline__lte=now, packages__isnull=False)
    return over.filter(closing=None).distinct().order_by("deadline", "pk")


def told_of_closing(tender: Tender) -> QuerySet[User]:
    """Whom the closing record is mailed to: the people of every vendor that handed anything in, and audit."""
    vendors = Submission.objects.filter(bid__tender=tender).values("bid__vendor")
    told = Q(role=Role.AUDITOR) | Q(role=Role.VENDOR, vendor__in=vendors)
    return User.objects.filter(told, is_active=True).exclude(email="").order_by("pk")


def closing_records_visible_to(user: User) -> QuerySet[ClosingRecord]:
    """Those of tenders in sight, for the bank; for a vendor those of tenders where it handed anything in."""
    records = ClosingRecord.objects.select_related("tender")
    if user.role == Role.VENDOR:
        sent = Submission.objects.filter(bid__vendor=user.vendor)
        return records.filter(tender__in=sent.values("bid__tender"))
    if user.role == Role.ADMINISTRATOR:
        return records.none()
    return records.filter(tender__in=tenders_visible_to(user).values("pk"))
