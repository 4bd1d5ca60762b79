"""Turning points: the share of one root criterion at which first place changes hands."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from bids.evaluation import exact
from bids.evaluation.case import Case
from bids.evaluation.result import Row, TurningPoint
from bids.evaluation.tree import Tree

TurningPoints = Mapping[str, tuple[TurningPoint, ...]]


@dataclass(frozen=True, slots=True)
class _Line:
    """A bid's total as the root's share goes from 0 to 1: `start` + `slope` × share."""

    start: Fraction
    slope: Fraction


def turning_points(case: Case, tree: Tree, ranking: tuple[Row, ...]) -> TurningPoints | None:
    """The exact shares in (0, 1) at which the winner changes, by root; `None` where totals are not linear.

    One root's share varies while the others keep their proportions; leaves and bands scale with it, and
    exclusions stay.
    """
    if case.method != "total" or len(tree.roots) < 2 or case.rounding or case.quality_scale != "absolute":
        return None
    return {root: tuple(_of_root(tree, root, ranking)) for root in tree.roots}


def _of_root(tree: Tree, root: str, ranking: tuple[Row, ...]) -> list[TurningPoint]:
    lines: dict[_Line, list[Row]] = {}
    for row in ranking:
        lines.setdefault(_line(tree, root, row), []).append(row)
    if not lines:
        return []
    points: list[TurningPoint] = []
    lead = max(lines, key=lambda line: (line.start, line.slope))
    while True:
        crossings = [
            ((lead.start - line.start) / (line.slope - lead.slope), -line.slope, line)
            for line in lines
            if line.slope > lead.slope
        ]
        if not crossings:
            return points
        share, _, follower = min(crossings, key=lambda crossing: crossing[:2])
        if share >= 1:
            return points
        points.append(TurningPoint(share, _best(lines[lead]), _best(lines[follower])))
        lead = follower


def _line(tree: Tree, root: str, row: Row) -> _Line:
    """The bid's total at share 0 of the root, where the others are everything, and its slope to share 1."""
    own = row.points[root] if root in row.points else row.nodes[root]
    others = (row.total or exact.ZERO) - (own or exact.ZERO)
    whole = tree.reachable
    start = others * whole / (whole - tree.effective[root])
    return _Line(start, (own or exact.ZERO) * whole / tree.effective[root] - start)


def _best(rows: list[Row]) -> str | None:
    """The bid with the best published place, unless several share it."""
    place = min(row.place for row in rows)
    best = [row.vendor for row in rows if row.place == place]
    return best[0] if len(best) == 1 else None
