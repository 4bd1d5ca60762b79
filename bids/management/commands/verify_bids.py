"""`manage.py verify_bids`: is what is stored of sealed bids what was signed and recorded?"""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from bids.actions.concordance import disagreements
from bids.models import Package
from procurement.models import Tender


class Command(BaseCommand):
    """Says where rows differ from receipts, records and trail. Exit status 0: nowhere; 2: it says where."""

    help = "Hold the rows of sealed bids against receipts, closing records, packages and the audit trail."
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which tenders; all that were published unless told."""
        parser.add_argument("references", nargs="*", metavar="REFERENCE")

    def handle(self, *, references: list[str], **_options: object) -> None:
        """Look at each tender. Raises `SystemExit`."""
        tenders = Tender.objects.filter(pk__in=Package.objects.values("tender"))
        if references:
            tenders = tenders.filter(reference__in=references)
        found = {tender.reference: disagreements(tender) for tender in tenders}
        for reference, sentences in found.items():
            for sentence in sentences:
                self.stderr.write(f"{reference}: {sentence}")
        if any(found.values()):
            raise SystemExit(2)
        self.stdout.write(f"Tenders looked at: {len(found)}. What is stored is what was signed and recorded.")
