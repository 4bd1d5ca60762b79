"""The intake of a draft: answering, taking over, lowering with agreement, and what publication asks."""

import json
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import override

from bids.actions.asking import facts_of, standing_of
from bids.actions.publication import publish
from bids.actions.readiness import PASSES, REMINDS, publication_checks
from procurement import intake as asking
from procurement.actions import intake as steps
from procurement.actions import specification
from procurement.actions.blanks import fill_blanks
from procurement.actions.locking import Stale
from procurement.actions.taking import People, take_over
from procurement.catalogues import baseline
from procurement.choices import Agreement, Part
from procurement.models import AuditEntry, Criterion, Intake, Requirement, Tender
from procurement.rules import Forbidden
from tests.bids.asked import MILD, agree, answer, blocking, confirm, everybody, fill, lower, take
from tests.cast import ANSWERS, NOW

pytestmark = pytest.mark.django_db


# --- answering --------------------------------------------------------------------------------------------
def test_answers_are_stored_with_what_they_come_to(cast, bare):
    row = answer(cast, bare)
    assert (row.system_class, row.level, row.tier, row.rules) == ("1", "high", "medium", asking.VERSION)
    assert row.answered_by == "Officer (Procurement)"
    assert len(row.proposals) > 60
    entry = AuditEntry.objects.get(action="answer intake")
    assert entry.tender == bare


def test_a_missing_answer_is_named_and_nothing_is_stored(cast, bare):
    with pytest.raises(ValidationError) as refusal:
        answer(cast, bare, data="")
    assert list(refusal.value.error_dict) == ["data"]
    assert not Intake.objects.exists()


def test_only_officers_answer_and_only_in_the_draft(cast, bare):
    for who in (cast.security, cast.approver, cast.vendor, cast.administrator):
        with pytest.raises(Forbidden):
            steps.answer_intake(actor=who, tender=bare, answers=ANSWERS, seen=0, now=NOW)
    Tender.objects.update(stage="cancelled")
    with pytest.raises(Forbidden):
        answer(cast, Tender.objects.get())


def test_an_older_screen_overwrites_nothing(cast, bare):
    answer(cast, bare)
    answer(cast, bare, seen=1, price="from-50m")
    with pytest.raises(Stale):
        answer(cast, bare, seen=1)


def test_an_answer_that_asks_for_less_waits_for_security(cast, bare):
    answer(cast, bare)
    answer(cast, bare, seen=1, operator="bank")
    one = next(one for one in standing_of(bare).uncovered if one.proposal.key.startswith("answer:"))
    assert (one.proposal.key, one.proposal.value, one.found) == ("answer:operator", "remote", "bank")
    agree(cast.security, lower(cast, bare, ["answer:operator"]))
    assert not any(one.proposal.key.startswith("answer:") for one in standing_of(bare).uncovered)
    answer(cast, bare, seen=2, operator="remote")
    assert not any(one.proposal.key.startswith("answer:") for one in standing_of(bare).findings)


# --- taking over --------------------------------------------------------------------------------------------
def test_taking_over_fills_an_empty_draft(cast, units, bare):
    answer(cast, bare)
    taken = take(cast, units, bare)
    bare.refresh_from_db()
    assert (taken.criteria, taken.seats) == (9, 3)
    assert taken.requirements == bare.requirements.count() >= 40
    assert (bare.system_class, bare.method) == ("1", "total")
    standing = standing_of(bare)
    left = {one.proposal.key for one in standing.uncovered}
    assert left == {"step:feasibility", "step:concentration", "step:cost"}
    facts = facts_of(bare, list(bare.requirements.all()), standing.row)
    assert (facts.security_weight, facts.price_weight, facts.security_minimum) == (45, 30, 70)


def test_sixty_nine_requirements_come_in_with_few_queries(cast, units, bare, django_assert_max_num_queries):
    answer(cast, bare)
    people = everybody(cast, units)
    with django_assert_max_num_queries(70):
        taken = take_over(actor=cast.officer, tender=bare, parts=list(Part), people=people, now=NOW)
    assert taken.requirements == 69
    said = json.loads(AuditEntry.objects.get(action="take over proposals").payload)
    assert said["added"]["ASY-SI-01"] == f"{baseline.CODE} {baseline.VERSION} ASY-SI-01"
    assert said["weights"]["S"] == "45"


def test_criteria_that_are_proposed_read_in_both_languages(taken):
    row = taken.criteria.get(code="S1")
    with override("en"):
        assert row.shown == "S1 Access and identity"
    with override("zh-Hant"):
        assert row.shown == "S1 存取與身分"
    assert row.anchors[0]["text"] == "沒有，或明顯不符 / Nothing, or plainly not met"
    quality = taken.criteria.get(code="Q1")
    assert quality.anchors != row.anchors
    assert (row.parent.code, row.position, quality.position) == ("S", 1, 6)


