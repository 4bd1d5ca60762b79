"""Waivers and accepted risks that wait for a signature, or that end soon."""

from collections.abc import Iterator
from datetime import date, datetime, time

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bids import queries
from bids.models import Waiver
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
    return Task(what, bid.tender, _end(row.expires_on), detail, reverse("waiver", args=[row.pk]), _("Open"))


def _end(day: date | None) -> datetime | None:
    """The last moment of the day in Taipei."""
    return timezone.make_aware(datetime.combine(day, time.max)) if day else None
