"""Marking: one mark at a time in private, then a signed sheet, then what the panel agrees on."""

import hashlib
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

import rfc8785
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bids import queries, rules
from bids.actions.submission import hold, signature
from bids.models import Agreed, Bid, Mark, ScoreSheet
from procurement import audit
from procurement.actions.locking import Stale, advance, enforce_and_lock
from procurement.models import Criterion, Seat, Tender, User
from procurement.models.fields import plain
from procurement.rules import Forbidden
from procurement.templatetags.figures import listed


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
) -> Mark:
    """Keep one mark of one's own, 0 to the top of the scale; None is an abstention, which is no missing mark.

    `seen` is the version on screen, 0 where there was no mark yet. Raises `Forbidden`, `Stale`, and
    `ValidationError` for a mark off the scale or an abstention where none is allowed.
    """
    with transaction.atomic():
        hold(seat.tender)
        seat = enforce_and_lock(lambda person, row: rules.can_mark(person, row, criterion), actor, seat)
        leaf = _own_leaf(seat, bid, criterion)
        if mark is None:
            _check_abstention(seat.tender, comment)
        else:
            _check_scale(mark, leaf.maximum)
        number = seat.tender.round
        row = Mark.objects.filter(seat=seat, bid=bid, criterion=criterion, round=number).first()
        row = _revised(row, seen) or Mark(
            seat=seat, bid=bid, criterion=criterion, round=number, position=criterion.position
        )
        row.mark, row.comment = mark, comment
        row.save()
        audit.record(
            actor=actor,
            action="save mark",
            object=seat,
            now=now,
            tender=seat.tender,
            bid=str(bid),
            criterion=criterion.code,
            mark=None if mark is None else plain(mark),
            comment=comment,
        )
    return row


def _own_leaf(seat: Seat, bid: Bid, criterion: Criterion) -> queries.Leaf:
    """The leaf, if the seat has to mark it on that bid."""
    plan = queries.marking(seat.tender)
    for leaf, judged in plan.cells_of(seat, price=rules.is_marked_price(criterion)):
        if leaf.row.pk == criterion.pk and judged.pk == bid.pk:
            return leaf
    raise Forbidden(_("This mark is not yours to give."))


def _check_abstention(tender: Tender, comment: str) -> None:
    verdict = rules.can_abstain(tender)
    if not verdict:
        raise ValidationError({"mark": str(verdict.reason)})
    if not comment:
        raise ValidationError({"comment": _("Say why you do not mark this.")})


def _check_scale(mark: Decimal, maximum: Fraction) -> None:
    if not 0 <= Fraction(mark) <= maximum:
        raise ValidationError({"mark": _("The scale goes from 0 to %(top)s.") % {"top": scale_top(maximum)}})


def scale_top(maximum: Fraction) -> str:
    """The top of a scale in digits; published scales are decimals of at most 6 places."""
    return plain(round(Decimal(maximum.numerator) / Decimal(maximum.denominator), 6))


def _revised(row: Mark | None, seen: int) -> Mark | None:
    """The stored mark, if it is the one that was on screen. Raises `Stale` if it is not."""
    if row is None:
        return None
    if not seen:
        raise Stale(_("You gave this mark in another window. Load the page again; nothing was overwritten."))
    advance(row, seen)
    return row


def submit_marks(*, actor: User, seat: Seat, now: datetime) -> ScoreSheet:
    """Sign one's marks: they are locked, and others' submitted marks become visible.

    The password was asked for by the form. Raises `Forbidden`, and `ValidationError` while marks are missing.
    """
    with transaction.atomic():
        hold(seat.tender)
        seat = enforce_and_lock(rules.can_fill_sheet, actor, seat)
        plan = queries.marking(seat.tender)
        cells = {(leaf.row.pk, bid.pk) for leaf, bid in plan.cells_of(seat, price=False)}
        if not cells:
            raise ValidationError(_("There is nothing for you to mark."))
        missing = len(queries.cells_missing(plan, seat))
        if missing:
            raise ValidationError(
                ngettext("%(n)d mark is missing.", "%(n)d marks are missing.", missing) % {"n": missing}
            )
        sheet = ScoreSheet.objects.create(
            seat=seat, round=seat.tender.round, submitted_at=now, signed_name=signature(actor)
        )
        audit.record(
            actor=actor,
            action="submit marks",
            object=seat,
            now=now,
            tender=seat.tender,
            round=sheet.round,
            digest=sheet_digest(seat, sheet.round),
        )
    return sheet


def sheet_digest(seat: Seat, round_number: int) -> str:
    """SHA-256, as hex, of the seat's marks of the round as canonical JSON."""
    rows = (
        seat.marks.filter(round=round_number)
        .order_by("criterion__position", "bid__position")
        .values_list("criterion__code", "bid__vendor__name", "mark", "comment")
    )
    marks = [
        {"criterion": code, "bid": vendor, "mark": None if mark is None else plain(mark), "comment": comment}
        for code, vendor, mark, comment in rows
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
) -> Agreed:
    """Enter the mark that the panel agreed on, in place of the one agreed on before.

    Members' own marks stay beside it. `replaces` is the agreed mark on screen, None where there was none.
    Raises `Forbidden`, `Stale`, and `ValidationError` while sheets are missing or for a mark off the scale.
    """
    with transaction.atomic():
        hold(criterion.tender)
        criterion = enforce_and_lock(rules.can_agree, actor, criterion)
        tender = criterion.tender
        plan = queries.marking(tender)
        _check_sheets(tender, plan)
        leaf = next((leaf for leaf in plan.leaves if leaf.row.pk == criterion.pk), None)
        if leaf is None or bid.pk not in {row.pk for row in plan.bids}:
            raise Forbidden(_("Nobody marks this criterion on this bid."))
        _check_scale(mark, leaf.maximum)
        rows = Agreed.objects.filter(bid=bid, criterion=criterion, round=tender.round)
        stored = rows.values_list("mark", flat=True).first()
        if stored != replaces:
            raise Stale(_("Somebody entered another agreed mark meanwhile. Load the page again."))
        agreed, made = Agreed.objects.update_or_create(
            bid=bid,
            criterion=criterion,
            round=tender.round,
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
