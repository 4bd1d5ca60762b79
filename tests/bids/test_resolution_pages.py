"""The pages of resolutions, earlier rounds and lots, role by role."""

import pytest
from django.urls import reverse

from bids.actions import opening, panel
from bids.choices import ResolutionKind
from bids.models import Bid, Dissent, LotDraw, Mark, Resolution, Round
from procurement.choices import Stage
from procurement.models import AuditEntry
from tests.cast import NOW

from .meeting import APART, correct, give_sheets, item, resolve
from .meeting_pages import get, minutes, post, query_of, text_of

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
        assert "evaluate once more first" in text_of(get(client, cast.officer, name, tied.pk))
    tied.refresh_from_db()
    assert (
        post(client, cast.officer, "resolution-new", tied.pk, data=of_tender(tied, "lots")).status_code == 403
    )


def test_lots_that_were_not_published_are_explained_and_can_be_resolved(client, cast, tied):
    type(tied).objects.filter(pk=tied.pk).update(tie_break=["heaviest-criterion"], stage=Stage.RANKED)
    for name in ("lots", "resolutions"):
        assert "do not name lots. They are the last step" in text_of(get(client, cast.officer, name, tied.pk))
    assert 'value="lots"' in get(client, cast.officer, "resolutions", tied.pk).content.decode()
    tied.refresh_from_db()
    made = post(client, cast.officer, "resolution-new", tied.pk, data=of_tender(tied, "lots"))
    assert made.status_code == 302
    assert "Record the drawing" in text_of(get(client, cast.officer, "lots", tied.pk))
