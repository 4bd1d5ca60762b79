"""The award paper (評選總表): what every bid got on every criterion, and what was said about it.

The first sheet can be added up again by hand. The second has the three statutory notes (審議規則),
dissent, price alone, how firm first place is, objections and exceptions, and the places to sign; then, where
the rules ask for each member's figures, those.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from bids.evaluation.differences import Difference, differences
from bids.evaluation.result import RANKED
from bids.evaluation.result import Row as Place
from procurement.choices import Method, Profile
from procurement.templatetags.figures import ABSENT, amount, plain, points

from . import after_marks, words
from .document import CENTRE, LEFT, RIGHT, Block, Cell, Paper, Row, Sheet, Table, Text
from .records import Ranked, Records

#: So many columns of figures fit on a sheet.
MOST_COLUMNS = 16


def award_paper(records: Records, language: str) -> Paper:
    """The whole paper, from the ranking as scored; the one with accepted exceptions stands beside it."""
    title = _("Award paper")
    sheets = [Sheet(title, _facts(records), blocks) for blocks in _first_sheets(records)]
    second = Sheet(_("Award paper, notes"), (), tuple(after_marks.blocks(records)))
    return Paper(
        kind="award-paper",
        language=language,
        title=title,
        organisation=records.organisation,
        landscape=True,
        sheets=(*sheets, second, *_members_sheet(records)),
        foot=records.foot(),
    )


def _facts(records: Records) -> tuple[tuple[str, str], ...]:
    tender = records.tender
    days = [sheet.submitted_at for sheet in records.sheets]
    facts = [
        (_("Tender"), tender.title),
        (_("Method"), tender.get_method_display()),
        (_("Evaluated on"), words.day(max(days)) if days else ABSENT),
        (_("System class"), tender.get_system_class_display() or ABSENT),
        (_("Budget"), words.sum_of(tender.budget, tender.currency)),
        (_("Round of evaluation"), str(tender.round)),
    ]
    return tuple(facts)


# --- the first sheet --------------------------------------------------------------------------------------
def _first_sheets(records: Records) -> Iterator[tuple[Block, ...]]:
    """As many sheets as the bids need; who is out stands on the last one."""
    ranked = records.as_scored
    if ranked is None or ranked.result.status != RANKED:
        yield (Text(_("Nobody is ranked: marks or prices are missing.")),)
        return
    units = _units(ranked)
    rows = ranked.result.ranking
    size = max(1, MOST_COLUMNS // (len(units) + 1))
    groups = [rows[start : start + size] for start in range(0, len(rows), size)] or [()]
    for group in groups:
        blocks: list[Block] = [_criteria_table(records, Grid(ranked, group, units))] if group else []
        if group is groups[-1]:
            blocks += [*_exceptions_table(records), *_out_table(records, ranked)]
        yield (*blocks, Text(_legend(records, units), small=True))


def _units(ranked: Ranked) -> list[str]:
    """The units that marked, in the order of the case."""
    marked = {unit for row in differences(ranked.case) for unit in row.units}
    return [unit for unit in dict.fromkeys(member.unit for member in ranked.case.members) if unit in marked]


@dataclass(frozen=True)
class Grid:
    """The bids and units that stand on one sheet."""

    ranked: Ranked
    group: Sequence[Place]
    units: Sequence[str]

    @cached_property
    def items(self) -> dict[tuple[str, str], Difference]:
        """The units' means by vendor and leaf."""
        return {(row.vendor, row.code): row for row in differences(self.ranked.case)}

    @property
    def wide(self) -> int:
        """Columns a bid takes."""
        return len(self.units) + 1


