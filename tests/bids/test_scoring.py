"""Marks: one's own, others' hidden, signed, locked, agreed."""

from decimal import Decimal
from fractions import Fraction

import pytest
from django.core.exceptions import ValidationError

from bids import queries, rules
from bids.actions import opening, panel, scoring
from bids.cases import case_document
from bids.choices import Absence
from bids.models import Agreed, Bid, Mark, ScoreSheet
from procurement.actions.locking import Stale
from procurement.choices import Aggregation, Kind, Method, PriceFormula
from procurement.models import CriterionUnit
from procurement.rules import Forbidden
from tests.cast import NOW, mark_everything

MARKS = {
    "Bedrock Security": {"S": "40", "Q": "20", "P": "20"},
    "Quickwin Technology": {"S": "30", "Q": "22", "P": "25"},
}


def seat_of(tender, person):
    return tender.seats.select_related("unit").get(user=person)


def give(person, tender, mark, *, code="S", position=0, comment="", seen=0, **more):
    return scoring.save_mark(
        actor=person,
        seat=seat_of(tender, person),
        bid=Bid.objects.get(position=position, tender=tender),
        criterion=tender.criteria.get(code=code),
        mark=None if mark is None else Decimal(mark),
        comment=comment,
        seen=seen,
        now=NOW,
        **more,
    )


def submit(person, tender):
    return scoring.submit_marks(actor=person, seat=seat_of(tender, person), now=NOW)


def seen_by(person, tender):
    marks = queries.marks_visible_to(person, tender, queries.marking(tender))
    return set(marks.values_list("seat__code", flat=True))


# --- giving marks -----------------------------------------------------------------------------------------
def test_a_mark_is_exact_and_lies_on_the_scale(cast, opened):
    assert give(cast.security, opened, "33.333333").mark == Decimal("33.333333")
    assert give(cast.security, opened, "45", position=1, comment="the best there is").mark == 45
    for off in ("45.000001", "-0.1"):
        with pytest.raises(ValidationError, match="from 0 to 45"):
            give(cast.security, opened, off, code="S", seen=1)


def test_the_scale_is_the_effective_points_unless_the_leaf_has_a_top_of_its_own(opened):
    plan = queries.marking(opened)
    assert {leaf.row.code: leaf.maximum for leaf in plan.leaves} == {"S": 45, "Q": 25}
    opened.criteria.filter(code="S").update(maximum="5")
    leaf = queries.marking(opened).leaves[0]
    assert (leaf.maximum, leaf.points) == (Fraction(5), Fraction(45))


def test_a_mark_is_changed_until_somebody_changed_it_elsewhere(cast, opened):
    give(cast.security, opened, "10")
    assert give(cast.security, opened, "20", seen=1).version == 2
    for seen in (0, 1):
        with pytest.raises(Stale):
            give(cast.security, opened, "30", seen=seen)
    assert Mark.objects.get().mark == 20


def test_an_abstention_needs_a_reason_and_is_no_missing_mark(cast, opened):
    with pytest.raises(ValidationError, match="why you do not mark"):
        give(cast.security, opened, None)
    assert give(cast.security, opened, None, comment="their test lab was closed").absence == "abstained"
    plan = queries.marking(opened)
    left = queries.cells_missing(plan, seat_of(opened, cast.security))
    assert len(left) == 3


def test_what_is_not_ones_field_is_kept_apart_and_needs_no_reason(cast, opened):
    assert give(cast.security, opened, None, absence=Absence.NOT_MY_FIELD).absence == "not_my_field"
    mark = give(cast.security, opened, "10", seen=1, absence=Absence.NOT_MY_FIELD)
    assert (mark.mark, mark.absence) == (Decimal(10), "")
    given = [row["marks"] for row in case_document(opened, now=NOW)["bids"]]
    assert given[0][0]["mark"] == "10"
    give(cast.security, opened, None, seen=2, absence=Absence.NOT_MY_FIELD)
    assert case_document(opened, now=NOW)["bids"][0]["marks"][0]["mark"] is None


