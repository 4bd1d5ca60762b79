"""Writing a tender down: the form, the action, and the list."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from procurement.actions.locking import Stale
from procurement.actions.tenders import WRITABLE, create_tender, edit_tender
from procurement.choices import Stage
from procurement.models import AuditEntry, Tender
from procurement.rules import Forbidden
from tests.cast import NOW

pytestmark = pytest.mark.django_db

#: What a browser sends when nothing but the defaults was touched.
APPROVERS = ("approver", "next_above", "security_head", "business_head")

BLANK = {
    "version": "1",
    "reference": "ITS-2026-901",
    "title": "Web application firewall",
    "currency": "TWD",
    "profile": "bank",
    "method": "total",
    "quality_scale": "absolute",
    "total_points": "100",
    "standstill_days": "10",
    "comment_at_ends": "on",
    "masked_bidders": "on",
    "rank_scope": "passing",
    "tied_rank": "competition",
    "price_formula": "none",
    "aggregation": "mean",
    "pass_on": "total",
    "pass_rule": "mean",
    "leaf_points_mode": "half-up",
    "price_score_mode": "half-up",
    "price_points_mode": "half-up",
    "total_mode": "half-up",
}


def columns_of(tender, **changes):
    return {name: getattr(tender, name) for name in WRITABLE} | changes


def send(client, cast, tender=None, **fields):
    client.force_login(cast.officer)
    url = reverse("tender-edit", args=[tender.pk]) if tender else reverse("tender-new")
    return client.post(url, BLANK | fields)


# --- actions ------------------------------------------------------------------------------------------------
def test_a_draft_belongs_to_the_officer_who_started_it(cast, draft):
    values = columns_of(draft, reference="ITS-2026-902")
    tender = create_tender(actor=cast.officer, values=values, now=NOW)
    assert (tender.officer, tender.stage) == (cast.officer, Stage.DRAFT)
    entry = AuditEntry.objects.first()
    assert (entry.action, entry.tender) == ("create tender", tender)
    assert '"budget":"18500000"' in entry.payload


@pytest.mark.parametrize("who", ["security", "approver", "auditor", "administrator", "vendor"])
def test_only_officers_write_tenders(cast, draft, who):
    actor = getattr(cast, who)
    with pytest.raises(Forbidden):
        create_tender(actor=actor, values=columns_of(draft, reference="X"), now=NOW)
    with pytest.raises(Forbidden):
        edit_tender(actor=actor, tender=draft, values=columns_of(draft), seen=1, now=NOW)
    assert Tender.objects.count() == 1
    assert not AuditEntry.objects.exists()


def test_an_edit_says_what_changed(cast, draft):
    values = columns_of(draft, budget=Decimal(20000000))
    edit_tender(actor=cast.officer, tender=draft, values=values, seen=1, now=NOW)
    draft.refresh_from_db()
    assert (draft.budget, draft.version) == (Decimal(20000000), 2)
    assert AuditEntry.objects.get().payload == '{"changes":{"budget":["18500000","20000000"]}}'


def test_an_edit_that_changes_nothing_leaves_no_entry(cast, draft):
    draft.refresh_from_db()
    edit_tender(actor=cast.officer, tender=draft, values=columns_of(draft), seen=1, now=NOW)
    assert not AuditEntry.objects.exists()


def test_the_second_of_two_savers_is_told(cast, draft):
    edit_tender(actor=cast.officer, tender=draft, values=columns_of(draft, title="First"), seen=1, now=NOW)
    with pytest.raises(Stale):
        edit_tender(
            actor=cast.officer, tender=draft, values=columns_of(draft, title="Second"), seen=1, now=NOW
        )
    draft.refresh_from_db()
    assert draft.title == "First"
    assert AuditEntry.objects.count() == 1


def test_a_published_specification_is_frozen(cast, published):
    with pytest.raises(Forbidden, match="frozen"):
        edit_tender(actor=cast.officer, tender=published, values=columns_of(published), seen=1, now=NOW)


def test_the_owner_is_of_the_accountable_unit(cast, draft):
    values = columns_of(draft, owner=cast.business)
    with pytest.raises(ValidationError) as refusal:
        edit_tender(actor=cast.officer, tender=draft, values=values, seen=1, now=NOW)
    assert list(refusal.value.error_dict) == ["owner"]


def test_nobody_of_a_vendor_owns_a_system(cast, draft):
    values = columns_of(draft, owner=cast.vendor)
    with pytest.raises(ValidationError, match="not of the bank"):
        edit_tender(actor=cast.officer, tender=draft, values=values, seen=1, now=NOW)


# --- the form -----------------------------------------------------------------------------------------------
def test_the_form_reads_what_people_write(client, cast, units, clock):
    response = send(
        client,
        cast,
        budget="1,850 萬元",
        reserve_price="NT$ 17,000,000",
        deadline="2026-12-01T17:00",
        owner_unit=units["security"].pk,
        owner=cast.security.pk,
        price_formula="ceiling-linear",
        ceiling="二千萬元",
        floor="10,000,000",
        bands="1 = 1",
        tie_1="heaviest-criterion",
        tie_2="lots",
        pass_points="70",
        total_places="2",
        share_of_budget="70 %",
        sd="2",
        min_bids="4",
        spain_85="on",
        difference_high="80",
        difference_low="60",
        difference_leaf="80",
    )
    tender = Tender.objects.get()
    assert response.url == reverse("intake-answers", args=[tender.pk])
    assert (tender.budget, tender.reserve_price) == (18_500_000, 17_000_000)
    assert tender.deadline.isoformat() == "2026-12-01T09:00:00+00:00"
    assert tender.price_parameters == {"ceiling": "20000000", "floor": "10000000"}
    assert tender.tie_break == ["heaviest-criterion", "lots"]
    assert tender.pass_mark == {"points": "70", "on": "total", "rule": "mean"}
    assert tender.rounding == {"total": {"places": 2, "mode": "half-up"}}
    assert tender.low_price == [
        {"rule": "share-of-budget", "share": "0.7"},
        {"rule": "sd-below-mean", "sd": "2", "min_bids": 4},
        {"rule": "spain-85"},
    ]
    assert tender.panel_rules == {"marked_difference": {"high": "80", "low": "60", "leaf_high_share": "0.8"}}
    assert tender.unit_shares is None


def test_shares_and_bands_are_stored_as_the_case_file_has_them(client, cast, units, clock):
    send(
        client,
        cast,
        aggregation="unit-mean",
        price_formula="bands",
        bands="10,000,000 = 30\r\n1500萬 = 20.5\r\n",
        **{f"share_{units['security'].pk}": "60", f"share_{units['business'].pk}": "40"},
    )
    tender = Tender.objects.get()
    assert tender.unit_shares == {"security": "60", "business": "40"}
    assert tender.price_parameters == {
        "bands": [{"up_to": "10000000", "points": "30"}, {"up_to": "15000000", "points": "20.5"}]
    }


def test_what_is_stored_comes_back_unchanged(client, cast, units, draft, clock):
    client.force_login(cast.officer)
    before = columns_of(Tender.objects.get())
    page = client.get(reverse("tender-edit", args=[draft.pk]))
    entry = page.context["entry"]
    sent = {}
    for form in [entry.main, *entry.parts]:
        for field in form:
            value = field.value()
            if value not in (None, False):
                widget = field.field.widget
                shown = "on" if value is True else widget.format_value(field.field.prepare_value(value))
                sent[field.name] = shown or ""
    sent = {k: (v[0] if isinstance(v, list) and v else v) for k, v in sent.items()}
    client.post(reverse("tender-edit", args=[draft.pk]), {k: v for k, v in sent.items() if v != []})
    assert columns_of(Tender.objects.get()) == before
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("budget", {"budget": "about 5 million"}),
        ("budget", {"budget": "-5"}),
        ("currency", {"currency": "twd"}),
        ("floor", {"price_formula": "ceiling-linear", "ceiling": "10", "floor": "10"}),
        ("bands", {"price_formula": "bands", "bands": "20 = 1\n10 = 2"}),
        ("bands", {"price_formula": "bands", "bands": "20"}),
        ("tie_2", {"tie_1": "lots", "tie_2": "lots"}),
        ("difference_low", {"difference_high": "80"}),
        ("difference_leaf", {"difference_leaf": "120"}),
        ("total_places", {"total_places": "13"}),
        ("total_places", {"total_places": "1.5"}),
        ("sd", {"min_bids": "3"}),
        ("title", {"title": "a\x07b"}),
        ("reference", {"reference": "ITS-2026-900"}),
    ],
)
def test_a_fault_shows_at_its_field_and_keeps_what_was_typed(client, cast, draft, field, fields):
    response = send(client, cast, **fields)
    entry = response.context["entry"]
    assert response.status_code == 200
    assert field in {name for form in [entry.main, *entry.parts] for name in form.errors}
    assert Tender.objects.count() == 1
    assert 'value="Web application firewall"' in response.content.decode() or field == "title"


def test_rules_are_folded_away_until_one_of_them_is_wrong(client, cast, units):
    client.force_login(cast.officer)
    folded = '<details class="sec folded">'
    assert folded in client.get(reverse("tender-new")).content.decode()
    assert folded in send(client, cast, reference="").content.decode()
    assert '<details class="sec folded" open>' in send(client, cast, floor="x").content.decode()


def test_a_refusal_of_the_action_shows_at_its_field(client, cast, units):
    response = send(client, cast, owner_unit=units["it"].pk, owner=cast.security.pk)
    assert list(response.context["entry"].main.errors) == ["owner"]


def test_an_owner_brings_the_accountable_unit(client, cast, units):
    send(client, cast, owner_unit="", owner=cast.security.pk)
    assert Tender.objects.get().owner_unit == units["security"]


def test_a_stale_form_gets_its_own_page(client, cast, draft):
    draft.version = 5
    draft.save()
    response = send(client, cast, draft, reference=draft.reference, title="Mine", version="4")
    assert response.status_code == 409
    draft.refresh_from_db()
    assert draft.title == "ATM end-point protection"


def test_folded_rules_open_where_there_is_a_fault(client, cast):
    assert b'<details class="sec" open>' in send(client, cast, total_places="99").content
    assert b'<details class="sec" open>' not in send(client, cast, budget="x").content


# --- the list -----------------------------------------------------------------------------------------------
def listed(client, who, **query):
    client.force_login(who)
    return [tender.reference for tender in client.get(reverse("tenders"), query).context["page"]]


def test_who_sees_which_tenders(client, cast, draft, clock):
    looking = {name: who for name, who in cast.everybody().items() if name != "administrator"}
    seeing = [name for name, who in looking.items() if listed(client, who)]
    assert seeing == ["officer", "security", "business", *APPROVERS, "auditor"]


def test_the_list_is_searched_and_filtered(client, cast, draft, published):
    assert listed(client, cast.officer, q="end-point") == [draft.reference]
    assert listed(client, cast.officer, q="nothing") == []
    assert listed(client, cast.officer, stage="published") == [draft.reference]
    assert listed(client, cast.officer, stage="draft") == []
    assert listed(client, cast.officer, stage="nonsense") == [draft.reference]


def copies_of(tender, number):
    for index in range(number):
        Tender.objects.create(
            reference=f"COPY-{index}",
            title="Copy",
            officer=tender.officer,
            owner=tender.owner,
            owner_unit=tender.owner_unit,
            deadline=NOW + timedelta(days=index),
        )


def test_the_list_has_pages(client, cast, draft):
    copies_of(draft, 30)
    assert len(listed(client, cast.officer)) == 25
    assert len(listed(client, cast.officer, page="2")) == 6
    assert len(listed(client, cast.officer, page="99")) == 6


@pytest.mark.parametrize("copies", [0, 2])
def test_the_list_asks_as_often_for_three_tenders_as_for_one(
    client, cast, draft, copies, django_assert_num_queries
):
    copies_of(draft, copies)
    client.force_login(cast.officer)
    with django_assert_num_queries(5):  # session, person, unit, tenders, objections
        assert len(client.get(reverse("tenders")).context["page"]) == copies + 1


def test_an_empty_list_says_who_fills_it(client, cast):
    client.force_login(cast.officer)
    assert "The first one begins with a specification" in client.get(reverse("tenders")).content.decode()
    client.force_login(cast.security)
    assert "An officer of procurement" in client.get(reverse("tenders")).content.decode()


def test_administrators_are_told_that_tenders_are_not_theirs(client, cast, draft):
    client.force_login(cast.administrator)
    assert client.get(reverse("tenders")).status_code == 403


@pytest.mark.parametrize(("who", "status"), [("stranger", 404), ("security", 403), ("vendor", 404)])
def test_who_may_not_edit(client, cast, draft, who, status):
    client.force_login(getattr(cast, who))
    assert client.get(reverse("tender-edit", args=[draft.pk])).status_code == status
