"""Where everything stands in the ranking workbook: sheets, tables, rows and columns.

All formulas take their addresses from here, so that no sheet needs to know how another one is built.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bids.evaluation.case import Case, Criterion, Member
from bids.evaluation.panel import Panel, panel_of
from bids.evaluation.tree import Tree, tree_of
from bids.exports.long_prices import scale_of
from procurement.sheets.writing import address

#: The tops of the first tables of each sheet, counted from 0.
WEIGHTS_TOP = 6
MARKS_TOP = 6
REQUIREMENTS_TOP = 5
PRICES_TOP = 11
CHECK_TOP = 12

_PLACES_COLUMNS = ("vendor", "place", "figure", "security", "quality", "price", "line", "row")

GROUP = "group"
MARKED = "marked"
PRICED = "priced"

#: Excel's own limits are 1,048,576 rows and 16,384 columns; these keep a workbook usable.
MOST_ROWS = 1_000_000
MOST_COLUMNS = 16_000
MOST_CELLS = 5_000_000


class WorkbookTooLarge(ValueError):
    """The case has more bids, criteria or members than a workbook holds."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows and named columns on a sheet; `top` is the first row of data, counted from 0."""

    sheet: str
    top: int
    rows: int
    columns: Mapping[str, int]

    def __contains__(self, column: str) -> bool:
        """Whether the table has the column."""
        return column in self.columns

    def cell(self, column: str, row: int) -> str:
        """The address of one cell, with its sheet."""
        return address(self.top + row, self.columns[column], sheet=self.sheet)

    def span(self, column: str, first: int = 0, last: int | None = None, *, to: str | None = None) -> str:
        """The address of the cells of rows `first`…`last` (default: all), up to the column `to` if given."""
        last = self.rows - 1 if last is None else last
        end = address(self.top + last, self.columns[to or column])
        return f"{self.cell(column, first)}:{end}"


@dataclass(frozen=True, slots=True)
class Node:
    """A node of the criteria as a row: its depth, the row of its parent, how many rows below belong to it."""

    criterion: Criterion
    level: int
    parent: int | None
    below: int
    role: str

    @property
    def code(self) -> str:
        """The criterion's code."""
        return self.criterion.code


@dataclass(frozen=True, slots=True)
class Seat:
    """A panel member as a column: the name shown, and whether the member's marks count at all."""

    member: Member
    label: str
    counted: bool


@dataclass(frozen=True, slots=True)
class SheetNames:
    """The names of the sheets as they stand in the file."""

    ranking: str
    weights: str
    marks: str
    requirements: str
    prices: str
    check: str


@dataclass(frozen=True)
class Plan:
    """The whole workbook. `nodes` are the criteria, each group before what stands below it."""

    case: Case
    tree: Tree
    panel: Panel
    nodes: Sequence[Node]
    seats: Sequence[Seat]
    sheets: SheetNames
    weights: Table
    rules: Mapping[str, str]
    rule_rows: Mapping[str, int]
    bands: Table
    shares: Table
    marks: Table
    requirements: Table
    prices: Table
    steps: Table
    places: Table
    #: The rows under the nodes of each bid on the sheet of marks: members' own figures.
    own_rows: Sequence[str] = field(default=())

    @property
    def block(self) -> int:
        """The rows of one bid on the sheet of marks."""
        return len(self.nodes) + len(self.own_rows)

    @property
    def times(self) -> int:
        """How many members a total is the sum of: 1 but for the aggregation `sum`."""
        return len(self.panel.counted) if self.case.aggregation == "sum" else 1

    @property
    def price_row(self) -> int | None:
        """The row of the price leaf among the nodes."""
        return next((row for row, node in enumerate(self.nodes) if node.criterion.kind == "price"), None)

    def node_row(self, bid: int, node: int) -> int:
        """The row of a bid's node in the table of marks."""
        return bid * self.block + node

    def own_row(self, bid: int, figure: str) -> int:
        """The row of members' own figures ("quality" or "total") in the table of marks."""
        return bid * self.block + len(self.nodes) + list(self.own_rows).index(figure)

    def points_span(self, column: str, bid: int) -> str:
        """All nodes of one bid in a column of the table of marks."""
        return self.marks.span(column, self.node_row(bid, 0), self.node_row(bid, len(self.nodes) - 1))

    def around_price(self, column: str, bid: int) -> list[tuple[int, int, str]]:
        """The spans of a bid's nodes but for the price leaf, as (first node, last node, address)."""
        last, price = len(self.nodes) - 1, self.price_row
        pieces = [(0, last)] if price is None else [(0, price - 1), (price + 1, last)]
        return [
            (first, end, self.marks.span(column, self.node_row(bid, first), self.node_row(bid, end)))
            for first, end in pieces
            if first <= end
        ]


