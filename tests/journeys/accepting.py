"""After the award: promises and their signatures, exceptions, and going live."""

from playwright.sync_api import expect

from tests.cast import PASSWORD
from tests.journeys.site import a_day, fill


def keep(page, code, text):
    """Sign, on the page of all promises, that one is kept."""
    page.locator('main a[href^="/promises/"]', has_text=code).first.click()
    form = page.locator('form[action$="/sign-off/"]')
    fill(form, outcome="kept", text=text)
    form.locator("button").click()
    row = page.locator("[aria-labelledby=list] tbody tr", has_text=code)
    expect(row.locator(".chip.ok")).to_be_visible()


def ask_for_exception(page, owner, reason):
    """Ask to go live with gate promises open; returns the address of the entry."""
    page.locator('main a[href$="/promises/exception/"]').click()
    form = page.locator("main form")
    fill(form, reason=reason, risk="修補較慢 Slower patches", owner=owner.pk, expires_on=a_day(days=90))
    form.locator("button.btn-act").click()
    entry = page.locator('[aria-labelledby=exceptions] a[href^="/register/"]')
    expect(entry).to_be_visible()
    return entry.get_attribute("href")


def advise(page, reason):
    """Answer for security that it agrees under conditions."""
    form = page.locator('form[action$="/security/"]')
    fill(form, advice="conditions", reason=reason, password=PASSWORD)
    form.locator("button").click()
    expect(form).to_have_count(0)


def grant(page, reason):
    """Grant the exception that is open."""
    form = page.locator('form[action$="/decision/"]')
    fill(form, decision="granted", reason=reason, password=PASSWORD)
    form.locator("button").click()
    expect(form).to_have_count(0)


def go_live(page):
    """Put the system into operation by name."""
    form = page.locator('form[action$="/promises/live/"]')
    form.locator("[name=password]").fill(PASSWORD)
    form.locator("button").click()
    expect(form).to_have_count(0)
