"""Another approver is named where nobody named can answer, and only there."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from bids import rules
from bids.actions.approvers import name_approver
from procurement.choices import Role, Stage
from procurement.models import AuditEntry, Tender, User
from procurement.rules import Forbidden
from tests.awarded import approve_it, recommend_it
from tests.cast import NOW, PASSWORD

from .objecting import answer, object_to


@pytest.fixture
def third(cast):
    """One more approver of the unit above."""
    return User.objects.create(
        username="third_above",
        name="Third above",
        role=Role.APPROVER,
        unit=cast.approver.unit,
        password=cast.approver.password,
    )


def leave(*people):
    for person in people:
        User.objects.filter(pk=person.pk).update(is_active=False)


def name(officer, tender, person, reason="both have left the bank"):
    tender = Tender.objects.get(pk=tender.pk)
    return name_approver(actor=officer, tender=tender, approver=person, reason=reason, now=NOW)


def may_name(officer, tender):
    return rules.can_name_approver(officer, Tender.objects.get(pk=tender.pk))


# --- when -------------------------------------------------------------------------------------------------
def test_nobody_is_named_while_one_of_the_two_can_answer(cast, opened, third):
    objection = object_to(opened, cast.security)
    for gone in (cast.approver, cast.next_above):
        User.objects.update(is_active=True)
        leave(gone)
        with pytest.raises(Forbidden, match="nobody else is named in their place"):
            name(cast.officer, opened, third)
    leave(cast.approver, cast.next_above)
    named = name(cast.officer, opened, third)
    assert named.approver == third
    assert answer(objection, third).answered_by.startswith("Third above")
    assert not may_name(cast.officer, opened)


@pytest.mark.parametrize("spoilt", ["officer", "owner", "panel", "owner unit", "raiser", "role", "nobody"])
def test_who_proposed_can_answer_no_more_than_who_left(cast, opened, spoilt):
    leave(cast.next_above)
    assert not may_name(cast.officer, opened)
    tenders, people = Tender.objects.filter(pk=opened.pk), User.objects.filter(pk=cast.approver.pk)
    match spoilt:
        case "officer":
            tenders.update(approver=cast.officer)
        case "owner":
            tenders.update(owner=cast.approver)
        case "panel":
            opened.seats.create(position=9, code="x", unit=cast.approver.unit, user=cast.approver)
        case "owner unit":
            people.update(unit=opened.owner_unit)
        case "raiser":
            object_to(opened, cast.security, vendor="")
            opened.objections.update(raiser=cast.approver)
        case "role":
            people.update(role=Role.AUDITOR)
        case "nobody":
            tenders.update(approver=None)
    assert may_name(cast.officer, opened)


@pytest.mark.parametrize("stage", [Stage.DRAFT, Stage.AWARDED, Stage.CANCELLED])
def test_a_draft_is_edited_and_what_is_over_needs_nobody(cast, opened, stage):
    leave(cast.approver, cast.next_above)
    Tender.objects.filter(pk=opened.pk).update(stage=stage)
    assert "between the publication and the award" in str(may_name(cast.officer, opened).reason)


def test_only_the_officer_who_runs_the_tender_names(cast, opened, third):
    leave(cast.approver, cast.next_above)
    for person in (cast.security, cast.business, third, cast.auditor, cast.administrator, cast.vendor):
        assert not may_name(person, opened)
    other = User.objects.create(username="officer2", name="Other", role=Role.OFFICER, unit=cast.officer.unit)
    assert not may_name(other, opened)


# --- whom -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("part", ["security_head", "security", "business", "officer", "auditor", "approver"])
def test_whoever_is_named_stands_above_the_units(cast, opened, part):
    leave(cast.approver, cast.next_above)
    with pytest.raises(ValidationError, match="no approver above the units"):
        name(cast.officer, opened, User.objects.get(pk=getattr(cast, part).pk))
    assert not AuditEntry.objects.filter(action="name another approver").exists()


def test_who_sits_on_the_panel_or_is_of_the_raising_unit_is_not_named(cast, opened, third):
    leave(cast.approver, cast.next_above)
    seat = opened.seats.create(position=9, code="x", unit=third.unit, user=third)
    with pytest.raises(ValidationError, match="no approver above"):
        name(cast.officer, opened, third)
    seat.delete()
    objection = object_to(opened, cast.business, vendor="")
    with pytest.raises(ValidationError, match="no approver above"):
        name(cast.officer, opened, cast.business_head)
    assert objection.unit == cast.business_head.unit
    assert name(cast.officer, opened, third).approver == third


# --- on record --------------------------------------------------------------------------------------------
def test_the_trail_says_who_was_named_in_whose_place_and_why(cast, opened, third):
    leave(cast.approver, cast.next_above)
    with pytest.raises(ValidationError, match="Say why"):
        name(cast.officer, opened, third, reason="")
    tender = name(cast.officer, opened, third)
    said = json.loads(AuditEntry.objects.get(action="name another approver").payload)
    assert said["approver"].startswith("Third above")
    assert set(said["in_place_of"]) == {"approver", "next_above"}
    assert said["reason"] == "both have left the bank"
    assert (tender.published_text, tender.fingerprint) == (opened.published_text, opened.fingerprint)


def test_whoever_is_named_makes_the_award(cast, priced, third):
    recommend_it(priced)
    priced.refresh_from_db()
    leave(cast.approver, cast.next_above)
    approve_it(priced)
    assert "Approver decides this award" in str(rules.can_award(third, priced, NOW).reason)
    named = name(cast.officer, priced, third)
    assert rules.can_award(third, named, NOW)


# --- the page ---------------------------------------------------------------------------------------------
def test_the_officer_finds_the_way_from_the_objection(client, clock, cast, opened, third):
    objection = object_to(opened, cast.security)
    address = reverse("approver-name", args=[opened.pk])
    pages = [reverse("objection", args=[objection.pk]), reverse("tender-objections", args=[opened.pk])]
    client.force_login(cast.officer)
    assert client.get(address).status_code == 403
    assert all(address not in client.get(page).content.decode() for page in pages)
    leave(cast.approver, cast.next_above)
    assert all(address in client.get(page).content.decode() for page in pages)
    assert client.get(address).status_code == 200
    sent = {"approver": third.pk, "reason": "both have left", "password": "wrong"}
    assert client.post(address, sent).status_code == 422
    refused = client.post(address, sent | {"password": PASSWORD, "approver": cast.security_head.pk})
    assert "no approver above the units" in refused.content.decode()
    done = client.post(address, sent | {"password": PASSWORD}, follow=True)
    assert "Third above" in done.content.decode()
    opened.refresh_from_db()
    assert opened.approver == third
    client.force_login(cast.security)
    assert client.get(address).status_code == 403
    client.force_login(cast.stranger)
    assert client.get(address).status_code == 404
