"""The marks behind a difference: who gave which, and what was corrected."""

from django.db.models import QuerySet

from bids.models import Bid, Mark
from procurement.models import Criterion, Tender, User

from .marking import Marking, marks_visible_to


def marks_on_item(
    user: User, tender: Tender, plan: Marking, bid: Bid, criterion: Criterion
) -> QuerySet[Mark]:
    """The marks on an item that the person may see, of every round, each with its corrections."""
    return (
        marks_visible_to(user, tender, plan)
        .filter(bid=bid, criterion=criterion)
        .select_related("seat__unit", "seat__user", "seat__tender", "criterion__tender")
        .prefetch_related("corrections")
        .order_by("round", "seat__position")
    )
