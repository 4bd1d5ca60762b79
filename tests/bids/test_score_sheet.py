"""A member's score sheet: what is in the file, what comes back from it, and what is refused."""

import io
import json
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook

from bids.actions import scoring
from bids.choices import Absence
from bids.exports.own_cells import OwnCells
from bids.exports.score_sheet import COMMENT, EVIDENCE, FINGERPRINT, KEY, MARK, NAME, write_score_sheet
from bids.imports import store_sheet, try_sheet
from bids.models import Bid, Claim, Mark, Recusal
from procurement.actions.locking import Stale
from procurement.choices import Aggregation
from procurement.models import AuditEntry
from procurement.rules import Forbidden
from tests.cast import NOW

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TODAY = date(2026, 11, 22)


@pytest.fixture
def opened(opened):
    """Bidders by their names, but where a test is about the letters."""
    opened.masked_bidders = False
    opened.save()
    return opened


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


# --- what is refused as a whole ---------------------------------------------------------------------------
def test_a_sheet_is_stale_once_a_mark_in_it_was_saved_elsewhere(cast, opened):
    book = fill(download(opened, cast.security), {QUICKWIN: 20})
    row = rows_of(book.active)[BEDROCK]
    save(cast.security, opened, Decimal(3))
    outcome = upload(book, opened, cast.security)
    assert outcome.refusal.startswith("Marks were changed after this sheet was downloaded.")
    assert [fault.address for fault in outcome.faults] == [f"C{row}"]
    assert outcome.changes == []


def test_a_sheet_that_was_stored_is_stale_itself(cast, opened):
    book = fill(download(opened, cast.security), {BEDROCK: 20})
    plan = upload(book, opened, cast.security).plan()
    store_sheet(actor=cast.security, seat=seat_of(opened, cast.security), plan=plan, now=NOW)
    assert "Download it again" in upload(book, opened, cast.security).refusal


def test_a_mark_saved_between_the_dry_run_and_its_confirmation_is_not_overwritten(cast, opened):
    plan = upload(
        fill(download(opened, cast.security), {QUICKWIN: 5, BEDROCK: 20}), opened, cast.security
    ).plan()
    save(cast.security, opened, Decimal(3))
    with pytest.raises(Stale):
        store_sheet(actor=cast.security, seat=seat_of(opened, cast.security), plan=plan, now=NOW)
    assert [row.mark for row in Mark.objects.all()] == [Decimal(3)]
    assert not AuditEntry.objects.filter(action="upload score sheet").exists()


def test_anothers_sheet_is_refused(cast, opened):
    outcome = upload(download(opened, cast.business), opened, cast.security)
    assert outcome.refusal == "This is the score sheet of another panel member."


def test_a_sheet_of_another_round_or_publication_is_refused(cast, opened):
    book = written(opened, cast.security)
    opened.round = 2
    opened.save()
    assert upload(book, opened, cast.security).refusal == "This score sheet is of round 1; round 2 goes on."
    opened.round, opened.fingerprint = 1, "0" * 64
    opened.save()
    assert "another publication" in upload(book, opened, cast.security).refusal


def test_a_sheet_of_another_tender_is_refused(cast, opened, monkeypatch):
    book = download(opened, cast.security)
    at = book.active.cell(FINGERPRINT + 1, KEY + 1)
    at.value = json.dumps(json.loads(at.value) | {"tender": "00000000-0000-0000-0000-000000000000"})
    assert upload(book, opened, cast.security).refusal == "This is a score sheet of another tender."


def swap_rows(sheet):
    first, second = rows_of(sheet)[BEDROCK], rows_of(sheet)[QUICKWIN]
    for column in range(1, 6):
        one, other = sheet.cell(first, column), sheet.cell(second, column)
        one.value, other.value = other.value, one.value


def change_version(sheet):
    key = sheet.cell(rows_of(sheet)[BEDROCK], KEY + 1)
    key.value = key.value[:-1] + "7"


def edit(row, column, value):
    def change(sheet):
        sheet.cell(row, column).value = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        swap_rows,
        change_version,
        edit(2, 1, "another title"),
        edit(40, 7, "a note beside"),
        edit(FINGERPRINT + 1, EVIDENCE + 1, "0" * 43),
        lambda sheet: sheet.delete_rows(rows_of(sheet)[QUICKWIN]),
        lambda sheet: sheet.insert_rows(9),
    ],
    ids=["rows swapped", "version", "title", "note", "fingerprint", "row deleted", "row inserted"],
)
def test_a_sheet_whose_other_cells_were_touched_is_refused(cast, opened, change):
    book = fill(download(opened, cast.security), {BEDROCK: 20})
    change(book.active)
    assert "does not fit its fingerprint" in upload(book, opened, cast.security).refusal


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"PK\x03\x04"])
def test_what_is_no_score_sheet_is_refused_with_the_reason(cast, opened, content):
    outcome = upload(content, opened, cast.security)
    assert outcome.refusal
    assert outcome.changes == []


