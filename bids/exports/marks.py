"""The sheet of marks: a row for each bid and criterion, a column for each member, and the points that follow.

Marks that do not count stand in brackets, as text; abstentions are a dash. Formulas look at numbers only.
"""

from collections.abc import Mapping
from fractions import Fraction

from django.utils.translation import gettext as _

from bids.evaluation import exact
from bids.evaluation.result import LeafSteps
from bids.exports import formulas
from bids.exports.draft import Draft
from bids.exports.figures import BidFigures
from bids.exports.layout import GROUP, MARKED, PRICED, Node, Seat
from procurement.sheets.writing import column_letters

ABSTAINED = "—"
_AVERAGES = {"mean": "AVERAGE", "median": "MEDIAN", "sum": "SUM"}


def write_marks(draft: Draft) -> None:
    """Write the sheet."""
    plan = draft.plan
    notes = [
        _("A number may be changed or filled in. Marks in brackets do not count, a dash is an abstention.")
    ]
    if plan.case.price.computed:
        notes.append(_("Price points come from the sheet of prices."))
    draft.title(plan.sheets.marks, _("Marks"), *notes)
    sheet = draft.sheet(plan.sheets.marks)
    _write_heads(draft)
    writer = MarksWriter(draft)
    for number, bid in enumerate(draft.figures.bids):
        writer.write(number, bid)
    _write_reasons(draft)
    if plan.marks.rows and len(plan.seats) and plan.case.members:
        first, last = plan.marks.columns["m0"], plan.marks.columns["agreed"] - 1
        holes = {"type": "formula", "format": draft.book.workbook.add_format({"bg_color": "#FAE9E7"})}
        letter = column_letters(plan.marks.columns["mark"])
        mark, own = f"${letter}{plan.marks.top + 1}", f"{column_letters(first)}{plan.marks.top + 1}"
        needs = f'AND(NOT(ISBLANK({mark})),{mark}="",{own}="")'
        sheet.conditional_format(
            plan.marks.top,
            first,
            plan.marks.top + plan.marks.rows - 1,
            last,
            holes | {"criteria": f"={needs}"},
        )
    sheet.freeze_panes(plan.marks.top, 3)
    draft.book.set_up_page(sheet, footer=draft.footer, repeat_rows=(plan.marks.top - 2, plan.marks.top - 1))


def _write_heads(draft: Draft) -> None:
    plan, marks = draft.plan, draft.plan.marks
    titles = {
        "vendor": _("Vendor"),
        "code": _("Code"),
        "title": _("Criterion"),
        "agreed": _("Agreed mark"),
        "mark": _("Sum of marks") if plan.case.aggregation == "sum" else _("Mark that counts"),
        "unrounded": _("Points before rounding"),
        "points": _("Points"),
        "nodes": _("Points of the group"),
        "below": _("Below the minimum"),
    }
    if marks.columns["points"] == marks.columns["unrounded"]:
        titles.pop("unrounded")
    titles |= {f"m{number}": seat.label for number, seat in enumerate(plan.seats)}
    titles |= {
        f"u{number}": _("Mean of {unit}").format(unit=unit) for number, unit in enumerate(plan.case.units)
    }
    draft.heads(marks, titles)
    units: dict[str, str] = dict.fromkeys(marks.columns, "")
    units |= {f"m{number}": seat.member.unit for number, seat in enumerate(plan.seats)}
    draft.heads(marks, units, above=2)
    for number in range(len(plan.case.units)):
        if f"u{number}" in marks:
            share = plan.case.unit_shares[plan.case.units[number]] if plan.case.unit_shares else 1
            draft.formula(marks, f"u{number}", -2, plan.shares.cell("share", number), share, "head", "exact")
    draft.widths(marks, dict.fromkeys(marks.columns, 11.0) | {"vendor": 22, "code": 11, "title": 34})


