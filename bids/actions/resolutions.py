"""What the panel decides in a meeting: who was there, votes and reasons, what follows, and dissent."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from bids import queries, rules
from bids.actions.lots import announced_draw, resolution_to_draw, tied_vendors
from bids.actions.publication import cancel
from bids.actions.rounds import open_round
from bids.actions.scoring import agree
from bids.actions.submission import signature
from bids.cases import evaluated
from bids.choices import ResolutionKind
from bids.models import Bid, Correction, Dissent, Resolution
from procurement import audit
from procurement.actions.locking import Stale, enforce_and_lock
from procurement.choices import Kind
from procurement.models import Criterion, Seat, Tender, User
from procurement.templatetags.figures import listed

#: What concerns every bid, so that who is recused from one has no vote on it.
OF_ALL_BIDS = (ResolutionKind.REDO, ResolutionKind.LOTS, ResolutionKind.NO_AWARD)


@dataclass(frozen=True)
class Meeting:
    """Who was there, how many voted for and against, and the reason as it goes into the minutes."""

    present: Sequence[Seat]
    in_favour: int
    against: int
    reason: str


@dataclass(frozen=True)
class Matter:
    """What a resolution is about: an item, a bid, or with neither the whole tender.

    `seat` is the member whose result is removed, `mark` the agreed one in place of `replaces`, and `again`
    the criteria that are marked again.
    """

    kind: str
    criterion: Criterion | None = None
    bid: Bid | None = None
    seat: Seat | None = None
    mark: Decimal | None = None
    replaces: Decimal | None = None
    again: Sequence[Criterion] = field(default_factory=tuple)


def resolve(
    *, actor: User, tender: Tender, matter: Matter, meeting: Meeting, seen: int, now: datetime
) -> Resolution:
    """Record what the panel decided, and do what follows from it, in one transaction.

    `seen` is the number of the last resolution on screen, 0 for none. Raises `Forbidden` and `Stale`, and
    `ValidationError` without quorum, majority or reason, and for a decision that cannot be carried out.
    """
    with transaction.atomic():
        tender = enforce_and_lock(
            lambda person, row: rules.can_resolve(person, row, matter.kind), actor, tender
        )
        check_meeting(tender, None if matter.kind in OF_ALL_BIDS else matter.bid, meeting)
        last = tender.resolutions.aggregate(last=Max("number"))["last"] or 0
        if last != seen:
            raise Stale(_("Another resolution was recorded meanwhile. Load the page again."))
        _CHECKS.get(matter.kind, _check_nothing)(tender, matter, now)
        resolution = record(
            actor=actor, tender=tender, matter=matter, meeting=meeting, number=last + 1, now=now
        )
        _CONSEQUENCES.get(matter.kind, _no_consequence)(actor, tender, matter, resolution, now)
    return resolution


def check_meeting(tender: Tender, bid: Bid | None, meeting: Meeting) -> None:
    """Raise `ValidationError` unless those present can decide, and did, by more than half, with a reason."""
    electorate = queries.electorate(tender, bid)
    allowed = {seat.pk for seat in electorate if seat.present}
    outside = [seat for seat in meeting.present if seat.pk not in allowed]
    if outside:
        text = _("Absent or recused, and so without a vote: %(names)s.")
        raise ValidationError({"present": text % {"names": listed(outside)}})
    quorum = rules.has_a_quorum(tender, electorate, meeting.present)
    if not quorum:
        raise ValidationError({"present": str(quorum.reason)})
    here = len(meeting.present)
    if min(meeting.in_favour, meeting.against) < 0 or meeting.in_favour + meeting.against > here:
        text = _("There are more votes than members present (%(n)d).")
        raise ValidationError({"in_favour": text % {"n": here}})
    majority = rules.has_a_majority(meeting.in_favour, here)
    if not majority:
        raise ValidationError({"in_favour": str(majority.reason)})
    if not meeting.reason:
        raise ValidationError({"reason": _("Give the reason as it goes into the minutes.")})


def record(
    *, actor: User, tender: Tender, matter: Matter, meeting: Meeting, number: int, now: datetime
) -> Resolution:
    """Write a resolution down, with those present copied. The tender is locked and the meeting checked."""
    present = [
        {"code": seat.code, "name": str(seat), "unit": seat.unit.code, "expert": seat.expert}
        for seat in meeting.present
    ]
    resolution = Resolution.objects.create(
        tender=tender,
        number=number,
        kind=matter.kind,
        round=tender.round,
        criterion=matter.criterion,
        bid=matter.bid,
        seat=matter.seat,
        reason=meeting.reason,
        present=present,
        in_favour=meeting.in_favour,
        against=meeting.against,
        recorded_by=signature(actor),
        recorder=actor,
        recorded_at=now,
    )
    audit.record(
        actor=actor,
        action="record resolution",
        object=resolution,
        now=now,
        tender=tender,
        kind=matter.kind,
        round=tender.round,
        criterion=matter.criterion.code if matter.criterion else "",
        bid=str(matter.bid) if matter.bid else "",
        member=matter.seat.code if matter.seat else "",
        present=[row["code"] for row in present],
        in_favour=meeting.in_favour,
        against=meeting.against,
        reason=meeting.reason,
    )
    return resolution


# --- what must hold before ----------------------------------------------------------------------------------
def _check_nothing(_tender: Tender, _matter: Matter, _now: datetime) -> None:
    """Quorum and majority are enough."""


def _check_sheets(tender: Tender) -> None:
    """While members mark, nothing is decided about their marks."""
    if queries.is_marking(tender) and not queries.all_sheets_in(tender):
        raise ValidationError(_("Differences are talked about once every sheet of this round is submitted."))


def _check_keep(tender: Tender, matter: Matter, _now: datetime) -> None:
    _check_sheets(tender)
    if matter.bid is None:
        raise ValidationError({"kind": _("Name the bid whose marks are kept.")})


def _check_item(tender: Tender, matter: Matter, _now: datetime) -> None:
    _check_sheets(tender)
    if matter.bid is None or matter.criterion is None:
        raise ValidationError({"kind": _("This is decided about one criterion of one bid.")})


def _check_corrected(tender: Tender, matter: Matter, now: datetime) -> None:
    _check_item(tender, matter, now)
    corrections = Correction.objects.filter(
        mark__bid=matter.bid, mark__criterion=matter.criterion, mark__round=tender.round
    )
    if not corrections.exists():
        raise ValidationError({"kind": _("No member has corrected a mark of this item yet.")})


def _check_agreed(tender: Tender, matter: Matter, now: datetime) -> None:
    _check_item(tender, matter, now)
    if matter.mark is None:
        raise ValidationError({"mark": _("Enter the mark that the panel agreed on.")})


def _check_removal(tender: Tender, matter: Matter, _now: datetime) -> None:
    _check_sheets(tender)
    plan = queries.marking(tender)
    judges = [seat for seat in plan.seats if matter.bid in plan.bids_of(seat)]
    if matter.bid is None or matter.seat not in judges:
        raise ValidationError({"seat": _("Name a member whose marks of this bid count.")})


def _check_redo(tender: Tender, matter: Matter, _now: datetime) -> None:
    _check_sheets(tender)
    if matter.criterion is not None and matter.criterion not in matter.again:
        raise ValidationError({"again": _("The criterion in question is to be marked again, too.")})


def _check_tie(tender: Tender, _matter: Matter, now: datetime) -> None:
    if not tied_vendors(tender, now):
        raise ValidationError({"kind": _("First place is not tied: there is nothing to draw lots for.")})
    if resolution_to_draw(tender) or announced_draw(tender):
        raise ValidationError({"kind": _("The panel has resolved to draw lots already.")})


_CHECKS: dict[str, Callable[[Tender, Matter, datetime], None]] = {
    ResolutionKind.KEEP: _check_keep,
    ResolutionKind.CORRECTED: _check_corrected,
    ResolutionKind.AGREED: _check_agreed,
    ResolutionKind.REMOVE: _check_removal,
    ResolutionKind.REDO: _check_redo,
    ResolutionKind.LOTS: _check_tie,
}


# --- what follows -------------------------------------------------------------------------------------------
def _no_consequence(
    _actor: User, _tender: Tender, _matter: Matter, _resolution: Resolution, _now: datetime
) -> None:
    """The resolution itself is all."""


def _agreed(actor: User, _tender: Tender, matter: Matter, resolution: Resolution, now: datetime) -> None:
    """The agreed mark takes the place of the aggregate; members' own marks stay beside it."""
    agree(
        actor=actor,
        bid=matter.bid,
        criterion=matter.criterion,
        mark=matter.mark,
        reason=resolution.reason,
        replaces=matter.replaces,
        now=now,
        resolved=resolution,
    )


