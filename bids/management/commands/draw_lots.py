"""`manage.py draw_lots SEED REFERENCE VENDOR VENDOR…`: draw published lots again, with no database."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from bids.evaluation.lots import drawn_order, ticket


class Command(BaseCommand):
    """Print the vendors in the order that the seed gives, each with its ticket."""

    help = "Put vendors in the order that a published seed gives: by SHA-256 of seed, reference and vendor."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The seed as published, the tender's reference, and every vendor that shares first place."""
        parser.add_argument("seed", metavar="SEED")
        parser.add_argument("reference", metavar="REFERENCE")
        parser.add_argument("vendors", metavar="VENDOR", nargs="+")

    def handle(self, seed: str, reference: str, vendors: list[str], **options: object) -> None:
        """Draw. Raises `CommandError` for an empty text, one of several lines, or a vendor named twice."""
        try:
            order = drawn_order(seed, reference, vendors)
        except ValueError as fault:
            raise CommandError("Every text is one line, and every vendor is named once.") from fault
        for place, vendor in enumerate(order, start=1):
            self.stdout.write(f"{place}  {ticket(seed, reference, vendor)}  {vendor}")
