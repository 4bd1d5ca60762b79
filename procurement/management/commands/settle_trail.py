"""Take the database as it is for right after a backup had to be restored."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from procurement.audit import standing
from procurement.signing.anchors import file_name
from procurement.signing.keys import UnsafeKey
from procurement.signing.verify import Fault, digest_of


class Command(BaseCommand):
    """Ends the pause of bids that follows a restored backup; the audit trail keeps the reason."""

    help = (
        "Put checkpoints aside that the restored database does not extend, and begin a new series: bids are "
        "taken again within a minute. The reason goes on record."
    )
    #: One of them says that the trail does not extend its checkpoint, which is why this is run.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("reason", help="what was restored and why, what is lost, and who found it right")

    def handle(self, *args: Any, reason: str, **options: Any) -> None:
        try:
            made = standing.settle(reason=reason, now=timezone.now())
        except (UnsafeKey, Fault, OSError) as fault:
            raise CommandError(str(fault), returncode=2) from fault
        self.stdout.write(f"{file_name(made['number'])}  SHA-256 {digest_of(made)}")
