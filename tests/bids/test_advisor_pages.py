"""The page of the formula advisor: who sees it, what may be changed on it, and what it says."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from procurement.models import Criterion, Tender
from tests.cast import publish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def page(client, who, tender, **query):
    client.force_login(who)
    return client.get(reverse("advisor", args=[tender.pk]), query)


def text(response):
    return response.content.decode()


def rules(tender, **values):
    Tender.objects.filter(pk=tender.pk).update(**values)


# --- who sees it ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("part", ["officer", "security", "business", "approver", "auditor"])
def test_the_banks_people_who_read_the_draft_see_it(client, cast, draft, part):
    response = page(client, getattr(cast, part), draft)
    assert response.status_code == 200
    assert "How these rules treat three dummy bids" in text(response)


@pytest.mark.parametrize("part", ["vendor", "rival", "stranger", "administrator"])
def test_for_vendors_and_strangers_there_is_nothing(client, cast, draft, part):
    assert page(client, getattr(cast, part), draft).status_code == 404


@pytest.mark.parametrize("part", ["officer", "vendor"])
def test_after_publication_there_is_nothing(client, cast, draft, part):
    assert page(client, getattr(cast, part), publish(draft)).status_code == 404


def test_it_is_reached_from_the_checks_and_from_the_rules(client, cast, draft):
    client.force_login(cast.officer)
    there = f'href="{reverse("advisor", args=[draft.pk])}"'
    assert there in text(client.get(reverse("tender", args=[draft.pk])))
    assert there in text(client.get(reverse("tender-edit", args=[draft.pk])))


# --- what it says -----------------------------------------------------------------------------------------
def test_the_draft_as_it_stands_is_tried(client, cast, draft):
    html = text(page(client, cast.officer, draft))
    assert "The expensive best bid comes first, ahead of Middle bid by 2.18 points." in html
    assert "The cheap outlier does not come first however cheap it is." in html
    assert "Security is published as 45% but decides 26.9% when marks lie between" in html
    assert "cannot turn their order" in html
    assert html.count("<tr") > 12
    for price in ("11,100,000", "14,800,000", "17,575,000"):
        assert price in html


@pytest.mark.parametrize(
    ("method", "said"),
    [
        ("price-per-point", "comes first, ahead of"),
        ("pass-then-lowest", "The cheap outlier comes first, ahead of Middle bid by NT$ 3,700,000."),
        ("lowest-price", "Price has no published weight and decides 100.0%"),
        ("adjusted-price", "one percent less price is worth NT$ 148,000"),
    ],
)
def test_methods_that_score_no_price_are_tried(client, cast, draft, method, said):
    Criterion.objects.filter(tender=draft, code="P").delete()
    Criterion.objects.filter(tender=draft, code="S").update(
        value="5000000" * (method == "adjusted-price") or None
    )
    rules(draft, method=method, price_formula="none", price_parameters={})
    html = text(page(client, cast.officer, draft))
    assert said in html
    assert "What a price gets" not in html
    assert "Not tried: the draft has no criterion for the price." in html or "has no criterion" not in html


@pytest.mark.parametrize("aggregation", ["sum", "median", "unit-mean", "consensus"])
def test_every_aggregation_gives_the_dummies_their_marks(client, cast, draft, aggregation):
    rules(draft, aggregation=aggregation)
    html = text(page(client, cast.officer, draft))
    assert "The expensive best bid comes first" in html
    assert "Security is published as 45% but decides 26.9%" in html


def test_a_tie_rule_is_no_lead(client, cast, draft):
    rules(draft, price_formula="min-max", price_parameters={})
    query = {
        f"{dummy}_{part}": "60" for dummy in ("cheap", "middle", "best") for part in ("security", "quality")
    }
    html = text(page(client, cast.officer, draft, **query, middle_price="11100000", best_price="11100000"))
    assert "Several dummy bids share first place" in html
    query |= {
        "middle_security": "70",
        "middle_quality": "42",
        "best_price": "17575000",
        "middle_price": "11100000",
    }
    html = text(page(client, cast.officer, draft, **query))
    assert "Middle bid comes first by the rule for equal bids only: it is level with Cheap outlier." in html


def test_a_rank_sum_is_told_in_ranks(client, cast, draft):
    rules(draft, method="rank-sum")
    assert "ahead of Middle bid by 2 ranks." in text(page(client, cast.officer, draft))


def test_marks_are_named_on_the_scale_that_all_share(client, cast, draft):
    draft.criteria.exclude(code="P").update(maximum="5")
    html = text(page(client, cast.officer, draft))
    assert "when marks lie between 3 and 4 of 5 and prices between NT$ 11,100,000 and NT$ 17,575,000." in html


def test_a_gate_and_a_minimum_lift_the_outlier(client, cast, draft):
    Criterion.objects.filter(tender=draft, code="S").update(minimum="36")
    response = page(client, cast.officer, draft)
    assert 'value="80"' in text(response)
    assert response.context["content"].rows[0].stand.place is not None
    below = page(client, cast.officer, draft, cheap_security="79")
    assert "are below the minimum of 36." in text(below)
    assert below.context["content"].rows[0].stand.place is None


def test_prices_and_marks_can_be_changed(client, cast, draft):
    html = text(
        page(client, cast.officer, draft, cheap_security="70", cheap_quality="60", cheap_price="1,200 萬")
    )
    assert "The cheap outlier comes first" in html
    assert "12,000,000" in html
    assert "stays first until its price is" in html


def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(client, cast, draft):
    response = page(
        client, cast.officer, draft, cheap_price="much", middle_security="140", low="80", high="60"
    )
    assert response.status_code == 422
    html = text(response)
    assert "It must be at most 100." in html
    assert "It must be more than where the marks begin." in html
    assert 'value="much"' in html
    assert "Whom the rules favour" not in html


def test_the_cheap_outlier_may_not_be_the_dearest(client, cast, draft):
    response = page(client, cast.officer, draft, cheap_price="19000000")
    assert response.status_code == 422
    assert "It must not be less than what this dummy bid costs: Cheap outlier." in text(response)


@pytest.mark.parametrize("value", ["-1", "0", "1e9", "9" * 40, "NaN", "=1+1", "\x00"])
def test_no_price_of_whatever_kind_breaks_it(client, cast, draft, value):
    assert page(client, cast.officer, draft, cheap_price=value).status_code == 422


def test_nothing_is_stored(client, cast, draft):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page(client, cast.officer, draft, cheap_price="12000000")
    writes = [q["sql"] for q in queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert [sql for sql in writes if "session" not in sql and "last_login" not in sql] == []


# --- what is missing --------------------------------------------------------------------------------------
def test_a_draft_without_criteria_says_what_is_missing(client, cast, draft):
    draft.criteria.all().delete()
    response = page(client, cast.officer, draft)
    assert response.status_code == 200
    assert "The draft cannot be tried yet." in text(response)
    assert "At least one criterion is needed." in text(response)


def test_without_a_budget_it_says_what_it_assumed(client, cast, draft):
    rules(draft, budget=None, price_formula="min-max", price_parameters={})
    html = text(page(client, cast.officer, draft))
    assert "made up around NT$ 1,000,000" in html


def test_weights_that_do_not_add_up_are_pointed_out(client, cast, draft):
    Criterion.objects.filter(tender=draft, code="S").update(weight="35")
    html = text(page(client, cast.officer, draft))
    assert "The weights add up to 90." in html


def test_what_the_profile_forbids_is_said_and_tried_all_the_same(client, cast, draft):
    rules(draft, profile="tw-public", price_formula="min-max", price_parameters={})
    html = text(page(client, cast.officer, draft))
    assert "This price formula scores a bid by other bids’ prices." in html.replace("&#x27;", "’")
    assert "Not tried: the profile does not allow it." in html
    assert "It changes who comes first." in html


def test_a_member_of_security_with_no_seat_is_not_told_the_reserve_price(client, cast, draft, units):
    rules(draft, budget=None, reserve_price="17000000", price_formula="min-max", price_parameters={})
    rules(draft, low_price=[{"rule": "share-of-reserve", "share": "0.8"}], owner=cast.business)
    draft.seats.filter(user=cast.security).delete()
    colleague = cast.stranger
    colleague.unit = units["security"]
    colleague.save()
    assert "10,200,000" in text(page(client, cast.officer, draft))
    html = text(page(client, colleague, draft))
    assert "10,200,000" not in html
    assert "made up around" in html
    assert "reserve" not in html.lower()


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_grow(client, cast, draft, count, django_assert_num_queries):
    group = Criterion.objects.get(tender=draft, code="Q")
    group.kind = ""
    group.save()
    for number in range(count):
        Criterion.objects.create(
            tender=draft, position=10 + number, code=f"Q{number}", title="Part", kind="quality", weight="25",
            parent=group,
        )  # fmt: skip
    client.force_login(cast.officer)
    url = reverse("advisor", args=[draft.pk])
    with django_assert_num_queries(15):
        response = client.get(url)
    assert "The expensive best bid comes first" in text(response)
