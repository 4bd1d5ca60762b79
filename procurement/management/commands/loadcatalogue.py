"""`manage.py loadcatalogue FILE`: read a catalogue of security requirements, report on it, and store it."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone
from django.utils.translation import gettext as _

from procurement.actions.catalogues import load_catalogue, sentence, stored_files
from procurement.catalogues import LARGEST_FILE, Catalogue, Naming, Report, Unreadable, read_files, report_on
from procurement.catalogues.baseline import LANGUAGES, as_catalogue
from procurement.catalogues.oscal_profile import matches

FORMATS = ("text", "json")
REFUSED_STATUS = 2

#: Endings of files that are looked at in a folder, and beside a profile.
LISTS = {".yaml", ".yml"}
DOCUMENTS = {".json", ".xml", *LISTS}


class Command(BaseCommand):
    """Loads a file, a folder of YAML lists, or the built-in baseline. Exit status 2 where that is refused.

    What is stored already with the same content is left as it is; the same edition with another is refused.
    """

    help = (
        "Read a catalogue (OSCAL, ASVS, CycloneDX, YAML lists, CSV or Excel), count what it holds, store it."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, and what to do with it."""
        parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="a file, or a folder of YAML")
        parser.add_argument("--baseline", action="store_true", help="load the built-in baseline instead")
        parser.add_argument("--dry-run", action="store_true", help="report only; no database is needed")
        parser.add_argument("--format", choices=FORMATS, default="text", help="how to report")
        parser.add_argument(
            "--beside", action="append", type=Path, default=[], help="a catalogue that a profile draws on"
        )
        parser.add_argument("--code", default="", help="the code, in place of the file's")
        parser.add_argument("--edition", default="", help="the version, in place of the file's")
        parser.add_argument("--language", default="", help="the language, in place of the file's")

    def handle(self, *args: Any, file: Path | None, baseline: bool, **options: Any) -> None:
        """Read, report, store. Raises `CommandError` with status 2 for what is refused."""
        for stream in (self.stdout, self.stderr):
            inner = getattr(stream, "_out", None)
            if isinstance(inner, TextIOWrapper):
                inner.reconfigure(
                    errors="backslashreplace"
                )  # a terminal that lacks a character shows its code
        if (file is None) is not baseline:
            raise CommandError(_("Name a file, or --baseline."), returncode=REFUSED_STATUS)
        if file is None:
            for language in LANGUAGES:
                self._take(as_catalogue(language), {}, **options)
            return
        naming = Naming(options["code"], options["edition"], options["language"])
        try:
            files = contents(file)
            beside = Beside(file.parent, options["beside"], needs_database=not options["dry_run"])
            catalogue = read_files(files, beside=beside, naming=naming)
        except Unreadable as refusal:
            raise CommandError(f"{file}: {sentence(refusal)}", returncode=REFUSED_STATUS) from refusal
        self._take(catalogue, files, **options)

    def _take(self, catalogue: Catalogue, files: dict[str, bytes], **options: Any) -> None:
        """Report on a catalogue that was read, and store it unless this is a dry run."""
        report = report_on(catalogue)
        if options["format"] == "json":
            self.stdout.write(json.dumps(report.to_document()))
        else:
            self.stdout.write("\n".join(lines_of(report)))
        if options["dry_run"]:
            return
        try:
            row, is_new = load_catalogue(actor=None, catalogue=catalogue, files=files, now=timezone.now())
        except ValidationError as fault:
            raise CommandError(" ".join(fault.messages), returncode=REFUSED_STATUS) from fault
        if options["format"] == "text":
            said = _("%(catalogue)s is loaded.") if is_new else _("%(catalogue)s was here already.")
            self.stdout.write(said % {"catalogue": row})


class Beside:
    """What a profile may draw on: files that were named, files in its folder, and stored catalogues.

    A dry run goes without a database where there is none.
    """

    def __init__(self, folder: Path, named: list[Path], *, needs_database: bool) -> None:
        self._folder, self._named, self._needs_database = folder, named, needs_database

    def __call__(self, names: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
        """Give the files that may be one of those named; at last those given by hand, by any name."""
        others = []
        for path in self._named:
            if matches(names, path.name):
                yield from contents(path).items()
            else:
                others.append(path)
        for path in sorted(self._folder.iterdir()):
            if path.suffix.lower() in DOCUMENTS and matches(names, path.name) and path.is_file():
                yield from contents(path).items()
        try:
            yield from stored_files(names)
        except DatabaseError:
            if self._needs_database:
                raise
        for path in others:
            yield from contents(path).items()


def contents(path: Path) -> dict[str, bytes]:
    """The file, or the YAML files of the folder, by name. Raises `CommandError` where they cannot be read."""
    try:
        if path.is_dir():
            inside = sorted(one for one in path.iterdir() if one.suffix.lower() in LISTS)
            return {one.name: _start_of(one) for one in inside}
        return {path.name: _start_of(path)}
    except OSError as fault:
        problem = {"path": path, "problem": fault.strerror}
        text = _("%(path)s cannot be read: %(problem)s.") % problem
        raise CommandError(text, returncode=REFUSED_STATUS) from fault


def _start_of(path: Path) -> bytes:
    """A file, or as much of it as shows that it is too large."""
    with path.open("rb") as file:
        return file.read(LARGEST_FILE + 1)


def lines_of(report: Report) -> Iterator[str]:
    """The report for people."""
    catalogue = report.catalogue
    yield f"{catalogue.code} {catalogue.version} ({catalogue.language}): {catalogue.title}"
    yield _("%(assessable)d requirements, %(groups)d headings, %(withdrawn)d withdrawn, %(notes)d notes") % {
        "assessable": report.assessable,
        "groups": report.groups,
        "withdrawn": report.withdrawn,
        "notes": report.notes,
    }
    for level, count in report.levels.items():
        said = {"level": level, "count": count, "all": report.asked_by[level]}
        yield _("level %(level)s: %(count)d rows; it asks for %(all)d") % said
    yield _("%(declared)d parameters, %(blanks)d of them blanks in the texts") % {
        "declared": catalogue.declared,
        "blanks": report.blanks,
    }
    for remark in (*catalogue.remarks, *report.problems):
        yield f"- {sentence(remark)}"
