"""The sheets of the ranking workbook that hold what was recorded beside the arithmetic."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from django.utils import timezone

from bids.actions import answers, opening, verification
from bids.actions.answers import Term
from bids.actions.exporting import export_workbook
from bids.actions.objections import raise_objection
from bids.actions.snapshots import on_screen
from bids.actions.waivers import propose_waiver, sign_waiver
from bids.choices import AnswerKind, ResolutionKind
from bids.models import Agreed, Claim, Dissent
from procurement.choices import Profile
from tests.cast import NOW, open_prices

from .meeting import correct, give_sheets, item, meeting, resolve

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate(NOW)
LATER = {
    "security": {"Bedrock Security": {"S": "38"}, "Quickwin Technology": {"S": "31"}},
    "business": {"Bedrock Security": {"S": "36"}, "Quickwin Technology": {"S": "31"}},
}


def waive(cast, tender):
    claim = Claim.objects.get(bid__tender=tender, bid__vendor=cast.rival.vendor, requirement__code="R1")
    claim = verification.record_finding(
        actor=cast.security, claim=claim, verified=False, finding="x", seen=claim.version, now=NOW
    )
    waiver = propose_waiver(
        actor=cast.officer,
        claim=claim,
        reason="Replaced in March",
        control="Batch by batch",
        expires_on=TODAY + timedelta(days=60),
        now=NOW,
    )
    for person, seen in ((cast.security, 1), (cast.approver, 2)):
        waiver = sign_waiver(actor=person, waiver=waiver, seen=seen, now=NOW)


def object_and_answer(cast, tender):
    objection = raise_objection(
        actor=cast.security,
        tender=tender,
        bid=tender.bids.get(vendor=cast.vendor.vendor),
        requirement=tender.requirements.get(code="R2"),
        severity="high",
        claim="=HYPERLINK is what the vendor sent",
        remedy="",
        due_at=NOW + timedelta(days=3),
        now=NOW,
    )
    answers.answer_objection(
        actor=cast.approver,
        objection=objection,
        seen=on_screen(objection, NOW),
        kind=AnswerKind.ACCEPTED,
        reason="The date is fixed",
        now=NOW,
        expires_on=TODAY + timedelta(days=120),
        conditions=[Term("Our own HSM", "Released by security", cast.business, TODAY + timedelta(days=30))],
    )


@pytest.fixture
def told(cast, opened):
    """A tender with a waiver, a correction, two rounds, an agreed mark, dissent, and an objection."""
    waive(cast, opened)
    give_sheets(opened)
    correct(cast.business, opened, "25")
    Agreed.objects.create(
        bid=opened.bids.get(vendor=cast.rival.vendor),
        criterion=opened.criteria.get(code="Q"),
        position=1,
        mark=Decimal("21.5"),
        reason="both read the report",
    )
    resolve(cast.officer, opened, ResolutionKind.KEEP, **item(opened, "Q"), held=meeting(opened))
    seat = opened.seats.get(code="business")
    Dissent.objects.create(
        resolution=opened.resolutions.get(), seat=seat, by_name="Business (Business)", text="Too low", at=NOW
    )
    again = [item(opened)["criterion"]]
    resolve(cast.officer, opened, ResolutionKind.REDO, **item(opened), again=again)
    opened.refresh_from_db()
    give_sheets(opened, LATER)
    opening.lock_marks(actor=cast.officer, tender=opened, now=NOW)
    opened.refresh_from_db()
    tender = open_prices(cast.officer, opened)
    object_and_answer(cast, tender)
    return tender


def sheets_of(person, tender, language="en", now=NOW):
    data = export_workbook(actor=person, tender=tender, language=language, now=now)
    book = openpyxl.load_workbook(BytesIO(data))
    return {
        sheet.title: [[cell for cell in row if cell is not None] for row in sheet.iter_rows(values_only=True)]
        for sheet in book
    }


def line(rows, first):
    """The first line that begins so."""
    return next(row for row in rows if row and row[0] == first)


def test_both_rankings_and_who_signed(cast, told):
    sheets = sheets_of(cast.officer, told)
    rows = sheets["Exceptions"]
    assert line(rows, "Bedrock Security") == ["Bedrock Security", 1, 72, 2, 72]
    assert line(rows, "Quickwin Technology") == ["Quickwin Technology", "—", "—", 1, 76.5, "R1"]
    waiver = line(rows, "Waiver")
    assert waiver[1:4] == ["R1", "Quickwin Technology", "In force"]
    assert waiver[6:9] == ["Officer (Procurement)", "Security (Security)", "Approver (Management)"]
    first = [text for row in sheets["Ranking"] for text in row if isinstance(text, str)]
    assert any(
        "First as scored: Bedrock Security. First with accepted exceptions: Quickwin" in text
        for text in first
    )


def test_once_it_lapsed_both_rankings_are_one(cast, told):
    sheets = sheets_of(cast.officer, told, now=NOW + timedelta(days=61))
    assert line(sheets["Exceptions"], "Waiver")[3] == "Lapsed"
    first = [text for row in sheets["Ranking"] for text in row if isinstance(text, str)]
    assert any("all places are the same" in text for text in first)


def test_rounds_with_what_was_marked_again(cast, told):
    rows = sheets_of(cast.officer, told)["Rounds"]
    assert [row for row in rows if row and row[0] == 1] == [
        [1, "Nobody was ranked: marks or prices were missing, or no bid passed."]
    ]
    second = [row for row in rows if row and row[0] == 2]
    assert second[0][1:3] == ["Quickwin Technology", 1]
    assert second[-1][1:3] == ["S", "RES-2"]


def test_agreed_marks_and_corrections_with_original_delta_and_reason(cast, told):
    rows = sheets_of(cast.officer, told)["Agreed and corrected marks"]
    assert ["Quickwin Technology", "Q", 1, 21.5, "both read the report"] in rows
    corrected = next(row for row in rows if "seen in the talk" in row)
    assert corrected[:8] == ["Bedrock Security", "S", 1, 20, "seen in the talk", 25, 5, "Business"]


def test_resolutions_with_presence_votes_reason_and_dissent(cast, told):
    rows = sheets_of(cast.officer, told)["Resolutions"]
    kept = line(rows, "RES-1")
    for said in ("Keep the marks", "talked over", "Security, Business", 2, 0, "Business (Business): Too low"):
        assert said in kept


def test_objections_with_answers_conditions_and_days(cast, told):
    rows = sheets_of(cast.officer, told)["Objections"]
    said, promised = (row for row in rows if row and row[0] == "OBJ-1")
    for text in (
        "=HYPERLINK is what the vendor sent",
        "R2",
        "High",
        "The date is fixed",
        "Approver (Management)",
    ):
        assert text in said
    assert promised[1:4] == ["Our own HSM", "Released by security", "Business (Business)"]
    assert promised[4].date() == TODAY + timedelta(days=30)


def test_no_text_becomes_a_formula(cast, told):
    data = export_workbook(actor=cast.officer, tender=told, language="en", now=NOW)
    book = openpyxl.load_workbook(BytesIO(data))
    for name in ("Exceptions", "Rounds", "Agreed and corrected marks", "Resolutions", "Objections"):
        assert all(cell.data_type != "f" for row in book[name].iter_rows() for cell in row)


@pytest.mark.parametrize(("part", "known"), [("officer", False), ("approver", False), ("auditor", True)])
def test_members_are_letters_under_the_procurement_act_unless_an_auditor_asks(cast, told, part, known):
    type(told).objects.update(profile=Profile.TW_PUBLIC)
    told.refresh_from_db()
    told.seats.filter(code="business").update(name="Wu Known")
    told.seats.filter(code="security").update(name="Lin Known")
    sheets = sheets_of(getattr(cast, part), told)
    text = repr(sheets)
    assert ("Known" in text) == known
    kept = line(sheets["Resolutions"], "RES-1")
    assert ("Too low" in kept, 2 in kept[5:6]) == (not known, not known), (
        "a number present, dissent by nobody"
    )
    assert line(sheets["Exceptions"], "Waiver")[7] == "Security (Security)", "an act by name keeps its name"


def test_the_sheets_stand_there_in_chinese_and_for_a_tender_without_any_of_it(cast, priced):
    for language in ("zh-hant", "en"):
        sheets = sheets_of(cast.officer, priced, language)
        assert len(sheets) == 12
    assert ["Nobody objected."] in sheets["Objections"]
    assert ["There was one round."] in sheets["Rounds"]
