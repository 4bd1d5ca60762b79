"""Lots for first place: drawn in the open, or by a seed whose source was named before."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from bids import rules
from bids.actions.awards import present_ranking, recommend
from bids.actions.lots import announce_seed, draw_by_seed, draw_in_the_open, tied_vendors
from bids.actions.rankings import rankings_of
from bids.cases import evaluated, specification_document
from bids.choices import BidStatus, ResolutionKind
from bids.evaluation.lots import drawn_order
from bids.models import Bid, LotDraw, Mark
from procurement.actions.locking import Stale
from procurement.choices import Method, Stage
from procurement.models import AuditEntry, Vendor
from procurement.rules import Forbidden
from tests.cast import NOW

from .meeting import give_sheets, meeting, resolve

BOTH = ("Bedrock Security", "Quickwin Technology")


@pytest.fixture
def tied(priced):
    """Two bids with the same marks and the same price."""
    Bid.objects.filter(tender=priced).update(price="15000000")
    for mark in Mark.objects.filter(bid__tender=priced):
        mark.mark = 30 if mark.criterion.code == "S" else 20
        mark.save()
    assert tied_vendors(priced, NOW) == BOTH
    return priced


@pytest.fixture
def resolved(cast, tied):
    """The panel resolved to draw lots."""
    resolve(cast.officer, tied, ResolutionKind.LOTS)
    return tied


def winner(tender):
    tender.refresh_from_db()
    return evaluated(tender, now=NOW)[1].winner


def draw(person, tender, *order, witnesses="Auditor"):
    return draw_in_the_open(actor=person, tender=tender, order=order, witnesses=witnesses, now=NOW)


# --- whether there is anything to draw ----------------------------------------------------------------------
def test_lots_are_for_a_tie_in_first_place_under_rules_that_have_them(cast, priced):
    assert tied_vendors(priced, NOW) == ()
    with pytest.raises(ValidationError, match="not tied"):
        resolve(cast.officer, priced, ResolutionKind.LOTS)


# --- lots that the published rules do not name --------------------------------------------------------------
def publish(tender, **columns):
    """The tender as if it had been published with other rules."""
    type(tender).objects.filter(pk=tender.pk).update(**columns)
    tender.refresh_from_db()
    return tender


def test_lots_follow_a_published_rule_that_splits_nothing(cast, tied):
    publish(tied, tie_break=["heaviest-criterion"])
    assert tied_vendors(tied, NOW) == BOTH
    resolve(cast.officer, tied, ResolutionKind.LOTS)
    draw(cast.officer, tied, *reversed(BOTH))
    assert winner(tied) == BOTH[1]
    case, result = evaluated(tied, now=NOW)
    assert case.tie_break == ("heaviest-criterion", "lots")
    assert {row.tie_broken_by for row in result.ranking} == {"lots"}
    # what was published stays what it was
    assert "lots" not in specification_document(tied)["tie_break"]


def test_without_any_published_rule_bids_are_evaluated_once_more_before_lots(cast, tied):
    publish(tied, tie_break=[])
    with pytest.raises(Forbidden, match="evaluate once more first"):
        resolve(cast.officer, tied, ResolutionKind.LOTS)
    with pytest.raises(ValidationError, match="evaluate once more first"):
        present_ranking(actor=cast.officer, tender=tied, now=NOW)
    resolve(cast.officer, tied, ResolutionKind.REDO, again=[tied.criteria.get(code="S")])
    tied.refresh_from_db()
    same = {"Bedrock Security": {"S": "25"}, "Quickwin Technology": {"S": "25"}}
    give_sheets(tied, {"security": same, "business": same})
    resolve(cast.officer, tied, ResolutionKind.LOTS)
    draw(cast.officer, tied, *BOTH)
    assert winner(tied) == BOTH[0]
    assert present_ranking(actor=cast.officer, tender=tied, now=NOW).stage == Stage.RANKED


def test_prices_that_are_equal_need_no_second_evaluation(tied):
    assert not rules.can_draw_lots(publish(tied, tie_break=[]))
    assert rules.can_draw_lots(publish(tied, method=Method.LOWEST_PRICE))


@pytest.mark.parametrize("tie_rules", [[], ["heaviest-criterion"], ["heaviest-criterion", "lots"]])
def test_a_tie_that_was_presented_ends_in_an_award(cast, tied, tie_rules):
    publish(tied, tie_break=tie_rules, stage=Stage.RANKED)
    seats = list(tied.seats.all())
    recommendation = {"tender": tied, "meeting": meeting(tied), "discussed": True, "benefits": ""}
    recommendation |= {"bid": Bid.objects.get(tender=tied, position=1), "actor": cast.officer, "now": NOW}
    with pytest.raises(ValidationError, match="First place is not settled"):
        recommend(seen=rankings_of(tied, NOW).fingerprint, **recommendation)
    resolve(cast.officer, tied, ResolutionKind.LOTS, held=meeting(tied, present=seats))
    draw(cast.officer, tied, *reversed(BOTH))
    tied.refresh_from_db()
    made = recommend(seen=rankings_of(tied, NOW).fingerprint, **recommendation)
    assert str(made.bid) == BOTH[1]


def test_an_order_of_lots_from_a_file_splits_nothing_under_rules_without_lots(tied):
    publish(tied, tie_break=[], lots_drawn=list(BOTH))
    assert winner(tied) is None


def test_the_panel_resolves_first_and_once(cast, tied):
    with pytest.raises(ValidationError, match="resolves to draw lots first"):
        draw(cast.officer, tied, *BOTH)
    with pytest.raises(ValidationError, match="resolves to draw lots first"):
        announce_seed(actor=cast.officer, tender=tied, source="lottery", now=NOW)
    resolve(cast.officer, tied, ResolutionKind.LOTS)
    with pytest.raises(ValidationError, match="already"):
        resolve(cast.officer, tied, ResolutionKind.LOTS)


# --- in the open --------------------------------------------------------------------------------------------
def test_lots_drawn_in_the_open_have_an_order_and_witnesses(cast, resolved):
    for order in (BOTH[:1], (*BOTH, "Somebody"), (BOTH[0], BOTH[0])):
        with pytest.raises(ValidationError, match="every vendor in first place once"):
            draw(cast.officer, resolved, *order)
    with pytest.raises(ValidationError, match="witnesses"):
        draw(cast.officer, resolved, *BOTH, witnesses="")
    for person in (cast.security, cast.approver):
        with pytest.raises(Forbidden):
            draw(person, resolved, *BOTH)
    made = draw(cast.officer, resolved, *reversed(BOTH))
    assert (made.drawn_by, made.witnesses, made.drawn_at) == ("Officer (Procurement)", "Auditor", NOW)
    assert winner(resolved) == "Quickwin Technology"
    assert resolved.lots_drawn == list(reversed(BOTH))
    assert AuditEntry.objects.filter(action="draw lots").count() == 1
    with pytest.raises(ValidationError):
        draw(cast.officer, resolved, *BOTH)


def test_lots_can_still_be_drawn_when_the_ranking_lies_before_the_approver(cast, resolved):
    type(resolved).objects.filter(pk=resolved.pk).update(stage=Stage.RANKED)
    draw(cast.officer, resolved, *BOTH)
    assert winner(resolved) == BOTH[0]


def test_those_drawn_earlier_for_another_place_stay_behind(cast, resolved):
    third = Vendor.objects.create(name="Third")
    Bid.objects.create(tender=resolved, vendor=third, position=2, status=BidStatus.WITHDRAWN, opened_at=NOW)
    type(resolved).objects.filter(pk=resolved.pk).update(lots_drawn=["Third"])
    draw(cast.officer, resolved, *BOTH)
    resolved.refresh_from_db()
    assert resolved.lots_drawn == [*BOTH, "Third"]


# --- by seed ------------------------------------------------------------------------------------------------
def test_the_source_is_named_before_the_seed_and_the_order_follows_from_it(cast, resolved):
    with pytest.raises(ValidationError, match="where the seed"):
        announce_seed(actor=cast.officer, tender=resolved, source="", now=NOW)
    made = announce_seed(actor=cast.officer, tender=resolved, source="lottery of 24 November", now=NOW)
    assert (made.vendors, made.order, made.seed, made.announced_at) == (list(BOTH), [], "", NOW)
    assert winner(resolved) is None
    with pytest.raises(Stale, match="announced already"):
        announce_seed(actor=cast.officer, tender=resolved, source="another", now=NOW)
    with pytest.raises(Stale, match="announced already"):
        draw(cast.officer, resolved, *BOTH)
    later = NOW + timedelta(days=2)
    arguments = {"actor": cast.officer, "tender": resolved, "draw": made, "witnesses": "", "now": later}
    with pytest.raises(ValidationError, match="one line"):
        draw_by_seed(seed="07\n12", **arguments)
    drawn = draw_by_seed(seed="07 12 28 33 41 05", **arguments)
    order = list(drawn_order("07 12 28 33 41 05", "ITS-2026-900", BOTH))
    assert (drawn.order, drawn.seed, drawn.drawn_at) == (order, "07 12 28 33 41 05", later)
    assert winner(resolved) == order[0]
    with pytest.raises(Stale):
        draw_by_seed(seed="another", **arguments)
    assert LotDraw.objects.get().seed == "07 12 28 33 41 05"


def test_a_seed_is_of_no_use_once_first_place_is_another(cast, resolved):
    made = announce_seed(actor=cast.officer, tender=resolved, source="lottery", now=NOW)
    Mark.objects.filter(bid__vendor__name=BOTH[0], criterion__code="S").update(mark="31")
    with pytest.raises(Stale, match="another one"):
        draw_by_seed(actor=cast.officer, tender=resolved, draw=made, seed="1", witnesses="", now=NOW)


# --- for everybody else -------------------------------------------------------------------------------------
def test_anybody_draws_the_lots_again_with_no_database():
    out = StringIO()
    call_command("draw_lots", "s", "R-1", "磐礎資安", "B", stdout=out)
    lines = out.getvalue().splitlines()
    assert [line.split("  ")[2] for line in lines] == list(drawn_order("s", "R-1", ["B", "磐礎資安"]))
    with pytest.raises(CommandError, match="named once"):
        call_command("draw_lots", "s", "R-1", "B", "B", stdout=out)
