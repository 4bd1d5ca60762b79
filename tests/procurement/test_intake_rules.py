"""What answers come to, what is proposed, and that a worse answer never lowers anything."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procurement.catalogues import baseline
from procurement.intake import (
    BY_CODE,
    QUESTIONS,
    Facts,
    Lowering,
    Unanswered,
    classify,
    compare,
    effects_of,
    lowered,
    lowering_of,
    not_covered,
    propose,
    tidy,
    worst_of,
)
from procurement.intake.proposals import is_at_least
from procurement.intake.raising import RULES, SCALES

MILD = {question.code: question.options[0].code for question in QUESTIONS} | {"bought": ["hardware"]}
ATM = {
    "bought": ["atm-endpoint"],
    "system": "class1",
    "data": "financial",
    "exposure": "internal",
    "operator": "remote",
    "impact": "all",
    "place": "premises",
    "price": "from-10m",
}


@pytest.mark.parametrize(
    ("change", "system_class", "level", "tier"),
    [
        ({}, "3", "basic", "none"),
        ({"system": "supports"}, "2", "medium", "none"),
        ({"system": "class1"}, "1", "high", "none"),
        ({"bought": ["atm-endpoint"]}, "1", "high", "none"),
        ({"bought": ["core-payment"]}, "1", "high", "none"),
        ({"bought": ["internet-banking"]}, "2", "basic", "none"),
        ({"bought": ["hardware", "mobile-app"]}, "2", "basic", "none"),
        ({"bought": ["saas-cloud"]}, "3", "basic", "medium"),
        ({"data": "internal"}, "3", "basic", "none"),
        ({"data": "personal"}, "3", "medium", "none"),
        ({"data": "financial"}, "3", "high", "none"),
        ({"exposure": "partners"}, "3", "basic", "none"),
        ({"exposure": "internet"}, "3", "medium", "none"),
        ({"impact": "unit"}, "3", "basic", "none"),
        ({"impact": "some"}, "3", "medium", "none"),
        ({"impact": "all"}, "2", "high", "none"),
        ({"operator": "remote"}, "3", "basic", "low"),
        ({"operator": "vendor"}, "3", "basic", "medium"),
        ({"operator": "vendor", "data": "financial"}, "3", "high", "high"),
        ({"operator": "remote", "system": "class1"}, "1", "high", "medium"),
        ({"operator": "vendor", "system": "class1"}, "1", "high", "high"),
        ({"place": "hosted"}, "3", "basic", "low"),
        ({"place": "hosted", "data": "personal"}, "3", "medium", "medium"),
        ({"place": "cloud"}, "3", "basic", "medium"),
        ({"place": "cloud", "data": "financial"}, "3", "high", "high"),
        ({"place": "abroad"}, "3", "basic", "high"),
        ({"price": "from-50m"}, "3", "basic", "none"),
    ],
)
def test_answers_make_class_level_and_tier(change, system_class, level, tier):
    result = classify(MILD | change)
    assert (result.system_class, result.level, result.tier) == (system_class, level, tier)


@pytest.mark.parametrize(
    ("change", "circumstances"),
    [
        ({}, set()),
        ({"price": "from-10m"}, {"third-party-test"}),
        ({"place": "abroad"}, {"outsourced", "cloud", "abroad"}),
        ({"exposure": "internet"}, {"partners", "internet"}),
        ({"bought": ["mobile-app"]}, {"internet", "development"}),
        (
            {"exposure": "internet", "data": "personal"},
            {"partners", "internet", "sensitive", "third-party-test"},
        ),
    ],
)
def test_answers_make_circumstances(change, circumstances):
    assert classify(MILD | change).circumstances == circumstances


@pytest.mark.parametrize(
    ("change", "in_scope"),
    [
        ({}, False),
        ({"price": "under-10m"}, False),
        ({"price": "from-10m"}, True),
        ({"system": "class1"}, True),
    ],
)
def test_class_1_and_ten_million_are_in_scope_of_the_supply_chain_rules(change, in_scope):
    result = classify(MILD | change)
    assert result.in_scope is in_scope
    steps = [one.key for one in propose(result) if one.key.startswith("step:")]
    assert bool(steps) is in_scope


def test_every_rule_names_answers_that_are_offered_and_values_that_exist():
    for rule in RULES:
        for code, option in rule.needs.items():
            BY_CODE[code].rank(option)
        assert rule.value in SCALES.get(rule.on, (*baseline.CIRCUMSTANCES, "yes"))
        assert rule.why
        assert rule.source


@pytest.mark.parametrize(
    "answers", [{}, MILD | {"data": ""}, MILD | {"data": "secret"}, MILD | {"data": ["none", "personal"]}]
)
def test_a_question_without_an_answer_that_is_offered_is_refused(answers):
    with pytest.raises(Unanswered):
        classify(answers)


def test_effects_say_what_an_answer_did_alone_and_with_others():
    assert effects_of({"data": "none"}, "data") == []
    assert {rule.value for rule in effects_of({"data": "personal"}, "data")} == {"medium", "sensitive"}
    both = effects_of({"data": "financial", "operator": "vendor"}, "operator")
    assert any(len(rule.needs) == 2 and rule.value == "high" for rule in both)


# --- proposals ----------------------------------------------------------------------------------------------
def values(answers):
    return {one.key: one.value for one in propose(classify(answers))}


def test_a_class_1_tender_is_asked_at_least_forty_requirements():
    asks = [value for key, value in values(ATM).items() if key.startswith("ask:")]
    assert len(asks) >= 40
    assert sum(value.startswith("gate") for value in asks) >= 20


def test_proposals_for_the_mildest_and_for_cash_machines():
    mild, atm = values(MILD), values(ATM)
    assert (mild["security_weight"], mild["security_minimum"]) == ("30", "50")
    assert (atm["security_weight"], atm["security_minimum"]) == ("45", "70")
    assert "panel:it" not in mild
    assert atm["panel:it"] == "yes"
    assert "ask:ASY-SA-16" not in mild
    assert atm["ask:ASY-SA-16"] == "gate/tested"
    assert atm["ask:ASY-SI-04"] == "gate/tested"


# --- monotone -----------------------------------------------------------------------------------------------
@st.composite
def two_answers(draw):
    """Answers, and answers of which each is at least as demanding."""
    first, second = {}, {}
    for question in QUESTIONS:
        codes = [option.code for option in question.options]
        if question.several:
            small = draw(st.lists(st.sampled_from(codes), min_size=1, max_size=3, unique=True))
            more = draw(st.lists(st.sampled_from(codes), max_size=3, unique=True))
            first[question.code], second[question.code] = small, sorted({*small, *more})
        else:
            low = draw(st.integers(0, len(codes) - 1))
            first[question.code] = codes[low]
            second[question.code] = codes[draw(st.integers(low, len(codes) - 1))]
    return first, second


@settings(max_examples=150, deadline=None)
@given(two_answers())
def test_a_worse_answer_never_lowers_anything(pair):
    mild, worse = pair
    before, after = classify(mild), classify(worse)
    for scale, one, other in [
        (SCALES["class"], before.system_class, after.system_class),
        (SCALES["level"], before.level, after.level),
        (SCALES["tier"], before.tier, after.tier),
    ]:
        assert scale.index(other) >= scale.index(one)
    proposed = values(worse)
    for key, value in values(mild).items():
        assert is_at_least(key, proposed.get(key, ""), value), key


@settings(max_examples=50, deadline=None)
@given(two_answers())
def test_the_worst_of_two_answers_is_lowered_by_neither_more_than_it_says(pair):
    mild, worse = pair
    assert worst_of(mild, worse) == tidy(worse)
    assert lowered(worse, worse) == []
    assert bool(lowered(mild, worse)) == (tidy(mild) != tidy(worse))


# --- comparing and agreeing ---------------------------------------------------------------------------------
def facts(**changes):
    proposed = values(ATM)
    return Facts(
        **{
            "system_class": "1",
            "method": "total",
            "price_formula": "ceiling-linear",
            "security_weight": Decimal(45),
            "price_weight": Decimal(30),
            "security_minimum": Decimal(70),
            "panel": frozenset({"security", "it", "business"}),
            "asks": {
                key.removeprefix("ask:"): value for key, value in proposed.items() if key.startswith("ask:")
            },
            "steps": frozenset({"feasibility", "concentration", "cost"}),
        }
        | changes
    )


def findings(**changes):
    return {one.proposal.key: one for one in compare(propose(classify(ATM)), facts(**changes))}


def test_a_draft_that_holds_what_is_proposed_is_not_lowered():
    assert not any(one.is_lowered or one.is_raised for one in findings().values())


@pytest.mark.parametrize(
    ("changes", "key", "found"),
    [
        ({"system_class": "2"}, "system_class", "2"),
        ({"system_class": ""}, "system_class", ""),
        ({"method": "lowest-price"}, "method", "lowest-price"),
        ({"method": "pass-then-lowest"}, "method", "pass-then-lowest"),
        ({"security_weight": Decimal("44.96")}, "security_weight", "44.9"),
        ({"security_minimum": Decimal(0)}, "security_minimum", "0"),
        ({"panel": frozenset({"security", "it"})}, "panel:business", ""),
        ({"steps": frozenset()}, "step:cost", ""),
        ({"asks": {}}, "ask:ASY-AC-01", ""),
        ({"asks": {"ASY-AC-01": "scored/verified"}}, "ask:ASY-AC-01", "scored/verified"),
        ({"asks": {"ASY-AC-01": "gate/claimed"}}, "ask:ASY-AC-01", "gate/claimed"),
    ],
)
def test_less_than_is_proposed_is_lowered(changes, key, found):
    one = findings(**changes)[key]
    assert one.is_lowered
    assert one.found == found


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"security_weight": Decimal(50)}, "security_weight"),
        ({"method": "rank-sum"}, "method"),
        ({"price_formula": "mean"}, "price_formula"),
        ({"asks": {"ASY-AC-01": "gate/verified"}}, "ask:ASY-AC-01"),
    ],
)
def test_more_or_other_than_is_proposed_is_free(changes, key):
    assert findings(**changes)[key].is_raised


def test_an_agreement_covers_what_was_agreed_and_nothing_weaker():
    one = findings(security_weight=Decimal(40))["security_weight"]
    agreed = lowering_of(one)
    assert agreed == Lowering("security_weight", "45", "40")
    assert not_covered([one], [agreed]) == []
    assert not_covered([one], []) == [one]
    weaker = findings(security_weight=Decimal(35))["security_weight"]
    assert not_covered([weaker], [agreed]) == [weaker]
    stronger = findings(security_weight=Decimal(42))["security_weight"]
    assert not_covered([stronger], [agreed]) == []
    assert not_covered([one], [Lowering("security_weight", "40", "40")]) == [one]


def test_an_agreement_to_leave_out_covers_everything_weaker_than_proposed():
    gone = Lowering("ask:ASY-AC-01", "gate/attested", "")
    for asks in ({}, {"ASY-AC-01": "scored/claimed"}):
        one = findings(asks=asks)["ask:ASY-AC-01"]
        assert one.proposal.value == gone.proposed
        assert not_covered([one], [gone]) == []