@pytest.mark.parametrize("mark", ["0", "45"])
def test_the_ends_of_the_scale_ask_for_a_reason_unless_the_tender_does_not(cast, opened, mark):
    with pytest.raises(ValidationError) as refusal:
        give(cast.security, opened, mark)
    assert list(refusal.value.error_dict) == ["comment"]
    give(cast.security, opened, mark, comment="seen by us")
    type(opened).objects.update(comment_at_ends=False)
    opened.refresh_from_db()
    assert give(cast.security, opened, mark, position=1).comment == ""


@pytest.mark.parametrize(
    "columns", [{"aggregation": Aggregation.SUM}, {"method": Method.RANK_SUM}], ids=["sum", "rank-sum"]
)
def test_where_marks_or_ranks_are_summed_nobody_abstains(cast, opened, columns):
    type(opened).objects.filter(pk=opened.pk).update(**columns)
    opened.refresh_from_db()
    for absence in Absence:
        with pytest.raises(ValidationError, match="adds up marks or ranks"):
            give(cast.security, opened, None, comment="no opinion", absence=absence)
    assert not rules.can_agree(cast.officer, opened.criteria.get(code="S"))


def test_nobody_marks_for_another_or_off_the_own_unit(cast, opened, units):
    with pytest.raises(Forbidden, match="Only the member on this seat"):
        scoring.save_mark(
            actor=cast.business,
            seat=seat_of(opened, cast.security),
            bid=Bid.objects.first(),
            criterion=opened.criteria.get(code="S"),
            mark=Decimal(1),
            comment="",
            seen=0,
            now=NOW,
        )
    CriterionUnit.objects.create(criterion=opened.criteria.get(code="S"), unit=units["security"], position=0)
    with pytest.raises(Forbidden, match="not yours to give"):
        give(cast.business, opened, "1")
    give(cast.security, opened, "1")
    with pytest.raises(Forbidden, match="not yours to give"):
        give(cast.security, opened, "1", code="P")


def test_a_recused_member_has_no_cell_for_that_bid(cast, opened):
    bid = Bid.objects.get(position=0)
    panel.recuse(actor=cast.officer, seat=seat_of(opened, cast.security), bid=bid, reason="kin", now=NOW)
    with pytest.raises(Forbidden, match="not yours to give"):
        give(cast.security, opened, "1")
    give(cast.security, opened, "1", position=1)
    give(cast.security, opened, "1", position=1, code="Q")
    submit(cast.security, opened)


# --- the sheet --------------------------------------------------------------------------------------------
def test_a_sheet_is_submitted_complete_and_then_locked(cast, opened):
    give(cast.security, opened, "1")
    with pytest.raises(ValidationError, match="3 marks are missing"):
        submit(cast.security, opened)
    for code, position in (("Q", 0), ("S", 1), ("Q", 1)):
        give(cast.security, opened, "1", code=code, position=position)
    sheet = submit(cast.security, opened)
    assert sheet.signed_name == "Security (Security)"
    with pytest.raises(Forbidden, match="submitted and locked"):
        give(cast.security, opened, "2", seen=1)
    with pytest.raises(Forbidden, match="submitted and locked"):
        submit(cast.security, opened)


def test_an_absent_member_gives_no_marks(cast, opened):
    seat = seat_of(opened, cast.security)
    panel.set_presence(actor=cast.officer, seat=seat, present=False, reason="ill", seen=seat.version, now=NOW)
    with pytest.raises(Forbidden, match="absent"):
        give(cast.security, opened, "1")


def test_others_marks_show_once_ones_own_are_submitted_and_only_submitted_ones(cast, opened):
    mark_everything(opened, MARKS)
    for person, sees in ((cast.security, {"security"}), (cast.business, {"business"}), (cast.officer, set())):
        assert seen_by(person, opened) == sees
    submit(cast.security, opened)
    # the other has not submitted: those marks are still nobody's business
    assert seen_by(cast.security, opened) == {"security"}
    assert seen_by(cast.officer, opened) == set()
    assert seen_by(cast.business, opened) == {"business"}
    submit(cast.business, opened)
    for person in (cast.security, cast.business, cast.officer):
        assert seen_by(person, opened) == {"security", "business"}
    for person in (cast.approver, cast.auditor):
        assert seen_by(person, opened) == set()
    opening.lock_marks(actor=cast.officer, tender=opened, now=NOW)
    opened.refresh_from_db()
    for person in (cast.approver, cast.auditor):
        assert seen_by(person, opened) == {"security", "business"}
    assert seen_by(cast.vendor, opened) == set()


