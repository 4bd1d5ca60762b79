"""The bank's pages after the deadline: opening, declarations, verification, waivers, marks."""

import re

from playwright.sync_api import expect

from bids.models import Bid
from tests.cast import PASSWORD
from tests.journeys.site import a_day, fill


def step(page, address):
    """Take the next step of the opening."""
    page.locator(f'form[action$="/opening/{address}/"] button').click()
    expect(page.locator(".messages .note.ok")).to_be_visible()


def declare(page, name, *, interest=None, ground="employment", detail=""):
    """Sign a declaration: of no interest in any bidder, or of one in a bid; both undertakings are ticked."""
    form = page.locator("form[data-keep^=declaration-]")
    if interest is None:
        form.locator("[name=none]").check()
    else:
        form.locator(f'[name="grounds-{interest.pk}"][value="{ground}"]').check()
        form.locator(f'[name="detail-{interest.pk}"]').fill(detail)
    form.locator("[name=confidentiality]").check()
    form.locator("[name=conduct]").check()
    form.locator("[name=signed_name]").fill(name)
    form.locator("button.btn-act").click()
    expect(page.locator(".messages .note.ok")).to_be_visible()
    expect(form).to_have_count(0)


def find(page, requirement, vendor, verified, finding, *, level=""):
    """Say what was found about one claim, and what stands behind it."""
    form = _claim(page, requirement, vendor).locator("form.finding")
    form.locator(f'label:has([name=verified][value="{verified}"])').click()
    form.locator("[name=finding]").fill(finding)
    if level:
        fill(form, level=level, until=a_day(days=365))
    form.locator("button").click()
    expect(_claim_of(page, vendor).locator(".ans > .note")).to_contain_text(finding)


def propose_waiver(page, requirement, vendor, reason, *, days=90):
    """Propose by name that an unmet gate is waived; returns the address of the proposal."""
    _claim(page, requirement, vendor).locator('a[href$="/waiver/"]').click()
    form = page.locator("main form")
    words = {"reason": reason, "control": "監看 Watched", "expires_on": a_day(days=days)}
    fill(form, **words, password=PASSWORD)
    form.locator("button.btn-act").click()
    expect(page).to_have_url(re.compile(r"/waivers/\d+/$"))
    return page.url


def sign_waiver(page):
    """Sign the waiver that is open, for security or as the approver."""
    form = page.locator('form[action$="/sign/"]')
    form.locator("[name=sign-password]").fill(PASSWORD)
    form.locator("button.btn-act").click()
    expect(form).to_have_count(0)


def _claim(page, requirement, vendor):
    page.locator(f'.matrix a[href^="?requirement={requirement.pk}#"]').click()
    expect(page.locator("#requirement h2 .code")).to_have_text(requirement.code)
    return _claim_of(page, vendor)


def _claim_of(page, vendor):
    return page.locator("article.req", has=page.get_by_role("heading", name=vendor))


def cell(page, vendor):
    """The cell of a bid on the criterion that is open. The page names bidders by letter, not by name."""
    bid = Bid.objects.get(vendor__name=vendor)
    return page.locator(f'article.bidder[id$="-{bid.pk}"]')


def in_order(page):
    """The vendors in the order in which they stand on the marks page: one for each member, drawn."""
    cells = page.locator("article.bidder").evaluate_all("nodes => nodes.map((node) => node.id)")
    names = {str(bid.pk): bid.vendor.name for bid in Bid.objects.select_related("vendor")}
    return [names[name.split("-", 2)[2]] for name in cells]


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


def press_mark(page, vendor, value, reason=""):
    """Give the mark of the cell that is current with keys alone; the reason is typed first."""
    if reason:
        page.keyboard.press("r")
        page.keyboard.type(reason)
        page.keyboard.press("Escape")
    page.keyboard.press(value)
    is_saved(page, vendor)


def sign_marks(page):
    """Submit one's marks with the password."""
    page.locator("#submit [name=password]").fill(PASSWORD)
    page.locator("#submit form button").click()
    expect(page.locator("#submit .chip.ok")).to_be_visible()
