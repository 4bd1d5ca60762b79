"""Writing a specification: many requirements at once, their order, coverage, and what stands twice."""

import json
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bids.views.builder_content import Content
from procurement.actions.arranging import NewCriterion, edit_requirements, order_requirements
from procurement.actions.locking import Stale
from procurement.actions.picking import Choice, pick
from procurement.models import AuditEntry, Criterion, Requirement
from procurement.rules import Forbidden
from tests.bids.asked import answer
from tests.cast import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def keys(tender):
    return list(tender.requirements.values_list("pk", flat=True))


def codes(tender):
    return list(tender.requirements.values_list("code", flat=True))


def reorder(who, tender, seen, order):
    return order_requirements(actor=who, tender=tender, seen=seen, order=order, now=NOW)


def change(cast, tender, *names, made=None, **values):
    rows = tender.requirements.filter(code__in=names)
    seen = {row.pk: row.version for row in rows}
    return edit_requirements(
        actor=cast.officer, tender=tender, seen=seen, values=values, criterion=made, now=NOW
    )


def page(client, who, tender):
    client.force_login(who)
    return client.get(reverse("builder", args=[tender.pk]))


def send(client, who, name, tender, **data):
    client.force_login(who)
    return client.post(reverse(name, args=[tender.pk]), data)


def payload(action):
    return json.loads(AuditEntry.objects.get(action=action).payload)


# --- order -------------------------------------------------------------------------------------------------
def test_a_whole_new_order_is_stored_with_one_entry(cast, draft):
    first, second, third = keys(draft)
    reorder(cast.officer, draft, [first, second, third], [third, first, second])
    assert codes(draft) == ["R3", "R1", "R2"]
    assert payload("order requirements")["order"] == ["R3", "R1", "R2"]


def test_the_same_order_leaves_no_entry(cast, draft):
    reorder(cast.officer, draft, keys(draft), keys(draft))
    assert not AuditEntry.objects.filter(action="order requirements").exists()


def test_an_order_that_somebody_changed_meanwhile_is_not_overwritten(cast, draft):
    first, second, third = keys(draft)
    reorder(cast.officer, draft, [first, second, third], [second, first, third])
    with pytest.raises(Stale):
        reorder(cast.officer, draft, [first, second, third], [third, first, second])
    assert codes(draft) == ["R2", "R1", "R3"]


def test_an_order_of_other_rows_is_refused(cast, draft):
    first, second, third = keys(draft)
    for order in ([first, second], [first, first, second], [first, second, third, 99]):
        with pytest.raises(ValidationError):
            reorder(cast.officer, draft, [first, second, third], order)
    draft.requirements.filter(pk=third).delete()
    with pytest.raises(Stale):
        reorder(cast.officer, draft, [first, second, third], [third, second, first])


def test_what_is_published_keeps_its_order(cast, published):
    with pytest.raises(Forbidden):
        reorder(cast.officer, published, keys(published), keys(published)[::-1])


def test_the_buttons_move_one_place_and_a_script_sends_a_whole_order(client, cast, draft):
    first, second, third = keys(draft)
    seen = f"{first},{second},{third}"
    response = send(client, cast.officer, "requirements-order", draft, seen=seen, move=f"{second}:up")
    assert response.url.endswith(f"#row-{second}")
    assert codes(draft) == ["R2", "R1", "R3"]
    seen = f"{second},{first},{third}"
    send(client, cast.officer, "requirements-order", draft, seen=seen, move=f"{second}:up")
    assert codes(draft) == ["R2", "R1", "R3"]
    send(client, cast.officer, "requirements-order", draft, seen=seen, order=f"{third},{first},{second}")
    assert codes(draft) == ["R3", "R1", "R2"]
    response = send(client, cast.officer, "requirements-order", draft, seen=seen, order=f"{third},x,{second}")
    assert response.status_code == 302
    assert codes(draft) == ["R3", "R1", "R2"]
    late = send(client, cast.officer, "requirements-order", draft, seen=seen, move=f"{third}:up")
    assert late.status_code == 409


# --- many at once ------------------------------------------------------------------------------------------
def test_several_get_the_same_in_one_step_and_one_entry(cast, draft, units):
    leaf = draft.criteria.get(code="Q")
    assert change(cast, draft, "R1", "R3", mandatory=False, severity="low", criterion=leaf) == 2
    rows = {row.code: row for row in draft.requirements.select_related("criterion")}
    assert {rows[code].severity for code in ("R1", "R3")} == {"low"}
    assert (rows["R1"].mandatory, rows["R1"].criterion.code, rows["R1"].version) == (False, "Q", 2)
    assert (rows["R2"].mandatory, rows["R2"].criterion, rows["R2"].version) == (True, None, 1)
    told = payload("edit requirements")["changes"]
    assert set(told) == {"R1", "R3"}
    assert told["R1"]["mandatory"] == [True, False]
    assert "mandatory" not in told["R3"]


