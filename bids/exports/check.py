"""The sheet of checks: one verdict, the order as computed here, and every figure against the stored one."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from bids.exports import formulas
from bids.exports.draft import Draft
from bids.exports.figures import BidFigures
from bids.exports.long_prices import scale_of
from bids.exports.steps import StepsWriter
from procurement.sheets.writing import Number, address, text_literal

#: Rows of the verdict, counted from 0.
_OK_ROW, _WORDS_ROW, _TRIAL_ROW, _HOLES_ROW, _OVER_ROW = 3, 4, 5, 6, 7
_VALUE_COLUMN = 2
_COMPARED = ("vendor", "stored_place", "place", "stored_total", "total", "stored_figure", "figure", "agrees")


def ok_cell(draft: Draft) -> str:
    """The cell that is TRUE while everything agrees."""
    return address(_OK_ROW, _VALUE_COLUMN, sheet=draft.plan.sheets.check)


def words_cell(draft: Draft) -> str:
    """The cell that says the verdict in words."""
    return address(_WORDS_ROW, _VALUE_COLUMN, sheet=draft.plan.sheets.check)


def trial_cell(draft: Draft) -> str:
    """The cell that says whether the weights are the published ones."""
    return address(_TRIAL_ROW, _VALUE_COLUMN, sheet=draft.plan.sheets.check)


def write_check(draft: Draft) -> None:
    """Write the sheet."""
    plan = draft.plan
    note = _("Assay counts exactly; a cell holds 15 digits. Numbers agree within a billionth of their size.")
    draft.title(plan.sheets.check, _("Check"), note)
    _write_verdict(draft)
    _write_places(draft)
    _write_steps(draft)
    _define_names(draft)
    sheet = draft.sheet(plan.sheets.check)
    sheet.set_column(0, max(plan.steps.columns.values()), 12)
    sheet.set_column(0, 0, 30)
    last = plan.steps.columns["agrees"]
    sheet.print_area(0, 0, plan.steps.top + plan.steps.rows - 1, last)
    sheet.freeze_panes(0, 1)
    draft.book.set_up_page(sheet, footer=draft.footer, landscape=False)


def _write_verdict(draft: Draft) -> None:
    plan, book, steps = draft.plan, draft.book, draft.plan.steps
    sheet = draft.sheet(plan.sheets.check)
    agreed, weights = f"SUM({steps.span('agrees')})={steps.rows}", plan.weights
    book.write_text(sheet, _OK_ROW, 0, _("Everything agrees"), "label")
    book.write_formula(sheet, _OK_ROW, _VALUE_COLUMN, f"=IF({agreed},TRUE,FALSE)", True, "strong")
    changed = formulas.counted(f"{weights.span('weight')}<>{weights.span('published')}")
    trial = f"IF({changed}=0,{text_literal(published_weights())},{text_literal(trial_weights())})"
    book.write_text(sheet, _TRIAL_ROW, 0, _("Weights"), "label")
    book.write_formula(sheet, _TRIAL_ROW, _VALUE_COLUMN, "=" + trial, published_weights(), "strong")
    texts = [text_literal(text) for text in (agreement(), _trial_differs(), _differs())]
    words = f"IF({ok_cell(draft)},{texts[0]},IF({changed}>0,{texts[1]},{texts[2]}))"
    book.write_text(sheet, _WORDS_ROW, 0, _("Verdict"), "label")
    book.write_formula(sheet, _WORDS_ROW, _VALUE_COLUMN, "=" + words, agreement(), "strong")
    holes = sum(bid.hole for bid in draft.figures.bids)
    book.write_text(sheet, _HOLES_ROW, 0, _("Bids that miss something"), "label")
    book.write_formula(sheet, _HOLES_ROW, _VALUE_COLUMN, f"=SUM({steps.span('hole')})", holes, "integer")
    book.write_text(sheet, _OVER_ROW, 0, _("Marks over their scale"), "label")
    book.write_formula(sheet, _OVER_ROW, _VALUE_COLUMN, f"=SUM({steps.span('over')})", 0, "integer")
    if scale_of(plan.case) is not None:
        text = _("Prices with more than 15 digits stand in two cells; sums of them are rounded.")
        book.write_text(sheet, _OVER_ROW + 1, 0, text, "warn")
    # The sentence is coloured, not the cell of the truth: LibreOffice 7.4 crashes printing a rule there.
    ok = {"type": "formula", "criteria": f"={ok_cell(draft)}", "format": draft.paint("ok_wash")}
    no = {"type": "formula", "criteria": f"=NOT({ok_cell(draft)})", "format": draft.paint("no_wash")}
    for rule in (ok, no):
        sheet.conditional_format(_WORDS_ROW, _VALUE_COLUMN, _WORDS_ROW, _VALUE_COLUMN, rule)


def published_weights() -> str:
    """What is said while every weight is the published one."""
    return _("Published weights")


def trial_weights() -> str:
    """What is said when a weight was changed."""
    return _("Trial, not the result of the evaluation")


def agreement() -> str:
    """The verdict while everything agrees."""
    return _("✓ All totals, figures and places agree with Assay")


def _trial_differs() -> str:
    return _("Trial: with these weights totals or places differ from the evaluation")


def _differs() -> str:
    return _("✕ Differs from Assay: a mark, price, finding or rule was changed")


def _write_places(draft: Draft) -> None:
    """The ranked bids in the order computed here; `ranking_…` are names of these cells."""
    plan, places, steps = draft.plan, draft.plan.places, draft.plan.steps
    draft.section(plan.sheets.check, places.top - 2, _("Order, as computed here"), 7)
    titles = {
        "line": _("Line"),
        "row": _("Row of the bid"),
        "vendor": _("Vendor"),
        "place": _("Place"),
        "figure": draft.words.figures[draft.result.figure],
        "security": _("Security"),
        "quality": _("Quality"),
        "price": _("Price"),
    }
    draft.heads(places, titles)
    bids = sorted((bid for bid in draft.figures.bids if bid.ranked), key=lambda bid: bid.line)
    numbers = {id(bid): number for number, bid in enumerate(draft.figures.bids, 1)}
    for row in range(places.rows):
        bid = bids[row] if row < len(bids) else None
        draft.number(places, "line", row, row + 1, "cell", "integer")
        line = places.cell("line", row)
        found = f'IF({line}>COUNT({steps.span("place")}),"",MATCH({line},{steps.span("line")},0))'
        draft.formula(places, "row", row, found, numbers[id(bid)] if bid else None, "cell", "integer")
        _write_place(draft, row, bid)


def _write_place(draft: Draft, row: int, bid: BidFigures | None) -> None:
    places, steps = draft.plan.places, draft.plan.steps
    columns = {"vendor": "vendor", "place": "place", "figure": "figure"}
    columns |= {"security": "security", "quality": "quality_points", "price": "price"}
    values: dict[str, Number | str | bool | None] = {}
    if bid:
        values = {"vendor": bid.bid.vendor, "place": bid.places[-1], "figure": bid.figure} | kinds_of(
            draft, bid
        )
    for column, source in columns.items():
        number = places.cell("row", row)
        cell = f"INDEX({steps.span(source)},{number})"
        expression = f'IF({number}="","",IF({cell}="","",{cell}))'
        style = {"vendor": "plain", "place": "integer", "figure": "exact"}.get(column, "points")
        draft.formula(places, column, row, expression, values.get(column), "cell", style)


def kinds_of(draft: Draft, bid: BidFigures) -> dict[str, Number | str | bool | None]:
    """A bid's points by kind of criterion; `None` where one is missing or there is no such criterion."""
    sums: dict[str, Number | str | bool | None] = {}
    for kind in ("security", "quality", "price"):
        points = [bid.sheet.points[code] for code in draft.plan.tree.of_kind(kind)]
        known = [point for point in points if point is not None]
        sums[kind] = sum(known) if known and len(known) == len(points) else None
    return sums


