"""A member's score sheet: the own cells as a protected workbook that can be filled in and uploaded again.

Only the cells of marks and comments can be edited. All others are held together by a fingerprint over their
addresses and texts, which also cover whose sheet it is, of which publication and round, and the versions of
the marks in it: a sheet in which anything else was changed or moved no longer fits its fingerprint.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from fractions import Fraction
from itertools import groupby
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

import rfc8785
from django.core.signing import BadSignature, Signer
from django.utils import timezone
from django.utils.translation import gettext as _

from bids import rules
from bids.choices import Absence
from bids.forms.panel import MOST_TEXT
from bids.forms.scoring import steps_of
from bids.queries import Answered
from procurement.models import Seat
from procurement.models.fields import plain
from procurement.sheets.tables import tidy
from procurement.sheets.writing import Properties, address, cleaned, new_workbook
from procurement.templatetags.figures import day

from .own_cells import OwnCell, OwnCells

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]  # no py.typed

#: Columns, counted from 0: bidder, what stands behind the bid, the two to fill in, and the hidden key.
NAME, EVIDENCE, MARK, COMMENT, KEY = range(5)
#: Rows: where the fingerprint and, in the hidden column, whose sheet it is stand.
FINGERPRINT, IDENTITY, HEAD = 4, 4, 6

_WIDTHS = (26, 60, 16, 60)
#: Points; a row cannot be taller than that in Excel.
_LINE_HEIGHT, _TALLEST_ROW = 15, 409

#: More digits than a workbook's binary numbers keep are written as text.
_DIGITS_OF_A_FLOAT = 15


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose sheet it is: the keys of tender and seat, the publication's fingerprint, and the round."""

    tender: str
    publication: str
    seat: int
    round: int


def identity_of(seat: Seat) -> Identity:
    """Whose sheet would be written now."""
    tender = seat.tender
    return Identity(str(tender.pk), tender.fingerprint, seat.pk, tender.round)


def key_text(cell: OwnCell) -> str:
    """What stands in the hidden column beside a mark: criterion, bid, and the version of the stored mark."""
    return f"{cell.leaf.row.pk}:{cell.bid.pk}:{cell.version}"


def _signer() -> Signer:
    return Signer(salt="bids.exports.score_sheet")


def _digest(locked: Mapping[str, str]) -> str:
    return hashlib.sha256(rfc8785.dumps(dict(locked))).hexdigest()


def fingerprint(locked: Mapping[str, str]) -> str:
    """The fingerprint over the locked cells, text by address; nobody else can make one."""
    return _signer().signature(_digest(locked))


def fits(locked: Mapping[str, str], mark: str) -> bool:
    """Whether the fingerprint is that of these locked cells."""
    try:
        _signer().unsign(f"{_digest(locked)}:{mark}")
    except BadSignature:
        return False
    return True


def absence_words() -> dict[str, str]:
    """Why there is no mark, as people write it in a cell of the sheet, in the active language."""
    return {Absence.ABSTAINED.value: _("abstain"), Absence.NOT_MY_FIELD.value: _("not my field")}


def write_score_sheet(own: OwnCells, now: datetime) -> bytes:
    """The sheet of the member on the seat, as an .xlsx file in the active language."""
    return _Writer(own, now).to_bytes()


