"""`manage.py loadstory`: the demo's people and tenders."""

import secrets
from datetime import timedelta
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone, translation

from bids.actions.loading import load_case
from bids.evaluation import read
from bids.management.stories import (
    atm,
    catalogued,
    companies,
    earlier,
    exceptions,
    judged,
    others,
    people,
)
from bids.management.stories.secret import Secrets, make_secrets
from procurement.models import Tender, User

PUBLISHED = (
    "tw-kitchen-pass-then-lowest",
    "tw-fire-emr-rank-sum",
    "tw-road-price-per-point",
    "usac-sample-matrix",
)

STORIES = Path(people.__file__).parent


class Command(BaseCommand):
    """Load the story into an empty database and print who can sign in: all of it, or nothing."""

    help = "Load the demo's people and tenders into an empty database and print the logins."
    #: `migrate`, without which there is nothing to load into, has made them.
    requires_system_checks = ()

    def handle(self, **options: object) -> None:
        """Enter everybody, tell the story, print the logins."""
        if User.objects.exists():
            raise CommandError("There are people in this database already; the story needs an empty one.")
        password = secrets.token_urlsafe(9)
        now = timezone.now()
        with transaction.atomic(), translation.override("zh-hant"):
            cast = people.enter_people(password)
            catalogued.tell(cast, now - timedelta(days=120))
            companies.tell(cast, password, now)
            earlier.tell(cast, now)
            atm.tell(cast, now)
            secrets_of_all = make_secrets(cast, password, now)
            others.tell(cast, secrets_of_all, now)
            judged.tell(cast, secrets_of_all, now)
            exceptions.tell(cast, now)
            for name in PUBLISHED:
                before = now - timedelta(days=100)
                tender = load_case(read((STORIES / f"{name}.json").read_bytes()), now=before)
                Tender.objects.filter(pk=tender.pk).update(created_at=before)
        self._print(secrets_of_all)

    def _print(self, secret: Secrets) -> None:
        self.stdout.write(f"The password of everybody below: {secret.password}\n\n")
        for part in people.PARTS:
            self.stdout.write(
                f"  {part.username:<10} {part.role.value:<14} {part.name} {part.job_title}, {part.home}"
            )
        self.stdout.write(
            "\nPassphrases of those who open bids, two at a time; ITS-2026-049 waits for two of them:\n\n"
        )
        for username, passphrase in secret.passphrases.items():
            self.stdout.write(f"  {username:<10} {passphrase}")
