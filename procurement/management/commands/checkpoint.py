"""`manage.py checkpoint`: sign how far the trail has come. Run it daily; a change of stage makes its own."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext_noop

from procurement.audit.checkpoints import make_checkpoint
from procurement.signing.anchors import file_name
from procurement.signing.keys import UnsafeKey
from procurement.signing.verify import Fault, digest_of

#: What a checkpoint says it was made for, besides the names of changes of stage.
OCCASIONS = {"daily": gettext_noop("daily"), "demand": gettext_noop("on demand")}


class Command(BaseCommand):
    """Writes the next checkpoint to the anchors and mails its digest."""

    help = "Sign size and head of the audit trail into the folder of anchors, and mail the file's SHA-256."
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What it is made for."""
        parser.add_argument("--daily", action="store_true", help="say that it is the one of the day")

    def handle(self, *args: Any, daily: bool, **options: Any) -> None:
        """Make it. Raises `CommandError` where the trail does not extend the last one, or there is no key."""
        try:
            made = make_checkpoint(OCCASIONS["daily" if daily else "demand"])
        except (UnsafeKey, Fault, OSError) as fault:
            raise CommandError(str(fault), returncode=2) from fault
        self.stdout.write(f"{file_name(made['number'])}  SHA-256 {digest_of(made)}")
