"""Take the clock as it is for right after it was put back."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from procurement import clock


class Command(BaseCommand):
    """Ends the pause of bids that follows a clock set back; the audit trail keeps the reason."""

    help = (
        "Take the clock as it is for right: bids are taken again within a minute. The reason goes on record."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("reason", help="why the clock was put back, and who found it right")

    def handle(self, *args: Any, reason: str, **options: Any) -> None:
        clock.settle(reason=reason, now=timezone.now())
        self.stdout.write("The clock is taken for right.")
