"""The vendor's bid page: the draft, and handing it in."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from bids.models import Bid, LateBid, Submission
from procurement.models import Requirement
from tests.bids.bid_pages import (
    HTMX,
    drafted,
    form_of,
    post_bid,
    post_signed,
    signed,
    text_of,
    upload,
    vendor,
)
from tests.bids.vendors import add_file
from tests.cast import hand_in, sign_in
from tests.files.making import pdf


# --- reading ----------------------------------------------------------------------------------------------
def test_reading_the_page_makes_no_bid(client, page):
    response = client.get(page)
    assert response.status_code == 200
    assert "R1 has no answer" in text_of(response)
    assert "There is no price yet." in text_of(response)
    assert Bid.objects.count() == 0


@pytest.mark.parametrize("part", ["officer", "security", "approver", "auditor"])
def test_the_bank_is_told_that_the_page_is_a_vendors(client, clock, cast, published, part):
    client.force_login(getattr(cast, part))
    response = client.get(reverse("bid", args=[published.pk]))
    assert response.status_code == 403
    assert "This is for: Vendor." in text_of(response)


def test_strangers_and_drafts_are_not_found(client, clock, cast, draft):
    for person in (cast.stranger, cast.administrator, cast.vendor):
        client.force_login(person)
        assert client.get(reverse("bid", args=[draft.pk])).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_asks_as_many_queries_for_one_requirement_as_for_three(
    client, page, published, django_assert_num_queries, rows
):
    for code in ("R1", "R2", "R3")[:rows]:
        add_file(vendor(), published, code=code)
    hand_in(vendor(), published, "5")
    Requirement.objects.filter(position__gte=rows).delete()
    with django_assert_num_queries(19):
        client.get(page)


# --- the draft --------------------------------------------------------------------------------------------
def test_a_draft_is_saved_and_shown_again(client, page, published):
    response = client.post(page, form_of(published, R2="not_met", R2_note="in March"), follow=True)
    assert "The draft is saved. Nothing was handed in." in text_of(response)
    assert "in March" in text_of(response)
    assert "NT$ 15,000,000" in text_of(response)
    assert "R2 is a gate and not met" in text_of(response)
    assert not Submission.objects.exists()


def test_a_script_saves_as_one_types_and_gets_the_new_version(client, page, published):
    response = client.post(page, form_of(published, price="abc"), headers=HTMX)
    assert response.status_code == 200
    assert "<html" not in text_of(response)
    assert 'value="2" id="id_version" hx-swap-oob="true"' in text_of(response)
    assert "“abc” is not a number." in text_of(response)


def test_an_older_version_is_refused_and_nothing_overwritten(client, page, published):
    client.post(page, form_of(published, R1_note="first"))
    response = client.post(page, form_of(published, R1_note="second"))
    assert response.status_code == 409
    assert "while you were editing it" in text_of(response)
    assert drafted().answers["R1"]["note"] == "first"


def test_what_cannot_be_kept_is_said_beside_the_field(client, page, published):
    long = form_of(published, R1_note="x" * 4001)
    response = client.post(page, long)
    assert response.status_code == 422
    assert "at most 4000 characters" in text_of(response)
    assert "x" * 4001 in text_of(response)
    fragment = client.post(page, long, headers=HTMX)
    assert fragment.status_code == 422
    assert "<html" not in text_of(fragment)
    assert client.post(page, form_of(published, R1_note="a\x07b")).status_code == 422
    assert not Bid.objects.exists()


def test_a_draft_that_is_late_is_not_saved(client, page, clock, cast, published):
    client.post(page, form_of(published, R1_note="in time"))
    clock(published.deadline)
    sign_in(client, cast.vendor)
    response = client.post(page, form_of(published, 2, R1_note="too late"))
    assert response.status_code == 403
    assert "The deadline has passed: nothing was accepted, and your draft was kept." in text_of(response)
    assert "too late" in text_of(response)
    assert drafted().answers["R1"]["note"] == "in time"


# --- the level of the evidence ----------------------------------------------------------------------------
def test_the_level_and_its_day_are_kept_and_shown_again(client, page, published):
    data = form_of(published, R1_evidence="tested", R1_until="2027-06-30", R1_note="report 12")
    response = client.post(page, data, follow=True)
    assert '<option value="tested" selected>' in text_of(response)
    assert 'value="2027-06-30"' in text_of(response)
    assert "Independently tested</span>" in text_of(response)
    assert "needs a file" not in text_of(response)


def test_what_the_evidence_lacks_is_said_before_it_is_handed_in(client, page, published):
    data = form_of(
        published, R1_evidence="attested", R2_evidence="tested", R2_note="x", R2_until="2026-11-21"
    )
    shown = text_of(client.post(page, data, headers=HTMX))
    assert "R1 needs a file or a note behind its evidence" in shown
    assert "R1 needs the day until which its evidence is good" in shown
    assert "The evidence of R2 has expired and counts one step less" in shown
    assert "Expired; counts as: Attested" in shown
    refused = client.post(reverse("bid-submit", args=[published.pk]), signed(data, version=2))
    assert refused.status_code == 422
    assert "Evidence beyond a claim needs a file or a note: R1." in text_of(refused)


def test_a_file_answers_at_once_what_the_evidence_lacked(client, page, published):
    client.post(page, form_of(published, R1_evidence="attested", R1_until="2027-06-30"))
    shown = text_of(upload(client, published, "a.pdf", pdf(), headers=HTMX))
    assert 'class="state" hx-swap-oob="true"' in shown
    assert "needs a file" not in shown


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"R1_evidence": "verified"}, "not one of the available choices"),
        ({"R1_until": "soon"}, "Enter a valid date."),
    ],
)
def test_a_level_or_day_that_cannot_be_is_refused_at_the_field(client, page, published, typed, said):
    response = client.post(page, form_of(published, **typed))
    assert response.status_code == 422
    assert said in text_of(response)


# --- handing in -------------------------------------------------------------------------------------------
def test_a_bid_is_handed_in_with_what_was_typed(client, page, published):
    response = post_bid(client, published, follow=True)
    row = Submission.objects.get()
    assert row.number == 1
    assert "Version 1 is handed in. Its receipt stands below." in text_of(response)
    assert "Version 1 is sealed" in text_of(response)
    assert " ".join(row.commitment[i : i + 4] for i in range(0, 64, 4)) in text_of(response)
    assert "Draft agrees with version 1" in text_of(response)


@pytest.mark.parametrize(("typed", "steps"), [({}, 1), ({"R1_note": "Since 2019"}, 2), ({"price": "9"}, 2)])
def test_what_the_browser_saved_before_is_not_saved_again(client, page, published, typed, steps):
    client.post(page, form_of(published))
    before = Bid.objects.get().version
    assert post_bid(client, published, before, **typed).status_code == 302
    assert Bid.objects.get().version == before + steps


def test_a_draft_that_somebody_else_changed_is_not_handed_in_unseen(client, page, published):
    client.post(page, form_of(published))
    seen = Bid.objects.get().version
    client.post(page, form_of(published, seen, price="9"))
    assert post_bid(client, published, seen).status_code == 409
    assert not Submission.objects.exists()


def test_what_is_posted_twice_is_handed_in_once(client, page, clock, published, cast):
    key = uuid4()
    post_bid(client, published, key=key)
    again = post_bid(client, published, key=key, follow=True)
    assert again.status_code == 200
    assert "Version 1 is handed in." in text_of(again)
    # the answer was lost, and by the time it is sent again the deadline has passed
    clock(published.deadline)
    sign_in(client, cast.vendor)
    assert "Version 1 is handed in." in text_of(post_bid(client, published, key=key, follow=True))
    assert Submission.objects.count() == 1
    assert not LateBid.objects.exists()


@pytest.mark.parametrize("key", ["", "x"])
def test_a_page_without_a_key_hands_in_all_the_same(client, page, published, key):
    data = signed(form_of(published), key=key)
    assert client.post(reverse("bid-submit", args=[published.pk]), data).status_code == 302
    assert Submission.objects.get().idempotency_key.version == 4


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"password": "wrong"}, "This is not your password. Nothing was submitted."),
        ({"password": ""}, "This field is required."),
    ],
)
def test_without_the_password_nothing_is_handed_in_and_the_draft_is_saved(
    client, page, published, given, fault
):
    data = signed(form_of(published, R1_note="typed"), **given)
    response = client.post(reverse("bid-submit", args=[published.pk]), data)
    assert response.status_code == 422
    assert fault in text_of(response)
    assert drafted().answers["R1"]["note"] == "typed"
    assert not Submission.objects.exists()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"price": ""}, "There is no price yet."),
        ({"price": "0"}, "The price must be more than 0."),
        ({"price": "US$ 5"}, "asked for in TWD, not in USD"),
        ({"R3": ""}, "Answers or reasons are missing: R3."),
        ({"R3": "not_applicable"}, "Answers or reasons are missing: R3."),
    ],
)
def test_what_is_missing_is_said_and_the_draft_is_saved(client, page, published, changes, reason):
    response = post_bid(client, published, **changes)
    assert response.status_code == 422
    assert reason in text_of(response)
    assert drafted().answers["R1"]["answer"] == "met"
    assert not Submission.objects.exists()


def test_a_changed_draft_is_told_from_what_was_handed_in(client, page, published):
    post_bid(client, published)
    version = Bid.objects.get().version
    response = client.post(page, form_of(published, version, price="1"), follow=True)
    assert "Draft differs from version 1" in text_of(response)
    assert "Seal and submit version 2" in text_of(response)


def test_a_bid_is_withdrawn(client, page, published):
    post_bid(client, published)
    address = reverse("bid-withdraw", args=[published.pk])
    refused = client.post(address, {"withdraw-password": "wrong", "withdraw-key": str(uuid4())})
    assert refused.status_code == 422
    assert "Your bid is withdrawn" in text_of(post_signed(client, "withdraw", published))
    assert post_signed(client, "withdraw", published).status_code == 403


def test_there_is_nothing_to_withdraw_before_there_is_a_bid(client, page, published):
    assert post_signed(client, "withdraw", published).status_code == 404


def test_after_the_deadline_the_page_can_be_read_and_not_changed(client, page, clock, cast, published):
    post_bid(client, published)
    clock(published.deadline + timedelta(days=1))
    sign_in(client, cast.vendor)
    response = client.get(page)
    assert response.status_code == 200
    assert '<fieldset class="stack" data-until-deadline disabled>' in text_of(response)
    assert "Seal and submit version" not in text_of(response)
