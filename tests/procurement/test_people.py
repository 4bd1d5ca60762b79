"""Entering people, units and vendors, and what a person keeps for themselves."""

import pytest
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.test import RequestFactory
from django.urls import reverse

from procurement.actions import people
from procurement.actions.locking import Stale
from procurement.choices import Role
from procurement.models import AuditEntry, Unit, User, Vendor
from procurement.rules import Forbidden
from tests.cast import NOW, PASSWORD

pytestmark = pytest.mark.django_db

GOOD = "correct horse battery"


def person_values(units, **changes):
    return {
        "username": "chen",
        "name": "陳柏睿",
        "job_title": "Engineer",
        "email": "",
        "role": Role.MEMBER,
        "unit": units["security"],
        "vendor": None,
        "language": "",
    } | changes


def fields_of(person, **changes):
    return {
        "version": person.version,
        "name": person.name,
        "job_title": person.job_title,
        "role": person.role,
        "unit": person.unit_id or "",
        "vendor": person.vendor_id or "",
        "language": person.language,
        "password": "",
    } | changes


def known(username, password):
    """Who signs in with them; None for nobody."""
    return authenticate(RequestFactory().post("/sign-in/"), username=username, password=password)


# --- actions ------------------------------------------------------------------------------------------------
def test_a_person_is_entered_and_can_sign_in(cast, units):
    people.create_person(actor=cast.administrator, values=person_values(units), password=GOOD, now=NOW)
    assert known("chen", GOOD).unit == units["security"]
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.object) == ("create person", "chen")
    assert GOOD not in entry.payload


@pytest.mark.parametrize("password", ["short", "password12345", "chen-po-jui-1", ""])
def test_a_weak_password_is_refused(cast, units, password):
    values = person_values(units, username="chen-po-jui")
    with pytest.raises(ValidationError) as refusal:
        people.create_person(actor=cast.administrator, values=values, password=password, now=NOW)
    assert list(refusal.value.error_dict) == ["password"]
    assert not User.objects.filter(username="chen-po-jui").exists()


@pytest.mark.parametrize("role", [Role.VENDOR, Role.MEMBER])
def test_a_person_belongs_to_a_unit_or_a_vendor(cast, units, role):
    wrong = {"unit": units["it"]} if role == Role.VENDOR else {"unit": None, "vendor": cast.vendor.vendor}
    values = person_values(units, role=role, **wrong)
    with pytest.raises(ValidationError):
        people.create_person(actor=cast.administrator, values=values, password=GOOD, now=NOW)


@pytest.mark.parametrize("who", ["officer", "security", "approver", "auditor", "vendor"])
def test_only_administrators_enter_people(cast, units, who):
    actor = getattr(cast, who)
    with pytest.raises(Forbidden):
        people.create_person(actor=actor, values=person_values(units), password=GOOD, now=NOW)
    with pytest.raises(Forbidden):
        people.create_unit(
            actor=actor, values={"code": "x", "name_zh": "x", "name_en": "x", "kind": "business"}, now=NOW
        )
    with pytest.raises(Forbidden):
        people.create_vendor(actor=actor, values={"name": "x"}, now=NOW)
    with pytest.raises(Forbidden):
        people.edit_vendor(actor=actor, vendor=cast.vendor.vendor, values={"name": "x"}, seen=1, now=NOW)
    with pytest.raises(Forbidden):
        people.set_active(actor=actor, person=cast.rival, active=False, seen=1, now=NOW)
    assert not AuditEntry.objects.exists()


def test_a_deactivated_person_is_out_at_once(client, cast):
    client.force_login(cast.business)
    people.set_active(actor=cast.administrator, person=cast.business, active=False, seen=1, now=NOW)
    assert client.get(reverse("work")).status_code == 302
    assert known("business", PASSWORD) is None
    people.set_active(actor=cast.administrator, person=cast.business, active=True, seen=2, now=NOW)
    assert [entry.action for entry in AuditEntry.objects.all()] == ["activate person", "deactivate person"]


