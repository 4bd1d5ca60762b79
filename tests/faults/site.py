"""The site that faults are done to: who is there, processes that may die, and what has to hold afterwards.

Whatever happens to it happens in processes forked from the one that prepared it, which holds no connection
while it forks. Needs Django to be set up.
"""

import hashlib
import json
import os
import signal
import sys
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, connections
from django.utils import timezone

from bids import queries
from bids.actions import submission
from bids.models import Bid, LateBid, OfficerKey, SealedManifest, StagedFile, Submission
from bids.queries.drafts import draft_of
from procurement.audit.chain import verify_chain
from procurement.audit.checkpoints import signing_key
from procurement.models import AuditEntry, Tender, Unit, User, Vendor
from procurement.signing import verify
from tests import cast
from tests.bids.vendors import save
from tests.cast import PASSWORD, opened_drafts

Report = Callable[..., None]


# --- processes ----------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Child:
    """A forked process, and the end of the pipe on which it says what it was promised."""

    pid: int
    pipe: int

    @property
    def ended(self) -> bool:
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> tuple[int, list[Any]]:
        """How it ended (negative: by a signal), and what it said; a line that was cut off was not said."""
        with os.fdopen(self.pipe) as pipe:
            lines = pipe.read().split("\n")[:-1]
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1]), [json.loads(line) for line in lines]


def let_go() -> None:
    """Close every connection: what is forked must not share one."""
    connections.close_all()


def fork(work: Callable[[Report], None]) -> Child:
    """Do the work in a process of its own; it gets a function that reports to this one."""
    let_go()
    read, write = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        os.close(write)
        return Child(pid, read)
    os.close(read)
    code = 1
    try:
        work(lambda **said: os.write(write, f"{json.dumps(said)}\n".encode()))
        let_go()
        code = 0
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        sys.stderr.flush()
        os._exit(code)


def apart(work: Callable[[Report], None]) -> list[Any]:
    """Do the work in a process of its own and wait for it; what it reported."""
    code, said = fork(work).wait()
    assert code == 0, f"a process ended with {code}"
    return said


# --- who is there -------------------------------------------------------------------------------------------
def enter_people() -> None:
    """The cast of all tests."""
    cast.enter_cast(cast.enter_units())


def everybody() -> cast.Cast:
    return cast.Cast(**{name: User.objects.get(username=name) for name in cast.Cast.__annotations__})


def enter_tender(reference: str) -> Tender:
    """A tender that is open for bids until tomorrow, by the real clock; its officers have new keys."""
    now = timezone.now()
    OfficerKey.objects.update(retired_at=now)
    tender = cast.enter_draft(everybody(), {unit.code: unit for unit in Unit.objects.all()})
    tender.reference, tender.deadline = reference, now + timedelta(days=1)
    tender.save()
    return cast.publish(tender, at=now)


def enter_vendors(count: int, prefix: str) -> list[User]:
    """So many vendors with a person each."""
    made = []
    for number in range(count):
        name = f"{prefix}{number:02}"
        person = User(username=name, name=name, role="vendor", vendor=Vendor.objects.create(name=name))
        person.language, person.email = "en", f"{name}@vendor.example"
        person.set_password(PASSWORD)
        person.save()
        made.append(person)
    return made


def write_bid(person: User, tender: Tender, price: str = "15000000") -> Bid:
    """Save a draft that can be handed in."""
    return save(person, tender, price=price, at=timezone.now())


def hand_in(person: User, tender: Tender, price: str = "15000000", key: UUID | None = None) -> Submission:
    """Hand the draft in, by the real clock."""
    return ready(person, tender, price, key)()


def ready(
    person: User, tender: Tender, price: str = "15000000", key: UUID | None = None
) -> Callable[[], Submission]:
    """Hands the draft in when it is called; the draft is opened and sealed before that, as its page does."""
    opened, asked = opened_drafts(person), Decimal(price)
    bid = Bid.objects.get(tender=tender, vendor=person.vendor)
    requirements = list(tender.requirements.order_by("position"))
    return partial(
        submission.submit_bid,
        actor=person,
        tender=tender,
        opened=opened,
        price=asked,
        seen=bid.version,
        key=key or uuid4(),
        ahead=submission.seal_ahead(bid, draft_of(bid, opened), requirements, asked),
    )


