"""`manage.py verify_audit`: is the audit trail as it was written, and as it was signed?"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from procurement.audit.checkpoints import verify_trail


class Command(BaseCommand):
    """Recomputes the whole chain. Exit status 0: intact; 2: broken, and where. Nothing is written."""

    help = "Recompute the audit chain from first to last entry, lead it through every checkpoint, and say so."
    requires_migrations_checks = True
    #: Looking through all pages and forms of the site first would take as long as a long chain.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which checkpoints, and whose signatures on them."""
        parser.add_argument("--anchors", type=Path, help="a copy of the anchors, kept out of reach")
        parser.add_argument("--key", action="append", default=[], help="trust this public key only")

    def handle(self, *args: Any, anchors: Path | None, key: list[str], **options: Any) -> None:
        """Walk the chain and say what was found."""
        state, checkpoints = verify_trail(anchors, [text.lower() for text in key])
        if state.broken_at == 0:
            self.stderr.write(state.why)
            raise SystemExit(2)
        if not state.intact:
            self.stderr.write(
                f"chain broken at entry {state.broken_at}: {state.why} "
                f"({state.checked} entries before it hold)"
            )
            raise SystemExit(2)
        self.stdout.write(f"{state.checked} entries, chain intact")
        if checkpoints:
            self.stdout.write(f"{checkpoints} checkpoints, and the chain leads through each")
        else:
            self.stdout.write("no checkpoint to hold it against: whoever rewrote all of it would not be seen")