def test_administrators_do_not_lock_themselves_out(cast):
    with pytest.raises(Forbidden, match="your own"):
        people.set_active(actor=cast.administrator, person=cast.administrator, active=False, seen=1, now=NOW)


def test_the_second_of_two_savers_is_told(cast):
    vendor = cast.vendor.vendor
    people.edit_vendor(actor=cast.administrator, vendor=vendor, values={"name": "A"}, seen=1, now=NOW)
    with pytest.raises(Stale):
        people.edit_vendor(actor=cast.administrator, vendor=vendor, values={"name": "B"}, seen=1, now=NOW)
    assert Vendor.objects.get(pk=vendor.pk).name == "A"


def test_a_new_password_is_set_and_not_written_down(cast, units):
    values = person_values(units, name="Business", unit=units["business"], job_title="", language="en")
    people.edit_person(
        actor=cast.administrator, person=cast.business, values=values, password=GOOD, seen=1, now=NOW
    )
    assert known("business", GOOD)
    assert AuditEntry.objects.get().payload == '{"changes":{"password":"set"}}'


# --- pages --------------------------------------------------------------------------------------------------
def test_a_person_goes_through_the_form(client, cast, units):
    client.force_login(cast.administrator)
    fields = {
        "version": "1", "username": "chen", "name": "陳柏睿", "job_title": "", "role": "member",
        "unit": units["security"].pk, "vendor": "", "language": "zh-hant", "password": GOOD,
    }  # fmt: skip
    assert client.post(reverse("person-new"), fields).url == reverse("people")
    person = User.objects.get(username="chen")
    url = reverse("person-edit", args=[person.pk])
    assert client.post(url, fields_of(person, job_title="Engineer", username="other")).status_code == 302
    person.refresh_from_db()
    assert (person.username, person.job_title, person.version) == ("chen", "Engineer", 2)
    assert known("chen", GOOD), "an empty password stays"
    assert client.post(url, fields_of(person, version=1)).status_code == 409


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"role": "vendor"}, "vendor"),
        ({"unit": ""}, "unit"),
        ({"username": "officer"}, "username"),
        ({"username": "a b"}, "username"),
        ({"password": "short"}, "password"),
        ({"name": ""}, "name"),
    ],
)
def test_a_fault_shows_at_its_field(client, cast, units, changes, field):
    client.force_login(cast.administrator)
    fields = {
        "version": "1", "username": "chen", "name": "Chen", "role": "member",
        "unit": units["security"].pk, "password": GOOD,
    }  # fmt: skip
    response = client.post(reverse("person-new"), fields | changes)
    assert field in response.context["form"].errors
    assert GOOD.encode() not in response.content


def test_units_and_vendors_go_through_their_forms(client, cast, units):
    client.force_login(cast.administrator)
    names = {"name_zh": "法遵處", "name_en": "Legal", "kind": "business"}
    client.post(reverse("unit-new"), {"version": "1", "code": "legal"} | names)
    unit = Unit.objects.get(code="legal")
    client.post(
        reverse("unit-edit", args=[unit.pk]),
        {"version": "1", "code": "other", "name_zh": "法務處", "name_en": "Legal", "kind": "business"},
    )
    unit.refresh_from_db()
    assert (unit.code, unit.name_zh) == ("legal", "法務處"), "a code stands in published specifications"
    client.post(reverse("vendor-new"), {"version": "1", "name": "Third"})
    vendor = Vendor.objects.get(name="Third")
    client.post(reverse("vendor-edit", args=[vendor.pk]), {"version": "1", "name": "Third Ltd"})
    assert Vendor.objects.filter(name="Third Ltd").exists()
    again = client.post(reverse("vendor-new"), {"version": "1", "name": "Third Ltd"})
    assert list(again.context["form"].errors) == ["name"]
    assert AuditEntry.objects.count() == 4


