"""Requirements, criteria and seats of a draft."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from procurement.actions import specification
from procurement.actions.locking import Stale
from procurement.models import AuditEntry
from procurement.rules import Forbidden
from tests.cast import NOW

pytestmark = pytest.mark.django_db


def requirement_values(units, cast, **changes):
    values = {
        "code": "R9",
        "title": "Logs go to the SIEM",
        "kind": "security",
        "mandatory": True,
        "severity": "high",
        "unit": units["security"],
        "owner": cast.security,
        "source": "",
        "evidence": "Test record",
    }
    return values | changes


def criterion_values(**changes):
    blank = {"parent": None, "minimum": None, "kind": "security", "maximum": None, "value": None, "units": []}
    return blank | {"code": "S1", "title": "Allow-listing", "weight": Decimal(20)} | changes


def seat_values(person, **changes):
    return {"code": "", "unit": person.unit, "user": person, "expert": False} | changes


def add_part(cast, draft, code="S1", **changes):
    parent = draft.criteria.get(code="S")
    values = criterion_values(code=code, parent=parent, **changes)
    return specification.add_criterion(actor=cast.officer, tender=draft, values=values, now=NOW)


def codes(rows):
    return list(rows.values_list("code", flat=True))


# --- requirements -------------------------------------------------------------------------------------------
def test_a_requirement_is_appended(cast, draft, units):
    values = requirement_values(units, cast)
    row = specification.add_requirement(actor=cast.officer, tender=draft, values=values, now=NOW)
    assert codes(draft.requirements) == ["R1", "R2", "R3", "R9"]
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.object, entry.tender) == ("add requirement", str(row), draft)
    assert '"unit":"security"' in entry.payload


@pytest.mark.parametrize("code", ["R1", "r1", "Ｒ１"])
def test_codes_that_look_alike_are_one(cast, draft, units, code):
    values = requirement_values(units, cast, code=code)
    with pytest.raises(ValidationError, match="there already"):
        specification.add_requirement(actor=cast.officer, tender=draft, values=values, now=NOW)


def test_an_edit_of_a_requirement_says_what_changed(cast, draft, units):
    row = draft.requirements.get(code="R3")
    values = requirement_values(
        units, cast, code="R3", title=row.title, mandatory=True, source=row.source, severity="medium",
        evidence=row.evidence,
    )  # fmt: skip
    arguments = {"actor": cast.officer, "requirement": row, "values": values, "now": NOW}
    assert specification.edit_requirement(**arguments, seen=1) == {"mandatory": [False, True]}
    row.refresh_from_db()
    assert (row.mandatory, row.version) == (True, 2)
    with pytest.raises(Stale):
        specification.edit_requirement(**arguments, seen=1)


def test_a_requirement_is_deleted_and_the_trail_keeps_its_name(cast, draft):
    row = draft.requirements.get(code="R2")
    specification.delete_requirement(actor=cast.officer, requirement=row, seen=1, now=NOW)
    assert codes(draft.requirements) == ["R1", "R3"]
    assert AuditEntry.objects.get().object == "R2 Requirement R2"
    with pytest.raises(Stale, match="deleted"):
        specification.delete_requirement(actor=cast.officer, requirement=row, seen=1, now=NOW)


def test_requirements_move_among_their_own(cast, draft):
    second = draft.requirements.get(code="R2")
    specification.move_requirement(actor=cast.officer, requirement=second, up=True, now=NOW)
    assert codes(draft.requirements) == ["R2", "R1", "R3"]
    specification.move_requirement(actor=cast.officer, requirement=second, up=True, now=NOW)
    assert codes(draft.requirements) == ["R2", "R1", "R3"], "the first stays first"
    assert AuditEntry.objects.count() == 1
    scored = draft.requirements.get(code="R3")
    specification.move_requirement(actor=cast.officer, requirement=scored, up=True, now=NOW)
    assert AuditEntry.objects.count() == 1, "the only scored one has nobody to change places with"


# --- criteria -----------------------------------------------------------------------------------------------
def test_a_leaf_becomes_a_group_with_its_first_part(cast, draft, units):
    leaf = draft.criteria.get(code="S")
    leaf.marking_units.create(unit=units["it"], position=0)
    part = add_part(cast, draft, units=[units["security"], units["it"]])
    leaf.refresh_from_db()
    assert (leaf.kind, leaf.version, leaf.marking_units.count()) == ("", 2, 0)
    assert [link.unit.code for link in part.marking_units.all()] == ["security", "it"]
    assert [entry.action for entry in AuditEntry.objects.all()] == ["edit criterion", "add criterion"]


def test_a_group_keeps_nothing_that_only_a_leaf_has(cast, draft, units):
    add_part(cast, draft)
    group = draft.criteria.get(code="S")
    values = criterion_values(code="S", title="Security", weight=Decimal(50), units=[units["it"]])
    changes = specification.edit_criterion(
        actor=cast.officer, criterion=group, values=values, seen=2, now=NOW
    )
    assert changes == {"weight": ["45", "50"]}
    assert group.marking_units.count() == 0


def test_no_criterion_is_part_of_itself(cast, draft):
    part = add_part(cast, draft)
    group = draft.criteria.get(code="S")
    for parent in (group, part):
        values = criterion_values(code="S", title="Security", weight=Decimal(45), parent=parent)
        with pytest.raises(ValidationError, match="part of itself"):
            specification.edit_criterion(actor=cast.officer, criterion=group, values=values, seen=2, now=NOW)
    assert draft.criteria.get(code="S").parent is None


def test_a_group_is_not_deleted_with_its_parts(cast, draft):
    part = add_part(cast, draft)
    group = draft.criteria.get(code="S")
    with pytest.raises(ValidationError, match="has parts"):
        specification.delete_criterion(actor=cast.officer, criterion=group, seen=2, now=NOW)
    specification.delete_criterion(actor=cast.officer, criterion=part, seen=1, now=NOW)
    specification.delete_criterion(actor=cast.officer, criterion=group, seen=2, now=NOW)
    assert codes(draft.criteria) == ["Q", "P"]


def test_criteria_move_among_their_siblings(cast, draft):
    first, second = add_part(cast, draft), add_part(cast, draft, "S2")
    specification.move_criterion(actor=cast.officer, criterion=first, up=False, now=NOW)
    assert codes(draft.criteria) == ["S", "Q", "P", "S2", "S1"]
    specification.move_criterion(actor=cast.officer, criterion=second, up=True, now=NOW)
    assert codes(draft.criteria) == ["S", "Q", "P", "S2", "S1"]


# --- what is read while bids are marked ---------------------------------------------------------------------
def test_a_requirement_is_read_beside_a_leaf_that_people_mark(cast, draft, units):
    def add(code, criterion):
        values = requirement_values(units, cast, code=code, criterion=criterion)
        return specification.add_requirement(actor=cast.officer, tender=draft, values=values, now=NOW)

    leaf = draft.criteria.get(code="Q")
    assert add("R9", leaf).criterion == leaf
    add_part(cast, draft)
    for code in ("S", "P"):
        with pytest.raises(ValidationError) as refusal:
            add("R10", draft.criteria.get(code=code))
        assert list(refusal.value.error_dict) == ["criterion"]
    row = draft.requirements.get(code="R9")
    values = requirement_values(units, cast, criterion=None)
    changes = specification.edit_requirement(
        actor=cast.officer, requirement=row, values=values, seen=1, now=NOW
    )
    assert changes == {"criterion": [str(leaf), None]}
    # an import names no criterion, and so changes none
    specification.edit_requirement(
        actor=cast.officer, requirement=row, values=requirement_values(units, cast), seen=2, now=NOW
    )


def test_nothing_is_read_beside_a_criterion_that_becomes_a_group(cast, draft):
    leaf = draft.criteria.get(code="S")
    leaf.anchors, leaf.evidence_caps = [{"mark": "0", "text": "nothing"}], False
    leaf.save()
    draft.requirements.filter(code="R1").update(criterion=leaf)
    add_part(cast, draft)
    leaf.refresh_from_db()
    assert (leaf.anchors, leaf.evidence_caps) == ([], None)
    assert draft.requirements.get(code="R1").criterion is None
    assert '"informed_by":[["R1"],[]]' in AuditEntry.objects.get(action="edit criterion").payload


def test_the_price_has_no_requirements_beside_it(cast, draft):
    leaf = draft.criteria.get(code="Q")
    draft.requirements.filter(code="R1").update(criterion=leaf)
    values = criterion_values(code="Q", title="Quality", weight=Decimal(25), kind="price")
    with pytest.raises(ValidationError, match="R1"):
        specification.edit_criterion(actor=cast.officer, criterion=leaf, values=values, seen=1, now=NOW)


# --- the panel ----------------------------------------------------------------------------------------------
def test_a_seat_copies_code_and_name(cast, draft):
    seat = specification.add_seat(
        actor=cast.officer, tender=draft, values=seat_values(cast.stranger), now=NOW
    )
    assert (seat.code, seat.name, seat.unit) == ("stranger", "Stranger", cast.stranger.unit)


@pytest.mark.parametrize(
    ("who", "unit"), [("officer", "procurement"), ("stranger", "security"), ("auditor", "audit")]
)
def test_a_seat_is_for_a_panel_member_of_its_unit(cast, draft, units, who, unit):
    values = seat_values(getattr(cast, who), unit=units[unit])
    with pytest.raises(ValidationError) as refusal:
        specification.add_seat(actor=cast.officer, tender=draft, values=values, now=NOW)
    assert list(refusal.value.error_dict) == ["user"]


def test_nobody_sits_twice(cast, draft):
    values = seat_values(cast.security, code="again")
    with pytest.raises(ValidationError):
        specification.add_seat(actor=cast.officer, tender=draft, values=values, now=NOW)
    assert draft.seats.count() == 2


# --- who may, and when --------------------------------------------------------------------------------------
def calls(cast, tender, units):
    """Every action of this room, ready to be called by somebody."""
    requirement, criterion, seat = tender.requirements.first(), tender.criteria.first(), tender.seats.first()
    return [
        (specification.add_requirement, {"tender": tender, "values": requirement_values(units, cast)}),
        (
            specification.edit_requirement,
            {"requirement": requirement, "values": requirement_values(units, cast), "seen": 1},
        ),
        (specification.delete_requirement, {"requirement": requirement, "seen": 1}),
        (specification.move_requirement, {"requirement": requirement, "up": False}),
        (specification.add_criterion, {"tender": tender, "values": criterion_values()}),
        (specification.edit_criterion, {"criterion": criterion, "values": criterion_values(), "seen": 1}),
        (specification.delete_criterion, {"criterion": criterion, "seen": 1}),
        (specification.move_criterion, {"criterion": criterion, "up": False}),
        (specification.add_seat, {"tender": tender, "values": seat_values(cast.stranger)}),
        (specification.edit_seat, {"seat": seat, "values": seat_values(cast.security), "seen": 1}),
        (specification.delete_seat, {"seat": seat, "seen": 1}),
    ]


def test_nobody_but_officers_writes_a_specification(cast, draft, units):
    for action, arguments in calls(cast, draft, units):
        for who in (cast.security, cast.auditor, cast.vendor):
            with pytest.raises(Forbidden):
                action(actor=who, now=NOW, **arguments)
    assert not AuditEntry.objects.exists()


def test_what_is_published_is_frozen(cast, published, units):
    for action, arguments in calls(cast, published, units):
        with pytest.raises(Forbidden, match="frozen"):
            action(actor=cast.officer, now=NOW, **arguments)
    assert not AuditEntry.objects.exists()
