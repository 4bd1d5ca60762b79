"""A member's score sheet in the hands of a test: downloaded, filled in, uploaded."""

import io
from datetime import date

from openpyxl import load_workbook

from bids.actions import scoring
from bids.exports.own_cells import OwnCells
from bids.exports.score_sheet import COMMENT, KEY, MARK, NAME, write_score_sheet
from bids.imports import try_sheet
from bids.models import Bid
from tests.cast import NOW

TODAY = date(2026, 11, 22)


def seat_of(tender, person):
    tender.refresh_from_db()
    seat = tender.seats.select_related("unit", "user").get(user=person)
    seat.tender = tender
    return seat


def download(tender, person):
    """The person's sheet as an openpyxl workbook."""
    return load_workbook(io.BytesIO(written(tender, person)))


def written(tender, person):
    return write_score_sheet(OwnCells(seat_of(tender, person), TODAY), NOW)


def rows_of(sheet):
    """Row number by criterion code and bidder."""
    rows, code = {}, ""
    for row in range(8, sheet.max_row + 1):
        name, key = sheet.cell(row, NAME + 1).value, sheet.cell(row, KEY + 1).value
        if key:
            rows[code, name] = row
        elif sheet.cell(row, COMMENT + 1).value:
            code = name
    return rows


def fill(book, marks, comments=None):
    """Type marks, and comments, by criterion and bidder."""
    sheet = book.active
    rows = rows_of(sheet)
    for at, mark in marks.items():
        sheet.cell(rows[at], MARK + 1).value = mark
    for at, comment in (comments or {}).items():
        sheet.cell(rows[at], COMMENT + 1).value = comment
    return book


def bytes_of(book):
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def upload(book, tender, person):
    content = book if isinstance(book, bytes) else bytes_of(book)
    return try_sheet(actor=person, seat=seat_of(tender, person), name="s.xlsx", content=content, now=NOW)


def save(person, tender, mark, code="S", position=0, **more):
    return scoring.save_mark(
        actor=person,
        seat=seat_of(tender, person),
        bid=Bid.objects.get(tender=tender, position=position),
        criterion=tender.criteria.get(code=code),
        mark=mark,
        comment=more.pop("comment", ""),
        seen=0,
        now=NOW,
        **more,
    )


BEDROCK, QUICKWIN = ("S", "Bedrock Security"), ("S", "Quickwin Technology")
