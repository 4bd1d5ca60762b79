"""Trying a draft's rules with dummy bids: figures follow what is typed, and the address keeps it."""

from playwright.sync_api import expect

from tests.journeys.site import sign_in


def test_figures_follow_what_is_typed(watch, cast, draft, look, faults):
    page = watch(locale="en", viewport={"width": 1440, "height": 900})
    sign_in(page, "officer")
    page.goto(f"/tenders/{draft.pk}/")
    page.get_by_role("link", name="Try the rules with dummy bids").click()
    advice = page.locator("#advisor")
    expect(advice).to_contain_text("The expensive best bid comes first")
    expect(advice.locator("svg.chart").first).to_be_visible()
    look(page, thoroughly=True)

    page.locator("#id_cheap_security").fill("75")
    page.locator("#id_cheap_quality").focus()
    expect(advice).to_contain_text("The cheap outlier comes first")
    expect(page.locator("#id_cheap_quality")).to_be_focused()
    page.reload()
    expect(advice).to_contain_text("The cheap outlier comes first")

    assert faults == []
    page.locator("#id_high").fill("20")
    page.locator("#id_low").focus()
    expect(page.locator("#dummies")).to_contain_text("It must be more than where the marks begin.")
    expect(page.locator("#id_high")).to_have_value("20")
    faults.clear()  # the browser reports the answer 422

    page.get_by_role("link", name="As suggested").click()
    expect(advice).to_contain_text("The expensive best bid comes first")
