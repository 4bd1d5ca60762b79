"""The sheet of weights and rules: the one place where weights, bounds and parameters are changed."""

from fractions import Fraction

from django.utils.translation import gettext as _

from bids.exports.draft import Draft
from bids.exports.layout import GROUP, MARKED, Node
from bids.exports.tolerances import figure_tolerance, points_tolerance
from bids.exports.words import in_a_row

_SCORE_NAMES = ("security", "quality", "price")


def write_weights(draft: Draft) -> None:
    """Write the sheet."""
    plan = draft.plan
    title = _("Weights and rules")
    draft.title(
        plan.sheets.weights,
        title,
        _("Cells with a blue ground may be changed; every sheet follows. Published weights stand beside."),
        _("A scale that was not given ends at the effective points: type the published one to keep it."),
    )
    _write_heads(draft)
    for row, node in enumerate(plan.nodes):
        _write_names(draft, row, node)
        _write_points(draft, row, node)
        _write_flags(draft, row, node)
    if not plan.nodes:
        draft.text(plan.weights, "title", 0, _("There are no criteria."), "cell")
    _write_rules(draft)
    _write_tables(draft)
    _write_panel(draft)
    sheet = draft.sheet(plan.sheets.weights)
    sheet.freeze_panes(plan.weights.top, 2)
    end = plan.bands.top + plan.bands.rows + 3 + len(plan.seats)
    sheet.print_area(0, 0, end, plan.weights.columns["factor"])
    draft.book.set_up_page(
        sheet, footer=draft.footer, repeat_rows=(plan.weights.top - 1, plan.weights.top - 1)
    )


def _write_heads(draft: Draft) -> None:
    weights = draft.plan.weights
    titles = {
        "code": _("Code"),
        "title": _("Criterion"),
        "kind": _("Kind"),
        "weight": _("Weight"),
        "published": _("Published weight"),
        "share": _("Share within group"),
        "effective": _("Effective points"),
        "maximum": _("Top of the scale"),
        "minimum": _("Minimum"),
        "value": _("Value"),
        "value_share": _("Value of a point"),
        "factor": _("Points per mark"),
        "parent": _("Row of the group"),
        "security": _("Security"),
        "quality": _("Quality"),
        "price": _("Price"),
        "leaf": _("Points of a leaf"),
        "heaviest": _("Heaviest"),
    }
    draft.heads(weights, titles)
    draft.widths(weights, dict.fromkeys(weights.columns, 11.0) | {"code": 14, "title": 40})


def _write_names(draft: Draft, row: int, node: Node) -> None:
    weights, criterion = draft.plan.weights, node.criterion
    style = "group" if node.role == GROUP else "cell"
    draft.text(weights, "code", row, criterion.code, style)
    draft.text(weights, "title", row, criterion.title, style, indent=min(node.level, 15))
    draft.text(weights, "kind", row, draft.words.kinds[criterion.kind or ""], style)
    draft.number(weights, "weight", row, criterion.weight, "exact", "edit")
    draft.number(weights, "published", row, criterion.weight, style, "exact")
    parent = 0 if node.parent is None else node.parent + 1
    draft.number(weights, "parent", row, parent, style, "integer")


def _write_points(draft: Draft, row: int, node: Node) -> None:
    plan, weights, criterion = draft.plan, draft.plan.weights, node.criterion
    style = "group" if node.role == GROUP else "cell"
    effective = plan.tree.effective
    whole = f"SUMIF({weights.span('parent')},{weights.cell('parent', row)},{weights.span('weight')})"
    above = effective[criterion.parent] if criterion.parent is not None else plan.case.total_points
    share = f"{weights.cell('weight', row)}/{whole}"
    draft.formula(weights, "share", row, share, effective[criterion.code] / above, style, "percent")
    points = plan.rules["total_points"] if node.parent is None else weights.cell("effective", node.parent)
    expression = f"{weights.cell('share', row)}*{points}"
    draft.formula(weights, "effective", row, expression, effective[criterion.code], style, "exact")
    draft.number(
        weights,
        "minimum",
        row,
        criterion.minimum,
        "exact",
        "edit" if criterion.minimum is not None else style,
    )
    if node.role != MARKED:
        draft.text(weights, "maximum", row, "", style)
        draft.text(weights, "factor", row, "", style)
        return
    top = plan.tree.scales[criterion.code]
    if criterion.maximum is None:
        draft.formula(weights, "maximum", row, weights.cell("effective", row), top, "exact", "edit")
    else:
        draft.number(weights, "maximum", row, top, "exact", "edit")
    factor = f"{weights.cell('effective', row)}/{weights.cell('maximum', row)}"
    draft.formula(weights, "factor", row, factor, effective[criterion.code] / top, style, "exact")


