"""What anybody may read without signing in: tenders that were published to all."""

from datetime import datetime

from django.db.models import QuerySet

from procurement.choices import Stage
from procurement.models import Tender


def public_tenders() -> QuerySet[Tender]:
    """Tenders that were published to everybody, whatever became of them since."""
    rows = Tender.objects.filter(invited_only=False).exclude(published_text="").exclude(stage=Stage.DRAFT)
    return rows.select_related("owner_unit", "officer__unit").order_by("deadline", "reference")


def public_open_tenders(now: datetime) -> QuerySet[Tender]:
    """Those of them for which bids come in, the next deadline first."""
    return public_tenders().filter(stage=Stage.PUBLISHED, deadline__gt=now)
