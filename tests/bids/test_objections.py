"""Objections: who raises, what is frozen, who answers, and what makes an answer lapse."""

import json
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from bids import queries, rules
from bids.actions import answers, objections
from bids.actions.answers import Term
from bids.actions.publication import publish
from bids.actions.snapshots import on_screen
from bids.actions.verification import exclude
from bids.choices import ObjectionState
from bids.models import Correction, Mark, Objection, ObjectionAnswer
from procurement.actions.locking import Stale
from procurement.actions.specification import edit_requirement
from procurement.choices import Stage
from procurement.models import AuditEntry, CriterionUnit, Tender
from procurement.rules import Forbidden
from tests.awarded import approve_it, award_it, recommend_it
from tests.bids.objecting import DAY, TODAY, answer, colleague, find, object_to
from tests.cast import NOW

pytestmark = pytest.mark.django_db


def state(objection, now=NOW):
    return queries.standing(Objection.objects.get(pk=objection.pk), now).state


def correct(bid, code="S", value="1"):
    """A member changes an own mark, as the meeting lets them."""
    mark = Mark.objects.filter(bid=bid, criterion__code=code).first()
    number = mark.corrections.count() + 1
    return Correction.objects.create(
        mark=mark, number=number, corrected=value, reason="Seen again", by_name="Security", at=NOW
    )


class TestRaising:
    def test_it_keeps_names_and_the_state_of_the_case(self, cast, priced):
        objection = object_to(priced, cast.security)
        assert (objection.raised_by, objection.unit) == ("Security (Security)", cast.security.unit)
        kept = json.loads(objection.snapshot)
        assert kept["basis"]["findings"]["R1"]["answer"] == "met"
        assert kept["basis"]["marks"]["marks"]["S"] == {"security": "40", "business": "40"}
        assert kept["ranking"]["places"][0]["vendor"] == "Quickwin Technology"
        assert kept["ranking"]["alone"]["price"] == "12000000"
        assert kept["publication"] == priced.fingerprint
        assert (
            json.loads(AuditEntry.objects.get(action="raise objection").payload)["claim"] == objection.claim
        )

    @pytest.mark.parametrize("who", ["security", "business", "security_head"])
    def test_security_and_the_panel_object_to_a_draft(self, cast, draft, who):
        assert object_to(draft, getattr(cast, who), vendor="").bid is None

    def test_security_without_a_seat_objects_to_the_tender_but_reads_no_bids(self, cast, opened):
        other = colleague(cast)
        assert object_to(opened, other, vendor="").number == 1
        with pytest.raises(Forbidden, match="what it asks"):
            object_to(opened, other)

    @pytest.mark.parametrize("who", ["stranger", "officer", "approver", "auditor", "administrator", "vendor"])
    def test_others_do_not(self, cast, opened, who):
        with pytest.raises(Forbidden):
            object_to(opened, getattr(cast, who), vendor="")

    def test_not_once_the_tender_is_over(self, cast, opened):
        Tender.objects.update(stage=Stage.CANCELLED)
        opened.refresh_from_db()
        with pytest.raises(Forbidden, match="over"):
            object_to(opened, cast.security)

    @pytest.mark.parametrize("due", [timedelta(hours=23), timedelta(days=15)])
    def test_the_approver_gets_one_day_to_two_weeks(self, cast, opened, due):
        with pytest.raises(ValidationError, match="1 to 14 days"):
            object_to(opened, cast.security, due_at=NOW + due)

    def test_marks_are_no_part_of_it_before_they_are_locked(self, cast, opened):
        assert json.loads(object_to(opened, cast.security).snapshot)["basis"]["marks"] is None


