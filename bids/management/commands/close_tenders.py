"""`manage.py close_tenders`: sign what was handed in, for every tender whose deadline is over."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from bids.actions.closing import close_when_over
from bids.queries import tenders_to_close
from procurement import clock
from procurement.signing.keys import UnsafeKey


class Command(BaseCommand):
    """A line for each tender that was closed; run every minute it finds nothing most of the time.

    Status 1 when one could not be closed; the next run tries again, and so does naming the bidders.
    """

    help = "Write and mail the signed closing record of every tender whose deadline is over."
    requires_migrations_checks = True

    def handle(self, *args: Any, **options: Any) -> None:
        """Close them, one transaction each."""
        now = clock.read()
        failed = False
        for tender in tenders_to_close(now):
            try:
                record = close_when_over(tender=tender, now=now)
            except UnsafeKey as fault:
                self.stderr.write(f"{tender.reference}: not closed: {fault}")
                failed = True
            else:
                if record is not None:
                    self.stdout.write(f"{tender.reference}: closed, root {record.root}")
        if failed:
            sys.exit(1)
