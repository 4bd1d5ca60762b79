"""The bank's pages after the ranking: objections and their answers, recommendation, approvals, award."""

from playwright.sync_api import expect

from tests.cast import PASSWORD
from tests.journeys.site import a_day, fill, in_taipei


def object_to(page, bid, claim, requirement=""):
    """Raise an objection against a bid; returns its address."""
    page.locator('main a[href$="/objections/new/"]').first.click()
    form = page.locator("main form")
    said = {"claim": claim, "argument": "見測試報告 See the test report", "remedy": "補測 To be tested again"}
    fill(form, bid=bid.pk, requirement=requirement, severity="high", due_at=in_taipei(days=2), **said)
    form.locator("button.btn-act").click()
    expect(page.locator("h1", has_text=claim)).to_be_visible()
    return page.url


def answer(page, kind, reason, *, owner=None):
    """Answer the objection that is open, by name; with an owner the risk is accepted on one condition."""
    form = page.locator("#answer form")
    form.locator(f'[name=kind][value="{kind}"]').check()
    if owner is not None:
        term = {"text": "驗收前補測 Tested before acceptance", "control": "人工監看 Watched by people"}
        term |= {"owner": owner.pk, "due_on": a_day(days=30)}
        fill(form, expires_on=a_day(days=60), **{f"c0-{name}": value for name, value in term.items()})
    fill(form, reason=reason, password=PASSWORD)
    form.locator("button[class*=btn-act]").click()
    expect(page.locator("[id^=answer-]")).to_contain_text(reason)
    expect(form).to_have_count(0)


def confirm_remedy(page, text):
    """Say, for the unit that objected, that what it asked for is done."""
    form = page.locator('form[action$="/remedy/"]')
    fill(form, text=text, password=PASSWORD)
    form.locator("button").click()
    expect(page.locator("[id^=answer-] .note.ok")).to_contain_text(text)


def recommend(page, bid, seats, reason):
    """Record what those present recommend, all of them in favour."""
    page.locator('#award a[href$="/recommendation/"]').click()
    form = page.locator("main form")
    for seat in seats:
        form.locator(f'[name=present][value="{seat.pk}"]').check()
    votes = {"in_favour": len(seats), "against": 0, "discussed": "yes"}
    fill(form, bid=bid.pk, reason=reason, benefits="資安較佳 Better security", **votes)
    form.locator("button.btn-act").click()
    expect(page.locator("#award tbody tr").first).to_contain_text(reason)


def approve(page):
    """Approve for one's own side what is recommended."""
    page.locator('#award a[href$="/approval/"]').click()
    form = page.locator("main form")
    fill(form, decision="yes", password=PASSWORD)
    form.locator("button.btn-act").click()
    expect(page.locator('#award a[href$="/approval/"]')).to_have_count(0)


def award(page, reason, **words):
    """Award by name what is recommended and approved."""
    page.locator('#award a[href$="/award/"]').click()
    form = page.locator("main form")
    fill(form, decision="yes", reason=reason, password=PASSWORD, **words)
    form.locator("button.btn-act").click()
    expect(page.locator("#award")).to_contain_text(reason)
