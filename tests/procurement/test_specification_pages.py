"""The forms of requirements, criteria and seats."""

from decimal import Decimal

import pytest
from django.urls import reverse

from procurement.actions import specification
from procurement.models import Criterion, Requirement, Seat
from tests.cast import NOW

pytestmark = pytest.mark.django_db


def criterion_values(**changes):
    blank = {"parent": None, "minimum": None, "kind": "security", "maximum": None, "value": None, "units": []}
    return blank | {"code": "S1", "title": "Allow-listing", "weight": Decimal(20)} | changes


def add_part(cast, draft, code="S1", **changes):
    parent = draft.criteria.get(code="S")
    values = criterion_values(code=code, parent=parent, **changes)
    return specification.add_criterion(actor=cast.officer, tender=draft, values=values, now=NOW)


def codes(rows):
    return list(rows.values_list("code", flat=True))


def test_a_requirement_goes_through_its_form(client, cast, draft, units):
    client.force_login(cast.officer)
    fields = {
        "version": "1", "code": "R9", "title": "Logs go\nto the SIEM", "mandatory": "no", "kind": "security",
        "severity": "low", "source": "Rule 2.4", "evidence": "A record\r\nof a test",
        "unit": units["it"].pk, "owner": "",
    }  # fmt: skip
    response = client.post(reverse("requirement-new", args=[draft.pk]), fields)
    assert response.url == reverse("tender", args=[draft.pk]) + "#requirements"
    row = Requirement.objects.get(code="R9")
    assert (row.title, row.evidence, row.mandatory) == ("Logs go to the SIEM", "A record\nof a test", False)
    url = reverse("requirement-edit", args=[row.pk])
    assert client.get(url).context["form"]["mandatory"].value() == "no"
    assert client.post(url, fields | {"severity": "high"}).status_code == 302
    assert client.post(url, fields | {"severity": "medium"}).status_code == 409
    row.refresh_from_db()
    assert row.severity == "high"


def test_another_one_can_be_added_at_once(client, cast, draft, units):
    client.force_login(cast.officer)
    url = reverse("seat-new", args=[draft.pk])
    fields = {"version": "1", "unit": cast.stranger.unit_id, "user": cast.stranger.pk, "another": "1"}
    assert client.post(url, fields).url == url
    assert Seat.objects.get(user=cast.stranger).code == "stranger"


def test_a_criterion_starts_below_the_one_it_is_to_be_part_of(client, cast, draft):
    client.force_login(cast.officer)
    group = draft.criteria.get(code="S")
    form = client.get(reverse("criterion-new", args=[draft.pk]), {"parent": "S"}).context["form"]
    assert (form["parent"].value(), form["kind"].value()) == (group.pk, "security")


def test_a_criterion_takes_money_and_full_width_digits(client, cast, draft, units):
    client.force_login(cast.officer)
    fields = {
        "version": "1", "code": "S1", "title": "Allow-listing", "parent": draft.criteria.get(code="S").pk,
        "weight": "２０.５", "kind": "security", "value": "50萬",
        "units": [units["it"].pk, units["security"].pk],
    }  # fmt: skip
    assert client.post(reverse("criterion-new", args=[draft.pk]), fields).status_code == 302
    row = Criterion.objects.get(code="S1")
    assert (row.weight, row.value) == (Decimal("20.5"), Decimal(500_000))
    form = client.get(reverse("criterion-edit", args=[row.pk])).context["form"]
    assert sorted(form["units"].value()) == sorted([units["it"].pk, units["security"].pk])
    group = client.get(reverse("criterion-edit", args=[row.parent_id])).context["form"]
    assert "kind" not in group.fields


CRITERION_FIELDS = {"version": "1", "code": "X", "title": "Support", "weight": "5", "kind": "quality"}


def test_anchors_are_lines_and_stored_lowest_first(client, cast, draft):
    client.force_login(cast.officer)
    lines = "5 = tested by us = offline too\r\n\r\n０＝未提供\n 2.5: claimed  only"
    fields = CRITERION_FIELDS | {"maximum": "5", "anchors": lines, "evidence_caps": "yes"}
    assert client.post(reverse("criterion-new", args=[draft.pk]), fields).status_code == 302
    row = Criterion.objects.get(code="X")
    assert row.anchors == [
        {"mark": "0", "text": "未提供"},
        {"mark": "2.5", "text": "claimed only"},
        {"mark": "5", "text": "tested by us = offline too"},
    ]
    assert row.caps_marks
    form = client.get(reverse("criterion-edit", args=[row.pk])).context["form"]
    assert form["anchors"].value() == "0 = 未提供\n2.5 = claimed only\n5 = tested by us = offline too"
    assert form["evidence_caps"].value() == "yes"
    url = reverse("criterion-edit", args=[row.pk])
    assert client.post(url, fields | {"anchors": "", "evidence_caps": ""}).status_code == 302
    row.refresh_from_db()
    assert (row.anchors, row.evidence_caps, row.caps_marks) == ([], None, False)


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ("tested by us", "is no anchor"),
        ("5 =", "is no anchor"),
        ("best = tested by us", "is not a number"),
        ("-1 = tested by us", "at least 0"),
        ("6 = tested by us", "above the top of the scale, 5"),
        ("1 = a\n１ = b", "The mark 1 is there twice."),
        ("1 = a\u0007", "invisible control character"),
        ("\n".join(f"0.{number} = a" for number in range(100, 151)), "at most 50 anchors"),
    ],
)
def test_anchors_that_are_none_are_refused_at_their_place(client, cast, draft, lines, fault):
    client.force_login(cast.officer)
    fields = CRITERION_FIELDS | {"maximum": "5", "anchors": lines}
    response = client.post(reverse("criterion-new", args=[draft.pk]), fields)
    assert list(response.context["form"].errors) == ["anchors"]
    assert fault in response.content.decode()
    assert lines.splitlines()[0] in response.content.decode()


