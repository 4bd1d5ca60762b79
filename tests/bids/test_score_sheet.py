"""A member's score sheet: what is in the file, and what comes back from it."""

import io
import json
from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation
from openpyxl import load_workbook

from bids.choices import Absence
from bids.exports.score_sheet import COMMENT, EVIDENCE, FINGERPRINT, MARK, NAME
from bids.imports import store_sheet
from bids.models import Bid, Claim, Mark
from procurement.choices import Aggregation
from procurement.models import AuditEntry
from tests.bids.sheets import (
    BEDROCK,
    QUICKWIN,
    download,
    fill,
    rows_of,
    save,
    seat_of,
    upload,
    written,
)
from tests.cast import NOW


@pytest.fixture
def opened(opened):
    """Bidders by their names, but where a test is about the letters."""
    opened.masked_bidders = False
    opened.save()
    return opened


# --- the file ---------------------------------------------------------------------------------------------
def test_the_sheet_holds_ones_own_cells_and_only_marks_and_comments_are_open(cast, opened):
    save(cast.security, opened, Decimal("12.5"), comment="=sum")
    save(cast.business, opened, Decimal("43.75"))
    sheet = download(opened, cast.security).active
    rows = rows_of(sheet)
    assert set(rows) == {(code, bidder) for code in "SQ" for bidder in (BEDROCK[1], QUICKWIN[1])}
    mark = sheet.cell(rows[BEDROCK], MARK + 1)
    assert (mark.value, sheet.cell(rows[BEDROCK], COMMENT + 1).value) == (12.5, "=sum")
    assert sheet.cell(rows[QUICKWIN], MARK + 1).value is None
    assert sheet.protection.sheet
    unlocked = {
        (cell.row, cell.column) for row in sheet.iter_rows() for cell in row if not cell.protection.locked
    }
    assert unlocked == {(row, column + 1) for row in rows.values() for column in (MARK, COMMENT)}
    texts = " ".join(str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None)
    assert "43.75" not in texts
    assert sheet.column_dimensions["E"].hidden


def test_the_fingerprint_stands_in_a_cell_and_in_the_properties_and_covers_the_versions(cast, opened):
    first = download(opened, cast.security)
    stated = first.active.cell(FINGERPRINT + 1, EVIDENCE + 1).value
    assert first.custom_doc_props["Fingerprint"].value == stated
    again = download(opened, cast.security).active.cell(FINGERPRINT + 1, EVIDENCE + 1).value
    assert again == stated
    save(cast.security, opened, Decimal(3))
    assert download(opened, cast.security).active.cell(FINGERPRINT + 1, EVIDENCE + 1).value != stated


def limits_of(sheet, row):
    (found,) = [
        rule
        for rule in sheet.data_validations.dataValidation
        if sheet.cell(row, MARK + 1).coordinate in rule.sqref
    ]
    return found


def test_a_short_scale_is_a_list_up_to_the_cap_and_a_long_one_has_bounds(cast, opened):
    leaf = opened.criteria.get(code="S")
    leaf.maximum, leaf.anchors = (
        Decimal(5),
        [{"mark": "0", "text": "nothing"}, {"mark": "5", "text": "proven"}],
    )
    leaf.save()
    opened.requirements.filter(code="R1").update(criterion=leaf)
    Claim.objects.filter(bid__position=0, requirement__code="R1").update(evidence="attested")
    sheet = download(opened, cast.security).active
    rows = rows_of(sheet)
    assert limits_of(sheet, rows[BEDROCK]).formula1 == '"0,1,2,3,abstain,not my field"'
    assert limits_of(sheet, rows[QUICKWIN]).formula1 == '"0,1,2,abstain,not my field"'
    behind = sheet.cell(rows[BEDROCK], EVIDENCE + 1).value
    assert "R1 Met · Attested" in behind
    assert "at most 3 of 5" in behind
    assert "5 of 5" in [sheet.cell(row, NAME + 1).value for row in range(8, rows[BEDROCK])]
    assert "proven" in [sheet.cell(row, EVIDENCE + 1).value for row in range(8, rows[BEDROCK])]
    long = limits_of(sheet, rows["Q", BEDROCK[1]])
    assert long.type == "custom"
    assert "<=25" in long.formula1


def test_where_every_cell_needs_a_mark_no_words_are_offered(cast, opened):
    opened.aggregation = Aggregation.SUM
    opened.save()
    opened.criteria.filter(code="S").update(maximum="2")
    sheet = download(opened, cast.security).active
    assert limits_of(sheet, rows_of(sheet)[BEDROCK]).formula1 == '"0,1,2"'


def test_masked_bidders_go_by_their_letters_in_the_file_too(cast, opened):
    opened.masked_bidders = True
    opened.save()
    data = written(opened, cast.security)
    sheet = load_workbook(io.BytesIO(data)).active
    assert {name for _code, name in rows_of(sheet)} == {"Bidder A", "Bidder B"}
    texts = [str(cell.value) for row in sheet.iter_rows() for cell in row]
    assert not any("Bedrock" in text or "Quickwin" in text for text in texts)
    order = [name for code, name in rows_of(sheet) if code == "S"]
    assert order == ["Bidder A", "Bidder B"]


