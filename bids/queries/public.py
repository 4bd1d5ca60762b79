"""What was published: to everybody, who need not sign in, or to invited vendors only."""

from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from procurement.choices import Stage
from procurement.models import Tender, User
from procurement.queries import specifications_visible_to


def published_tenders(reader: User | AnonymousUser) -> QuerySet[Tender]:
    """Tenders whose publication the reader may see: published to everybody, or known to who signed in."""
    rows = Tender.objects.exclude(published_text="").exclude(stage=Stage.DRAFT)
    rows = rows.select_related("owner_unit", "officer__unit").order_by("deadline", "reference")
    to_all = Q(invited_only=False)
    if isinstance(reader, User):
        return rows.filter(to_all | Q(pk__in=specifications_visible_to(reader).values("pk")))
    return rows.filter(to_all)


def public_open_tenders(now: datetime) -> QuerySet[Tender]:
    """Those published to everybody for which bids come in, the next deadline first."""
    return published_tenders(AnonymousUser()).filter(stage=Stage.PUBLISHED, deadline__gt=now)
