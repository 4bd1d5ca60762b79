"""`manage.py remind`: mail everybody what is due or overdue."""

import sys
from argparse import ArgumentParser

from django.core.management.base import BaseCommand
from django.utils import timezone

from bids.actions.reminders import send_reminders


class Command(BaseCommand):
    """One mail a person, each matter once a day, so that it can run every hour; status 1 when one failed."""

    help = "Mail what is due within two days or overdue, once a day and person."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where the site is reached."""
        parser.add_argument(
            "--address",
            default="",
            help="address of the site without a slash at its end, put before every path",
        )

    def handle(self, *, address: str, **_options: object) -> None:
        """Send, and say what was sent."""
        run = send_reminders(now=timezone.now(), address=address.rstrip("/"))
        self.stdout.write(f"{run.mails} mails, {run.matters} matters")
        for username in run.without_address:
            self.stdout.write(f"no address: {username}")
        for username in run.failed:
            self.stderr.write(f"not sent: {username}")
        if run.failed:
            sys.exit(1)
