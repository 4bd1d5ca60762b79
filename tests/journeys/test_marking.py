"""Marks by key and with the mouse, each kept by itself; another window's mark is never overwritten."""

import re
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from bids.models import Mark
from tests.journeys import judging
from tests.journeys.site import sign_in

FIRST, SECOND = "Bedrock Security", "Quickwin Technology"


@pytest.fixture
def tender(opened):
    """Two bids to be marked, on two criteria of 5."""
    opened.criteria.filter(code__in=["S", "Q"]).update(maximum="5")
    return opened


@pytest.fixture
def page(watch, cast, tender):
    """A member's window at the marks."""
    page = watch(locale="en")
    sign_in(page, "security")
    page.goto(f"/tenders/{tender.pk}/marks/")
    return page


def given(code):
    """The security member's marks on a criterion, by vendor."""
    rows = Mark.objects.filter(seat__user__username="security", criterion__code=code)
    return {row.bid.vendor.name: (row.mark, row.comment) for row in rows.select_related("bid__vendor")}


def test_a_grid_is_filled_in_with_keys_alone(page):
    first, second = judging.in_order(page)
    judging.press_mark(page, first, "4")
    page.keyboard.press("j")
    judging.press_mark(page, second, "2")
    page.keyboard.press("k")
    page.keyboard.press("r")
    page.keyboard.type("5 of 5, j and k are letters here")
    page.keyboard.press("Escape")
    page.keyboard.press("5")
    with page.expect_response(lambda response: "/marks/" in response.url):
        page.keyboard.press("Control+Enter")
    expect(judging.cell(page, second)).to_have_class(re.compile(r"\bcur\b"))
    judging.is_saved(page, first)
    page.keyboard.press("r")
    page.keyboard.type("not tried")
    page.keyboard.press("Escape")
    page.keyboard.press("x")
    expect(page.locator("#progress .end")).to_have_text("2/4")
    expect(judging.cell(page, second).locator(".chip").first).to_have_text("Abstained")
    assert given("S") == {
        first: (Decimal(5), "5 of 5, j and k are letters here"),
        second: (None, "not tried"),
    }

    page.keyboard.press("]")
    expect(page.locator(".sec:has(> .score-grid) h2 .code")).to_have_text("Q")
    page.wait_for_load_state()
    judging.press_mark(page, first, "0", "nothing shown")
    assert given("Q") == {first: (Decimal(0), "nothing shown")}
    page.keyboard.press("[")
    expect(page.locator(".sec:has(> .score-grid) h2 .code")).to_have_text("S")


def test_an_abstention_without_a_reason_is_refused_at_its_place(page, faults):
    first, _second = judging.in_order(page)
    page.keyboard.press("x")
    refused = judging.cell(page, first)
    expect(refused.locator(".chip.no")).to_be_visible()
    expect(refused.locator("ul.errorlist, .invalid-feedback")).to_have_text("Say why you do not mark this.")
    assert given("S") == {}
    refused.locator("[name=comment]").fill("their test lab was closed")
    refused.locator("[data-save]").click()
    expect(refused.locator(".chip")).to_have_text("Abstained")
    assert given("S") == {first: (None, "their test lab was closed")}
    faults[:] = [fault for fault in faults if "422" not in fault]


def test_the_mouse_does_the_same(page):
    page.set_viewport_size({"width": 1280, "height": 560})  # the second bid is half below the edge
    judging.mark(page, "S", {FIRST: "3", SECOND: "5"}, reason="seen")
    assert given("S") == {FIRST: (Decimal(3), "seen"), SECOND: (Decimal(5), "seen")}


def test_a_stale_tab_is_told_and_loses_nothing(page, faults):
    other = page.context.new_page()
    other.goto(page.url)
    judging.mark(other, "S", {FIRST: "5"}, reason="in the other tab")

    mine = judging.cell(page, FIRST)
    mine.locator("[name=comment]").fill("typed here")
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    told = page.locator(".script-note.no")
    expect(told).to_contain_text("Nothing of yours was saved")
    assert given("S")[FIRST] == (Decimal(5), "in the other tab")
    assert [fault for fault in faults if "409" not in fault] == []

    told.get_by_role("button").click()
    page.wait_for_load_state()
    expect(mine.locator("[name=comment]")).to_have_value("in the other tab")
    kept = page.locator(".script-note.warn")
    kept.get_by_role("button", name="Put it back").click()
    expect(mine.locator("[name=comment]")).to_have_value("typed here")
    with page.expect_response(lambda response: response.request.method == "POST"):
        mine.locator("[data-save]").click()
    expect(page.locator(".script-note")).to_have_count(0)
    assert given("S")[FIRST] == (Decimal(1), "typed here")
    faults.clear()  # the refusals themselves, and the question before typed text was left


def test_a_mark_that_could_not_be_sent_is_told_and_can_be_tried_again(page, faults):
    first, _second = judging.in_order(page)
    page.route("**/marks/*/*/", lambda route: route.abort())
    page.keyboard.press("3")
    told = page.locator(".script-note.no")
    expect(told).to_be_visible()
    page.unroute("**/marks/*/*/")
    told.get_by_role("button").click()
    judging.is_saved(page, first)
    assert given("S")[first][0] == 3
    faults.clear()  # the failure that was made on purpose