def test_one_that_cannot_be_stops_all(cast, draft, units):
    draft.requirements.filter(code="R2").update(unit=units["it"], owner=None)
    with pytest.raises(ValidationError, match="R2: Security belongs to"):
        change(cast, draft, "R1", "R2", severity="low", owner=cast.security)
    assert not draft.requirements.filter(severity="low").exists()


def test_an_owner_brings_the_unit_where_none_is_chosen(client, cast, draft, units):
    row = draft.requirements.get(code="R2")
    data = {"rows": row.pk, f"version-{row.pk}": row.version, "owner": cast.business.pk}
    send(client, cast.officer, "requirements-edit", draft, **data)
    row.refresh_from_db()
    assert (row.owner, row.unit) == (cast.business, units["business"])


def test_a_version_that_is_no_longer_stored_stops_all(cast, draft):
    seen = {row.pk: row.version for row in draft.requirements.all()}
    change(cast, draft, "R2", severity="low")
    with pytest.raises(Stale):
        edit_requirements(actor=cast.officer, tender=draft, seen=seen, values={"mandatory": False}, now=NOW)
    assert draft.requirements.filter(mandatory=True).count() == 2


def test_nothing_chosen_or_nothing_said_is_refused(cast, draft):
    with pytest.raises(ValidationError, match="at least one"):
        change(cast, draft, severity="low")
    with pytest.raises(ValidationError, match="what is to change"):
        change(cast, draft, "R1")


def test_a_new_criterion_is_made_for_them(cast, draft):
    change(cast, draft, "R1", "R2", made=NewCriterion("Keys", None, Decimal("2.5")))
    row = Criterion.objects.get(title="Keys")
    assert (row.code, row.weight, row.kind) == ("C1", Decimal("2.5"), "security")
    assert list(row.informed_by.values_list("code", flat=True)) == ["R1", "R2"]


def test_requirements_are_not_read_beside_the_price_or_another_tender(cast, draft):
    with pytest.raises(ValidationError, match="mark by quality"):
        change(cast, draft, "R1", criterion=draft.criteria.get(code="P"))


def test_the_form_changes_the_chosen(client, cast, draft):
    first, second, _third = keys(draft)
    data = {"rows": [first, second], f"version-{first}": 1, f"version-{second}": 1, "severity": "low"}
    response = send(client, cast.officer, "requirements-edit", draft, **data)
    assert response.status_code == 302
    assert draft.requirements.filter(severity="low").count() == 2
    stale = send(client, cast.officer, "requirements-edit", draft, **data | {"severity": "high"})
    assert stale.status_code == 409


def test_the_form_says_what_is_missing_and_keeps_the_choice(client, cast, draft):
    first = keys(draft)[0]
    data = {"rows": [first], f"version-{first}": 1, "criterion": "new", "new_title": "Keys"}
    response = send(client, cast.officer, "requirements-edit", draft, **data)
    assert response.status_code == 422
    assert "A new criterion needs a name and a weight." in response.content.decode()
    assert response.context["chosen"] == [str(first)]
    done = send(client, cast.officer, "requirements-edit", draft, **data | {"new_weight": "3"})
    assert done.status_code == 302
    assert Requirement.objects.get(pk=first).criterion.title == "Keys"


# --- coverage and twins ------------------------------------------------------------------------------------
def test_families_show_what_covers_them_and_what_was_left_out(cast, bare):
    answer(cast, bare)
    pick(actor=cast.officer, tender=bare, keys=["b:ASY-AC-01", "b:ASY-SI-04"], choice=Choice(), now=NOW)
    content = Content(bare)
    families = {family.code: family for family in content.families}
    assert len(families) == 7
    assert (families["AC"].asked, families["SI"].asked, families["CP"].asked) == (1, 1, 0)
    left = [code for code, _text in families["SI"].left_out]
    assert left
    assert "ASY-SI-04" not in left
    assert content.outside == 0


def test_what_somebody_wrote_belongs_to_no_family(cast, draft):
    content = Content(draft)
    assert content.outside == 3
    assert {family.asked for family in content.families} == {0}


def test_requirements_that_ask_for_the_same_are_pointed_out(client, cast, draft):
    text = "All backups are encrypted and restored once a year"
    draft.requirements.filter(code="R1").update(title=text)
    draft.requirements.filter(code="R3").update(title=text + " as a test")
    pairs = [(first.code, second.code) for first, second, _how in Content(draft).pairs]
    assert pairs == [("R1", "R3")]
    html = page(client, cast.officer, draft).content.decode()
    assert "These ask for the same" in html
    assert "72.7% of the words in common" in html


def test_the_page_makes_the_same_queries_for_three_rows_and_ten(client, cast, draft):
    page(client, cast.officer, draft)
    counts = []
    for extra in (False, True):
        if extra:
            ids = [f"b:ASY-AC-0{number}" for number in range(1, 8)]
            pick(actor=cast.officer, tender=draft, keys=ids, choice=Choice(), now=NOW)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("builder", args=[draft.pk])).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
