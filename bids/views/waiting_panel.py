"""Declarations of interest that wait: for a member to sign, or for the officer to settle."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from bids import queries
from procurement.choices import Stage
from procurement.models import Tender, User
from procurement.templatetags.figures import listed

from .tasks import Task, Wait


def _named(tenders: Iterable[Tender]) -> list[Tender]:
    """Those whose bidders are named and not opened."""
    return [tender for tender in tenders if tender.stage == Stage.BIDDERS_NAMED]


def declarations_of_member(user: User, tenders: Iterable[Tender]) -> Iterator[Task]:
    """What the member has still to sign."""
    waiting = _named(tenders)
    seats = queries.seats_without_say(waiting).filter(user=user) if waiting else []
    asked = {seat.tender_id for seat in seats}
    for tender in waiting:
        if tender.pk in asked:
            url, detail = reverse("declaration", args=[tender.pk]), _("The bids are opened after that")
            yield Task(_("Declare your interests"), tender, None, detail, url, _("Declare"))


def declarations_of_officer(tenders: Iterable[Tender]) -> Iterator[Task]:
    """Declared interests to settle, and bids that nothing keeps closed any more."""
    waiting = _named(tenders)
    if not waiting:
        return
    silent = {seat.tender_id for seat in queries.seats_without_say(waiting)}
    interests: dict[object, list[str]] = defaultdict(list)
    for declaration in queries.interests_to_settle(waiting):
        interests[declaration.seat.tender_id].append(str(declaration.seat))
    for tender in waiting:
        url, label = reverse("opening", args=[tender.pk]), _("To the opening")
        if tender.pk in interests:
            detail = listed(interests[tender.pk])
            yield Task(_("Settle declared interests"), tender, None, detail, url, label)
        elif tender.pk not in silent:
            yield Task(_("Open the bids"), tender, None, _("Interests are declared"), url, label)


def declarations_awaited(tenders: Iterable[Tender]) -> Iterator[Wait]:
    """Who has still to declare, for the officer."""
    waiting = _named(tenders)
    by_key = {tender.pk: tender for tender in waiting}
    for seat in queries.seats_without_say(waiting) if waiting else []:
        yield Wait(_("Declaration of interests"), by_key[seat.tender_id], f"{seat.unit} {seat}")
