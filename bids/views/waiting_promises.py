"""What waits of promises: what to sign, what to put into operation, and for vendors what to show."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bids.models import Promise
from bids.queries.promises import acceptances_to_finish, promises_to_sign, promises_visible_to
from bids.queries.work import end_of
from procurement.choices import Role
from procurement.models import User
from procurement.templatetags.figures import listed

from .tasks import Task


def promises(user: User, now: datetime) -> Iterator[Task]:
    """One line a tender for promises to sign or to show, and one for each system that is not live yet."""
    if user.role == Role.VENDOR:
        own = promises_visible_to(user).filter(outcome="").order_by("tender_id", "due_on", "position")
        yield from _by_tender(own, _("Show what you promised"))
    elif user.role in (Role.OFFICER, Role.MEMBER, Role.APPROVER):
        waiting = promises_to_sign(user, now).order_by("tender_id", "due_on", "position")
        yield from _by_tender(waiting, _("Sign what was promised"))
        for row in acceptances_to_finish(user):
            text = ngettext("%(n)d gate promise is open", "%(n)d gate promises are open", row.open_gates)
            detail = text % {"n": row.open_gates}
            url = reverse("promises", args=[row.tender_id])
            what = _("Put the system into operation")
            yield Task(what, row.tender, end_of(row.target_on), detail, url, _("To the promises"))


def _by_tender(rows: Iterator[Promise], what: str) -> Iterator[Task]:
    """One line a tender, due with the first of its promises."""
    for key, group in groupby(rows, key=lambda promise: promise.tender_id):
        found = list(group)
        detail = listed(promise.code for promise in found)
        url = reverse("promises", args=[key])
        yield Task(what, found[0].tender, end_of(found[0].due_on), detail, url, _("To the promises"))