def test_a_requirement_is_copied_by_value_with_where_it_comes_from(cast, taken):
    entry, row = baseline.by_id()["ASY-SI-01"], taken.requirements.get(entry="ASY-SI-01")
    assert (row.catalogue, row.catalogue_version) == (baseline.CODE, baseline.VERSION)
    assert row.entry_digest == entry.digest
    assert row.title == entry.shown(entry.text).zh
    assert row.title_en == entry.shown(entry.text).en
    assert row.why_en == entry.why.en
    assert row.pass_test == entry.test.zh
    assert (row.mandatory, row.evidence_level, row.owner) == (True, "attested", cast.security)
    assert "附表十 SI-01" in row.source
    assert "待核對" in taken.requirements.get(entry="ASY-SA-01").source


def test_taking_over_lowers_nothing(cast, units, bare):
    Tender.objects.update(system_class="1", method="rank-sum", price_formula="marked", price_parameters={})
    steps.answer_intake(actor=cast.officer, tender=bare, answers=MILD, seen=0, now=NOW)
    take(cast, units, bare)
    bare.refresh_from_db()
    assert (bare.system_class, bare.method, bare.price_formula) == ("1", "rank-sum", "marked")


def test_taking_over_again_changes_nothing_that_is_there(cast, units, bare):
    answer(cast, bare)
    take(cast, units, bare, [Part.REQUIREMENTS])
    row = bare.requirements.first()
    Requirement.objects.filter(pk=row.pk).update(title="Our own words", mandatory=False)
    people = People()
    again = take_over(actor=cast.officer, tender=bare, parts=list(Part), people=people, now=NOW)
    assert again.requirements == 0
    row.refresh_from_db()
    assert row.title == "Our own words"


def test_nothing_is_taken_over_without_answers_or_by_others(cast, units, bare):
    with pytest.raises(ValidationError):
        take(cast, units, bare)
    answer(cast, bare)
    with pytest.raises(Forbidden):
        take_over(actor=cast.security, tender=bare, parts=list(Part), people=People(), now=NOW)
    assert not bare.requirements.exists()


def test_what_is_to_be_left_out_is_not_taken_over(cast, units, bare):
    answer(cast, bare)
    lower(cast, bare, ["ask:ASY-AC-06"])
    take(cast, units, bare)
    assert not bare.requirements.filter(entry="ASY-AC-06").exists()
    assert "ask:ASY-AC-06" in {one.proposal.key for one in standing_of(bare).uncovered}


# --- blanks -------------------------------------------------------------------------------------------------
def test_blanks_stand_in_brackets_and_are_filled_in_both_languages(cast, taken):
    row = taken.requirements.get(entry="ASY-SI-01")
    assert {blank["id"] for blank in row.blanks} == {"critical", "high"}
    values = {(row.pk, "critical"): "5", (row.pk, "high"): "  "}
    assert fill_blanks(actor=cast.officer, tender=taken, values=values, now=NOW) == 1
    row.refresh_from_db()
    assert "within 5 days where critical" in row.title_en
    assert "公布後 5 日內" in row.title
    assert [blank["id"] for blank in row.blanks] == ["high"]


@pytest.mark.parametrize("value", ["[x]", "9" * 61, "1\n2"])
def test_a_value_that_would_spoil_the_text_is_refused(cast, taken, value):
    row = taken.requirements.get(entry="ASY-SI-01")
    with pytest.raises(ValidationError):
        fill_blanks(actor=cast.officer, tender=taken, values={(row.pk, "critical"): value}, now=NOW)


def test_an_english_text_goes_when_only_the_text_of_record_changes(cast, taken):
    row = taken.requirements.get(entry="ASY-AC-01")
    values = {name: getattr(row, name) for name in specification.REQUIREMENT} | {"title": "改寫之要求"}
    specification.edit_requirement(
        actor=cast.officer, requirement=row, values=values, seen=row.version, now=NOW
    )
    row.refresh_from_db()
    assert (row.title, row.title_en) == ("改寫之要求", "")
    assert row.evidence_en


def test_other_words_than_the_baseline_are_pointed_out(cast, taken):
    fill(cast, taken)
    reminders = [check.text for check in publication_checks(taken, NOW) if check.level == REMINDS]
    assert not any(text.startswith("Worded otherwise") for text in reminders)
    taken.requirements.filter(entry="ASY-AC-01").update(title="系統應盡量以角色授權。")
    reminders = [check.text for check in publication_checks(taken, NOW) if check.level == REMINDS]
    assert "Worded otherwise than the baseline: ASY-AC-01." in reminders


