"""Reading what bidders offered, and taking it away: entries of the trail."""

from datetime import datetime

from django.db import transaction

from bids.models import Attachment
from procurement import audit
from procurement.models import Tender, User

#: Pages that show what is in the bids, and files that leave the site without an action of their own, by the
#: name of their address; and what the trail calls it. Other exports record themselves.
ON_RECORD = {
    "verification": "read bids",
    "marks": "read bids",
    "decision": "read bids",
    "attachment": "read file",
    "score-sheet": "export score sheet",
    "import-filled": "export specification",
}


def record_reading(*, actor: User, route: str, key: str, now: datetime) -> None:
    """Append that a person read a page of a tender, or took a file; `key` is that of the tender or file."""
    if route == "attachment":
        file = Attachment.objects.select_related("bid__tender", "bid__vendor").get(pk=key)
        tender, about = file.bid.tender, f"{file.bid} · {file.name}"
    else:
        tender = Tender.objects.get(pk=key)
        about = str(tender)
    with transaction.atomic():
        audit.record(actor=actor, action=ON_RECORD[route], object=about, now=now, tender=tender, page=route)
