"""`manage.py ocds REFERENCE`: a tender as an OCDS release package."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from bids.actions.releases import export_release
from procurement.models import Tender, User
from procurement.rules import Forbidden


class Command(BaseCommand):
    """Writes what may be said of the tender at its stage, and an entry of the trail that it was taken."""

    help = "Write a tender as a release package of the Open Contracting Data Standard."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which tender, in whose name, and where to."""
        parser.add_argument("reference", help="the tender's reference")
        parser.add_argument("--output", type=Path, help="a file; default: stdout")
        parser.add_argument(
            "--by", help="user name of the person who takes it; default: the tender's own officer"
        )

    def handle(self, *, reference: str, output: Path | None, by: str | None, **_options: object) -> None:
        """Find, write, print. Exit status 2 where it is refused."""
        try:
            tender = Tender.objects.select_related("officer").get(reference=reference)
            actor = User.objects.get(username=by) if by else tender.officer
        except Tender.DoesNotExist as error:
            raise CommandError(f"no tender has the reference {reference}", returncode=2) from error
        except User.DoesNotExist as error:
            raise CommandError(f"nobody has the user name {by}", returncode=2) from error
        if actor is None:
            raise CommandError(f"{reference} has no officer: name somebody with --by", returncode=2)
        try:
            text = export_release(actor=actor, tender=tender, now=timezone.now())
            if output:
                output.write_text(text, encoding="utf-8")
        except (Forbidden, OSError) as error:
            raise CommandError(str(error), returncode=2) from error
        self.stdout.write(str(output) if output else text)