class TestPublication:
    def test_it_waits_for_the_answer_and_for_the_remedy(self, cast, draft, clock):
        objection = object_to(draft, cast.security, vendor="")
        with pytest.raises(ValidationError, match="OBJ-1 is unanswered"):
            publish(actor=cast.officer, tender=draft, now=NOW)
        answer(objection, cast.approver, "upheld")
        with pytest.raises(ValidationError, match="remedy is not confirmed"):
            publish(actor=cast.officer, tender=draft, now=NOW)
        answers.confirm_remedy(actor=cast.security, objection=objection, text="R1 asks for it", now=NOW)
        assert state(objection) == ObjectionState.ANSWERED

    def test_what_was_answered_for_another_text_is_unanswered_again(self, cast, draft, clock):
        objection = object_to(draft, cast.security, vendor="")
        answer(objection, cast.approver)
        assert state(objection) == ObjectionState.ANSWERED
        row = draft.requirements.get(code="R2")
        names = ("code", "kind", "mandatory", "severity", "unit", "owner", "source", "evidence")
        values = {name: getattr(row, name) for name in names} | {"title": "Something weaker"}
        edit_requirement(
            actor=cast.officer,
            requirement=row,
            values=values | {"criterion": None},
            seen=row.version,
            now=NOW,
        )
        assert state(objection) == ObjectionState.LAPSED
        with pytest.raises(ValidationError, match="lapsed"):
            publish(actor=cast.officer, tender=draft, now=NOW)

    @pytest.mark.parametrize(
        "changes", [{"method": "lowest-price"}, {"price_formula": "min-max"}, {"masked_bidders": False}]
    )
    def test_so_is_what_was_answered_for_other_rules(self, cast, draft, changes):
        objection = object_to(draft, cast.security, vendor="")
        answer(objection, cast.approver)
        type(draft).objects.filter(pk=draft.pk).update(**changes)
        assert state(objection) == ObjectionState.LAPSED

    @pytest.mark.parametrize(
        "changes", [{"evidence_caps": False}, {"maximum": "5"}, {"anchors": [{"mark": "0", "text": "none"}]}]
    )
    def test_and_for_another_scale(self, cast, draft, changes):
        objection = object_to(draft, cast.security, vendor="")
        answer(objection, cast.approver)
        draft.criteria.filter(code="S").update(**changes)
        assert state(objection) == ObjectionState.LAPSED

    def test_and_for_other_units_that_mark(self, cast, draft):
        objection = object_to(draft, cast.security, vendor="")
        answer(objection, cast.approver)
        leaf = draft.criteria.get(code="S")
        CriterionUnit.objects.create(criterion=leaf, unit=cast.business.unit, position=0)
        assert state(objection) == ObjectionState.LAPSED

    @pytest.mark.parametrize(
        ("changes", "text"),
        [
            ({"approver": None}, "Approver: nobody is named"),
            ({"escalation": None}, "Next above: nobody is named"),
            ({"escalation": "approver"}, "two persons"),
            ({"approver": "security_head"}, "not above both"),
            ({"approver": "auditor"}, "is no approver"),
            ({"officer": "approver"}, "runs or owns"),
        ],
    )
    def test_two_approvers_above_the_units_are_named(self, cast, draft, clock, changes, text):
        for name, who in changes.items():
            setattr(draft, name, getattr(cast, who) if who else None)
        draft.save()
        with pytest.raises(ValidationError, match=text):
            publish(actor=cast.officer, tender=draft, now=NOW)

    def test_nor_does_the_approver_sit_on_the_panel(self, cast, draft, clock):
        draft.seats.filter(code="business").update(user=cast.approver)
        with pytest.raises(ValidationError, match="sits on its panel"):
            publish(actor=cast.officer, tender=draft, now=NOW)


class TestWhoAnswers:
    def test_the_named_approver_once(self, cast, opened):
        objection = object_to(opened, cast.security)
        given = answer(objection, cast.approver)
        assert (given.answered_by, given.escalated) == ("Approver (Management)", False)
        with pytest.raises(Forbidden, match=r"Approver \(Management\) answered this objection already"):
            answer(objection, cast.approver, "upheld")

    def test_next_above_once_it_is_overdue(self, cast, opened):
        objection = object_to(opened, cast.security)
        with pytest.raises(Forbidden, match="once it is overdue"):
            answer(objection, cast.next_above)
        assert answer(objection, cast.next_above, now=NOW + 2 * DAY).escalated

    @pytest.mark.parametrize("who", ["officer", "security", "security_head", "business_head", "auditor"])
    def test_nobody_else(self, cast, opened, who):
        objection = object_to(opened, cast.security)
        with pytest.raises(Forbidden):
            answer(objection, getattr(cast, who), now=NOW + 3 * DAY)

    @pytest.mark.parametrize("part", ["officer", "owner", "seat", "owner_unit", "raising unit"])
    def test_never_who_proposed(self, cast, opened, part):
        objection = object_to(opened, cast.security)
        if part == "seat":
            opened.seats.filter(code="business").update(user=cast.approver)
        elif part == "raising unit":
            Objection.objects.update(unit=cast.approver.unit)
        else:
            Tender.objects.update(**{part: cast.approver.unit if part == "owner_unit" else cast.approver})
        with pytest.raises(Forbidden, match="do not answer"):
            answer(objection, cast.approver)

    def test_without_a_named_approver_nobody(self, cast, opened):
        objection = object_to(opened, cast.security)
        Tender.objects.update(approver=None)
        with pytest.raises(Forbidden, match="No approver is named"):
            answer(objection, cast.next_above, now=NOW + 3 * DAY)

    def test_not_on_a_case_that_changed_meanwhile(self, cast, opened):
        objection = object_to(opened, cast.security)
        seen = on_screen(objection, NOW)
        find(objection.bid, "R2", verified=False)
        with pytest.raises(Stale):
            answers.answer_objection(
                actor=cast.approver, objection=objection, seen=seen, kind="rejected", reason="x", now=NOW
            )
        assert not ObjectionAnswer.objects.exists()

    def test_nor_past_an_opinion_that_came_meanwhile(self, cast, opened):
        objection = object_to(opened, cast.security)
        seen = on_screen(objection, NOW)
        objections.state_opinion(actor=cast.business, objection=objection, text="Go live first", now=NOW)
        with pytest.raises(Stale):
            answers.answer_objection(
                actor=cast.approver, objection=objection, seen=seen, kind="rejected", reason="x", now=NOW
            )


