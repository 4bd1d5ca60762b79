"""`manage.py loadocds FILE`: a draft out of a release of the Open Contracting Data Standard."""

from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from bids.imports.ocds import Outcome, Said, Wanted, store_release, try_release
from procurement.choices import Role
from procurement.models import User
from procurement.rules import Forbidden


class Command(BaseCommand):
    """Says what was taken, what otherwise, what was left and why. Exit status 2 when it is refused."""

    help = "Store the tender of a release, a release package or a record package as a draft."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, what to take of it, and in whose name."""
        parser.add_argument("file", type=Path, help="the file")
        parser.add_argument("--dry-run", action="store_true", help="store nothing")
        parser.add_argument("--reference", default="", help="the draft's reference; default: the file's")
        parser.add_argument("--ocid", default="", help="the process to take, where the file has several")
        parser.add_argument("--lot", default="", help="the lot to take, where the tender has several")
        parser.add_argument("--by", help="user name of the officer; default: the only officer there is")

    def handle(
        self,
        *,
        file: Path,
        dry_run: bool,
        reference: str,
        ocid: str,
        lot: str,
        by: str | None,
        **_options: object,
    ) -> None:
        """Read, say, and store unless it is a dry run."""
        wanted, now, actor = Wanted(reference, ocid, lot), timezone.now(), _officer(by)
        try:
            data = file.read_bytes()
            outcome = try_release(actor=actor, data=data, wanted=wanted, now=now)
            self._tell(outcome)
            if outcome.faults:
                raise CommandError(_lines(outcome.faults), returncode=2)
            if dry_run:
                return
            tender = store_release(actor=actor, data=data, wanted=wanted, now=now)
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}", returncode=2) from error
        except ValidationError as error:
            raise CommandError("\n".join(error.messages), returncode=2) from error
        except Forbidden as error:
            raise CommandError(str(error), returncode=2) from error
        self.stdout.write(f"{tender.reference} stored: /tenders/{tender.pk}/")

    def _tell(self, outcome: Outcome) -> None:
        draft = outcome.draft
        if draft is not None:
            self.stdout.write(f"{draft.reference}  {draft.title}")
            budget = "–" if draft.budget is None else f"{draft.budget} {draft.currency}"
            self.stdout.write(f"budget {budget}, deadline {draft.deadline or '–'}")
            self.stdout.write(f"{len(draft.criteria)} criteria, {len(draft.requirements)} requirements")
        for title, rows in (("Taken otherwise", outcome.warnings), ("Left", outcome.left)):
            if rows:
                self.stdout.write(f"{title}:\n{_lines(rows)}")


def _lines(rows: Iterable[Said]) -> str:
    return "\n".join(f"  {row.path}: {row.text}" if row.path else f"  {row.text}" for row in rows)


def _officer(username: str | None) -> User:
    """The officer of that name, or the only one. Raises `CommandError`."""
    officers = User.objects.filter(is_active=True)
    officers = officers.filter(username=username) if username else officers.filter(role=Role.OFFICER)
    found = list(officers[:2])
    if len(found) != 1:
        raise CommandError("name the officer with --by", returncode=2)
    return found[0]