def _criteria_table(records: Records, grid: Grid) -> Table:
    body = [_leaf_row(grid, leaf.code) for leaf in grid.ranked.tree.marked]
    totals = list(_total_rows(records, grid.ranked, grid.group, grid.wide))
    top: Row = (
        Cell(_("Code"), rows=2, strong=True),
        Cell(_("Criterion"), rows=2, strong=True),
        Cell(pgettext("most that a criterion gives", "Points"), rows=2, strong=True),
        *(Cell(row.vendor, span=grid.wide, strong=True) for row in grid.group),
    )
    titles = (*map(records.unit, grid.units), _("points got"))
    below: Row = tuple(Cell(text, strong=True) for _row in grid.group for text in titles)
    grey = frozenset(len(body) + number for number, (_cells, is_subtotal) in enumerate(totals) if is_subtotal)
    return Table(
        head=(top, below),
        body=(*body, *(cells for cells, _is_subtotal in totals)),
        widths=(5, 20, 5, *([4] * len(grid.units) + [6]) * len(grid.group)),
        grey=grey,
    )


def _leaf_row(grid: Grid, code: str) -> Row:
    """One criterion: each unit's mean on its own scale, and the points that came of them."""
    tree = grid.ranked.tree
    leaf = tree.nodes[code]
    cells = [Cell(code), Cell(leaf.title, LEFT), Cell(plain(tree.effective[code]))]
    for place in grid.group:
        item = grid.items.get((place.vendor, code))
        means = item.units if item else {}
        for unit in grid.units:
            outside = leaf.units is not None and unit not in leaf.units
            cells.append(Cell("／" if outside else _mean(means.get(unit))))
        cells.append(Cell(points(place.points.get(code)), RIGHT, strong=True))
    return tuple(cells)


def _mean(value: Fraction | None) -> str:
    """A unit's mean: one decimal where that is exact, else two."""
    return points(value, 1 if value is None or (value * 10).denominator == 1 else 2)


def _total_rows(
    records: Records, ranked: Ranked, group: Sequence[Place], wide: int
) -> Iterator[tuple[Row, bool]]:
    """Subtotals of the groups, price, total, the method's figure, place, price and remarks."""
    case, result, tree = ranked.case, ranked.result, ranked.tree
    for code in tree.roots:
        node = tree.nodes[code]
        if code in tree.groups or (tree.price_leaf and code == tree.price_leaf.code):
            yield _line(_subtotal(node.title, node.minimum), plain(tree.effective[code]),
                        [points(_points_of(place, code)) for place in group], wide), True  # fmt: skip
    yield (
        _line(_("Total"), plain(case.total_points), [points(p.total) for p in group], wide, strong=True),
        False,
    )
    if result.figure != "total":
        figures = [amount(p.figure) if "price" in result.figure else points(p.figure) for p in group]
        yield _line(after_marks.figure_word(result), "", figures, wide, strong=True), False
    yield _line(_("Place"), "", [str(place.place) for place in group], wide, strong=True), False
    price = _("Price (%(currency)s)") % {"currency": case.currency}
    yield _line(price, "", [amount(place.price) for place in group], wide), False
    yield _line(_("Remarks"), "", [_remark(records, place) for place in group], wide), False


def _subtotal(title: str, minimum: Fraction | None) -> str:
    if minimum is None:
        return _("%(title)s, subtotal") % {"title": title}
    return _("%(title)s, subtotal (at least %(points)s)") % {"title": title, "points": plain(minimum)}


def _points_of(place: Place, code: str) -> Fraction | None:
    return place.nodes.get(code, place.points.get(code))


def _line(title: str, worth: str, texts: Sequence[str], wide: int, *, strong: bool = False) -> Row:
    """A row that has one cell a bid."""
    return (
        Cell(title, LEFT, span=2, strong=strong),
        Cell(worth, CENTRE, strong=strong),
        *(Cell(text, RIGHT, span=wide, strong=strong) for text in texts),
    )


def _remark(records: Records, place: Place) -> str:
    """Objections to a bid, and how a tie was split."""
    open_ones = [
        row
        for row in records.objections
        if row.objection.bid and row.objection.bid.vendor.name == place.vendor
    ]
    waiting = sum(row.freezes for row in open_ones)
    parts = []
    if waiting:
        text = ngettext("%(n)d objection not settled", "%(n)d objections not settled", waiting)
        parts.append(text % {"n": waiting})
    if place.tie_broken_by:
        parts.append(_("Tie split by the published rules"))
    return words.sentences(parts) if parts else ""


