"""The ledger of overruled advice: what stands in it, who reads it, what is past due, what came of it."""

from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from bids.actions import answers, opening, scoring, verification
from bids.actions.answers import Term
from bids.actions.ledger import note_outcome
from bids.actions.objections import raise_objection
from bids.actions.snapshots import on_screen
from bids.actions.waivers import propose_waiver, sign_waiver
from bids.choices import AnswerKind, LedgerKind
from bids.models import Award, Claim, LedgerNote, Waiver
from bids.queries import ledger as book
from bids.queries.ledger import LedgerCondition, LedgerRow, ledger_rows, search_ledger, tallies
from procurement.choices import Stage
from procurement.models import AuditEntry, RegisterEntry, Tender, Unit
from procurement.rules import Forbidden, can_read_ledger
from tests.awarded import award_it
from tests.cast import NOW, mark_everything, open_prices
from tests.procurement.exceptions import close, granted

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate(NOW)


def object_to(cast, tender, claim="The key is the vendor's", *, now=NOW):
    return raise_objection(
        actor=cast.security,
        tender=tender,
        bid=tender.bids.get(vendor=cast.rival.vendor),
        requirement=tender.requirements.get(code="R1"),
        severity="high",
        claim=claim,
        remedy="",
        due_at=now + timedelta(days=3),
        now=now,
    )


def answer(cast, objection, kind, *, due=30, now=NOW, reason="The date is fixed"):
    terms = [Term("Our own HSM", "Released by security", cast.business, TODAY + timedelta(days=due))]
    accepted = kind == AnswerKind.ACCEPTED
    return answers.answer_objection(
        actor=cast.approver,
        objection=objection,
        seen=on_screen(objection, now),
        kind=kind,
        reason=reason,
        now=now,
        expires_on=TODAY + timedelta(days=120) if accepted else None,
        conditions=terms if accepted else (),
    )


def waive(cast, tender, code="R1", *, days=60, now=NOW):
    claim = Claim.objects.get(bid__tender=tender, bid__vendor=cast.rival.vendor, requirement__code=code)
    if claim.counts_as_met:
        claim = verification.record_finding(
            actor=cast.security, claim=claim, verified=False, finding="x", seen=claim.version, now=now
        )
    waiver = propose_waiver(
        actor=cast.officer,
        claim=claim,
        reason="Replaced in March",
        control="Batch by batch",
        expires_on=timezone.localdate(now) + timedelta(days=days),
        now=now,
    )
    for person, seen in ((cast.security, 1), (cast.approver, 2)):
        waiver = sign_waiver(actor=person, waiver=waiver, seen=seen, now=now)
    return waiver


def rows(person, now=NOW):
    return ledger_rows(person, now)


# --- what stands in it ------------------------------------------------------------------------------------
def test_a_rejected_objection_stands_in_it_by_name(cast, opened):
    given = answer(cast, object_to(cast, opened), AnswerKind.REJECTED)
    (row,) = rows(cast.auditor)
    assert (row.kind, row.record, row.approver) == (LedgerKind.REJECTED, given.pk, "Approver (Management)")
    assert (row.tender, row.unit, row.vendor) == (opened, opened.owner_unit, "Quickwin Technology")
    assert (row.advice, row.reason) == ("OBJ-1 The key is the vendor's", "The date is fixed")
    assert not row.overdue


def test_one_that_is_open_or_upheld_does_not(cast, opened):
    objection = object_to(cast, opened)
    assert rows(cast.auditor) == []
    answer(cast, objection, AnswerKind.UPHELD)
    assert rows(cast.auditor) == []


def test_conditions_past_due_are_told(cast, opened):
    answer(cast, object_to(cast, opened), AnswerKind.ACCEPTED, due=30)
    (row,) = rows(cast.auditor, NOW + timedelta(days=30))
    (condition,) = row.conditions
    assert (row.kind, row.overdue, condition.owner) == (LedgerKind.ACCEPTED, False, "Business (Business)")
    (late,) = rows(cast.auditor, NOW + timedelta(days=31))
    assert late.overdue


