"""The ledger of overruled advice: every time, across tenders, that security's advice was not followed.

Rows come from several tables. Each source is a function of a person and a moment that yields `LedgerRow`s of
what the person may know of, in a number of queries that does not grow; a room that has more of them adds its
function to `SOURCES`.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from bids.choices import AnswerKind, LedgerKind
from bids.models import Award, LedgerNote, ObjectionAnswer
from procurement.choices import Stage
from procurement.models import Tender, Unit, User
from procurement.queries import (
    known_tenders,
    overruled_entries,
    register_entries_visible_to,
    tenders_visible_to,
)

from .objections import objections_visible_to
from .waivers import waivers_visible_to


@dataclass(frozen=True)
class LedgerCondition:
    """What was promised in return: by whom, until when, and whether it is settled."""

    text: str
    owner: str
    due: date | None
    done: bool
    overdue: bool

    @classmethod
    def on(cls, today: date, *, text: str, owner: str, due: date | None, done: bool) -> "LedgerCondition":
        """The condition as it stands today: past due once its day is over and it is not settled."""
        return cls(text, owner, due, done, overdue=not done and due is not None and due < today)


@dataclass(frozen=True)
class LedgerRow:
    """Advice of security that was overruled, once.

    `kind` and `record` (the key of what it tells of) know the row for ever. `unit` is the one for which it
    was overruled, `approver` who did it, as signed. `page` is a URL name and what it takes.
    Sources leave `notes` to `ledger_rows`.
    """

    kind: LedgerKind
    record: int
    at: datetime
    tender: Tender | None
    unit: Unit | None
    vendor: str
    advice: str
    reason: str
    approver: str
    page: tuple[str, object]
    conditions: tuple[LedgerCondition, ...] = ()
    notes: tuple[LedgerNote, ...] = ()

    @property
    def overdue(self) -> bool:
        """Whether any condition is past due."""
        return any(condition.overdue for condition in self.conditions)

    @property
    def unit_name(self) -> str:
        """Name of the unit in the reader's language."""
        return str(self.unit or "—")


Source = Callable[[User, datetime], Iterable[LedgerRow]]


def ledger_rows(user: User, now: datetime) -> list[LedgerRow]:
    """Every row that the person may know of, the newest first."""
    notes = ledger_notes()
    rows = [
        replace(row, notes=notes.get((row.kind, row.record), ()))
        for source in SOURCES
        for row in source(user, now)
    ]
    return sorted(rows, key=lambda row: (row.at, row.kind, row.record), reverse=True)


def ledger_notes() -> dict[tuple[str, int], tuple[LedgerNote, ...]]:
    """What came of it, by kind and record, the oldest first."""
    notes: dict[tuple[str, int], list[LedgerNote]] = defaultdict(list)
    for note in LedgerNote.objects.order_by("pk"):
        notes[note.kind, note.record].append(note)
    return {key: tuple(rows) for key, rows in notes.items()}


def search_ledger(
    rows: Iterable[LedgerRow],
    *,
    text: str = "",
    kind: str = "",
    unit: str = "",
    approver: str = "",
    year: str = "",
    overdue: bool = False,
) -> list[LedgerRow]:
    """Narrow to those of the kind, the unit (its key), the approver as signed, and the year in Taipei."""
    return [
        row
        for row in rows
        if (not kind or row.kind == kind)
        and (not unit or (row.unit is not None and str(row.unit.pk) == unit))
        and (not approver or row.approver == approver)
        and (not year or str(timezone.localtime(row.at).year) == year)
        and (not overdue or row.overdue)
        and (not text or text.casefold() in _words(row).casefold())
    ]


def _words(row: LedgerRow) -> str:
    tender = f"{row.tender.reference} {row.tender.title}" if row.tender else ""
    conditions = " ".join(f"{condition.text} {condition.owner}" for condition in row.conditions)
    texts = [tender, row.vendor, row.advice, row.reason, row.approver, conditions]
    return "\n".join(texts)


@dataclass(frozen=True)
class Tally:
    """How often a unit or an approver overruled security, and how often a condition of it is past due."""

    name: str
    count: int
    overdue: int


def tallies(rows: Iterable[LedgerRow], name: Callable[[LedgerRow], str]) -> list[Tally]:
    """Counts by name, the largest first."""
    groups: dict[str, list[LedgerRow]] = defaultdict(list)
    for row in rows:
        groups[name(row)].append(row)
    found = [Tally(key, len(group), sum(row.overdue for row in group)) for key, group in groups.items()]
    return sorted(found, key=lambda tally: (-tally.count, -tally.overdue, tally.name))


