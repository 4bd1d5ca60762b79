"""Objections to answer, to settle or to wait for, and conditions of accepted risks. No bidder is named."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from bids import queries
from bids.choices import ObjectionState
from bids.models import Condition
from bids.queries import Standing
from bids.queries.work import end_of
from procurement.choices import Role, Stage
from procurement.models import User

from .tasks import Task, Wait

#: Those whom objections make wait, or give something to do.
_CONCERNED = (Role.OFFICER, Role.MEMBER, Role.APPROVER)


def freezing(user: User, now: datetime) -> list[Standing]:
    """The objections that freeze something, of those that the person may read, the first due first."""
    if user.role not in _CONCERNED:
        return []
    running = queries.objections_visible_to(user).exclude(tender__stage__in=[Stage.AWARDED, Stage.CANCELLED])
    rows = running.filter(withdrawn_by="").order_by("due_at", "pk")
    return [row for row in queries.standings(rows, now) if row.freezes]


def objections(user: User, frozen: Iterable[Standing]) -> Iterator[Task]:
    """Answers that the person must give, remedies to look at, conditions to meet."""
    for row in frozen:
        objection, tender = row.objection, row.objection.tender
        at = reverse("objection", args=[objection.pk])
        detail = f"{objection} {objection.claim}"
        mine = tender.approver_id == user.pk or (row.is_overdue and tender.escalation_id == user.pk)
        if row.waits and mine:
            yield Task(_("Answer an objection"), tender, objection.due_at, detail, at, _("Answer"))
        elif row.state == ObjectionState.UPHELD and objection.raiser_id == user.pk:
            yield Task(_("Confirm the remedy"), tender, None, detail, at, _("Open"))
    if user.role in _CONCERNED:
        for condition in queries.conditions_open(user):
            yield _condition(condition)


def _condition(row: Condition) -> Task:
    """A condition is due until its day is over in Taipei."""
    objection = row.answer.objection
    at, detail = reverse("objection", args=[objection.pk]) + f"#condition-{row.pk}", f"{objection} {row.text}"
    return Task(_("Meet a condition"), objection.tender, end_of(row.due_on), detail, at, _("Open"))


def objections_awaited(user: User, frozen: Iterable[Standing]) -> Iterator[Wait]:
    """What the officer, the owner and the raiser wait for, and from whom."""
    for row in frozen:
        tender = row.objection.tender
        runs = user.role == Role.OFFICER and tender.officer_id in (None, user.pk)
        if runs or user.pk in (tender.owner_id, row.objection.raiser_id):
            yield _wait(row)


def _wait(row: Standing) -> Wait:
    objection, tender = row.objection, row.objection.tender
    what = f"{objection} {objection.claim}"
    state = _("Publication frozen") if tender.is_draft() else _("Award frozen")
    if row.state == ObjectionState.UPHELD:
        return Wait(what, tender, objection.unit.name, None, state)
    named = tender.escalation if row.is_overdue and tender.escalation else tender.approver
    return Wait(what, tender, str(named or _("Approver")), objection.due_at, state)
