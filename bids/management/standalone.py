"""`evaluate` without the site: no tables, no apps, no settings but the language."""

from pathlib import Path

from django.apps import apps
from django.conf import settings

WING = Path(__file__).resolve().parents[1]


def evaluate(argv: list[str]) -> None:
    """Run `manage.py evaluate` as `argv` says: starting the site would take longer than a small case."""
    settings.configure(LANGUAGE_CODE="zh-hant", LOCALE_PATHS=[WING / "locale"], TIME_ZONE="Asia/Taipei")
    apps.populate(())
    from bids.management.commands.evaluate import Command  # noqa: PLC0415 - reads the settings when imported

    Command().run_from_argv(argv)