def plan_of(case: Case, sheets: SheetNames, labels: Mapping[str, str]) -> Plan:
    """The plan of a case; `labels` are the names of members to show. Raises `WorkbookTooLarge`."""
    tree = tree_of(case)
    panel = panel_of(case, tree)
    nodes = tuple(_nodes(case, tree))
    own_rows = _own_rows(case, tree)
    _check_size(case, len(nodes) + len(own_rows))
    seats = _seats(case, panel, labels)
    weights = Table(sheets.weights, WEIGHTS_TOP, max(1, len(nodes)), _numbered(_weight_columns(case)))
    rule_rows = {key: row for row, key in enumerate(_rule_keys(case), WEIGHTS_TOP + weights.rows + 3)}
    rule_column = weights.columns["weight"]
    shares_top = max(rule_rows.values()) + 4
    shares = Table(sheets.weights, shares_top, len(case.units), {"unit": 1, "share": 3})
    bands_top = shares_top + shares.rows + 3
    bands = Table(sheets.weights, bands_top, len(case.price.bands), {"up_to": 2, "points": 3})
    places = Table(sheets.check, CHECK_TOP, len(case.bids), _numbered(_PLACES_COLUMNS))
    steps_top = CHECK_TOP + places.rows + 5
    findings = _finding_columns(case)
    rows = len(case.bids) * (len(nodes) + len(own_rows))
    return Plan(
        case=case,
        tree=tree,
        panel=panel,
        nodes=nodes,
        seats=seats,
        sheets=sheets,
        weights=weights,
        rules={key: address(row, rule_column, sheet=sheets.weights) for key, row in rule_rows.items()},
        rule_rows=rule_rows,
        bands=bands,
        shares=shares,
        marks=Table(sheets.marks, MARKS_TOP, rows, _mark_columns(case, tree)),
        requirements=Table(sheets.requirements, REQUIREMENTS_TOP, len(case.requirements), findings),
        prices=Table(sheets.prices, PRICES_TOP, len(case.bids), _numbered(_price_columns(case))),
        steps=Table(sheets.check, steps_top, len(case.bids), _numbered(_step_columns(case, panel))),
        places=places,
        own_rows=own_rows,
    )


def _check_size(case: Case, block: int) -> None:
    rows, columns = len(case.bids) * block, max(len(case.bids), 3 * len(case.members)) + 30
    if rows > MOST_ROWS or columns > MOST_COLUMNS or rows * (len(case.members) + 8) > MOST_CELLS:
        raise WorkbookTooLarge("The case has more bids, criteria or members than a workbook holds.")


def _numbered(columns: Sequence[str]) -> dict[str, int]:
    return {column: number for number, column in enumerate(columns)}


def _nodes(case: Case, tree: Tree) -> Iterator[Node]:
    """The nodes, each group before what stands below it, brothers in file order."""
    below: dict[str, int] = {}
    for code in reversed(tree.downward):
        below[code] = sum(1 + below[child] for child in tree.children.get(code, ()))
    rows: dict[str, int] = {}
    levels: dict[str | None, int] = {None: -1}
    waiting = list(reversed(tree.roots))
    while waiting:
        criterion = tree.nodes[waiting.pop()]
        levels[criterion.code] = levels[criterion.parent] + 1
        rows[criterion.code] = len(rows)
        role = PRICED if criterion.kind == "price" and case.price.computed else MARKED
        if criterion.code in tree.children:
            role = GROUP
            waiting.extend(reversed(tree.children[criterion.code]))
        parent = None if criterion.parent is None else rows[criterion.parent]
        yield Node(criterion, levels[criterion.code], parent, below[criterion.code], role)


def _seats(case: Case, panel: Panel, labels: Mapping[str, str]) -> tuple[Seat, ...]:
    """The members, those of a unit side by side."""
    counted = {member.code for member in panel.counted}
    return tuple(
        Seat(member, labels[member.code], member.code in counted)
        for unit in case.units
        for member in case.members
        if member.unit == unit
    )


