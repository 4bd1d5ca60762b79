"""The dry run: what a catalogue holds, counted as its publisher counts, and what is wrong with the file."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from procurement.catalogues.entries import Catalogue, Entry, Kind, Remark
from procurement.catalogues.published import published_count
from procurement.sheets.unreadable import gettext_noop

#: Identifiers that a sentence lists.
_LISTED = 5
#: Problems that a report lists.
PROBLEMS = 200

_NO_TEXT = gettext_noop("%(count)d requirements have no text: %(ids)s")
_LEVEL_DIFFERS = gettext_noop("The file says that the level “%(level)s” holds %(said)d; %(read)d were read.")
_TOTAL_DIFFERS = gettext_noop("The publisher counts %(said)d (%(where)s); %(read)d were read.")
_NO_LEVEL = gettext_noop("%(count)d requirements stand at no level: %(ids)s")
_MORE = gettext_noop("%(count)d more problems are not listed.")


@dataclass(frozen=True)
class Report:
    """What a dry run tells. `levels` counts rows by the level that they name."""

    catalogue: Catalogue
    assessable: int
    groups: int
    withdrawn: int
    notes: int
    levels: dict[str, int]
    blanks: int
    problems: tuple[Remark, ...]

    @property
    def blocked(self) -> bool:
        """Whether a problem forbids loading the file."""
        return any(problem.blocks for problem in self.problems)

    @property
    def asked_by(self) -> dict[str, int]:
        """How many rows each level asks for; with cumulative levels those of the lower ones, too."""
        scheme = self.catalogue.scheme
        rows = [entry.levels for entry in self.catalogue.entries if entry.kind in _COUNTED]
        return {
            name: sum(bool(scheme.asked_by(name) & set(levels)) for levels in rows) for name in scheme.names
        }

    def to_document(self) -> dict[str, object]:
        """The report as JSON has it."""
        return {
            "code": self.catalogue.code,
            "version": self.catalogue.version,
            "language": self.catalogue.language,
            "assessable": self.assessable,
            "groups": self.groups,
            "withdrawn": self.withdrawn,
            "notes": self.notes,
            "levels": self.levels,
            "parameters": self.catalogue.declared,
            "problems": [str(problem) for problem in self.problems],
        }


#: What publishers count at a level: annex 10 counts its note among the 45 of 普.
_COUNTED = (Kind.ASSESSABLE, Kind.NOTE)


def report_on(catalogue: Catalogue) -> Report:
    """Count a catalogue and say what is wrong with it."""
    kinds = Counter(entry.kind for entry in catalogue.entries)
    by_level = Counter(
        level for entry in catalogue.entries if entry.kind in _COUNTED for level in entry.levels
    )
    levels = {name: by_level[name] for name in catalogue.scheme.names}
    found = [
        *catalogue.problems,
        *_empty(catalogue),
        *_unlevelled(catalogue),
        *_differences(catalogue, levels),
    ]
    problems = sorted(found, key=lambda problem: not problem.blocks)
    if len(problems) > PROBLEMS:
        problems[PROBLEMS:] = [Remark(_MORE, {"count": len(problems) - PROBLEMS})]
    return Report(
        catalogue=catalogue,
        assessable=kinds[Kind.ASSESSABLE],
        groups=kinds[Kind.GROUP],
        withdrawn=kinds[Kind.WITHDRAWN],
        notes=kinds[Kind.NOTE],
        levels=levels,
        blanks=len({blank.id for entry in catalogue.entries for blank in entry.parameters}),
        problems=tuple(problems),
    )


def _asked(catalogue: Catalogue) -> list[Entry]:
    return [entry for entry in catalogue.entries if entry.kind is Kind.ASSESSABLE]


def _listed(entries: Sequence[Entry]) -> str:
    names = [entry.id for entry in entries[:_LISTED]]
    return ", ".join(names) + (", …" if len(entries) > _LISTED else "")


def _empty(catalogue: Catalogue) -> list[Remark]:
    """Requirements without a text."""
    empty = [entry for entry in _asked(catalogue) if not entry.text]
    return [Remark(_NO_TEXT, {"count": len(empty), "ids": _listed(empty)})] if empty else []


def _unlevelled(catalogue: Catalogue) -> list[Remark]:
    """Requirements that no level asks for, in a catalogue of which every other stands at one."""
    if not catalogue.scheme.cumulative:
        return []
    none = [entry for entry in _asked(catalogue) if not entry.levels]
    return [Remark(_NO_LEVEL, {"count": len(none), "ids": _listed(none)})] if none else []


def _differences(catalogue: Catalogue, levels: dict[str, int]) -> list[Remark]:
    """Where the file's own count, or the publisher's, is another than what was read."""
    found = [
        Remark(_LEVEL_DIFFERS, {"level": name, "said": said, "read": levels[name]})
        for name, said in catalogue.counted.items()
        if name in levels and said != levels[name]
    ]
    known = published_count(catalogue.code, catalogue.version)
    read = sum(entry.kind in _COUNTED for entry in catalogue.entries)
    if known is not None and known.count != read:
        found.append(Remark(_TOTAL_DIFFERS, {"said": known.count, "where": known.where, "read": read}))
    return found
