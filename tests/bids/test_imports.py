"""An evaluation held on paper, from sheets: dry run, faults at their cells, all of it or nothing."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from bids.actions.recording import record_evaluation
from bids.cases import evaluated
from bids.imports import Upload, try_evaluation
from bids.models import Bid, Claim, Mark, ScoreSheet
from procurement.choices import Stage
from procurement.models import AuditEntry, Vendor
from procurement.rules import Forbidden
from procurement.sheets.templates import blank_workbook
from tests.cast import NOW, hand_in

BIDS = [
    {"vendor": "Bedrock Security", "price": "15000000"},
    {"vendor": "Newcomer Ltd", "price": "12000000"},
    {"vendor": "Gone Ltd", "price": None, "status": "withdrawn"},
]
CLAIMS = [
    {"vendor": vendor, "requirement": code, "met": True, "verified": None, "note": None}
    for vendor in ("Bedrock Security", "Newcomer Ltd")
    for code in ("R1", "R2", "R3")
]
MARKS = [
    {"member": member, "vendor": vendor, "criterion": code, "mark": mark, "comment": None}
    for member in ("security", "business")
    for vendor, code, mark in (
        ("Bedrock Security", "S", "40"),
        ("Bedrock Security", "Q", "20"),
        ("Newcomer Ltd", "S", "30"),
        ("Newcomer Ltd", "Q", "22"),
    )
]


@pytest.fixture
def over(published):
    """Bidding is over, and nobody bid here."""
    published.deadline = NOW - timedelta(hours=1)
    published.save(update_fields=["deadline"])
    return published


def workbook(*, bids=BIDS, claims=CLAIMS, marks=MARKS):
    rows = {"bids": bids, "claims": claims, "marks": marks}
    return Upload("evaluation.xlsx", blank_workbook("tender", "en", rows))


def faults_of(tender, upload, marks=None):
    return [
        (fault.sheet, fault.address, fault.text) for fault in try_evaluation(tender, upload, marks).faults
    ]


def record(person, tender, bids):
    return record_evaluation(actor=person, tender=tender, bids=bids, now=NOW)


# --- the dry run ------------------------------------------------------------------------------------------
def test_a_dry_run_stores_nothing(over):
    outcome = try_evaluation(over, workbook(), None)
    assert outcome.faults == []
    assert [bid["vendor"] for bid in outcome.bids] == ["Bedrock Security", "Newcomer Ltd", "Gone Ltd"]
    assert not Bid.objects.exists()
    assert not Vendor.objects.filter(name="Newcomer Ltd").exists()


def test_marks_may_stand_in_a_file_of_their_own(over):
    marks = Upload("marks.xlsx", blank_workbook("marks", "zh-Hant", {"marks": MARKS}))
    assert faults_of(over, workbook(marks=[]), marks) == []


def test_claims_may_be_columns_of_a_csv(over):
    bids = Upload("bids.csv", "廠商,標價,R1,R2,R3\n磐礎,１５００ 萬元,符合,符合,不符\n".encode())
    marks = Upload(
        "marks.csv",
        "\n".join(
            ["委員,廠商,準則,評分", *(f"{m},磐礎,{c},10" for m in ("security", "business") for c in "SQ")]
        ).encode(),
    )
    outcome = try_evaluation(over, bids, marks)
    assert outcome.faults == []
    assert outcome.bids[0]["price"] == "15000000"
    assert [claim["met"] for claim in outcome.bids[0]["claims"]] == [True, True, False]


@pytest.mark.parametrize(
    ("change", "sheet", "address", "words"),
    [
        ({"mark": "46"}, "Marks", "D2", "45"),
        ({"member": "nobody"}, "Marks", "A2", "nobody"),
        ({"criterion": "X9"}, "Marks", "C2", "X9"),
        ({"vendor": "Somebody else"}, "Marks", "B2", "No bid is from “Somebody else”."),
    ],
)
def test_a_fault_stands_beside_its_cell(over, change, sheet, address, words):
    found = faults_of(over, workbook(marks=[MARKS[0] | change, *MARKS[1:]]))
    assert any((sheet, address) == fault[:2] and words in fault[2] for fault in found), found


def test_what_the_sheet_itself_gets_wrong_is_said_first(over):
    found = faults_of(over, workbook(bids=[BIDS[0] | {"price": None}, *BIDS[1:]]))
    assert [fault[:2] for fault in found] == [("Bids", "B2")]


def test_an_unknown_requirement_is_a_fault_of_its_bid(over):
    found = faults_of(over, workbook(claims=[CLAIMS[0] | {"requirement": "R9"}, *CLAIMS[1:]]))
    assert any(fault[0] == "Bids" and "R9" in fault[2] for fault in found), found


def test_marks_that_are_missing_are_sentences(over):
    left = [mark for mark in MARKS if (mark["vendor"], mark["criterion"]) != ("Newcomer Ltd", "Q")]
    assert faults_of(over, workbook(marks=left)) == [("", "", "Newcomer Ltd has no mark on Q.")]


def test_a_file_that_is_none_gets_a_sentence(over):
    [(_sheet, _address, text)] = faults_of(over, Upload("bids.xlsx", b"%PDF-1.7"))
    assert text


# --- recording --------------------------------------------------------------------------------------------
def test_all_of_it_is_stored_and_the_ranking_can_be_read(cast, over):
    Bid.objects.create(tender=over, vendor=cast.vendor.vendor)
    tender = record(cast.officer, over, try_evaluation(over, workbook(), None).bids)
    assert (tender.stage, tender.opened_at, tender.priced_at) == (Stage.PRICE_OPENED, NOW, NOW)
    assert Bid.objects.count() == 3
    assert Claim.objects.count() == 9
    assert Mark.objects.count() == 8
    assert not ScoreSheet.objects.exists()
    _case, result = evaluated(tender, now=NOW)
    assert [(row.vendor, row.total) for row in result.ranking] == [
        ("Newcomer Ltd", 76),
        ("Bedrock Security", 75),
    ]
    entry = AuditEntry.objects.get()
    assert (entry.action, result.fingerprint in entry.payload) == ("record evaluation", True)


def test_findings_carry_the_name_of_who_entered_them(cast, over):
    found = [CLAIMS[0] | {"verified": False, "note": "seen on site"}, *CLAIMS[1:]]
    record(cast.officer, over, try_evaluation(over, workbook(claims=found), None).bids)
    claim = Claim.objects.get(bid__vendor__name="Bedrock Security", requirement__code="R1")
    assert (claim.verified, claim.finding, claim.verified_by) == (
        False,
        "seen on site",
        "Officer (Procurement)",
    )


def test_what_was_not_answered_stays_silent_and_not_applicable_is_kept(cast, over):
    claims = [row for row in CLAIMS if row["requirement"] != "R3"]
    outcome = try_evaluation(over, workbook(claims=claims), None)
    outcome.bids[0]["claims"].append(
        {"requirement": "R3", "met": None, "verified": None, "note": "no such part", "applicable": False}
    )
    record(cast.officer, over, outcome.bids)
    answers = Claim.objects.filter(requirement__code="R3").order_by("bid__position")
    assert list(answers.values_list("answer", "note")) == [
        ("not_applicable", "no such part"),
        ("", ""),
        ("", ""),
    ]


@pytest.mark.parametrize("part", ["security", "approver", "auditor", "vendor", "administrator"])
def test_only_officers_record(cast, over, part):
    with pytest.raises(Forbidden, match="This is for"):
        record(getattr(cast, part), over, [])


@pytest.mark.parametrize("stage", ["published", "opened"])
def test_nothing_is_recorded_before_the_deadline_or_after_the_opening(cast, request, stage):
    tender = request.getfixturevalue(stage)
    with pytest.raises(Forbidden, match="between the deadline and the opening"):
        record(cast.officer, tender, [])


def test_nothing_is_recorded_where_bids_were_handed_in_here(cast, published):
    bids = try_evaluation(published, workbook(), None).bids
    hand_in(cast.rival, published, "1", at=NOW - timedelta(hours=2))
    published.deadline = NOW - timedelta(hours=1)
    published.save(update_fields=["deadline"])
    with pytest.raises(ValidationError, match="handed in here"):
        record(cast.officer, published, bids)
    assert Mark.objects.count() == 0


def test_what_cannot_be_evaluated_is_not_stored_at_all(cast, over):
    bids = try_evaluation(over, workbook(), None).bids
    bids[0]["marks"][0]["mark"] = "46"
    with pytest.raises(ValidationError, match="45"):
        record(cast.officer, over, bids)
    bids[0]["marks"] = []
    with pytest.raises(ValidationError, match="Marks or prices are missing"):
        record(cast.officer, over, bids)
    over.refresh_from_db()
    assert over.stage == Stage.PUBLISHED
    assert not Bid.objects.exists()
    assert not AuditEntry.objects.exists()


# --- the pages --------------------------------------------------------------------------------------------
@pytest.fixture
def page(client, clock, cast, over):
    client.force_login(cast.officer)
    return reverse("record-evaluation", args=[over.pk])


def sent(upload):
    return {"file": SimpleUploadedFile(upload.name, upload.content)}


def test_an_evaluation_is_imported_in_two_steps(client, page, over):
    assert client.get(page).status_code == 200
    dry = client.post(page, sent(workbook()))
    assert "Newcomer Ltd" in dry.content.decode()
    assert not Bid.objects.exists()
    done = client.post(page, {"plan": dry.context["plan"]}, follow=True)
    assert done.redirect_chain[0][0] == reverse("decision", args=[over.pk])
    assert Bid.objects.get(vendor__name="Newcomer Ltd").price == Decimal(12000000)
    assert client.get(page).status_code == 403


def test_faults_are_listed_and_nothing_can_be_confirmed(client, page):
    response = client.post(page, sent(workbook(marks=[MARKS[0] | {"mark": "46"}, *MARKS[1:]])))
    assert "D2" in response.content.decode()
    assert "plan" not in response.context


@pytest.mark.parametrize("plan", ["", "nonsense", "eyJ9:1a:b"])
def test_a_plan_that_is_not_ours_is_refused(client, page, plan):
    response = client.post(page, {"plan": plan}, follow=True)
    assert "The dry run is too old." in response.content.decode()
    assert not Bid.objects.exists()


def test_a_plan_of_another_tender_is_refused(client, page, cast, over):
    plan = client.post(page, sent(workbook())).context["plan"]
    other = type(over).objects.get(pk=over.pk)
    other.pk, other.reference = None, "ITS-2026-901"
    other.save(force_insert=True)
    client.post(reverse("record-evaluation", args=[other.pk]), {"plan": plan})
    assert not Bid.objects.exists()


def test_a_plan_that_bids_have_overtaken_is_refused_with_the_reason(client, page, cast, over):
    plan = client.post(page, sent(workbook())).context["plan"]
    type(over).objects.filter(pk=over.pk).update(deadline=NOW)
    over.refresh_from_db()
    hand_in(cast.rival, over, "1", at=NOW - timedelta(minutes=1))
    response = client.post(page, {"plan": plan}, follow=True)
    assert "Bids were handed in here." in response.content.decode()
    assert not Mark.objects.exists()


@pytest.mark.parametrize("kind", ["bids", "marks"])
@pytest.mark.parametrize("extension", ["xlsx", "csv"])
def test_templates_are_handed_out(client, page, over, kind, extension):
    response = client.get(reverse("record-template", args=[over.pk, kind, extension]))
    assert response.status_code == 200
    assert response.headers["Content-Disposition"] == f'attachment; filename="{kind}.{extension}"'
    assert client.get(reverse("record-template", args=[over.pk, "people", extension])).status_code == 404