class _Writer:
    """One sheet being written; every locked text is remembered with its address."""

    def __init__(self, own: OwnCells, now: datetime) -> None:
        self.own, self.tender, self.now = own, own.tender, now
        self.locked: dict[str, str] = {}
        self.book = new_workbook(
            Properties(
                title=f"{self.tender.reference} {_('Score sheet')}",
                subject=self.tender.title,
                author=str(own.seat),
                created=now.replace(tzinfo=None),
            )
        )
        self.sheet: Worksheet = self.book.add_sheet(_("Marks"))

    def to_bytes(self) -> bytes:
        """The file."""
        for column, width in enumerate(_WIDTHS):
            self.sheet.set_column(column, column, width)
        self.sheet.set_column(KEY, KEY, 10, None, {"hidden": True})
        self._head()
        row = HEAD + 1
        for _key, cells in groupby(self.own.cells, key=lambda cell: cell.leaf.row.pk):
            row = self._criterion(row, list(cells))
        made = fingerprint(self.locked)
        self.book.write_text(self.sheet, FINGERPRINT, EVIDENCE, made, "code")
        self.book.workbook.set_custom_property("Fingerprint", made, "text")
        self.sheet.protect("", {"format_columns": True, "format_rows": True})
        self.sheet.freeze_panes(HEAD + 1, 1)
        self.book.set_up_page(self.sheet, footer=made, repeat_rows=(HEAD, HEAD))
        return self.book.to_bytes()

    def _text(self, row: int, column: int, text: str, *styles: str) -> None:
        self.book.write_text(self.sheet, row, column, text, *styles)
        kept = tidy(cleaned(text))
        if kept:
            self.locked[address(row, column, absolute=False)] = kept

    def _head(self) -> None:
        tender, identity = self.tender, identity_of(self.own.seat)
        self.sheet.set_row(0, 30)
        self._text(0, NAME, _("Score sheet"), "title")
        about = _("%(reference)s %(title)s · round %(round)d")
        values = {"reference": tender.reference, "title": tender.title, "round": tender.round}
        self._text(1, NAME, about % values, "strong")
        member = _("%(member)s (%(unit)s), as of %(moment)s")
        moment = timezone.localtime(self.now).strftime("%Y/%m/%d %H:%M")
        self._text(2, NAME, member % {"member": self.own.seat, "unit": self.own.seat.unit, "moment": moment})
        advice = _(
            "Fill in marks and comments only, then upload the file. Every change is shown before it counts."
        )
        self._text(3, NAME, advice, "label")
        self._text(FINGERPRINT, NAME, _("Fingerprint"), "label")
        self._text(IDENTITY, KEY, rfc8785.dumps(asdict(identity)).decode())
        heads = (_("Bidder"), _("Answer and evidence"), _("Mark"), _("Comment"))
        for column, head in enumerate(heads):
            self._text(HEAD, column, head, "head")

    def _criterion(self, row: int, cells: list[OwnCell]) -> int:
        """A criterion, its scale and anchors, and a row for every bidder; the row after them."""
        leaf = cells[0].leaf
        top = rules.scale_figure(leaf.maximum)
        self._text(row, NAME, leaf.row.code, "group")
        self._text(row, EVIDENCE, leaf.row.title, "group", "wrap")
        self._text(row, MARK, _("0 to %(top)s") % {"top": top}, "group")
        points = _("worth %(points)s points") % {"points": rules.scale_figure(leaf.points)}
        self._text(row, COMMENT, points, "group")
        row += 1
        for anchor in leaf.row.anchors:
            self._text(row, NAME, _("%(mark)s of %(top)s") % {"mark": anchor["mark"], "top": top}, "note")
            self._text(row, EVIDENCE, anchor["text"], "note", "wrap")
            row += 1
        for cell in cells:
            self._bidder(row, cell)
            row += 1
        return row + 1

    def _bidder(self, row: int, cell: OwnCell) -> None:
        self._text(row, NAME, cell.name, "cell", "wrap")
        behind, given = "\n".join(_behind(cell)), cell.given
        self._text(row, EVIDENCE, behind, "cell", "wrap")
        self._text(row, KEY, key_text(cell))
        lines = max(_lines(behind, _WIDTHS[EVIDENCE]), _lines(given.comment, _WIDTHS[COMMENT]), 2)
        self.sheet.set_row(row, min(lines * _LINE_HEIGHT, _TALLEST_ROW))
        look = ("cell", "edit")
        if given.mark is not None and len(plain(given.mark)) <= _DIGITS_OF_A_FLOAT:
            self.book.write_number(self.sheet, row, MARK, given.mark, *look, "exact")
        else:
            word = absence_words().get(given.absence, "") if given.mark is None else plain(given.mark)
            self.book.write_text(self.sheet, row, MARK, word, *look, "right")
        self.book.write_text(
            self.sheet, row, COMMENT, given.comment, *look, "wrap", "text", bold=False, align="left"
        )
        self.sheet.data_validation(row, MARK, row, MARK, _limits(cell, address(row, MARK, absolute=False)))
        self.sheet.data_validation(row, COMMENT, row, COMMENT, _most_text())


def _behind(cell: OwnCell) -> Iterator[str]:
    """What the bid answers to the requirements behind the criterion, and what that means for the mark."""
    support = cell.yardstick.support
    for answer in support.answers if support else ():
        yield _answer_line(answer)
    if cell.yardstick.why_capped:
        yield cell.yardstick.why_capped
    opinion = cell.yardstick.opinion
    if opinion is not None:
        figure = "" if opinion.mark is None else f"{plain(opinion.mark)} "
        yield _("First opinion: %(text)s") % {"text": figure + opinion.text}


def _lines(text: str, width: int) -> int:
    """How many lines a text fills in a column; Chinese characters are two wide."""
    return sum(
        1 + sum(2 if east_asian_width(sign) in "WF" else 1 for sign in line) // width
        for line in text.split("\n")
    )


def _answer_line(answer: Answered) -> str:
    claim = answer.claim
    said = str(claim.get_answer_display()) if claim and claim.answer else _("Not answered")
    parts = [f"{answer.requirement.code} {said}"]
    if claim and claim.verified is not None:
        parts.append(_("Found met") if claim.verified else _("Found not met"))
    if not answer.applies:
        parts.append(_("Does not apply: agreed"))
    if answer.level is not None:
        parts.append(str(answer.level.label))
    if claim and claim.evidence_until and answer.level is not None:
        parts.append(_("good until %(day)s") % {"day": day(claim.evidence_until)})
    line = " · ".join(parts)
    return f"{line}: {claim.note}" if claim and claim.note else line


def _limits(cell: OwnCell, at: str) -> dict[str, object]:
    """The validation of one mark: a list where the scale is short, else bounds; the evidence caps both."""
    leaf, top = cell.leaf, _highest(cell)
    words = list(absence_words().values()) if rules.can_abstain(cell.yardstick.tender) else []
    steps = [step for step in steps_of(leaf.maximum) if step <= top]
    figures = {"top": rules.scale_figure(top), "words": ", ".join(f"“{word}”" for word in words)}
    text = _("From 0 to %(top)s, or: %(words)s.") if words else _("From 0 to %(top)s.")
    told = (text % figures)[:255]
    said = {"error_title": _("Mark"), "error_message": told, "input_message": told}
    if steps_of(leaf.maximum):
        return {"validate": "list", "source": [*steps, *words], **said}
    same = "".join(f',{at}="{word}"' for word in words)
    bounds = f"=OR(AND(ISNUMBER({at}),{at}>=0,{at}<={figures['top']}){same})"
    return {"validate": "custom", "value": bounds, **said}


def _highest(cell: OwnCell) -> Fraction:
    cap = cell.yardstick.cap
    return cell.leaf.maximum if cap is None else min(cap, cell.leaf.maximum)


def _most_text() -> dict[str, object]:
    message = _("At most %(most)d characters.") % {"most": MOST_TEXT}
    return {
        "validate": "length",
        "criteria": "<=",
        "value": MOST_TEXT,
        "error_title": _("Comment"),
        "error_message": message,
    }
