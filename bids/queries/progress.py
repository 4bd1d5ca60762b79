"""Since when tenders stand where they do, and what is late about them; one costs as many queries as all."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Max

from procurement.choices import Role, Stage
from procurement.models import AuditEntry, Tender, User
from procurement.models.question import ANSWER_WITHIN

from .objections import objections_visible_to
from .questions import questions_visible_to

#: What puts a tender at a stage that no column tells the time of.
_MOVES = {
    Stage.TECHNICAL_LOCKED: ("lock marks",),
    Stage.RANKED: ("present ranking", "suspend award"),
    Stage.AWARDED: ("award",),
    Stage.CANCELLED: ("cancel tender",),
}


@dataclass(frozen=True)
class Late:
    """`what` is late: `deadline`, `opening`, `questions` or `objections`; how many, and since when."""

    what: str
    count: int
    since: datetime


def stages_since(tenders: Iterable[Tender], now: datetime) -> dict[object, datetime | None]:
    """Since when each stands at its stage, by key; None where that is not on record. At most one query."""
    rows = list(tenders)
    asked = [row.pk for row in rows if row.stage in _MOVES]
    moves = _moves_of(asked) if asked else {}
    return {row.pk: _since(row, moves, now) for row in rows}


def _moves_of(tenders: Sequence[UUID]) -> Mapping[tuple[object, str], datetime]:
    """When each of the tenders went to a stage last."""
    actions = [action for names in _MOVES.values() for action in names]
    rows = AuditEntry.objects.filter(tender__in=tenders, action__in=actions).order_by()
    found = rows.values_list("tender", "action").annotate(last=Max("at"))
    return {(tender, action): last for tender, action, last in found}


def _since(row: Tender, moves: Mapping[tuple[object, str], datetime], now: datetime) -> datetime | None:
    stage = Stage(row.stage)
    if stage in _MOVES:
        known = [moves[row.pk, action] for action in _MOVES[stage] if (row.pk, action) in moves]
        return max(known, default=None)
    if row.is_closed(now):
        return row.deadline
    return {
        Stage.DRAFT: row.created_at,
        Stage.PUBLISHED: row.published_at,
        Stage.BIDDERS_NAMED: row.bidders_named_at,
        Stage.TECHNICAL_OPENED: row.opened_at,
        Stage.PRICE_OPENED: row.priced_at,
    }[stage]


def lateness_of(user: User, tenders: Iterable[Tender], now: datetime) -> dict[object, list[Late]]:
    """What is late about each of them, by key, as far as the person of the bank may know, in two queries.

    A draft is late once its own deadline is over, an opening from the deadline on, a question three days
    after it was asked, an objection that nobody has answered from the moment on which the answer was due.
    Vendors are told nothing.
    """
    found: dict[object, list[Late]] = defaultdict(list)
    if user.role == Role.VENDOR:
        return found
    rows = list(tenders)
    for row in rows:
        if row.deadline is not None and row.deadline <= now:
            if row.is_draft():
                found[row.pk].append(Late("deadline", 1, row.deadline))
            elif row.stage == Stage.PUBLISHED:
                found[row.pk].append(Late("opening", 1, row.deadline))
    asked = [row.pk for row in rows if row.is_open_for_bids(now)]
    running = [row.pk for row in rows if row.stage not in (Stage.AWARDED, Stage.CANCELLED)]
    for what, moments in (
        ("questions", _questions(user, asked, now)),
        ("objections", _objections(user, now)),
    ):
        counts = Counter(tender for tender, _at in moments)
        for tender in filter(counts.__contains__, running):
            first = min(at for key, at in moments if key == tender)
            found[tender].append(Late(what, counts[tender], first))
    return found


def _questions(user: User, tenders: Sequence[UUID], now: datetime) -> list[tuple[object, datetime]]:
    """Tender and moment of every answer that is overdue."""
    rows = questions_visible_to(user).filter(
        tender__in=tenders, released_at=None, same_as=None, asked_at__lte=now - ANSWER_WITHIN
    )
    found = rows.order_by().values_list("tender", "asked_at")
    return [(tender, asked_at + ANSWER_WITHIN) for tender, asked_at in found]


def _objections(user: User, now: datetime) -> list[tuple[object, datetime]]:
    """Tender and moment of every objection that should have an answer by now and has none."""
    rows = objections_visible_to(user).filter(withdrawn_by="", answers__isnull=True, due_at__lte=now)
    return list(rows.order_by().values_list("tender", "due_at"))
