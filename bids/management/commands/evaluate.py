"""`manage.py evaluate CASE...`: evaluate case files with no database."""

import json
from argparse import ArgumentParser, ArgumentTypeError
from decimal import Decimal, InvalidOperation
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, OutputWrapper
from django.utils.translation import gettext as _

from bids.evaluation import Case, Issue, Refused, Result, evaluate, read, refused_document
from bids.evaluation.issues import ERROR, error, gettext_noop, printable
from bids.evaluation.json_text import LONGEST_FILE
from bids.management.tables import result_lines

FORMATS = ("table", "json", "jsonl")
REFUSED_STATUS = 2
MOST_WEIGHTINGS = 1_000_000


def weightings(text: str) -> int:
    """How many random weightings: 1…1,000,000."""
    if not (text.isascii() and text.isdigit() and len(text) < 9 and 1 <= int(text) <= MOST_WEIGHTINGS):
        raise ArgumentTypeError(f"a whole number from 1 to {MOST_WEIGHTINGS} is expected")
    return int(text)


def seed(text: str) -> int:
    """The seed of the random numbers: 0…2³²−1."""
    if not (text.isascii() and text.isdigit() and len(text) < 11 and int(text) < 2**32):
        raise ArgumentTypeError("a whole number from 0 to 4294967295 is expected")
    return int(text)


def share(text: str) -> float:
    """By which share of itself a weight may vary: more than 0, at most 1."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal(0)
    if not (value.is_finite() and 0 < value <= 1):
        raise ArgumentTypeError("a number above 0 and up to 1 is expected")
    return float(value)


class Command(BaseCommand):
    """Reads case files, evaluates each, and writes a table, result files or a workbook.

    Ends with 0 where every case was evaluated, with 2 where one was refused or an option makes no sense.
    """

    help = "Evaluate case files: ranking, exclusions, and what price alone would have bought."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The files, and what to do with them."""
        parser.add_argument("cases", nargs="+", metavar="CASE", type=Path, help="a case file (JSON)")
        parser.add_argument(
            "--format", choices=FORMATS, default="table", help="table, one result file, or one a line"
        )
        parser.add_argument("--xlsx", type=Path, metavar="OUT", help="write the ranking workbook of one case")
        parser.add_argument("--robustness", type=weightings, metavar="N", help="add N random weightings")
        parser.add_argument("--seed", type=seed, default=0, metavar="S", help="seed of the random weightings")
        parser.add_argument(
            "--within", type=share, metavar="SHARE", help="vary weights by up to this share only"
        )

    def handle(
        self,
        *,
        cases: list[Path],
        format: str,  # noqa: A002 - the option's name
        xlsx: Path | None,
        robustness: int | None,
        seed: int,
        within: float | None,
        **_options: object,
    ) -> None:
        """Evaluate every file in order; a refused one does not stop the rest."""
        if len(cases) > 1 and (format == "json" or xlsx):
            raise CommandError(
                _("Several cases go with a table or with --format jsonl."), returncode=REFUSED_STATUS
            )
        if within is not None and robustness is None:
            raise CommandError(_("--within belongs to --robustness."), returncode=REFUSED_STATUS)
        write_any_text(self.stdout, self.stderr, utf8=format != "table")
        refused = False
        for path in cases:
            prefix = f"{printable(str(path))}: " if len(cases) > 1 else ""
            try:
                case = read(contents(path))
            except Refused as refusal:
                refused = True
                self.complain(refusal.issues, prefix, printable(str(path)))
                if format != "table":
                    self.write_document(refused_document(refusal.issues), format)
                continue
            result = evaluate(case)
            advice = advise(case, robustness, seed, within) if robustness else None
            if format == "table":
                heading = [printable(str(path))] if len(cases) > 1 else []
                self.stdout.write("\n".join([*heading, *result_lines(case, result, advice)]))
            else:
                self.write_document(result.to_document() | ({"robustness": advice} if advice else {}), format)
            if xlsx:
                write_workbook(xlsx, case, result)
        if refused:
            raise SystemExit(REFUSED_STATUS)

    def complain(self, issues: tuple[Issue, ...], prefix: str, name: str) -> None:
        """Every fault on a line of its own; one of the file itself goes by the file's name."""
        for issue in issues:
            if issue.level == ERROR:
                path = prefix + issue.path if issue.path else name
                self.stderr.write(f"{path}: {_(issue.template).format(**issue.params)}")

    def write_document(self, document: dict[str, Any], format: str) -> None:  # noqa: A002 - the option's name
        """A result file, alone or as one line."""
        self.stdout.write(json.dumps(document, ensure_ascii=False, indent=None if format == "jsonl" else 1))


def contents(path: Path) -> bytes:
    """The file, or as much of it as shows that it is too long. Raises `Refused` where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(LONGEST_FILE + 1)
    except OSError as fault:
        template = gettext_noop("The file cannot be read: {problem}.")
        raise Refused([error("not_json", "", template, problem=printable(fault.strerror or ""))]) from None


def advise(case: Case, count: int, seed: int, within: float | None) -> dict[str, Any]:
    """How firm the result is; numpy is imported for it only here."""
    from bids.evaluation.robustness import robustness  # noqa: PLC0415 - start-up without numpy

    return robustness(case, count=count, seed=seed, within=within).to_document()


def write_workbook(path: Path, case: Case, result: Result) -> None:
    """Write the ranking workbook. Raises `CommandError` where it cannot be written."""
    from bids.exports import WorkbookTooLarge, workbook  # noqa: PLC0415 - start-up without these libraries

    try:
        path.write_bytes(workbook(case, result, language="zh-hant"))
    except WorkbookTooLarge:
        text = _("This case is too large for a workbook; its case file holds all of it.")
        raise CommandError(text, returncode=REFUSED_STATUS) from None
    except OSError as fault:
        problem = {"path": printable(str(path)), "problem": fault.strerror}
        raise CommandError(
            _("%(path)s cannot be written: %(problem)s.") % problem, returncode=REFUSED_STATUS
        ) from None


def write_any_text(*streams: OutputWrapper, utf8: bool) -> None:
    """Let a terminal that lacks a character show its escape; result files are UTF-8 everywhere."""
    for stream in streams:
        inner = getattr(stream, "_out", None)
        if isinstance(inner, TextIOWrapper):
            inner.reconfigure(encoding="utf-8" if utf8 else None, errors="backslashreplace")
