"""`manage.py make_signing_key`: the key that signs receipts and checkpoints."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from procurement.audit.checkpoints import signing_key
from procurement.signing.keys import UnsafeKey, make_key_file


class Command(BaseCommand):
    """Writes a new key where ASSAY_SIGNING_KEY says, never over another, and prints its public half."""

    help = "Make the site's signing key, and print the public key that is to be published."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it. Raises `CommandError` where there is one, or where it does not lie safely."""
        try:
            make_key_file(settings.SIGNING_KEY)
            self.stdout.write(signing_key().public)
        except (UnsafeKey, OSError) as fault:
            raise CommandError(str(fault)) from fault