class TestAcceptance:
    @pytest.mark.parametrize("days", [0, 181, None])
    def test_it_expires_within_half_a_year(self, cast, opened, days):
        objection = object_to(opened, cast.security)
        expires_on = None if days is None else TODAY + days * DAY
        with pytest.raises(ValidationError, match="180 days"):
            answer(objection, cast.approver, "accepted", expires_on=expires_on)

    def test_it_has_a_condition(self, cast, opened):
        with pytest.raises(ValidationError, match="at least one condition"):
            answer(object_to(opened, cast.security), cast.approver, "accepted", conditions=[])

    def test_whose_day_comes_before_it_expires(self, cast, opened):
        term = Term("HSM", "By hand", cast.business, TODAY + 31 * DAY)
        with pytest.raises(ValidationError, match="before the acceptance expires"):
            answer(object_to(opened, cast.security), cast.approver, "accepted", conditions=[term])

    def test_it_opens_again_when_it_expires_before_the_award(self, cast, opened):
        objection = object_to(opened, cast.security)
        answer(objection, cast.approver, "accepted")
        assert state(objection, NOW + 30 * DAY) == ObjectionState.ANSWERED
        assert state(objection, NOW + 31 * DAY) == ObjectionState.EXPIRED
        assert "expired" in str(rules.is_free_of_objections(opened, NOW + 31 * DAY).reason)
        again = answer(objection, cast.approver, "accepted", now=NOW + 31 * DAY)
        assert (again.number, state(objection, NOW + 31 * DAY)) == (2, ObjectionState.ANSWERED)

    def test_the_owners_unit_says_how_a_condition_was_met(self, cast, opened):
        condition = answer(object_to(opened, cast.security), cast.approver, "accepted").conditions.get()
        assert condition.owner_name == "Business (Business)"
        assert condition in queries.conditions_open(cast.business)
        with pytest.raises(Forbidden, match="Business is accountable"):
            answers.meet_condition(actor=cast.security, condition=condition, evidence="x", now=NOW)
        answers.meet_condition(actor=cast.business, condition=condition, evidence="HSM report 7", now=NOW)
        with pytest.raises(Forbidden, match="is met"):
            answers.meet_condition(actor=cast.business, condition=condition, evidence="y", now=NOW)
        assert not queries.conditions_open(cast.business).exists()

    def test_an_overdue_condition_is_late_and_changes_nothing_else(self, cast, opened):
        objection = object_to(opened, cast.security)
        condition = answer(objection, cast.approver, "accepted").conditions.get()
        row = queries.standing(objection, NOW + 21 * DAY)
        assert row.is_late(condition)
        assert row.state == ObjectionState.ANSWERED


class TestLapse:
    def test_another_finding_brings_the_freeze_back(self, cast, opened):
        objection = object_to(opened, cast.security)
        answer(objection, cast.approver, "accepted")
        assert rules.is_free_of_objections(opened, NOW)
        find(objection.bid, "R2", verified=False)
        assert state(objection) == ObjectionState.LAPSED
        assert "OBJ-1 lapsed" in str(rules.is_free_of_objections(opened, NOW).reason)
        answer(objection, cast.approver, "accepted")
        assert rules.is_free_of_objections(opened, NOW)

    def test_so_does_another_mark(self, cast, priced):
        objection = object_to(priced, cast.security)
        answer(objection, cast.approver)
        correct(objection.bid)
        assert state(objection) == ObjectionState.LAPSED

    def test_an_award_waits_for_the_new_answer(self, cast, priced):
        objection = object_to(priced, cast.security)
        answer(objection, cast.approver)
        recommend_it(priced)
        correct(objection.bid, value="39")
        priced.refresh_from_db()
        with pytest.raises(Forbidden, match="lapsed"):
            approve_it(priced)

    def test_a_mark_on_another_bid_does_not(self, cast, priced):
        objection = object_to(priced, cast.security)
        answer(objection, cast.approver)
        correct(priced.bids.get(vendor__name="Quickwin Technology"))
        assert state(objection) == ObjectionState.ANSWERED

    def test_marks_that_come_after_the_answer_have_not_changed(self, cast, opened, request):
        objection = object_to(opened, cast.security)
        answer(objection, cast.approver)
        priced = request.getfixturevalue("priced")
        assert priced.is_priced
        assert state(objection) == ObjectionState.ANSWERED