def _removed(_actor: User, tender: Tender, matter: Matter, _resolution: Resolution, now: datetime) -> None:
    """The case is counted again without the member; it must not leave a criterion without a mark."""
    _case, result = evaluated(tender, now=now)
    prices = set(tender.criteria.filter(kind=Kind.PRICE).values_list("code", flat=True)) | {"price"}
    empty = sorted({hole.criterion for hole in result.holes if hole.criterion not in prices})
    if empty:
        text = _("Without %(member)s nobody’s marks would be left on: %(codes)s.")
        raise ValidationError({"seat": text % {"member": matter.seat, "codes": listed(empty)}})


def _again(actor: User, tender: Tender, matter: Matter, resolution: Resolution, now: datetime) -> None:
    open_round(actor=actor, tender=tender, resolution=resolution, criteria=matter.again, now=now)


def _ended(actor: User, tender: Tender, _matter: Matter, resolution: Resolution, now: datetime) -> None:
    cancel(actor=actor, tender=tender, reason=resolution.reason, now=now)


_CONSEQUENCES: dict[str, Callable[[User, Tender, Matter, Resolution, datetime], None]] = {
    ResolutionKind.AGREED: _agreed,
    ResolutionKind.REMOVE: _removed,
    ResolutionKind.REDO: _again,
    ResolutionKind.NO_AWARD: _ended,
}


def dissent(*, actor: User, resolution: Resolution, text: str, now: datetime) -> Dissent:
    """Add a differing opinion to a resolution; it may not be refused, nor taken back. Raises `Forbidden`."""
    if not text:
        raise ValidationError({"text": _("Write your differing opinion.")})
    with transaction.atomic():
        resolution = enforce_and_lock(rules.can_dissent, actor, resolution)
        opinion = Dissent.objects.create(
            resolution=resolution,
            seat=actor.seats.get(tender=resolution.tender_id),
            by_name=signature(actor),
            text=text,
            at=now,
        )
        audit.record(
            actor=actor,
            action="record dissent",
            object=resolution,
            now=now,
            tender=resolution.tender,
            text=text,
        )
    return opinion