def test_the_sheet_of_a_member_does_not_tell_whether_others_have_marked(cast, opened):
    alone = written(opened, cast.security)
    mark_everything_but(opened, cast.security)
    assert written(opened, cast.security) == alone


def mark_everything_but(tender, person):
    before = list(tender.seats.exclude(user=person))
    for seat in before:
        for bid in Bid.objects.filter(tender=tender):
            for code in "SQ":
                save(seat.user, tender, Decimal(1), code=code, position=bid.position)


# --- what comes back --------------------------------------------------------------------------------------
def test_a_sheet_that_was_not_filled_in_changes_nothing(cast, opened):
    save(cast.security, opened, Decimal("12.5"), comment=" said\n twice ")
    save(cast.security, opened, None, position=1, comment="unsure", absence=Absence.ABSTAINED)
    save(cast.security, opened, None, code="Q", absence=Absence.NOT_MY_FIELD)
    long = Decimal("3.3333333333333333333333")
    save(cast.security, opened, long, code="Q", position=1)
    outcome = upload(written(opened, cast.security), opened, cast.security)
    assert (outcome.refusal, outcome.changes, outcome.faults) == ("", [], [])


def test_each_change_is_shown_old_and_new_and_stored_when_confirmed(cast, opened):
    save(cast.security, opened, Decimal(12), comment="first")
    book = fill(
        download(opened, cast.security),
        {BEDROCK: 13.5, QUICKWIN: "abstain", ("Q", BEDROCK[1]): "Not my field", ("Q", QUICKWIN[1]): "２０"},
        {BEDROCK: "second", QUICKWIN: "do not know it"},
    )
    outcome = upload(book, opened, cast.security)
    assert (outcome.refusal, outcome.faults) == ("", [])
    seen = [
        (change.address, change.before.figure, change.after.figure, change.after.comment)
        for change in outcome.changes
    ]
    assert [row[1:] for row in seen] == [
        ("12", "13.5", "second"),
        ("", "Abstained", "do not know it"),
        ("", "Not my field", ""),
        ("", "20", ""),
    ]
    assert Mark.objects.count() == 1
    plan = json.loads(json.dumps(outcome.plan()))
    saved = store_sheet(actor=cast.security, seat=seat_of(opened, cast.security), plan=plan, now=NOW)
    assert saved == 4
    stored = Mark.objects.order_by("criterion__position", "bid__position")
    assert [(row.mark, row.absence, row.version) for row in stored] == [
        (Decimal("13.5"), "", 2),
        (None, "abstained", 1),
        (None, "not_my_field", 1),
        (Decimal(20), "", 1),
    ]
    assert AuditEntry.objects.filter(action="save mark").count() == 5
    assert json.loads(AuditEntry.objects.get(action="upload score sheet").payload) == {"marks": "4"}


def test_words_of_either_language_are_read_whatever_language_the_page_has(cast, opened):
    with translation.override("zh-hant"):
        book = download(opened, cast.security)
    fill(book, {BEDROCK: "abstain", QUICKWIN: "棄權"}, {BEDROCK: "x", QUICKWIN: "y"})
    outcome = upload(book, opened, cast.security)
    assert [change.after.absence for change in outcome.changes] == ["abstained", "abstained"]


@pytest.mark.parametrize(
    ("mark", "comment", "fault"),
    [
        (46, "", ("C", "The scale goes from 0 to 45.")),
        (-1, "", ("C", "The scale goes from 0 to 45.")),
        ("good", "", ("C", "“good” is not a number")),
        (True, "", ("C", "is no mark: type a plain number")),
        (date(2026, 5, 4), "", ("C", "is no mark: type a plain number")),
        ("=1/0", "", ("C", "is no mark: type a plain number")),
        (None, "only words", ("C", "Give a mark")),
        ("abstain", "", ("D", "Say why you do not mark this.")),
        (45, "", ("D", "Give a reason: this is the lowest or the highest mark")),
        (3, "x" * 4001, ("D", "at most 4000 characters")),
    ],
)
def test_what_cannot_be_is_said_with_its_cell(cast, opened, mark, comment, fault):
    opened.comment_at_ends = True
    opened.save()
    book = fill(download(opened, cast.security), {BEDROCK: mark, QUICKWIN: 20}, {BEDROCK: comment})
    row = rows_of(book.active)[BEDROCK]
    outcome = upload(book, opened, cast.security)
    (told,) = outcome.faults
    assert told.address == f"{fault[0]}{row}"
    assert fault[1] in told.text


def test_the_cap_of_the_evidence_is_held_against_the_sheet(cast, opened):
    opened.requirements.filter(code="R1").update(criterion=opened.criteria.get(code="S"))
    outcome = upload(fill(download(opened, cast.security), {BEDROCK: 19}), opened, cast.security)
    assert "the mark can be at most 18 of 45" in outcome.faults[0].text


def test_a_mark_that_was_given_is_not_emptied(cast, opened):
    save(cast.security, opened, Decimal(3))
    outcome = upload(fill(download(opened, cast.security), {BEDROCK: None}), opened, cast.security)
    assert "cannot be emptied" in outcome.faults[0].text
