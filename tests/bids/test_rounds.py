"""Evaluating again: what stands, what is frozen, and what the members mark anew."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from bids import queries, rules
from bids.actions import awards, opening, panel, scoring
from bids.actions.differences import correct_mark
from bids.cases import case_document, evaluated
from bids.choices import ResolutionKind
from bids.evaluation import canonical, case_file, evaluate, read
from bids.models import Mark, Round
from procurement.choices import PriceFormula, Stage
from procurement.rules import Forbidden
from tests.cast import NOW, mark_everything, open_prices

from .meeting import APART, correct, give_sheets, item, items, mark_of, meeting, resolve, third_seat

LATER = {
    "security": {"Bedrock Security": {"S": "38", "Q": "1"}, "Quickwin Technology": {"S": "31", "Q": "1"}},
    "business": {"Bedrock Security": {"S": "36", "Q": "1"}, "Quickwin Technology": {"S": "31", "Q": "1"}},
}


@pytest.fixture
def apart(opened):
    """Every sheet is in, and the two members are 20 of 45 apart on one item."""
    give_sheets(opened)
    return opened


def again(officer, tender, *, code="S", **more):
    resolve(
        officer, tender, ResolutionKind.REDO, **item(tender, code), again=[item(tender, code)["criterion"]]
    )
    tender.refresh_from_db()
    return tender


def test_a_round_freezes_the_one_before_and_reopens_only_what_was_declared(cast, apart):
    case, result = evaluated(apart, now=NOW)
    tender = again(cast.officer, apart)
    row = Round.objects.get()
    assert (tender.round, row.number, row.criteria, str(row.resolution)) == (2, 2, ["S"], "RES-1")
    assert row.case_text == canonical(case_file(case))
    assert row.result_text == canonical(result.to_document())
    assert row.fingerprint == result.fingerprint == json.loads(row.result_text)["fingerprint"]
    plan = queries.marking(tender)
    assert {leaf.row.code for seat in plan.seats for leaf, _bid in plan.cells_of(seat, price=False)} == {"S"}
    assert [seat.code for seat in queries.sheets_missing(tender, plan)] == ["security", "business"]


def test_marks_of_the_round_before_stay_and_those_of_the_new_one_count(cast, apart):
    tender = again(cast.officer, apart)
    assert not rules.can_read_differences(cast.officer, tender)
    with pytest.raises(ValidationError, match="still missing"):
        opening.lock_marks(actor=cast.officer, tender=tender, now=NOW)
    give_sheets(tender, LATER)
    assert Mark.objects.filter(round=1).count() == 8
    assert Mark.objects.filter(round=2).count() == 4
    rows = items(tender)
    assert rows["Bedrock Security", "S"].now.members == {"security": 38, "business": 36}
    assert rows["Bedrock Security", "Q"].now.members == {"security": 20, "business": 20}
    assert rows["Bedrock Security", "S"].state == ""
    first = case_document(tender, now=NOW, round_number=1)
    assert evaluate(read(json.dumps(first))).fingerprint == Round.objects.get().fingerprint
    locked = opening.lock_marks(actor=cast.officer, tender=tender, now=NOW)
    assert locked.stage == Stage.TECHNICAL_LOCKED


def test_only_marks_of_the_round_are_corrected(cast, apart):
    tender = again(cast.officer, apart)
    give_one(cast.business, tender)
    with pytest.raises(ValidationError, match="once these have submitted"):
        correct(cast.business, tender, "30")
    Mark.objects.filter(round=2).delete()
    give_sheets(tender, LATER)
    correct(cast.business, tender, "35")
    with pytest.raises(Forbidden, match="earlier round"):
        correct_mark(
            actor=cast.business,
            mark=mark_of(tender, cast.business, "Q", number=1),
            corrected=Decimal(3),
            reason="x",
            seen=0,
            now=NOW,
        )


def give_one(person, tender):
    scoring.save_mark(
        actor=person,
        seat=tender.seats.get(user=person),
        mark=Decimal(3),
        comment="",
        seen=0,
        now=NOW,
        **item(tender),
    )


def test_there_are_three_rounds_at_most(cast, apart):
    tender = again(cast.officer, apart)
    for _number in (2, 3):
        give_sheets(tender, APART)
        if tender.round < 3:
            tender = again(cast.officer, tender)
    assert tender.round == 3
    with pytest.raises(Forbidden, match="three times at most"):
        again(cast.officer, tender)
    assert Round.objects.count() == 2
    # what was resolved in an earlier round settles nothing in a later one
    assert items(tender)["Bedrock Security", "S"].state == "pending"


def test_a_round_needs_criteria_that_people_mark(cast, apart):
    price = item(apart, "P")["criterion"]
    for declared in ([], [price]):
        with pytest.raises(ValidationError):
            resolve(cast.officer, apart, ResolutionKind.REDO, again=declared)
    with pytest.raises(ValidationError, match="in question"):
        resolve(
            cast.officer, apart, ResolutionKind.REDO, **item(apart), again=[item(apart, "Q")["criterion"]]
        )
    assert not Round.objects.exists()


def test_only_members_of_the_first_round_mark_in_a_later_one(cast, opened):
    seat = opened.seats.get(user=cast.business)
    panel.set_presence(actor=cast.officer, seat=seat, present=False, reason="ill", seen=seat.version, now=NOW)
    give_sheets(opened)
    held = meeting(opened, present=[opened.seats.get(user=cast.security), third_seat(opened)])
    resolve(cast.officer, opened, ResolutionKind.REDO, again=[item(opened)["criterion"]], held=held)
    seat.refresh_from_db()
    with pytest.raises(Forbidden, match="marked in the first round"):
        panel.set_presence(
            actor=cast.officer, seat=seat, present=True, reason="well", seen=seat.version, now=NOW
        )


def test_after_the_prices_a_round_keeps_the_ranking_from_being_presented(cast, priced):
    _case, before = evaluated(priced, now=NOW)
    tender = again(cast.officer, priced)
    assert json.loads(Round.objects.get().result_text)["winner"] == before.winner
    assert queries.is_marking(tender)
    with pytest.raises(ValidationError, match="of this round are still missing from: Security, Business"):
        awards.present_ranking(actor=cast.officer, tender=tender, now=NOW)
    give_sheets(tender, APART)
    with pytest.raises(ValidationError, match="decide about these differences first: S × Bedrock Security"):
        awards.present_ranking(actor=cast.officer, tender=tender, now=NOW)
    resolve(cast.officer, tender, ResolutionKind.KEEP, **item(tender))
    assert awards.present_ranking(actor=cast.officer, tender=tender, now=NOW).stage == Stage.RANKED


def test_a_case_with_holes_is_frozen_as_far_as_it_is_known(cast, apart):
    Mark.objects.filter(criterion__code="Q", bid__position=1).delete()
    again(cast.officer, apart)
    frozen = json.loads(Round.objects.get().result_text)
    assert frozen["status"] == "incomplete"
    assert {hole["criterion"] for hole in frozen["holes"]} >= {"Q"}


def test_a_case_that_the_arithmetic_refuses_is_frozen_with_what_is_said_against_it(cast, apart):
    type(apart).objects.filter(pk=apart.pk).update(pass_mark={"points": "999"})
    again(cast.officer, apart)
    row = Round.objects.get()
    assert json.loads(row.result_text)["status"] == "refused"
    assert json.loads(row.case_text)["pass_mark"] == {"points": "999"}
    assert row.fingerprint == ""


def test_a_price_that_people_mark_is_marked_in_the_round_that_goes_on_then(cast, draft, request):
    draft.price_formula, draft.price_parameters = PriceFormula.MARKED, {}
    draft.save(update_fields=["price_formula", "price_parameters"])
    tender = request.getfixturevalue("opened")
    give_sheets(tender)
    tender = again(cast.officer, tender)
    assert Round.objects.get().criteria == ["S", "P"]
    give_sheets(tender, LATER)
    tender = opening.lock_marks(actor=cast.officer, tender=tender, now=NOW)
    tender = open_prices(cast.officer, tender)
    mark_everything(tender, {name: {"P": "20"} for name in LATER["security"]}, price=True)
    _case, result = evaluated(tender, now=NOW)
    assert result.status == "ranked"
    # its marks are complete, so a round that does not declare it leaves it alone
    tender = again(cast.officer, tender, code="Q")
    assert Round.objects.get(number=3).criteria == ["Q"]
    plan = queries.marking(tender)
    assert not plan.seats_with_cells(price=True)
    assert len(plan.seats_with_cells(price=False)) == 2


def test_lots_of_the_round_before_do_not_settle_a_tie_of_the_new_one(cast, priced):
    priced.lots_drawn = ["Quickwin Technology", "Bedrock Security"]
    priced.save(update_fields=["lots_drawn"])
    tender = again(cast.officer, priced)
    assert tender.lots_drawn == []
    assert json.loads(Round.objects.get().case_text)["lots_drawn"] == [
        "Quickwin Technology",
        "Bedrock Security",
    ]


def test_a_round_that_was_locked_before_the_prices_stays_locked_after_them(cast, apart):
    tender = again(cast.officer, apart)
    give_sheets(tender, LATER)
    tender = opening.lock_marks(actor=cast.officer, tender=tender, now=NOW)
    tender = open_prices(cast.officer, tender, at=NOW + timedelta(hours=1))
    assert not queries.is_marking(tender)
    with pytest.raises(Forbidden, match="The marks are locked"):
        correct(cast.business, tender, "35")
    assert rules.can_read_differences(cast.auditor, tender)
    assert rules.can_see_ranking(cast.auditor, tender)
