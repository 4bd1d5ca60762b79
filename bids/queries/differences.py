"""The marks behind a difference: who gave which, and what was corrected."""

from django.db.models import QuerySet

from bids.models import Bid, Mark
from procurement.models import Criterion


def marks_on(bid: Bid, criterion: Criterion) -> QuerySet[Mark]:
    """Every mark that was given on the item, earlier rounds too, with its corrections."""
    return (
        Mark.objects.filter(bid=bid, criterion=criterion)
        .select_related("seat__unit", "seat__user", "seat__tender", "criterion__tender")
        .prefetch_related("corrections")
        .order_by("round", "seat__position")
    )
