"""The panel's meeting: corrections, resolutions, differing opinions, and lots."""

from playwright.sync_api import expect

from tests.journeys.site import fill


def open_item(page, criterion, bid):
    """Choose a difference from the list; its marks are shown beside it."""
    page.locator(f'a.item[href*="criterion={criterion.pk}&bid={bid.pk}"]').click()
    expect(page.locator("#differences")).not_to_have_attribute("aria-busy", "true")
    expect(page.locator("#detail h2 .code").first).to_have_text(criterion.code)


def correct(page, mark, reason):
    """Correct one's own mark on the item that is open."""
    part = page.locator("#detail details", has=page.locator("[name=corrected]"))
    part.locator("summary").click()
    fill(part, corrected=mark, reason=reason)
    part.locator("button").click()
    expect(page.locator("#detail .marks-of")).to_contain_text(reason)


def resolve(page, kind, seats, reason):
    """Record what those present decided, all of them in favour."""
    form = page.locator("form.resolution")
    form.locator(f'[name=kind][value="{kind}"]').check()
    for seat in seats:
        form.locator(f'[name=present][value="{seat.pk}"]').check()
    fill(form, in_favour=len(seats), against=0, reason=reason)
    form.locator("button.btn-act").click()
    expect(page.locator(".sec", has_text=reason).first).to_be_visible()


def dissent(page, text):
    """Add a differing opinion to the last resolution."""
    part = page.locator("details", has=page.locator('form[action$="/dissent/"]')).first
    part.locator("summary").click()
    part.locator("[name=text]").fill(text)
    part.locator("button").click()
    expect(page.locator(".dissent")).to_contain_text(text)


def announce_seed(page, source):
    """Say where the seed of the lots will come from."""
    form = page.locator('form[action$="/lots/announce/"]')
    form.locator("[name=source]").fill(source)
    form.locator("button").click()
    expect(page.locator('form[action$="/seed/"]')).to_be_visible()


def draw(page, seed):
    """Enter the seed; returns the vendors in the order of their tickets, each with the ticket."""
    form = page.locator('form[action$="/seed/"]')
    fill(form, seed=seed, witnesses="稽核處 Audit")
    form.locator("button").click()
    rows = page.locator("table tbody tr", has=page.locator(".fp"))
    expect(rows.first).to_be_visible()
    names, tickets = rows.locator("b").all_inner_texts(), rows.locator(".fp").all_inner_texts()
    return list(zip(names, tickets, strict=True))
