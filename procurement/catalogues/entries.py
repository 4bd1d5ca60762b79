"""What a catalogue is once it was read, whatever its format: who wrote it, its levels, its rows in order."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from procurement.catalogues.tree import check_text
from procurement.sheets.unreadable import Unreadable, gettext_noop, shown

#: More rows than any catalogue has.
ROWS = 20_000
#: How long a code, a version and an identifier may be, so that every database can index them.
CODE_LENGTH = 200
#: How much text one row may carry, in characters.
TEXT_LENGTH = 250_000

#: The version of a catalogue whose file states none.
UNSTATED = "unstated"

_TOO_MANY = gettext_noop("The catalogue has more than %(limit)d rows.")
_LONG_ID = gettext_noop("%(place)s: the identifier is longer than %(limit)d characters.")
_LONG_TEXT = gettext_noop("%(place)s: the text is longer than %(limit)d characters.")
_LOST = gettext_noop("%(place)s has no identifier and is left out: %(text)s")
_TWICE = gettext_noop("“%(id)s” stands twice with the same text (%(place)s); it is kept once.")
_TWO_TEXTS = gettext_noop("“%(id)s” stands twice with different texts (%(place)s); only the first is kept.")
_NO_PARENT = gettext_noop("“%(id)s” belongs to “%(parent)s”, which is not in the file.")
_CIRCLE = gettext_noop("“%(id)s” belongs, by way of others, to itself.")

Params = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence about a catalogue, and what fills it. One that `blocks` forbids loading."""

    template: str
    params: Params = field(default_factory=dict)
    blocks: bool = False

    def __str__(self) -> str:
        """The sentence in English."""
        return self.template % self.params