def test_a_sheet_with_a_bid_that_is_gone_is_refused(cast, opened):
    book = written(opened, cast.security)
    seat, bid = seat_of(opened, cast.security), Bid.objects.get(position=0)
    Recusal.objects.create(seat=seat, bid=bid, position=0, reason="kin")
    outcome = upload(book, opened, cast.security)
    assert outcome.refusal.startswith("Marks were changed")
    assert {fault.text for fault in outcome.faults} == {"This mark is not yours to give any more."}


def test_after_submission_there_is_no_sheet_to_fill_in(cast, locked):
    with pytest.raises(Forbidden):
        upload(b"", locked, cast.security)


# --- the pages --------------------------------------------------------------------------------------------
def post_file(client, tender, content):
    file = SimpleUploadedFile("mine.xlsx", content, content_type=XLSX)
    return client.post(reverse("score-sheet-upload", args=[tender.pk]), {"file": file})


def test_a_member_downloads_uploads_looks_and_confirms(client, clock, cast, opened):
    client.force_login(cast.security)
    response = client.get(reverse("score-sheet", args=[opened.pk]))
    assert response.headers["Content-Type"] == XLSX
    assert "ITS-2026-900-security-1.xlsx" in response.headers["Content-Disposition"]
    book = fill(load_workbook(io.BytesIO(response.content)), {BEDROCK: 20, QUICKWIN: 46})
    page = post_file(client, opened, bytes_of(book)).content.decode()
    assert "The scale goes from 0 to 45." in page
    assert 'name="plan"' not in page
    page = post_file(client, opened, bytes_of(fill(book, {QUICKWIN: 30})))
    assert page.content.decode().count("—</span>") + page.content.decode().count("— →") >= 2
    assert Mark.objects.count() == 0
    plan = {"plan": page.context["plan"]}
    address = reverse("score-sheet-upload", args=[opened.pk])
    done = client.post(address, plan, follow=True)
    assert "2 marks are saved from the sheet." in done.content.decode()
    assert Mark.objects.count() == 2
    assert client.post(address, plan).status_code == 409
    again = post_file(client, opened, bytes_of(book)).content.decode()
    assert "Marks were changed after this sheet was downloaded." in again


def test_a_plan_counts_for_one_member_and_not_for_ever(client, clock, cast, opened):
    client.force_login(cast.security)
    book = fill(download(opened, cast.security), {BEDROCK: 20})
    plan = {"plan": post_file(client, opened, bytes_of(book)).context["plan"]}
    client.force_login(cast.business)
    address = reverse("score-sheet-upload", args=[opened.pk])
    refused = client.post(address, plan, follow=True)
    assert "The dry run is too old. Upload the file again." in refused.content.decode()
    assert not Mark.objects.exists()


def test_an_unchanged_sheet_says_so(client, clock, cast, opened):
    client.force_login(cast.security)
    page = post_file(client, opened, written(opened, cast.security)).content.decode()
    assert "The sheet changes nothing" in page


@pytest.mark.parametrize("name", ["score-sheet", "score-sheet-upload"])
def test_only_members_who_mark_now_get_a_sheet(client, clock, cast, opened, name):
    address = reverse(name, args=[opened.pk])
    for part, status in (
        ("security", 200),
        ("officer", 403),
        ("approver", 403),
        ("auditor", 403),
        ("vendor", 403),
    ):
        client.force_login(getattr(cast, part))
        assert client.get(address).status_code == status, part
    for part in ("stranger", "administrator"):
        client.force_login(getattr(cast, part))
        assert client.get(address).status_code == 404, part
    for bid in Bid.objects.all():
        for code in "SQ":
            save(cast.security, opened, Decimal(1), code=code, position=bid.position)
    scoring.submit_marks(actor=cast.security, seat=seat_of(opened, cast.security), now=NOW)
    client.force_login(cast.security)
    response = client.get(address)
    assert response.status_code == 403
    assert "Your marks are submitted and locked." in response.content.decode()
