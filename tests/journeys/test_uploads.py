"""Files on their way up: how much has arrived, a line that breaks, and what is too large to be sent."""

import pytest
from playwright.sync_api import expect

from bids.models import StagedFile
from tests.files import making
from tests.journeys import bidding
from tests.journeys.site import sign_in

MIB = 1024 * 1024


@pytest.fixture
def page(watch, clock, published):
    """A vendor's window at an empty bid."""
    page = watch(locale="en")
    sign_in(page, "vendor")
    page.goto(f"/tenders/{published.pk}/bid/")
    return page


def choose(page, requirement, name, content):
    """Choose a file beside an answer, and send it."""
    form = f"file-{requirement.pk}"
    where = page.locator(f"#files-{requirement.pk}")
    if not where.locator("details.add").evaluate("node => node.open"):
        where.locator("summary").click()
    file = {"name": name, "mimeType": "application/pdf", "buffer": content}
    page.locator(f'input[form="{form}"][type=file]').set_input_files(file)
    page.locator(f'button[form="{form}"]').click()
    return where


def test_a_file_that_broke_off_is_sent_again_and_those_before_are_kept(page, published, faults):
    row = published.requirements.first()
    bidding.attach(page, row, bidding.pdf("first.pdf"))

    page.route("**/bid/files/", lambda route: route.abort())
    where = choose(page, row, "second.pdf", making.pdf())
    told = page.locator(".script-note.no")
    expect(told).to_be_visible()
    expect(where.locator("progress")).to_have_count(0)
    assert StagedFile.objects.count() == 1

    page.unroute("**/bid/files/")
    page.reload()
    bidding.attach(page, row, bidding.pdf("second.pdf"))
    page.reload()
    names = page.locator(f"#files-{row.pk} .file .name").all_inner_texts()
    assert sorted(names) == ["first.pdf", "second.pdf"]  # the clock of the journeys stands still
    faults.clear()  # the failure that was made on purpose


def test_how_much_of_a_file_has_arrived_is_shown(page, published):
    row = published.requirements.first()
    network = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 2 * MIB}
    network.send("Network.emulateNetworkConditions", slow)
    where = choose(page, row, "large.pdf", making.pdf().ljust(4 * MIB))
    shown = where.locator("progress")
    expect(shown).to_have_attribute("aria-label", "How much of the file has arrived")
    expect(where.locator(".file", has_text="large.pdf")).to_be_visible()
    expect(shown).to_have_count(0)


def test_a_file_that_is_too_large_is_not_sent(page, published):
    row = published.requirements.first()
    where = choose(page, row, "huge.pdf", making.pdf().ljust(21 * MIB))
    expect(where.locator("[role=alert]")).to_contain_text("huge.pdf")
    assert not StagedFile.objects.exists()
