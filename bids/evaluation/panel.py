"""Who counts: panel members that are present and not recused, and which leaves they mark."""

from collections.abc import Mapping
from dataclasses import dataclass

from bids.evaluation.case import Case, Criterion, Member
from bids.evaluation.guards import TW_PUBLIC
from bids.evaluation.tree import Tree


@dataclass(frozen=True, slots=True)
class Panel:
    """The panel of a case. `members` are those not out of the case, `counted` those of them who are present.

    `leaves` are the leaves that each unit marks. With `complete` each counted member must mark each leaf
    (aggregation `sum` and method `rank-sum`).
    """

    members: tuple[Member, ...]
    counted: tuple[Member, ...]
    leaves: Mapping[str, tuple[Criterion, ...]]
    complete: bool

    def judges(self, vendor: str) -> tuple[Member, ...]:
        """The counted members of one bid."""
        return tuple(member for member in self.counted if vendor not in member.recused)


def panel_of(case: Case, tree: Tree) -> Panel:
    """The panel, without the members whom one recusal puts out of the whole case where that is the rule."""
    complete = case.aggregation == "sum" or case.method == "rank-sum"
    strict = complete or case.profile == TW_PUBLIC
    members = tuple(member for member in case.members if not (strict and member.recused))
    leaves = {
        unit: tuple(leaf for leaf in tree.marked if leaf.units is None or unit in leaf.units)
        for unit in case.units
    }
    return Panel(members, tuple(member for member in members if member.present), leaves, complete)
