"""A member's score sheet that comes back: whose it is, what it changes, and what cannot be.

Nothing is stored by reading it. What the dry run showed is stored by `bids.actions.scoring.save_marks`, all
of it or nothing, against the versions of the marks that the sheet was made of.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from bids.actions.scoring import GivenMark, save_marks
from bids.exports.own_cells import Given, Key, OwnCell, OwnCells
from bids.exports.score_sheet import (
    COMMENT,
    EVIDENCE,
    FINGERPRINT,
    IDENTITY,
    KEY,
    MARK,
    Identity,
    absence_words,
    fits,
    identity_of,
)
from bids.forms.scoring import SIGNS, MarkForm
from procurement import audit
from procurement.actions.locking import Stale
from procurement.imports import Complaint
from procurement.models import Seat, Tender, User
from procurement.models.fields import plain
from procurement.sheets.addresses import address
from procurement.sheets.reading import Cell, Kind, Table, read_tables
from procurement.sheets.tables import tidy
from procurement.sheets.unreadable import Unreadable
from procurement.sheets.words import means_abstention
from procurement.sheets.writing import cleaned


@dataclass(frozen=True)
class Change:
    """One cell of the sheet that says something else than what is stored."""

    address: str
    cell: OwnCell
    before: Given
    after: Given

    @property
    def changes_mark(self) -> bool:
        """Whether the mark changes."""
        return (self.before.mark, self.before.absence) != (self.after.mark, self.after.absence)

    @property
    def changes_comment(self) -> bool:
        """Whether the comment changes."""
        return self.before.comment != self.after.comment

    def plan(self) -> dict[str, Any]:
        """The change as JSON, with the version that it replaces."""
        criterion, bid = self.cell.key
        mark = None if self.after.mark is None else plain(self.after.mark)
        given = {"mark": mark, "absence": self.after.absence, "comment": self.after.comment}
        return {"criterion": criterion, "bid": bid, "seen": self.cell.version, **given}


@dataclass
class SheetOutcome:
    """What an uploaded sheet does: refused as a whole, or changes and faults by cell.

    The changes may be stored only where there is neither a refusal nor a fault.
    """

    refusal: str = ""
    changes: list[Change] = field(default_factory=list)
    faults: list[Complaint] = field(default_factory=list)

    def plan(self) -> list[dict[str, Any]]:
        """All changes as JSON."""
        return [change.plan() for change in self.changes]


def try_sheet(*, actor: User, seat: Seat, name: str, content: bytes, now: datetime) -> SheetOutcome:
    """Read a sheet and say what it would change. Raises `Forbidden` where the actor gives no marks now."""
    own = OwnCells(seat, timezone.localdate(now))
    own.can_fill(actor).enforce()
    try:
        sheet = _found(read_tables(name, content))
    except Unreadable as refusal:
        return SheetOutcome(refusal=_(refusal.template) % refusal.params)
    if sheet is None:
        return SheetOutcome(refusal=_("This file is no score sheet that was downloaded here."))
    refusal = _not_this_one(sheet.identity, seat) or sheet.misfit
    if refusal:
        return SheetOutcome(refusal=refusal)
    stale = list(_stale(sheet, own))
    if stale:
        text = _("Marks were changed after this sheet was downloaded. Download it again; nothing was stored.")
        return SheetOutcome(refusal=text, faults=stale)
    return _compared(sheet, own)


@dataclass(frozen=True)
class _Line:
    """A row of the sheet that can be filled in; `row` counts from 0."""

    row: int
    key: Key
    version: int
    mark: Cell | None
    comment: Cell | None


class _Sheet:
    """The sheet as it came in: whose it says it is, its rows, and whether its locked cells are intact."""

    def __init__(self, table: Table, identity: Identity) -> None:
        self.name, self.identity = table.sheet, identity
        self._cells = {(cell.row - 1, cell.column - 1): cell for row in table.rows for cell in row}
        self.lines = list(self._lines())

    def _lines(self) -> Iterator[_Line]:
        for (row, column), cell in self._cells.items():
            if column == KEY and row != IDENTITY:
                criterion, bid, version = [*cell.text.split(":"), "", ""][:3]
                if criterion.isdecimal() and version.isdecimal():
                    filled = (self._cells.get((row, at)) for at in (MARK, COMMENT))
                    yield _Line(row, (int(criterion), bid), int(version), *filled)

    @property
    def misfit(self) -> str:
        """Why the cells are not those that were handed out; empty when they are."""
        rows = {line.row for line in self.lines}
        mark = self._cells.get((FINGERPRINT, EVIDENCE))
        locked = {
            cell.address: cell.text
            for (row, column), cell in self._cells.items()
            if not (row in rows and column in (MARK, COMMENT)) and (row, column) != (FINGERPRINT, EVIDENCE)
        }
        if mark is not None and fits(locked, mark.text):
            return ""
        return _(
            "Cells beside marks and comments were changed, moved or added, so the sheet does not fit its"
            " fingerprint. Download it again and fill in marks and comments only."
        )


def _found(tables: Iterable[Table]) -> _Sheet | None:
    """The score sheet in the file: the one that says whose it is."""
    for table in tables:
        for cell in (cell for row in table.rows for cell in row):
            if (cell.row - 1, cell.column - 1) == (IDENTITY, KEY):
                identity = _identity(cell.text)
                if identity is not None:
                    return _Sheet(table, identity)
    return None


def _identity(text: str) -> Identity | None:
    try:
        return Identity(**json.loads(text))
    except (ValueError, TypeError, RecursionError):
        return None


def _not_this_one(identity: Identity, seat: Seat) -> str:
    """Why the sheet is not the one that would be written now; empty when it is."""
    now = identity_of(seat)
    if identity.tender != now.tender:
        return _("This is a score sheet of another tender.")
    if identity.publication != now.publication:
        return _("This score sheet is of another publication of this tender.")
    if identity.seat != now.seat:
        return _("This is the score sheet of another panel member.")
    if identity.round != now.round:
        return _("This score sheet is of round %(sheet)s; round %(now)s goes on.") % {
            "sheet": identity.round,
            "now": now.round,
        }
    return ""


def _stale(sheet: _Sheet, own: OwnCells) -> Iterator[Complaint]:
    """Every row whose mark was saved since or is no longer the member's, and every cell that is new."""
    for line in sheet.lines:
        cell = own.by_key.get(line.key)
        at = address(line.row, MARK, absolute=False)
        if cell is None:
            yield Complaint(sheet.name, at, _("This mark is not yours to give any more."))
        elif cell.version != line.version:
            yield Complaint(sheet.name, at, _("You changed this mark after you downloaded the sheet."))
    missing = set(own.by_key) - {line.key for line in sheet.lines}
    for key in own.by_key:
        if key in missing:
            cell = own.by_key[key]
            text = _("%(criterion)s · %(bidder)s is yours to mark by now and not in the sheet.")
            yield Complaint("", "", text % {"criterion": cell.leaf.row.code, "bidder": cell.name})


