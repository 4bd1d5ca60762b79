"""The page of differences, role by role."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from bids.actions import opening, panel, resolutions
from bids.choices import ResolutionKind
from bids.models import Correction, FirstOpinion
from procurement.choices import Role
from procurement.forms.rules import DifferencesPart
from procurement.models import User, Vendor
from tests.cast import NOW, hand_in, open_bids, open_prices

from .meeting import APART, correct, give_sheets, item, mark_of, meeting, resolve
from .meeting_pages import get, post, query_of, text_of

HTMX = {"HX-Request": "true"}
BOTH = ("Bedrock Security", "Quickwin Technology")


@pytest.fixture
def apart(clock, opened):
    """Every sheet is in, and the two members are 20 of 45 apart on one item."""
    give_sheets(opened, comment="because")
    return opened


@pytest.fixture
def settled(cast, apart):
    """The panel kept the marks, and they are locked."""
    resolve(cast.officer, apart, ResolutionKind.KEEP, **item(apart))
    return opening.lock_marks(actor=cast.officer, tender=apart, now=NOW)


# --- who may look -------------------------------------------------------------------------------------------
def test_nobody_looks_before_the_last_sheet(client, clock, cast, opened):
    for person in (cast.officer, cast.security):
        refused = get(client, person, "differences", opened.pk)
        assert refused.status_code == 403
        assert "once every sheet of this round is submitted" in text_of(refused)
        assert ">Differences<" not in text_of(get(client, person, "marks", opened.pk))


def test_officer_and_panel_look_first_and_the_bank_after_the_lock(client, cast, apart, request):
    for person in (cast.officer, cast.security, cast.business):
        page = text_of(get(client, person, "differences", apart.pk))
        assert "Pending" in page
        assert 'aria-current="page">Differences' in page
    for person in (cast.approver, cast.auditor):
        assert get(client, person, "differences", apart.pk).status_code == 403
        assert get(client, person, "resolutions", apart.pk).status_code == 403
    for person in (cast.stranger, cast.administrator):
        assert get(client, person, "differences", apart.pk).status_code == 404
    request.getfixturevalue("settled")
    for person in (cast.approver, cast.auditor, cast.officer, cast.business):
        assert "Resolved" in text_of(get(client, person, "differences", apart.pk))
        assert "RES-1" in text_of(get(client, person, "resolutions", apart.pk))
    for name in ("differences", "resolutions", "lots"):
        assert get(client, cast.vendor, name, apart.pk).status_code == 403


def test_before_the_prices_the_page_knows_no_price_total_or_place(client, cast, settled):
    for person in (cast.officer, cast.security, cast.approver):
        page = text_of(get(client, person, "differences", settled.pk))
        assert "Prices are closed" in page
        for figure in ("15,000,000", "12,000,000", "15000000", "12000000"):
            assert figure not in page


def test_who_is_recused_from_a_bid_sees_none_of_its_differences(client, cast, apart):
    panel.recuse(
        actor=cast.officer,
        seat=apart.seats.get(user=cast.business),
        bid=item(apart)["bid"],
        reason="kin",
        now=NOW,
    )
    page = text_of(get(client, cast.business, "differences", apart.pk, query="?show=all"))
    assert "Quickwin Technology" in page
    assert "Bedrock Security" not in page
    asked = text_of(get(client, cast.business, "differences", apart.pk, query=query_of(apart)))
    assert "Bedrock Security" not in asked


# --- the list and the detail --------------------------------------------------------------------------------
def test_the_list_shows_what_is_past_a_threshold_or_all(client, cast, apart):
    page = get(client, cast.officer, "differences", apart.pk)
    assert [row.item.key for row in page.context["content"].rows] == [("Bedrock Security", "S")]
    everything = get(client, cast.officer, "differences", apart.pk, query="?show=all")
    assert len(everything.context["content"].rows) == 4
    label = "S Security, Bedrock Security: Security 40.0, Business 20.0"
    assert f'aria-label="{label}"' in text_of(page)


def test_where_nothing_is_apart_the_three_largest_are_shown(client, clock, cast, opened):
    give_sheets(opened, dict.fromkeys(APART, APART["security"]))
    page = get(client, cast.officer, "differences", opened.pk)
    assert "No difference reaches a threshold." in text_of(page)
    assert len(page.context["content"].rows) == 3


def test_the_detail_is_a_region_and_a_page(client, cast, apart):
    query = query_of(apart, "Q", 1)
    whole = text_of(get(client, cast.officer, "differences", apart.pk, query=query))
    region = text_of(get(client, cast.officer, "differences", apart.pk, query=query, headers=HTMX))
    assert "<html" in whole
    assert "<html" not in region
    assert region.lstrip().startswith('<div class="cols c-diff" id="differences" data-announce=')
    for page in (whole, region):
        assert "× Quickwin Technology" in page
        assert "because" in page
    for nonsense in ("?criterion=x&bid=y", "?criterion=999999&bid=999"):
        assert get(client, cast.officer, "differences", apart.pk, query=nonsense).status_code == 200


def test_the_detail_shows_who_departs_from_the_first_opinion(client, cast, apart):
    about = item(apart)
    FirstOpinion.objects.create(**about, mark=Decimal(40), text="sound", by_name="Officer", at=NOW)
    page = text_of(get(client, cast.officer, "differences", apart.pk))
    assert "First opinion of the working group: 40" in page
    assert page.count("Departs from the first opinion") == 1


def test_a_correction_stands_beside_the_original_with_what_it_moves(client, cast, apart):
    own = mark_of(apart, cast.business)
    page = text_of(get(client, cast.business, "differences", apart.pk))
    assert reverse("mark-correct", args=[apart.pk, own.pk]) in page
    data = {"corrected": "50", "reason": "seen in the talk", "seen": 0}
    refused = post(client, cast.business, "mark-correct", apart.pk, own.pk, data=data)
    assert refused.status_code == 422
    assert 'value="50"' in text_of(refused)
    assert "from 0 to 45" in text_of(refused)
    data |= {"corrected": "30"}
    done = post(client, cast.business, "mark-correct", apart.pk, own.pk, data=data, follow=True)
    assert "corrected to 30:" in text_of(done)
    assert "Business 20.0 → 30.0" in text_of(done)
    assert "30.00 → 35.00" in text_of(done)
    assert post(client, cast.business, "mark-correct", apart.pk, own.pk, data=data).status_code == 409
    for person in (cast.officer, cast.security):
        assert post(client, person, "mark-correct", apart.pk, own.pk, data=data).status_code == 403
    assert Correction.objects.get().corrected == 30


def test_concordance_is_told_in_words(client, cast, apart):
    page = text_of(get(client, cast.officer, "differences", apart.pk))
    assert "Kendall’s W:" in page or "Kendall’s W cannot be told" in page
    content = get(client, cast.officer, "differences", apart.pk).context["content"]
    # security: 60 and 52, business: 40 and 52; two opposite orders of two bids
    assert content.concordance == 0
    assert "hardly an order in common" in content.concordance_word


def test_flags_of_the_published_rule_come_with_the_prices(client, clock, cast, draft, request):
    rule = {"high": "90", "low": "10", "leaf_high_share": "0.8"}
    draft.panel_rules = {"marked_difference": rule}
    draft.save(update_fields=["panel_rules"])
    tender = request.getfixturevalue("opened")
    give_sheets(
        tender,
        APART | {"business": {BOTH[0]: {"S": "0", "Q": "20"}, BOTH[1]: {"S": "30", "Q": "22"}}},
        comment="x",
    )
    resolve(cast.officer, tender, ResolutionKind.KEEP, **item(tender))
    tender = opening.lock_marks(actor=cast.officer, tender=tender, now=NOW)
    assert "Marked differences" not in text_of(get(client, cast.officer, "differences", tender.pk))
    tender = open_prices(cast.officer, tender)
    page = text_of(get(client, cast.officer, "differences", tender.pk))
    assert "a high mark from one member and a 0 from another" in page
    tender.refresh_from_db()
    type(tender).objects.filter(pk=tender.pk).update(
        panel_rules={"marked_difference": rule | {"high": "60", "low": "70"}}
    )
    query = f"?criterion=&bid={item(tender)['bid'].pk}"
    page = get(client, cast.officer, "differences", tender.pk, query=query)
    assert "each member’s own total and rank" in text_of(page)
    form = page.context["detail"].resolution_form
    assert [choice["kind"] for choice in form.choices] == ["keep", "remove", "redo"]


# --- the rest -----------------------------------------------------------------------------------------------
def test_thresholds_are_typed_in_percent(draft):
    def given(**typed):
        part = DifferencesPart(typed, tender=draft)
        return part.columns()["difference_thresholds"] if part.is_valid() else part.errors

    assert given(unit_red="40", unit_amber="25 %", member_red="") == {
        "unit_red": "0.4",
        "unit_amber": "0.25",
        "member_red": "0.6",
    }
    assert "unit_amber" in given(unit_red="10", unit_amber="20")
    assert "member_red" in given(member_red="101")
    assert "unit_red" in given(unit_red="0")


@pytest.fixture
def with_bids(clock, cast, published):
    """So many bids, all marked and submitted."""

    def make(number):
        for i in range(number):
            vendor = Vendor.objects.create(name=f"Vendor {i}")
            person = User.objects.create(username=f"v{i}", name=f"V{i}", role=Role.VENDOR, vendor=vendor)
            hand_in(person, published, "15000000", at=NOW - timedelta(hours=3))
        published.deadline = NOW - timedelta(hours=1)
        published.save(update_fields=["deadline"])
        tender = open_bids(cast.officer, published)
        names = [f"Vendor {i}" for i in range(number)]
        apart = {"security": {"S": "40", "Q": "20"}, "business": {"S": "20", "Q": "20"}}
        give_sheets(tender, {seat: dict.fromkeys(names, own) for seat, own in apart.items()}, comment="x")
        for position in range(number):
            correct(cast.business, tender, "21", position=position)
            made = resolve(cast.officer, tender, ResolutionKind.KEEP, **item(tender, position=position))
            resolutions.dissent(actor=cast.business, resolution=made, text="no", now=NOW)
        return tender

    return make


@pytest.mark.parametrize(
    ("name", "person", "queries"),
    [("differences", "officer", 49), ("differences", "business", 48), ("resolutions", "officer", 25)],
)
@pytest.mark.parametrize("number", [1, 3])
def test_pages_ask_as_many_queries_for_one_bid_as_for_three(  # noqa: PLR0917 - fixtures
    client, cast, with_bids, django_assert_num_queries, name, person, queries, number
):
    tender = with_bids(number)
    client.force_login(getattr(cast, person))
    with django_assert_num_queries(queries):
        client.get(reverse(name, args=[tender.pk]))


def test_a_vote_is_not_asked_of_who_is_absent(client, cast, apart):
    seat = apart.seats.get(user=cast.business)
    type(seat).objects.filter(pk=seat.pk).update(present=False)
    form = get(client, cast.officer, "differences", apart.pk).context["detail"].resolution_form
    assert [str(box.choice_label) for box in form["present"]] == ["Security"]
    held = meeting(apart)
    assert [seat.code for seat in held.present] == ["security"]
