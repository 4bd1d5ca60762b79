"""Questions that wait: for a unit to answer, or for the officer to release."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bids import queries
from procurement.choices import Role
from procurement.models import Tender, User

from .tasks import Task

#: How much of a question stands in a line, in characters.
_SHORT = 80


def questions(user: User, tenders: Iterable[Tender], now: datetime) -> Iterator[Task]:
    """What the person's unit answers, and to officers what is written and not out; late ones show as such."""
    open_ones = [tender for tender in tenders if tender.is_open_for_bids(now)]
    if user.role != Role.MEMBER and (user.role not in (Role.OFFICER, Role.APPROVER) or not open_ones):
        return  # members answer for tenders, too, of which they know nothing else
    for row in queries.questions_waiting_for(user, now):
        detail = row.text if len(row.text) <= _SHORT else f"{row.text[:_SHORT]}…"
        url = reverse("question", args=[row.pk])
        yield Task(_("Answer a question"), row.tender, row.due_at, detail, url, _("Answer"))
    if user.role == Role.OFFICER:
        yield from _to_release(user, open_ones)


def _to_release(user: User, tenders: list[Tender]) -> Iterator[Task]:
    """One line a tender that the officer runs, due with the first of its questions."""
    own = [tender for tender in tenders if tender.officer_id in (None, user.pk)]
    ready = [row for row in queries.open_questions(own) if row.is_ready]
    for tender in own:
        rows = [row for row in ready if row.tender_id == tender.pk]
        if rows:
            detail = ngettext("%(n)d answer is written", "%(n)d answers are written", len(rows))
            url = reverse("questions", args=[tender.pk])
            due = min(row.due_at for row in rows)
            yield Task(_("Release answers"), tender, due, detail % {"n": len(rows)}, url, _("To the answers"))