# --- what has to hold ---------------------------------------------------------------------------------------
@dataclass
class Promises:
    """What holds whatever happened: asked of everything that is stored, and of what was acknowledged."""

    acknowledged: list[dict[str, Any]] = field(default_factory=list)
    #: What was read already, and is never written again: digests of files by name, of manifests by key; and
    #: receipts whose signature was found right, by their text.
    _read: dict[str, str] = field(default_factory=dict)
    _manifests: dict[int, str] = field(default_factory=dict)
    _receipts: dict[str, Any] = field(default_factory=dict)

    def check(self) -> None:
        """Raise `AssertionError` where something does not hold."""
        state = verify_chain()
        assert state.intact, f"the trail is {state.why} at {state.broken_at}"
        self._check_database()
        self._check_versions()
        self._check_files()
        for said in self.acknowledged:
            row = Submission.objects.filter(bid=said["bid"], number=said["number"]).first()
            assert row is not None, f"lost: {said}"
            assert (row.commitment, row.receipt) == (said["commitment"], said["receipt"]), f"other: {said}"

    @staticmethod
    def _check_database() -> None:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA integrity_check")
                assert cursor.fetchall() == [("ok",)], "the file is damaged"
                cursor.execute("PRAGMA foreign_key_check")
                assert cursor.fetchall() == [], "rows refer to nothing"
            else:
                cursor.execute("SELECT count(*) FROM pg_index WHERE NOT indisvalid")
                assert cursor.fetchone() == (0,), "an index is not valid"

    def _check_versions(self) -> None:
        """Versions, receipts and entries of the trail are the same; no bid is half there."""
        entries = Counter()
        for entry in AuditEntry.objects.filter(action__in=("submit bid", "withdraw bid")):
            said = json.loads(entry.payload)
            entries[(entry.object, said["version"], said["commitment"])] += 1
        rows, numbers, files = Counter(), defaultdict(list), defaultdict(set)
        manifests = self._check_manifests()
        for bid, digest in StagedFile.objects.values_list("bid", "digest"):
            files[bid].add(digest)
        for row in Submission.objects.order_by("bid", "number"):
            rows[(str(row.bid_id), row.number, row.commitment)] += 1
            numbers[row.bid_id].append(row.number)
            receipt = self._receipt(row.receipt)
            assert receipt["commitment"] == row.commitment, f"{row.pk} has another's receipt"
            own = manifests.get(row.pk, set())
            assert len(own) == (2 if row.kind == "bid" else 0), f"half a bid: {row.pk}"
            listed = {part.digest for part in queries.committed_parts(row)}
            assert own <= listed, f"the receipt of {row.pk} lists other manifests"
            assert listed - own <= files[row.bid_id], f"files of {row.pk} are missing"
        assert rows == entries, f"rows and trail differ: {rows - entries} {entries - rows}"
        assert all(found == list(range(1, len(found) + 1)) for found in numbers.values()), (
            "versions are missing"
        )
        late = LateBid.objects.count(), AuditEntry.objects.filter(action="refuse late bid").count()
        assert late[0] == late[1], f"late bids and trail differ: {late}"

    def _receipt(self, text: str) -> dict[str, Any]:
        """What a receipt says, which the site has signed."""
        if text not in self._receipts:
            receipt = verify.read_document(text)
            verify.check_document(receipt, trusted={signing_key().public})
            self._receipts[text] = receipt
        return self._receipts[text]

    def _check_manifests(self) -> dict[int, set[str]]:
        """The digests of the manifests of each version, every one of them held against what is stored."""
        found: dict[int, set[str]] = {}
        for key, version, digest in SealedManifest.objects.values_list("pk", "submission_id", "digest"):
            if key not in self._manifests:
                sealed = bytes(SealedManifest.objects.values_list("sealed", flat=True).get(pk=key))
                self._manifests[key] = hashlib.sha256(sealed).hexdigest()
            assert self._manifests[key] == digest, f"a manifest of {version} is damaged"
            found.setdefault(version, set()).add(digest)
        return found

    def _check_files(self) -> None:
        """Every staged file lies there as it was sealed."""
        for row in StagedFile.objects.all():
            if row.sealed.name not in self._read:
                with row.sealed.open("rb") as content:
                    self._read[row.sealed.name] = hashlib.sha256(content.read()).hexdigest()
            assert self._read[row.sealed.name] == row.digest, f"the file of {row.pk} is damaged"


def acknowledgement(row: Submission) -> dict[str, Any]:
    """What a vendor has in its hand."""
    return {
        "bid": str(row.bid_id),
        "number": row.number,
        "commitment": row.commitment,
        "receipt": row.receipt,
    }
