"""Evaluation groups: a member reads what informs the own criteria and what the own unit answers for."""

import pytest
from django.urls import reverse

from bids import queries, rules
from bids.models import Claim
from procurement.choices import Role
from procurement.models import Unit, User


def page(client, person, name, tender, status=200):
    client.force_login(person)
    answer = client.get(reverse(name, args=[tender.pk]))
    assert answer.status_code == status
    return answer.content.decode()


@pytest.fixture
def grouped(cast, draft, units, request):
    """R1 informs S, which security marks; R2 informs Q, which business marks; R3 is nobody's."""
    for code, unit in (("S", "security"), ("Q", "business")):
        draft.criteria.get(code=code).marking_units.create(unit=units[unit], position=0)
    draft.owner = cast.stranger
    draft.save(update_fields=["owner"])
    draft.requirements.update(owner=None, unit=units["it"])
    draft.requirements.filter(code="R1").update(criterion=draft.criteria.get(code="S"))
    draft.requirements.filter(code="R2").update(criterion=draft.criteria.get(code="Q"))
    draft.requirements.filter(code="R3").update(unit=None)
    return request.getfixturevalue("opened")


def read_by(person):
    return sorted(set(queries.claims_visible_to(person).values_list("requirement__code", flat=True)))


def test_a_member_reads_what_informs_the_criteria_of_the_own_unit(cast, grouped):
    assert read_by(cast.security) == ["R1", "R3"]
    assert read_by(cast.business) == ["R2", "R3"]
    for person in (cast.stranger, cast.officer, cast.approver, cast.auditor):
        assert read_by(person) == ["R1", "R2", "R3"], person


def test_a_member_reads_what_the_member_or_the_unit_answers_for(cast, grouped, units):
    grouped.requirements.filter(code="R2").update(unit=units["security"])
    assert read_by(cast.security) == ["R1", "R2", "R3"]
    grouped.requirements.filter(code="R1").update(owner=cast.business)
    assert read_by(cast.business) == ["R1", "R2", "R3"]


def test_a_criterion_of_every_unit_is_read_by_every_unit(cast, grouped):
    grouped.criteria.get(code="S").marking_units.all().delete()
    assert read_by(cast.business) == ["R1", "R2", "R3"]


def test_security_reads_what_it_has_to_decide_on(cast, grouped):
    Claim.objects.filter(requirement__code="R2", bid__position=0).update(answer="not_applicable")
    assert read_by(cast.security) == ["R1", "R2", "R3"]
    assert queries.claims_visible_to(cast.security).filter(requirement__code="R2").count() == 1


@pytest.mark.parametrize(
    ("columns", "fails"),
    [
        ({"answer": ""}, True),
        ({"answer": "not_met"}, True),
        ({"answer": "met", "verified": False}, True),
        ({"answer": "met"}, False),
        ({"answer": "not_met", "verified": True}, False),
    ],
)
@pytest.mark.usefixtures("clock")
def test_security_reads_and_reaches_every_gate_that_fails(client, cast, grouped, columns, fails):
    gate = grouped.requirements.get(code="R2")
    assert gate.mandatory
    Claim.objects.filter(requirement=gate, bid__position=0).update(**columns)
    claim = Claim.objects.get(requirement=gate, bid__position=0)
    assert claim.counts_as_met != fails
    assert (read_by(cast.security) == ["R1", "R2", "R3"]) == fails
    address = reverse("waiver-new", args=[claim.pk])
    for person in (cast.security, cast.officer):
        assert (address in page(client, person, "waivers", grouped)) == fails
        assert client.get(address).status_code == (200 if fails else 404 if person == cast.security else 403)
    # it stays one bid's answer, and another unit's requirement
    assert queries.claims_visible_to(cast.security).filter(requirement=gate).count() == fails
    assert not rules.can_verify(cast.security, claim)


def test_an_unmet_requirement_that_is_no_gate_stays_with_its_group(cast, grouped):
    grouped.requirements.filter(code="R2").update(mandatory=False)
    Claim.objects.filter(requirement__code="R2").update(answer="not_met")
    assert read_by(cast.security) == ["R1", "R3"]


def test_a_criterion_on_another_tender_opens_no_answer_here(cast, grouped, units):
    outsider = User.objects.create(
        username="outsider", name="Outsider", role=Role.MEMBER, unit=Unit.objects.get(code="business")
    )
    assert read_by(outsider) == []


def test_the_verification_page_shows_ones_own_group(client, clock, cast, grouped):
    text = page(client, cast.business, "verification", grouped)
    assert "Requirement R2" in text
    assert "Requirement R1" not in text
    assert "The rest belongs to other units." in text
    assert "Bids at the gates" not in text
    assert "Bids at the gates" in page(client, cast.officer, "verification", grouped)


def test_the_doors_ask_once_however_much_there_is(cast, grouped, django_assert_num_queries):
    for door in (queries.claims_visible_to, queries.attachments_visible_to, queries.bids_visible_to):
        prefetched = door is queries.claims_visible_to
        with django_assert_num_queries(2 if prefetched else 1):
            list(door(cast.security))