def _own_rows(case: Case, tree: Tree) -> tuple[str, ...]:
    if not tree.marked:
        return ()
    mark = case.pass_mark
    by_quality = mark is not None and mark.rule == "majority" and mark.on == "quality"
    return ("quality", "total") if by_quality and tree.price_leaf else ("total",)


def _rule_keys(case: Case) -> Iterator[str]:
    """The rules with a cell of their own under the weights, in order."""
    yield from ("total_points", "method", "quality_scale", "aggregation", "members", "formula")
    if case.price.formula == "ceiling-linear":
        yield from ("ceiling", "floor")
    if case.fair_price_ceiling is not None:
        yield "fair_price_ceiling"
    if case.pass_mark:
        yield from ("pass_mark", "pass_mark_on")
    if case.method == "rank-sum":
        yield from ("rank_scope", "tied_rank")
    yield "tie_break"
    if case.rounding:
        for thing in ("leaf_points", "price_score", "price_points", "total"):
            if getattr(case.rounding, thing):
                yield thing
    yield from ("tolerance", "figure_tolerance")


def _weight_columns(case: Case) -> list[str]:
    columns = ["code", "title", "kind", "weight", "published", "share", "effective", "maximum", "minimum"]
    if case.method == "adjusted-price":
        columns += ["value", "value_share"]
    columns += ["factor", "parent", "security", "quality", "price"]
    return [*columns, "leaf", "heaviest"] if "heaviest-criterion" in case.tie_break else columns


def rounds_leaves(case: Case) -> bool:
    """Whether points on a leaf differ from what they were before rounding."""
    rounding = case.rounding
    return bool(rounding and (rounding.leaf_points or rounding.price_score or rounding.price_points))


def _mark_columns(case: Case, tree: Tree) -> dict[str, int]:
    columns = ["vendor", "code", "title", *(f"m{seat}" for seat in range(len(case.members))), "agreed"]
    if case.aggregation == "unit-mean":
        columns += [f"u{unit}" for unit in range(len(case.units))]
    columns += ["mark", "unrounded"]
    if rounds_leaves(case):
        columns.append("points")
    if tree.groups:
        columns.append("nodes")
    if any(node.minimum is not None for node in case.criteria):
        columns.append("below")
    numbered = _numbered(columns)
    return {"points": numbered["unrounded"]} | numbered


def _finding_columns(case: Case) -> dict[str, int]:
    columns = ("code", "title", "kind", "severity", "gate", "unit", "source", "evidence")
    return _numbered((*columns, *(f"b{bid}" for bid in range(len(case.bids)))))


def _price_columns(case: Case) -> list[str]:
    columns = ["vendor", "status", "price"]
    if scale_of(case) is not None:
        columns.append("rest")
    columns += ["valid_price", "cheaper", "gap"]
    if case.price.computed:
        columns += ["reference"] if case.price.relative else []
        columns += ["raw", "score", "points", "aggregated"]
    return columns


def _step_columns(case: Case, panel: Panel) -> list[str]:
    columns = [
        "vendor",
        "stored_place",
        "place",
        "stored_total",
        "total",
        "stored_figure",
        "figure",
        "agrees",
    ]
    columns += [
        "valid",
        "gates",
        "waived",
        "scored",
        "gaps",
        "quality_raw",
        "quality",
        "below",
        "stage2",
        "past2",
    ]
    columns += ["price_points", "total_raw", "stage3"]
    if case.quality_scale == "relative-to-best":
        columns += ["best", "scaled", "figure_raw"]
    columns += ["stage4", "hole", "passed", "ranked"]
    if case.method == "rank-sum":
        counted = range(len(panel.counted))
        columns += ["scope", *(f"t{member}" for member in counted), *(f"a{member}" for member in counted)]
        columns += [f"e{member}" for member in counted] if case.tied_rank != "competition" else []
        columns += [f"r{member}" for member in counted]
    columns.append("p0")
    for number, _ in enumerate(case.tie_break, 1):
        columns += [f"k{number}", f"p{number}"]
    return [
        *columns,
        "split",
        "line",
        "security",
        "quality_points",
        "price",
        "over",
        "state",
        "stored_state",
        "note",
        "said",
    ]
