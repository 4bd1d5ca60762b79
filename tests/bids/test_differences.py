"""Where members are apart, what they correct, and what stands before the lock."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from bids import rules
from bids.actions import opening, panel
from bids.actions.differences import correct_mark
from bids.cases import case_document
from bids.choices import ResolutionKind
from bids.models import Bid, Correction, Mark
from procurement.actions.locking import Stale
from procurement.choices import Aggregation, Profile, Stage
from procurement.models import AuditEntry
from procurement.rules import Forbidden
from tests.cast import NOW

from .meeting import APART, RED_ITEM, correct, give_sheets, item, items, mark_of, resolve


@pytest.fixture
def apart(opened):
    """Every sheet is in, and the two members are 20 of 45 apart on one item."""
    give_sheets(opened)
    return opened


# --- the list ---------------------------------------------------------------------------------------------
def test_the_largest_difference_comes_first_and_thresholds_are_the_tenders_own(cast, apart):
    rows = items(apart)
    assert next(iter(rows)) == RED_ITEM
    assert {key: (row.level, row.state) for key, row in rows.items()} == {
        RED_ITEM: ("red", "pending"),
        ("Bedrock Security", "Q"): ("green", ""),
        ("Quickwin Technology", "S"): ("green", ""),
        ("Quickwin Technology", "Q"): ("green", ""),
    }
    apart.difference_thresholds = {"unit_red": "0.5", "unit_amber": "0.4", "member_red": "0.6"}
    row = items(apart)[RED_ITEM]
    assert (row.level, row.state) == ("amber", "silent")
    assert row.silent == ("security", "business")
    Mark.objects.filter(comment="").update(comment="because")
    assert items(apart)[RED_ITEM].state == "explained"


def test_a_correction_counts_and_the_original_stays_on_the_agenda(cast, apart):
    correct(cast.business, apart, "35")
    row = items(apart)[RED_ITEM]
    assert (row.first.unit_spread, row.now.unit_spread) == (20, 5)
    assert (row.level, row.state, row.is_corrected) == ("red", "pending", True)
    assert (row.first.points, row.now.points) == (30, Decimal("37.5"))
    assert mark_of(apart, cast.business).mark == 20
    resolve(cast.officer, apart, ResolutionKind.CORRECTED, **item(apart))
    assert items(apart)[RED_ITEM].state == "resolved"


# --- corrections ------------------------------------------------------------------------------------------
def test_a_correction_is_added_and_nothing_is_overwritten(cast, apart):
    correct(cast.business, apart, "30")
    with pytest.raises(Stale):
        correct(cast.business, apart, "31")
    correct(cast.business, apart, "32", seen=1, reason="again")
    assert list(Correction.objects.values_list("number", "corrected", "reason")) == [
        (1, Decimal(30), "seen in the talk"),
        (2, Decimal(32), "again"),
    ]
    document = case_document(apart, now=NOW)
    given = {
        (mark["member"], mark["criterion"]): mark["mark"]
        for bid in document["bids"]
        if bid["vendor"] == "Bedrock Security"
        for mark in bid["marks"]
    }
    assert given["business", "S"] == "32"
    entry = AuditEntry.objects.filter(action="correct mark").order_by("seq").first()
    assert '"corrected":"30"' in entry.payload
    assert '"original":"20"' in entry.payload


def test_a_correction_is_held_against_the_same_yardstick_as_a_mark(cast, apart):
    with pytest.raises(ValidationError, match="from 0 to 45"):
        correct(cast.business, apart, "46")
    with pytest.raises(ValidationError, match="Say why"):
        correct(cast.business, apart, "30", reason="")
    with pytest.raises(ValidationError, match="stands already"):
        correct(cast.business, apart, "20")
    apart.requirements.filter(code="R1").update(criterion=apart.criteria.get(code="S"))
    with pytest.raises(ValidationError, match="at most"):
        correct(cast.business, apart, "44")
    assert not Correction.objects.exists()


def test_nobody_corrects_for_another(cast, apart):
    for person in (cast.security, cast.officer, cast.approver):
        with pytest.raises(Forbidden, match="by the member who gave it"):
            correct_mark(
                actor=person,
                mark=mark_of(apart, cast.business),
                corrected=Decimal(30),
                reason="x",
                seen=0,
                now=NOW,
            )


def test_a_mark_is_corrected_once_every_sheet_is_in_and_before_the_lock(cast, opened):
    give_sheets(opened)
    sheet = opened.seats.get(user=cast.security).sheets.get()
    sheet.delete()
    with pytest.raises(ValidationError, match="Security"):
        correct(cast.business, opened, "30")
    sheet.save(force_insert=True)
    correct(cast.business, opened, "30")
    resolve(cast.officer, opened, ResolutionKind.CORRECTED, **item(opened))
    correct(cast.business, opened, "31", seen=1)
    opening.lock_marks(actor=cast.officer, tender=opened, now=NOW)
    with pytest.raises(Forbidden, match="locked"):
        correct(cast.business, opened, "32", seen=2)


@pytest.mark.parametrize("kind", [ResolutionKind.KEEP, ResolutionKind.AGREED])
def test_an_item_that_is_kept_or_agreed_no_longer_changes(cast, apart, kind):
    resolve(cast.officer, apart, kind, **item(apart), mark=Decimal(33))
    with pytest.raises(Forbidden, match="RES-1 settled this item"):
        correct(cast.business, apart, "30")
    correct(cast.business, apart, "21", code="Q")


def test_an_abstention_an_absent_and_a_recused_member_correct_nothing(cast, apart):
    Mark.objects.filter(pk=mark_of(apart, cast.business).pk).update(mark=None)
    with pytest.raises(Forbidden, match="abstained"):
        correct(cast.business, apart, "30")
    panel.recuse(
        actor=cast.officer,
        seat=apart.seats.get(user=cast.security),
        bid=Bid.objects.get(position=0, tender=apart),
        reason="kin",
        now=NOW,
    )
    with pytest.raises(Forbidden, match="does not count"):
        correct(cast.security, apart, "30")
    apart.seats.filter(user=cast.security).update(present=False)
    with pytest.raises(Forbidden, match="absent"):
        correct(cast.security, apart, "31", position=1)


def test_a_correction_without_a_reason_cannot_be_stored(cast, apart):
    with pytest.raises(IntegrityError), transaction.atomic():
        Correction.objects.create(
            mark=mark_of(apart, cast.business), number=1, corrected=3, reason="", by_name="x", at=NOW
        )


# --- before the lock --------------------------------------------------------------------------------------
def test_a_red_difference_needs_a_resolution_before_the_marks_are_locked(cast, apart):
    with pytest.raises(ValidationError, match="S × Bedrock Security"):
        opening.lock_marks(actor=cast.officer, tender=apart, now=NOW)
    resolve(cast.officer, apart, ResolutionKind.KEEP, **item(apart))
    assert opening.lock_marks(actor=cast.officer, tender=apart, now=NOW).stage == Stage.TECHNICAL_LOCKED


def test_a_member_whose_result_is_removed_is_in_no_difference(cast, apart):
    seat = apart.seats.get(user=cast.business)
    resolve(cast.officer, apart, ResolutionKind.REMOVE, **item(apart), seat=seat)
    row = items(apart)[RED_ITEM]
    assert set(row.now.members) == {"security"}
    assert row.state == "resolved"
    assert set(items(apart)["Quickwin Technology", "S"].now.members) == {"security", "business"}


@pytest.mark.parametrize("columns", [{"profile": Profile.TW_PUBLIC}, {"aggregation": Aggregation.SUM}])
def test_under_some_rules_a_removed_member_is_out_of_the_whole_case(cast, apart, columns, units):
    type(apart).objects.filter(pk=apart.pk).update(**columns)
    apart.seats.update(expert=True)
    apart.refresh_from_db()
    seat = apart.seats.get(user=cast.business)
    resolve(cast.officer, apart, ResolutionKind.REMOVE, **item(apart), seat=seat)
    assert {member for row in items(apart).values() for member in row.now.members} == {"security"}


# --- who may look -----------------------------------------------------------------------------------------
def test_differences_are_shown_from_the_last_sheet_on(cast, opened):
    readers = (cast.officer, cast.security, cast.business)
    for person in (*readers, cast.approver):
        assert not rules.can_read_differences(person, opened)
    give_sheets(opened, APART)
    for person in readers:
        assert rules.can_read_differences(person, opened)
    for person in (cast.approver, cast.auditor, cast.vendor):
        assert not rules.can_read_differences(person, opened)
    resolve(cast.officer, opened, ResolutionKind.KEEP, **item(opened))
    locked = opening.lock_marks(actor=cast.officer, tender=opened, now=NOW)
    for person in (*readers, cast.approver, cast.auditor):
        assert rules.can_read_differences(person, locked)
    assert not rules.can_read_differences(cast.vendor, locked)