class TestAward:
    def test_not_while_an_objection_is_unanswered(self, cast, priced):
        objection = object_to(priced, cast.security)
        with pytest.raises(Forbidden, match="OBJ-1 is unanswered"):
            award_it(priced)
        priced.refresh_from_db()
        answer(objection, cast.approver)
        assert award_it(priced).bid.vendor.name == "Quickwin Technology"

    def test_an_upheld_one_keeps_its_own_bid_from_it_and_no_other(self, cast, priced):
        objection = object_to(priced, cast.security)
        answer(objection, cast.approver, "upheld")
        barred = rules.is_free_of_objections(priced, NOW, objection.bid)
        assert "remedy is not confirmed" in str(barred.reason)
        assert award_it(priced).bid.vendor.name == "Quickwin Technology"

    def test_until_the_raising_unit_confirms_the_remedy(self, cast, priced):
        objection = object_to(priced, cast.security)
        answer(objection, cast.approver, "upheld")
        with pytest.raises(Forbidden, match="Security raised this"):
            answers.confirm_remedy(actor=cast.business, objection=objection, text="x", now=NOW)
        answers.confirm_remedy(actor=cast.security, objection=objection, text="Key ceremony", now=NOW)
        assert rules.is_free_of_objections(priced, NOW, objection.bid)
        correct(objection.bid)
        assert not rules.is_free_of_objections(priced, NOW, objection.bid), "what was confirmed has changed"

    def test_or_the_officer_excludes_the_bid_at_a_late_stage(self, cast, priced):
        objection = object_to(priced, cast.security, vendor="Quickwin Technology")
        bid = objection.bid
        assert not rules.can_exclude(cast.officer, bid)
        answer(objection, cast.approver, "upheld")
        assert not rules.can_exclude(cast.security, bid)
        exclude(actor=cast.officer, bid=bid, reason="OBJ-1 was upheld", seen=bid.version, now=NOW)
        assert state(objection) == ObjectionState.ANSWERED
        assert award_it(priced).bid.vendor.name == "Bedrock Security"


class TestWithdrawal:
    def test_by_who_raised_it_while_no_answer_stands(self, cast, opened):
        objection = object_to(opened, cast.security)
        with pytest.raises(Forbidden, match="Only who raised"):
            objections.withdraw_objection(actor=cast.business, objection=objection, reason="x", now=NOW)
        objections.withdraw_objection(actor=cast.security, objection=objection, reason="Wrong file", now=NOW)
        assert rules.is_free_of_objections(opened, NOW)
        with pytest.raises(Forbidden, match="withdrawn"):
            answer(objection, cast.approver)

    def test_not_once_it_is_upheld(self, cast, opened):
        objection = object_to(opened, cast.security)
        answer(objection, cast.approver, "upheld")
        with pytest.raises(Forbidden, match="before it is answered"):
            objections.withdraw_objection(actor=cast.security, objection=objection, reason="x", now=NOW)


def test_names_reasons_and_expiry_are_held_by_the_tables(cast, opened):
    answer(object_to(opened, cast.security), cast.approver)
    for change in ({"answered_by": ""}, {"reason": ""}, {"kind": "accepted"}, {"expires_on": TODAY}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ObjectionAnswer.objects.update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        Objection.objects.update(withdrawn_by="Somebody")


def test_where_objections_stand_asks_as_often_for_three_as_for_one(cast, priced, django_assert_num_queries):
    def ask():
        return queries.standings(queries.objections_visible_to(cast.auditor), NOW)

    answer(object_to(priced, cast.security), cast.approver)
    with django_assert_num_queries(12):
        assert len(ask()) == 1
    for vendor in ("Quickwin Technology", "Bedrock Security"):
        answer(object_to(priced, cast.security, vendor=vendor), cast.approver)
    with django_assert_num_queries(12):
        assert len(ask()) == 3
