"""Many vendors hand in around the deadline, each in a process of its own, by the real clock."""

import os
import select
import struct
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from bids.actions.submission import Late
from bids.models import LateBid, Submission
from procurement.models import AuditEntry, Tender, User
from tests.faults import site

CLIENTS = int(os.environ.get("ASSAY_FAULT_CLIENTS", "50"))
#: How long before and after the deadline they send.
AROUND = timedelta(milliseconds=500)


def run() -> dict[str, Any]:
    """No receipt at or after the deadline, no refusal before it; receipts, rows and trail are the same."""
    tender = site.enter_tender("FAULT-DEADLINE")
    clients = site.enter_vendors(CLIENTS, "client")
    for person in clients:
        site.write_bid(person, tender)
    door = Door()
    before = [AROUND * (1 - 2 * number / (CLIENTS - 1)) for number in range(CLIENTS)]
    children = [site.fork(_sending(*who, tender, door)) for who in zip(clients, before, strict=True)]
    deadline = door.open(tender, children)
    said = []
    for child in children:
        code, lines = child.wait()
        assert code == 0, f"a client ended with {code}"
        said += lines
    return _compared(tender, deadline, said)


class Door:
    """Where all wait until everybody is there; then they hear when the deadline is."""

    def __init__(self) -> None:
        self.there, self.comes = os.pipe()
        self.hears, self.says = os.pipe()

    def wait(self) -> datetime:
        os.write(self.comes, b".")
        (stamp,) = struct.unpack("d", os.read(self.hears, 8))
        return datetime.fromtimestamp(stamp, UTC)

    def open(self, tender: Tender, children: Sequence[site.Child]) -> datetime:
        """Let everybody in once all are there. Raises `AssertionError` where one of them ended before."""
        waiting = CLIENTS
        while waiting:
            if select.select([self.there], [], [], 1)[0]:
                waiting -= len(os.read(self.there, waiting))
            elif ended := sum(child.ended for child in children):
                for child in children:
                    child.kill()
                raise AssertionError(f"{ended} clients ended before the door opened")
        deadline = timezone.now() + 2 * AROUND + timedelta(seconds=1)
        Tender.objects.filter(pk=tender.pk).update(deadline=deadline)
        os.write(self.says, struct.pack("d", deadline.timestamp()) * CLIENTS)
        return deadline


def _sending(person: User, before: timedelta, tender: Tender, door: Door) -> Any:
    def work(report: site.Report) -> None:
        send = site.ready(person, tender)
        at = door.wait() - before
        time.sleep(max(0.0, (at - timezone.now()).total_seconds()))
        try:
            row = send()
        except Late as late:
            report(kind="late", at=late.row.at.isoformat())
        else:
            report(kind="receipt", at=row.at.isoformat(), **site.acknowledgement(row))

    return work


def _compared(tender: Tender, deadline: datetime, said: list[Any]) -> dict[str, Any]:
    receipts = [line for line in said if line["kind"] == "receipt"]
    late = [line for line in said if line["kind"] == "late"]
    assert len(receipts) + len(late) == CLIENTS, "somebody got no answer"
    assert all(datetime.fromisoformat(line["at"]) < deadline for line in receipts), (
        "a receipt after the deadline"
    )
    assert all(datetime.fromisoformat(line["at"]) >= deadline for line in late), (
        "a refusal before the deadline"
    )
    rows = Submission.objects.filter(bid__tender=tender)
    assert {row.commitment for row in rows} == {line["commitment"] for line in receipts}
    trail = AuditEntry.objects.filter(tender=tender.pk)
    assert rows.count() == trail.filter(action="submit bid").count() == len(receipts)
    refused = trail.filter(action="refuse late bid").count()
    assert LateBid.objects.filter(tender=tender).count() == refused == len(late)
    promises = site.Promises(acknowledged=receipts)
    promises.check()
    return {"clients": CLIENTS, "receipts": len(receipts), "late": len(late)}
