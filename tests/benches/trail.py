"""How long `manage.py verify_audit` takes as a whole process on a long trail; ROWS, if given, is how long."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from itertools import islice

import django

from tests.benches import processor_time, said
from tests.benches.surroundings import ROOT

ROWS = 1_000_000
LIMIT = 5.0
RUNS = 3

SAID = ("Lin Mei-hua 林美華 (Information security 資安處)", "member", "save mark")
PAYLOAD = '{"bid":"0d3c8e5a-3b1f-4b7e-9d57-26f6d6ff9c11","comment":"the certificate covers it","mark":"4.5"}'
COLUMNS = "seq, tender_id, at, actor_name, actor_role, action, object, payload, salt, prev_hash, hash"


def entries(rows, tenders):
    """Rows of a chain, each of a tender but for every fifth."""
    from procurement.audit.chain import dashed, moment  # noqa: PLC0415 - needs the apps to be loaded
    from procurement.signing.verify import GENESIS, content_digest, entry_hash, tender_mark  # noqa: PLC0415

    at, previous = datetime(2026, 1, 1, tzinfo=UTC), GENESIS
    for seq in range(1, rows + 1):
        at += timedelta(seconds=1.000001)
        tender = tenders[seq % len(tenders)] if seq % 5 else None
        said = (*SAID, f"criterion S{seq}", PAYLOAD, os.urandom(16).hex())
        digest = content_digest(dashed(tender), moment(at), *said)
        found = entry_hash(seq, tender_mark(dashed(tender)), digest, previous)
        yield seq, tender, str(at.replace(tzinfo=None)), *said, previous, found
        previous = found


def fill(rows):
    """A trail of so many rows, behind the triggers."""
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection, transaction  # noqa: PLC0415

    from procurement.models import AuditHead, Tender  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    tenders = [Tender.objects.create(reference=f"BENCH-{n}", title="x").pk.hex for n in range(20)]
    made = iter(entries(rows, tenders))
    last = None
    with transaction.atomic(), connection.cursor() as cursor:
        while page := list(islice(made, 5000)):
            add(cursor, page)
            last = page[-1]
    AuditHead.objects.update(seq=rows, hash=last[-1])


def add(cursor, page):
    """Rows in the quickest way of each database."""
    from django.db import connection  # noqa: PLC0415

    if connection.vendor == "postgresql":
        with cursor.copy(f"COPY procurement_auditentry ({COLUMNS}) FROM STDIN") as copy:
            for row in page:
                copy.write_row((*row[:2], f"{row[2]}+00", *row[3:]))
    else:
        marks = ", ".join(["%s"] * 11)
        statement = f"INSERT INTO procurement_auditentry ({COLUMNS}) VALUES ({marks})"  # noqa: S608 - own columns
        cursor.executemany(statement, page)


def verify(rows):
    """Seconds that the command takes; it has to find so many entries intact."""
    start = time.perf_counter()
    command = [sys.executable, "manage.py", "verify_audit"]
    found = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    spent = time.perf_counter() - start
    if f"{rows} entries, chain intact" not in found:
        raise SystemExit(f"the chain does not hold: {found}")
    return spent


def main():
    """Print the best of a few runs, with what it should take at most."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    django.setup()
    fill(rows)
    before = processor_time()
    taken = [verify(rows) for _ in range(RUNS)]
    note = f"longest {max(taken):.2f} s, {(processor_time() - before) / RUNS:.2f} s of a core each"
    said(f"{rows:,} entries of the trail verified", min(taken), LIMIT, note=note)


if __name__ == "__main__":
    main()
