"""What the panel decides: who was there, the votes, what follows, and who dissents."""

from decimal import Decimal
from fractions import Fraction

import pytest
from django.core.exceptions import ValidationError

from bids import queries
from bids.actions import panel, resolutions
from bids.cases import evaluated
from bids.choices import ResolutionKind
from bids.models import Agreed, Bid, Dissent, Mark, Resolution
from procurement.actions.locking import Stale
from procurement.choices import Method, Profile, Stage
from procurement.models import AuditEntry, CriterionUnit, Seat
from procurement.rules import Forbidden
from tests.cast import NOW

from .meeting import RED_ITEM, give_sheets, item, items, meeting, resolve, third_seat


@pytest.fixture
def apart(opened):
    """Every sheet is in, and the two members are 20 of 45 apart on one item."""
    give_sheets(opened)
    return opened


def seat_of(tender, person):
    return tender.seats.get(user=person)


# --- the record -------------------------------------------------------------------------------------------
def test_a_resolution_is_the_record_of_a_meeting(cast, apart):
    made = resolve(cast.officer, apart, ResolutionKind.KEEP, **item(apart))
    assert str(made) == "RES-1"
    assert made.recorded_by == "Officer (Procurement)"
    assert made.present == [
        {"code": "security", "name": "Security", "unit": "security", "expert": False},
        {"code": "business", "name": "Business", "unit": "business", "expert": False},
    ]
    assert (made.in_favour, made.against, made.round) == (2, 0, 1)
    Seat.objects.filter(user=cast.security).update(name="Renamed")
    assert Resolution.objects.get().present[0]["name"] == "Security"
    assert resolve(cast.officer, apart, ResolutionKind.KEEP, **item(apart)).number == 2
    assert AuditEntry.objects.filter(action="record resolution").count() == 2


def test_only_officers_record_and_a_page_that_is_old_is_told(cast, apart):
    for person in (cast.security, cast.approver, cast.auditor, cast.vendor):
        with pytest.raises(Forbidden, match="This is for"):
            resolve(person, apart, ResolutionKind.KEEP, **item(apart))
    resolve(cast.officer, apart, ResolutionKind.KEEP, **item(apart))
    with pytest.raises(Stale):
        resolve(cast.officer, apart, ResolutionKind.KEEP, seen=0, **item(apart))


@pytest.mark.parametrize(
    ("in_favour", "against", "why"),
    [(1, 1, "no majority"), (1, 0, "no majority"), (2, 1, "more votes than"), (-1, 0, "more votes than")],
)
def test_more_than_half_of_those_present_decide(cast, apart, in_favour, against, why):
    held = meeting(apart, in_favour=in_favour, against=against)
    with pytest.raises(ValidationError, match=why):
        resolve(cast.officer, apart, ResolutionKind.KEEP, held=held, **item(apart))
    assert not Resolution.objects.exists()


def test_a_reason_is_asked_for(cast, apart):
    with pytest.raises(ValidationError, match="minutes"):
        resolve(cast.officer, apart, ResolutionKind.KEEP, held=meeting(apart, reason=""), **item(apart))


def test_absent_and_recused_members_have_no_vote(cast, apart):
    everybody = list(apart.seats.all())
    panel.recuse(
        actor=cast.officer, seat=seat_of(apart, cast.business), bid=item(apart)["bid"], reason="kin", now=NOW
    )
    with pytest.raises(ValidationError, match="without a vote: Business"):
        resolve(
            cast.officer, apart, ResolutionKind.KEEP, held=meeting(apart, present=everybody), **item(apart)
        )
    both = meeting(apart, present=everybody)
    resolve(cast.officer, apart, ResolutionKind.KEEP, held=both, **item(apart, position=1))
    # what concerns every bid concerns the one from which the member is recused
    with pytest.raises(ValidationError, match="without a vote: Business"):
        resolve(cast.officer, apart, ResolutionKind.NO_AWARD, held=both)
    Seat.objects.filter(user=cast.business).update(present=False)
    with pytest.raises(ValidationError, match="without a vote: Business"):
        resolve(cast.officer, apart, ResolutionKind.KEEP, held=both, **item(apart, position=1))