def exceptions_granted(user: User, now: datetime) -> Iterator[LedgerRow]:
    """Waivers and accepted risks that both have signed, and those that came with a case file.

    One is past due once it has lapsed on a bid that still matters (the tender goes on, or the bid won), no
    other one took its place, and security has not said since what came of it.
    """
    today, notes = timezone.localdate(now), ledger_notes()
    granted = (
        waivers_visible_to(user)
        .filter(Q(loaded=True) | Q(security_by__gt=""), approved_by__gt="", refused_by="")
        .select_related("claim__bid__tender__owner_unit")
    )
    rows = list(granted.order_by("pk"))
    won = set(Award.objects.filter(suspended_at__isnull=True).values_list("bid_id", flat=True))
    held = {row.claim_id for row in rows if row.is_in_force(today)}
    for row in rows:
        requirement, bid = row.claim.requirement, row.claim.bid
        kind = LedgerKind.WAIVER if requirement.mandatory else LedgerKind.ACCEPTED_RISK
        said = notes.get((kind, row.pk), ())
        lost = bid.tender.stage == Stage.CANCELLED or (
            bid.tender.stage == Stage.AWARDED and bid.pk not in won
        )
        answered = any(row.expires_on and timezone.localdate(note.at) > row.expires_on for note in said)
        done = lost or answered or (row.claim_id in held and not row.is_in_force(today))
        control = LedgerCondition.on(
            today, text=row.control, owner=row.proposed_by, due=row.expires_on, done=done
        )
        yield LedgerRow(
            kind=kind,
            record=row.pk,
            at=row.approved_at if row.approved_at is not None else bid.tender.created_at,
            tender=bid.tender,
            unit=bid.tender.owner_unit,
            vendor=str(bid),
            advice=f"{requirement.code} {requirement.title}",
            reason=row.reason,
            approver=row.approved_by,
            page=("waiver", row.pk),
            conditions=(control,) if row.control or row.expires_on else (),
        )


def objections_overruled(user: User, now: datetime) -> Iterator[LedgerRow]:
    """Answers that reject an objection, or accept the risk with conditions; each answer is one row.

    An answer that was followed by another one, and one on a tender that was cancelled, holds nobody to its
    conditions any more.
    """
    today = timezone.localdate(now)
    answers = (
        ObjectionAnswer.objects.filter(
            objection__in=objections_visible_to(user).values("pk"),
            kind__in=[AnswerKind.REJECTED, AnswerKind.ACCEPTED],
        )
        .select_related("objection__tender__owner_unit", "objection__bid__vendor", "objection__requirement")
        .prefetch_related("conditions", "objection__answers")
        .order_by("pk")
    )
    for answer in answers:
        objection = answer.objection
        kind = LedgerKind.REJECTED if answer.kind == AnswerKind.REJECTED else LedgerKind.ACCEPTED
        last = max(row.number for row in objection.answers.all()) == answer.number
        over = not last or bool(objection.withdrawn_by) or objection.tender.stage == Stage.CANCELLED
        yield LedgerRow(
            kind=kind,
            record=answer.pk,
            at=answer.answered_at,
            tender=objection.tender,
            unit=objection.tender.owner_unit,
            vendor=str(objection.bid or ""),
            advice=f"{objection} {objection.claim}",
            reason=answer.reason,
            approver=answer.answered_by,
            page=("objection", objection.pk),
            conditions=tuple(
                LedgerCondition.on(
                    today, text=row.text, owner=row.owner_name, due=row.due_on, done=row.is_met or over
                )
                for row in answer.conditions.all()
            ),
        )


def awards_past_first(user: User, _now: datetime) -> Iterator[LedgerRow]:
    """Awards to another bid than the first of the ranking that they follow."""
    awards = (
        Award.objects.filter(tender__in=tenders_visible_to(user).values("pk"))
        .exclude(departure_reason="")
        .select_related("tender__owner_unit", "bid__vendor")
    )
    for award in awards.order_by("pk"):
        first = json.loads(award.result_text)["winner"]
        yield LedgerRow(
            kind=LedgerKind.NOT_FIRST,
            record=award.pk,
            at=award.awarded_at,
            tender=award.tender,
            unit=award.tender.owner_unit,
            vendor=str(award.bid),
            advice=_("First place: %(vendor)s") % {"vendor": first},
            reason=award.departure_reason,
            approver=award.awarded_by,
            page=("decision", award.tender_id),
        )


def entries_overruled(user: User, now: datetime) -> Iterator[LedgerRow]:
    """Entries of the register of exceptions that were granted against security's answer.

    One is past due once its last day is over and nobody has closed or prolonged it. A tender that the person
    may not know of is not named.
    """
    today = timezone.localdate(now)
    visible = register_entries_visible_to(user).order_by()
    entries = list(overruled_entries().filter(pk__in=visible.values("pk")))
    known = known_tenders(user, entries)
    for entry in entries:
        condition = LedgerCondition.on(
            today,
            text=entry.opening,
            owner=str(entry.owner),
            due=entry.expires_on,
            done=not entry.is_standing,
        )
        yield LedgerRow(
            kind=LedgerKind.REGISTER,
            record=entry.pk,
            at=entry.decided_at or entry.proposed_at,
            tender=entry.tender if entry.tender_id in known else None,
            unit=entry.unit,
            vendor=str(entry.vendor or ""),
            advice=f"{entry} {entry.system}: {entry.advice_reason}",
            reason=entry.decision_reason,
            approver=entry.decided_by,
            page=("register-entry", entry.pk),
            conditions=(condition,),
        )


#: Every kind of row; other rooms append their own.
SOURCES: list[Source] = [exceptions_granted, objections_overruled, awards_past_first, entries_overruled]
