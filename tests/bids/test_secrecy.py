"""Before the opening no door leads to a bid, and the trail is silent; `invariants` tries to count bids."""

import re

import pytest
from django.db import transaction
from django.urls import reverse

from bids import queries
from bids.models import Attachment, Bid, StagedFile
from bids.rules import BANK
from procurement import audit
from procurement.models import User, Vendor
from procurement.queries import tenders_visible_to
from tests.bids.vendors import REPORT, add_file, remove_file, save, withdraw
from tests.cast import NOW, hand_in, open_bids, opened_drafts

from .pages import plain


def trail_of_an_evening(client, cast, tender, *, with_bids):
    """What the auditor reads when something was done before the bids and after them; then it is undone."""
    with transaction.atomic():
        audit.record(actor=cast.officer, action="publish tender", object=tender, now=NOW, tender=tender)
        if with_bids:
            receipt = hand_in(cast.vendor, tender, "15000000")
            withdraw(cast.vendor, receipt.bid)
            hand_in(cast.rival, tender, "12000000")
        audit.record(actor=cast.administrator, action="create person", object="somebody", now=NOW)
        client.force_login(cast.auditor)
        queries = ["", "?verify=1", "?person=Bedrock", "?q=Quickwin", "?action=submit bid", "?page=2"]
        pages = [plain(client.get(reverse("trail") + query))[2] for query in queries]
        transaction.set_rollback(True)
    # A hash cannot be foreseen, and says nothing by itself.
    return [re.sub(r"(?:[0-9a-f]{4} ){15}[0-9a-f]{4}", "", page) for page in pages]


def test_the_trail_tells_of_no_bid_before_the_opening(client, clock, cast, published):
    for person in (cast.vendor, cast.rival):
        opened_drafts(person)  # the first sign-in, be it to read only, is an entry
    quiet = trail_of_an_evening(client, cast, published, with_bids=False)
    assert "create person" in quiet[0]
    assert trail_of_an_evening(client, cast, published, with_bids=True) == quiet


def test_before_the_opening_no_door_leads_to_a_bid(cast, published):
    hand_in(cast.vendor, published, "15000000")
    add_file(cast.vendor, published, "report.pdf")
    for part, person in cast.everybody().items():
        seen = part == "vendor"
        assert queries.bids_visible_to(person).exists() == seen
        assert not queries.attachments_visible_to(person).exists()
        assert not queries.claims_visible_to(person).exists()


def test_a_draft_stays_the_vendors_own_for_ever(client, clock, cast, opened):
    third = User.objects.create(
        username="late",
        name="Late",
        role="vendor",
        vendor=Vendor.objects.create(name="Latecomer"),
        language="en",
    )
    Bid.objects.create(tender=opened, vendor=third.vendor)
    for part in ("officer", "security", "approver", "auditor"):
        assert "Latecomer" not in {str(bid) for bid in queries.bids_visible_to(getattr(cast, part))}
        client.force_login(getattr(cast, part))
        for name in ("opening", "verification"):
            assert "Latecomer" not in client.get(reverse(name, args=[opened.pk])).content.decode()
    # and who handed nothing in knows nothing of the tender any more
    assert not tenders_visible_to(third).filter(pk=opened.pk).exists()


def status_of(client, person, address):
    client.force_login(person)
    response = client.get(address)
    b"".join(response)  # a file is closed when it was read to its end
    return response.status_code


def test_before_the_opening_a_file_opens_to_nobody(client, clock, cast, published):
    save(cast.vendor, published)
    file = add_file(cast.vendor, published, "報告.pdf")
    hand_in(cast.vendor, published, "1")
    for part, person in cast.everybody().items():
        assert status_of(client, person, reverse("attachment", args=[file.pk])) == 404, part


@pytest.fixture
def with_files(cast, published):
    """A bid that holds one file, and held another one in the version before; it is opened."""
    save(cast.vendor, published)
    _held, dropped = (add_file(cast.vendor, published, name) for name in ("報告.pdf", "dropped.pdf"))
    hand_in(cast.vendor, published, "2")
    remove_file(cast.vendor, dropped)
    hand_in(cast.vendor, published, "1")
    published.deadline = NOW
    published.save(update_fields=["deadline"])
    return open_bids(cast.officer, published)


def test_a_file_is_a_download_that_no_browser_runs(client, clock, cast, with_files):
    client.force_login(cast.officer)
    response = client.get(reverse("attachment", args=[Attachment.objects.get().pk]))
    assert b"".join(response.streaming_content) == REPORT
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Security-Policy"].startswith("sandbox")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Disposition"].startswith("attachment;")
    assert response.headers["Cache-Control"] == "no-store"


def test_after_the_opening_the_bank_reads_files_and_vendors_do_not(client, clock, cast, with_files):
    held = Attachment.objects.get()
    assert held.name == "報告.pdf"
    (dropped,) = StagedFile.objects.exclude(pk=held.pk)
    readers = {part for part, row in cast.everybody().items() if row.role in BANK}
    readers -= {"stranger", "business"}  # what security asks, business does not read
    for part, person in cast.everybody().items():
        status = status_of(client, person, reverse("attachment", args=[held.pk]))
        assert status == (200 if part in readers else 404), part
        assert status_of(client, person, reverse("attachment", args=[dropped.pk])) == 404