def test_a_condition_that_was_met_is_settled(cast, opened):
    given = answer(cast, object_to(cast, opened), AnswerKind.ACCEPTED, due=30)
    condition = given.conditions.get()
    answers.meet_condition(actor=cast.business, condition=condition, evidence="HSM-7 runs", now=NOW)
    (row,) = rows(cast.auditor, NOW + timedelta(days=31))
    assert not row.overdue
    assert row.conditions[0].done


def test_a_cancelled_tender_holds_nobody_to_anything(cast, opened):
    answer(cast, object_to(cast, opened), AnswerKind.ACCEPTED, due=30)
    waive(cast, opened, "R2", days=20)
    Tender.objects.update(stage=Stage.CANCELLED)
    assert not any(row.overdue for row in rows(cast.auditor, NOW + timedelta(days=40)))


def test_a_waiver_and_an_accepted_risk_stand_in_it_once_both_have_signed(cast, opened):
    gate, risk = waive(cast, opened, "R1"), waive(cast, opened, "R3")
    assert {(row.kind, row.record) for row in rows(cast.auditor)} == {
        (LedgerKind.WAIVER, gate.pk),
        (LedgerKind.ACCEPTED_RISK, risk.pk),
    }
    Waiver.objects.filter(pk=gate.pk).update(security_by="", security_signer=None)
    assert [row.record for row in rows(cast.auditor)] == [risk.pk]


def test_a_lapsed_waiver_is_past_due_until_security_has_said_what_came_of_it(cast, opened):
    waive(cast, opened, days=60)
    assert not rows(cast.auditor, NOW + timedelta(days=60))[0].overdue
    later = NOW + timedelta(days=61)
    (row,) = rows(cast.auditor, later)
    assert row.overdue
    note_outcome(actor=cast.security, row=row, text="Replaced in time", now=later)
    (row,) = rows(cast.auditor, later)
    assert not row.overdue
    assert [note.text for note in row.notes] == ["Replaced in time"]


def test_a_waiver_with_a_follow_up_is_not_past_due(cast, opened):
    waive(cast, opened, days=20)
    waive(cast, opened, days=60, now=NOW + timedelta(days=10))
    assert [row.overdue for row in rows(cast.auditor, NOW + timedelta(days=21))] == [False, False]


def test_an_award_past_first_place_stands_in_it_and_one_to_first_place_does_not(cast, opened):
    marks = {"Bedrock Security": {"S": "44", "Q": "24"}, "Quickwin Technology": {"S": "20", "Q": "20"}}
    mark_everything(opened, marks)
    for seat in opened.seats.all():
        scoring.submit_marks(actor=seat.user, seat=seat, now=NOW)
    opening.lock_marks(actor=cast.officer, tender=opened, now=NOW)
    opened.refresh_from_db()
    award = award_it(open_prices(cast.officer, opened), "Quickwin Technology")
    (row,) = rows(cast.auditor)
    assert (row.kind, row.record, row.vendor) == (LedgerKind.NOT_FIRST, award.pk, "Quickwin Technology")
    assert (row.advice, row.reason) == ("First place: Bedrock Security", "The panel is sure")
    Award.objects.update(departure_reason="")
    assert rows(cast.auditor) == []


def test_a_connection_opened_against_security_stands_in_it_until_it_is_closed_in_time(cast, opened, units):
    followed = granted(cast, cast.business)
    entry = granted(cast, cast.business, advice="against")
    RegisterEntry.objects.filter(pk=entry.pk).update(tender=opened)
    (row,) = rows(cast.auditor)
    assert (row.kind, row.record, row.unit) == (LedgerKind.REGISTER, entry.pk, cast.business.unit)
    assert (row.approver, row.tender, row.overdue) == ("Approver (Management)", opened, False)
    assert followed.pk != entry.pk
    late = NOW + timedelta(days=400)
    assert rows(cast.auditor, late)[0].overdue
    cast.stranger.unit = units["it"]
    cast.stranger.save()
    (unnamed,) = rows(cast.stranger)
    assert unnamed.tender is None, "the tender is none of that member's business"
    close(cast.business, entry)
    assert not rows(cast.auditor, late)[0].overdue