def _write_flags(draft: Draft, row: int, node: Node) -> None:
    """What later formulas multiply by: the kind of a leaf, what its points take off, the heaviest."""
    plan, weights, criterion = draft.plan, draft.plan.weights, node.criterion
    effective = plan.tree.effective[criterion.code]
    for name in _SCORE_NAMES:
        flag = None if node.role == GROUP else int(criterion.kind == name)
        draft.number(weights, name, row, flag, "cell", "note", "integer")
    if "value" in weights:
        style = "edit" if criterion.value is not None else "cell"
        draft.number(weights, "value", row, criterion.value, "exact", style)
        cell = weights.cell("value", row)
        worth = None if criterion.value is None else criterion.value / effective
        if node.role != GROUP:
            expression = f'IF({cell}="","",{cell}/{weights.cell("effective", row)})'
            draft.formula(weights, "value_share", row, expression, worth, "cell", "exact")
    if "heaviest" not in weights or node.role == GROUP:
        return
    draft.formula(weights, "leaf", row, weights.cell("effective", row), effective, "cell", "note", "exact")
    heaviest = max(plan.tree.effective[leaf.code] for leaf in plan.tree.leaves)
    most = f"MAX({weights.span('leaf')})-{plan.rules['tolerance']}"
    expression = f"IF({weights.cell('leaf', row)}>={most},1,0)"
    draft.formula(weights, "heaviest", row, expression, int(effective == heaviest), "cell", "note", "integer")


def _write_rules(draft: Draft) -> None:
    plan = draft.plan
    sheet = draft.sheet(plan.sheets.weights)
    first = min(plan.rule_rows.values())
    draft.section(plan.sheets.weights, first - 1, _("Rules"), plan.weights.columns["factor"])
    labels, texts, numbers = _rule_labels(), _rule_texts(draft), _rule_numbers(draft)
    modes = _rounding_modes(draft)
    column = plan.weights.columns["weight"]
    for key, row in plan.rule_rows.items():
        draft.book.write_text(sheet, row, 1, labels[key], "label", "cell")
        if key in texts:
            draft.book.write_text(sheet, row, column, texts[key])
        else:
            draft.book.write_number(
                sheet, row, column, numbers[key], *_rule_styles(key), **_rule_look(draft, key)
            )
            draft.book.write_text(sheet, row, column + 1, modes.get(key, ""), "note")


def _rule_styles(key: str) -> tuple[str, ...]:
    """What other cells follow may be changed; the tolerances and the number of members say what was."""
    return ("exact",) if key in ("members", "tolerance", "figure_tolerance") else ("exact", "edit")


def _rule_look(draft: Draft, key: str) -> dict[str, str]:
    return {"num_format": draft.money} if key in ("ceiling", "floor", "fair_price_ceiling") else {}


def _rule_labels() -> dict[str, str]:
    return {
        "total_points": _("Total points"),
        "method": _("Method"),
        "quality_scale": _("Scale of quality"),
        "aggregation": _("From members' marks to one"),
        "members": _("Members who count"),
        "formula": _("Price formula"),
        "ceiling": _("Price from which there are no points"),
        "floor": _("Price up to which there are all points"),
        "fair_price_ceiling": _("Fair price ceiling"),
        "pass_mark": _("Pass mark"),
        "pass_mark_on": _("The pass mark is held against"),
        "rank_scope": _("Who takes part in members' ranks"),
        "tied_rank": _("Ranks of equal totals"),
        "tie_break": _("Ties are split by"),
        "leaf_points": _("Decimal places of points on a criterion"),
        "price_score": _("Decimal places of the price score of 100"),
        "price_points": _("Decimal places of price points"),
        "total": _("Decimal places of totals"),
        "tolerance": _("Points closer than this count as equal"),
        "figure_tolerance": _("Figures closer than this count as equal"),
    }


