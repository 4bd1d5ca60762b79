"""Who would be first if a member, a unit, a criterion or a bid were left out, or under another price formula.

Each variant is a case of its own, evaluated exactly. `None`: several would share first place, or nobody can
be ranked (a leaf that only the unit left out marks, for example).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from bids.evaluation.case import RELATIVE_FORMULAS, Band, Bid, Case, Criterion, Member, Price
from bids.evaluation.evaluation import run
from bids.evaluation.tree import Tree, tree_of

Winners = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The first place without each member, unit, criterion and bid, by code, name or vendor."""

    members: Winners
    units: Winners
    criteria: Winners
    bids: Winners


def left_out(case: Case) -> LeftOut:
    """Every case of one thing less."""
    bids = {bid.vendor: tuple(other for other in case.bids if other is not bid) for bid in case.bids}
    return LeftOut(
        members={
            member.code: _first(_with_panel(case, _but(case.members, member))) for member in case.members
        },
        units={unit: _first(_without_unit(case, unit)) for unit in case.units},
        criteria={node.code: _first(_without_criterion(case, node.code)) for node in case.criteria},
        bids={
            vendor: _first(replace(case, bids=others) if others else None) for vendor, others in bids.items()
        },
    )


def other_formulas(case: Case) -> Winners:
    """The first place under every other price formula that needs no parameter the case lacks.

    `ceiling-linear` runs from the budget down to 0. A formula that looks at other bids is left out where a
    minimum is held against its points.
    """
    tree = tree_of(case)
    leaf = tree.price_leaf
    if leaf is None:
        return {}
    bounded = any(node.minimum is not None and node.code in tree.above_price for node in case.criteria)
    prices = [] if bounded else [Price(formula) for formula in sorted(RELATIVE_FORMULAS)]
    if case.budget is not None:
        prices.append(Price("ceiling-linear", ceiling=case.budget, floor=Fraction(0)))
    plain = replace(leaf, maximum=None, units=None)
    criteria = tuple(plain if node is leaf else node for node in case.criteria)
    unmarked = replace(case, criteria=criteria, bids=tuple(_unmarked(bid, {leaf.code}) for bid in case.bids))
    return {
        price.formula: _first(replace(unmarked, price=price))
        for price in prices
        if price.formula != case.price.formula
    }


def _first(case: Case | None) -> str | None:
    return None if case is None else run(case).first


def _but(members: Iterable[Member], left_out: Member) -> tuple[Member, ...]:
    return tuple(member for member in members if member is not left_out)


def _with_panel(case: Case, panel: tuple[Member, ...]) -> Case:
    """The case with fewer members, and without the marks of the others."""
    codes = {member.code for member in panel}
    bids = (
        replace(bid, marks=tuple(mark for mark in bid.marks if mark.member in codes)) for bid in case.bids
    )
    return replace(case, panel=panel, bids=tuple(bids))


def _without_unit(case: Case, unit: str) -> Case:
    return _with_panel(case, tuple(member for member in case.members if member.unit != unit))


def _without_criterion(case: Case, code: str) -> Case | None:
    """The case without a node and all below it; bounds shrink or grow with the points of what they bound."""
    tree = tree_of(case)
    gone = _gone(tree, code)
    left = tuple(node for node in case.criteria if node.code not in gone)
    if not left:
        return None
    shrunk = tree_of(replace(case, criteria=left))
    criteria = tuple(_rescaled(node, tree, shrunk) for node in left)
    bids = tuple(_unmarked(bid, gone) for bid in case.bids)
    smaller = replace(case, criteria=criteria, bids=bids, price=_price(case.price, tree, shrunk))
    if case.pass_mark and case.pass_mark.on == "quality" and tree.quality:
        points = case.pass_mark.points * shrunk.quality / tree.quality
        smaller = replace(smaller, pass_mark=replace(case.pass_mark, points=points))
    return smaller


def _gone(tree: Tree, code: str) -> set[str]:
    """A node, everything below it, and the groups above it that would be left without children."""
    gone = [code]
    for node in gone:
        gone += tree.children.get(node, ())
    found = set(gone)
    for above in tree.upwards(code)[1:]:
        if found.issuperset(tree.children[above]):
            found.add(above)
    return found


def _rescaled(node: Criterion, before: Tree, after: Tree) -> Criterion:
    factor = after.effective[node.code] / before.effective[node.code]
    return replace(
        node,
        minimum=None if node.minimum is None else node.minimum * factor,
        maximum=before.scales.get(node.code),
    )


def _price(price: Price, before: Tree, after: Tree) -> Price:
    if before.price_leaf is None or after.price_leaf is None:
        return Price()
    factor = after.effective[after.price_leaf.code] / before.effective[before.price_leaf.code]
    return replace(price, bands=tuple(Band(band.up_to, band.points * factor) for band in price.bands))


def _unmarked(bid: Bid, codes: set[str]) -> Bid:
    return replace(
        bid,
        marks=tuple(mark for mark in bid.marks if mark.criterion not in codes),
        consensus=tuple(mark for mark in bid.consensus if mark.criterion not in codes),
    )