def test_another_room_adds_a_source(cast, monkeypatch):
    row = LedgerRow(
        kind=LedgerKind.REGISTER,
        record=7,
        at=NOW,
        tender=None,
        unit=None,
        vendor="",
        advice="Port 23",
        reason="x",
        approver="Boss",
        page=("ledger", ""),
        conditions=(LedgerCondition.on(TODAY, text="a", owner="b", due=TODAY, done=False),),
    )
    monkeypatch.setattr(book, "SOURCES", [*book.SOURCES, lambda _user, _now: [row]])
    assert [found.record for found in rows(cast.auditor)] == [7]


# --- who reads it -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("part", "reads"),
    [
        ("auditor", True),
        ("approver", True),
        ("officer", True),
        ("security", True),
        ("security_head", True),
        ("business", False),
        ("stranger", False),
        ("administrator", False),
        ("vendor", False),
    ],
)
def test_the_page_and_its_link_are_for_those_who_answer_for_it(client, clock, cast, part, reads):
    person = getattr(cast, part)
    client.force_login(person)
    for name in ("ledger", "ledger-workbook"):
        assert client.get(reverse(name)).status_code == (200 if reads else 403)
    assert (reverse("ledger") in client.get(reverse("work")).content.decode()) == reads
    assert bool(can_read_ledger(person)) == reads


def test_members_of_it_read_it_too(cast, units):
    cast.stranger.unit = units["it"]
    assert can_read_ledger(cast.stranger)


def test_a_member_reads_rows_of_tenders_that_the_member_may_know_of(client, clock, cast, opened, units):
    answer(cast, object_to(cast, opened), AnswerKind.REJECTED)
    waive(cast, opened, "R2")
    cast.stranger.unit = units["it"]
    cast.stranger.save()
    assert rows(cast.stranger) == []
    client.force_login(cast.stranger)
    assert opened.title not in client.get(reverse("ledger")).content.decode()
    assert len(rows(cast.security)) == 2


def test_a_row_of_another_tender_is_not_found(client, clock, cast, opened, units):
    given = answer(cast, object_to(cast, opened), AnswerKind.REJECTED)
    address = reverse("ledger-row", args=["rejected", given.pk])
    client.force_login(cast.auditor)
    assert "The date is fixed" in client.get(address).content.decode()
    assert client.get(reverse("ledger-row", args=["waiver", given.pk])).status_code == 404
    cast.stranger.unit = units["it"]
    cast.stranger.save()
    client.force_login(cast.stranger)
    assert client.get(address).status_code == 404


# --- what came of it --------------------------------------------------------------------------------------
def test_security_says_later_what_came_of_it_and_nothing_is_overwritten(client, clock, cast, opened):
    given = answer(cast, object_to(cast, opened), AnswerKind.REJECTED)
    address = reverse("ledger-row", args=["rejected", given.pk])
    client.force_login(cast.security)
    assert client.post(address, {"text": ""}).status_code == 422
    for text in ("Two incidents in May", "Closed in June"):
        client.post(address, {"text": text})
    assert [(note.text, note.by_name) for note in LedgerNote.objects.all()] == [
        ("Two incidents in May", "Security (Security)"),
        ("Closed in June", "Security (Security)"),
    ]
    body = client.get(address).content.decode()
    assert "Two incidents in May" in body
    assert "Closed in June" in body
    assert AuditEntry.objects.filter(action="note what came of it").count() == 2


@pytest.mark.parametrize("part", ["auditor", "officer", "approver"])
def test_nobody_else_does(client, clock, cast, opened, part):
    given = answer(cast, object_to(cast, opened), AnswerKind.REJECTED)
    person = getattr(cast, part)
    client.force_login(person)
    address = reverse("ledger-row", args=["rejected", given.pk])
    assert "Security says what came of its advice." in client.get(address).content.decode()
    assert client.post(address, {"text": "x"}).status_code == 403
    with pytest.raises(Forbidden):
        note_outcome(actor=person, row=rows(cast.auditor)[0], text="x", now=NOW)


# --- filters, numbers, pages, workbook --------------------------------------------------------------------
def made_up(number, **columns):
    values = {
        "kind": LedgerKind.REJECTED,
        "record": number,
        "at": NOW - timedelta(days=number),
        "tender": None,
        "unit": None,
        "vendor": "",
        "advice": f"Advice {number}",
        "reason": "x",
        "approver": "Boss",
        "page": ("ledger", ""),
    }
    return LedgerRow(**values | columns)


