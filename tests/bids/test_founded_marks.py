"""What a mark needs to be kept: evidence for its height, a reason where it departs from the first opinion."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import product

import pytest
from django.core.exceptions import ValidationError

from bids.actions import scoring
from bids.choices import Evidence
from bids.models import Bid, Claim
from bids.queries import Answered, Support
from procurement.models import AuditEntry, Requirement
from procurement.rules import Forbidden
from tests.cast import NOW, mark_everything

TODAY = date(2026, 11, 22)
MARKS = {"Bedrock Security": {"S": "40", "Q": "20"}, "Quickwin Technology": {"S": "30", "Q": "22"}}


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


def opine(person, tender, mark, *, code="S", position=0):
    return scoring.record_first_opinion(
        actor=person,
        bid=Bid.objects.get(position=position, tender=tender),
        criterion=tender.criteria.get(code=code),
        mark=None if mark is None else Decimal(mark),
        text="The report covers four models.",
        now=NOW,
    )


def submit(person, tender):
    return scoring.submit_marks(actor=person, seat=seat_of(tender, person), now=NOW)


# --- what the evidence allows -----------------------------------------------------------------------------
def inform(tender, *codes, by="S"):
    tender.requirements.filter(code__in=codes).update(criterion=tender.criteria.get(code=by))


def put_evidence(code, level, *, position=0, **columns):
    Claim.objects.filter(requirement__code=code, bid__position=position).update(evidence=level, **columns)


@pytest.mark.parametrize(
    ("level", "most"), [("claimed", 18), ("attested", 27), ("tested", 36), ("verified", 45)]
)
def test_the_evidence_caps_the_mark(cast, opened, level, most):
    inform(opened, "R1")
    put_evidence("R1", level)
    assert give(cast.security, opened, most, comment="as far as it goes").mark == most
    if most < 45:
        with pytest.raises(ValidationError, match=f"R1 is “.*”: the mark can be at most {most} of 45"):
            give(cast.security, opened, f"{most}.1", seen=1)


def test_the_weakest_answer_counts_and_silence_is_no_evidence(cast, opened):
    inform(opened, "R1", "R2")
    put_evidence("R1", "verified")
    put_evidence("R2", "attested")
    with pytest.raises(ValidationError, match="R2 is “Attested”: the mark can be at most 27 of 45"):
        give(cast.security, opened, "28")
    put_evidence("R2", "attested", answer="")
    with pytest.raises(ValidationError, match=r"R2 is not met, which counts like a bare claim: .* 18 of 45"):
        give(cast.security, opened, "19")
    put_evidence("R1", "verified", answer="")
    with pytest.raises(ValidationError, match="Nothing stands behind the answer to R1"):
        give(cast.security, opened, "1")
    assert give(cast.security, opened, "0", comment="no word on it").mark == 0


#: Of one requirement: what the vendor says, what the bank found, who agreed that it does not apply.
UNMET = [
    {"answer": ""},
    {"answer": "not_met"},
    {"answer": "not_applicable"},
    {"answer": "met", "verified": False},
    {"answer": "not_applicable", "verified": False, "not_applicable_by": "S", "not_applicable_reason": "r"},
]


@pytest.mark.parametrize("unmet", UNMET)
def test_what_is_not_met_has_nothing_behind_it_and_leaves_room_for_what_is(cast, opened, unmet):
    inform(opened, "R1")
    put_evidence("R1", "verified", **unmet)
    assert Claim.objects.get(requirement__code="R1", bid__position=0).evidence_level(TODAY) is None
    with pytest.raises(ValidationError, match=r"Nothing stands behind the answer to R1: .* at most 0"):
        give(cast.security, opened, "1")
    inform(opened, "R2")
    put_evidence("R2", "verified")
    with pytest.raises(ValidationError, match=r"R1 is not met, which counts like a bare claim: .* 18 of 45"):
        give(cast.security, opened, "19")
    assert give(cast.security, opened, "18").mark == 18


def test_what_security_agreed_does_not_apply_says_nothing_about_the_mark(cast, opened):
    inform(opened, "R1", "R2")
    agreed = {"not_applicable_by": "Security", "not_applicable_reason": "no such part"}
    put_evidence("R1", "", answer="not_applicable", **agreed)
    put_evidence("R2", "tested")
    assert give(cast.security, opened, "36").mark == 36
    with pytest.raises(ValidationError, match=r"R2 is “Independently tested”: .* 36 of 45"):
        give(cast.security, opened, "37", seen=1)
    put_evidence("R2", "", answer="not_applicable", **agreed)
    assert give(cast.security, opened, "45", seen=1, comment="it all does not apply").mark == 45


def test_a_better_answer_never_lowers_the_cap():
    """Silence never pays, and neither does a claim that was found wrong."""
    tests = [None, *Evidence]
    for others in product(tests, repeat=2):
        caps = [Support(tuple(answered(level) for level in (*others, own))).cap(Fraction(5)) for own in tests]
        assert caps == sorted(caps), others
        assert (caps[0] == 0) == (others == (None, None))


def answered(level):
    return Answered(Requirement(), Claim(), level, TODAY)


def test_evidence_that_has_expired_counts_one_step_less(cast, opened):
    inform(opened, "R1")
    # the day ends in Taipei, eight hours before it does in UTC
    put_evidence("R1", "tested", evidence_until=date(2026, 11, 22))
    assert give(cast.security, opened, "36").mark == 36
    put_evidence("R1", "tested", evidence_until=date(2026, 11, 21))
    with pytest.raises(ValidationError, match=r"has expired and counts as “Attested”: .* 27 of 45"):
        give(cast.security, opened, "36", seen=1)


def test_evidence_caps_security_alone_unless_the_criterion_says_otherwise(cast, opened):
    inform(opened, "R1", by="Q")
    assert give(cast.security, opened, "24", code="Q").mark == 24
    opened.criteria.filter(code="Q").update(evidence_caps=True)
    with pytest.raises(ValidationError, match="R1 is “Claimed”: the mark can be at most 10 of 25"):
        give(cast.security, opened, "24", code="Q", seen=1)
    opened.criteria.filter(code="S").update(evidence_caps=False)
    inform(opened, "R2")
    assert give(cast.security, opened, "44").mark == 44


def test_without_an_informing_requirement_nothing_is_capped(cast, opened):
    assert give(cast.security, opened, "44").mark == 44


def test_a_mark_that_lost_its_evidence_is_not_signed(cast, opened):
    inform(opened, "R1")
    put_evidence("R1", "verified")
    for code, position in (("S", 0), ("Q", 0), ("S", 1), ("Q", 1)):
        give(cast.security, opened, "18", code=code, position=position)
    put_evidence("R1", "attested")
    give(cast.security, opened, "25", seen=1)
    put_evidence("R1", "claimed")
    with pytest.raises(ValidationError, match="Look again at: S"):
        submit(cast.security, opened)
    give(cast.security, opened, "18", seen=2)
    assert submit(cast.security, opened)


# --- what the working group thought -----------------------------------------------------------------------
def test_departing_from_the_first_opinion_asks_for_a_reason(cast, opened):
    opine(cast.officer, opened, "30")
    assert give(cast.security, opened, "30").comment == ""
    with pytest.raises(ValidationError, match="first opinion was 30"):
        give(cast.security, opened, "31", seen=1)
    assert give(cast.security, opened, "31", seen=1, comment="they tested more").mark == 31
    assert give(cast.security, opened, "31", position=1).mark == 31


def test_a_first_opinion_without_a_mark_asks_for_nothing(cast, opened):
    opine(cast.officer, opened, None)
    assert give(cast.security, opened, "31").mark == 31


def test_a_first_opinion_is_recorded_once_and_by_officers(cast, opened):
    for person in (cast.security, cast.approver, cast.auditor, cast.vendor):
        with pytest.raises(Forbidden, match="This is for"):
            opine(person, opened, "30")
    with pytest.raises(ValidationError, match="from 0 to 45"):
        opine(cast.officer, opened, "46")
    with pytest.raises(Forbidden, match="Nobody marks"):
        opine(cast.officer, opened, "1", code="P")
    opine(cast.officer, opened, "30")
    with pytest.raises(ValidationError, match="never changes"):
        opine(cast.officer, opened, "31")
    entry = AuditEntry.objects.get(action="record first opinion")
    assert '"mark":"30"' in entry.payload


def test_a_first_opinion_comes_before_the_first_sheet(cast, opened):
    mark_everything(opened, MARKS)
    opine(cast.officer, opened, "40")
    submit(cast.security, opened)
    with pytest.raises(Forbidden, match="too late"):
        opine(cast.officer, opened, "40", position=1)


def test_an_opinion_that_came_after_the_mark_is_explained_before_the_sheet_is_signed(cast, opened):
    mark_everything(opened, MARKS)
    opine(cast.officer, opened, "10")
    with pytest.raises(ValidationError, match="Look again at: S"):
        submit(cast.security, opened)
    give(cast.security, opened, "40", seen=1, comment="the group saw an older report")
    assert submit(cast.security, opened)


@pytest.mark.parametrize("leaves", [2, 6])
def test_a_save_asks_as_many_queries_for_two_criteria_as_for_six(
    cast, opened, django_assert_num_queries, leaves
):
    for number in range(leaves - 2):
        opened.criteria.create(code=f"X{number}", title="x", kind="quality", weight="1", position=10 + number)
    inform(opened, "R1")
    put_evidence("R1", "verified")
    seat, bid, leaf = (
        seat_of(opened, cast.security),
        Bid.objects.get(position=0),
        opened.criteria.get(code="S"),
    )
    with django_assert_num_queries(20):
        scoring.save_mark(
            actor=cast.security,
            seat=seat,
            bid=bid,
            criterion=leaf,
            mark=Decimal(1),
            comment="",
            seen=0,
            now=NOW,
        )