def _write_steps(draft: Draft) -> None:
    plan, steps = draft.plan, draft.plan.steps
    draft.section(plan.sheets.check, steps.top - 3, _("Bid by bid"), max(steps.columns.values()))
    draft.heads(steps, _step_titles(draft))
    draft.book.write_text(
        draft.sheet(steps.sheet), steps.top - 2, steps.columns["valid"], _("Steps"), "label"
    )
    writer = StepsWriter(draft)
    rows = {row.vendor: row for row in draft.result.ranking}
    for row, bid in enumerate(draft.figures.bids):
        writer.write(row, bid)
        vendor = bid.bid.vendor
        ranked, known = rows.get(vendor), draft.result.steps.get(vendor)
        draft.text(steps, "vendor", row, vendor, "cell")
        draft.number(steps, "stored_place", row, ranked.place if ranked else None, "cell", "integer")
        draft.number(steps, "stored_total", row, known.total if known else None, "cell", "points")
        draft.number(
            steps,
            "stored_figure",
            row,
            ranked.figure if ranked else None,
            "cell",
            *writer.figure_style(),
            **writer.figure_look(),
        )
        place, figure = (steps.cell(name, row) for name in ("place", "figure"))
        same = formulas.same(place, steps.cell("stored_place", row))
        total = formulas.agrees(steps.cell("total", row), steps.cell("stored_total", row))
        near = formulas.agrees(figure, steps.cell("stored_figure", row))
        style = {"num_format": '[=1]"✓";[=0]"✕";0'}
        draft.formula(
            steps, "agrees", row, f"IF(AND({same},{total},{near}),1,0)", 1, "cell", "centre", **style
        )
    first, last = steps.top, steps.top + steps.rows - 1
    column = steps.columns["agrees"]
    paint = {"type": "cell", "criteria": "==", "value": 0, "format": draft.paint("no_wash")}
    draft.sheet(steps.sheet).conditional_format(first, column, last, column, paint)