def test_every_filter_narrows(units):
    late = LedgerCondition.on(TODAY, text="a", owner="b", due=TODAY - timedelta(days=1), done=False)
    found = [
        made_up(1),
        made_up(2, kind=LedgerKind.WAIVER, unit=units["it"]),
        made_up(3, approver="Other", conditions=(late,)),
        made_up(400),
    ]

    def kept(**narrowed):
        return [row.record for row in search_ledger(found, **narrowed)]

    assert kept() == [1, 2, 3, 400]
    assert kept(kind="waiver") == [2]
    assert kept(unit=str(units["it"].pk)) == [2]
    assert kept(approver="Other") == [3]
    assert kept(overdue=True) == [3]
    assert kept(year="2025") == [400]
    assert kept(text="aDvIcE 40") == [400]
    assert [
        (tally.name, tally.count, tally.overdue) for tally in tallies(found, lambda row: row.approver)
    ] == [
        ("Boss", 3, 0),
        ("Other", 1, 1),
    ]


@pytest.fixture
def many(monkeypatch):
    found = [made_up(number, unit=Unit.objects.first()) for number in range(30)]
    monkeypatch.setattr(book, "SOURCES", [lambda _user, _now: found])
    return found


def test_pages_of_25_and_numbers_on_top_of_all_of_them(client, clock, cast, many):
    client.force_login(cast.auditor)
    first = client.get(reverse("ledger"))
    assert len(first.context["page"].object_list) == 25
    assert [(tally.name, tally.count) for tally in first.context["by_approver"]] == [("Boss", 30)]
    assert "Security was overruled 30 times." in first.content.decode()
    assert len(client.get(reverse("ledger"), {"page": 2}).context["page"].object_list) == 5
    assert client.get(reverse("ledger"), {"q": "advice 29"}).context["page"].paginator.count == 1
    assert client.get(reverse("ledger"), {"kind": "nonsense"}).context["page"].paginator.count == 30


def test_an_empty_ledger_is_a_sentence(client, clock, cast):
    client.force_login(cast.auditor)
    assert "Security has not been overruled." in client.get(reverse("ledger")).content.decode()
    assert "Nothing matches." in client.get(reverse("ledger"), {"q": "x"}).content.decode()


@pytest.mark.parametrize("language", ["en", "zh-hant"])
def test_the_workbook_holds_the_same_rows_and_the_export_is_on_record(client, clock, cast, opened, language):
    cast.auditor.language = language
    cast.auditor.save()
    answer(cast, object_to(cast, opened, "=1+1 is a formula"), AnswerKind.ACCEPTED)
    waive(cast, opened, "R2")
    client.force_login(cast.auditor)
    response = client.get(reverse("ledger-workbook"), {"kind": "accepted"})
    sheets = openpyxl.load_workbook(BytesIO(response.content))
    cells = [cell for sheet in sheets for line in sheet.iter_rows() for cell in line if cell.value]
    texts = [str(cell.value) for cell in cells]
    assert any("=1+1 is a formula" in text for text in texts)
    assert all(cell.data_type != "f" for cell in cells)
    assert "Approver (Management)" in texts
    assert any("Our own HSM" in text for text in texts)
    assert not any("Replaced in March" in text for text in texts)
    assert len(sheets.sheetnames) == 3
    assert AuditEntry.objects.get(action="export ledger").actor_name.startswith("Auditor (")


def test_the_page_asks_as_often_for_three_as_for_one(
    client, clock, cast, opened, django_assert_max_num_queries
):
    answer(cast, object_to(cast, opened), AnswerKind.ACCEPTED)
    waive(cast, opened, "R2")
    client.force_login(cast.auditor)
    with django_assert_max_num_queries(20) as asked:
        client.get(reverse("ledger"))
    for number in (2, 3):
        answer(cast, object_to(cast, opened, f"Warning {number}"), AnswerKind.ACCEPTED)
    waive(cast, opened, "R3")
    with django_assert_max_num_queries(len(asked)):
        assert client.get(reverse("ledger")).context["page"].paginator.count == 5
