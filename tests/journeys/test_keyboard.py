"""A page is worked without a mouse: skip link, keys, a focus that is always seen; language and colours."""

import pytest
from playwright.sync_api import expect

from tests.journeys.site import sign_in

#: How the focused part is told from the others, and whether it is inside the window.
FOCUS = """() => {
    const node = document.activeElement, box = node.getBoundingClientRect(), style = getComputedStyle(node);
    const around = getComputedStyle(node.closest("label, .find") || node);
    const outlined = (look) => look.outlineStyle !== "none" && parseFloat(look.outlineWidth) > 0;
    return {what: node.outerHTML.slice(0, 120), body: node === document.body,
        ring: outlined(style) || outlined(around), seen: box.bottom > 0 && box.top < innerHeight};
}"""


@pytest.fixture
def page(watch, cast):
    """An officer's window."""
    page = watch(locale="en")
    sign_in(page, "officer")
    return page


def test_the_first_key_leads_past_the_head(page):
    page.keyboard.press("Tab")
    skip = page.locator("a.skip")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_keys_find_show_and_lead(page):
    page.keyboard.press("/")
    expect(page.locator(".topbar form.find input").first).to_be_focused()
    page.keyboard.type("ATM ?")
    expect(page.locator("dialog#keys")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.locator("main [name=q]")).to_have_value("ATM ?")
    page.keyboard.press("?")
    expect(page.locator("dialog#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog#keys")).to_be_hidden()
    page.keyboard.press("g")
    page.keyboard.press("w")
    expect(page).to_have_url(page.url.split("/tenders/")[0] + "/")


def test_keys_can_be_switched_off(page):
    page.keyboard.press("?")
    page.locator("[data-keys-switch]").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("?")
    expect(page.locator("dialog#keys")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_focus_is_always_seen(page, priced, scheme):
    page.emulate_media(color_scheme=scheme)
    page.goto(f"/tenders/{priced.pk}/decision/")
    lost, stops = [], 0
    for _press in range(60):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        if focus["body"]:
            break
        stops += 1
        if not (focus["ring"] and focus["seen"]):
            lost.append(focus)
    assert stops > 15
    assert lost == []


def test_language_and_colours_stay_with_the_person(page, watch):
    page.locator("form[action='/language/'] button:visible").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hant")
    page.locator("details.menu summary").click()
    page.locator("[name=theme][value=dark]").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")

    elsewhere = watch(locale="en")
    sign_in(elsewhere, "officer")
    expect(elsewhere.locator("html")).to_have_attribute("lang", "zh-hant")
    expect(elsewhere.locator("html")).to_have_attribute("data-bs-theme", "dark")
    somebody = watch(locale="en")
    sign_in(somebody, "business")
    expect(somebody.locator("html")).to_have_attribute("lang", "en")
    assert somebody.locator("html").get_attribute("data-bs-theme") is None
