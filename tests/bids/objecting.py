"""Raising and answering objections in tests, with the shared cast."""

from datetime import timedelta

from django.contrib.auth.hashers import make_password

from bids.actions.answers import Term, answer_objection
from bids.actions.objections import raise_objection
from bids.actions.snapshots import on_screen
from bids.actions.verification import record_finding
from bids.models import Claim
from procurement.choices import Role
from procurement.models import User
from tests.cast import NOW, PASSWORD

DAY = timedelta(days=1)
TODAY = NOW.date()


def object_to(tender, actor, *, vendor="Bedrock Security", now=NOW, **words):
    """An objection to a vendor's bid on R1, or to the tender where `vendor` is empty; due in two days."""
    said = {
        "bid": tender.bids.get(vendor__name=vendor) if vendor else None,
        "requirement": tender.requirements.get(code="R1"),
        "severity": "critical",
        "claim": "The vendor alone holds the signing key",
        "argument": "Whoever breaks into the vendor signs valid packages.",
        "remedy": "We hold the key",
        "due_at": now + 2 * DAY,
    }
    return raise_objection(actor=actor, tender=tender, now=now, **said | words)


def answer(objection, actor, kind="rejected", *, now=NOW, reason="The evidence does not bear it", **terms):
    """An answer on the case as it stands; an acceptance has one condition, and lasts for 30 days."""
    objection = type(objection).objects.get(pk=objection.pk)
    if kind == "accepted":
        owner = User.objects.get(username="business")
        term = Term("Key in our HSM", "Every batch is released by hand", owner, now.date() + 20 * DAY)
        terms = {"expires_on": now.date() + 30 * DAY, "conditions": [term]} | terms
    seen = on_screen(objection, now)
    return answer_objection(
        actor=actor, objection=objection, seen=seen, kind=kind, reason=reason, now=now, **terms
    )


def find(bid, code, verified, *, finding="Seen in the test report", now=NOW):
    """A finding on a requirement of a bid, by the owner of the requirement."""
    claim = Claim.objects.get(bid=bid, requirement__code=code)
    owner = claim.requirement.owner
    return record_finding(
        actor=owner, claim=claim, verified=verified, finding=finding, seen=claim.version, now=now
    )


def colleague(cast, username="colleague"):
    """Another member of security, with no seat and nothing to answer for."""
    return User.objects.create(
        username=username,
        password=make_password(PASSWORD),
        name=username.title(),
        role=Role.MEMBER,
        unit=cast.security.unit,
        language="en",
    )