# --- agreed marks -----------------------------------------------------------------------------------------
def agree(person, tender, mark, *, replaces=None, code="S"):
    return scoring.agree(
        actor=person,
        bid=Bid.objects.get(position=0),
        criterion=tender.criteria.get(code=code),
        mark=Decimal(mark),
        reason="after discussion",
        replaces=None if replaces is None else Decimal(replaces),
        now=NOW,
    )


@pytest.fixture
def agreeing(opened):
    """A tender whose marks are all agreed on."""
    opened.aggregation = Aggregation.CONSENSUS
    opened.save(update_fields=["aggregation"])
    return opened


def test_an_agreed_mark_in_place_of_marks_takes_a_resolution(cast, opened):
    mark_everything(opened, MARKS)
    submit(cast.security, opened)
    submit(cast.business, opened)
    with pytest.raises(Forbidden, match="record it as a resolution"):
        agree(cast.officer, opened, "30")
    Mark.objects.filter(bid__position=0, criterion__code="S").update(mark=None, absence="abstained")
    agree(cast.officer, opened, "30")
    assert Agreed.objects.get().mark == 30


def test_the_panel_agrees_after_every_sheet_is_in(cast, agreeing):
    opened = agreeing
    with pytest.raises(ValidationError, match="Security, Business"):
        agree(cast.officer, opened, "30")
    mark_everything(opened, MARKS)
    submit(cast.security, opened)
    submit(cast.business, opened)
    with pytest.raises(Forbidden, match="This is for"):
        agree(cast.security, opened, "30")
    agree(cast.officer, opened, "30")
    with pytest.raises(ValidationError, match="from 0 to 45"):
        agree(cast.officer, opened, "46", replaces="30")
    with pytest.raises(Stale):
        agree(cast.officer, opened, "31")
    agree(cast.officer, opened, "31", replaces="30")
    assert Agreed.objects.get().mark == 31
    assert Mark.objects.count() == 8


# --- marked prices ----------------------------------------------------------------------------------------
@pytest.fixture
def marked_price(cast, draft, request):
    """The panel marks the price: everything else is marked and locked, and the prices are open."""
    draft.price_formula, draft.price_parameters = PriceFormula.MARKED, {}
    draft.save(update_fields=["price_formula", "price_parameters"])
    return request.getfixturevalue("priced")


def test_a_marked_price_is_marked_after_the_prices_are_open(cast, marked_price):
    assert not Mark.objects.filter(criterion__kind=Kind.PRICE).exists()
    give(cast.security, marked_price, "20", code="P")
    with pytest.raises(Forbidden, match="belongs to the stage"):
        give(cast.security, marked_price, "20", code="S", seen=1)

    def prices_seen():
        seen = queries.marks_visible_to(cast.business, marked_price, queries.marking(marked_price))
        return set(seen.filter(criterion__kind=Kind.PRICE).values_list("seat__code", flat=True))

    assert prices_seen() == set()
    for position in (0, 1):
        give(cast.business, marked_price, "25", code="P", position=position)
    assert prices_seen() == {"business", "security"}
    assert ScoreSheet.objects.count() == 2


def test_a_marked_price_is_no_cell_before_that(cast, draft, request):
    draft.price_formula, draft.price_parameters = PriceFormula.MARKED, {}
    draft.save(update_fields=["price_formula", "price_parameters"])
    tender = request.getfixturevalue("opened")
    with pytest.raises(Forbidden, match="belongs to the stage"):
        give(cast.security, tender, "1", code="P")


def test_marking_asks_as_many_queries_for_one_bid_as_for_three(cast, opened, django_assert_num_queries):
    with django_assert_num_queries(6):
        queries.marking(opened)
    Bid.objects.update(opened_at=None)
    with django_assert_num_queries(6):
        queries.marking(opened)
