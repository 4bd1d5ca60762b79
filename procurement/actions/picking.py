"""Picking requirements out of catalogues and the baseline: copied by value, all at once or none."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from procurement import audit, queries, rules
from procurement.actions.changes import next_position
from procurement.actions.locking import Stale, enforce_and_lock
from procurement.catalogues import baseline
from procurement.catalogues.likeness import Asked
from procurement.choices import RequirementKind, Severity
from procurement.models import CatalogueEntry, Criterion, Intake, Requirement, Tender, Unit, User
from procurement.models.catalogue import EntryQuerySet
from procurement.models.fields import CODE_LENGTH
from procurement.models.specification import BLANK_LENGTH

#: More requirements than any draft has.
MOST = 1000
#: Rows that one statement stores or looks up.
BATCH = 300

#: What stands before the identifier of a row of the baseline, and before the key of a row of a catalogue.
BASELINE, ENTRY = "b:", "e:"

#: Columns in which no row of another table is looked up.
_LOOKED_UP = ("tender", "unit", "owner", "criterion")


@dataclass(frozen=True)
class Choice:
    """What whoever picks says of all rows at once; None leaves it to the baseline (catalogues: scored)."""

    mandatory: bool | None = None
    unit: Unit | None = None
    criterion: Criterion | None = None


@dataclass(frozen=True)
class Picked:
    """Codes of the requirements that came in, and how many were there already."""

    added: list[str]
    there: int


def asked_of(row: Requirement) -> Asked:
    """A requirement of a draft, as it is compared with others."""
    return Asked(str(row.pk), row.catalogue, row.catalogue_version, row.entry, (row.title, row.title_en))


def asked_of_entry(row: CatalogueEntry) -> Asked:
    """A row of a catalogue, as it is compared; see `asked_of`."""
    source = row.catalogue
    return Asked(f"{ENTRY}{row.pk}", source.code, source.edition, row.identifier, (_title(row),))


def asked_of_baseline(row: baseline.Requirement) -> Asked:
    """A row of the baseline, as it is compared; see `asked_of`."""
    texts = row.shown(row.text)
    return Asked(f"{BASELINE}{row.id}", baseline.CODE, baseline.VERSION, row.id, (texts.zh, texts.en))


def foreign_entries(user: User) -> EntryQuerySet:
    """Rows of the stored catalogues; the baseline is picked as it is built in, with why and pass test."""
    return queries.entries_for_picking(user).exclude(catalogue__code=baseline.CODE)


def pick(*, actor: User, tender: Tender, keys: Sequence[str], choice: Choice, now: datetime) -> Picked:
    """Copy rows into a draft, in the order of the keys; those of which an edition is there already stay out.

    Raises `ValidationError` where nothing is chosen, the draft would become too long, or nothing can be read
    beside the criterion; `Stale` for a row that is no longer there; `Forbidden`.
    """
    keys = list(dict.fromkeys(keys))
    if not keys:
        raise ValidationError(_("Choose at least one requirement."))
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_edit_tender, actor, tender)
        picking = Picking(actor, tender, choice)
        rows = picking.rows(keys)
        Requirement.objects.bulk_create(rows, batch_size=BATCH)
        if rows:
            audit.record(
                actor=actor,
                action="pick requirements",
                object=tender,
                now=now,
                tender=tender,
                added=origins(rows),
            )
    return Picked([row.code for row in rows], len(keys) - len(rows))


class Picking:
    """New requirements for a locked draft."""

    def __init__(self, actor: User, tender: Tender, choice: Choice) -> None:
        self.actor, self.tender, self.choice = actor, tender, choice
        known = list(tender.requirements.values_list("code", "catalogue", "entry"))
        self.codes = {same(code) for code, _catalogue, _entry in known}
        self.there = {(catalogue, entry) for _code, catalogue, entry in known if entry}
        self.number = len(known)
        self.level = Intake.objects.filter(tender=tender).values_list("level", flat=True).first()
        self.units = {unit.kind: unit for unit in Unit.objects.order_by("-pk")}
        self.owners = answering(tender)
        leaf = choice.criterion
        leaves = queries.leaves_that_are_informed(tender)
        if leaf is not None and not leaves.filter(pk=leaf.pk).exists():
            raise ValidationError(
                {"criterion": _("Only a criterion that people mark by quality has answers.")}
            )

    def rows(self, keys: Sequence[str]) -> list[Requirement]:
        """The new rows of the keys, checked and not stored."""
        found = self._found(keys)
        if len(found) < len(keys):
            raise Stale(_("A row of a catalogue is no longer there. Nothing was added."))
        return self.made([found[key] for key in keys])

    def made(self, columns: Iterable[Mapping[str, Any]]) -> list[Requirement]:
        """New rows of these columns, checked and not stored; those of an entry that is there stay out."""
        first = next_position(self.tender.requirements.all())
        rows: list[Requirement] = []
        for values in columns:
            source = (values["catalogue"], values["entry"])
            if source in self.there:
                continue
            if values["entry"]:
                self.there.add(source)
            given = {**values, "code": self._free(values["code"])}
            rows.append(Requirement(tender=self.tender, position=first + len(rows), **given))
        if self.number + len(rows) > MOST:
            text = _("There would be %(n)d requirements; at most %(limit)d fit into a tender.")
            raise ValidationError(text % {"n": self.number + len(rows), "limit": MOST})
        for row in rows:
            row.full_clean(exclude=_LOOKED_UP, validate_unique=False, validate_constraints=False)
        return rows

    def _found(self, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
        """The columns of every key that is known."""
        known = baseline.by_id()
        found = {
            key: self.of_baseline(known[name])
            for key in keys
            if key.startswith(BASELINE) and (name := key.removeprefix(BASELINE)) in known
        }
        numbers = [int(key[2:]) for key in keys if key.startswith(ENTRY) and key[2:].isdecimal()]
        pickable = foreign_entries(self.actor)
        entries: list[CatalogueEntry] = []
        for first in range(0, len(numbers), BATCH):
            entries += pickable.filter(pk__in=numbers[first : first + BATCH])
        others = counterparts(entries)
        return found | {f"{ENTRY}{row.pk}": self.of_entry(row, others.get(row.pk)) for row in entries}

    def of_baseline(self, row: baseline.Requirement) -> dict[str, Any]:
        """The columns of a row of the baseline."""
        level = self.level or baseline.LEVELS[-1]
        values = copied(row) | {"evidence_level": row.evidence_for(level)}
        return values | self._chosen(row.is_gate_at(level), self.units.get(row.side))

    def of_entry(self, row: CatalogueEntry, other: CatalogueEntry | None) -> dict[str, Any]:
        """The columns of a row of a catalogue; `other` is the same row in the other language."""
        return copied_entry(row, other) | self._chosen(False, self.tender.owner_unit)

    def _chosen(self, gate: bool, unit: Unit | None) -> dict[str, Any]:
        """What is said of all rows, else what is usual for this one."""
        choice, unit = self.choice, self.choice.unit or unit
        return {
            "mandatory": gate if choice.mandatory is None else choice.mandatory,
            "unit": unit,
            "owner": self.owners.get(unit.pk) if unit else None,
            "criterion": choice.criterion,
        }

    def _free(self, code: str) -> str:
        """The code, with a number behind it where another row has it."""
        free, number = code, 1
        while same(free) in self.codes:
            number += 1
            free = f"{code[: CODE_LENGTH - 8]}-{number}"
        self.codes.add(same(free))
        return free


def answering(tender: Tender) -> dict[int, User]:
    """Who answers for a unit's part of a draft, by key of the unit: who answers for most of it already.

    Where the draft asks nothing of the unit yet, it is who owns the system, if that is somebody of the unit.
    """
    owner = tender.owner
    found = {owner.unit_id: owner} if owner is not None and owner.unit_id is not None else {}
    rows = tender.requirements.filter(owner__is_active=True, owner__unit=F("unit")).select_related("owner")
    counts = Counter(row.owner for row in rows)
    return found | {person.unit_id: person for person, _number in reversed(counts.most_common())}


def origins(rows: Iterable[Requirement]) -> dict[str, str]:
    """For the trail: by code, the catalogue, edition and identifier that a row was copied from."""
    return {row.code: f"{row.catalogue} {row.catalogue_version} {row.entry}".strip() for row in rows}


def same(code: str) -> str:
    """Codes that look alike are the same one (case file, Reading)."""
    return unicodedata.normalize("NFKC", code).casefold()


def counterparts(rows: Iterable[CatalogueEntry]) -> dict[int, CatalogueEntry]:
    """By key of a row: the same row of the same edition in the other language, Chinese or English."""
    wanted: dict[tuple[str, str], dict[str, list[CatalogueEntry]]] = {}
    for row in rows:
        edition = wanted.setdefault((row.catalogue.code, row.catalogue.edition), {})
        edition.setdefault(row.identifier, []).append(row)
    found: dict[int, CatalogueEntry] = {}
    for (code, edition_name), known in wanted.items():
        names = list(known)
        others = CatalogueEntry.objects.filter(catalogue__code=code, catalogue__edition=edition_name)
        for start in range(0, len(names), BATCH):
            part = others.filter(identifier__in=names[start : start + BATCH])
            for other in part.select_related("catalogue").defer("catalogue__files"):
                found |= {
                    row.pk: other for row in known[other.identifier] if _is_english(row) != _is_english(other)
                }
    return found


def _is_english(row: CatalogueEntry) -> bool:
    return row.catalogue.language.casefold().startswith("en")


def _title(row: CatalogueEntry) -> str:
    """Title and text on one line, as the case file wants it."""
    words = " ".join(row.shown.split())
    title = " ".join(row.title.split())
    return f"{title}: {words}" if title and words and title != words else words or title


def copied_entry(row: CatalogueEntry, other: CatalogueEntry | None) -> dict[str, Any]:
    """A row of a catalogue by value: the text of record, English where there is any, and where it comes from.

    `other` is the same row in the other language. The text of record is the one that is not English.
    """
    own, english = (other, row) if other is not None and _is_english(row) else (row, other)
    source = own.catalogue
    label = own.label if any(sign.isalpha() for sign in own.label) else f"{source.code}-{own.label}"
    return {
        "code": label[:CODE_LENGTH],
        "title": _title(own),
        "title_en": _title(english) if english is not None else "",
        "why": own.guidance,
        "why_en": english.guidance if english is not None else "",
        "kind": RequirementKind.SECURITY,
        "severity": Severity.MEDIUM,
        "source": f"{source.code} {source.edition_shown} {own.label}",
        "catalogue": source.code,
        "catalogue_version": source.edition,
        "entry": own.identifier,
        "entry_digest": own.digest,
        "parameters": _blanks(own, english),
    }


def copied(entry: baseline.Requirement) -> dict[str, Any]:
    """A requirement of the baseline by value: texts in both languages, blanks, and where it comes from."""
    title, test = entry.shown(entry.text), entry.shown(entry.test)
    return {
        "code": entry.id,
        "title": title.zh,
        "title_en": title.en,
        "why": entry.why.zh,
        "why_en": entry.why.en,
        "pass_test": test.zh,
        "pass_test_en": test.en,
        "evidence": entry.asks.zh,
        "evidence_en": entry.asks.en,
        "kind": RequirementKind.LEGAL if entry.side == "procurement" else RequirementKind.SECURITY,
        "severity": entry.severity,
        "source": entry.sources.zh or f"Assay {baseline.VERSION} {entry.id}",
        "catalogue": baseline.CODE,
        "catalogue_version": baseline.VERSION,
        "entry": entry.id,
        "entry_digest": entry.digest,
        "parameters": [
            {
                "id": blank.id,
                "label": blank.label.zh,
                "label_en": blank.label.en,
                "suggested": blank.suggested,
                "value": "",
            }
            for blank in entry.blanks
        ],
    }


def blanks_of(catalogue: str, edition: str, entry: str) -> list[dict[str, str]]:
    """The blanks of an entry as a requirement keeps them; none where the entry is not known here."""
    if catalogue == baseline.CODE:
        row = baseline.by_id().get(entry)
        blanks: list[dict[str, str]] = copied(row)["parameters"] if row else []
        return blanks
    stored = CatalogueEntry.objects.filter(
        catalogue__code=catalogue, catalogue__edition=edition, identifier=entry
    )
    found = stored.select_related("catalogue").defer("catalogue__files").first()
    if found is None:
        return []
    kept: list[dict[str, str]] = copied_entry(found, counterparts([found]).get(found.pk))["parameters"]
    return kept


def _blanks(own: CatalogueEntry, english: CatalogueEntry | None) -> list[dict[str, str]]:
    """The blanks that stand in a row, as a requirement keeps them; what is suggested fits a blank."""
    labels: Mapping[str, str] = (
        {one["id"]: " ".join(one["label"].split()) for one in english.parameters} if english else {}
    )
    return [
        {
            "id": one["id"],
            "label": " ".join(one["label"].split()),
            "label_en": labels.get(one["id"], ""),
            "suggested": next((value for value in one["values"] if len(value) <= BLANK_LENGTH), ""),
            "value": "",
        }
        for one in own.parameters
    ]
