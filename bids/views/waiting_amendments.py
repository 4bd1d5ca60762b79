"""Amendments that wait: for a second person to decide, or for a vendor to confirm its bid."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from bids import queries, rules
from bids.models import Amendment
from procurement.models import Tender, User

from .tasks import Task, Wait


def _waiting(tenders: Iterable[Tender], now: datetime) -> list[Amendment]:
    """Proposals on tenders that bids come in for."""
    open_ones = [tender for tender in tenders if tender.is_open_for_bids(now)]
    return list(queries.amendments_to_decide(open_ones)) if open_ones else []


def amendments_to_decide(user: User, tenders: Iterable[Tender], now: datetime) -> Iterator[Task]:
    """What the person may agree to as the second one; after an outage once for all tenders."""
    outages = set()
    for row in _waiting(tenders, now):
        if not rules.is_second_person(user, [row]) or (row.outage_id and row.outage_id in outages):
            continue
        outages.add(row.outage_id)
        where = reverse("outage", args=[row.outage_id]) if row.outage else None
        url = where or reverse("amendments", args=[row.tender_id])
        what, label = _("Decide on an amendment"), _("To the amendment")
        detail = f"{row.get_kind_display()}: {row.proposed_by}"
        yield Task(what, row.tender, row.tender.deadline, detail, url, label)


def amendments_awaited(user: User, tenders: Iterable[Tender], now: datetime) -> Iterator[Wait]:
    """What the person proposed and a second one has not decided on."""
    for row in _waiting(tenders, now):
        if row.proposer_id == user.pk:
            who = str(row.tender.approver or _("A second person"))
            yield Wait(_("A second person for an amendment"), row.tender, who, row.tender.deadline)


def bids_to_confirm(user: User, tenders: Iterable[Tender], now: datetime) -> Iterator[Task]:
    """Bids that the vendor confirms or replaces after the documents were changed."""
    open_ones = [tender for tender in tenders if tender.is_open_for_bids(now)]
    for tender in queries.tenders_that_ask(open_ones) if open_ones else []:
        bid = queries.own_bid(user, tender)
        if bid is not None and queries.needs_confirmation(bid):
            what, detail = (
                _("Confirm or replace your bid"),
                _("The documents were changed after it was sealed"),
            )
            url = reverse("bid", args=[tender.pk]) + "#amended"
            yield Task(what, tender, tender.deadline, detail, url, _("To your bid"))
