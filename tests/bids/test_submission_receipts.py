"""Receipts, refusals of what is late, and amendments, as the vendor sees them."""

from datetime import timedelta
from functools import partial

import pytest
from django.urls import reverse

from bids.actions import submission
from bids.models import LateBid, Submission
from procurement.signing import verify
from tests.bids.amending import amend
from tests.bids.bid_pages import drafted, form_of, post_bid, post_signed, signed, text_of, vendor
from tests.cast import hand_in, sign_in


# --- receipts ---------------------------------------------------------------------------------------------
def test_the_receipt_of_each_version_is_fetched_again_at_will(client, page, clock, cast, published):
    rows = [hand_in(cast.vendor, published, "1"), hand_in(cast.vendor, published, "2")]
    clock(published.deadline + timedelta(days=1))
    sign_in(client, cast.vendor)
    for row in rows:
        address = reverse("bid-receipt", args=[published.pk, row.number])
        assert address in text_of(client.get(page))
        response = client.get(address)
        assert response.content.decode() == row.receipt
        assert (
            response["Content-Disposition"]
            == f'attachment; filename="receipt-its-2026-900-{row.number}.json"'
        )
        verify.check_document(verify.read_document(response.content))


@pytest.mark.parametrize("part", ["rival", "officer", "auditor", "administrator"])
def test_nobody_else_fetches_a_receipt(client, clock, cast, published, part):
    hand_in(cast.vendor, published, "1")
    client.force_login(getattr(cast, part))
    assert client.get(reverse("bid-receipt", args=[published.pk, 1])).status_code == 404


# --- too late ---------------------------------------------------------------------------------------------
@pytest.fixture
def late(client, page, clock, cast, published):
    """A bid posted at the deadline; what was typed last differs from the draft."""
    client.post(page, form_of(published, R1_note="in time"))
    clock(published.deadline)
    sign_in(client, cast.vendor)
    return post_bid(client, published, 2, R1_note="too late")


def test_a_late_bid_is_refused_with_a_signed_refusal_and_what_was_typed(client, late, published):
    assert late.status_code == 409
    shown = text_of(late)
    assert "Received 2026-11-29 14:00:00.000, after the deadline: nothing was accepted." in shown
    assert "too late" in shown
    assert drafted().answers["R1"]["note"] == "in time"
    row = LateBid.objects.get()
    address = reverse("late-refusal", args=[row.pk])
    assert address in shown
    assert client.get(address).content.decode() == row.refusal
    assert not Submission.objects.exists()


def test_nobody_else_fetches_a_refusal(client, late, cast):
    for part in ("rival", "officer", "auditor"):
        client.force_login(getattr(cast, part))
        assert client.get(reverse("late-refusal", args=[LateBid.objects.get().pk])).status_code == 404


def test_a_bid_that_is_late_by_the_clock_under_the_lock_is_refused_as_well(
    client, page, published, monkeypatch
):
    at_the_deadline = partial(submission.submit_bid, clock=lambda: published.deadline)
    monkeypatch.setattr(submission, "submit_bid", at_the_deadline)
    response = post_bid(client, published)
    assert response.status_code == 409
    assert LateBid.objects.get().at == published.deadline


@pytest.mark.parametrize("given", [{"password": "wrong"}, {"answer-0": "x", "version": "x"}])
def test_late_and_not_signed_is_refused_without_a_record(client, page, clock, published, given):
    client.post(page, form_of(published))
    clock(published.deadline)
    sign_in(client, vendor())
    data = signed(form_of(published, 2), **given)
    response = client.post(reverse("bid-submit", args=[published.pk]), data)
    assert response.status_code == 409
    assert "The deadline has passed" in text_of(response)
    assert not LateBid.objects.exists()


# --- amendments -------------------------------------------------------------------------------------------
def test_an_amendment_asks_for_an_answer_and_gets_one(client, page, cast, published):
    hand_in(cast.vendor, published, "1")
    assert "needs your answer" not in text_of(client.get(page))
    amend(published)
    assert "Amendment 1 needs your answer" in text_of(client.get(page))
    address = reverse("bid-confirm", args=[published.pk])
    assert client.post(address, {"confirm-password": "wrong"}).status_code == 422
    shown = text_of(post_signed(client, "confirm", published))
    assert "Version 1 is confirmed and stands as it is." in shown
    address = reverse("bid-confirmation", args=[published.pk, 1])
    assert address in shown
    assert client.get(address).content.decode() == Submission.objects.get().confirmation
    assert client.get(reverse("bid-confirmation", args=[published.pk, 2])).status_code == 404
    assert "needs your answer" not in shown
    assert post_signed(client, "confirm", published).status_code == 403
