"""Four writers at a time, killed at random moments, round by round."""

import os
import random
import time
from itertools import count
from typing import Any
from uuid import uuid4

from django.utils import timezone

from bids.actions import submission
from bids.models import Bid
from bids.queries import staged_files
from bids.sealing import drafts, padding
from procurement.models import Tender, User
from tests.bids.vendors import add_file, remove_file
from tests.faults import site

ROUNDS = int(os.environ.get("ASSAY_FAULT_ROUNDS", "25"))
WRITERS = 4
#: So many files a writer keeps: whoever is killed early begins with one more each time, and a bid holds 100.
FILES = 20
#: How many bids a round should see handed in: rounds last longer where there are fewer.
WANTED = range(3, 9)
#: Bytes of a step of padding, in place of a megabyte: sixteen pages of the database, whose file is read whole
#: after each round.
STEP = 2**16


def run() -> dict[str, Any]:
    """No acknowledged bid is lost, none is half there, and what a vendor wrote opens again."""
    for function in (padding.pad, padding.unpad):
        function.__defaults__ = (STEP,)
    drafts.STEP = STEP
    tender = site.enter_tender("FAULT-KILL")
    writers = site.enter_vendors(WRITERS, "writer")
    for person in writers:
        site.write_bid(person, tender)
    longest = 2.0
    dice, promises, deaths = random.Random(20261123), site.Promises(), 0
    for _round in range(ROUNDS):
        children = [site.fork(_writing(person, tender)) for person in writers]
        begun = time.monotonic()
        for moment, child in zip(
            sorted(dice.uniform(0.02, longest) for _ in children), children, strict=True
        ):
            time.sleep(max(0.0, begun + moment - time.monotonic()))
            child.kill()
        heard = 0
        for child in children:
            code, said = child.wait()
            assert code == -9, f"a writer ended by itself with {code}"
            promises.acknowledged += said
            deaths += 1
            heard += len(said)
        longest *= 0.7 if heard >= WANTED.stop else 1.6 if heard < WANTED.start else 1
        promises.check()
        for person in writers:
            site.write_bid(person, tender)  # raises where the draft does not open any more
    assert len(promises.acknowledged) >= ROUNDS // 2, "hardly anything was handed in"
    return {"rounds": ROUNDS, "killed": deaths, "acknowledged": len(promises.acknowledged), "lost": 0}


def _writing(person: User, tender: Tender) -> Any:
    """Stage, hand in, replace and withdraw until the end; every receipt is reported once it is given."""

    def work(report: site.Report) -> None:
        for number in count():
            if number % 3 == 0:
                add_file(person, tender, "r.pdf", content=os.urandom(64), at=timezone.now())
            site.write_bid(person, tender, price=str(number + 1))
            report(**site.acknowledgement(site.hand_in(person, tender, price=str(number + 1))))
            bid = Bid.objects.get(tender=tender, vendor=person.vendor)
            if number % 4 == 3:
                row = submission.withdraw_bid(actor=person, bid=bid, key=uuid4())
                report(**site.acknowledgement(row))
            if number % 5 == 4 or staged_files(bid).count() > FILES:
                _tidy(person, bid)

    return work


def _tidy(person: User, bid: Bid) -> None:
    """Take a file out again."""
    file = staged_files(bid).first()
    if file is not None:
        remove_file(person, file, at=timezone.now())
