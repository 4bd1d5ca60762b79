"""The rows that can be picked for a draft: found by words, catalogue, family, level and what is bought."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import overload

from django.http import QueryDict
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from procurement.actions.picking import (
    BASELINE,
    ENTRY,
    asked_of,
    asked_of_baseline,
    asked_of_entry,
    foreign_entries,
)
from procurement.catalogues import baseline
from procurement.catalogues.likeness import CORRESPONDS, SAME, Asked, Likeness, Twin
from procurement.forms.picking import BUILT_IN, PickFilters
from procurement.models import CatalogueEntry, Requirement, User
from procurement.models.catalogue import EntryQuerySet
from procurement.queries import catalogues_visible_to
from procurement.templatetags.figures import share


@dataclass(frozen=True)
class Row:
    """A row that can be picked. `there` is its code in the draft; `twins` say what asks for the same."""

    key: str
    label: str
    source: str
    language: str
    title: str
    text: str
    levels: tuple[str, ...]
    blanks: int
    asked: Asked
    there: str = ""
    twins: list[str] = field(default_factory=list)


class Found(Sequence[Row]):
    """The rows that fit the filters, the baseline first; read from the database by the page."""

    def __init__(self, user: User, filters: PickFilters, draft: "Draft") -> None:
        self._draft = draft
        self._built_in = list(_of_baseline(filters))
        self._entries = _of_catalogues(user, filters)

    @cached_property
    def _stored(self) -> int:
        return self._entries.count()

    def __len__(self) -> int:
        return len(self._built_in) + self._stored

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> list[Row]: ...
    def __getitem__(self, place: int | slice) -> Row | list[Row]:
        if isinstance(place, int):
            return self[place : place + 1][0]
        first, last, _step = place.indices(len(self))
        number = len(self._built_in)
        rows = [_baseline_row(row) for row in self._built_in[first:last]]
        if last > number:
            rows += map(_entry_row, self._entries[max(0, first - number) : last - number])
        return [self._draft.seen_from(row) for row in rows]

    def keys(self) -> list[str]:
        """The keys of all rows, in order."""
        stored = self._entries.values_list("pk", flat=True) if self._stored else []
        return [f"{BASELINE}{row.id}" for row in self._built_in] + [f"{ENTRY}{pk}" for pk in stored]


class Draft:
    """What stands in the draft, for telling what is there already and what asks for the same."""

    def __init__(self, rows: Iterable[Requirement]) -> None:
        rows = list(rows)
        self.rows: dict[str, Requirement] = {str(row.pk): row for row in rows}
        self.likeness = Likeness(map(asked_of, rows))

    def seen_from(self, row: Row) -> Row:
        """The row, with what the draft has of it."""
        twins = self.likeness.twins_of(row.asked)
        there = next((self.rows[twin.key].code for twin in twins if twin.how == SAME), "")
        said = [] if there else [said_of(twin, self.rows[twin.key].code) for twin in twins]
        return Row(**{name: getattr(row, name) for name in _KEPT}, there=there, twins=said)

    @cached_property
    def pairs(self) -> list[tuple[Requirement, Requirement, str]]:
        """Requirements of the draft that ask for the same, and how one sees it."""
        return [
            (self.rows[first], self.rows[twin.key], said_of(twin)) for first, twin in self.likeness.pairs()
        ]


_KEPT = ("key", "label", "source", "language", "title", "text", "levels", "blanks", "asked")


def said_of(twin: Twin, code: str = "") -> str:
    """How one sees that two ask for the same, with the code of the other where it is given."""
    if twin.how == SAME:
        text = pgettext("requirements", "the same entry of a catalogue")
    elif twin.how == CORRESPONDS:
        text = pgettext("requirements", "they correspond")
    else:
        text = pgettext("requirements", "%(share)s of the words in common") % {"share": share(twin.share)}
    return _("%(code)s: %(how)s") % {"code": code, "how": text} if code else text


def _of_baseline(filters: PickFilters) -> Iterator[baseline.Requirement]:
    """The rows of the baseline that fit."""
    if filters.value("source") not in ("", BUILT_IN):
        return
    words = filters.value("q").casefold().split()
    family, level, profile = (filters.value(name) for name in ("family", "level", "profile"))
    for row in baseline.by_id().values():
        texts = (row.id, *(text for words in (row.text, row.why) for text in (words.zh, words.en)))
        if (
            all(any(word in text.casefold() for text in texts) for word in words)
            and (not family or row.family == family)
            and (not level or baseline.LEVELS.index(row.level) <= baseline.LEVELS.index(level))
            and (not profile or not row.profiles or profile in row.profiles)
        ):
            yield row


def _of_catalogues(user: User, filters: PickFilters) -> EntryQuerySet:
    """The rows of stored catalogues that fit."""
    entries = foreign_entries(user)
    if filters.value("source") == BUILT_IN:
        return entries.none()
    row = filters.catalogue
    if row is None:
        found = entries.saying(filters.value("q"))
    else:
        asked = {name: filters.value(name) for name in ("q", "level", "family")}
        found = entries.filter(catalogue=row).narrowed(row.scheme, **asked)
    return found.order_by("catalogue__code", "catalogue__language", "-catalogue", "position")


def _baseline_row(row: baseline.Requirement) -> Row:
    language = get_language() or ""
    return Row(
        key=f"{BASELINE}{row.id}",
        label=row.id,
        source=_("Built-in baseline"),
        language="en" if language.startswith("en") else "zh-Hant",
        title="",
        text=row.shown(row.text).of(language),
        levels=(baseline.LEVEL_NAMES[row.level],),
        blanks=len(row.blanks),
        asked=asked_of_baseline(row),
    )


def _entry_row(row: CatalogueEntry) -> Row:
    return Row(
        key=f"{ENTRY}{row.pk}",
        label=row.label,
        source=f"{row.catalogue.code} {row.catalogue.edition_shown}",
        language=row.catalogue.language,
        title=row.title if row.title != row.label else "",
        text=row.shown,
        levels=row.levels,
        blanks=len(row.parameters),
        asked=asked_of_entry(row),
    )


def picking_filters(user: User, query: QueryDict) -> PickFilters:
    """The filters of a query string, for the stored catalogues; the baseline is built in."""
    catalogues = catalogues_visible_to(user).exclude(code=baseline.CODE).order_by("code", "language")
    return PickFilters(query, catalogues=list(catalogues))
