"""`manage.py verify_receipt FILE`: the verifier that anybody can run, with the site's own keys."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from procurement.audit.checkpoints import trusted_keys
from procurement.signing import verify
from procurement.signing.keys import UnsafeKey


class Command(BaseCommand):
    """Checks a receipt, another signed document or an evidence folder. Exit status as `verify.py` has it."""

    help = "Check a receipt, a refusal, a checkpoint, a closing record, a proof or an evidence folder."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to check, and whose signature counts."""
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--key", action="append", default=[], help="trust this key, not the site's own")

    def handle(self, *args: Any, file: Path, key: list[str], **options: Any) -> None:
        """Check it, and end as `verify.py` would."""
        keys = key
        if not keys:
            try:
                keys = sorted(trusted_keys())
            except UnsafeKey as fault:
                self.stderr.write(str(fault))
        status = verify.main([str(file), *(text for one in keys for text in ("--key", one))])
        if status:
            raise SystemExit(status)
