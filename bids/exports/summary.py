"""The lower half of the first sheet: price alone, firmness, the verdict, a chart."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from bids.evaluation.result import INCOMPLETE, NO_VALID_BID, TurningPoint
from bids.exports.check import agreement, words_cell
from bids.exports.draft import Draft
from bids.exports.prices import cheapest_price, cheapest_row, cheapest_vendor, difference
from bids.exports.words import in_a_row, listed
from procurement.sheets.styles import COLOURS
from procurement.sheets.writing import Number

if TYPE_CHECKING:
    from xlsxwriter.chart_bar import ChartBar

Value = Number | str | bool | None

#: The chart shows as many places at most.
MOST_BARS = 20
_CHART_ROWS = 18


def write_summary(draft: Draft, row: int, last: int, hidden: list[str]) -> int:
    """Write everything from `row` on and return the last row used."""
    row = _write_status(draft, row)
    row = _write_price_alone(draft, row, last)
    row = _write_firmness(draft, row, last)
    row = _write_verdict(draft, row, last, hidden)
    return _write_chart(draft, row)


def _label(draft: Draft, row: int, text: str) -> None:
    draft.book.write_text(draft.sheet(draft.plan.sheets.ranking), row, 0, text, "label")


def _write_status(draft: Draft, row: int) -> int:
    """Say why nobody is ranked, or what is needed before somebody wins."""
    sheet, result = draft.sheet(draft.plan.sheets.ranking), draft.result
    sentences = []
    if result.status == INCOMPLETE:
        sentences.append(_("Nobody is ranked: marks or prices are missing, they are listed under remarks."))
    elif result.status == NO_VALID_BID:
        sentences.append(_("No bid passes: nobody is ranked."))
    if "re_evaluation_or_lots" in result.needs:
        sentences.append(_("Several bids share first place: they are evaluated again or drawn by lots."))
    if "quorum" in result.needs:
        sentences.append(_("The panel has no quorum: there is no winner."))
    for number, text in enumerate(sentences):
        draft.book.write_text(sheet, row + number, 0, text, "no")
    return row + len(sentences) + (1 if sentences else 0)


def _write_price_alone(draft: Draft, row: int, last: int) -> int:
    plan, book, only = draft.plan, draft.book, draft.result.price_only
    sheet = draft.sheet(plan.sheets.ranking)
    conflict = only is not None and not only.same_as_winner
    draft.section(plan.sheets.ranking, row, _("Price alone"), last, "section_no" if conflict else "section")
    _label(draft, row + 1, _("buys"))
    styles = ("strong", "no") if conflict else ("strong",)
    book.write_formula(sheet, row + 1, 1, "=" + cheapest_vendor(draft), only.vendor if only else "—", *styles)
    _label(draft, row + 2, _("at"))
    price: Value = only.price if only else "—"
    look = {"num_format": draft.money, "align": "left"}
    book.write_formula(sheet, row + 2, 1, "=" + cheapest_price(draft), price, "strong", **look)
    _label(draft, row + 3, _("saves"))
    first = plan.places.cell("row", 0)
    saved = difference(draft, first, cheapest_row(draft))
    unopened = f'INDEX({plan.prices.span("price")},{first})=""'
    expression = f'=IF({first}="","—",IF({unopened},"—",IFERROR({saved},"—")))'
    book.write_formula(sheet, row + 3, 1, expression, _premium(draft), "strong", **look)
    unmet = only.unmet if only else ()
    text = _("Requirements not met: {count}").format(count=len(unmet)) if unmet else _("All requirements met")
    book.write_text(sheet, row + 1, 3, text if only else "", "plain")
    if unmet:
        book.write_text(sheet, row + 2, 3, _unmet_by_severity(draft, unmet))
    if only and only.same_as_winner:
        book.write_text(sheet, row + 3, 3, _("Price alone would have bought the same bid: no conflict."))
    return row + 5


def _premium(draft: Draft) -> Value:
    """What the bid on the first line costs more than the cheapest valid one."""
    first = [bid for bid in draft.figures.bids if bid.ranked and bid.line == 1]
    only = draft.result.price_only
    if not first or first[0].bid.price is None or only is None:
        return "—"
    return first[0].bid.price - only.price


def _unmet_by_severity(draft: Draft, unmet: tuple[str, ...]) -> str:
    requirements = {requirement.code: requirement for requirement in draft.plan.case.requirements}
    counts: dict[str, int] = {}
    for code in unmet:
        severity = draft.words.severities[requirements[code].severity]
        counts[severity] = counts.get(severity, 0) + 1
    by_severity = listed([f"{severity} {count}" for severity, count in counts.items()])
    gates = sum(1 for code in unmet if requirements[code].mandatory)
    return _("{by_severity}; gates among them: {gates} (as evaluated)").format(
        by_severity=by_severity, gates=gates
    )


def _write_firmness(draft: Draft, row: int, last: int) -> int:
    """Turning points, as evaluated: the sheet does not compute them."""
    turning = draft.result.turning_points
    if not turning:
        return row
    book, sheet = draft.book, draft.sheet(draft.plan.sheets.ranking)
    titles = {node.code: node.criterion.title for node in draft.plan.nodes}
    draft.section(draft.plan.sheets.ranking, row, _("How firm first place is, as evaluated"), last)
    for line, (root, points) in enumerate(turning.items(), row + 1):
        _label(draft, line, titles[root])
        share = draft.result.effective_points[root] / draft.plan.tree.reachable
        texts = [_turning_point(point) for point in points] or [_("first place never changes")]
        text = _("now {share} %: {points}").format(share=f"{float(100 * share):.1f}", points=listed(texts))
        book.write_text(sheet, line, 2, text)
    return row + len(turning) + 2


def _turning_point(point: TurningPoint) -> str:
    shared = _("several")
    return _("from {below} to {above} at {share} %").format(
        share=f"{float(100 * point.share):.1f}", below=point.below or shared, above=point.above or shared
    )


def _write_verdict(draft: Draft, row: int, last: int, hidden: list[str]) -> int:
    sheets, book = draft.plan.sheets, draft.book
    sheet = draft.sheet(sheets.ranking)
    draft.section(sheets.ranking, row, _("Check"), last)
    _label(draft, row + 1, _("This workbook against Assay"))
    book.write_formula(sheet, row + 1, 2, "=" + words_cell(draft), agreement(), "strong")
    names = (sheets.weights, sheets.marks, sheets.requirements, sheets.prices, sheets.check)
    others = _("Other sheets: {sheets}.").format(sheets=in_a_row(names))
    for line, text in enumerate((others, *hidden), row + 2):
        book.write_text(sheet, line, 0, text, "note")
    return row + len(hidden) + 4


def _write_chart(draft: Draft, row: int) -> int:
    """A bar for each place: security, quality and price, in the paints that they have everywhere."""
    ranked = sum(bid.ranked for bid in draft.figures.bids)
    kinds = [kind for kind in ("security", "quality", "price") if draft.plan.tree.of_kind(kind)]
    if not ranked or not kinds:
        return row
    chart: ChartBar = draft.book.workbook.add_chart({"type": "bar", "subtype": "stacked"})
    bars = min(ranked, MOST_BARS)
    for kind in kinds:
        chart.add_series(_series(draft, kind, bars))
    axis = {"name": "Microsoft JhengHei", "size": 9, "color": COLOURS["ink2"]}
    chart.set_title({"name": _("Points by what a criterion is about"), "overlay": False, "name_font": axis})
    chart.set_legend({"position": "top", "font": axis})
    chart.set_y_axis(
        {"reverse": True, "crossing": "max", "num_font": axis, "line": {"color": COLOURS["edge"]}}
    )
    grid = {"visible": True, "line": {"color": COLOURS["rule"], "width": 0.5}}
    chart.set_x_axis({"num_font": axis, "major_gridlines": grid, "min": 0})
    height = 110 + 34 * bars
    chart.set_size({"width": 1080, "height": height})
    description = _("Stacked bars: security, quality and price points of the ranked bids")
    sheet = draft.sheet(draft.plan.sheets.ranking)
    sheet.insert_chart(row, 0, chart, {"x_offset": 4, "description": description, "object_position": 2})
    return row + max(_CHART_ROWS, height // 20 + 2)


def _series(draft: Draft, kind: str, bars: int) -> dict[str, object]:
    places = draft.plan.places
    paint = {"security": "sec", "quality": "qual", "price": "price"}[kind]
    series: dict[str, object] = {
        "name": draft.words.kinds[kind],
        "categories": "=" + places.span("vendor", 0, bars - 1),
        "values": "=" + places.span(kind, 0, bars - 1),
        "gap": 45,
        "border": {"color": COLOURS["sheet"], "width": 1},
        "data_labels": {
            "value": True,
            "num_format": "0.00",
            "font": {"size": 9, "color": COLOURS["sheet"] if kind == "security" else COLOURS["ink"]},
        },
    }
    if kind == "price":
        pattern = {
            "pattern": "light_upward_diagonal",
            "fg_color": COLOURS["sheet"],
            "bg_color": COLOURS["price"],
        }
        return series | {"pattern": pattern}
    return series | {"fill": {"color": COLOURS[paint]}}