class Kind(Enum):
    """What a row is. Only what is assessable can be asked of a vendor."""

    GROUP = "group"
    ASSESSABLE = "assessable"
    WITHDRAWN = "withdrawn"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Level:
    """One level: its short name in the data, and its title."""

    name: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class LevelScheme:
    """The levels of a catalogue, from the lowest to the highest.

    `cumulative`: a row names the lowest level that asks for it, and every higher one asks for it, too. Where
    it is false a row names each level that asks for it, and levels are sets, not ranks.
    """

    levels: tuple[Level, ...] = ()
    cumulative: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names in order."""
        return tuple(level.name for level in self.levels)

    def asked_by(self, level: str) -> frozenset[str]:
        """The names that a row may have, any of them, to be asked for by a level. Raises `KeyError`."""
        if level not in self.names:
            raise KeyError(level)
        if not self.cumulative:
            return frozenset([level])
        return frozenset(self.names[: self.names.index(level) + 1])


@dataclass(frozen=True, slots=True)
class Parameter:
    """A blank in a text: its label, what may be chosen, and what the publisher has put in already."""

    id: str
    label: str
    choices: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One row. `text` is markdown as given; `shown` is the same with blanks in square brackets.

    `label` is how the publisher writes the identifier. `parameters` are the blanks that still stand in the
    text. `retired` says that the publisher counts the row but no longer asks for it.
    """

    id: str
    kind: Kind
    position: int
    parent: str = ""
    label: str = ""
    title: str = ""
    text: str = ""
    shown: str = ""
    guidance: str = ""
    levels: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    remark: str = ""
    retired: bool = False

    @property
    def digest(self) -> str:
        """SHA-256 of title and raw text, in hex."""
        return hashlib.sha256(f"{self.title}\n{self.text}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A whole catalogue. Code, version and language tell it from every other; "" is a language not stated.

    `declared` counts the parameters that the publisher declares. `remarks` are facts worth knowing,
    `problems` what is wrong with the file. `counted` is what the file itself says a level holds.
    """

    code: str
    version: str
    title: str
    entries: tuple[Entry, ...]
    language: str = ""
    scheme: LevelScheme = LevelScheme()
    publisher: str = ""
    source: str = ""
    licence: str = ""
    declared: int = 0
    counted: Mapping[str, int] = field(default_factory=dict)
    remarks: tuple[Remark, ...] = ()
    problems: tuple[Remark, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 over everything of every row and over the levels, in hex: the same for the same content."""
        rows = [
            [
                entry.id,
                entry.kind.value,
                entry.parent,
                entry.digest,
                entry.shown,
                entry.guidance,
                list(entry.levels),
                entry.remark,
                entry.retired,
                [[one.id, one.label, list(one.choices), list(one.values)] for one in entry.parameters],
            ]
            for entry in self.entries
        ]
        scheme = [[level.name for level in self.scheme.levels], self.scheme.cumulative]
        return hashlib.sha256(json.dumps([scheme, rows], ensure_ascii=False).encode()).hexdigest()


class Builder:
    """Collects the rows of one file: refuses what no catalogue has, notes what is missing or stands twice."""

    def __init__(self) -> None:
        self.problems: list[Remark] = []
        self._entries: dict[str, Entry] = {}

    def __contains__(self, identifier: str) -> bool:
        return identifier in self._entries

    def add(
        self,
        identifier: str,
        kind: Kind,
        *,
        place: str,
        title: str = "",
        text: str = "",
        parent: str = "",
        shown_text: str | None = None,
        label: str = "",
        guidance: str = "",
        levels: Iterable[str] = (),
        parameters: tuple[Parameter, ...] = (),
        remark: str = "",
        retired: bool = False,
    ) -> None:
        """Add a row. `place` says where in the file it stands. Raises `Unreadable` past a cap."""
        identifier, title, parent = one_line(identifier), one_line(title), one_line(parent)
        if not identifier:
            lost = {"place": place, "text": shown(title or text) or "–"}
            self.problems.append(Remark(_LOST, lost, blocks=kind is not Kind.GROUP))
            return
        for piece in (identifier, title, text, guidance, remark):
            check_text(piece, place)
        if max(len(identifier), len(parent)) > CODE_LENGTH:
            raise Unreadable(_LONG_ID, {"place": place, "limit": CODE_LENGTH})
        if max(len(title), len(text), len(guidance), len(shown_text or "")) > TEXT_LENGTH:
            raise Unreadable(_LONG_TEXT, {"place": place, "limit": TEXT_LENGTH})
        entry = Entry(
            id=identifier,
            kind=kind,
            position=len(self._entries),
            parent=parent,
            label=one_line(label) or identifier,
            title=title,
            text=text,
            shown=text if shown_text is None else shown_text,
            guidance=guidance,
            levels=tuple(dict.fromkeys(levels)),
            parameters=parameters,
            remark=remark,
            retired=retired,
        )
        first = self._entries.setdefault(identifier, entry)
        if first is not entry:
            self._note_twin(first, entry, place)
        elif len(self._entries) > ROWS:
            raise Unreadable(_TOO_MANY, {"limit": ROWS})

    def _note_twin(self, first: Entry, second: Entry, place: str) -> None:
        same = (first.digest, first.kind, first.levels) == (second.digest, second.kind, second.levels)
        headings = first.kind is Kind.GROUP and second.kind is Kind.GROUP
        said = {"id": second.id, "place": place}
        self.problems.append(Remark(_TWICE if same else _TWO_TEXTS, said, blocks=not same and not headings))

    def entries(self) -> tuple[Entry, ...]:
        """The rows, after a look at what each belongs to."""
        settled: set[str] = set()
        for entry in self._entries.values():
            if entry.parent and entry.parent not in self._entries:
                self.problems.append(Remark(_NO_PARENT, {"id": entry.id, "parent": shown(entry.parent)}))
            elif self._is_in_a_circle(entry, settled):
                raise Unreadable(_CIRCLE, {"id": entry.id})
        return tuple(self._entries.values())

    def _is_in_a_circle(self, entry: Entry, settled: set[str]) -> bool:
        """Whether the parents of the row come back to one of themselves; `settled` are known not to."""
        seen = {entry.id}
        while (parent := self._entries.get(entry.parent)) is not None and parent.id not in settled:
            if parent.id in seen:
                return True
            seen.add(parent.id)
            entry = parent
        settled |= seen
        return False


def one_line(text: str) -> str:
    """Text without line breaks and outer spaces, as identifiers and titles are kept."""
    return re.sub(r"\s+", " ", text).strip()
