"""Marking: a first opinion, one mark at a time in private, a signed sheet, and what the panel agrees on."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import rfc8785
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bids import queries, rules
from bids.actions.submission import hold, signature
from bids.choices import Absence
from bids.models import Agreed, Bid, FirstOpinion, Mark, Resolution, ScoreSheet
from procurement import audit
from procurement.actions.locking import Stale, enforce_and_lock
from procurement.models import Criterion, Seat, Tender, User
from procurement.models.fields import plain
from procurement.rules import YES, Forbidden, Verdict
from procurement.templatetags.figures import listed

_SHARED = {
    "postgresql": "SELECT * FROM procurement_tender WHERE id = %s FOR SHARE",
    "sqlite": "SELECT * FROM procurement_tender WHERE id = %s",
}


def hold_shared(tender: Tender) -> Tender:
    """The tender as stored, its row kept from changing to the end of the transaction.

    Others may hold it the same way, so that members who save at once wait for no one but for whoever changes
    the stage or the panel. Only PostgreSQL needs a lock for that: SQLite lets in one writer at a time.
    """
    key = Tender._meta.pk.get_db_prep_value(tender.pk, connection)
    return Tender.objects.raw(_SHARED[connection.vendor], [key])[0]


def _locked_seat(rule: Callable[[User, Seat], Verdict], actor: User, seat: Seat) -> Seat:
    """The member's seat, locked, on a tender that stays at its stage. Raises `Forbidden`."""
    tender = hold_shared(seat.tender)
    fresh = Seat.objects.select_for_update(of=("self",)).select_related("unit").get(pk=seat.pk)
    fresh.tender = tender
    rule(actor, fresh).enforce()
    return fresh


def save_mark(
    *,
    actor: User,
    seat: Seat,
    bid: Bid,
    criterion: Criterion,
    mark: Decimal | None,
    comment: str,
    seen: int,
    now: datetime,
    absence: str = Absence.ABSTAINED,
) -> Mark:
    """Keep one mark of one's own, 0 to the top of the scale; None is no missing mark: `absence` says why.

    `seen` is the version on screen, 0 where there was no mark yet. Raises `Forbidden`, `Stale`, and
    `ValidationError` for a mark that `bids.rules.Yardstick` finds at fault: off the scale, above what the
    evidence allows, without a reason that is asked for.
    """
    given = GivenMark(bid, criterion, mark, absence, comment, seen)
    return save_marks(actor=actor, seat=seat, given=[given], now=now)[0]


@dataclass(frozen=True, slots=True)
class GivenMark:
    """A mark to be kept, as `save_mark` takes it."""

    bid: Bid
    criterion: Criterion
    mark: Decimal | None
    absence: str
    comment: str
    seen: int


def save_marks(*, actor: User, seat: Seat, given: Iterable[GivenMark], now: datetime) -> list[Mark]:
    """Keep all of these marks of one's own, or none. Raises as `save_mark` does for the first at fault."""
    # What is asked never changes after the publication: it is read before anybody has to wait for it.
    known = queries.asked(seat.tender)
    with transaction.atomic():
        seat = _locked_seat(lambda _person, _seat: YES, actor, seat)  # held against every mark below
        plan = queries.marking(seat.tender, known)
        return [_keep(actor, seat, plan, one, now) for one in given]


def _keep(actor: User, seat: Seat, plan: queries.Marking, given: GivenMark, now: datetime) -> Mark:
    """Keep one mark on a locked seat."""
    rules.can_mark(actor, seat, given.criterion).enforce()
    tender, absence = seat.tender, given.absence if given.mark is None else ""
    yardstick = _yardstick(_own_leaf(plan, seat, given), given.bid, tender, now)
    faults = yardstick.faults(given.mark, absence, given.comment)
    if faults:
        raise ValidationError(faults)
    at = {"seat": seat, "bid": given.bid, "criterion": given.criterion, "round": tender.round}
    row = _revised(Mark.objects.filter(**at).first(), given.seen)
    row = row or Mark(**at, position=given.criterion.position)
    row.mark, row.absence, row.comment = given.mark, absence, given.comment
    row.save()
    audit.record(
        actor=actor,
        action="save mark",
        object=seat,
        now=now,
        tender=tender,
        bid=str(given.bid),
        criterion=given.criterion.code,
        mark=None if given.mark is None else plain(given.mark),
        absence=absence,
        comment=given.comment,
    )
    return row