@pytest.mark.parametrize("profile", [Profile.BANK, Profile.OPEN])
def test_nobody_decides_alone(cast, apart, profile):
    type(apart).objects.filter(pk=apart.pk).update(profile=profile)
    panel.recuse(
        actor=cast.officer, seat=seat_of(apart, cast.business), bid=item(apart)["bid"], reason="kin", now=NOW
    )
    apart.refresh_from_db()
    alone = meeting(apart, present=[seat_of(apart, cast.security)])
    for kind, about in ((ResolutionKind.NO_AWARD, {}), (ResolutionKind.KEEP, item(apart))):
        with pytest.raises(ValidationError, match=r"nobody decides alone\. .* on this: 1, present: 1\."):
            resolve(cast.officer, apart, kind, held=alone, **about)
    assert not Resolution.objects.exists()
    two = meeting(apart, present=[seat_of(apart, cast.security), third_seat(apart)])
    resolve(cast.officer, apart, ResolutionKind.NO_AWARD, held=two)


def test_half_of_the_members_are_a_quorum(cast, apart, units):
    for number in range(3):
        Seat.objects.create(
            tender=apart, position=9 + number, code=f"x{number}", unit=units["it"], present=False
        )
    with pytest.raises(ValidationError, match="2 of 5 members are present"):
        resolve(cast.officer, apart, ResolutionKind.KEEP, **item(apart))
    Seat.objects.filter(code="x0").delete()
    resolve(cast.officer, apart, ResolutionKind.KEEP, **item(apart))


@pytest.mark.parametrize(("experts", "enough"), [(2, True), (1, False)])
def test_the_act_asks_for_two_experts(cast, apart, experts, enough):
    type(apart).objects.filter(pk=apart.pk).update(profile=Profile.TW_PUBLIC)
    apart.refresh_from_db()
    for seat in list(apart.seats.all())[:experts]:
        Seat.objects.filter(pk=seat.pk).update(expert=True)
    if enough:
        resolve(cast.officer, apart, ResolutionKind.KEEP, **item(apart))
        return
    with pytest.raises(ValidationError, match="1 experts are present"):
        resolve(cast.officer, apart, ResolutionKind.KEEP, **item(apart))


def test_nothing_is_decided_about_marks_before_the_last_sheet(cast, opened):
    for kind in (ResolutionKind.KEEP, ResolutionKind.CORRECTED, ResolutionKind.REMOVE, ResolutionKind.REDO):
        with pytest.raises(ValidationError, match="every sheet"):
            resolve(cast.officer, opened, kind, **item(opened))


# --- what follows -----------------------------------------------------------------------------------------
def test_corrected_asks_for_a_correction(cast, apart):
    with pytest.raises(ValidationError, match="No member has corrected"):
        resolve(cast.officer, apart, ResolutionKind.CORRECTED, **item(apart))


def test_an_agreed_mark_counts_and_originals_stay(cast, apart):
    with pytest.raises(ValidationError, match="Enter the mark"):
        resolve(cast.officer, apart, ResolutionKind.AGREED, **item(apart))
    with pytest.raises(ValidationError, match="from 0 to 45"):
        resolve(cast.officer, apart, ResolutionKind.AGREED, mark=Decimal(46), **item(apart))
    assert not Resolution.objects.exists()
    resolve(cast.officer, apart, ResolutionKind.AGREED, mark=Decimal(33), **item(apart))
    assert Agreed.objects.get().reason == "talked over"
    assert items(apart)[RED_ITEM].now.points == 33
    assert set(Mark.objects.filter(criterion__code="S").values_list("mark", flat=True)) >= {20, 40}
    with pytest.raises(Stale):
        resolve(cast.officer, apart, ResolutionKind.AGREED, mark=Decimal(34), **item(apart))
    resolve(cast.officer, apart, ResolutionKind.AGREED, mark=Decimal(34), replaces=Decimal(33), **item(apart))


def test_removal_names_a_member_who_counts_and_leaves_a_mark(cast, apart, units):
    with pytest.raises(ValidationError, match="whose marks of this bid count"):
        resolve(cast.officer, apart, ResolutionKind.REMOVE, **item(apart))
    CriterionUnit.objects.create(criterion=item(apart)["criterion"], unit=units["security"], position=0)
    Mark.objects.filter(seat__user=cast.business, criterion__code="S").delete()
    with pytest.raises(ValidationError, match="nobody’s marks would be left on: S"):
        resolve(cast.officer, apart, ResolutionKind.REMOVE, seat=seat_of(apart, cast.security), **item(apart))
    resolve(cast.officer, apart, ResolutionKind.REMOVE, seat=seat_of(apart, cast.business), **item(apart))
    with pytest.raises(ValidationError, match="whose marks of this bid count"):
        resolve(cast.officer, apart, ResolutionKind.REMOVE, seat=seat_of(apart, cast.business), **item(apart))


