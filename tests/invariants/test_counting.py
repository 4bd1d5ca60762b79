"""Nobody counts bids before the opening: with none, one and seven of them all reads the same, to the byte.

Every address of the site is asked by everybody but those who bid: pages, headers, exports, and the mail that
goes out. What differs from one request to the next by itself is left out: tokens against forged requests,
nonces, and the random root of a closing record.
"""

import io
import re
import shutil
import zipfile
from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.db import transaction
from django.test import Client

from bids.actions import closing, submission
from bids.actions.reminders import send_reminders
from bids.models import Bid
from procurement.models import User, Vendor
from tests.bids.pages import addresses
from tests.bids.vendors import add_file, save, submit, withdraw
from tests.cast import NOW, opened_drafts

#: The trail grows with every bid, and hides it; `tests/bids/test_secrecy.py` looks at its page.
LEFT_OUT = frozenset({"trail", "sign-out"})
#: Those who look, and when: while bids come in, after the deadline, and once the bidding is closed on record.
LOOKS = [
    ("officer", "open"),
    ("officer", "closed"),
    ("auditor", "open"),
    ("auditor", "recorded"),
    ("administrator", "recorded"),
    ("security", "recorded"),
    ("business", "open"),
    ("approver", "recorded"),
    ("onlooker", "open"),
    ("onlooker", "recorded"),
    ("stranger", "closed"),
]

#: What differs from one request to the next, whatever anybody did.
RANDOM = (
    (re.compile(r'(csrfmiddlewaretoken" value|"X-CSRFToken":) ?=?"[^"]+"'), ""),
    (re.compile(r"nonce-?=?[\"']?[A-Za-z0-9+/_=-]+"), ""),
    (re.compile(r"(csrftoken|sessionid)=[^;]+"), ""),
    (re.compile(r"^Expires: .+ GMT$"), ""),  # this very second
    # The root of a closing record is of random leaves, too, and its signature with it.
    (re.compile(r"[0-9a-f]{64,128}|(?:[0-9a-f]{4} ){15}[0-9a-f]{4}"), ""),
)


@pytest.fixture
def bidders(db):
    """People of seven vendors, each of whom has signed in before."""
    people = [
        User.objects.create(
            username=f"bidder{number}",
            name=f"Bidder {number}",
            role="vendor",
            vendor=Vendor.objects.create(name=f"Vendor {number}"),
            email=f"bidder{number}@example.com",
            language="en",
        )
        for number in range(7)
    ]
    for person in people:
        opened_drafts(person)
    return people


@pytest.fixture
def people(cast):
    """The cast, and somebody of a vendor that does not bid."""
    vendor = Vendor.objects.create(name="Onlookers")
    onlooker = User.objects.create(
        username="onlooker", name="Onlooker", role="vendor", vendor=vendor, language="en"
    )
    opened_drafts(onlooker)
    User.objects.filter(username__in=["officer", "auditor", "onlooker"]).update(email="bank@example.com")
    return cast.everybody() | {"onlooker": onlooker}


def work(person, tender, number):
    """A draft alone, a bid, one that was replaced, one that was withdrawn, and one that was late besides."""
    save(person, tender, price="7")
    if number == 1:
        return
    add_file(person, tender)
    submit(person, tender, price="7")
    if number in (2, 6):
        save(person, tender, price="8")
        submit(person, tender, price="8")
    if number in (3, 5):
        withdraw(person, Bid.objects.get(tender=tender, vendor=person.vendor))
    if number == 6:
        with pytest.raises(submission.Late):
            submit(person, tender, price="8", at=tender.deadline)


def told(response):
    """Status, headers and content, an office file by its parts."""
    data = b"".join(response.streaming_content) if response.streaming else response.content
    headers = sorted(f"{name}: {value}" for name, value in response.headers.items())
    cookies = sorted(response.cookies)
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        parts.pop("docProps/core.xml", None)  # the moment at which it was written
        headers = [line for line in headers if not line.startswith("Content-Length")]
        return response.status_code, headers, cookies, parts
    return plain((response.status_code, headers, cookies, data.decode(errors="surrogateescape")))


def plain(value):
    """Without what is random."""
    if isinstance(value, str):
        for pattern, other in RANDOM:
            value = pattern.sub(other, value)
        return value
    return type(value)(map(plain, value)) if isinstance(value, tuple | list) else value


def world(person, tender, bidders, *, when, where=None):
    """What the person is told everywhere, in a world with these bidders, of which nothing is left behind."""
    mail.outbox.clear()
    with transaction.atomic():
        for number, bidder in enumerate(bidders):
            work(bidder, tender, number)
        if when == "recorded":
            closing.close_when_over(tender=tender, now=tender.deadline)
        send_reminders(now=NOW)
        found = where or addresses(tender, left_out=LEFT_OUT)
        client = Client()  # whose cookies tell nothing of another world
        client.force_login(person)
        answers = {address: told(client.get(address)) for address in found}
        waiting, transaction.get_connection().run_on_commit = transaction.get_connection().run_on_commit, []
        for _savepoints, call, _robust in waiting:
            call()
        transaction.set_rollback(True)
    shutil.rmtree(settings.ANCHORS, ignore_errors=True)  # checkpoints of a world that never was
    own = {bidder.email for bidder in bidders}
    answers["mail"] = plain(
        sorted(
            str((one.to, one.subject, one.body, one.attachments))
            for one in mail.outbox
            if not own & {*one.to}
        )
    )
    return answers


@pytest.mark.usefixtures("anchored", "short_refusals")
@pytest.mark.parametrize(("part", "when"), LOOKS, ids=lambda value: value)
def test_nobody_counts_bids(  # noqa: PLR0917 - fixtures
    client, clock, people, bidders, published, part, when
):
    person, tender = people[part], published
    clock(NOW if when == "open" else tender.deadline + timedelta(hours=1))
    seven = world(person, tender, bidders, when=when)
    where = [address for address in seven if address != "mail"]
    assert len(where) > 60
    for few in (bidders[:0], bidders[:1]):
        other = world(person, tender, few, when=when, where=where)
        assert [address for address in seven if seven[address] != other[address]] == []


def test_the_comparison_is_not_blind(clock, people, bidders, published):
    """A vendor that bids finds its own bid."""
    where = addresses(published, left_out=LEFT_OUT)
    none = world(bidders[0], published, [], when="open", where=where)
    one = world(bidders[0], published, bidders[:1], when="open", where=where)
    assert none != one