def test_the_form_of_a_requirement_offers_leaves_of_its_tender_but_the_price(client, cast, draft):
    other = type(draft).objects.create(reference="ITS-2026-901", title="Other")
    Criterion.objects.create(tender=other, position=0, code="Z", title="z", weight=1, kind="security")
    part = add_part(cast, draft)
    client.force_login(cast.officer)
    form = client.get(reverse("requirement-new", args=[draft.pk])).context["form"]
    assert codes(form.fields["criterion"].queryset) == ["Q", "S1"]
    row = draft.requirements.get(code="R1")
    url = reverse("requirement-edit", args=[row.pk])
    fields = {
        "version": "1", "code": "R1", "title": row.title, "mandatory": "yes", "kind": "security",
        "severity": "high", "unit": row.unit_id, "owner": row.owner_id, "criterion": part.pk,
    }  # fmt: skip
    assert client.post(url, fields).status_code == 302
    row.refresh_from_db()
    assert row.criterion == part
    price = draft.criteria.get(code="P")
    refused = client.post(url, fields | {"version": "2", "criterion": price.pk})
    assert list(refused.context["form"].errors) == ["criterion"]


def test_a_parent_that_is_not_there_is_no_parent(client, cast, draft):
    client.force_login(cast.officer)
    for code in ("nothing", "\x00"):
        form = client.get(reverse("criterion-new", args=[draft.pk]), {"parent": code}).context["form"]
        assert form["parent"].value() is None


def test_an_owner_who_left_is_not_dropped_by_the_way(client, cast, draft):
    cast.security.is_active = False
    cast.security.save()
    client.force_login(cast.officer)
    row = draft.requirements.get(code="R1")
    form = client.get(reverse("requirement-edit", args=[row.pk])).context["form"]
    assert cast.security in form.fields["owner"].queryset
    new = client.get(reverse("requirement-new", args=[draft.pk])).context["form"]
    assert cast.security not in new.fields["owner"].queryset


@pytest.mark.parametrize("weight", ["0", "-3", "heavy", ""])
def test_a_weight_is_more_than_nothing(client, cast, draft, weight):
    client.force_login(cast.officer)
    fields = {"version": "1", "code": "S1", "title": "x", "weight": weight, "kind": "security"}
    response = client.post(reverse("criterion-new", args=[draft.pk]), fields)
    assert list(response.context["form"].errors) == ["weight"]
    assert b'value="S1"' in response.content


def test_deleting_is_a_post_that_names_the_version(client, cast, draft):
    client.force_login(cast.officer)
    row = draft.requirements.get(code="R3")
    url = reverse("requirement-delete", args=[row.pk])
    assert client.get(url).status_code == 405
    assert client.post(url).status_code == 409
    assert client.post(url, {"version": "7"}).status_code == 409
    assert draft.requirements.count() == 3
    assert client.post(url, {"version": "1"}).status_code == 302
    assert draft.requirements.count() == 2


def test_a_group_that_cannot_be_deleted_says_why(client, cast, draft):
    add_part(cast, draft)
    client.force_login(cast.officer)
    url = reverse("criterion-delete", args=[draft.criteria.get(code="S").pk])
    assert "has parts" in client.post(url, {"version": "2"}, follow=True).content.decode()


@pytest.mark.parametrize("name", ["requirement", "criterion", "seat"])
@pytest.mark.parametrize("who", ["stranger", "vendor", "business", "auditor"])
def test_others_are_kept_out(client, cast, draft, name, who):
    status = 404 if who in {"stranger", "vendor"} else 403
    rows = {"requirement": draft.requirements, "criterion": draft.criteria, "seat": draft.seats}
    row = rows[name].first()
    client.force_login(getattr(cast, who))
    assert client.get(reverse(f"{name}-new", args=[draft.pk])).status_code == status
    assert client.get(reverse(f"{name}-edit", args=[row.pk])).status_code == status
    assert client.post(reverse(f"{name}-delete", args=[row.pk]), {"version": "1"}).status_code == status
    assert rows[name].filter(pk=row.pk).exists()
