"""Waivers and accepted risks that wait for a signature, or that end soon."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bids import queries
from bids.models import Waiver
from bids.queries.work import end_of
from procurement.choices import Role
from procurement.models import User

from .tasks import Task


def waivers(user: User, now: datetime) -> Iterator[Task]:
    """Those to sign, and those of the person's own that end within two weeks."""
    today = timezone.localdate(now)
    if user.role in (Role.MEMBER, Role.APPROVER):
        for row in queries.waivers_to_sign(user, today):
            yield _task(row, _("Sign a waiver"), _("Sign the acceptance of a risk"))
    if user.role in (Role.OFFICER, Role.MEMBER, Role.APPROVER):
        for row in queries.waivers_ending(user, today):
            yield _task(row, _("A waiver ends"), _("The acceptance of a risk ends"))


def _task(row: Waiver, of_gate: str, of_risk: str) -> Task:
    requirement, bid = row.claim.requirement, row.claim.bid
    what = of_gate if requirement.mandatory else of_risk
    detail = f"{requirement.code} {bid}: {row.control}"
    due = end_of(row.expires_on) if row.expires_on else None
    return Task(what, bid.tender, due, detail, reverse("waiver", args=[row.pk]), _("Open"))
