"""The checks before publication: what blocks, what reminds, what passes."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from bids.actions.publication import publish
from bids.actions.readiness import BLOCKS, PASSES, REMINDS, publication_checks
from procurement.choices import Stage
from procurement.models import AuditEntry, Criterion, Seat
from tests.cast import NOW
from tests.signing_off import sign_off

pytestmark = pytest.mark.django_db


def texts(tender, level, now=NOW):
    sign_off(tender)
    return [check.text for check in publication_checks(tender, now) if check.level == level]


def change(tender, **values):
    """Set columns of the draft."""
    type(tender).objects.filter(pk=tender.pk).update(**values)


# --- what blocks ------------------------------------------------------------------------------------------
def test_a_complete_draft_is_blocked_by_nothing(draft):
    assert texts(draft, BLOCKS) == []
    assert "The weights add up to 100." in texts(draft, PASSES)
    assert "Security weighs 45.0%, price 30.0%." in texts(draft, PASSES)


def no_security_gate(tender):
    tender.requirements.update(mandatory=False)


def only_legal_gates(tender):
    tender.requirements.update(kind="legal")


def no_owner_unit(tender):
    change(tender, owner_unit=None)


def no_owner(tender):
    change(tender, owner=None)


def requirement_without_owner(tender):
    tender.requirements.filter(code="R3").update(owner=None)


def requirement_without_unit(tender):
    tender.requirements.filter(code="R2").update(unit=None)


def gate_without_evidence(tender):
    tender.requirements.filter(code="R2").update(evidence="")


def roots_that_do_not_add_up(tender):
    tender.criteria.filter(code="Q").update(weight="26")


def parts_that_do_not_add_up(tender):
    parent = tender.criteria.get(code="S")
    Criterion.objects.filter(pk=parent.pk).update(kind="")
    for place, code in enumerate(("S1", "S2"), 9):
        Criterion.objects.create(
            tender=tender, position=place, code=code, title=code, parent=parent, kind="security", weight="20"
        )


def leaf_without_kind(tender):
    tender.criteria.filter(code="Q").update(kind="")


def price_outweighs_security(tender):
    tender.criteria.filter(code="S").update(weight="20")
    tender.criteria.filter(code="P").update(weight="55")


def price_out_of_bounds(tender):
    change(tender, profile="tw-public")
    tender.criteria.filter(code="Q").update(weight="45")
    tender.criteria.filter(code="P").update(weight="10")


def formula_without_its_figures(tender):
    change(tender, price_parameters={})


def no_panel(tender):
    tender.seats.all().delete()


def panel_of_one(tender):
    tender.seats.filter(code="business").delete()


def nobody_marks_a_leaf(tender):
    unit = tender.officer.unit
    tender.criteria.get(code="Q").marking_units.create(unit=unit, position=0)


def seat_without_person(tender):
    Seat.objects.filter(tender=tender, code="business").update(user=None)


def no_deadline(tender):
    change(tender, deadline=None)


def deadline_over(tender):
    change(tender, deadline=NOW)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (no_security_gate, "No security requirement is a gate"),
        (only_legal_gates, "No security requirement is a gate"),
        (no_owner_unit, "Nobody answers for the system"),
        (no_owner, "Nobody answers for the system"),
        (requirement_without_owner, "R3 has no accountable unit and person."),
        (requirement_without_unit, "R2 has no accountable unit and person."),
        (gate_without_evidence, "R2 asks for no evidence."),
        (roots_that_do_not_add_up, "The weights of S, Q, P add up to 101; they must add up to 100."),
        (parts_that_do_not_add_up, "The parts of S (S1, S2) add up to 40; they must add up to 45 / 100."),
        (leaf_without_kind, "Q, kind: A leaf needs a kind."),
        (price_outweighs_security, "Price weighs 55 points and security 20."),
        (price_out_of_bounds, "P, weight: A scored price weighs 20 to 50 %; here it weighs 10 %."),
        (formula_without_its_figures, "ceiling: This is required."),
        (no_panel, "Nobody sits on the panel."),
        (panel_of_one, "The panel has one member, and nobody decides alone"),
        (nobody_marks_a_leaf, "Nobody on the panel marks Q"),
        (seat_without_person, "The seat “Business” has no person."),
        (no_deadline, "There is no deadline for bids."),
        (deadline_over, "The deadline for bids, 2026/11/22 14:00, is over."),
    ],
)
def test_publication_is_refused(cast, draft, spoil, sentence):
    spoil(draft)
    found = texts(draft, BLOCKS)
    assert [text for text in found if sentence in text], found
    with pytest.raises(ValidationError) as refusal:
        publish(actor=cast.officer, tender=draft, now=NOW)
    assert refusal.value.messages == found
    draft.refresh_from_db()
    assert (draft.stage, draft.fingerprint, draft.published_at) == (Stage.DRAFT, "", None)
    assert not AuditEntry.objects.exists()


def test_everything_that_is_missing_is_said_at_once(draft):
    for spoil in (no_owner, gate_without_evidence, no_panel, no_deadline):
        spoil(draft)
    assert len(texts(draft, BLOCKS)) == 4


def test_every_check_that_blocks_has_an_owner_and_a_place(draft):
    for spoil in (no_security_gate, roots_that_do_not_add_up, leaf_without_kind, no_panel, no_deadline):
        spoil(draft)
    draft.refresh_from_db()
    checks = [check for check in publication_checks(draft, NOW) if check.level == BLOCKS]
    assert all(check.who and check.about is not None for check in checks)


def test_a_draft_that_names_nobody_still_says_who_can_fix_it(draft, settings):
    for spoil in (no_owner, no_owner_unit, no_panel):
        spoil(draft)
    change(draft, officer=None, approver=None, escalation=None)
    settings.SYSTEM_KEY = None
    draft.refresh_from_db()
    found = {check.text: check.who for check in publication_checks(draft, NOW) if check.level == BLOCKS}
    assert all(found.values()), found
    assert found["Nobody answers for the system: name a unit and a person."] == "A procurement officer"
    assert "Whoever runs the site" in found.values()


# --- what passes, what reminds ----------------------------------------------------------------------------
def with_parts(tender, *weights):
    parent = tender.criteria.get(code="S")
    Criterion.objects.filter(pk=parent.pk).update(kind="")
    for number, weight in enumerate(weights):
        Criterion.objects.create(
            tender=tender,
            position=10 + number,
            code=f"S{number}",
            title="Part",
            parent=parent,
            kind="security",
            weight=weight,
        )


@pytest.mark.parametrize("weights", [("60", "40"), ("25", "20"), ("33.3", "33.3", "33.4")])
def test_parts_may_add_up_to_100_or_to_their_group(draft, weights):
    with_parts(draft, *weights)
    assert texts(draft, BLOCKS) == []


def test_parts_may_add_up_to_the_effective_points_of_their_group(draft):
    change(draft, total_points=Decimal(1000))
    with_parts(draft, "400", "50")
    assert texts(draft, BLOCKS) == []


def test_an_open_profile_only_reminds_of_a_heavy_price(draft):
    change(draft, profile="open")
    price_outweighs_security(draft)
    assert texts(draft, BLOCKS) == []
    assert "Price weighs 55 points and security 20." in texts(draft, REMINDS)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"budget": None}, "There is no budget."),
        ({"tie_break": []}, "No rule says what happens between equal bids."),
        ({}, "Security has no minimum: a low mark can be bought back by price."),
    ],
)
def test_a_reminder_blocks_nothing(cast, draft, values, sentence):
    change(draft, **values)
    assert sentence in texts(draft, REMINDS)
    publish(actor=cast.officer, tender=draft, now=NOW)


def test_a_minimum_on_security_passes(draft):
    draft.criteria.filter(code="S").update(minimum="27")
    assert "Security has a minimum." in texts(draft, PASSES)
    reminders = [text for text in texts(draft, REMINDS) if "evaluation committees" not in text]
    assert reminders == []


@pytest.mark.parametrize(
    ("columns", "marks", "fault"),
    [
        ({"maximum": "5"}, ("0", "5"), ""),
        ({"maximum": "5"}, ("0", "5.5", "10"), "S has words for the marks 5.5, 10; its scale ends at 5."),
        # without a scale of its own a criterion is marked in its points
        ({}, ("45",), ""),
        ({}, ("45", "46"), "S has words for the marks 46; its scale ends at 45."),
        ({"maximum": "5"}, (), ""),
    ],
)
def test_words_for_marks_that_nobody_can_give_stand_in_the_way(draft, columns, marks, fault):
    anchors = [{"mark": mark, "text": "words"} for mark in marks]
    draft.criteria.filter(code="S").update(anchors=anchors, **columns)
    draft.refresh_from_db()
    found = [text for text in texts(draft, BLOCKS) if "has words for" in text]
    assert found == ([fault] if fault else [])


def test_less_weight_takes_marks_off_a_scale_of_points(cast, draft):
    draft.criteria.filter(code="S").update(anchors=[{"mark": "45", "text": "best"}])
    draft.criteria.filter(code="Q").update(weight="30")
    draft.criteria.filter(code="S").update(weight="40")
    draft.refresh_from_db()
    with pytest.raises(ValidationError, match="its scale ends at 40"):
        publish(actor=cast.officer, tender=draft, now=NOW)


def test_the_lowest_price_needs_a_panel_too_which_recommends_the_award(draft):
    draft.criteria.all().delete()
    draft.seats.all().delete()
    change(draft, method="lowest-price", price_formula="none", price_parameters={})
    assert "Nobody sits on the panel." in texts(draft, BLOCKS)