def _compared(sheet: _Sheet, own: OwnCells) -> SheetOutcome:
    """What every row changes, and what is wrong with it."""
    outcome, words = SheetOutcome(), _words()
    for line in sheet.lines:
        cell = own.by_key[line.key]
        try:
            after = _given(line, cell, words)
            faults = {} if after == cell.given else cell.yardstick.faults(*_arguments(after))
        except ValidationError as error:
            after, faults = cell.given, {name: " ".join(said) for name, said in error.message_dict.items()}
        for name, text in faults.items():
            at = address(line.row, COMMENT if name == "comment" else MARK, absolute=False)
            outcome.faults.append(Complaint(sheet.name, at, text))
        if after != cell.given:
            at = address(line.row, MARK, absolute=False)
            outcome.changes.append(Change(at, cell, cell.given, after))
    return outcome


def _arguments(given: Given) -> tuple[Decimal | None, str, str]:
    return given.mark, given.absence, given.comment


def _words() -> Mapping[str, str]:
    """The words for "no mark" in every language of the site, as the form of the marks page takes them."""
    signs = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            signs |= {word.casefold(): SIGNS[absence] for absence, word in absence_words().items()}
    return signs


def _given(line: _Line, cell: OwnCell, words: Mapping[str, str]) -> Given:
    """What the row gives. Raises `ValidationError` with the field at fault."""
    before = cell.given
    typed, comment = _typed(line.mark, words), line.comment.text if line.comment else ""
    if not typed and not comment and cell.stored is None:
        return before
    if not typed and cell.stored is not None:
        raise ValidationError({"mark": _("A mark that was given cannot be emptied; abstain instead.")})
    form = MarkForm({"mark": typed, "comment": comment, "version": cell.version})
    if not form.is_valid():
        raise ValidationError({name: [str(text) for text in said] for name, said in form.errors.items()})
    arguments = form.arguments
    after = Given(arguments["mark"], str(arguments.get("absence", "")), arguments["comment"])
    return before if _is_same(before, after) else after


def _is_same(before: Given, after: Given) -> bool:
    """Whether nothing was changed, but for what a workbook does to a text."""
    return (before.mark, before.absence, tidy(cleaned(before.comment))) == (
        after.mark,
        after.absence,
        tidy(cleaned(after.comment)),
    )


def _typed(cell: Cell | None, words: Mapping[str, str]) -> str:
    """What stands in the cell of a mark, as the form of the marks page takes it. Raises `ValidationError`."""
    if cell is None:
        return ""
    if cell.kind in (Kind.ERROR, Kind.FORMULA, Kind.DATE, Kind.YES_NO) or cell.unit:
        raise ValidationError(
            {"mark": _("“%(text)s” is no mark: type a plain number.") % {"text": cell.text + cell.unit}}
        )
    if means_abstention(cell.text):
        return "x"
    return words.get(cell.text.casefold(), cell.text)


def store_sheet(*, actor: User, seat: Seat, plan: Iterable[Mapping[str, Any]], now: datetime) -> int:
    """Save every mark of a plan that a dry run showed, or none; how many.

    Raises `Forbidden`, `Stale` where a mark was saved since, and `ValidationError` as `save_marks` does.
    """
    own = OwnCells(seat, timezone.localdate(now))
    with transaction.atomic():
        given = [_given_mark(own, change) for change in plan]
        save_marks(actor=actor, seat=seat, given=given, now=now)
        tender: Tender = seat.tender
        count = {"marks": str(len(given))}
        audit.record(actor=actor, action="upload score sheet", object=seat, now=now, tender=tender, **count)
    return len(given)


def _given_mark(own: OwnCells, change: Mapping[str, Any]) -> GivenMark:
    """A change of a plan, as the action takes it. Raises `Stale` where the cell is gone."""
    cell = own.by_key.get((change["criterion"], change["bid"]))
    if cell is None:
        raise Stale(_("A mark of this sheet is not yours to give any more. Nothing was stored."))
    mark = None if change["mark"] is None else Decimal(change["mark"])
    words = (change["absence"], change["comment"], change["seen"])
    return GivenMark(cell.bid, cell.leaf.row, mark, *words)
