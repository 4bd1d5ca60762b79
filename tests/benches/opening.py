"""How long it takes, and how much memory, to open fifty bids of 20 MB each, files inspected and all."""

import resource
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import django

from tests.benches import processor_time, said
from tests.benches.content import MB, bundle

BIDS = 50
SECONDS, MEMORY = 60, 512
DEADLINE = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
#: The bids take turns at so many sets of files.
BUNDLES = 3


def build(bids: int) -> None:
    """Everything up to bids that two officers have unlocked, in a process of its own."""
    django.setup()
    from django.conf import settings  # noqa: PLC0415 - needs Django to be set up, as below
    from django.core.management import call_command  # noqa: PLC0415

    from bids.actions import opening, submission  # noqa: PLC0415
    from bids.choices import Envelope  # noqa: PLC0415
    from procurement.models import User  # noqa: PLC0415
    from tests.benches import bank  # noqa: PLC0415
    from tests.cast import declare_nothing, unlock  # noqa: PLC0415
    from tests.secrets import opened_drafts  # noqa: PLC0415

    settings.SEALING_COST = (8, 1, 1)  # how long keys take to unlock is not what is measured
    call_command("migrate", verbosity=0)
    before = DEADLINE - timedelta(hours=2)
    tender = bank.enter_tender(before, DEADLINE)
    spent = 0.0
    for number in range(bids):
        person, files = bank.enter_vendor(number), bundle(number % BUNDLES)
        opened = opened_drafts(person)
        start = time.perf_counter()
        bid = bank.stage(person, opened, tender, files, before)
        spent += time.perf_counter() - start
        submission.submit_bid(
            actor=person,
            tender=tender,
            opened=opened,
            price=Decimal(bank.PRICE),
            seen=bid.version,
            key=uuid4(),
            clock=lambda: before,
        )
    size = bids * sum(len(content) for _name, content in bundle(0)) / MB
    print(f"{bids} bids of 20 MB sealed and stored: {spent:.2f} s, {size / spent:.0f} MB/s", flush=True)
    officer = User.objects.get(username="officer")
    tender = opening.name_bidders(actor=officer, tender=tender, now=DEADLINE)
    declare_nothing(tender, at=DEADLINE)
    unlock(tender, Envelope.TECHNICAL, at=DEADLINE)


def peak(*, anew: bool = False) -> float:
    """The most memory in MB that this process had, since the start or since this was asked `anew`."""
    if anew:
        Path("/proc/self/clear_refs").write_text("5")
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def measure() -> None:
    """Open what was built, and say how long it took."""
    django.setup()
    from bids.actions import opening  # noqa: PLC0415 - needs Django to be set up, as below
    from bids.choices import BidStatus  # noqa: PLC0415
    from procurement.choices import Stage  # noqa: PLC0415
    from procurement.models import Tender, User  # noqa: PLC0415

    tender, officer = Tender.objects.get(), User.objects.get(username="officer")
    before, start, used = peak(anew=True), time.perf_counter(), time.process_time()
    tender = opening.open_technical(actor=officer, tender=tender, now=DEADLINE)
    spent, more = time.perf_counter() - start, peak() - before
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    cores = time.process_time() - used + processor_time()
    valid = tender.bids.filter(status=BidStatus.VALID).count()
    if tender.stage != Stage.TECHNICAL_OPENED or valid != tender.bids.count():
        raise SystemExit(f"only {valid} bids were opened: {tender.bids.exclude(reason='').first().reason}")
    said(f"{valid} bids of 20 MB opened", spent, SECONDS, note=f"{cores:.2f} s of a core")
    said("memory for that", more + child, MEMORY, "MB", f"{more:.0f} more, and {child:.0f} of a child")


def main() -> None:
    """Build in one process and measure in another, so that each has a memory of its own."""
    if sys.argv[1:] == ["measure"]:
        measure()
        return
    build(int(sys.argv[1]) if len(sys.argv) > 1 else BIDS)
    subprocess.run([sys.executable, "-m", "tests.benches.opening", "measure"], check=True)


if __name__ == "__main__":
    main()
