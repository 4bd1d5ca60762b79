"""The marks page: by criterion and by bidder, what is read beside a mark, letters for names, what is left."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from bids import queries
from bids.actions import panel, scoring
from bids.models import Attachment, Bid, Claim, FirstOpinion, Mark, StagedFile
from procurement.choices import Stage
from procurement.models import Vendor
from tests.cast import NOW, mark_everything

HTMX = {"HX-Request": "true"}
VENDORS = ("Bedrock Security", "Quickwin Technology")
MARKS = {VENDORS[0]: {"S": "4", "Q": "3"}, VENDORS[1]: {"S": "3", "Q": "2"}}
FIVE = [{"mark": "0", "text": "nothing shown"}, {"mark": "5", "text": "tested by us, offline too"}]


@pytest.fixture
def tender(opened):
    """Two bids, two criteria of 5 with words for the marks."""
    opened.criteria.filter(code__in=["S", "Q"]).update(maximum="5", anchors=FIVE)
    return opened


@pytest.fixture
def page(client, clock, cast, tender):
    """The page as somebody sees it, as text."""

    def look(person=cast.security, query="", status=200):
        client.force_login(person)
        response = client.get(reverse("marks", args=[tender.pk]) + query)
        assert response.status_code == status
        return response.content.decode()

    return look


def bid_of(vendor):
    return Bid.objects.get(vendor__name=vendor)


def post(client, person, tender, data, *, code="S", vendor=VENDORS[0], **more):
    client.force_login(person)
    address = [tender.pk, tender.criteria.get(code=code).pk, bid_of(vendor).pk]
    return client.post(reverse("mark-save", args=address), {"version": 0, "comment": ""} | data, **more)


def give(person, tender, mark, *, code="S", vendor=VENDORS[0], comment="", seen=0):
    return scoring.save_mark(
        actor=person,
        seat=tender.seats.get(user=person),
        bid=bid_of(vendor),
        criterion=tender.criteria.get(code=code),
        mark=Decimal(mark),
        comment=comment,
        seen=seen,
        now=NOW,
    )


def submit(person, tender):
    scoring.submit_marks(actor=person, seat=tender.seats.get(user=person), now=NOW)


def articles(text):
    """The cells of the page, by what they are called."""
    parts = re.findall(r'<article class="bidder".*?</article>', text, re.DOTALL)
    return {re.search(r'aria-label="([^"]*)"', part)[1]: part for part in parts}


# --- both directions --------------------------------------------------------------------------------------
def test_one_criterion_across_the_bidders_or_one_bidder_across_the_criteria(page, tender):
    assert list(articles(page())) == ["Bidder A, S", "Bidder B, S"]
    quality = tender.criteria.get(code="Q")
    assert list(articles(page(query=f"?criterion={quality.pk}"))) == ["Bidder A, Q", "Bidder B, Q"]
    first = next(iter(queries.masked_names(tender, tender.seats.get(user__username="security"))))
    text = page(query=f"?bid={first}")
    assert list(articles(text)) == ["Bidder A, S", "Bidder A, Q"]
    assert text.count('name="by" value="bid"') == 2


@pytest.mark.parametrize("query", ["?bid=nonsense", "?criterion=nonsense", "?criterion=9999999", "?bid="])
def test_an_address_that_names_nothing_shows_the_first(page, query):
    assert len(articles(page(query=query))) == 2


def test_saving_stays_in_the_direction_and_at_the_cell(client, clock, cast, tender):
    bid, leaf = bid_of(VENDORS[0]), tender.criteria.get(code="S")
    saved = post(client, cast.security, tender, {"mark": "3", "by": "bid"})
    assert saved.url.endswith(f"?bid={bid.pk}#cell-{leaf.pk}-{bid.pk}")
    saved = post(client, cast.security, tender, {"mark": "3"}, code="Q")
    assert "?criterion=" in saved.url


def test_a_script_gets_the_cell_of_its_direction_and_the_progress(client, clock, cast, tender):
    saved = post(client, cast.security, tender, {"mark": "3", "by": "bid"}, headers=HTMX).content.decode()
    assert "<html" not in saved
    assert "1/4" in saved
    assert "My bidders" in saved
    assert 'id="go-on"' in saved


# --- what is read beside a mark ---------------------------------------------------------------------------
@pytest.fixture
def informed(tender):
    """R1 and R2 inform S; R1 is shown by a test, R2 by a claim, and a file came with each."""
    tender.requirements.filter(code__in=["R1", "R2"]).update(criterion=tender.criteria.get(code="S"))
    Claim.objects.filter(requirement__code="R1").update(
        evidence="tested", evidence_until=date(2027, 3, 31), note="Report 4.2: 1,204 programs refused"
    )
    Claim.objects.filter(requirement__code="R2").update(evidence="verified")
    for number, bid in enumerate(Bid.objects.order_by("position")):
        Attachment.objects.create(
            bid=bid,
            requirement=tender.requirements.get(code="R1"),
            name=f"report-{number}.pdf",
            size=10,
            sha256="0" * 64,
            sealed=StagedFile.objects.create(
                bid=bid, package=tender.packages.get(), sealed="x", digest="0" * 64, staged_at=NOW
            ),
        )
    return tender


def test_anchors_answers_files_and_evidence_stand_beside_the_marks(page, informed):
    text = page()
    assert "tested by us, offline too" in text
    assert text.count("Report 4.2: 1,204 programs refused") == 2
    assert text.count("good until 2027/03/31") == 2
    assert "report-0.pdf" in text
    assert "report-1.pdf" in text
    cell = articles(text)["Bidder A, S"]
    assert "Independently tested" in cell
    assert "at most 4 of 5" in cell
    assert "data-quote" in cell


def test_a_mark_above_the_evidence_is_hatched_and_cannot_be_chosen(client, page, cast, informed):
    cell = articles(page())["Bidder A, S"]
    barred = re.findall(r'<label class="cap".*?value="(\d)".*?disabled', cell)
    assert barred == ["5"]
    refused = post(client, cast.security, informed, {"mark": "5", "comment": "as good as it gets"})
    assert refused.status_code == 422
    text = refused.content.decode()
    assert "The evidence on R1 is “Independently tested”: the mark can be at most 4 of 5." in text
    assert "as good as it gets" in text
    quality = informed.criteria.get(code="Q")
    assert 'class="cap"' not in page(query=f"?criterion={quality.pk}")


def test_evidence_that_has_expired_says_so(page, informed):
    Claim.objects.filter(requirement__code="R1").update(evidence_until=date(2026, 11, 21))
    text = page()
    assert "Expired; counts as: Attested" in text
    assert "good until 2026/11/21, which is past" in text
    assert "at most 3 of 5" in text


def test_a_mark_that_lost_its_evidence_is_to_be_looked_at_again(page, cast, informed):
    give(cast.security, informed, "4")
    assert "Look again" not in page()
    Claim.objects.filter(requirement__code="R1", bid__vendor__name=VENDORS[0]).update(evidence="claimed")
    text = page()
    assert "Look again" in text
    assert "4 marks are still missing." in text


# --- reasons ----------------------------------------------------------------------------------------------
def test_a_missing_reason_is_asked_for_at_its_place(client, page, cast, tender):
    refused = post(client, cast.security, tender, {"mark": "5"})
    assert refused.status_code == 422
    assert "Give a reason: this is the lowest or the highest mark of the scale." in refused.content.decode()
    cell = articles(page())["Bidder A, S"]
    assert re.findall(r'value="([0-9xn])"[^>]* data-asks', cell) == ["0", "5", "x"]


def test_not_my_field_is_no_abstention(client, page, cast, tender):
    assert post(client, cast.security, tender, {"mark": "x"}).status_code == 422
    assert post(client, cast.security, tender, {"mark": "n"}).status_code == 302
    mark = Mark.objects.get()
    assert (mark.mark, mark.absence) == (None, "not_my_field")
    text = page()
    assert "Not my field" in text
    assert '<i class="a">' in text
    assert "1/4" in text


def test_where_every_mark_is_needed_neither_is_offered(page, tender):
    type(tender).objects.update(aggregation="sum")
    text = page()
    assert 'value="x"' not in text
    assert 'value="n"' not in text
    assert "every cell needs a mark" in text


# --- a stale window ---------------------------------------------------------------------------------------
def test_a_stale_window_is_told_and_keeps_what_was_typed(client, cast, clock, tender):
    give(cast.security, tender, "4", comment="from the other window")
    data = {"mark": "2", "comment": "typed in this one"}
    told = post(client, cast.security, tender, data)
    assert told.status_code == 409
    text = told.content.decode()
    for words in ("You gave this mark in another window.", "from the other window", "typed in this one"):
        assert words in text
    assert 'value="2" id="m-' in text
    assert Mark.objects.get().mark == 4
    assert post(client, cast.security, tender, data, headers=HTMX).status_code == 409
    replaced = post(client, cast.security, tender, data | {"instead": 1})
    assert replaced.status_code == 302
    assert Mark.objects.get().mark == 2
    assert post(client, cast.security, tender, data | {"instead": 1}).status_code == 409


# --- what is left -----------------------------------------------------------------------------------------
def test_what_is_left_is_listed_with_its_links(page, cast, tender):
    text = page()
    leaf = tender.criteria.get(code="Q")
    bid = bid_of(VENDORS[0])
    assert "4 marks are still missing." in text
    assert f'href="?criterion={leaf.pk}#cell-{leaf.pk}-{bid.pk}"' in text
    assert "Next open cell: Q · Bidder A" in text
    by_bid = page(query=f"?bid={bid.pk}")
    assert f'href="?bid={bid.pk}#cell-{leaf.pk}-{bid.pk}"' in by_bid
    mark_everything(tender, MARKS)
    done = page()
    assert "still missing" not in done
    assert "Submit my marks" in done
    assert done.count('<i class="d">') == 4


# --- letters for names ------------------------------------------------------------------------------------
def test_vendors_go_by_letters_until_the_sheet_is_submitted(client, page, cast, tender):
    bid = bid_of(VENDORS[0])
    seen = [
        page(),
        page(query=f"?bid={bid.pk}"),
        post(client, cast.security, tender, {"mark": "9"}).content.decode(),
        post(client, cast.security, tender, {"mark": "3"}, headers=HTMX).content.decode(),
        post(client, cast.security, tender, {"mark": "2"}).content.decode(),
        client.post(reverse("marks-submit", args=[tender.pk]), {"password": "wrong"}).content.decode(),
    ]
    for text in seen:
        assert not any(vendor in text for vendor in VENDORS)
        assert "Bidder" in text
    Mark.objects.all().delete()
    mark_everything(tender, MARKS)
    submit(cast.security, tender)
    assert all(vendor in page() for vendor in VENDORS)
    assert not any(vendor in page(cast.business) for vendor in VENDORS)
    assert all(vendor in page(cast.officer) for vendor in VENDORS)


def test_names_are_not_masked_where_the_tender_does_not_say_so(page, tender):
    type(tender).objects.update(masked_bidders=False)
    assert all(vendor in page() for vendor in VENDORS)


def test_the_letters_are_drawn_for_each_member_and_stay(tender):
    for number in range(6):
        vendor = Vendor.objects.create(name=f"Vendor {number}")
        Bid.objects.create(tender=tender, vendor=vendor, position=2 + number, opened_at=NOW)
    one, other = tender.seats.order_by("position")
    drawn = queries.masked_names(tender, one)
    assert list(drawn.values()) == [f"Bidder {letter}" for letter in "ABCDEFGH"]
    assert queries.masked_names(tender, one) == drawn
    assert list(queries.masked_names(tender, other)) != list(drawn)
    # one that is excluded keeps its letter, and so do the others
    Bid.objects.filter(pk=list(drawn)[2]).update(status="excluded", reason="forged")
    assert queries.masked_names(tender, one) == drawn


def test_a_bid_from_which_the_member_is_recused_is_not_there(client, page, cast, tender):
    seat, bid = tender.seats.get(user=cast.security), bid_of(VENDORS[0])
    panel.recuse(actor=cast.officer, seat=seat, bid=bid, reason="a brother works there", now=NOW)
    text = page()
    assert list(articles(text)) == ["Bidder A, S"]
    assert str(bid.pk) not in text
    assert "0/2" in text
    assert post(client, cast.security, tender, {"mark": "3"}).status_code == 404


# --- first opinions ---------------------------------------------------------------------------------------
def opine(client, person, tender, data, code="S"):
    client.force_login(person)
    address = reverse("first-opinion", args=[tender.pk, tender.criteria.get(code=code).pk])
    return client.post(address, {"bid": bid_of(VENDORS[0]).pk} | data)


def test_the_officer_records_a_first_opinion_and_members_see_it(client, page, cast, tender):
    assert "First opinion of the working group" in page(cast.officer)
    assert opine(client, cast.officer, tender, {"text": "", "mark": "4"}).status_code == 422
    off = opine(client, cast.officer, tender, {"text": "four models tested", "mark": "6"})
    assert off.status_code == 422
    assert "The scale goes from 0 to 5." in off.content.decode()
    assert "four models tested" in off.content.decode()
    assert opine(client, cast.officer, tender, {"text": "four models tested", "mark": "4"}).status_code == 302
    assert opine(client, cast.officer, tender, {"text": "changed", "mark": "3"}).status_code == 422
    assert FirstOpinion.objects.get().text == "four models tested"
    for person in (cast.security, cast.business):
        assert "four models tested" in page(person)
    refused = post(client, cast.security, tender, {"mark": "3"})
    assert "first opinion was 4" in refused.content.decode()
    assert post(client, cast.security, tender, {"mark": "4"}).status_code == 302


def test_others_record_no_first_opinion(client, clock, cast, tender):
    data = {"text": "x"}
    assert opine(client, cast.security, tender, data).status_code == 403
    for person in (cast.approver, cast.auditor, cast.vendor):
        assert opine(client, person, tender, data).status_code == 403
    for person in (cast.stranger, cast.administrator):
        assert opine(client, person, tender, data).status_code == 404
    client.force_login(cast.officer)
    address = reverse("first-opinion", args=[tender.pk, tender.criteria.get(code="S").pk])
    assert client.get(address).status_code == 405


def test_after_the_first_sheet_it_is_too_late(client, page, cast, tender):
    mark_everything(tender, MARKS)
    submit(cast.security, tender)
    assert "a first opinion would come too late" in page(cast.officer)
    assert opine(client, cast.officer, tender, {"text": "late"}).status_code == 403


# --- rounds -----------------------------------------------------------------------------------------------
@pytest.fixture
def second(cast, tender):
    """The prices were open when a second round began; it marks S alone."""
    mark_everything(tender, MARKS)
    for person in (cast.security, cast.business):
        submit(person, tender)
    resolution = tender.resolutions.create(
        number=1,
        kind="redo",
        reason="the report was withdrawn",
        in_favour=2,
        recorded_by="x",
        recorder=cast.officer,
        recorded_at=NOW,
    )
    tender.rounds.create(
        number=2, criteria=["S"], resolution=resolution, opened_by="x", opened_at=NOW, fingerprint="x"
    )
    tender.round, tender.stage, tender.priced_at = 2, Stage.PRICE_OPENED, NOW
    tender.save()
    Bid.objects.update(price="15000000")
    return tender


def test_a_later_round_marks_what_changed_with_ones_own_mark_beside_and_no_price(page, cast, second):
    text = page()
    assert list(articles(text)) == ["Bidder A, S", "Bidder B, S"]
    assert "0/2" in text
    assert "Round 1: <b>4</b>" in text
    assert "15,000,000" not in text
    assert "15000000" not in text
    give(cast.security, second, "2")
    assert "1/2" in page()
    assert Mark.objects.filter(round=2).count() == 1
    assert Mark.objects.filter(round=1, mark="4", seat__user=cast.security).count() == 1


# --- how much it asks of the database ---------------------------------------------------------------------
@pytest.mark.parametrize(("bids", "leaves"), [(1, 3), (3, 3), (3, 6)])
@pytest.mark.parametrize(
    ("who", "by_bid", "asked"), [("security", False, 26), ("security", True, 26), ("officer", False, 19)]
)
def test_as_many_queries_for_one_bid_as_for_three_and_for_three_criteria_as_for_six(  # noqa: PLR0917 - fixtures
    client, clock, cast, informed, django_assert_num_queries, bids, leaves, who, by_bid, asked
):
    for number in range(leaves - 2):
        informed.criteria.create(
            code=f"X{number}", title="x", kind="security", weight="1", maximum="5", position=10 + number
        )
    if bids == 1:
        bid_of(VENDORS[1]).claims.all().delete()
        Bid.objects.filter(vendor__name=VENDORS[1]).update(opened_at=None)
    else:
        vendor = Vendor.objects.create(name="Harbour")
        Bid.objects.create(tender=informed, vendor=vendor, position=2, opened_at=NOW)
    query = f"?bid={bid_of(VENDORS[0]).pk}" if by_bid else ""
    client.force_login(getattr(cast, who))
    client.get(reverse("marks", args=[informed.pk]))  # the first reading is an entry of the trail
    with django_assert_num_queries(asked):
        assert client.get(reverse("marks", args=[informed.pk]) + query).status_code == 200
