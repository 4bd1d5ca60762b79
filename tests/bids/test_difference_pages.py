"""The pages of differences, resolutions, earlier rounds and lots, role by role."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from bids.actions import opening, panel, resolutions
from bids.choices import ResolutionKind
from bids.models import Bid, Correction, Dissent, FirstOpinion, LotDraw, Mark, Resolution, Round
from procurement.choices import Role, Stage
from procurement.forms.rules import DifferencesPart
from procurement.models import AuditEntry, User, Vendor
from tests.cast import NOW, hand_in, open_bids

from .meeting import APART, correct, give_sheets, item, mark_of, meeting, resolve

HTMX = {"HX-Request": "true"}
BOTH = ("Bedrock Security", "Quickwin Technology")


def text_of(response):
    return response.content.decode()


def get(client, person, name, *arguments, query="", **more):
    client.force_login(person)
    return client.get(reverse(name, args=arguments) + query, **more)


def post(client, person, name, *arguments, data=None, **more):
    client.force_login(person)
    return client.post(reverse(name, args=arguments), data or {}, **more)


def minutes(tender, kind, *, code="S", **more):
    """What the form of a resolution about an item sends."""
    about = item(tender, code)
    seats = list(tender.seats.values_list("pk", flat=True))
    return {
        "kind": kind,
        "criterion": about["criterion"].pk,
        "bid": about["bid"].pk,
        "present": seats,
        "in_favour": len(seats),
        "against": 0,
        "reason": "talked over",
        "seen": tender.resolutions.count(),
    } | more


def query_of(tender, code="S", position=0):
    about = item(tender, code, position)
    return f"?criterion={about['criterion'].pk}&bid={about['bid'].pk}"


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
        assert "Awaits a resolution" in page
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
    tender = opening.open_prices(actor=cast.officer, tender=tender, now=NOW)
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


# --- resolutions --------------------------------------------------------------------------------------------
def test_the_officer_records_a_resolution_and_faults_keep_what_was_typed(client, cast, apart):
    page = get(client, cast.officer, "differences", apart.pk)
    kinds = [choice["kind"] for choice in page.context["detail"].resolution_form.choices]
    assert kinds == ["keep", "corrected", "agreed", "remove", "redo", "no_award"]
    data = minutes(apart, "keep", in_favour=1, reason="a careful reason")
    refused = post(client, cast.officer, "resolution-new", apart.pk, data=data)
    assert refused.status_code == 422
    assert "is no majority" in text_of(refused)
    assert "a careful reason" in text_of(refused)
    assert "× Bedrock Security" in text_of(refused)
    done = post(client, cast.officer, "resolution-new", apart.pk, data=minutes(apart, "keep"), follow=True)
    assert "RES-1 is on record." in text_of(done)
    stale = minutes(apart, "keep", seen=0)
    assert post(client, cast.officer, "resolution-new", apart.pk, data=stale).status_code == 409


@pytest.mark.parametrize(
    ("kind", "more", "why"),
    [
        ("corrected", {}, "No member has corrected"),
        ("agreed", {}, "Enter the mark"),
        ("remove", {}, "Name a member"),
        ("redo", {}, "Name criteria|in question"),
        ("keep", {"present": []}, "No quorum"),
        ("keep", {"reason": ""}, "required"),
        ("keep", {"in_favour": "x"}, "number"),
    ],
)
def test_what_cannot_be_decided_is_said_at_the_field(  # noqa: PLR0917 - fixtures
    client, cast, apart, kind, more, why
):
    refused = post(client, cast.officer, "resolution-new", apart.pk, data=minutes(apart, kind, **more))
    assert refused.status_code == 422
    assert any(word in text_of(refused) for word in why.split("|"))
    assert not Resolution.objects.exists()


def test_only_officers_get_the_form_and_nothing_else_is_decided_here(client, cast, apart):
    for person in (cast.security, cast.business):
        assert get(client, person, "differences", apart.pk).context["detail"].resolution_form is None
        for kind in ("keep", "no_award", "recommend", "nonsense"):
            data = minutes(apart, kind)
            assert post(client, person, "resolution-new", apart.pk, data=data).status_code == 403
    for kind in ("recommend", "nonsense"):
        refused = post(client, cast.officer, "resolution-new", apart.pk, data=minutes(apart, kind))
        assert refused.status_code == 422
    odd = minutes(apart, "keep", bid="not-a-key")
    assert post(client, cast.officer, "resolution-new", apart.pk, data=odd).status_code == 404
    client.force_login(cast.officer)
    assert client.get(reverse("resolution-new", args=[apart.pk])).status_code == 405


def test_agreed_removed_and_done_again_from_the_page(client, cast, apart):
    post(client, cast.officer, "resolution-new", apart.pk, data=minutes(apart, "agreed", mark="33"))
    assert "The panel agreed on 33." in text_of(get(client, cast.officer, "differences", apart.pk))
    again = minutes(apart, "agreed", mark="34", replaces="33")
    assert post(client, cast.officer, "resolution-new", apart.pk, data=again).status_code == 302
    seat = apart.seats.get(user=cast.business)
    post(client, cast.officer, "resolution-new", apart.pk, data=minutes(apart, "remove", seat=seat.pk))
    assert "Does not count" in text_of(get(client, cast.officer, "differences", apart.pk))
    redo = minutes(apart, "redo", again=[item(apart)["criterion"].pk])
    assert post(client, cast.officer, "resolution-new", apart.pk, data=redo).status_code == 302
    assert Round.objects.get().criteria == ["S"]
    assert list(Resolution.objects.values_list("kind", flat=True)) == ["agreed", "agreed", "remove", "redo"]


def test_no_award_ends_the_tender_and_its_minutes_stay(client, cast, apart):
    data = minutes(apart, "no_award", reason="nobody is fit")
    done = post(client, cast.officer, "resolution-new", apart.pk, data=data, follow=True)
    assert "nobody is fit" in text_of(done)
    apart.refresh_from_db()
    assert apart.stage == Stage.CANCELLED
    made = Resolution.objects.get()
    assert (made.criterion, made.bid) == (None, None)
    page = text_of(get(client, cast.business, "resolutions", apart.pk))
    assert reverse("dissent-new", args=[made.pk]) in page
    post(client, cast.business, "dissent-new", made.pk, data={"text": "too early"})
    assert "too early" in text_of(get(client, cast.security, "resolutions", apart.pk))


def test_dissent_from_the_page(client, cast, settled):
    made = Resolution.objects.get()
    empty = post(client, cast.business, "dissent-new", made.pk, data={"text": ""})
    assert empty.status_code == 422
    done = post(client, cast.business, "dissent-new", made.pk, data={"text": "I differ"}, follow=True)
    assert "Business (Business)" in text_of(done)
    for person, status in (
        (cast.officer, 403),
        (cast.approver, 403),
        (cast.stranger, 404),
        (cast.vendor, 404),
    ):
        assert post(client, person, "dissent-new", made.pk, data={"text": "no"}).status_code == status
    assert Dissent.objects.count() == 1


# --- rounds -------------------------------------------------------------------------------------------------
@pytest.fixture
def second(cast, apart):
    """A second round is marked, and everybody has submitted."""
    correct(cast.business, apart, "25")
    resolve(cast.officer, apart, ResolutionKind.REDO, **item(apart), again=[item(apart)["criterion"]])
    apart.refresh_from_db()
    return apart


def test_an_earlier_round_is_read_and_taken_with_what_became_of_it(client, cast, second):
    page = text_of(get(client, cast.security, "round", second.pk, 1))
    assert "Round 1, as it stood when it ended" in page
    assert "→ 38" not in page
    later = {seat: {name: own | {"S": "38"} for name, own in marks.items()} for seat, marks in APART.items()}
    give_sheets(second, later, comment="because")
    page = text_of(get(client, cast.security, "round", second.pk, 1))
    assert "→ 38 (+13.0)" in page
    detail = text_of(get(client, cast.officer, "differences", second.pk, query=query_of(second)))
    assert "Round 1: 20" in detail
    assert "(+13.0)" in detail
    for kind, known in (("case", "tender-case/1"), ("result", "tender-result/1")):
        taken = get(client, cast.officer, "round-case", second.pk, 1, kind)
        assert taken.json()["format"] == known
        assert "round-1" in taken.headers["Content-Disposition"]
    assert AuditEntry.objects.filter(action="export round").count() == 2


def test_earlier_rounds_are_not_for_everybody(client, cast, second):
    for person, status in (
        (cast.approver, 403),
        (cast.auditor, 403),
        (cast.vendor, 403),
        (cast.stranger, 404),
    ):
        assert get(client, person, "round", second.pk, 1).status_code == status
        assert get(client, person, "round-case", second.pk, 1, "case").status_code == status
    for name, arguments in (("round", [2]), ("round-case", [2, "case"]), ("round-case", [1, "marks"])):
        assert get(client, cast.officer, name, second.pk, *arguments).status_code == 404
    seat = second.seats.get(user=cast.business)
    panel.recuse(actor=cast.officer, seat=seat, bid=item(second)["bid"], reason="kin", now=NOW)
    assert get(client, cast.business, "round", second.pk, 1).status_code == 404
    assert get(client, cast.business, "round-case", second.pk, 1, "case").status_code == 404


# --- lots ---------------------------------------------------------------------------------------------------
@pytest.fixture
def tied(clock, priced):
    """Two bids with the same marks and the same price."""
    Bid.objects.filter(tender=priced).update(price="15000000")
    Mark.objects.filter(criterion__code="S").update(mark="30")
    Mark.objects.filter(criterion__code="Q").update(mark="20")
    return priced


def of_tender(tender, kind, **more):
    return minutes(tender, kind, **more) | {"criterion": "", "bid": ""}


def test_lots_by_seed_from_the_pages(client, cast, tied):
    page = text_of(get(client, cast.officer, "resolutions", tied.pk))
    assert "First place is tied" in page
    assert "The panel resolves to draw lots first." in text_of(get(client, cast.officer, "lots", tied.pk))
    assert (
        post(client, cast.officer, "resolution-new", tied.pk, data=of_tender(tied, "lots")).status_code == 302
    )
    for person in (cast.security, cast.approver):
        assert post(client, person, "lots-announce", tied.pk, data={"source": "x"}).status_code == 403
    refused = post(client, cast.officer, "lots-announce", tied.pk, data={"source": ""})
    assert refused.status_code == 422
    post(client, cast.officer, "lots-announce", tied.pk, data={"source": "lottery of 24 November"})
    page = text_of(get(client, cast.approver, "lots", tied.pk))
    assert "The seed is awaited" in page
    assert "lottery of 24 November" in page
    draw = LotDraw.objects.get()
    done = post(client, cast.officer, "lots-seed", tied.pk, draw.pk, data={"seed": "07 12 28"}, follow=True)
    assert "07 12 28" in text_of(done)
    assert "sha256sum" in text_of(done)
    assert "First place is no longer tied." in text_of(done)
    assert post(client, cast.officer, "lots-seed", tied.pk, draw.pk, data={"seed": "x"}).status_code == 409


def test_lots_in_the_open_from_the_page(client, cast, tied):
    post(client, cast.officer, "resolution-new", tied.pk, data=of_tender(tied, "lots"))
    page = get(client, cast.officer, "lots", tied.pk)
    assert page.context["draw_form"].initial["order"] == "\n".join(BOTH)
    wrong = post(client, cast.officer, "lots-draw", tied.pk, data={"order": BOTH[0], "witnesses": "Auditor"})
    assert wrong.status_code == 422
    order = "\r\n".join(reversed(BOTH))
    post(client, cast.officer, "lots-draw", tied.pk, data={"order": order, "witnesses": "Auditor"})
    tied.refresh_from_db()
    assert tied.lots_drawn == list(reversed(BOTH))
    assert "Auditor" in text_of(get(client, cast.auditor, "lots", tied.pk))


def test_without_lots_in_the_rules_the_page_says_what_remains(client, cast, tied):
    type(tied).objects.filter(pk=tied.pk).update(tie_break=[])
    for name in ("lots", "resolutions"):
        assert "evaluate again, or make no award" in text_of(get(client, cast.officer, name, tied.pk))
    tied.refresh_from_db()
    assert (
        post(client, cast.officer, "resolution-new", tied.pk, data=of_tender(tied, "lots")).status_code == 403
    )


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
    [("differences", "officer", 49), ("differences", "business", 47), ("resolutions", "officer", 25)],
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
