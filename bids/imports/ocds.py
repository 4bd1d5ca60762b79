"""A draft out of an OCDS release: a dry run first, then all of it or nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bids import rules
from bids.cases import sentence
from bids.evaluation import Issue, Refused
from bids.evaluation.issues import gettext_noop
from bids.evaluation.json_text import joined
from bids.ocds import LEFT, Draft, DraftCriterion, read_release, read_tender, write
from bids.ocds.fields import Fields
from procurement import audit
from procurement.actions import specification
from procurement.actions.tenders import WRITABLE, create_tender
from procurement.models import Tender, User


@dataclass(frozen=True)
class Wanted:
    """Which process and lot of the file to take, and under which reference; empty: what the file says."""

    reference: str = ""
    ocid: str = ""
    lot: str = ""


@dataclass(frozen=True)
class Said:
    """A sentence in the reader's language, and where in the file it belongs."""

    path: str
    text: str


@dataclass
class Outcome:
    """What an import does, or why it cannot be done; it can be stored only without faults."""

    draft: Draft | None = None
    faults: list[Said] = field(default_factory=list)
    #: What was taken otherwise than it stands there.
    warnings: list[Said] = field(default_factory=list)
    #: What was not taken, and why.
    left: list[Said] = field(default_factory=list)
    #: The tender of the release as JSON text: read again, it gives the same draft.
    source: str = ""


def try_release(*, actor: User, data: bytes, wanted: Wanted, now: datetime) -> Outcome:
    """Read the file, store the draft and take it back: what it would do, and every fault.

    Raises `Forbidden`.
    """
    rules.can_import_release(actor).enforce()
    outcome = _read(data, wanted, now)
    if outcome.draft is not None:
        with transaction.atomic():
            try:
                _store(actor, outcome.draft, now)
            except ValidationError as error:
                outcome.faults += [Said("", text) for text in error.messages]
            transaction.set_rollback(True)
    return outcome


def store_release(*, actor: User, data: bytes, wanted: Wanted, now: datetime) -> Tender:
    """Store the draft. Raises `Forbidden`, and `ValidationError` with every fault."""
    rules.can_import_release(actor).enforce()
    outcome = _read(data, wanted, now)
    if outcome.draft is None:
        raise ValidationError([f"{one.path}: {one.text}".removeprefix(": ") for one in outcome.faults])
    with transaction.atomic():
        tender = _store(actor, outcome.draft, now)
        audit.record(
            actor=actor,
            action="import release",
            object=tender,
            now=now,
            tender=tender,
            criteria=str(len(outcome.draft.criteria)),
            requirements=str(len(outcome.draft.requirements)),
            left=[one.path for one in outcome.left],
        )
    return tender


def _read(data: bytes, wanted: Wanted, now: datetime) -> Outcome:
    """The draft of the file, with what there is to say; without one where the file is refused."""
    try:
        found = read_release(data, ocid=wanted.ocid)
        reading = read_tender(found, lot=wanted.lot)
    except Refused as refusal:
        return Outcome(faults=[_said(issue) for issue in refusal.issues])
    draft, notes = reading.draft, list(reading.notes)
    if draft.deadline is not None and draft.deadline <= now:
        template = gettext_noop("The deadline is over: enter another one.")
        path = joined(found.path, "tender.tenderPeriod.endDate")
        notes.append(Issue(LEFT, "over", path, template))
        draft = replace(draft, deadline=None)
    if wanted.reference:
        draft = replace(draft, reference=wanted.reference)
    return Outcome(
        draft=draft,
        warnings=[_said(note) for note in notes if note.level != LEFT],
        left=[_said(note) for note in notes if note.level == LEFT],
        source=write({"ocid": found.release["ocid"], "tender": found.release["tender"]}, indent=0),
    )


def _said(issue: Issue) -> Said:
    return Said(issue.path, sentence(issue.template, issue.params))


def _store(actor: User, draft: Draft, now: datetime) -> Tender:
    """The draft with its criteria and requirements. Raises `ValidationError` with every fault."""
    tender = create_tender(actor=actor, values=_values(draft), now=now)
    faults: list[str] = []
    rows: dict[str, Any] = {}
    for node in _parents_first(draft.criteria):
        values = _criterion(node) | {"parent": rows.get(Fields.key(node.parent)), "units": []}
        try:
            with transaction.atomic():
                rows[Fields.key(node.code)] = specification.add_criterion(
                    actor=actor, tender=tender, values=values, now=now
                )
        except ValidationError as error:
            faults += [f"{node.code}: {text}" for text in error.messages]
    faults += [
        _("%(code)s is part of “%(parent)s”, which is not there or part of it.")
        % {"code": node.code, "parent": node.parent}
        for node in draft.criteria
        if node.parent and Fields.key(node.code) not in rows
    ]
    for row in draft.requirements:
        values = {name: getattr(row, name, None) for name in specification.REQUIREMENT} | row.more
        try:
            with transaction.atomic():
                specification.add_requirement(actor=actor, tender=tender, values=values, now=now)
        except ValidationError as error:
            faults += [f"{row.code}: {text}" for text in error.messages]
    if faults:
        raise ValidationError(faults)
    return tender


def _values(draft: Draft) -> dict[str, Any]:
    """Every column that an officer writes: what the release says, else what a new draft has."""
    blank = Tender()
    values = {name: getattr(blank, name) for name in WRITABLE} | draft.rules
    return values | {
        "reference": draft.reference,
        "title": draft.title,
        "currency": draft.currency,
        "budget": draft.budget,
        "deadline": draft.deadline,
    }


def _criterion(node: DraftCriterion) -> dict[str, Any]:
    values = {name: getattr(node, name, None) for name in specification.CRITERION}
    return values | {"parent": None, "title_en": node.title_en}


def _parents_first(nodes: tuple[DraftCriterion, ...]) -> Iterator[DraftCriterion]:
    """The nodes that hang on a root, each after its parent; a circle, or a lost parent, is not among them."""
    waiting, done = list(nodes), {""}
    while waiting:
        ready = [node for node in waiting if Fields.key(node.parent) in done]
        if not ready:
            return
        yield from ready
        done |= {Fields.key(node.code) for node in ready}
        waiting = [node for node in waiting if Fields.key(node.code) not in done]
