"""`manage.py make_system_key`: the key under which the system's shares of envelope keys lie."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from bids.actions.custody import system_key
from bids.sealing.refusals import KeyUnavailable
from bids.sealing.wrapping import FileKeyWrapper


class Command(BaseCommand):
    """Writes a new key where ASSAY_SYSTEM_KEY says, never over another, and prints its identifier."""

    help = "Make the site's system key in a file; keep a copy of it apart from copies of the database."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it. Raises `CommandError` where there is one, where none is named, or where it is not safe."""
        if settings.SYSTEM_KEY is None:
            raise CommandError("Name the file in ASSAY_SYSTEM_KEY first.")
        try:
            settings.SYSTEM_KEY.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            FileKeyWrapper.make(settings.SYSTEM_KEY)
            self.stdout.write(system_key().key_id)
        except (KeyUnavailable, OSError) as fault:
            raise CommandError(str(fault)) from fault