def _own_leaf(plan: queries.Marking, seat: Seat, given: GivenMark) -> queries.Leaf:
    """The leaf, if the seat has to mark it on that bid."""
    criterion, bid = given.criterion, given.bid
    for leaf, judged in plan.cells_of(seat, price=rules.is_marked_price(criterion)):
        if leaf.row.pk == criterion.pk and judged.pk == bid.pk:
            return leaf
    raise Forbidden(_("This mark is not yours to give."))


def _yardstick(leaf: queries.Leaf, bid: Bid, tender: Tender, now: datetime) -> rules.Yardstick:
    """Against what the mark of one cell is held."""
    founded = {}
    if leaf.row.caps_marks:
        founded = queries.supports(tender, [bid], timezone.localdate(now), criterion=leaf.row)
    opinion = FirstOpinion.objects.filter(bid=bid, criterion=leaf.row).first()
    return rules.Yardstick(tender, leaf, founded.get((leaf.row.pk, bid.pk)), opinion)


def _revised(row: Mark | None, seen: int) -> Mark | None:
    """The stored mark, if it is the one that was on screen. Raises `Stale` if it is not.

    The seat is locked, so nobody else saves this mark meanwhile.
    """
    if row is None:
        return None
    if row.version != seen:
        raise Stale(_("You gave this mark in another window. Load the page again; nothing was overwritten."))
    row.version += 1
    return row


def submit_marks(*, actor: User, seat: Seat, now: datetime) -> ScoreSheet:
    """Sign one's marks: they are locked, and others' submitted marks become visible.

    The password was asked for by the form. Raises `Forbidden`, and `ValidationError` while marks are missing
    or no longer stand, because evidence or a first opinion came in after they were given.
    """
    with transaction.atomic():
        seat = _locked_seat(rules.can_fill_sheet, actor, seat)
        tender = seat.tender
        _check_sheet(seat, queries.marking(tender), now)
        sheet = ScoreSheet.objects.create(
            seat=seat, round=tender.round, submitted_at=now, signed_name=signature(actor)
        )
        audit.record(
            actor=actor,
            action="submit marks",
            object=seat,
            now=now,
            tender=tender,
            round=sheet.round,
            digest=sheet_digest(seat, sheet.round),
        )
    return sheet


def _check_sheet(seat: Seat, plan: queries.Marking, now: datetime) -> None:
    """Raise `ValidationError` unless the seat's sheet is complete and every mark on it stands."""
    cells = list(plan.cells_of(seat, price=False))
    if not cells:
        raise ValidationError(_("There is nothing for you to mark."))
    missing = len(queries.cells_missing(plan, seat))
    if missing:
        raise ValidationError(
            ngettext("%(n)d mark is missing.", "%(n)d marks are missing.", missing) % {"n": missing}
        )
    founded = queries.supports(seat.tender, plan.bids, timezone.localdate(now))
    opinions = {(row.criterion_id, row.bid_id): row for row in _opinions(seat.tender)}
    given = {(row.criterion_id, row.bid_id): row for row in seat.marks.filter(round=plan.round)}
    fallen = []
    for leaf, bid in cells:
        key = leaf.row.pk, bid.pk
        yardstick = rules.Yardstick(seat.tender, leaf, founded.get(key), opinions.get(key))
        row = given[key]
        if yardstick.faults(row.mark, row.absence, row.comment):
            fallen.append(leaf.row.code)
    if fallen:
        text = _("Some marks do not stand any more. Look again at: %(codes)s.")
        raise ValidationError(text % {"codes": listed(dict.fromkeys(fallen))})


def _opinions(tender: Tender) -> QuerySet[FirstOpinion]:
    return FirstOpinion.objects.filter(bid__tender=tender)


