"""`manage.py dumpcase REFERENCE`: the stored tender as a case file."""

import json
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from bids.cases import case_document
from bids.evaluation import Refused, case_file, read_document
from procurement.models import Tender


class Command(BaseCommand):
    """Write the case file of one tender to stdout, with the same fingerprint and result as the stored one."""

    help = "Write a stored tender as a case file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The tender's reference."""
        parser.add_argument("reference", help="the tender's reference")

    def handle(self, *, reference: str, **options: object) -> None:
        """Find, check and print."""
        try:
            tender = Tender.objects.get(reference=reference)
        except Tender.DoesNotExist as error:
            raise CommandError(f"no tender has the reference {reference}", returncode=2) from error
        try:
            case = read_document(case_document(tender, now=timezone.now()))
        except Refused as refusal:
            faults = "\n".join(f"{issue.path}: {issue.message}" for issue in refusal.issues)
            raise CommandError(f"{reference} is no complete case yet:\n{faults}", returncode=2) from refusal
        self.stdout.write(json.dumps(case_file(case), ensure_ascii=False, indent=1))
