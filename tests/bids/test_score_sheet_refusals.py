"""Score sheets that are refused, and the pages of the score sheet."""

import io
import json
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from bids.actions import scoring
from bids.exports.score_sheet import EVIDENCE, FINGERPRINT, KEY
from bids.imports import store_sheet
from bids.models import Bid, Mark, Recusal
from procurement.actions.locking import Stale
from procurement.models import AuditEntry
from procurement.rules import Forbidden
from tests.bids.sheets import (
    BEDROCK,
    QUICKWIN,
    bytes_of,
    download,
    fill,
    rows_of,
    save,
    seat_of,
    upload,
    written,
)
from tests.cast import NOW

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def opened(opened):
    """Bidders by their names, but where a test is about the letters."""
    opened.masked_bidders = False
    opened.save()
    return opened


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
