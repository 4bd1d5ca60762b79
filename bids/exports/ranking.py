"""The first sheet: weights, and the ranking in live order."""

from fractions import Fraction
from unicodedata import east_asian_width

from django.utils.translation import gettext as _

from bids.exports.check import kinds_of, published_weights, trial_cell
from bids.exports.draft import HEAD_HEIGHT, Draft
from bids.exports.figures import BidFigures
from bids.exports.layout import Table
from bids.exports.prices import difference
from bids.exports.summary import write_summary
from bids.exports.ties import PRICE_ALONE
from procurement.sheets.writing import Number, address, column_letters, text_literal

Value = Number | str | bool | None

TOP = 7
#: More roots than this do not fit on the page: then the points by kind stand for them.
MOST_ROOTS = 8
NOT_RANKED = "—"
#: The widths of the columns of remarks and vendors, in characters.
_REMARK_WIDTH, _VENDOR_WIDTH = 60, 26


def write_ranking(draft: Draft, exported: str, hidden: list[str]) -> None:
    """Write the sheet; `hidden` are sentences about what the reader may not see."""
    table = _table(draft)
    _write_head(draft, table, exported)
    _write_weights(draft)
    _write_heads(draft, table)
    writer = _RowsWriter(draft, table)
    for row in range(table.rows):
        writer.write(row)
        _set_height(draft, table, row)
    _paint(draft, table)
    end = write_summary(draft, table.top + table.rows + 1, _last(table), hidden)
    sheet = draft.sheet(table.sheet)
    sheet.freeze_panes(TOP, 2)
    sheet.print_area(0, 0, end, _last(table))
    draft.book.set_up_page(sheet, footer=draft.footer, repeat_rows=(TOP - 1, TOP - 1))


def _set_height(draft: Draft, table: Table, row: int) -> None:
    """Room for the remarks of the bid that stands on this line at first."""
    bid = next((bid for bid in draft.figures.bids if bid.line == row + 1), None)
    lines = max(_lines(bid.note, _REMARK_WIDTH), _lines(bid.bid.vendor, _VENDOR_WIDTH)) if bid else 1
    draft.sheet(table.sheet).set_row(table.top + row, min(400, 10 + 14 * lines))