def test_activity_changes_by_post(client, cast):
    client.force_login(cast.administrator)
    url = reverse("person-activity", args=[cast.rival.pk])
    assert client.get(url).status_code == 405
    assert client.post(url, {"version": "x", "deactivate": "1"}).status_code == 409
    client.post(url, {"version": "1", "deactivate": "1"})
    assert not User.objects.get(pk=cast.rival.pk).is_active
    client.post(url, {"version": "2", "activate": "1"})
    assert User.objects.get(pk=cast.rival.pk).is_active


def test_the_own_page_says_why_there_is_no_way_out(client, cast):
    client.force_login(cast.administrator)
    page = client.get(reverse("person-edit", args=[cast.administrator.pk])).content.decode()
    assert "You cannot deactivate your own account." in page


def test_the_list_is_searched(client, cast):
    client.force_login(cast.administrator)

    def found(**query):
        return [person.username for person in client.get(reverse("people"), query).context["page"]]

    assert len(found()) == 12
    assert found(q="bedrock") == ["vendor"]
    assert found(q="資安") == ["security", "security_head"]
    assert found(role="auditor") == ["auditor"]
    assert found(q="nobody at all") == []


@pytest.mark.parametrize("more", [0, 2])
def test_the_list_asks_as_often_for_three_people_as_for_one(
    client, cast, units, more, django_assert_num_queries
):
    for index in range(more):
        User.objects.create(username=f"u{index}", name="x", role=Role.MEMBER, unit=units["it"])
    client.force_login(cast.administrator)
    with django_assert_num_queries(7):  # session, person, unit, count, page, units, vendors
        client.get(reverse("people"))


# --- the front door and preferences -------------------------------------------------------------------------
def test_signing_in_and_out(client, cast):
    page = client.post(reverse("sign-in"), {"username": "officer", "password": PASSWORD})
    assert page.url == reverse("work")
    assert client.get(reverse("sign-out")).status_code == 405
    assert client.post(reverse("sign-out")).url == reverse("sign-in")
    assert client.get(reverse("work")).url.startswith(reverse("sign-in"))


def test_the_language_stays_with_the_person(client, cast):
    client.force_login(cast.officer)
    response = client.post(reverse("set-language"), {"language": "zh-hant", "next": reverse("tenders")})
    assert response.url == reverse("tenders")
    cast.officer.refresh_from_db()
    assert cast.officer.language == "zh-hant"
    assert client.get(reverse("tenders")).headers["Content-Language"] == "zh-hant"


def test_the_sign_in_page_speaks_the_chosen_language(client, db):
    response = client.post(reverse("set-language"), {"language": "en", "next": reverse("sign-in")})
    assert response.url == reverse("sign-in")
    assert client.get(reverse("sign-in")).headers["Content-Language"] == "en"


def test_a_place_that_is_no_page_is_not_looked_up(client, db):
    response = client.post(reverse("set-language"), {"language": "en", "next": "tender"})
    assert (response.status_code, response.url) == (302, "tender")


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_nobody_is_sent_elsewhere(client, cast, target):
    client.force_login(cast.officer)
    for name, field in (("set-language", "language"), ("set-theme", "theme")):
        value = "en" if field == "language" else "dark"
        assert client.post(reverse(name), {field: value, "next": target}).url == reverse("work")


def test_the_theme_stays_with_the_person(client, cast):
    client.force_login(cast.officer)
    client.post(reverse("set-theme"), {"theme": "dark"})
    assert b'data-bs-theme="dark"' in client.get(reverse("work")).content


@pytest.mark.parametrize(("name", "field"), [("set-language", "language"), ("set-theme", "theme")])
def test_nonsense_is_refused(client, cast, name, field):
    client.force_login(cast.officer)
    assert client.post(reverse(name), {field: "xx"}).status_code == 400
    assert client.get(reverse(name)).status_code == 405


def test_actions_refuse_nonsense_too(cast):
    with pytest.raises(ValidationError):
        people.set_language(actor=cast.officer, language="xx")
    with pytest.raises(ValidationError):
        people.set_theme(actor=cast.officer, theme="xx")