def _exceptions_table(records: Records) -> Iterator[Table]:
    """The ranking with accepted exceptions, where it is another one."""
    if not records.differ or records.accepted is None:
        return
    result = records.accepted.result
    rows = [
        (
            Cell(str(place.place)),
            Cell(place.vendor, LEFT),
            Cell(points(place.total), RIGHT),
            Cell(words.listed(place.waived), LEFT),
        )
        for place in result.ranking
    ]
    titles = (_("Place"), _("Vendor"), _("Total"), _("Exceptions it rests on"))
    title = _("Ranking with accepted exceptions")
    yield Table(
        (tuple(Cell(text, strong=True) for text in titles),), tuple(rows), (6, 30, 10, 54), title=title
    )


def _out_table(records: Records, ranked: Ranked) -> Iterator[Table]:
    """Who is not ranked, and which requirements or bounds it failed."""
    if not ranked.result.excluded:
        return
    prices = {bid.vendor: bid.price for bid in ranked.case.bids}
    requirements = {row.code: row for row in ranked.case.requirements}
    rows = []
    for out in ranked.result.excluded:
        units = [requirements[r.at].unit for r in out.reasons if r.at in requirements]
        texts = [after_marks.why_out(ranked, reason) for reason in out.reasons]
        found = words.listed(dict.fromkeys(records.unit(unit) for unit in units if unit))
        rows.append(
            (
                Cell(out.vendor),
                Cell(amount(prices[out.vendor]), RIGHT),
                Cell(records.told(words.sentences(texts)), LEFT),
                Cell(found),
            )
        )
    titles = (_("Not ranked"), _("Price"), _("What is not met"), _("Found by"))
    head = (tuple(Cell(text, strong=True) for text in titles),)
    yield Table(head, tuple(rows), (16, 12, 58, 14))


def _legend(records: Records, units: Sequence[str]) -> str:
    """How the figures were made, so that they can be made again."""
    tender = records.tender
    texts = [
        _("Columns of units hold the mean of the unit's members on the scale of the criterion."),
        _("“／”: the unit does not mark it."),
        _("Marks become points by: %(rule)s.") % {"rule": tender.get_aggregation_display()},
    ]
    if tender.unit_shares:
        shares = [
            f"{records.unit(unit)} {tender.unit_shares[unit]}" for unit in units if unit in tender.unit_shares
        ]
        texts.append(_("Shares of the units: %(shares)s.") % {"shares": words.listed(shares)})
    return " ".join(texts)


# --- each member's figures --------------------------------------------------------------------------------
def _members_sheet(records: Records) -> Iterator[Sheet]:
    """Each member's total and rank of every bid, where ranks decide or the Procurement Act asks for them."""
    ranked, tender = records.as_scored, records.tender
    asked = tender.method == Method.RANK_SUM or tender.profile == Profile.TW_PUBLIC
    if not asked or ranked is None or not ranked.result.members:
        return
    vendors = [row.vendor for row in ranked.result.ranking]
    named = sorted((records.member(code), figures) for code, figures in ranked.result.members.items())
    rows = [
        (Cell(name, LEFT), *(_own_figure(figures.get(vendor)) for vendor in vendors))
        for name, figures in named
    ]
    head = (tuple(Cell(text, strong=True) for text in (_("Panel member"), *vendors)),)
    table = Table(head, tuple(rows), (20, *[80 // max(len(vendors), 1)] * len(vendors)))
    note = Text(_("Each member's own total, and the rank that follows from it in brackets."), small=True)
    yield Sheet(_("Award paper, figures of each member"), (), (table, note))


def _own_figure(figure: object) -> Cell:
    total, rank = getattr(figure, "total", None), getattr(figure, "rank", None)
    if total is None:
        return Cell(ABSENT)
    return Cell(f"{points(total)} ({plain(rank)})" if rank is not None else points(total))