class MarksWriter:
    """Writes the rows of the bids."""

    def __init__(self, draft: Draft) -> None:
        self.draft, self.plan, self.case = draft, draft.plan, draft.plan.case
        self.marks = draft.plan.marks
        self.rounding = self.case.rounding
        self.expected = {unit: len(leaves) for unit, leaves in self.plan.panel.leaves.items()}

    def write(self, number: int, bid: BidFigures) -> None:
        """Write all rows of one bid."""
        cells = _cells(bid)
        agreed = {mark.criterion: mark.mark for mark in bid.bid.consensus}
        for index, node in enumerate(self.plan.nodes):
            row = self.plan.node_row(number, index)
            style = "group" if node.role == GROUP else "cell"
            self.draft.text(self.marks, "vendor", row, bid.bid.vendor, style)
            self.draft.text(self.marks, "code", row, node.code, style)
            self.draft.text(self.marks, "title", row, node.criterion.title, style, indent=min(node.level, 15))
            if node.role == MARKED:
                self._write_members(row, node, cells.get(node.code, {}))
                self.draft.number(self.marks, "agreed", row, agreed.get(node.code), "cell", "exact")
                self._write_aggregate(row, index, node, bid)
            elif node.role == PRICED:
                self._write_price(number, row, node, bid)
            else:
                self._write_group(row, node, bid)
            self._write_minimum(row, index, node, bid)
        for figure in self.plan.own_rows:
            self._write_own(number, figure, bid)

    def _write_members(self, row: int, node: Node, cells: Mapping[str, Fraction | str]) -> None:
        units = node.criterion.units
        for number, seat in enumerate(self.plan.seats):
            value = cells.get(seat.member.code)
            if units is not None and seat.member.unit not in units:
                self.draft.text(self.marks, f"m{number}", row, "", "cell", "excluded")
                continue
            if isinstance(value, str):
                self.draft.text(self.marks, f"m{number}", row, value, "cell", "right", "note")
            else:
                self.draft.number(self.marks, f"m{number}", row, value, "cell", "exact")

    def _write_aggregate(self, row: int, index: int, node: Node, bid: BidFigures) -> None:
        """The mark that counts, and its points."""
        plan, marks = self.plan, self.marks
        steps = bid.sheet.leaves[node.code]
        factor = plan.tree.effective[node.code] / plan.tree.scales[node.code]
        if "u0" in marks:
            self._write_units(row, steps, factor)
        value = None if steps.unrounded is None else steps.unrounded / factor
        self.draft.formula(marks, "mark", row, self._aggregate(row, bid), value, "cell", "exact")
        mark = marks.cell("mark", row)
        points = formulas.unless_empty(mark, f"{mark}*{plan.weights.cell('factor', index)}")
        self.draft.formula(marks, "unrounded", row, points, steps.unrounded, "cell", "points")
        self._write_rounded(row, "leaf_points", steps.points)

    def _write_rounded(self, row: int, thing: str, points: Fraction | None) -> None:
        if self.marks.columns["points"] == self.marks.columns["unrounded"]:
            return
        raw = self.marks.cell("unrounded", row)
        rule = getattr(self.rounding, thing)
        rounded = formulas.rounded(raw, rule, self.plan.rules[thing]) if rule else raw
        self.draft.formula(
            self.marks, "points", row, formulas.unless_empty(raw, rounded), points, "cell", "points"
        )

    def _write_units(self, row: int, steps: LeafSteps, factor: Fraction) -> None:
        """The mean inside each unit; the members of a unit stand side by side."""
        for number, unit in enumerate(self.case.units):
            own = [seat for seat, other in enumerate(self.plan.seats) if other.member.unit == unit]
            span = self.marks.span(f"m{own[0]}", row, row, to=f"m{own[-1]}")
            value = steps.units.get(unit)
            expression = f'IF(COUNT({span})=0,"",AVERAGE({span}))'
            mean = None if value is None else value / factor
            self.draft.formula(self.marks, f"u{number}", row, expression, mean, "cell", "exact")

    def _aggregate(self, row: int, bid: BidFigures) -> str:
        marks, aggregation = self.marks, self.case.aggregation
        agreed = marks.cell("agreed", row)
        if aggregation == "consensus":
            return formulas.unless_empty(agreed, agreed)
        members = marks.span("m0", row, row, to=f"m{len(self.plan.seats) - 1}")
        if aggregation == "unit-mean":
            units = f"u{len(self.case.units) - 1}"
            means, shares = marks.span("u0", row, row, to=units), marks.span("u0", -2, -2, to=units)
            average = f'SUMPRODUCT({shares},{means})/SUMIF({means},">=0",{shares})'
        else:
            average = f"{_AVERAGES[aggregation]}({members})"
        if self.plan.panel.complete:
            judges = len(bid.judges)
            return f'IF(COUNT({members})<{max(judges, 1)},"",{average})'
        return f'IF({agreed}<>"",{agreed},IF(COUNT({members})=0,"",{average}))'

    def _write_price(self, number: int, row: int, node: Node, bid: BidFigures) -> None:
        """The row of a price that a formula scores: what the sheet of prices says, times the members."""
        raw, steps = self.plan.prices.cell("raw", number), bid.sheet.price
        points = formulas.unless_empty(raw, f"{raw}*{self._times()}")
        unrounded = steps.unrounded if steps else None
        self.draft.formula(self.marks, "unrounded", row, points, unrounded, "cell", "points")
        if self.marks.columns["points"] != self.marks.columns["unrounded"]:
            aggregated = self.plan.prices.cell("aggregated", number)
            value = bid.sheet.points[node.code]
            self.draft.formula(self.marks, "points", row, aggregated, value, "cell", "points")

    def _times(self) -> str:
        return self.plan.rules["members"] if self.case.aggregation == "sum" else "1"

    def _write_group(self, row: int, node: Node, bid: BidFigures) -> None:
        points = self.marks.span("points", row + 1, row + node.below)
        leaves = sum(
            1 for other in self.plan.nodes[row % self.plan.block + 1 :][: node.below] if other.role != GROUP
        )
        expression = f'IF(COUNT({points})<{leaves},"",SUM({points}))'
        self.draft.formula(
            self.marks, "nodes", row, expression, bid.sheet.nodes[node.code], "group", "points"
        )

    def _write_minimum(self, row: int, index: int, node: Node, bid: BidFigures) -> None:
        if node.criterion.minimum is None or node.code not in bid.minimums:
            return
        points = self.marks.cell("nodes" if node.role == GROUP else "points", row)
        bound = f"{self.plan.weights.cell('minimum', index)}-{self.plan.rules['tolerance']}"
        expression = formulas.unless_empty(points, f"IF({points}/{self._times()}<{bound},1,0)")
        self.draft.formula(self.marks, "below", row, expression, bid.minimums[node.code], "cell", "integer")

    def _write_own(self, number: int, figure: str, bid: BidFigures) -> None:
        """Members' own figures of a bid: points on the leaves of their unit, plus formula price points."""
        row = self.plan.own_row(number, figure)
        title = _("Members' own totals without price") if figure == "quality" else _("Members' own totals")
        for column in self.marks.columns:
            self.draft.text(self.marks, column, row, "", "group")
        self.draft.text(self.marks, "vendor", row, bid.bid.vendor, "group")
        self.draft.text(self.marks, "title", row, title, "group")
        own = bid.own_quality if figure == "quality" else bid.own
        for seat_number, seat in enumerate(self.plan.seats):
            if seat.counted and self.expected[seat.member.unit]:
                expression = self._own(number, f"m{seat_number}", seat, without_price=figure == "quality")
                value = own.get(seat.member.code)
                self.draft.formula(self.marks, f"m{seat_number}", row, expression, value, "group", "points")

    def _own(self, number: int, column: str, seat: Seat, *, without_price: bool) -> str:
        plan = self.plan
        pieces = [(0, len(plan.nodes) - 1, plan.points_span(column, number))]
        expected = self.expected[seat.member.unit]
        if without_price:
            pieces = plan.around_price(column, number)
            expected -= any(leaf.kind == "price" for leaf in plan.panel.leaves[seat.member.unit])
        spans = ",".join(span for _first, _last, span in pieces)
        own = "+".join(
            f"SUMPRODUCT({plan.weights.span('factor', first, last)},{span})" for first, last, span in pieces
        )
        points = plan.prices.cell("points", number) if self.case.price.computed else ""
        if not points or without_price:
            return f'IF(COUNT({spans})<{expected},"",{own})' if expected else "0"
        return f'IF(OR(COUNT({spans})<{expected},{points}=""),"",{own}+{points})'


