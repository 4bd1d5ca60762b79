"""Everything works with links and forms alone: the scripts only make it quicker."""

from decimal import Decimal

import pytest
from playwright.sync_api import expect

from bids.models import Bid, Mark, ScoreSheet, Submission
from procurement.models import User
from tests.bids.vendors import draft_of
from tests.cast import PASSWORD
from tests.journeys import bidding, judging
from tests.journeys.site import sign_in

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def plain(watch):
    """`plain("vendor")` opens a window without scripts and signs a person in."""

    def open_window(name):
        page = watch(locale="en", java_script_enabled=False)
        sign_in(page, name)
        return page

    return open_window


def test_a_ranking_is_read(plain, priced):
    page = plain("approver")
    page.goto(f"/tenders/{priced.pk}/decision/")
    places = page.locator("table.rank tbody tr")
    expect(places).to_have_count(2)
    expect(places.first).to_contain_text("76.00")
    expect(page.locator(".verdict svg, .rank svg.bar100").first).to_be_visible()


def test_a_bid_is_drafted_and_handed_in(plain, published):
    page = plain("vendor")
    page.goto(f"/tenders/{published.pk}/bid/")
    rows = list(published.requirements.all())
    for row in rows:
        bidding.answer(page, row, "met", "as asked")
    bidding.write_price(page, "15,000,000")
    page.locator("#draft button:not([formaction])").last.click()
    expect(page.locator(".messages .note.ok")).to_be_visible()
    said = {"answer": "met", "note": "as asked", "evidence": "claimed", "until": ""}
    vendor = User.objects.get(username="vendor")
    assert draft_of(vendor, Bid.objects.get()).answers["R1"] == said
    bidding.attach(page, rows[0], bidding.pdf("report.pdf"))
    assert draft_of(vendor, Bid.objects.get()).files[0].entry.name == "report.pdf"
    bidding.submit(page, 1)
    assert Submission.objects.get().number == 1


def test_marks_are_given_and_signed(plain, opened, faults):
    opened.criteria.filter(code="S").update(maximum="5")
    page = plain("security")
    page.goto(f"/tenders/{opened.pk}/marks/")
    for code, value in {"S": "4", "Q": "22.5"}.items():
        for vendor in ("Bedrock Security", "Quickwin Technology"):
            judging.open_criterion(page, code)
            part = judging.cell(page, vendor)
            if code == "S":
                part.locator(f'label:has([value="{value}"])').click()
            else:
                part.locator("[name=mark]").first.fill(value)
            part.locator("[data-save]").click()
            judging.is_saved(page, vendor)
    assert sorted(Mark.objects.values_list("mark", flat=True)) == [Decimal(4)] * 2 + [Decimal("22.5")] * 2
    page.locator("#submit [name=password]").fill("not the password")
    page.locator("#submit form button").click()
    expect(page.locator("#submit .errorlist, #submit .invalid-feedback")).to_be_visible()
    assert not ScoreSheet.objects.exists()
    assert [fault for fault in faults if "422" not in fault] == []
    faults.clear()
    page.locator("#submit [name=password]").fill(PASSWORD)
    page.locator("#submit form button").click()
    expect(page.locator("#submit .chip.ok")).to_be_visible()
    assert ScoreSheet.objects.get().seat.user.username == "security"


def test_the_keyboard_is_not_offered(plain, opened):
    page = plain("officer")
    expect(page.locator("[data-keys-opener]")).to_be_hidden()
    page.locator("details.menu summary").click()
    expect(page.locator("form[data-sign-out] button")).to_be_visible()
