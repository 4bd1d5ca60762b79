"""A tender awarded without the way there, and who does what with its promises."""

import json
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from bids.actions import promises as steps
from bids.choices import ResolutionKind
from bids.models import Acceptance, Award, Bid, Promise, Resolution
from procurement.actions import register
from procurement.choices import Role, Stage
from procurement.models import Tender, User
from tests.cast import NOW

VENDOR, RIVAL = "Bedrock Security", "Quickwin Technology"

#: Promises are due 90 days after the award, in Taipei.
DUE = NOW + timedelta(days=90)


def award_to(tender: Tender, vendor: str, approver: User, *, at: datetime = NOW, final: bool = True) -> Award:
    """Award an opened tender to the vendor by hand, at once for good, and make its promises."""
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
        recorder=tender.officer or approver,
        recorded_at=at,
    )
    ranking = [{"place": place, "vendor": name, "price": None} for place, name in enumerate(names, 1)]
    nothing = {"price_only": None, "effective_points": {}, "members": {}, "issues": []}
    award = Award.objects.create(
        tender=tender,
        bid=winner,
        resolution=resolution,
        reason="First",
        signer=approver,
        awarded_by=str(approver),
        awarded_at=at,
        standstill_until=at - timedelta(seconds=1) if final else at + timedelta(days=10),
        case_text=json.dumps({"criteria": [], "requirements": [], "bids": []}),
        result_text=json.dumps({"ranking": ranking} | nothing),
        fingerprint="sha256:0",
    )
    tender.stage = Stage.AWARDED
    tender.save()
    with transaction.atomic():
        steps.make_promises(actor=approver, tender=tender, bid=winner, now=at)
    return award


def promise_of(tender: Tender, code: str) -> Promise:
    """The promise of a requirement, as it is stored now."""
    return Promise.objects.get(tender=tender, code=code)


@pytest.fixture
def promised(cast, opened):
    """The tender, awarded to the vendor today: two gate promises and a scored one, all of security."""
    award_to(opened, VENDOR, cast.approver)
    return opened


@pytest.fixture
def colleague(cast):
    """Somebody else of security, with no seat on the panel."""
    return User.objects.create(
        username="colleague", name="Colleague", role=Role.MEMBER, unit=cast.security.unit, language="en"
    )


def sign(actor, promise, outcome="kept", *, at=NOW, text="Report 7 read", file=None, seen=None):
    promise.refresh_from_db()
    return steps.sign_off(
        actor=actor,
        promise=promise,
        outcome=outcome,
        text=text,
        file=file,
        seen=promise.version if seen is None else seen,
        now=at,
    )


def keep_gates(cast, tender, at=NOW):
    for promise in Promise.objects.filter(tender=tender, mandatory=True, outcome=""):
        sign(cast.security, promise, at=at)


def live(actor, tender, at=NOW):
    row = Acceptance.objects.get(tender=tender)
    return steps.go_live(actor=actor, tender=tender, seen=row.version, now=at)


def ask(actor, tender, *, days=30, at=NOW):
    return steps.ask_to_go_live(
        actor=actor,
        tender=tender,
        owner=tender.officer,
        reason="Branches wait",
        risk="Malware on an ATM",
        expires_on=(at + timedelta(days=days)).date(),
        now=at,
    )


def advise(actor, entry, advice="agrees"):
    entry.refresh_from_db()
    return register.advise(actor=actor, entry=entry, advice=advice, reason="Seen", seen=1, now=NOW)


def decide(actor, entry, decision="granted", at=NOW):
    entry.refresh_from_db()
    return register.decide(actor=actor, entry=entry, decision=decision, reason="Needed", seen=2, now=at)


def ask_for_a_port(cast):
    return register.request_entry(
        actor=cast.business,
        values={
            "system": "ATM",
            "kind": "port",
            "origin": "Office",
            "target": "ATM",
            "opening": "TCP 22",
            "reason": "Support",
            "risk": "Malware",
            "owner": cast.business,
            "expires_on": (NOW + timedelta(days=10)).date(),
            "tender": None,
            "vendor": None,
        },
        now=NOW,
    )
