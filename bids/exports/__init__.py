"""The ranking workbook: everything that an auditor needs to add a ranking up, or to try another weight.

The ranking is live: totals, ranks, gates, minimums and price points are formulas over marks, weights,
prices and findings. Each formula carries the value that Assay computed, and the sheet of checks compares
the two.

`layout` says where everything stands, `figures` what the formulas give at first; then one module for each
sheet: `ranking` with `summary`, `weights`, `marks`, `requirements`, `prices`, `check` with `steps` and
`ties`, `records` (what was recorded beside the arithmetic), `trail`.

Names, the same in both languages: `ranking_vendor`, `ranking_place`, `ranking_figure` (the ranked bids,
best first, empty below them), `weights_code`, `weights_value` (every node's weight, the one place to change
it), `check_ok`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import override

from bids.evaluation.case import Case
from bids.evaluation.result import Result
from bids.exports.check import write_check
from bids.exports.draft import Draft
from bids.exports.figures import Figures
from bids.exports.layout import SheetNames, WorkbookTooLarge, plan_of
from bids.exports.long_prices import money_format
from bids.exports.marks import write_marks
from bids.exports.notes import note_of
from bids.exports.prices import write_prices
from bids.exports.ranking import write_ranking
from bids.exports.records import RecordSheet, RecordTable, rankings_remark, write_records
from bids.exports.requirements import write_requirements
from bids.exports.ties import find_places
from bids.exports.trail import TrailRow, write_trail
from bids.exports.weights import write_weights
from bids.exports.words import words
from procurement.sheets.writing import Book, Properties, column_letters, new_workbook

__all__ = [
    "RecordSheet",
    "RecordTable",
    "TrailRow",
    "WorkbookTooLarge",
    "member_labels",
    "rankings_remark",
    "workbook",
]


def workbook(
    case: Case,
    result: Result,
    *,
    language: str = "zh-hant",
    trail: Sequence[TrailRow] | None = (),
    code_names: bool = False,
    names: Mapping[str, str] | None = None,
    exported: str = "",
    remarks: Sequence[str] = (),
    records: Sequence[RecordSheet] = (),
) -> bytes:
    """Return the ranking workbook of a case and its result as an `.xlsx` file, in a language of the site.

    `trail` are the entries of the audit chain to show; with `None` the reader may not see them, and the
    first sheet says so. `names` are the members' names by code; with `code_names` they are shown as A, B,
    C… instead. `exported` says when and by whom ("2026-11-22 14:05 林以安"). `remarks` are sentences for the
    first sheet and `records` further sheets, both in the same language. Raises `WorkbookTooLarge` for more
    than a workbook holds.
    """
    with override(language):
        labels = member_labels(case, names or {}, code_names=code_names)
        book = new_workbook(_properties(case, result, exported))
        draft = _draft(case, result, book, labels, exported)
        write_ranking(draft, exported, [*remarks, *_hidden(trail, code_names=code_names)])
        write_weights(draft)
        write_marks(draft)
        write_requirements(draft)
        write_prices(draft)
        write_check(draft)
        for sheet in records:
            write_records(draft, sheet)
        if trail is not None:
            write_trail(draft, book.add_sheet(_("Trail")).name, trail)
        return book.to_bytes()


def _draft(case: Case, result: Result, book: Book, labels: Mapping[str, str], exported: str) -> Draft:
    """Everything that the sheets are written from."""
    plan = plan_of(case, _add_sheets(book), labels)
    figures = Figures(plan, result)
    find_places(plan, figures)
    footer = f"{case.reference}  {result.fingerprint}  {exported}".strip()
    draft = Draft(book, plan, figures, result, words(), footer, money_format(case))
    for bid in figures.bids:
        bid.note = note_of(draft, bid)
    return draft


def _add_sheets(book: Book) -> SheetNames:
    titles = (
        _("Ranking"),
        _("Weights and rules"),
        _("Marks"),
        _("Requirements and findings"),
        _("Price only"),
        _("Check"),
    )
    return SheetNames(*(book.add_sheet(title).name for title in titles))


def member_labels(case: Case, names: Mapping[str, str], *, code_names: bool) -> dict[str, str]:
    """What each member is called in the workbook, by code."""
    if code_names:
        return {member.code: column_letters(number) for number, member in enumerate(case.members)}
    return {member.code: names.get(member.code) or member.name or member.code for member in case.members}


def _hidden(trail: Sequence[TrailRow] | None, *, code_names: bool) -> list[str]:
    hidden = []
    if trail is None:
        hidden.append(_("Left out for your role: the sheet “{sheet}”.").format(sheet=_("Trail")))
    if code_names:
        hidden.append(_("Panel members are shown by letter: individual sheets are confidential."))
    return hidden


def _properties(case: Case, result: Result, exported: str) -> Properties:
    try:
        created = datetime.fromisoformat(exported[:16])
    except ValueError:
        created = None
    return Properties(
        title=_("Ranking") + " " + case.reference,
        subject=case.title,
        organisation="Assay",
        keywords=result.fingerprint,
        comments=_("Live formulas; the sheet “{sheet}” compares them with Assay.").format(sheet=_("Check")),
        created=created,
        marks={"Case fingerprint": result.fingerprint, "Exported": exported},
    )
