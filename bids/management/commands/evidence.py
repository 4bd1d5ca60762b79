"""`manage.py evidence REFERENCE`: a folder that proves what happened, to anybody, without the site."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from bids.actions.evidence import write_evidence
from procurement.models import Tender
from procurement.signing.keys import UnsafeKey
from procurement.signing.verify import Fault


class Command(BaseCommand):
    """Writes the folder and says where. `python verify.py FOLDER` checks it; the verifier lies inside."""

    help = "Write the trail of a tender, its checkpoints, publication, case and result into a folder."
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which tender, and where to."""
        parser.add_argument("reference", help="the tender's reference")
        parser.add_argument(
            "--out", type=Path, help="a folder that is not there yet; default: evidence-REFERENCE"
        )
        parser.add_argument(
            "--despite-open",
            action="store_true",
            help="also while bids on another tender are closed and it would tell how many; the trail says so",
        )

    def handle(self, *, reference: str, out: Path | None, despite_open: bool, **_options: object) -> None:
        """Find the tender and write. Raises `CommandError`."""
        folder = out or Path(f"evidence-{reference}")
        try:
            tender = Tender.objects.get(reference=reference)
            manifest = write_evidence(
                tender=tender, folder=folder, now=timezone.now(), despite_open=despite_open
            )
        except Tender.DoesNotExist as error:
            raise CommandError(f"no tender has the reference {reference}", returncode=2) from error
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages), returncode=2) from refusal
        except (UnsafeKey, Fault, OSError) as fault:
            raise CommandError(str(fault), returncode=2) from fault
        self.stdout.write(f"{folder}: {len(manifest['files']) + 1} files, signed by key {manifest['key']}")
