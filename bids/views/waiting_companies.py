"""What waits about companies: registrations to answer, declarations to make, certificates that end."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bids import queries
from bids.queries.work import end_of
from procurement.choices import Role
from procurement.models import User

from .tasks import Task

#: From here on the vendor's people are told that a certificate ends.
SOON = timedelta(days=30)


def companies(user: User, now: datetime) -> Iterator[Task]:
    """To officers and administrators who waits to be let in; to a vendor's people what is missing."""
    if user.role in (Role.OFFICER, Role.ADMINISTRATOR):
        for row in queries.registrations_waiting():
            url = reverse("registration", args=[row.pk])
            yield Task(_("Let a company in, or not"), None, None, row.name, url, _("Answer"), row.tax_id)
    if user.role == Role.VENDOR and user.vendor is not None:
        yield from _own(user, now)


def _own(user: User, now: datetime) -> Iterator[Task]:
    url, today = reverse("company"), timezone.localdate(now)
    profile = queries.latest_profile(user.vendor)
    if profile is None:
        detail = _("Owners, subcontractors, origin of products, certificates")
        yield Task(_("Declare who you are"), None, None, detail, url, _("Declare"), user.vendor.name)
        return
    for row in profile.certificates_on(today):
        if row["day"] <= today + SOON:
            detail = f"{row['issuer']} {row['number']}"
            yield Task(
                _("A certificate ends: declare the next one"),
                None,
                end_of(row["day"]),
                detail,
                url,
                _("Declare"),
                row["name"],
            )
