"""A draft's requirements as an OSCAL profile: out, and in again out of the stored catalogues."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import rfc8785
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from procurement import audit, queries, rules
from procurement.actions.changes import as_payload
from procurement.actions.locking import Stale, enforce_and_lock
from procurement.actions.picking import Choice, Picking, counterparts
from procurement.catalogues import Unreadable, baseline
from procurement.catalogues.oscal_profile import matches
from procurement.catalogues.profile_file import (
    TEXTS,
    WORDS,
    Profile,
    Row,
    Selection,
    parameter_of,
    read_profile,
    write_profile,
)
from procurement.choices import EvidenceAsked, RequirementKind, Severity
from procurement.models import Catalogue, Requirement, Tender, Unit, User
from procurement.models.fields import CODE_LENGTH
from procurement.models.specification import BLANK_TEXTS

#: Words of a profile that are one of a list.
_LISTED = {
    "kind": RequirementKind.values,
    "severity": Severity.values,
    "evidence_level": EvidenceAsked.values,
}


@dataclass(frozen=True)
class Line:
    """A requirement that comes in: its code, its text, and the catalogue it is of; "" for one's own."""

    code: str
    title: str
    catalogue: str


@dataclass(frozen=True)
class Outcome:
    """What an import does; with a fault nothing is stored. `there` counts what the draft has already."""

    lines: list[Line] = field(default_factory=list)
    there: int = 0
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def profile_of(tender: Tender, at: datetime) -> bytes:
    """The requirements of a tender as an OSCAL profile in JSON."""
    asked = tender.requirements.select_related("unit", "criterion")
    return write_profile(tender.reference, tender.title, map(_row_of, asked), at)


def _row_of(row: Requirement) -> Row:
    words = {
        "code": row.code,
        "kind": row.kind,
        "severity": row.severity,
        "evidence_level": row.evidence_level,
        "mandatory": "yes" if row.mandatory else "no",
        "unit": row.unit.code if row.unit else "",
        "criterion": row.criterion.code if row.criterion else "",
    }
    texts = {name: getattr(row, name) for name in TEXTS}
    values = {blank["id"]: blank["value"] for blank in row.parameters}
    return Row(row.catalogue, row.catalogue_version, row.entry, texts, words, values, tuple(row.parameters))


def try_profile(*, actor: User, tender: Tender, data: bytes) -> Outcome:
    """What the import of a profile would do; nothing is stored. Raises `Forbidden`."""
    with transaction.atomic():
        outcome = _run(actor, tender, data)
        transaction.set_rollback(True)
    return outcome


def store_profile(
    *, actor: User, tender: Tender, data: bytes, expected: list[dict[str, str]], now: datetime
) -> Outcome:
    """Import a profile for good.

    Raises `ValidationError` where there is a fault, `Stale` where it would bring anything else than the
    expected lines, and `Forbidden`.
    """
    with transaction.atomic():
        outcome = _run(actor, tender, data)
        if outcome.faults:
            raise ValidationError(outcome.faults)
        if rfc8785.dumps([asdict(line) for line in outcome.lines]) != rfc8785.dumps(expected):
            raise Stale(_("Somebody changed the draft since the dry run. Nothing was imported."))
        audit.record(
            actor=actor,
            action="import profile",
            object=tender,
            now=now,
            tender=tender,
            added=[as_payload(asdict(line)) for line in outcome.lines],
        )
    return outcome


def _run(actor: User, tender: Tender, data: bytes) -> Outcome:
    """Store what a profile brings, unless there is a fault."""
    tender = enforce_and_lock(rules.can_edit_tender, actor, tender)
    try:
        reading = _Reading(actor, tender, read_profile(data))
        columns = reading.columns()
        if reading.faults:
            return Outcome(faults=reading.faults)
        rows = reading.picking.made(columns)
    except Unreadable as refusal:
        return Outcome(faults=[_(refusal.template) % refusal.params])
    except ValidationError as error:
        return Outcome(faults=list(error.messages))
    Requirement.objects.bulk_create(rows, batch_size=300)
    lines = [Line(row.code, row.title, f"{row.catalogue} {row.catalogue_version}".strip()) for row in rows]
    return Outcome(lines, reading.there + len(columns) - len(rows), [], reading.notes)


