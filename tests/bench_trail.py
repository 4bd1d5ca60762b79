"""How long it takes to verify a long trail: `make bench`. ROWS, if given, is how many entries it has."""

import os
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import django

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
    """A database with a trail of so many rows, behind the triggers."""
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection, transaction  # noqa: PLC0415

    from procurement.models import AuditHead, Tender  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    tenders = [Tender.objects.create(reference=f"BENCH-{n}", title="x").pk.hex for n in range(20)]
    marks = ", ".join(["%s"] * 11)
    statement = f"INSERT INTO procurement_auditentry ({COLUMNS}) VALUES ({marks})"  # noqa: S608 - own columns
    last = None
    with transaction.atomic(), connection.cursor() as cursor:
        for last in entries(rows, tenders):
            cursor.execute(statement, last)
    AuditHead.objects.update(seq=rows, hash=last[-1])


def main():
    """Print the best of a few runs, with what it should take at most."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"DATABASE_URL": f"sqlite:///{Path(folder) / 'trail.sqlite3'}", "ASSAY_VAR": folder}
        os.environ["DJANGO_SETTINGS_MODULE"] = "procurement.settings"
        django.setup()
        from procurement.audit import verify_chain  # noqa: PLC0415 - needs the settings

        fill(rows)
        taken = []
        for _ in range(RUNS):
            start = time.perf_counter()
            state = verify_chain()
            taken.append(time.perf_counter() - start)
            if not state.intact or state.checked != rows:
                raise SystemExit(f"the chain does not hold: {state}")
    verdict = "within" if min(taken) <= LIMIT else "OVER"
    print(f"{rows:,} entries of the trail verified: {min(taken):.2f} s, {verdict} {LIMIT} s")


if __name__ == "__main__":
    main()
