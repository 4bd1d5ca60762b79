"""Weights of all criteria in one form: spread, live points, stored all or nothing; the usual anchors."""

import json
from decimal import Decimal
from fractions import Fraction

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from bids.cases import criteria_tree
from bids.views.weights_content import points_of
from procurement.actions.locking import Stale
from procurement.actions.weighing import give_anchors, set_weights, spread
from procurement.forms.weighing import WeightsForm
from procurement.models import AuditEntry, Criterion
from procurement.rules import Forbidden
from tests.cast import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def grouped(draft):
    """Security has two parts."""
    top = draft.criteria.get(code="S")
    for position, (code, weight) in enumerate((("S1", "2"), ("S2", "1")), 10):
        Criterion.objects.create(
            tender=draft, position=position, code=code, title=code, kind="security", weight=weight, parent=top
        )
    Criterion.objects.filter(pk=top.pk).update(kind="")
    return draft


def rows(tender):
    return {row.code: row for row in tender.criteria.all()}


def typed(tender, **weights):
    found = rows(tender)
    return {f"weight-{row.pk}": weights.get(code, str(row.weight)) for code, row in found.items()} | {
        f"version-{row.pk}": row.version for row in found.values()
    }


def send(client, who, tender, **data):
    client.force_login(who)
    return client.post(reverse("weights", args=[tender.pk]), data)


# --- spreading ---------------------------------------------------------------------------------------------
def test_what_does_not_come_out_even_is_borne_by_the_first():
    assert spread(Decimal(100), 4) == [Decimal(25)] * 4
    assert spread(Decimal(100), 3) == [Decimal("33.34"), Decimal("33.33"), Decimal("33.33")]
    assert spread(Decimal("0.005"), 2) == [Decimal("0.003"), Decimal("0.002")]
    for whole in ("0", "-3", "0.01"):
        with pytest.raises(ValidationError):
            spread(Decimal(whole), 2)


@given(st.decimals("1", "1000", places=3), st.integers(1, 60))
def test_what_is_spread_adds_up_exactly(whole, number):
    weights = spread(whole, number)
    assert sum(weights) == whole
    assert max(weights) - min(weights) <= Decimal("0.01")


# --- points ------------------------------------------------------------------------------------------------
def test_points_as_typed_are_those_of_the_arithmetic(grouped):
    tree = criteria_tree(grouped)
    form = WeightsForm(criteria=grouped.criteria.all())
    points = {line.row.code: line.points for part in points_of(form, Decimal(100)) for line in part.lines}
    assert points == dict(tree.effective)
    assert points["S1"] == Fraction(30)


def test_points_follow_what_is_typed_and_nothing_is_stored(client, cast, grouped):
    client.force_login(cast.officer)
    where = reverse("weights-shown", args=[grouped.pk])
    html = client.get(where, typed(grouped, S1="3") | {"whole-0": "110"}).content.decode()
    assert "33.75" in html
    assert "10 left" in html
    missing = client.get(where, typed(grouped, S1="x")).content.decode()
    assert "weights add up to 1<" in missing.replace("\n", "") or "weights add up to 1 " in missing
    assert rows(grouped)["S1"].weight == 2


# --- storing -----------------------------------------------------------------------------------------------
def test_weights_are_stored_at_once_with_one_entry(client, cast, grouped):
    assert send(client, cast.officer, grouped, **typed(grouped, S1="3.5", P="40", S="35")).status_code == 302
    found = rows(grouped)
    assert [found[code].weight for code in ("S1", "S", "P")] == [Decimal("3.5"), 35, 40]
    assert (found["S1"].version, found["S2"].version) == (2, 1)
    told = json.loads(AuditEntry.objects.get(action="set weights").payload)["changes"]
    assert told == {"S1": ["2", "3.5"], "P": ["30", "40"], "S": ["45", "35"]}


@pytest.mark.parametrize("wrong", ["0", "-1", "", "much"])
def test_one_wrong_weight_stops_all(client, cast, grouped, wrong):
    response = send(client, cast.officer, grouped, **typed(grouped, S1="9", S2=wrong))
    assert response.status_code == 422
    assert rows(grouped)["S1"].weight == 2
    assert f'value="{wrong}"' in response.content.decode()


def test_what_somebody_changed_meanwhile_is_not_overwritten(client, cast, grouped):
    before = typed(grouped, S1="9")
    send(client, cast.officer, grouped, **typed(grouped, S1="5"))
    assert send(client, cast.officer, grouped, **before).status_code == 409
    assert rows(grouped)["S1"].weight == 5


def test_a_criterion_that_is_gone_stops_all(cast, grouped):
    with pytest.raises(Stale):
        set_weights(actor=cast.officer, tender=grouped, weights={999: Decimal(1)}, seen={999: 1}, now=NOW)


def test_weights_of_what_is_published_stay(cast, published):
    with pytest.raises(Forbidden):
        set_weights(actor=cast.officer, tender=published, weights={}, seen={}, now=NOW)


def test_spreading_fills_the_form_and_stores_nothing(client, cast, grouped):
    found = rows(grouped)
    group = found["S"].pk
    response = send(client, cast.officer, grouped, **typed(grouped), even=group, **{f"whole-{group}": "5"})
    html = response.content.decode()
    assert html.count('value="2.5"') == 2
    data = typed(grouped, S2="") | {"left": "0", "whole-0": "100"}
    data[f"weight-{found['P'].pk}"] = ""
    html = send(client, cast.officer, grouped, **data).content.decode()
    assert 'value="30"' in html
    assert rows(grouped)["S1"].weight == 2


def test_nothing_left_to_spread_is_said(client, cast, grouped):
    data = typed(grouped, P="") | {"left": "0", "whole-0": "60"}
    assert "There is nothing left to spread." in send(client, cast.officer, grouped, **data).content.decode()


def test_the_page_makes_the_same_queries_for_three_criteria_and_five(client, cast, draft, request):
    client.force_login(cast.officer)
    where = reverse("weights", args=[draft.pk])
    client.get(where)
    counts = []
    for fixture in ("draft", "grouped"):
        request.getfixturevalue(fixture)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(where).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


# --- anchors -----------------------------------------------------------------------------------------------
def test_scales_without_words_get_the_usual_ones(client, cast, draft):
    own = [{"mark": "1", "text": "Ours"}]
    draft.criteria.filter(code="Q").update(anchors=own)
    client.force_login(cast.officer)
    client.post(reverse("anchors-give", args=[draft.pk]))
    found = rows(draft)
    assert found["Q"].anchors == own
    assert found["P"].anchors == []
    assert [anchor["mark"] for anchor in found["S"].anchors] == ["0", "1", "2", "3", "4", "5"]
    assert found["S"].maximum == 5
    assert found["S"].anchors[2]["text"] == "僅有廠商自述 / The vendor’s word only"
    assert give_anchors(actor=cast.officer, tender=draft, now=NOW) == 0


def test_words_stand_at_the_same_shares_of_another_scale(cast, draft):
    draft.criteria.filter(code="Q").update(maximum="7")
    give_anchors(actor=cast.officer, tender=draft, now=NOW)
    marks = [anchor["mark"] for anchor in rows(draft)["Q"].anchors]
    assert marks == ["0", "1.4", "2.8", "4.2", "5.6", "7"]
