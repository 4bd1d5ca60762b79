"""A draft that saves itself: what is typed is not lost to the vendor's own haste, nor with a session."""

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from bids.models import Bid, Submission
from procurement.models import User
from tests.bids.vendors import draft_of
from tests.cast import PASSWORD
from tests.journeys import bidding
from tests.journeys.site import sign_in


@pytest.fixture
def page(watch, clock, published):
    """A vendor's window at an empty bid."""
    page = watch(locale="en")
    sign_in(page, "vendor")
    page.goto(f"/tenders/{published.pk}/bid/")
    return page


def price_kept():
    """The price that the vendor's draft holds."""
    return draft_of(User.objects.get(username="vendor"), Bid.objects.get()).price


def answer_everything(page, tender):
    for row in tender.requirements.all():
        bidding.answer(page, row, "met")
    bidding.write_price(page, "15,000,000")


def test_handing_in_waits_for_the_save_under_way(page, published):
    held = []
    page.route(
        "**/bid/", lambda route: held.append(route) if route.request.method == "POST" else route.continue_()
    )
    with page.expect_request(lambda request: request.method == "POST"):
        answer_everything(page, published)
    bidding.sign(page)
    page.locator('button[formaction$="/submit/"]').click()
    assert Submission.objects.count() == 0
    for route in held:
        route.continue_()
    expect(page.locator("#receipt dd").first).to_have_text("1")
    assert Submission.objects.get().number == 1


def test_handing_in_before_the_first_save_takes_what_was_typed(page, published):
    answer_everything(page, published)
    bidding.submit(page, 1)
    assert price_kept() == "15,000,000"


def test_a_save_leaves_the_focus_where_it_is(page, published):
    bidding.write_price(page, "15,000,000")
    button = page.locator('button[formaction$="/submit/"]')
    button.focus()
    bidding.is_saved(page)
    expect(button).to_be_focused()


def test_the_vendor_in_two_windows_is_told_and_keeps_what_was_typed(page, published, faults):
    other = page.context.new_page()
    other.goto(page.url)
    bidding.write_price(other, "14,000,000")
    bidding.is_saved(other)

    bidding.write_price(page, "13,000,000")
    told = page.locator(".script-note.no")
    expect(told).to_contain_text("Nothing of yours was saved")
    expect(page.locator("[name=price]")).to_have_value("13,000,000")
    assert price_kept() == "14,000,000"

    told.get_by_role("button").click()
    page.get_by_role("button", name="Put it back").click()
    expect(page.locator("[name=price]")).to_have_value("13,000,000")
    bidding.is_saved(page)
    assert price_kept() == "13,000,000"
    faults.clear()  # the refusal itself, and the question before typed text was left


def test_text_typed_in_a_session_that_ended_is_offered_after_the_sign_in(page, published, faults):
    Session.objects.all().delete()
    bidding.write_price(page, "15,000,000")
    expect(page.locator("[name=password]")).to_be_visible()
    page.locator("[name=username]").fill("vendor")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form button").click()
    page.get_by_role("button", name="Put it back").click()
    expect(page.locator("[name=price]")).to_have_value("15,000,000")
    bidding.is_saved(page)
    assert price_kept() == "15,000,000"
