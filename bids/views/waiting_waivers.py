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
            what = (
                _("Sign a waiver") if row.claim.requirement.mandatory else _("Sign the acceptance of a risk")
            )
            yield _task(row, what, row.control, _("Look at it"))
    if user.role in (Role.OFFICER, Role.MEMBER, Role.APPROVER):
        for row in queries.waivers_ending(user, today):
            what = (
                _("A waiver ends") if row.claim.requirement.mandatory else _("The acceptance of a risk ends")
            )
            yield _task(row, what, row.control, _("Look at it"))


def _task(row: Waiver, what: str, detail: str, label: str) -> Task:
    subject = f"{row.claim.requirement.code} {row.claim.bid}: {detail}"
    url = reverse("waiver", args=[row.pk])
    return Task(what, row.claim.bid.tender, _end(row.expires_on), subject, url, label)


def _end(day: date | None) -> datetime | None:
    """The last moment of the day in Taipei."""
    return day and timezone.make_aware(datetime.combine(day, time.max))