def _lines(text: str, width: int) -> int:
    """How many lines a text takes; Chinese characters take the room of two others."""
    room = sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
    return max(1, -(-room // width))


def _table(draft: Draft) -> Table:
    columns = ["place", "vendor", "security", "quality", "price", "total"]
    if draft.result.figure != "total" or draft.plan.case.quality_scale == "relative-to-best":
        columns.append("figure")
    columns += ["gap", "offer", "more", "gates", "notes", "row"]
    numbered = {column: number for number, column in enumerate(columns)}
    return Table(draft.plan.sheets.ranking, TOP, len(draft.plan.case.bids) + 1, numbered)


def _last(table: Table) -> int:
    return table.columns["notes"]


def _write_head(draft: Draft, table: Table, exported: str) -> None:
    sheet, book, plan = draft.sheet(table.sheet), draft.book, draft.plan
    draft.title(table.sheet, _("Ranking"))
    last = _last(table)
    book.write_text(
        sheet, 0, last, _("Case {fingerprint}").format(fingerprint=draft.result.fingerprint), "note", "right"
    )
    said = _("Exported {moment}").format(moment=exported) if exported else ""
    book.write_text(sheet, 1, last, said, "note", "right")
    note = _("Weights are changed on the sheet “{sheet}”; places follow. Method: {method}.").format(
        sheet=plan.sheets.weights, method=draft.words.methods[plan.case.method]
    )
    book.write_text(sheet, 2, 0, note, "note")
    widths = {
        "place": 7,
        "vendor": _VENDOR_WIDTH + 4,
        "gates": 20,
        "notes": _REMARK_WIDTH,
        "row": 5,
        "offer": 17,
        "more": 17,
    }
    draft.widths(table, dict.fromkeys(table.columns, 12.0) | widths)


def _write_weights(draft: Draft) -> None:
    """The weights of the roots, or the points by kind where roots are many; are they published?"""
    book, sheet = draft.book, draft.sheet(draft.plan.sheets.ranking)
    label, parts = _shown_weights(draft)
    sheet.set_row(3, HEAD_HEIGHT)
    book.write_text(sheet, 4, 0, label, "strong")
    for column, (title, expression, value) in enumerate(parts, 2):
        book.write_text(sheet, 3, column, title, "label", "right", "wrap")
        book.write_formula(sheet, 4, column, "=" + expression, value, "exact", "strong", border=1)
    end = 2 + len(parts)
    if parts:
        book.write_text(sheet, 3, end, _("Sum"), "label", "right")
        total = sum((value for _title, _expression, value in parts), Fraction(0))
        book.write_formula(
            sheet, 4, end, f"=SUM({address(4, 2)}:{address(4, end - 1)})", total, "exact", "strong"
        )
    said = "=" + trial_cell(draft)
    book.write_formula(sheet, 4, end + 1, said, published_weights(), "ok", indent=1)
    trial = {"type": "cell", "criteria": "!=", "value": text_literal(published_weights())}
    sheet.conditional_format(4, end + 1, 4, end + 1, trial | {"format": draft.paint("no", "no_wash")})


def _shown_weights(draft: Draft) -> tuple[str, list[tuple[str, str, Fraction]]]:
    """What the row of weights is called, and its titles, expressions and values."""
    plan, weights = draft.plan, draft.plan.weights
    roots = [(row, node.criterion) for row, node in enumerate(plan.nodes) if node.parent is None]
    if len(roots) <= MOST_ROOTS:
        parts = [(root.title, weights.cell("weight", row), root.weight) for row, root in roots]
        return _("Weights in this workbook"), parts
    effective = plan.tree.effective
    return _("Effective points"), [
        (
            draft.words.kinds[kind],
            f"SUMPRODUCT({weights.span(kind)},{weights.span('effective')})",
            sum((effective[code] for code in plan.tree.of_kind(kind)), Fraction(0)),
        )
        for kind in ("security", "quality", "price")
    ]


def _write_heads(draft: Draft, table: Table) -> None:
    titles = {
        "place": _("Place"),
        "vendor": _("Vendor"),
        "security": _("Security"),
        "quality": _("Quality"),
        "price": _("Price points"),
        "total": _("Total"),
        "figure": _("Scaled total")
        if draft.result.figure == "total"
        else draft.words.figures[draft.result.figure],
        "gap": _("Gap"),
        "offer": _("Price ({currency})").format(currency=draft.plan.case.currency),
        "more": _("More than first place"),
        "gates": _("Gates"),
        "notes": _("Remarks"),
        "row": _("Bid"),
    }
    draft.heads(table, titles)


class _RowsWriter:
    """Writes one line of the ranking: a ranked bid, the rule below the ranked ones, or a bid that is out."""

    def __init__(self, draft: Draft, table: Table) -> None:
        self.draft, self.table, self.steps = draft, table, draft.plan.steps
        self.bids = draft.figures.bids
        self.by_line = {bid.line: (number, bid) for number, bid in enumerate(self.bids)}
        self.figure = "figure" if "figure" in table else "total"
        first = self.by_line.get(1)
        self.first = first[1] if first and first[1].ranked else None

    def write(self, row: int) -> None:
        """Write the cells of one line."""
        number, bid = self.by_line.get(row + 1, (None, None))
        found = f'IFERROR(MATCH({row + 1},{self.steps.span("line")},0),"")'
        self._put("row", row, found, None if number is None else number + 1, "note", "integer")
        self._write_bid(row, bid)
        self._write_points(row, bid)
        self._write_money(row, bid)
        self._put("gates", row, self._gates(row), self._gates_text(bid), "cell", indent=1)
        self._put(
            "notes",
            row,
            self._index("said", row),
            bid.note if bid else None,
            "cell",
            text_wrap=True,
            indent=1,
        )

    def _put(
        self, column: str, row: int, expression: str, value: Value, *styles: str, **extra: object
    ) -> None:
        self.draft.formula(self.table, column, row, expression, value, *styles, **extra)

    def _index(self, column: str, row: int) -> str:
        """What a column of the steps says of the bid on this line, as an expression."""
        number = self.table.cell("row", row)
        cell = f"INDEX({self.steps.span(column)},{number})"
        return f'IF({number}="","",IF({cell}="","",{cell}))'

    def _write_bid(self, row: int, bid: BidFigures | None) -> None:
        number, place = (
            self.table.cell("row", row),
            f"INDEX({self.steps.span('place')},{self.table.cell('row', row)})",
        )
        dash = text_literal(NOT_RANKED)
        value: Value = None
        if bid:
            value = bid.places[-1] if bid.ranked else NOT_RANKED
        self._put("place", row, f'IF({number}="","",IF({place}="",{dash},{place}))', value, "cell", "place")
        ranked, rule = f"COUNT({self.steps.span('place')})", text_literal(_("Not ranked"))
        below = f'IF({ranked}={row},IF({ranked}<{len(self.bids)},{rule},""),"")'
        vendor = f"INDEX({self.steps.span('vendor')},{number})"
        out = any(not other.ranked for other in self.bids)
        name = bid.bid.vendor if bid else _("Not ranked") if out else None
        self._put(
            "vendor",
            row,
            f'IF({number}="",{below},{vendor})',
            name,
            "cell",
            "strong",
            "wrap",
            valign="vcenter",
        )

    def _write_points(self, row: int, bid: BidFigures | None) -> None:
        kinds = kinds_of(self.draft, bid) if bid else {}
        for column, source in (("security", "security"), ("quality", "quality_points"), ("price", "price")):
            self._put(column, row, self._index(source, row), kinds.get(column), "cell", "points")
        place, dash = self.table.cell("place", row), text_literal(NOT_RANKED)
        columns = {"total": "total", self.figure: "figure" if self.figure == "figure" else "total"}
        for column, source in columns.items():
            expression = f"IF({place}={dash},{dash},{self._index(source, row)})"
            value: Value = None
            if bid:
                own = bid.sheet.total if column == "total" else bid.figure
                value = own if bid.ranked else NOT_RANKED
            extra = {"num_format": self._figure_format()} if column == "figure" else {}
            self._put(column, row, expression, value, "cell", "total", "right", **extra)
        figure, first = self.table.cell(self.figure, row), self.table.cell(self.figure, 0)
        apart = self._more(row) if self.draft.plan.case.method in PRICE_ALONE else f"{figure}-{first}"
        gap = f'IF(AND(ISNUMBER({place}),ISNUMBER({figure})),{apart},"")'
        self._put("gap", row, gap, self._gap(bid), "cell", "gap")

    def _figure_format(self) -> str:
        figure = self.draft.result.figure
        return {"total": "0.00", "rank_sum": "General"}.get(figure, "#,##0.00")

    def _gap(self, bid: BidFigures | None) -> Fraction | None:
        if bid is None or not bid.ranked or self.first is None:
            return None
        own, best = bid.figure, self.first.figure
        if self.figure == "total":
            own, best = bid.sheet.total, self.first.sheet.total
        return None if own is None or best is None else own - best

    def _write_money(self, row: int, bid: BidFigures | None) -> None:
        prices, number = self.draft.plan.prices, self.table.cell("row", row)
        price = f"INDEX({prices.span('price')},{number})"
        whole = f"{price}+INDEX({prices.span('rest')},{number})" if "rest" in prices else price
        offer = f'IF({number}="","",IF({price}="","",{whole}))'
        value = bid.bid.price if bid else None
        form = self.draft.money
        self._put("offer", row, offer, value, "cell", "money", num_format=form)
        own, first, place = (
            self.table.cell("offer", row),
            self.table.cell("offer", 0),
            self.table.cell("place", 0),
        )
        more = f'IF(AND(ISNUMBER({place}),ISNUMBER({own}),ISNUMBER({first})),{self._more(row)},"")'
        best = self.first.bid.price if self.first else None
        dearer = None if value is None or best is None else value - best
        self._put("more", row, more, dearer, "cell", "money_gap", num_format=f"+{form};−{form};—")

    def _more(self, row: int) -> str:
        return difference(self.draft, self.table.cell("row", row), self.table.cell("row", 0))

    def _gates(self, row: int) -> str:
        number = self.table.cell("row", row)
        if not self.draft.plan.case.requirements:
            return f'IF({number}="","",{text_literal(NOT_RANKED)})'
        failed, waived = (f"INDEX({self.steps.span(column)},{number})" for column in ("gates", "waived"))
        lost, excused, kept = (text_literal(text) for text in _gate_words())
        return f'IF({number}="","",IF({failed}>0,{lost}&{failed},IF({waived}>0,{excused}&{waived},{kept})))'

    def _gates_text(self, bid: BidFigures | None) -> str | None:
        if bid is None:
            return None
        if not self.draft.plan.case.requirements:
            return NOT_RANKED
        lost, excused, kept = _gate_words()
        return f"{lost}{bid.gates}" if bid.gates else f"{excused}{bid.waived}" if bid.waived else kept


def _gate_words() -> tuple[str, str, str]:
    return _("✕ Not met: "), _("⚑ Met, waived: "), _("✓ All met")


def _paint(draft: Draft, table: Table) -> None:
    """First place on a wash, bids that are out in grey below a heavy rule; words and signs say the same."""
    sheet = draft.sheet(table.sheet)
    place, vendor, row = (column_letters(table.columns[name]) for name in ("place", "vendor", "row"))
    top = table.top + 1
    area = (table.top, 0, table.top + table.rows - 1, _last(table))
    rule = draft.paint("head")
    for criteria, paint in (
        (f'=AND(${row}{top}="",${vendor}{top}<>"")', rule),
        (f'=${place}{top}="{NOT_RANKED}"', draft.paint("excluded")),
        (f"=${place}{top}=1", draft.paint("first")),
    ):
        sheet.conditional_format(*area, {"type": "formula", "criteria": criteria, "format": paint})
    gates = table.columns["gates"]
    for sign, style in (("✕", "no"), ("⚑", "warn"), ("✓", "ok")):
        rule_of_sign = {
            "type": "text",
            "criteria": "begins with",
            "value": sign,
            "format": draft.paint(style),
        }
        sheet.conditional_format(table.top, gates, table.top + table.rows - 1, gates, rule_of_sign)
