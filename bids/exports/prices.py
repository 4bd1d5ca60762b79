"""The sheet of prices: what price alone would have bought, and how prices become points."""

from bisect import bisect_left
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from bids.exports import formulas
from bids.exports.draft import Draft
from bids.exports.figures import BidFigures
from bids.exports.long_prices import scale_of, shown_money, split
from bids.exports.notes import reasons_of
from bids.exports.words import in_a_row
from procurement.sheets.writing import text_literal

#: Rows of the head of the sheet, counted from 0.
REFERENCES_ROW = 8


def write_prices(draft: Draft) -> None:
    """Write the sheet."""
    plan = draft.plan
    draft.title(
        plan.sheets.prices,
        _("Price only"),
        _(
            "What a price-only tender would have bought, gates and marks ignored. Prices in {currency}."
        ).format(currency=plan.case.currency),
    )
    _write_price_alone(draft)
    _write_heads(draft)
    writer = PricesWriter(draft)
    for row, bid in enumerate(draft.figures.bids):
        writer.write(row, bid)
    _write_references(draft)
    _write_alarms(draft)
    sheet = draft.sheet(plan.sheets.prices)
    statuses = {"validate": "list", "source": list(draft.words.statuses.values())}
    status = plan.prices.columns["status"]
    sheet.data_validation(plan.prices.top, status, plan.prices.top + plan.prices.rows - 1, status, statuses)
    sheet.freeze_panes(plan.prices.top, 1)
    draft.book.set_up_page(sheet, footer=draft.footer, repeat_rows=(plan.prices.top - 1, plan.prices.top - 1))


def cheapest_row(draft: Draft) -> str:
    """The row of the first valid bid with the lowest price, as an expression; an error without one."""
    return f"MATCH(0,{draft.plan.prices.span('cheaper')},0)"


def cheapest_vendor(draft: Draft) -> str:
    """Whose price is the lowest of the valid bids, as an expression; a dash without one."""
    return f'IFERROR(INDEX({draft.plan.prices.span("vendor")},{cheapest_row(draft)}),"—")'


def cheapest_price(draft: Draft) -> str:
    """The lowest price of a valid bid, as an expression; a dash without one."""
    return f'IFERROR(INDEX({draft.plan.prices.span("valid_price")},{cheapest_row(draft)}),"—")'


def difference(draft: Draft, row: str, other: str) -> str:
    """What the bid in one row costs more than the one in another, digit by digit, as an expression."""
    prices = draft.plan.prices
    columns = ["price", "rest"] if "rest" in prices else ["price"]
    return "+".join(f"(INDEX({prices.span(c)},{row})-INDEX({prices.span(c)},{other}))" for c in columns)


def _write_price_alone(draft: Draft) -> None:
    plan, book, result = draft.plan, draft.book, draft.result
    sheet, only = draft.sheet(plan.sheets.prices), result.price_only
    book.write_text(sheet, 3, 0, _("Price alone would have bought"), "label")
    vendor = only.vendor if only else "—"
    book.write_formula(sheet, 3, 2, "=" + cheapest_vendor(draft), vendor, "strong")
    book.write_text(sheet, 4, 0, _("at"), "label")
    price: Fraction | str = only.price if only else "—"
    book.write_formula(
        sheet, 4, 2, "=" + cheapest_price(draft), price, "strong", num_format=draft.money, align="left"
    )
    book.write_text(sheet, 5, 0, _("As evaluated"), "label")
    book.write_text(sheet, 5, 2, _story(draft), "plain")
    book.write_text(sheet, 6, 0, _("Would have been excluded for"), "label")
    reasons = reasons_of(draft, only.would_have_been_excluded_for) if only else ""
    book.write_text(sheet, 6, 2, reasons or "—")
    book.write_text(sheet, 7, 0, _("Requirements not met"), "label")
    book.write_text(sheet, 7, 2, in_a_row(only.unmet) if only and only.unmet else "—")


def _story(draft: Draft) -> str:
    only = draft.result.price_only
    if only is None:
        return _("No valid bid has a price.")
    if only.same_as_winner:
        return _("Price alone would have bought the same bid: no conflict.")
    if only.premium is None:
        return _("There is no winner to compare with.")
    return _("The winner costs {premium} more.").format(premium=shown_money(only.premium))


def _write_heads(draft: Draft) -> None:
    prices = draft.plan.prices
    titles = {
        "vendor": _("Vendor"),
        "status": _("Status"),
        "price": pgettext("of a bid", "Price"),
        "rest": _("Digits after the 15th"),
        "valid_price": _("Price of a valid bid"),
        "cheaper": _("Valid bids with a lower price"),
        "gap": _("More than the lowest"),
        "reference": _("Reference price"),
        "raw": _("Formula points"),
        "score": _("Score of 100"),
        "points": _("Price points"),
        "aggregated": _("In the total"),
    }
    draft.heads(prices, titles)
    draft.widths(prices, dict.fromkeys(prices.columns, 15.0) | {"vendor": 30})


