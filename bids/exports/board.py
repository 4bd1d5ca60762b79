"""The board's figures as a workbook: a summary, and every award and matter behind it."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from bids.forms.board import FIGURES
from bids.queries.board import LACKS, Bought
from bids.queries.board_figures import Figures
from bids.queries.board_matters import Matter
from procurement.choices import Severity
from procurement.sheets.writing import Book, Properties, new_workbook

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]  # no py.typed

#: Rows of headings above a table.
_TOP = 4

Cell = str | date | int | Decimal | Fraction | None

#: A column: its head, its width in characters, and the style of its cells.
Head = tuple[str, int, str]


def board_workbook(figures: Figures, *, period: str, language: str, exported: str, today: date) -> bytes:
    """The figures in a language of the site; `exported` says when and by whom, `period` of what."""
    with override(language):
        title = _("Figures for the board")
        book = new_workbook(Properties(title=title, organisation="Assay"))
        note = _("{period}. Exported {moment}").format(period=period, moment=exported)
        _table(book, _("Summary"), note, _summary_heads(), list(_summary(figures)))
        _table(book, _("Awards"), note, _award_heads(), [_award(row) for row in figures.bought])
        for name, rows, is_late in (
            (_("Advice overruled"), figures.overruled, False),
            (_("Past due"), figures.past_due, True),
        ):
            lines = [_matter(row, today if is_late else None) for row in rows]
            _table(book, name, note, _matter_heads(is_late=is_late), lines)
        holdings = [*figures.holdings, *figures.largest]
        lines = [[r.class_name, r.vendor.name, r.currency, r.awards, r.value, r.share] for r in holdings]
        _table(book, _("Vendors"), note, _vendor_heads(), lines)
        return book.to_bytes()


def _table(
    book: Book, name: str, note: str, heads: Sequence[Head], rows: Sequence[Sequence[Cell]]
) -> "Worksheet":
    """A sheet with the rows under the heads."""
    sheet = book.add_sheet(name)
    book.write_text(sheet, 0, 0, name, "title")
    book.write_text(sheet, 1, 0, note, "note")
    for column, (text, width, _style) in enumerate(heads):
        sheet.set_column(column, column, width)
        book.write_text(sheet, _TOP - 1, column, text, "head")
    for line, cells in enumerate(rows, _TOP):
        for column, (cell, (_text, _width, style)) in enumerate(zip(cells, heads, strict=True)):
            _write(book, sheet, (line, column), cell, style)
    sheet.freeze_panes(_TOP, 0)
    if rows:
        sheet.autofilter(_TOP - 1, 0, _TOP - 1 + len(rows), len(heads) - 1)
    book.set_up_page(sheet, footer=name, repeat_rows=(_TOP - 1, _TOP - 1))
    return sheet


def _write(book: Book, sheet: "Worksheet", at: tuple[int, int], cell: Cell, style: str) -> None:
    if isinstance(cell, date):
        book.write_moment(sheet, *at, cell, "cell", "wrap", "date")
    elif isinstance(cell, int | Decimal | Fraction):
        cents = style == "money" and Fraction(cell).denominator != 1
        book.write_number(sheet, *at, cell, "cell", "wrap", "money_cents" if cents else style or "integer")
    else:
        book.write_text(sheet, *at, cell, "cell", "wrap")


# --- summary ----------------------------------------------------------------------------------------------
def _summary_heads() -> list[Head]:
    return [
        (_("Figure"), 58, ""),
        (_("Number"), 12, "integer"),
        (_("Share"), 12, "percent"),
        (_("Currency"), 10, ""),
        (_("Money"), 18, "money"),
    ]


def _summary(figures: Figures) -> Iterable[list[Cell]]:
    """A line for every figure of the page."""
    of = len(figures.bought)
    yield [_("Awards"), of, None, "", None]
    yield [str(FIGURES["price"]), figures.count("price"), figures.price_share, "", None]
    yield [str(FIGURES["alone"]), figures.count("alone"), None, "", None]
    yield [str(FIGURES["cheapest"]), figures.count("cheapest"), None, "", None]
    yield [str(FIGURES["dearer"]), len(figures.dearer), None, "", None]
    for row in figures.premiums:
        yield [_("Paid above the cheapest bids"), row.awards, row.share, row.currency, row.paid]
    yield [str(FIGURES["cheapest_out"]), figures.count("cheapest_out"), None, "", None]
    for severity, count in figures.met.items():
        text = _("Requirements met that the cheapest bids do not meet: {severity}")
        yield [text.format(severity=severity.label), count, None, "", None]
    higher = _("Security points above the cheapest bid, mean")
    yield [higher, figures.compared, figures.security, "", None]
    yield [_("Advice overruled"), len(figures.overruled), None, "", None]
    yield [_("Past due"), len(figures.past_due), None, "", None]
    yield from ([str(FIGURES[code]), count, None, "", None] for code, count in figures.lacking)


# --- the rows ---------------------------------------------------------------------------------------------
def _award_heads() -> list[Head]:
    met = [(str(severity.label), 10, "integer") for severity in Severity]
    return [
        (_("Awarded"), 12, ""),
        (_("Reference"), 18, ""),
        (_("Tender"), 34, ""),
        (_("System class"), 9, ""),
        (_("Accountable unit"), 18, ""),
        (_("Vendor"), 26, ""),
        (_("Currency"), 9, ""),
        (_("Price"), 16, "money"),
        (_("Cheapest bid"), 26, ""),
        (_("Its price"), 16, "money"),
        (_("Premium"), 16, "money"),
        (_("On price only"), 12, ""),
        (_("Cheapest was excluded"), 12, ""),
        (_("Security points above it"), 12, "percent"),
        *met,
        *((str(FIGURES[code]), 14, "") for code in LACKS),
    ]


def _award(row: Bought) -> list[Cell]:
    yes = _("Yes")
    return [
        timezone.localdate(row.at),
        row.tender.reference,
        row.tender.title,
        row.tender.system_class,
        row.unit.name if row.unit else "",
        row.vendor.name,
        row.tender.currency,
        row.frozen.price,
        row.frozen.lowest_vendor,
        row.frozen.lowest,
        row.premium,
        yes if row.on_price_only else "",
        yes if row.frozen.lowest_out else "",
        row.frozen.security,
        *(row.frozen.met.get(severity.value, 0) for severity in Severity),
        *(yes if code in row.lacks else "" for code in LACKS),
    ]


def _matter_heads(*, is_late: bool) -> list[Head]:
    heads: list[Head] = [
        (_("Due") if is_late else _("Decided"), 12, ""),
        (_("Kind"), 28, ""),
        (_("Reference"), 18, ""),
        (_("Tender"), 34, ""),
        (_("Unit"), 18, ""),
        (_("What"), 50, ""),
        (_("Who"), 30, ""),
    ]
    return [*heads, (_("Days late"), 10, "integer")] if is_late else heads


def _matter(row: Matter, today: date | None) -> list[Cell]:
    cells: list[Cell] = [
        row.at,
        str(row.kind),
        row.tender.reference if row.tender else "",
        row.tender.title if row.tender else "",
        row.unit.name if row.unit else "",
        row.text,
        row.who,
    ]
    return cells if today is None else [*cells, max(row.late(today), 0)]


def _vendor_heads() -> list[Head]:
    return [
        (_("System class (empty: all)"), 36, ""),
        (_("Vendor"), 34, ""),
        (_("Currency"), 9, ""),
        (_("Awards"), 9, "integer"),
        (_("Awarded value"), 20, "money"),
        (_("Share"), 10, "percent"),
    ]
