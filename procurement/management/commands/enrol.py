"""`manage.py enrol USERNAME NAME`: the first administrator, who enters everybody else on the site."""

import getpass
import sys
from argparse import ArgumentParser

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from procurement.actions.people import enrol_administrator


class Command(BaseCommand):
    """Enter an administrator; the password is asked for, or read from standard input without a terminal."""

    help = "Enter the first administrator of a new site."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Who it is."""
        parser.add_argument("username")
        parser.add_argument("name", help="the name as it is signed")
        parser.add_argument("--unit", default="it", help="code of the person's unit; entered if it is new")

    def handle(self, *, username: str, name: str, unit: str, **options: object) -> None:
        """Ask for the password and enter the person."""
        password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        try:
            enrol_administrator(
                username=username, name=name, unit=unit, password=password, now=timezone.now()
            )
        except ValidationError as error:
            raise CommandError("\n".join(error.messages), returncode=2) from error
        self.stdout.write(f"{username} can sign in.")
