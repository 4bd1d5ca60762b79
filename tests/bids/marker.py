"""Members in processes of their own, on one database that they share.

    members SEATS LEAVES    every member gives one mark on every criterion, all of them at once
    windows LEAVES SAVES    two processes save so many times a criterion on one and the same seat

Prepares a tender, forks the processes, and prints one JSON document: what each was told had been saved, and
what is stored. Run it in a process that has no connection yet.
"""

import json
import multiprocessing
import sys
import time
from decimal import Decimal

from django.core.management import call_command
from django.db import close_old_connections, connections
from django.utils import timezone

from bids.actions.scoring import save_mark
from bids.models import Bid, Mark
from bids.queries import marking
from procurement.actions.locking import Stale
from procurement.audit import verify_chain
from procurement.choices import Kind, PriceFormula, Role, Stage
from procurement.models import AuditEntry, Criterion, Seat, Tender, Unit, User, Vendor

TOP = 5


def prepare(seats, leaves):
    call_command("migrate", verbosity=0)
    units = [
        Unit.objects.create(code=code, name_zh=code, name_en=code, kind=code)
        for code in ("security", "it", "business")
    ]
    tender = Tender.objects.create(
        reference="ITS-2026-901",
        title="Many markers",
        stage=Stage.TECHNICAL_OPENED,
        published_at=timezone.now(),
        published_text="{}",
        fingerprint="0" * 64,
        price_formula=PriceFormula.NONE,
        comment_at_ends=False,
    )
    Criterion.objects.bulk_create(
        Criterion(
            tender=tender,
            position=number,
            code=f"Q{number}",
            title=f"Criterion {number}",
            kind=Kind.QUALITY,
            weight="1",
            maximum=str(TOP),
        )
        for number in range(leaves)
    )
    vendor = Vendor.objects.create(name="Bedrock Security")
    Bid.objects.create(tender=tender, vendor=vendor, opened_at=timezone.now())
    keys = []
    for number in range(seats):
        unit = units[number % len(units)]
        user = User.objects.create(
            username=f"m{number}", name=f"Member {number}", role=Role.MEMBER, unit=unit
        )
        seat = Seat.objects.create(
            tender=tender, position=number, code=user.username, unit=unit, user=user, name=user.name
        )
        keys.append(seat.pk)
    return keys


def _at_work(key, start):
    """The seat, and its cells in an order of its own, once everybody is ready."""
    seat = Seat.objects.select_related("user", "unit", "tender").get(pk=key)
    cells = list(marking(seat.tender).cells_of(seat, price=False))
    turn = key % len(cells)
    start.wait()
    return seat, cells[turn:] + cells[:turn]


def _save(seat, leaf, bid, mark, seen):
    """Save as a request does: a fresh moment, and the seconds that it took."""
    started = time.perf_counter()
    row = save_mark(
        actor=seat.user,
        seat=seat,
        bid=bid,
        criterion=leaf.row,
        mark=Decimal(mark),
        comment="",
        seen=seen,
        now=timezone.now(),
    )
    seconds = time.perf_counter() - started
    close_old_connections()
    return row.version, seconds


def mark(start, key):
    seat, cells = _at_work(key, start)
    saved = []
    for number, (leaf, bid) in enumerate(cells):
        given = (key + number) % (TOP + 1)
        version, seconds = _save(seat, leaf, bid, given, 0)
        saved.append([seat.pk, leaf.row.code, given, version, seconds])
    return {"saved": saved}


def fight(start, key, saves):
    """Save with the version last seen; where somebody else was first, load it and save again."""
    seat, cells = _at_work(key, start)
    saved, refused = [], 0
    for leaf, bid in cells:
        seen, left = 0, saves
        while left:
            given = (leaf.row.position + left) % (TOP + 1)
            try:
                seen, seconds = _save(seat, leaf, bid, given, seen)
            except Stale:
                refused += 1
                seen = Mark.objects.get(seat=seat, bid=bid, criterion=leaf.row).version
                continue
            left -= 1
            saved.append([seat.pk, leaf.row.code, given, seen, seconds])
    return {"saved": saved, "refused": refused}


def tell():
    """Every mark, every entry about one, and whether the chain holds."""

    marks = Mark.objects.select_related("criterion").order_by("pk")
    entries = AuditEntry.objects.filter(action="save mark").order_by("seq")
    return {
        "marks": [[row.seat_id, row.criterion.code, int(row.mark), row.version] for row in marks],
        "trail": [
            [entry.actor_name, payload["criterion"], int(payload["mark"])]
            for entry in entries
            for payload in [json.loads(entry.payload)]
        ],
        "intact": verify_chain().intact,
        "entries": AuditEntry.objects.count(),
    }


def _together(work, tasks):
    """Do the work in a process for each task, all at the same moment; what each says."""
    connections.close_all()
    forked = multiprocessing.get_context("fork")
    start = forked.Barrier(len(tasks))
    crew = []
    for task in tasks:
        here, there = forked.Pipe(duplex=False)
        process = forked.Process(target=_send, args=(there, work, start, *task))
        process.start()
        there.close()
        crew.append((process, here))
    said = [here.recv() for _process, here in crew]
    for process, _here in crew:
        process.join()
    return said


def _send(there, work, start, *task):
    there.send(work(start, *task))


def main(task, *numbers):
    first, second = map(int, numbers)
    if task == "members":
        seats = prepare(first, second)
        said = _together(mark, [(key,) for key in seats])
    else:
        seats = prepare(1, first)
        said = _together(fight, [(seats[0], second)] * 2)
    sys.stdout.write(json.dumps({"seats": seats, "said": said, "stored": tell()}))
