"""A tender awarded without the way there: what promises and vendors' records rest on."""

import json
from datetime import datetime, timedelta

from django.db import transaction

from bids.actions.promises import make_promises
from bids.choices import ResolutionKind
from bids.models import Award, Bid, Promise, Resolution
from procurement.choices import Stage
from procurement.models import Tender, User
from tests.cast import NOW

#: Promises are due 90 days after the award, in Taipei.
DUE = NOW + timedelta(days=90)


def award_to(tender: Tender, vendor: str, approver: User, *, at: datetime = NOW) -> Award:
    """Award an opened tender to the vendor by hand, and make its promises."""
    winner = Bid.objects.get(tender=tender, vendor__name=vendor)
    others = tender.bids.exclude(pk=winner.pk).order_by("position")
    names = [vendor, *(bid.vendor.name for bid in others)]
    resolution = Resolution.objects.create(
        tender=tender,
        number=tender.resolutions.count() + 1,
        kind=ResolutionKind.RECOMMEND,
        bid=winner,
        reason="First",
        in_favour=2,
        recorded_by="Officer",
        recorded_at=at,
    )
    ranking = [{"place": place, "vendor": name} for place, name in enumerate(names, 1)]
    award = Award.objects.create(
        tender=tender,
        bid=winner,
        resolution=resolution,
        reason="First",
        signer=approver,
        awarded_by=str(approver),
        awarded_at=at,
        standstill_until=at + timedelta(days=10),
        result_text=json.dumps({"ranking": ranking}),
        fingerprint="sha256:0",
    )
    tender.stage = Stage.AWARDED
    tender.save()
    with transaction.atomic():
        make_promises(actor=approver, tender=tender, bid=winner, now=at)
    return award


def promise_of(tender: Tender, code: str) -> Promise:
    """The promise of a requirement, as it is stored now."""
    return Promise.objects.get(tender=tender, code=code)