def _cells(bid: BidFigures) -> dict[str, dict[str, Fraction | str]]:
    """What stands in the cells of the members: numbers that count, else text."""
    judges = set(bid.judges)
    cells: dict[str, dict[str, Fraction | str]] = {}
    for mark in bid.bid.marks:
        value: Fraction | str = ABSTAINED if mark.mark is None else mark.mark
        if mark.mark is not None and mark.member not in judges:
            value = f"({exact.text(mark.mark)})"
        cells.setdefault(mark.criterion, {})[mark.member] = value
    return cells


def _write_reasons(draft: Draft) -> None:
    """The members' comments and the reasons of agreed marks, below the marks."""
    plan, book = draft.plan, draft.book
    labels = {seat.member.code: seat.label for seat in plan.seats}
    titles = {node.code: node.criterion.title for node in plan.nodes}
    rows = [
        (bid.bid.vendor, mark.criterion, titles[mark.criterion], labels[mark.member], mark.comment)
        for bid in draft.figures.bids
        for mark in bid.bid.marks
        if mark.comment
    ]
    rows += [
        (bid.bid.vendor, mark.criterion, titles[mark.criterion], _("Agreed mark"), mark.reason)
        for bid in draft.figures.bids
        for mark in bid.bid.consensus
    ]
    sheet = draft.sheet(plan.sheets.marks)
    top = plan.marks.top + plan.marks.rows + 2
    if not plan.marks.rows:
        book.write_text(sheet, plan.marks.top, 0, _("There is nothing to mark."), "cell")
    if not rows:
        return
    draft.section(plan.sheets.marks, top, _("Reasons given with marks"), 8)
    for row, texts in enumerate(rows, top + 1):
        for column, text in enumerate(texts):
            book.write_text(sheet, row, column, text, "cell")
