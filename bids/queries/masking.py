"""What a member calls the bidders while marking: by letter, in an order of one's own."""

import hashlib

from django.utils.translation import gettext

from bids.choices import BidStatus
from procurement.models import Seat, Tender

from .marking import Marking, is_marking


def are_masked(tender: Tender, seat: Seat | None, plan: Marking, *, submitted: bool) -> bool:
    """Whether the member on the seat sees letters: until the own sheet of the round is submitted."""
    return (
        tender.masked_bidders
        and seat is not None
        and is_marking(tender)
        and not submitted
        and plan.could_mark(seat)
    )


def masked_names(tender: Tender, seat: Seat) -> dict[object, str]:
    """Names by letter, by key of the bid, in the seat's own order: by SHA-256 of the keys of seat and bid.

    A bid that is excluded later keeps its letter, so that no other one gets it.
    """
    bids = tender.bids.filter(opened_at__isnull=False).exclude(status=BidStatus.WITHDRAWN)
    keys = bids.exclude(recusals__seat=seat).values_list("pk", flat=True)
    drawn = sorted(keys, key=lambda key: hashlib.sha256(f"{seat.pk} {key}".encode()).digest())
    # Translators: what bidders are called in order, with spaces between; in Chinese the ten heavenly stems.
    letters = gettext("A B C D E F G H I J K L M N O P Q R S T U V W X Y Z").split()
    return {
        key: gettext("Bidder %(letter)s")
        % {"letter": letters[number] if number < len(letters) else str(number + 1)}
        for number, key in enumerate(drawn)
    }
