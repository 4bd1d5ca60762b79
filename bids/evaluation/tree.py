"""The criteria as a tree: who is below whom, and how many points each node is worth."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from bids.evaluation import exact
from bids.evaluation.case import Case, Criterion


@dataclass(frozen=True)
class Tree:
    """The tree of a case whose codes are unique, whose parents exist and which has no cycle.

    A node's `effective` points are its weight ÷ the sum of its siblings' weights × its parent's effective
    points; the roots share `total_points`. `groups` and `leaves` are in file order.
    """

    nodes: Mapping[str, Criterion]
    children: Mapping[str | None, tuple[str, ...]]
    effective: Mapping[str, Fraction]
    leaves: tuple[Criterion, ...]
    price_leaf: Criterion | None
    marked: tuple[Criterion, ...]

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """The nodes with children."""
        return tuple(code for code in self.nodes if self.children.get(code))

    @property
    def roots(self) -> tuple[str, ...]:
        """The nodes without a parent."""
        return self.children.get(None, ())

    @cached_property
    def downward(self) -> tuple[str, ...]:
        """Every node after its parent."""
        return downward(self.children)

    @cached_property
    def scales(self) -> Mapping[str, Fraction]:
        """The top of the scale of each leaf that people mark."""
        return {leaf.code: leaf.maximum or self.effective[leaf.code] for leaf in self.marked}

    @cached_property
    def reachable(self) -> Fraction:
        """What all criteria add up to: the total points, or 0 where there is no criterion."""
        return exact.total(self.effective[code] for code in self.roots)

    @cached_property
    def quality(self) -> Fraction:
        """What all leaves but the price leaf add up to."""
        return self.reachable - (self.effective[self.price_leaf.code] if self.price_leaf else exact.ZERO)

    def of_kind(self, kind: str) -> tuple[str, ...]:
        """The codes of the leaves of a kind."""
        return tuple(leaf.code for leaf in self.leaves if leaf.kind == kind)

    def upwards(self, code: str) -> tuple[str, ...]:
        """A node, its parent, and so on to its root."""
        path: list[str] = []
        step: str | None = code
        while step is not None:
            path.append(step)
            step = self.nodes[step].parent
        return tuple(path)

    @cached_property
    def above_price(self) -> frozenset[str]:
        """The price leaf and every node above it; empty where there is no price leaf."""
        return frozenset(self.upwards(self.price_leaf.code) if self.price_leaf else ())

    def sums(self, points: Mapping[str, Fraction | None]) -> dict[str, Fraction | None]:
        """Every group's points, of its leaves' points; `None` where one below is not known."""
        known = dict(points)
        for code in reversed(self.downward):
            below = self.children.get(code)
            if below:
                parts = [known[child] for child in below]
                numbers = [part for part in parts if part is not None]
                known[code] = exact.total(numbers) if len(numbers) == len(parts) else None
        return {code: known[code] for code in self.groups}


def children_of(criteria: tuple[Criterion, ...]) -> dict[str | None, tuple[str, ...]]:
    """The codes below each parent, in file order; the roots stand below `None`."""
    below: dict[str | None, list[str]] = {}
    for node in criteria:
        below.setdefault(node.parent, []).append(node.code)
    return {parent: tuple(codes) for parent, codes in below.items()}


def downward(children: Mapping[str | None, tuple[str, ...]]) -> tuple[str, ...]:
    """Every node that hangs on a root, after its parent; nodes of a cycle are not among them."""
    found = list(children.get(None, ()))
    for code in found:
        found += children.get(code, ())
    return tuple(found)


def tree_of(case: Case) -> Tree:
    """The tree of a case; weights must be more than 0."""
    nodes = {node.code: node for node in case.criteria}
    children = children_of(case.criteria)
    effective: dict[str, Fraction] = {}
    for parent in (None, *downward(children)):
        below = children.get(parent)
        if below:
            points = case.total_points if parent is None else effective[parent]
            whole = exact.total(nodes[code].weight for code in below)
            effective |= {code: points * nodes[code].weight / whole for code in below}
    leaves = tuple(node for node in case.criteria if node.code not in children)
    prices = [leaf for leaf in leaves if leaf.kind == "price"]
    return Tree(
        nodes=nodes,
        children=children,
        effective={code: effective[code] for code in nodes},
        leaves=leaves,
        price_leaf=prices[0] if prices else None,
        marked=tuple(leaf for leaf in leaves if leaf.kind != "price" or case.price.formula == "marked"),
    )
