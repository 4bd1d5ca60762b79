"""Objections: who may read which, where each stands, and what they freeze."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import TypeVar

from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery, prefetch_related_objects
from django.utils import timezone

from bids.choices import FREEZING, UNANSWERED, AnswerKind, BidStatus, ObjectionState
from bids.models import Bid, Condition, Objection, ObjectionAnswer, ObjectionFile
from procurement.choices import Role, Stage
from procurement.models import Tender, User
from procurement.queries import specifications_visible_to, tenders_visible_to

from .basis import Document, bid_bases, has_changed, specification_bases
from .bids import bids_kept_from

Row = TypeVar("Row")

#: Once a tender stands here nothing of it is frozen, and no answer lapses any more.
_OVER = frozenset({Stage.AWARDED, Stage.CANCELLED})


def objections_visible_to(user: User) -> QuerySet[Objection]:
    """Objections that a person of the bank may read, but for bids that the person is kept from.

    Those on a tender go with its specification, those on a bid with the bids. Whose unit has to meet a
    condition of an answer reads that objection, too.
    """
    objections = Objection.objects.select_related(
        "tender__officer", "tender__owner", "tender__approver", "tender__escalation"
    ).select_related("tender", "bid__vendor", "bid__tender", "requirement", "unit")
    if user.role in (Role.VENDOR, Role.ADMINISTRATOR):
        return objections.none()
    own_conditions = Condition.objects.filter(unit=user.unit).values("answer__objection")
    return objections.filter(
        Q(bid__isnull=True, tender__in=specifications_visible_to(user).values("pk"))
        | Q(tender__in=tenders_visible_to(user).values("pk"))
        | Q(pk__in=own_conditions)
    ).exclude(bid__in=bids_kept_from(user).values("pk"))


def objection_files_visible_to(user: User) -> QuerySet[ObjectionFile]:
    """Files of the objections that the person may read."""
    return ObjectionFile.objects.filter(objection__in=objections_visible_to(user).values("pk"))


def search_objections(objections: QuerySet[Objection], text: str = "", unit: str = "") -> QuerySet[Objection]:
    """Narrow to those that hold the text, raised by the unit of that code if one is given."""
    if text:
        objections = objections.filter(
            Q(claim__icontains=text)
            | Q(argument__icontains=text)
            | Q(tender__reference__icontains=text)
            | Q(tender__title__icontains=text)
            | Q(bid__vendor__name__icontains=text)
            | Q(requirement__code__iexact=text)
            | Q(raised_by__icontains=text)
        )
    return objections.filter(unit__code=unit) if unit else objections


@dataclass(frozen=True)
class Standing:
    """Where an objection stands at a moment, with the answer that was given last."""

    objection: Objection
    state: ObjectionState
    answer: ObjectionAnswer | None
    now: datetime

    @property
    def freezes(self) -> bool:
        """Whether it keeps the tender from its publication or its award."""
        return self.state in FREEZING and self.objection.tender.stage not in _OVER

    @property
    def waits(self) -> bool:
        """Whether it waits for an answer by name."""
        return self.state in UNANSWERED and self.objection.tender.stage not in _OVER

    @property
    def is_overdue(self) -> bool:
        """Whether the answer it waits for is late; "next above" may give it then, too."""
        return self.waits and self.objection.due_at <= self.now

    @cached_property
    def conditions(self) -> list[Condition]:
        """The conditions of the last answer."""
        return list(self.answer.conditions.all()) if self.answer else []

    def is_late(self, condition: Condition) -> bool:
        """Whether a condition is not met and its day, in Taipei, is over."""
        return not condition.is_met and condition.due_on < timezone.localdate(self.now)


def standings(objections: Iterable[Objection], now: datetime) -> list[Standing]:
    """Where each of them stands, in the same order, in queries that grow with the tenders only."""
    rows = list(objections)
    _prefetch_answers(rows)
    alive = [row for row in rows if row.answers.all() and row.tender.stage not in _OVER]
    bids = bid_bases({row.bid_id: row.bid for row in alive if row.bid}.values())
    tenders = specification_bases({row.tender_id: row.tender for row in alive if row.bid is None}.values())
    bases = {row.pk: bids[row.bid_id] if row.bid_id else tenders[row.tender_id] for row in alive}
    return [_standing(row, bases.get(row.pk), now) for row in rows]


def _prefetch_answers(rows: list[Objection]) -> None:
    """Read afresh the answers with their conditions and confirmations, and the bids."""
    conditions = Prefetch("conditions", Condition.objects.select_related("owner__unit", "unit"))
    answers = ObjectionAnswer.objects.prefetch_related(conditions, "confirmations").order_by("number")
    for row in rows:
        getattr(row, "_prefetched_objects_cache", {}).pop("answers", None)
    prefetch_related_objects(rows, Prefetch("answers", answers), "bid__tender")


def standing(objection: Objection, now: datetime) -> Standing:
    """Where it stands."""
    return standings([objection], now)[0]


def _last(rows: Iterable[Row]) -> Row | None:
    """The last of prefetched rows."""
    found = list(rows)
    return found[-1] if found else None


def _standing(row: Objection, basis: Document | None, now: datetime) -> Standing:
    last = _last(row.answers.all())
    state = _state(row, last, basis, timezone.localdate(now))
    return Standing(row, state, last, now)


def _state(
    row: Objection, last: ObjectionAnswer | None, basis: Document | None, today: date
) -> ObjectionState:
    """`basis` is the present state of what it is about, None where nothing can lapse any more."""
    if row.withdrawn_by:
        return ObjectionState.WITHDRAWN
    if last is None:
        return ObjectionState.OPEN
    if row.bid is not None and row.bid.status != BidStatus.VALID:
        return ObjectionState.ANSWERED  # the bid is out, whatever the answer was
    if last.kind == AnswerKind.UPHELD:
        return ObjectionState.ANSWERED if _is_remedied(last, basis) else ObjectionState.UPHELD
    return ObjectionState.ANSWERED if basis is None else _of_risk(last, basis, today)


def _of_risk(last: ObjectionAnswer, basis: Document, today: date) -> ObjectionState:
    """Whether an answer that leaves things as they are still holds for what they are now."""
    if has_changed(basis_of(last.snapshot), basis):
        return ObjectionState.LAPSED
    is_over = last.expires_on is not None and last.expires_on < today
    return ObjectionState.EXPIRED if is_over else ObjectionState.ANSWERED


def _is_remedied(answer: ObjectionAnswer, basis: Document | None) -> bool:
    """Whether the raising unit confirmed the remedy, for the state as it is now."""
    last = _last(answer.confirmations.all())
    return last is not None and (basis is None or not has_changed(basis_of(last.snapshot), basis))


def basis_of(snapshot: str) -> Document:
    """The part of a snapshot whose change makes an answer lapse."""
    basis: Document = json.loads(snapshot)["basis"]
    return basis


def freezes(tender: Tender, now: datetime, bid: Bid | None = None) -> list[Standing]:
    """The objections that keep a draft from its publication, or the tender from an award.

    One that was upheld against a bid keeps only that bid from the award, and is in the list where `bid`, the
    one that would get it, is that one.
    """
    rows = tender.objections.filter(withdrawn_by="").select_related("tender", "bid__vendor", "requirement")
    return [
        row
        for row in standings(rows, now)
        if row.freezes
        and (
            row.state != ObjectionState.UPHELD
            or row.objection.bid_id is None
            or (bid is not None and row.objection.bid_id == bid.pk)
        )
    ]


def is_upheld_against(bid: Bid) -> bool:
    """Whether an objection against the bid, which is in play, was upheld and its remedy is not confirmed."""
    rows = list(bid.objections.filter(withdrawn_by="", answers__isnull=False).distinct())
    if bid.status != BidStatus.VALID or not rows:
        return False
    _prefetch_answers(rows)
    basis = bid_bases([bid])[bid.pk]
    last = [answer for row in rows if (answer := _last(row.answers.all()))]
    return any(answer.kind == AnswerKind.UPHELD and not _is_remedied(answer, basis) for answer in last)


def conditions_open(user: User | None = None) -> QuerySet[Condition]:
    """Conditions that nobody has met yet; of one owner if one is given, but for bids the owner is kept from.

    An answer that was followed by another one holds nobody to its conditions any more.
    """
    last = ObjectionAnswer.objects.filter(objection=OuterRef("answer__objection")).order_by("-number")
    rows = (
        Condition.objects.filter(met_by="", answer__objection__withdrawn_by="")
        .filter(answer=Subquery(last.values("pk")[:1]))
        .exclude(answer__objection__tender__stage=Stage.CANCELLED)
        .select_related("answer__objection__tender", "owner__unit", "unit")
        .order_by("due_on", "pk")
    )
    if user is None:
        return rows
    return rows.filter(owner=user).exclude(answer__objection__bid__in=bids_kept_from(user).values("pk"))


def conditions_of(objection: Objection) -> QuerySet[Condition]:
    """The conditions of every answer to an objection."""
    return Condition.objects.filter(answer__objection=objection).select_related("answer__objection__tender")
