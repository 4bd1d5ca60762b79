#!/usr/bin/env python
"""Assay from the command line: `python manage.py help` lists what it can do."""

import os
import sys

from django.core.management import execute_from_command_line


def main(argv: list[str]) -> None:
    """Run the command; `evaluate` starts without the site, whose tables and settings it does not need."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "procurement.settings")
    if argv[1:2] == ["evaluate"]:
        from bids.management.standalone import evaluate  # noqa: PLC0415 - only where it is asked for

        evaluate(argv)
    else:
        execute_from_command_line(argv)


if __name__ == "__main__":
    main(sys.argv)
