"""A panel that is apart: members mark differently, meet and decide."""

from decimal import Decimal

from bids.actions import differences, resolutions, scoring
from bids.actions.resolutions import Matter, Meeting
from bids.cases import evaluated
from bids.models import Bid, Mark, ScoreSheet
from bids.queries import marking
from procurement.models import Seat
from tests.cast import NOW

#: Security and business are 20 of 45 apart on one item of the first bid, and agree on the rest.
APART = {
    "security": {"Bedrock Security": {"S": "40", "Q": "20"}, "Quickwin Technology": {"S": "30", "Q": "22"}},
    "business": {"Bedrock Security": {"S": "20", "Q": "20"}, "Quickwin Technology": {"S": "30", "Q": "22"}},
}


def give_sheets(tender, marks=None, *, at=NOW, comment=""):
    """Every member marks what the round asks for, and submits; `marks` by seat, vendor and criterion."""
    marks = marks or APART
    plan = marking(tender)
    for seat in plan.seats_with_cells(price=False):
        for leaf, bid in plan.cells_of(seat, price=False):
            scoring.save_mark(
                actor=seat.user,
                seat=seat,
                bid=bid,
                criterion=leaf.row,
                mark=Decimal(marks[seat.code][bid.vendor.name][leaf.row.code]),
                comment=comment,
                seen=0,
                now=at,
            )
        scoring.submit_marks(actor=seat.user, seat=seat, now=at)


def third_seat(tender):
    """A member without an account whose empty sheet is in: a vote, and no marks."""
    seat = Seat.objects.create(tender=tender, position=9, code="third", unit=tender.officer.unit)
    ScoreSheet.objects.create(seat=seat, round=tender.round, submitted_at=NOW, signed_name="Third")
    return seat


def item(tender, code="S", position=0):
    """Criterion and bid of an item."""
    return {
        "criterion": tender.criteria.get(code=code),
        "bid": Bid.objects.get(tender=tender, position=position),
    }


def meeting(tender, *, present=None, in_favour=None, against=0, reason="talked over"):
    """A meeting of everybody who is present, all in favour, unless told otherwise."""
    seats = list(tender.seats.filter(present=True)) if present is None else present
    return Meeting(seats, len(seats) if in_favour is None else in_favour, against, reason)


def resolve(officer, tender, kind, *, seen=None, now=NOW, held=None, **about):
    """Record a resolution; the last one is on screen unless told otherwise."""
    return resolutions.resolve(
        actor=officer,
        tender=tender,
        matter=Matter(kind, **about),
        meeting=held or meeting(tender),
        seen=tender.resolutions.count() if seen is None else seen,
        now=now,
    )


def mark_of(tender, person, code="S", position=0, number=None):
    """A member's mark on an item."""
    return Mark.objects.get(
        seat__user=person,
        bid__tender=tender,
        bid__position=position,
        criterion__code=code,
        round=number or tender.round,
    )


def correct(person, tender, corrected, *, code="S", position=0, seen=0, reason="seen in the talk", now=NOW):
    """A member corrects an own mark."""
    return differences.correct_mark(
        actor=person,
        mark=mark_of(tender, person, code, position),
        corrected=Decimal(corrected),
        reason=reason,
        seen=seen,
        now=now,
    )


def items(tender, now=NOW):
    """Every item by vendor and criterion."""
    case, _result = evaluated(tender, now=now)
    return {row.key: row for row in differences.items_of(tender, case)}


RED_ITEM = ("Bedrock Security", "S")