def record_first_opinion(
    *, actor: User, bid: Bid, criterion: Criterion, mark: Decimal | None, text: str, now: datetime
) -> FirstOpinion:
    """Enter what the working group thought of a bid on a criterion, perhaps with a mark; it never changes.

    Raises `Forbidden`, and `ValidationError` for a mark off the scale or where there is an opinion already.
    """
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_record_first_opinion, actor, criterion.tender)
        plan = queries.marking(tender)
        leaf = _leaf(plan, bid, criterion)
        if leaf.is_price:
            raise Forbidden(_("Prices are closed: there is no first opinion on them."))
        if mark is not None and (wrong := rules.off_scale(mark, leaf.maximum)):
            raise ValidationError({"mark": wrong})
        if FirstOpinion.objects.filter(bid=bid, criterion=criterion).exists():
            raise ValidationError(_("There is a first opinion on this already. It never changes."))
        opinion = FirstOpinion.objects.create(
            bid=bid, criterion=criterion, mark=mark, text=text, by_name=signature(actor), at=now
        )
        audit.record(
            actor=actor,
            action="record first opinion",
            object=criterion,
            now=now,
            tender=tender,
            bid=str(bid),
            mark=None if mark is None else plain(mark),
            text=text,
        )
    return opinion


def _leaf(plan: queries.Marking, bid: Bid, criterion: Criterion) -> queries.Leaf:
    """The leaf, if somebody marks it on that bid."""
    leaf = next((leaf for leaf in plan.leaves if leaf.row.pk == criterion.pk), None)
    if leaf is None or bid.pk not in {row.pk for row in plan.bids}:
        raise Forbidden(_("Nobody marks this criterion on this bid."))
    return leaf


def sheet_digest(seat: Seat, round_number: int) -> str:
    """SHA-256, as hex, of the seat's marks of the round as canonical JSON."""
    rows = (
        seat.marks.filter(round=round_number)
        .order_by("criterion__position", "bid__position")
        .values_list("criterion__code", "bid__vendor__name", "mark", "absence", "comment")
    )
    marks = [
        {
            "criterion": code,
            "bid": vendor,
            "mark": None if mark is None else plain(mark),
            "absence": absence,
            "comment": comment,
        }
        for code, vendor, mark, absence, comment in rows
    ]
    return hashlib.sha256(rfc8785.dumps(marks)).hexdigest()


def agree(
    *,
    actor: User,
    bid: Bid,
    criterion: Criterion,
    mark: Decimal,
    reason: str,
    replaces: Decimal | None,
    now: datetime,
    resolved: Resolution | None = None,
) -> Agreed:
    """Enter the mark that the panel agreed on, in place of the one agreed on before.

    Members' own marks stay beside it; where they count, it takes a resolution (`resolved`). `replaces` is the
    agreed mark on screen, None where there was none. Raises `Forbidden`, `Stale`, and `ValidationError` while
    sheets are missing or for a mark off the scale.
    """
    with transaction.atomic():
        hold(criterion.tender)
        criterion = enforce_and_lock(rules.can_agree, actor, criterion)
        tender = criterion.tender
        plan = queries.marking(tender)
        _check_sheets(tender, plan)
        if resolved is None:
            marked = queries.has_marks(plan, bid, criterion)
            rules.can_agree_alone(actor, criterion, marked=marked).enforce()
        wrong = rules.off_scale(mark, _leaf(plan, bid, criterion).maximum)
        if wrong:
            raise ValidationError({"mark": wrong})
        # A leaf that this round does not mark again stands as the earlier round left it.
        number = queries.Rounds(tender, tender.round).of(criterion.code)
        rows = Agreed.objects.filter(bid=bid, criterion=criterion, round=number)
        stored = rows.values_list("mark", flat=True).first()
        if stored != replaces:
            raise Stale(_("Somebody entered another agreed mark meanwhile. Load the page again."))
        agreed, made = Agreed.objects.update_or_create(
            bid=bid,
            criterion=criterion,
            round=number,
            defaults={"mark": mark, "reason": reason, "position": criterion.position},
        )
        audit.record(
            actor=actor,
            action="enter agreed mark" if made else "change agreed mark",
            object=criterion,
            now=now,
            tender=tender,
            bid=str(bid),
            mark=plain(mark),
            reason=reason,
        )
    return agreed


def _check_sheets(tender: Tender, plan: queries.Marking) -> None:
    waiting = queries.sheets_missing(tender, plan) if queries.is_marking(tender) else []
    if waiting:
        text = _("The panel can agree once these have submitted their marks: %(names)s.")
        raise ValidationError(text % {"names": listed(waiting)})