class _Reading:
    """A profile, resolved against the baseline and the stored catalogues."""

    def __init__(self, actor: User, tender: Tender, profile: Profile) -> None:
        self.actor, self.profile = actor, profile
        self.picking = Picking(actor, tender, Choice())
        self.units = {unit.code: unit for unit in Unit.objects.all()}
        self.leaves = {row.code: row for row in queries.leaves_that_are_informed(tender)}
        self.own_texts = set(tender.requirements.filter(entry="").values_list("title", flat=True))
        self.faults: list[str] = []
        self.notes: list[str] = []
        #: Of one's own, what the draft has in the same words.
        self.there = 0

    def columns(self) -> list[dict[str, Any]]:
        """The columns of everything that the profile asks, in its order."""
        found: list[tuple[int, dict[str, Any]]] = []
        for selection in self.profile.selections:
            for values in self._selected(selection):
                said = self.profile.said.get(values["entry"])
                found.append((_position(said), self._with(values, said)))
        own = [row for row in self.profile.own if row.texts["title"] not in self.own_texts]
        self.there = len(self.profile.own) - len(own)
        found += [(_position(row), self._own(row)) for row in own]
        return [values for _place, values in sorted(found, key=lambda pair: pair[0])]

    def _selected(self, selection: Selection) -> Iterator[dict[str, Any]]:
        if selection.code == baseline.CODE:
            yield from self._of_baseline(selection)
            return
        catalogue = self._catalogue(selection)
        if catalogue is None:
            name = (
                " ".join([selection.code or "".join(selection.names[:1]), selection.edition]).strip() or "–"
            )
            text = _("“%(name)s” is not stored here. Load that catalogue first.")
            self.faults.append(text % {"name": name})
            return
        every = list(catalogue.entries.select_related("catalogue").defer("catalogue__files"))
        above = {row.identifier: row.parent for row in every}
        rows = [
            row
            for row in every
            if row.is_pickable and selection.takes(row.identifier, _parents(row.identifier, above))
        ]
        self._missing(selection, {row.identifier for row in rows}, str(catalogue))
        others = counterparts(rows)
        for row in rows:
            yield self.picking.of_entry(row, others.get(row.pk))

    def _of_baseline(self, selection: Selection) -> Iterator[dict[str, Any]]:
        rows = [row for row in baseline.by_id().values() if selection.takes(row.id, [row.family])]
        self._missing(selection, {row.id for row in rows}, _("Built-in baseline"))
        if selection.edition not in ("", baseline.VERSION):
            text = _("The profile was made with edition %(old)s of the baseline; its texts are kept.")
            self.notes.append(text % {"old": selection.edition})
        for row in rows:
            yield self.picking.of_baseline(row)

    def _missing(self, selection: Selection, found: set[str], name: str) -> None:
        missing = [one for one in selection.identifiers if one not in found and one not in selection.without]
        if missing:
            text = _("%(catalogue)s has no requirement %(ids)s that can be asked.")
            self.faults.append(text % {"catalogue": name, "ids": ", ".join(missing[:20])})

    def _catalogue(self, selection: Selection) -> Catalogue | None:
        """The stored catalogue that is meant, by code and edition or by the names of its file."""
        stored = list(queries.catalogues_visible_to(self.actor).order_by("-language", "-loaded_at"))
        for row in stored:
            if row.code == selection.code and row.edition == selection.edition:
                return row
        return next(
            (
                row
                for row in stored
                if row.title in selection.names or (row.file_name and matches(selection.names, row.file_name))
            ),
            None,
        )

    def _with(self, values: dict[str, Any], said: Row | None) -> dict[str, Any]:
        """The columns, with blanks filled and everything that the profile says of them."""
        blanks = [dict(blank) for blank in values["parameters"]]
        for blank in blanks:
            name = parameter_of(values["catalogue"], values["entry"], blank["id"])
            blank["value"] = self.profile.values.get(name, "")
            for text in BLANK_TEXTS:
                label = blank["label_en"] if text.endswith("_en") else blank["label"]
                if blank["value"] and label and text in values:
                    values[text] = values[text].replace(f"[{label}]", blank["value"])
        return values | {"parameters": blanks} | (self._said(said) if said else {})

    def _own(self, row: Row) -> dict[str, Any]:
        values = {
            "kind": RequirementKind.SECURITY,
            "severity": Severity.MEDIUM,
            "mandatory": False,
            "catalogue": "",
            "catalogue_version": "",
            "entry": "",
            "entry_digest": "",
            "unit": None,
            "criterion": None,
            "parameters": [dict(blank) for blank in row.blanks],
        }
        return values | self._said(row)

    def _said(self, row: Row) -> dict[str, Any]:
        """The columns that stand in our namespace; a word that means nothing here is left out and said."""
        texts = {name: text for name, text in row.texts.items() if name in TEXTS}
        if "title" in texts:
            texts["title"] = " ".join(texts["title"].split())
        words = {name: word for name, word in row.words.items() if name in WORDS}
        values: dict[str, Any] = dict(texts)
        for name, listed in _LISTED.items():
            if words.get(name) in listed:
                values[name] = words[name]
        if words.get("code"):
            values["code"] = words["code"][:CODE_LENGTH]
        if words.get("mandatory") in ("yes", "no"):
            values["mandatory"] = words["mandatory"] == "yes"
        for name, known in (("unit", self.units), ("criterion", self.leaves)):
            word = words.get(name)
            if word in known:
                values[name] = known[word]
            elif word:
                text = _("“%(word)s” of %(code)s is not there and was left out.")
                self.notes.append(text % {"word": word, "code": words.get("code", "")})
        return values


def _position(row: Row | None) -> int:
    """The place in the specification it was made of; what has none comes last."""
    text = row.words.get("position", "") if row else ""
    return int(text) if text.isdecimal() and len(text) < 9 else 10**9


def _parents(identifier: str, above: Mapping[str, str]) -> Iterator[str]:
    """What a row belongs to, from inside out."""
    while above.get(identifier):
        identifier = above[identifier]
        yield identifier