class PricesWriter:
    """Writes the row of each bid."""

    def __init__(self, draft: Draft) -> None:
        self.draft, self.plan, self.case = draft, draft.plan, draft.plan.case
        self.prices, self.scale = draft.plan.prices, scale_of(draft.plan.case)
        known = [bid.bid.price for bid in draft.figures.bids if bid.valid and bid.bid.price is not None]
        self.valid = sorted(known)

    def write(self, row: int, bid: BidFigures) -> None:
        """Write the row of one bid."""
        draft, prices, price = self.draft, self.prices, bid.bid.price
        draft.text(prices, "vendor", row, bid.bid.vendor, "cell")
        draft.text(prices, "status", row, draft.words.statuses[bid.bid.status], "edit")
        head, rest = split(price, self.scale) if price is not None else (None, None)
        draft.number(prices, "price", row, head, "money", "edit", num_format=draft.money)
        if "rest" in prices:
            draft.number(prices, "rest", row, rest, "money", "edit", num_format=draft.money)
        status = f"{prices.cell('status', row)}={text_literal(draft.words.statuses['valid'])}"
        valid = f'IF(AND({status},{prices.cell("price", row)}<>""),{price_of(draft, row)},"")'
        draft.formula(
            prices,
            "valid_price",
            row,
            valid,
            price if bid.valid else None,
            "cell",
            "money",
            num_format=draft.money,
        )
        self._write_cheaper(row, bid)
        if self.case.price.computed:
            self._write_points(row, bid)

    def _write_cheaper(self, row: int, bid: BidFigures) -> None:
        """How many valid bids have a lower price, and how much more than the lowest this one costs."""
        draft, prices = self.draft, self.prices
        price = bid.bid.price if bid.valid else None
        valid = f'{prices.span("valid_price")}<>""'
        cheaper = formulas.unless_empty(prices.cell("valid_price", row), lower_prices(draft, row, valid))
        count = None if price is None else bisect_left(self.valid, price)
        draft.formula(prices, "cheaper", row, cheaper, count, "cell", "integer")
        more = difference(draft, str(row + 1), cheapest_row(draft))
        gap = formulas.unless_empty(prices.cell("valid_price", row), more)
        value = None if price is None else price - self.valid[0]
        draft.formula(prices, "gap", row, gap, value, "cell", "money", num_format=draft.money)

    def _write_points(self, row: int, bid: BidFigures) -> None:
        draft, prices, steps = self.draft, self.prices, bid.sheet.price
        if steps is None:
            return
        if "reference" in prices:
            draft.formula(
                prices, "reference", row, *self._reference(row, bid), "cell", "money", num_format=draft.money
            )
        expression = self._formula(row)
        draft.formula(prices, "raw", row, expression, steps.formula_points, "cell", "points")
        rounding, rules = self.case.rounding, self.plan.rules
        worth = self.plan.weights.cell("effective", self.plan.price_row or 0)
        raw, score, points = (prices.cell(column, row) for column in ("raw", "score", "points"))
        scored = f"{raw}/{worth}*100"
        if rounding and rounding.price_score:
            scored = formulas.rounded(f"({scored})", rounding.price_score, rules["price_score"])
        draft.formula(prices, "score", row, formulas.unless_empty(raw, scored), steps.score, "cell", "points")
        weighted = f"{score}*{worth}/100"
        if rounding and rounding.price_points:
            weighted = formulas.rounded(f"({weighted})", rounding.price_points, rules["price_points"])
        draft.formula(
            prices, "points", row, formulas.unless_empty(score, weighted), steps.points, "cell", "points"
        )
        times = rules["members"] if self.case.aggregation == "sum" else "1"
        total = formulas.unless_empty(points, f"{points}*{times}")
        draft.formula(prices, "aggregated", row, total, steps.aggregated, "cell", "points")

    def _reference(self, row: int, bid: BidFigures) -> tuple[str, Fraction | str | None]:
        """The price where it is one of the reference prices; "?" while that is not known."""
        steps, price = self.plan.steps, self.prices.cell("price", row)
        known = f"COUNT({steps.cell('below', row)},{steps.cell('stage2', row)})=2"
        there = f'IF(AND({known},{price}<>""),{price_of(self.draft, row)},"?")'
        expression = f'IF({steps.cell("past2", row)}=1,{there},"")'
        if not bid.past2:
            return expression, None
        return expression, "?" if bid.undecided or bid.bid.price is None else bid.bid.price

    def _formula(self, row: int) -> str:
        """The points of a price within 0 and the effective points."""
        draft, formula = self.draft, self.case.price.formula
        price = price_of(draft, row)
        worth = self.plan.weights.cell("effective", self.plan.price_row or 0)
        points = (
            self._relative(formula, price, worth) if self.case.price.relative else self._own(price, worth)
        )
        clamped = f"MAX(0,MIN({worth},{points}))"
        empty = f'{self.prices.cell("price", row)}=""'
        if self.case.price.relative:
            empty = f'OR({empty},{reference_cell(draft, "lowest")}="")'
        return f'IF({empty},"",{clamped})'

    def _relative(self, formula: str, price: str, worth: str) -> str:
        lowest, highest, mean = (reference_cell(self.draft, name) for name in ("lowest", "highest", "mean"))
        return {
            "lowest-over-price": f"{worth}*{lowest}/{price}",
            "linear-to-lowest": f"{worth}*(2-{price}/{lowest})",
            "min-max": f"IF({highest}={lowest},{worth},{worth}*({highest}-{price})/({highest}-{lowest}))",
            "mean": f"{worth}*(0.5-({price}-{mean})/{mean})",
        }[formula]

    def _own(self, price: str, worth: str) -> str:
        rules = self.plan.rules
        if self.case.price.formula == "ceiling-linear":
            return f"{worth}*({rules['ceiling']}-{price})/({rules['ceiling']}-{rules['floor']})"
        up_to, points = self.plan.bands.span("up_to"), self.plan.bands.span("points")
        passed = f"SUMPRODUCT(({up_to}<{price})*1)"
        return f"IF({passed}>={self.plan.bands.rows},0,INDEX({points},{passed}+1))"


