"""The bank's pages after the deadline: opening, verification, marks, warnings."""

import re

from playwright.sync_api import expect

from tests.cast import PASSWORD
from tests.journeys.site import fill, in_taipei


def step(page, address):
    """Take the next step of the opening."""
    page.locator(f'form[action$="/opening/{address}/"] button').click()
    expect(page.locator(".messages .note.ok")).to_be_visible()


def find(page, requirement, vendor, verified, finding):
    """Say what was found about one claim."""
    claim = _claim(page, requirement, vendor)
    form = claim.locator("form.finding")
    form.locator(f'label:has([name=verified][value="{verified}"])').click()
    form.locator("[name=finding]").fill(finding)
    form.locator("button").click()
    expect(_claim_of(page, vendor).locator(".ans > .note")).to_contain_text(finding)


def waive(page, requirement, vendor, reason):
    """Accept that a gate is not met."""
    claim = _claim(page, requirement, vendor)
    form = claim.locator('form[action$="/waiver/"]')
    claim.locator("details summary").click()
    form.locator("[name=reason]").fill(reason)
    form.locator("button").click()
    expect(_claim_of(page, vendor).locator(".claim-body .note.warn")).to_contain_text(reason)


def _claim(page, requirement, vendor):
    page.locator(f'.matrix a[href^="?requirement={requirement.pk}#"]').click()
    expect(page.locator("#requirement h2 .code")).to_have_text(requirement.code)
    return _claim_of(page, vendor)


def _claim_of(page, vendor):
    return page.locator("article.req", has=page.get_by_role("heading", name=vendor))


def cell(page, vendor):
    """The cell of a bid on the criterion that is open."""
    return page.locator("article.bidder", has=page.get_by_role("heading", name=vendor))


def is_saved(page, vendor):
    """Wait until the site says that the mark is kept."""
    expect(cell(page, vendor).locator(".chip.ok")).to_be_visible()


def open_criterion(page, code):
    """Choose a criterion from the list at the left."""
    link = page.locator("#progress li a", has=page.get_by_text(code, exact=True))
    address = link.get_attribute("href")
    link.click()
    expect(page).to_have_url(re.compile(re.escape(address) + "$"))
    expect(page.locator(".sec:has(> .score-grid) h2 .code")).to_have_text(code)
    page.wait_for_load_state()  # the keys come with a script


def mark(page, code, marks, reason=""):
    """Give the marks of one criterion, by vendor, with the mouse or into the field."""
    open_criterion(page, code)
    for vendor, value in marks.items():
        part = cell(page, vendor)
        if reason:
            part.locator("[name=comment]").fill(reason)
        if part.locator("[name=mark][type=radio]").count():
            part.locator(f'label:has([value="{value}"])').click()
        else:
            part.locator("[name=mark]").first.fill(value)
            part.locator("[data-save]").click()
        is_saved(page, vendor)


def sign_marks(page):
    """Submit one's marks with the password."""
    page.locator("#submit [name=password]").fill(PASSWORD)
    page.locator("#submit form button").click()
    expect(page.locator("#submit .chip.ok")).to_be_visible()


def warn(page, bid, claim):
    """Raise a warning against a bid."""
    page.locator('main a[href$="/objections/new/"]').click()
    form = page.locator("main form")
    fill(form, bid=bid.pk, severity="high", claim=claim, remedy="", due_at=in_taipei(days=2))
    form.locator("button.btn-act").click()
    expect(page.locator("main")).to_contain_text(claim)


def answer_warning(page, answer, reason):
    """Answer the first open warning by name."""
    page.locator('main a[href^="/objections/"]').first.click()
    form = page.locator('form[action$="/answer/"]')
    fill(form, answer=answer, reason=reason)
    form.locator("button").click()
    expect(page.locator("main")).to_contain_text(reason)