# --- lowering -----------------------------------------------------------------------------------------------
def test_lowering_needs_a_reason_and_something(cast, bare):
    answer(cast, bare)
    with pytest.raises(ValidationError) as refusal:
        lower(cast, bare, [], reason=" ")
    assert set(refusal.value.error_dict) == {"items", "reason"}


def test_security_agrees_by_name_and_not_who_asked(cast, bare):
    answer(cast, bare)
    lowering = lower(cast, bare, ["ask:ASY-AC-06"])
    for who in (cast.officer, cast.business, cast.approver, cast.auditor, cast.vendor):
        with pytest.raises(Forbidden):
            agree(who, lowering)
    lowering.asker = cast.security
    lowering.save()
    with pytest.raises(Forbidden):
        agree(cast.security, lowering)
    row = agree(cast.security_head, lowering)
    assert row.answered_by.startswith("Security_Head")
    assert AuditEntry.objects.filter(action="agree to lower proposals").count() == 1
    with pytest.raises(Forbidden):
        agree(cast.security_head, row)


def test_a_refusal_says_why_and_covers_nothing(cast, bare):
    answer(cast, bare)
    lowering = lower(cast, bare, ["ask:ASY-AC-06"])
    with pytest.raises(ValidationError):
        agree(cast.security, lowering, Agreement.REFUSED)
    agree(cast.security, lowering, Agreement.REFUSED, "The vendor comes in from outside.")
    assert "ask:ASY-AC-06" in {one.proposal.key for one in standing_of(bare).unasked}


def test_an_agreement_does_not_cover_what_is_lowered_further(cast, taken):
    Criterion.objects.filter(code="S").update(weight=Decimal(40))
    Criterion.objects.filter(code="Q").update(weight=Decimal(30))
    agree(cast.security, lower(cast, taken, ["security_weight"]))
    assert "security_weight" not in {one.proposal.key for one in standing_of(taken).uncovered}
    Criterion.objects.filter(code="S").update(weight=Decimal(35))
    Criterion.objects.filter(code="Q").update(weight=Decimal(35))
    assert "security_weight" in {one.proposal.key for one in standing_of(taken).uncovered}


# --- publication --------------------------------------------------------------------------------------------
def test_a_draft_without_an_intake_cannot_be_published(cast, draft):
    Intake.objects.all().delete()
    assert any("intake is not answered" in text for text in blocking(draft))
    with pytest.raises(ValidationError):
        publish(actor=cast.officer, tender=draft, now=NOW)


def test_from_nothing_to_published_by_the_intake(cast, taken):
    assert any(text.startswith("Blanks are not filled in: ASY-") for text in blocking(taken))
    fill(cast, taken)
    assert "Not confirmed: A line of the budget for security." in blocking(taken)
    confirm(cast, taken)
    taken.refresh_from_db()
    assert blocking(taken) == []
    assert any(
        check.level == PASSES and check.text.startswith("Intake: Class 1")
        for check in publication_checks(taken, NOW)
    )
    published = publish(actor=cast.officer, tender=taken, now=NOW)
    assert '"title_en"' in published.published_text
    assert published.requirements.count() >= 40


def test_what_is_lowered_blocks_until_security_agrees(cast, taken):
    fill(cast, taken)
    confirm(cast, taken)
    taken.requirements.filter(entry="ASY-SI-03").delete()
    taken.requirements.filter(entry="ASY-SI-05").update(mandatory=False)
    assert blocking(taken) == ["2 proposed requirements are left out or weakened: ASY-SI-03, ASY-SI-05."]
    lowering = lower(cast, taken, ["ask:ASY-SI-03", "ask:ASY-SI-05"])
    assert blocking(taken) == ["2 lowered proposals wait for security’s answer."]
    agree(cast.security, lowering)
    assert blocking(taken) == []


def test_a_weaker_rule_is_named_with_both_values(cast, taken):
    fill(cast, taken)
    confirm(cast, taken)
    taken.refresh_from_db()
    taken.system_class = "2"
    taken.save()
    (text,) = blocking(taken)
    assert text.startswith("System class: Class 1")
    assert "the draft has Class 2" in text


def test_the_mildest_tender_asks_less_and_is_published_alike(cast, units, bare):
    row = steps.answer_intake(actor=cast.officer, tender=bare, answers=MILD, seen=0, now=NOW)
    assert (row.system_class, row.level, row.tier) == ("3", "basic", "none")
    take(cast, units, bare)
    fill(cast, bare)
    bare.refresh_from_db()
    assert blocking(bare) == []
