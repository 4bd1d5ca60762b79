"""How far the members agree: the quorum, Kendall's W, the split between units, marked differences."""

from collections import Counter
from collections.abc import Iterator, Mapping
from fractions import Fraction

from bids.evaluation import exact
from bids.evaluation.case import Case, Criterion, MarkedDifference
from bids.evaluation.guards import TW_PUBLIC
from bids.evaluation.issues import Issue, gettext_noop, shown, warning
from bids.evaluation.panel import Panel
from bids.evaluation.places import ranks
from bids.evaluation.ranking import Ballots
from bids.evaluation.result import DifferenceFlag, PanelFigures
from bids.evaluation.sheet import Sheet
from bids.evaluation.tree import Tree

LEAST_EXPERTS = 2

UnitSplit = dict[str, dict[str, dict[str, Fraction]]]


def panel_figures(case: Case, panel: Panel, ballots: Ballots) -> PanelFigures | None:
    """The panel as it sat, `None` without one."""
    if not case.members:
        return None
    present = len(panel.counted)
    experts = sum(member.expert for member in panel.counted)
    quorum = None
    if case.profile == TW_PUBLIC:
        quorum = has_quorum(len(panel.members), present, experts)
    return PanelFigures(len(panel.members), present, experts, quorum, kendall_w(ballots))


def has_quorum(members: int, present: int, experts: int) -> bool:
    """Whether so many `members`, so many of them `present`, and so many of these `experts` can decide.

    採購評選委員會審議規則 §9: at least half of the members present, among them at least two experts, who are
    at least a third of those present.
    """
    return 2 * present >= members and experts >= LEAST_EXPERTS and 3 * experts >= present


def kendall_w(ballots: Ballots) -> Fraction | None:
    """Kendall's coefficient of concordance, of the members who have a total for every bid of the scope.

    W = 12 S ÷ (m² (n³ − n) − m ΣT), T = Σ(t³ − t) over each member's ties (Kendall and Smith 1939; Siegel and
    Castellan 1988, 9.6). `None` below two members or bids, where every member ties all bids, and while a
    member's total is still to come.
    """
    scope = ballots.scope or ()
    full = [ranks(field, "average") for field in ballots.fields.values() if len(field) == len(scope)]
    m, n = len(full), len(scope)
    if m < 2 or n < 2 or len(ballots.fields) < len(ballots.totals):
        return None
    ties = sum(t**3 - t for own in full for t in Counter(own.values()).values())
    below = m**2 * (n**3 - n) - m * ties
    if below == 0:
        return None
    middle = Fraction(m * (n + 1), 2)
    spread = exact.total((exact.total(own[vendor] for own in full) - middle) ** 2 for vendor in scope)
    return 12 * spread / below


def unit_split(tree: Tree, sheets: Mapping[str, Sheet]) -> UnitSplit:
    """The mean points that each unit gave, by leaf that people mark and bid."""
    return {
        leaf.code: {vendor: dict(sheet.leaves[leaf.code].units) for vendor, sheet in sheets.items()}
        for leaf in tree.marked
    }


def uneven_units(case: Case, tree: Tree, panel: Panel, sheets: Mapping[str, Sheet]) -> Iterator[Issue]:
    """Under `unit-mean`: the units that may mark a leaf and did so for some of the scored bids only."""
    if case.aggregation != "unit-mean":
        return
    places = {node.code: index for index, node in enumerate(case.criteria)}
    for leaf in tree.marked:
        for unit in panel.leaves:
            marked = sum(unit in sheet.leaves[leaf.code].units for sheet in sheets.values())
            if 0 < marked < len(sheets):
                template = gettext_noop("The unit “{unit}” marked “{title}” for {count} of {all} bids only.")
                counts = {"count": str(marked), "all": str(len(sheets))}
                path = f"criteria[{places[leaf.code]}]"
                yield warning(
                    "uneven_units", path, template, unit=shown(unit), title=shown(leaf.title), **counts
                )


def marked_differences(
    case: Case, tree: Tree, ballots: Ballots, sheets: Mapping[str, Sheet]
) -> tuple[DifferenceFlag, ...]:
    """Bids that two members judged so differently that the panel must look (審議規則 §6)."""
    rule = case.marked_difference
    if rule is None:
        return ()
    flags: list[DifferenceFlag] = []
    fields = list(ballots.fields.values())
    for vendor, sheet in sheets.items():
        if _best_and_worst(vendor, fields, rule):
            flags.append(DifferenceFlag(vendor, "best_and_worst", None))
        if _high_and_fail(case, vendor, ballots, rule):
            flags.append(DifferenceFlag(vendor, "high_and_fail", None))
        flags += [
            DifferenceFlag(vendor, "leaf_high_and_zero", leaf.code)
            for leaf in tree.marked
            if _high_and_zero(tree, leaf, sheet, rule)
        ]
    return tuple(flags)


def _best_and_worst(vendor: str, fields: list[Mapping[str, Fraction]], rule: MarkedDifference) -> bool:
    """One member ranks the bid first with a high total, another last with a low one; shared places count."""
    judging = [field for field in fields if vendor in field and len(field) > 1]
    first = {i for i, f in enumerate(judging) if f[vendor] >= rule.high and f[vendor] == max(f.values())}
    last = {i for i, f in enumerate(judging) if f[vendor] < rule.low and f[vendor] == min(f.values())}
    return _two_members(first, last)


def _high_and_fail(case: Case, vendor: str, ballots: Ballots, rule: MarkedDifference) -> bool:
    """One member's total is high, another's is below a pass mark on the total."""
    mark = case.pass_mark
    if mark is None or mark.on != "total":
        return False
    own = [total for totals in ballots.totals.values() if (total := totals.get(vendor)) is not None]
    high = {index for index, total in enumerate(own) if total >= rule.high}
    return _two_members(high, {index for index, total in enumerate(own) if total < mark.points})


def _high_and_zero(tree: Tree, leaf: Criterion, sheet: Sheet, rule: MarkedDifference) -> bool:
    """One member's mark is a high share of the leaf's scale, another's is 0."""
    points = sheet.leaves[leaf.code].members.values()
    high = rule.leaf_high_share * tree.effective[leaf.code]
    return any(own >= high for own in points) and any(own == 0 for own in points)


def _two_members(some: set[int], others: set[int]) -> bool:
    """Whether one of the first and another one of the second can be named."""
    return bool(some) and bool(others) and len(some | others) > 1
