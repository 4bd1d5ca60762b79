"""`manage.py loadstory`: the demo's people and tenders."""

import secrets
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone, translation

from bids.actions.loading import load_case
from bids.evaluation import read
from bids.management import stories
from bids.management.stories import atm, others, people
from procurement.models import User

PUBLISHED = (
    "tw-kitchen-pass-then-lowest",
    "tw-fire-emr-rank-sum",
    "tw-road-price-per-point",
    "usac-sample-matrix",
)


class Command(BaseCommand):
    """Load the story into an empty database and print who can sign in: all of it, or nothing."""

    help = "Load the demo's people and tenders into an empty database and print the logins."

    def handle(self, **options: object) -> None:
        """Enter everybody, tell the story, print the logins."""
        if User.objects.exists():
            raise CommandError("There are people in this database already; the story needs an empty one.")
        password = secrets.token_urlsafe(9)
        now = timezone.now()
        with transaction.atomic(), translation.override("zh-hant"):
            cast = people.enter_people(password)
            atm.tell(cast, now)
            others.tell(cast, now)
            for name in PUBLISHED:
                load_case(read((Path(stories.__file__).parent / f"{name}.json").read_bytes()), now=now)
        self._print(password)

    def _print(self, password: str) -> None:
        self.stdout.write(f"The password of everybody below: {password}\n\n")
        for part in people.PARTS:
            self.stdout.write(
                f"  {part.username:<10} {part.role.value:<14} {part.name} {part.job_title}, {part.home}"
            )
