"""The table of steps on the sheet of checks: a row for each bid, from points to place."""

from fractions import Fraction

from django.utils.translation import gettext as _

from bids.evaluation.case import PassMark
from bids.evaluation.ranking import HIGHEST_FIRST
from bids.evaluation.stages import NEED_EVERY_PRICE, YARDSTICK
from bids.exports import formulas
from bids.exports.draft import Draft
from bids.exports.figures import BidFigures
from bids.exports.layout import GROUP
from bids.exports.prices import price_of
from bids.exports.requirements import gates_not_met, gates_waived
from bids.exports.ties import PRICE_ALONE, TiesWriter
from procurement.sheets.writing import text_literal


class StepsWriter:
    """Writes the steps of each bid."""

    def __init__(self, draft: Draft) -> None:
        self.draft, self.plan, self.case = draft, draft.plan, draft.plan.case
        self.steps, self.rules, self.rounding = draft.plan.steps, draft.plan.rules, draft.plan.case.rounding
        self.times = self.rules["members"] if self.case.aggregation == "sum" else "1"
        self.quality_leaves = sum(
            1 for node in self.plan.nodes if node.role != GROUP and node.criterion.kind != "price"
        )
        self.ties = TiesWriter(draft)

    def write(self, row: int, bid: BidFigures) -> None:
        """Write the steps of one bid."""
        self._first_stage(row, bid)
        self._quality(row, bid)
        self._second_stage(row, bid)
        self._total(row, bid)
        self._later_stages(row, bid)
        if self.case.method == "rank-sum":
            self._member_ranks(row, bid)
        self._figure(row, bid)
        self.ties.write(row, bid)
        self._place(row, bid)
        self._kinds(row, bid)
        self._state(row, bid)

    def _flag(self, row: int, column: str, expression: str, value: int | None) -> None:
        """A count, or a yes (1) or no (0)."""
        if expression:
            self.draft.formula(self.steps, column, row, expression, value, "cell", "integer")
        else:
            self.draft.number(self.steps, column, row, 0, "cell", "integer")

    def _points(self, row: int, column: str, expression: str, value: Fraction | None) -> None:
        self.draft.formula(self.steps, column, row, expression, value, "cell", "points")

    def _cell(self, column: str, row: int) -> str:
        return self.steps.cell(column, row)

    def _first_stage(self, row: int, bid: BidFigures) -> None:
        status = self.plan.prices.cell("status", row)
        valid = f"IF({status}={text_literal(self.draft.words.statuses['valid'])},1,0)"
        self._flag(row, "valid", valid, bid.valid)
        self._flag(row, "gates", gates_not_met(self.draft, row), bid.gates)
        self._flag(row, "waived", gates_waived(self.draft, row), bid.waived)
        scored = f"IF(AND({self._cell('valid', row)}=1,{self._cell('gates', row)}=0),1,0)"
        self._flag(row, "scored", scored, bid.scored)
        self._flag(row, "gaps", self._gaps(row, bid), bid.gaps)

    def _gaps(self, row: int, bid: BidFigures) -> str:
        """The number of marks without which the bid cannot be judged."""
        leaves = len(self.plan.tree.marked)
        if not leaves:
            return ""
        if self.plan.panel.complete and bid.judges:
            first, last = self.plan.node_row(row, 0), self.plan.node_row(row, len(self.plan.nodes) - 1)
            marks = self.plan.marks.span("m0", first, last, to=f"m{len(self.plan.seats) - 1}")
            return f"{leaves * len(bid.judges)}-COUNT({marks})"
        return f"{leaves}-COUNT({self.plan.points_span('mark', row)})"

    def _quality(self, row: int, bid: BidFigures) -> None:
        """The points on everything but price; where one is missing there is none."""
        if self.quality_leaves:
            spans = ",".join(span for _first, _last, span in self.plan.around_price("points", row))
            raw = f'IF(COUNT({spans})<{self.quality_leaves},"",SUM({spans}))'
            self._points(row, "quality_raw", raw, bid.sheet.quality_unrounded)
        else:
            self.draft.number(self.steps, "quality_raw", row, 0, "cell", "points")
        self._points(row, "quality", self._rounded(self._cell("quality_raw", row)), bid.sheet.quality)

    def _rounded(self, cell: str) -> str:
        rule = self.rounding.total if self.rounding else None
        return formulas.unless_empty(
            cell, formulas.rounded(cell, rule, self.rules["total"]) if rule else cell
        )

    def _second_stage(self, row: int, bid: BidFigures) -> None:
        minimums, staged = len(bid.minimums), self.case.method != YARDSTICK
        below = ""
        if minimums and staged:
            flags = self.plan.points_span("below", row)
            below = f'IF(SUM({flags})>0,SUM({flags}),IF(COUNT({flags})<{minimums},"",0))'
        self._flag(row, "below", below, bid.below)
        mark, tests = self.case.pass_mark, []
        figure = self._cell("quality" if mark and mark.on == "quality" else "total", row)
        if mark and staged and self._early(mark):
            tests.append(self._pass_mark(row, mark, figure, bid))
        if self.case.method == "price-per-point":
            tests.append(f"IF({self._cell('total', row)}<=0,1,0)")
        self._flag(row, "stage2", formulas.unless_empty(figure, "+".join(tests)) if tests else "", bid.stage2)
        failed = f"SUM({self._cell('below', row)},{self._cell('stage2', row)})"
        past = f"IF(AND({self._cell('scored', row)}=1,{failed}=0),1,0)"
        self._flag(row, "past2", past, bid.past2)

    def _early(self, mark: PassMark) -> bool:
        return mark.on == "quality" or self.plan.price_row is None

    def _pass_mark(self, row: int, mark: PassMark, figure: str, bid: BidFigures) -> str:
        """1 where the bid does not reach the pass mark, as an expression."""
        bound = f"{self.rules['pass_mark']}-{self.rules['tolerance']}"
        if mark.rule == "mean":
            return f"IF({figure}/{self.times}<{bound},1,0)"
        own_figure = "quality" if mark.on == "quality" and "quality" in self.plan.own_rows else "total"
        if not self.plan.own_rows:
            return "1"
        own_row = self.plan.own_row(row, own_figure)
        own = self.plan.marks.span("m0", own_row, own_row, to=f"m{len(self.plan.seats) - 1}")
        votes = formulas.counted(f'{own}<>""', f"{own}>={bound}")
        return f"IF(2*{votes}>{len(bid.judges)},0,1)"

    def _total(self, row: int, bid: BidFigures) -> None:
        quality = self._cell("quality_raw", row)
        if self.plan.price_row is None:
            total = formulas.unless_empty(quality, quality)
            self.draft.text(self.steps, "price_points", row, "", "cell")
        else:
            points = self.plan.marks.cell("points", self.plan.node_row(row, self.plan.price_row))
            leaf = self.plan.nodes[self.plan.price_row].code
            self._points(row, "price_points", formulas.unless_empty(points, points), bid.sheet.points[leaf])
            price = self._cell("price_points", row)
            total = f'IF(OR({quality}="",{price}=""),"",{quality}+{price})'
        self._points(row, "total_raw", total, bid.sheet.total_unrounded)
        total_style = ("cell", "points", "strong")
        expression = self._rounded(self._cell("total_raw", row))
        self.draft.formula(self.steps, "total", row, expression, bid.sheet.total, *total_style)
        if "best" in self.steps:
            self._scale(row, bid)

    def _scale(self, row: int, bid: BidFigures) -> None:
        """Quality as a share of the best past the second stage."""
        quality, best = self._cell("quality_raw", row), self.steps.span("best")
        known = f"COUNT({self._cell('below', row)},{self._cell('stage2', row)},{quality})=3"
        own = f'IF({self._cell("past2", row)}=1,IF({known},{quality},"?"),"")'
        value: Fraction | str | None = None
        if bid.past2:
            quality_known = bid.sheet.quality_unrounded is not None and not bid.undecided
            value = bid.sheet.quality_unrounded if quality_known else "?"
        self.draft.formula(self.steps, "best", row, own, value, "cell", "points")
        whole, price_row = self.rules["total_points"], self.plan.price_row
        if price_row is not None:
            whole = f"({whole}-{self.plan.weights.cell('effective', price_row)})"
        unknown = formulas.counted(f'{best}="?"')
        scaled = f"IF(MAX({best})>0,{quality}*{whole}/MAX({best}),0)"
        self._points(
            row, "scaled", f'IF(OR({quality}="",COUNT({best})=0,{unknown}>0),"",{scaled})', bid.scaled
        )
        cell, price = self._cell("scaled", row), self._cell("price_points", row)
        total = formulas.unless_empty(cell, cell)
        if price_row is not None:
            total = f'IF(OR({cell}="",{price}=""),"",{cell}+{price})'
        self._points(row, "figure_raw", total, bid.figure_raw)

    def _later_stages(self, row: int, bid: BidFigures) -> None:
        mark, late = self.case.pass_mark, ""
        if mark and self.case.method != YARDSTICK and not self._early(mark):
            total = self._cell("total", row)
            late = formulas.unless_empty(total, self._pass_mark(row, mark, total, bid))
        self._flag(row, "stage3", late, bid.stage3)
        price, over = self.plan.prices.cell("price", row), ""
        if self.case.fair_price_ceiling is not None:
            dear = f"IF({price_of(self.draft, row)}>{self.rules['fair_price_ceiling']},1,0)"
            over = formulas.unless_empty(price, dear)
        self._flag(row, "stage4", over, bid.stage4)
        gaps = "0" if self.case.method == YARDSTICK else self._cell("gaps", row)
        unopened = "FALSE"
        if self.case.price.computed or self.case.method in NEED_EVERY_PRICE:
            unopened = f'AND({self._cell("past2", row)}=1,{price}="")'
        hole = f"IF(AND({self._cell('scored', row)}=1,OR({gaps}>0,{unopened})),1,0)"
        self._flag(row, "hole", hole, bid.hole)
        failed = f"SUM({self._cell('stage3', row)},{self._cell('stage4', row)})"
        self._flag(row, "passed", f"IF(AND({self._cell('past2', row)}=1,{failed}=0),1,0)", bid.passed)
        ranked = f"IF(AND({self._cell('passed', row)}=1,SUM({self.steps.span('hole')})=0),1,0)"
        self._flag(row, "ranked", ranked, bid.ranked)

    def _member_ranks(self, row: int, bid: BidFigures) -> None:
        """Each member's own total in the scope, how many totals are above it, and the rank that follows."""
        within = self._cell("passed" if self.case.rank_scope == "passing" else "scored", row)
        scope = f"IF(AND({within}=1,SUM({self.steps.span('hole')})=0),1,0)"
        self._flag(row, "scope", scope, bid.scope)
        seats = [number for number, seat in enumerate(self.plan.seats) if seat.counted]
        for number, seat in enumerate(seats):
            code = self.plan.seats[seat].member.code
            own = self.plan.marks.cell(f"m{seat}", self.plan.own_row(row, "total"))
            total, totals = self._cell(f"t{number}", row), self.steps.span(f"t{number}")
            value = bid.own.get(code) if bid.scope else None
            self._points(row, f"t{number}", f'IF({self._cell("scope", row)}=1,{own},"")', value)
            above = formulas.counted(f'{totals}<>""', f"{totals}>{total}+{self.rules['tolerance']}")
            self._flag(row, f"a{number}", formulas.unless_empty(total, above), bid.above.get(code))
            if f"e{number}" in self.steps:
                equal = formulas.unless_empty(total, self._equals(row, number))
                self._flag(row, f"e{number}", equal, bid.equals.get(code))
            rank = formulas.unless_empty(total, self._rank(row, number))
            self.draft.formula(self.steps, f"r{number}", row, rank, bid.ranks.get(code), "cell", "exact")

    def _equals(self, row: int, number: int) -> str:
        """How many totals equal this one; for dense ranks 1 for the first of them and 0 for the others."""
        total, tolerance = self._cell(f"t{number}", row), self.rules["tolerance"]
        dense = self.case.tied_rank == "dense"
        if dense and row == 0:
            return "1"
        totals = self.steps.span(f"t{number}", 0, row - 1) if dense else self.steps.span(f"t{number}")
        equal = formulas.counted(
            f'{totals}<>""', f"{totals}>={total}-{tolerance}", f"{totals}<={total}+{tolerance}"
        )
        return f"IF({equal}=0,1,0)" if dense else equal

    def _rank(self, row: int, number: int) -> str:
        above, equals = self._cell(f"a{number}", row), f"e{number}"
        if self.case.tied_rank == "average":
            return f"{above}+({self._cell(equals, row)}+1)/2"
        if self.case.tied_rank == "competition":
            return f"{above}+1"
        totals, total = self.steps.span(f"t{number}"), self._cell(f"t{number}", row)
        higher = formulas.counted(
            f'{totals}<>""', f"{self.steps.span(equals)}=1", f"{totals}>{total}+{self.rules['tolerance']}"
        )
        return f"1+{higher}"

    def _figure(self, row: int, bid: BidFigures) -> None:
        """The figure of the method, for bids that are ranked."""
        expression = f'IF({self._cell("ranked", row)}=1,{self._of_method(row)},"")'
        value = bid.figure if bid.ranked else None
        styles = ("cell", *self.figure_style(), "strong")
        self.draft.formula(self.steps, "figure", row, expression, value, *styles, **self.figure_look())

    def figure_style(self) -> tuple[str, ...]:
        """The number format of the figure as a style."""
        return ("points",) if self.case.method in HIGHEST_FIRST else ("exact",)

    def figure_look(self) -> dict[str, str]:
        """The number format of a figure that is money."""
        if self.case.method in ("price-per-point", "adjusted-price"):
            return {"num_format": "#,##0.00"}
        return {"num_format": self.draft.money} if self.case.method in PRICE_ALONE else {}

    def _of_method(self, row: int) -> str:
        method, total = self.case.method, self._cell("total", row)
        if "figure_raw" in self.steps:
            return self._rounded(self._cell("figure_raw", row))
        if method in HIGHEST_FIRST:
            return total
        if method == "rank-sum":
            return self._sum_of_ranks(row)
        price = price_of(self.draft, row)
        if method == "price-per-point":
            return f"{price}/{total}"
        if method == "adjusted-price":
            worth, points = self.plan.weights.span("value_share"), self.plan.points_span("points", row)
            return f"{price}-SUMPRODUCT({worth},{points})/{self.times}"
        return price

    def _sum_of_ranks(self, row: int) -> str:
        last = len(self.plan.panel.counted) - 1
        if last < 0:
            return '""'  # nobody counts, so nobody ranked anything
        ranks = self.steps.span("r0", row, row, to=f"r{last}")
        return f'IF(COUNT({ranks})<={last},"",SUM({ranks}))'

    def _place(self, row: int, bid: BidFigures) -> None:
        last = f"p{len(self.case.tie_break)}"
        place = self._cell(last, row)
        self.draft.formula(self.steps, "place", row, place, bid.places[-1], "cell", "integer", "strong")
        place, places = self._cell("place", row), self.steps.span("place")
        earlier = f"+COUNTIF({self.steps.span('place', 0, row - 1)},{place})" if row else ""
        others = f"COUNT({places})+{row + 2}-COUNT({self.steps.span('place', 0, row)})"
        line = f'IF({place}="",{others},{place}{earlier})'
        self._flag(row, "line", line, bid.line)

    def _kinds(self, row: int, bid: BidFigures) -> None:
        """Points by what a criterion is about, and marks over the top of their scale."""
        plan = self.plan
        columns = {"security": "security", "quality": "quality_points", "price": "price"}
        for kind, column in columns.items():
            codes = plan.tree.of_kind(kind)
            if not codes:
                self.draft.text(self.steps, column, row, "", "cell")
                continue
            flags, points = plan.weights.span(kind), plan.points_span("points", row)
            missing = formulas.counted(f"{flags}=1", f'{points}=""')
            values = [bid.sheet.points[code] for code in codes]
            known = [value for value in values if value is not None]
            value = sum(known, Fraction(0)) if len(known) == len(values) else None
            expression = f'IF({missing}>0,"",SUMPRODUCT({flags},{points}))'
            self._points(row, column, expression, value)
        over = ""
        if plan.tree.marked and plan.seats:
            first, last = plan.node_row(row, 0), plan.node_row(row, len(plan.nodes) - 1)
            marks = plan.marks.span("m0", first, last, to="agreed")
            top = f"{plan.weights.span('maximum')}+{self.rules['tolerance']}"
            over = formulas.counted(f'{marks}<>""', f"{marks}<1E+300", f"{marks}>{top}")
        self._flag(row, "over", over, 0)

    def _state(self, row: int, bid: BidFigures) -> None:
        """Where the bid stands as one text: while that is what it was, the stored remarks hold."""
        cell = {name: self._cell(name, row) for name in self.steps.columns}
        second = f'"2 "&{cell["below"]}&" "&{cell["stage2"]}'
        state = (
            f'IF({cell["ranked"]}=1,"ranked "&{cell["place"]},IF({cell["scored"]}=0,"1 "&{cell["valid"]}&" "&'
            f"{cell['gates']},IF(SUM({cell['below']},{cell['stage2']})>0,{second},IF({cell['passed']}=0,"
            f'"3 "&{cell["stage3"]}&" "&{cell["stage4"]},IF({cell["hole"]}=1,"hole","waiting")))))'
        )
        value = state_of(bid)
        self.draft.formula(self.steps, "state", row, state, value, "cell", "note")
        self.draft.text(self.steps, "stored_state", row, value, "cell", "note")
        self.draft.text(self.steps, "note", row, bid.note, "cell")
        note = f'IF({cell["note"]}="","",{cell["note"]})'
        said = f"IF({cell['state']}={cell['stored_state']},{note},{self._remark(row)})"
        self.draft.formula(self.steps, "said", row, said, bid.note, "cell")

    def _remark(self, row: int) -> str:
        """What is remarked of a bid that stands elsewhere than in Assay, as an expression."""
        cell = {name: self._cell(name, row) for name in self.steps.columns}
        gates = text_literal(_("Gates not met: "))
        missing = text_literal(_("Marks or a price are missing"))
        below = text_literal(_("Below a minimum or the pass mark, or over the fair price"))
        status = self.plan.prices.cell("status", row)
        lost = f"IF({cell['valid']}=0,{status},{gates}&{cell['gates']})"
        open_or_out = f'IF({cell["hole"]}=1,{missing},IF({cell["passed"]}=1,"",{below}))'
        return f"IF({cell['ranked']}=1,{cell['split']},IF({cell['scored']}=0,{lost},{open_or_out}))"


def state_of(bid: BidFigures) -> str:
    """Where a bid stands, in the words of the formula: a stage, and what was counted there."""
    shown = {
        name: "" if value is None else str(value)
        for name, value in (
            ("below", bid.below),
            ("stage2", bid.stage2),
            ("3", bid.stage3),
            ("4", bid.stage4),
        )
    }
    if bid.ranked:
        return f"ranked {bid.places[-1]}"
    if not bid.scored:
        return f"1 {bid.valid} {bid.gates}"
    if bid.below or bid.stage2:
        return f"2 {shown['below']} {shown['stage2']}"
    if not bid.passed:
        return f"3 {shown['3']} {shown['4']}"
    return "hole" if bid.hole else "waiting"
