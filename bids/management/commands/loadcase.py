"""`manage.py loadcase CASE.json`: store a case file as a tender."""

import sys
from argparse import ArgumentParser
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from bids.actions.loading import load_case
from bids.evaluation import Refused, read


class Command(BaseCommand):
    """Store one case, all of it or nothing. Exit status 2 when it is refused, every fault on stderr."""

    help = "Store a case file as a tender, to open it in the browser."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One file."""
        parser.add_argument("case", type=Path, help="the case file")

    def handle(self, *, case: Path, **options: object) -> None:
        """Read, check and store."""
        try:
            tender = load_case(read(case.read_bytes()), now=timezone.now())
        except OSError as error:
            raise CommandError(f"{case}: {error.strerror}", returncode=2) from error
        except Refused as refusal:
            for issue in refusal.issues:
                self.stderr.write(f"{issue.path}: {issue.message}")
            sys.exit(2)
        except ValidationError as error:
            raise CommandError("\n".join(error.messages), returncode=2) from error
        self.stdout.write(f"{tender.reference} stored: /tenders/{tender.pk}/decision/")