def test_removal_counts_again_without_the_member(cast, priced):
    _case, before = evaluated(priced, now=NOW)
    Mark.objects.filter(bid__position=0, seat__user=cast.business, criterion__code="S").update(mark=0)
    seat = seat_of(priced, cast.business)
    resolve(cast.officer, priced, ResolutionKind.REMOVE, seat=seat, bid=item(priced)["bid"])
    _case, after = evaluated(priced, now=NOW)
    assert before.steps["Bedrock Security"].quality == after.steps["Bedrock Security"].quality == Fraction(60)
    assert Mark.objects.filter(seat=seat).count() == 4


def test_no_award_ends_the_tender_with_the_panels_reason(cast, locked):
    resolve(cast.officer, locked, ResolutionKind.NO_AWARD, held=meeting(locked, reason="nobody is fit"))
    locked.refresh_from_db()
    assert (locked.stage, locked.cancelled_reason) == (Stage.CANCELLED, "nobody is fit")
    assert list(AuditEntry.objects.order_by("-seq").values_list("action", flat=True)[:2]) == [
        "cancel tender",
        "record resolution",
    ]


def test_after_the_prices_marks_are_no_longer_agreed_or_corrected(cast, priced):
    for kind in (ResolutionKind.AGREED, ResolutionKind.CORRECTED):
        with pytest.raises(Forbidden):
            resolve(cast.officer, priced, kind, mark=Decimal(3), **item(priced))
    resolve(cast.officer, priced, ResolutionKind.KEEP, bid=item(priced)["bid"])
    for kind in (ResolutionKind.KEEP, ResolutionKind.NO_AWARD):
        type(priced).objects.filter(pk=priced.pk).update(stage=Stage.AWARDED)
        priced.refresh_from_db()
        with pytest.raises(Forbidden, match="belongs to the stage"):
            resolve(cast.officer, priced, kind, bid=item(priced)["bid"])


def test_where_ranks_are_summed_there_is_no_agreed_mark(cast, apart):
    type(apart).objects.filter(pk=apart.pk).update(method=Method.RANK_SUM)
    apart.refresh_from_db()
    with pytest.raises(Forbidden, match="adds up marks or ranks"):
        resolve(cast.officer, apart, ResolutionKind.AGREED, mark=Decimal(3), **item(apart))


# --- dissent ----------------------------------------------------------------------------------------------
def test_dissent_is_every_members_and_cannot_be_refused(cast, apart):
    made = resolve(cast.officer, apart, ResolutionKind.KEEP, **item(apart))
    with pytest.raises(ValidationError, match="Write your"):
        resolutions.dissent(actor=cast.business, resolution=made, text="", now=NOW)
    for number in (1, 2):
        resolutions.dissent(actor=cast.business, resolution=made, text=f"no {number}", now=NOW)
    for person in (cast.officer, cast.approver, cast.stranger):
        with pytest.raises(Forbidden):
            resolutions.dissent(actor=person, resolution=made, text="no", now=NOW)
    last = resolve(cast.officer, apart, ResolutionKind.NO_AWARD)
    resolutions.dissent(actor=cast.security, resolution=last, text="too early", now=NOW)
    assert list(Dissent.objects.values_list("by_name", flat=True)) == [
        "Business (Business)",
        "Business (Business)",
        "Security (Security)",
    ]
    type(apart).objects.filter(pk=apart.pk).update(stage=Stage.AWARDED)
    with pytest.raises(Forbidden, match="award is made"):
        resolutions.dissent(actor=cast.business, resolution=Resolution.objects.first(), text="no", now=NOW)


# --- who sees what ----------------------------------------------------------------------------------------
def test_who_is_recused_does_not_see_what_was_decided_on_the_bid(cast, apart):
    panel.recuse(
        actor=cast.officer, seat=seat_of(apart, cast.business), bid=item(apart)["bid"], reason="kin", now=NOW
    )
    without = meeting(apart, present=[seat_of(apart, cast.security), third_seat(apart)])
    resolve(cast.officer, apart, ResolutionKind.KEEP, held=without, **item(apart))
    resolve(cast.officer, apart, ResolutionKind.KEEP, **item(apart, position=1))

    def seen(person):
        return list(queries.resolutions_visible_to(person).values_list("number", flat=True))

    assert seen(cast.security) == seen(cast.officer) == [1, 2]
    assert seen(cast.business) == [2]
    for person in (cast.vendor, cast.stranger, cast.administrator):
        assert seen(person) == []
    voters = queries.electorate(apart, Bid.objects.get(position=0))
    assert [seat.code for seat in voters] == ["security", "third"]