def price_of(draft: Draft, row: int) -> str:
    """The price of a bid as an expression, with the digits that do not fit into its cell."""
    prices = draft.plan.prices
    price = prices.cell("price", row)
    return f"({price}+{prices.cell('rest', row)})" if "rest" in prices else price


def lower_prices(draft: Draft, row: int, *conditions: str) -> str:
    """How many bids that meet the conditions have a lower price, digit by digit, as an expression."""
    prices = draft.plan.prices
    price, span = prices.cell("price", row), prices.span("price")
    lower = formulas.counted(*conditions, f'{span}<>""', f"{span}<{price}")
    if "rest" not in prices:
        return lower
    rest = f"{prices.span('rest')}<{prices.cell('rest', row)}"
    return f"({lower}+{formulas.counted(*conditions, f'{span}={price}', rest)})"


def reference_cell(draft: Draft, name: str) -> str:
    """The cell of a reference price: lowest, highest or mean."""
    prices = draft.plan.prices
    row = REFERENCES_ROW - prices.top
    column = {"lowest": "price", "highest": "valid_price", "mean": "raw"}[name]
    return prices.cell(column, row)


def _write_references(draft: Draft) -> None:
    """The lowest, highest and mean price of the bids past the second stage."""
    plan, prices = draft.plan, draft.plan.prices
    if not plan.case.price.relative:
        return
    row = REFERENCES_ROW - prices.top
    draft.text(prices, "vendor", row, _("Reference prices: lowest, highest, mean"), "label")
    span = prices.span("reference")
    reference = draft.figures.reference
    known = f'OR(COUNT({span})=0,SUMPRODUCT(({span}="?")*1)>0)'
    for name, function in (("lowest", "MIN"), ("highest", "MAX"), ("mean", "AVERAGE")):
        value = getattr(reference, name) if reference else None
        column = {"lowest": "price", "highest": "valid_price", "mean": "raw"}[name]
        draft.formula(
            prices,
            column,
            row,
            f'IF({known},"",{function}({span}))',
            value,
            "money",
            "strong",
            num_format=draft.money,
        )


def _write_alarms(draft: Draft) -> None:
    """Strikingly low prices, as evaluated: alarms never exclude."""
    plan, book = draft.plan, draft.book
    sheet = draft.sheet(plan.sheets.prices)
    top = plan.prices.top + plan.prices.rows + 2
    draft.section(
        plan.sheets.prices, top, _("Strikingly low prices, as evaluated"), max(plan.prices.columns.values())
    )
    for row, alarm in enumerate(draft.result.low_price, top + 1):
        book.write_text(sheet, row, 0, alarm.vendor, "cell")
        book.write_text(sheet, row, 1, draft.words.alarms[alarm.rule], "cell")
        book.write_text(sheet, row, 2, "", "cell")
        book.write_number(sheet, row, 3, alarm.threshold, "cell", "money", num_format=draft.money)
    if not draft.result.low_price:
        book.write_text(sheet, top + 1, 0, _("None."))