def _rule_texts(draft: Draft) -> dict[str, str]:
    case, words = draft.plan.case, draft.words
    scales = {"absolute": _("As marked"), "relative-to-best": _("The best bid gets all points")}
    scopes = {"passing": _("Bids that pass"), "all": _("All valid bids that meet the requirements")}
    tied = {"competition": "1, 1, 3", "dense": "1, 1, 2", "average": "1.5, 1.5, 3"}
    rules = [words.tie_rules[rule] for rule in case.tie_break]
    texts = {
        "method": words.methods[case.method],
        "quality_scale": scales[case.quality_scale],
        "aggregation": words.aggregations[case.aggregation],
        "formula": words.formulas[case.price.formula],
        "rank_scope": scopes[case.rank_scope],
        "tied_rank": tied[case.tied_rank],
        "tie_break": _(", then ").join(rules) if rules else _("Nothing: equal bids share a place"),
    }
    if case.pass_mark:
        on = {"total": _("the total"), "quality": _("the total without price")}[case.pass_mark.on]
        rule = {"mean": _("of the whole panel"), "majority": _("of more than half of the members")}
        texts["pass_mark_on"] = f"{on} {rule[case.pass_mark.rule]}"
    return texts


def _rule_numbers(draft: Draft) -> dict[str, Fraction | float | int | None]:
    case = draft.plan.case
    numbers: dict[str, Fraction | float | int | None] = {
        "total_points": case.total_points,
        "members": len(draft.plan.panel.counted),
        "ceiling": case.price.ceiling,
        "floor": case.price.floor,
        "fair_price_ceiling": case.fair_price_ceiling,
        "pass_mark": case.pass_mark.points if case.pass_mark else None,
        "tolerance": points_tolerance(draft.plan, draft.figures),
        "figure_tolerance": figure_tolerance(draft.figures),
    }
    if case.rounding:
        for thing in ("leaf_points", "price_score", "price_points", "total"):
            rule = getattr(case.rounding, thing)
            numbers[thing] = rule.places if rule else None
    return numbers


def _rounding_modes(draft: Draft) -> dict[str, str]:
    rounding = draft.plan.case.rounding
    things = ("leaf_points", "price_score", "price_points", "total")
    rules = {thing: getattr(rounding, thing) for thing in things} if rounding else {}
    return {thing: draft.words.modes[rule.mode] for thing, rule in rules.items() if rule}


def _write_tables(draft: Draft) -> None:
    """The shares of the units and the price bands, where the rules have them."""
    plan, case = draft.plan, draft.plan.case
    last = plan.weights.columns["factor"]
    if case.aggregation == "unit-mean":
        draft.section(plan.sheets.weights, plan.shares.top - 2, _("Shares of the units"), last)
        for row, unit in enumerate(case.units):
            draft.text(plan.shares, "unit", row, unit, "cell")
            share = case.unit_shares[unit] if case.unit_shares else 1
            draft.number(plan.shares, "share", row, share, "exact", "edit")
    if case.price.bands:
        draft.section(plan.sheets.weights, plan.bands.top - 2, _("Price bands"), last)
        draft.heads(plan.bands, {"up_to": _("Up to"), "points": _("Points")})
        for row, band in enumerate(case.price.bands):
            draft.number(plan.bands, "up_to", row, band.up_to, "exact", "edit", num_format=draft.money)
            draft.number(plan.bands, "points", row, band.points, "exact", "edit")


def _write_panel(draft: Draft) -> None:
    plan = draft.plan
    sheet = draft.sheet(plan.sheets.weights)
    top = plan.bands.top + plan.bands.rows + 3
    draft.section(plan.sheets.weights, top - 2, _("Panel"), plan.weights.columns["factor"])
    heads = (_("Member"), _("Unit"), _("Expert"), _("Present"), _("Counts"), _("Recused from"))
    for column, head in enumerate(heads):
        draft.book.write_text(sheet, top - 1, column, head, "head")
    yes, no = _("Yes"), _("No")
    for row, seat in enumerate(plan.seats, top):
        member = seat.member
        flags = [yes if flag else no for flag in (member.expert, member.present, seat.counted)]
        texts = (seat.label, member.unit, *flags, in_a_row(member.recused))
        for column, text in enumerate(texts):
            draft.book.write_text(sheet, row, column, text, "cell")
    if not plan.seats:
        draft.book.write_text(sheet, top, 0, _("There is no panel."), "cell")