def _step_titles(draft: Draft) -> dict[str, str]:
    figure = draft.words.figures[draft.result.figure]
    titles = {
        "vendor": _("Vendor"),
        "stored_place": _("Place in Assay"),
        "place": _("Place here"),
        "stored_total": _("Total in Assay"),
        "total": _("Total here"),
        "stored_figure": _("Figure in Assay: {figure}").format(figure=figure),
        "figure": _("Figure here: {figure}").format(figure=figure),
        "agrees": _("Agrees"),
        "valid": _("Valid"),
        "gates": _("Gates not met"),
        "waived": _("Gates waived"),
        "scored": pgettext("of a bid", "Scored"),
        "gaps": _("Missing marks"),
        "quality_raw": _("Without price, unrounded"),
        "quality": _("Without price"),
        "below": _("Minimums not reached"),
        "stage2": _("Pass mark not reached"),
        "past2": _("Past the second stage"),
        "price_points": _("Price points"),
        "total_raw": _("Total, unrounded"),
        "stage3": _("Pass mark on the total not reached"),
        "best": _("Sets the best quality"),
        "scaled": _("Quality, scaled to the best"),
        "figure_raw": _("Scaled total, unrounded"),
        "stage4": _("Over the fair price"),
        "hole": _("Something is missing"),
        "passed": _("Passes"),
        "ranked": _("Ranked"),
        "scope": _("In the members' ranks"),
    }
    return titles | _tie_titles(draft) | _member_titles(draft)


def _tie_titles(draft: Draft) -> dict[str, str]:
    titles = {"p0": _("Place by the figure")}
    for number, rule in enumerate(draft.plan.case.tie_break, 1):
        titles[f"k{number}"] = draft.words.tie_rules[rule]
        titles[f"p{number}"] = _("Place after that")
    return titles | {
        "split": _("Tie split by"),
        "line": _("Line"),
        "security": _("Security"),
        "quality_points": _("Quality"),
        "price": _("Price"),
        "over": _("Marks over the scale"),
        "state": _("Standing here"),
        "stored_state": _("Standing in Assay"),
        "note": _("Remarks in Assay"),
        "said": _("Remarks"),
    }


def _member_titles(draft: Draft) -> dict[str, str]:
    titles: dict[str, str] = {}
    for number, seat in enumerate(seat for seat in draft.plan.seats if seat.counted):
        titles[f"t{number}"] = _("{member}: total").format(member=seat.label)
        titles[f"a{number}"] = _("{member}: above").format(member=seat.label)
        titles[f"e{number}"] = _("{member}: equals").format(member=seat.label)
        titles[f"r{number}"] = _("{member}: rank").format(member=seat.label)
    return titles


def _define_names(draft: Draft) -> None:
    plan, workbook = draft.plan, draft.book.workbook
    workbook.define_name("check_ok", "=" + ok_cell(draft))
    for name in ("vendor", "place", "figure"):
        workbook.define_name(f"ranking_{name}", "=" + plan.places.span(name))
    workbook.define_name("weights_code", "=" + plan.weights.span("code"))
    workbook.define_name("weights_value", "=" + plan.weights.span("weight"))
