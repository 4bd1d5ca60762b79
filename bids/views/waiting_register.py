"""What waits in the register of exceptions: answers, decisions, and what should have been closed by now."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bids.queries.work import end_of
from procurement import rules
from procurement.choices import Role
from procurement.models import RegisterEntry, User
from procurement.queries import entries_ending_for, entries_overdue_for, entries_waiting

from .tasks import Task, Wait

#: From here on the owner is told that an exception ends.
SOON = timedelta(days=14)

#: More overdue ones than these are one line that leads to the list.
MOST = 10


def exceptions(user: User, now: datetime) -> Iterator[Task]:
    """Requests to answer or to decide, what is overdue for the own unit, and what of one's own ends soon."""
    if user.role not in (Role.OFFICER, Role.MEMBER, Role.APPROVER):
        return
    today = timezone.localdate(now)
    for entry in entries_waiting():
        if rules.can_advise(user, entry):
            yield _task(entry, _("Answer a request for an exception"), _("Answer"))
        elif rules.can_decide(user, entry):
            yield _task(entry, _("Decide on an exception"), _("Decide by name"))
    late = list(entries_overdue_for(user, today))
    if len(late) > MOST:
        what = _("%(n)d exceptions are overdue") % {"n": len(late)}
        url = reverse("register") + "?state=overdue"
        yield Task(what, None, end_of(late[0].expires_on), "", url, _("To the list"))
    else:
        for entry in late:
            yield _task(entry, _("An exception is overdue"), _("Open"))
    for entry in entries_ending_for(user, today, today + SOON):
        yield _task(entry, _("An exception of yours ends"), _("Open"))


def _task(entry: RegisterEntry, what: str, label: str) -> Task:
    detail = f"{entry.origin} → {entry.target}: {entry.opening}"
    url = reverse("register-entry", args=[entry.pk])
    return Task(what, None, end_of(entry.expires_on), detail, url, label, f"{entry} {entry.system}")


def exceptions_awaited(user: User) -> Iterator[Wait]:
    """One's own requests that somebody has to answer or to decide."""
    if user.role not in (Role.OFFICER, Role.MEMBER, Role.APPROVER):
        return
    for entry in entries_waiting().filter(proposer=user):
        who = _("Approver") if entry.advice else _("Security")
        yield Wait(f"{entry} {entry.system}: {entry.opening}", None, who, end_of(entry.expires_on))
