"""The ledger of overruled advice as a workbook: the rows, and how often by unit and by approver."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from bids.queries.ledger import LedgerRow, tallies
from procurement.sheets.writing import Book, Properties, new_workbook

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]  # no py.typed

_WIDTHS = (12, 24, 16, 30, 16, 24, 40, 40, 26, 44, 12, 44)
#: Rows of headings above the table.
_TOP = 4


def ledger_workbook(rows: Sequence[LedgerRow], *, language: str, exported: str) -> bytes:
    """The rows in the order given, in a language of the site; `exported` says when and by whom."""
    with override(language):
        book = new_workbook(Properties(title=_("Ledger of overruled advice"), organisation="Assay"))
        sheet = book.add_sheet(_("Ledger"))
        _write_head(book, sheet, _("Ledger of overruled advice"), exported)
        _write_rows(book, sheet, rows)
        for title, name in ((_("By unit"), _unit), (_("By approver"), _approver)):
            _write_tally(book, title, rows, name, exported)
        return book.to_bytes()


def _unit(row: LedgerRow) -> str:
    return row.unit_name


def _approver(row: LedgerRow) -> str:
    return row.approver


def _write_head(book: Book, sheet: "Worksheet", title: str, exported: str) -> None:
    sheet.set_row(0, 28)
    book.write_text(sheet, 0, 0, title, "title")
    book.write_text(sheet, 1, 0, _("Exported {moment}").format(moment=exported), "note")


def _write_rows(book: Book, sheet: "Worksheet", rows: Sequence[LedgerRow]) -> None:
    heads = (
        _("Decided"),
        _("Kind"),
        _("Reference"),
        _("Tender"),
        _("Unit"),
        _("Vendor"),
        _("What security advised"),
        _("Reason"),
        _("Decided by"),
        _("Conditions"),
        _("Past due"),
        _("What came of it"),
    )
    for column, (head, width) in enumerate(zip(heads, _WIDTHS, strict=True)):
        book.write_text(sheet, _TOP - 1, column, head, "head")
        sheet.set_column(column, column, width)
    for line, row in enumerate(rows, _TOP):
        book.write_moment(sheet, line, 0, timezone.localtime(row.at).date(), "cell", "date", valign="top")
        texts = (
            str(row.kind.label),
            row.tender.reference if row.tender else "",
            row.tender.title if row.tender else "",
            row.unit_name,
            row.vendor,
            row.advice,
            row.reason,
            row.approver,
            "\n".join(_conditions(row)),
        )
        for column, text in enumerate(texts, 1):
            book.write_text(sheet, line, column, text, "cell", "wrap")
        book.write_text(sheet, line, 10, _("Past due") if row.overdue else "", "cell", "wrap", "no")
        said = "\n".join(f"{timezone.localtime(n.at):%Y/%m/%d} {n.by_name}: {n.text}" for n in row.notes)
        book.write_text(sheet, line, 11, said, "cell", "wrap")
    if not rows:
        book.write_text(sheet, _TOP, 0, _("No advice was overruled."), "cell")
    sheet.freeze_panes(_TOP, 0)
    sheet.autofilter(_TOP - 1, 0, _TOP - 1 + max(1, len(rows)), len(heads) - 1)
    book.set_up_page(sheet, footer=_("Ledger of overruled advice"), repeat_rows=(_TOP - 1, _TOP - 1))


def _conditions(row: LedgerRow) -> list[str]:
    """Each condition with its owner and day."""
    lines = []
    for condition in row.conditions:
        due = f"{condition.due:%Y/%m/%d}" if condition.due else "—"
        state = _("settled") if condition.done else _("past due") if condition.overdue else _("open")
        lines.append(f"{condition.text} · {condition.owner} · {due} · {state}")
    return lines


def _write_tally(
    book: Book, title: str, rows: Sequence[LedgerRow], name: Callable[[LedgerRow], str], exported: str
) -> None:
    sheet = book.add_sheet(title)
    _write_head(book, sheet, title, exported)
    for column, (head, width) in enumerate(((title, 40), (_("Overruled"), 14), (_("Past due"), 14))):
        book.write_text(sheet, _TOP - 1, column, head, "head", *(("right",) if column else ()))
        sheet.set_column(column, column, width)
    for line, tally in enumerate(tallies(rows, name), _TOP):
        book.write_text(sheet, line, 0, tally.name, "cell")
        book.write_number(sheet, line, 1, tally.count, "cell", "integer")
        book.write_number(
            sheet, line, 2, tally.overdue, "cell", "integer", *(("no",) if tally.overdue else ())
        )
    book.set_up_page(sheet, footer=title, landscape=False)
