"""How firm first place is: what the turning points say, and where bids stand between price and security."""

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from bids.evaluation import Case, Result, evaluate
from bids.evaluation.result import RANKED
from bids.evaluation.tree import Tree, tree_of
from procurement.choices import Kind

#: Relative distance of a turning point from the published share within which first place depends on the
#: weights, and within which it is almost a tie; so is a lead of less than a point (design, firmness).
NEAR, CLOSE, SLIM = Fraction(1, 5), Fraction(1, 20), 1


@dataclass(frozen=True)
class Firmness:
    """How near the published weights first place changes hands."""

    kind: str
    word: str
    lead: Fraction | None
    second: str


def turning_roots(case: Case, result: Result) -> list[dict[str, Any]]:
    """What the turning-point axis draws, a row for each root; empty where turning points are not defined."""
    if result.turning_points is None or not result.ranking:
        return []
    tree = tree_of(case)
    places = {row.vendor: row.place for row in result.ranking}
    roots = []
    for code in tree.roots:
        points = result.turning_points.get(code, ())
        edges = [Fraction(0), *(point.share for point in points), Fraction(1)]
        holders = [points[0].below, *(point.above for point in points)] if points else [result.winner]
        roots.append(
            {
                "label": tree.nodes[code].title,
                "share": tree.effective[code] / case.total_points,
                "bands": [
                    {"from": a, "to": b, "vendor": holder or "", "place": places.get(holder or "")}
                    for (a, b), holder in zip(pairwise(edges), holders, strict=True)
                ],
            }
        )
    return roots


def firmness(result: Result, roots: list[dict[str, Any]]) -> Firmness | None:
    """A word for the lead, from the lead itself and the nearest turning point; None without either."""
    if result.winner is None or result.turning_points is None:
        return None
    second = result.ranking[1] if len(result.ranking) > 1 else None
    lead = result.ranking[0].figure - second.figure if second else None
    nearest = min(
        (abs(edge["to"] - root["share"]) / root["share"] for root in roots for edge in root["bands"][:-1]),
        default=None,
    )
    if (lead is not None and lead < SLIM) or (nearest is not None and nearest <= CLOSE):
        kind, word = "warn", _("Almost a tie")
    elif nearest is not None and nearest <= NEAR:
        kind, word = "warn", _("Depends on the weights")
    else:
        kind, word = "ok", _("No single weight changes it within ±20 %")
    return Firmness(kind, word, lead, second.vendor if second else "")


def price_and_security(case: Case, result: Result, reasons: dict[str, str]) -> dict[str, Any] | None:
    """Price against security points, for the scatter chart; None where the case has no security points.

    Bids out at a gate are placed as if gates did not count, with their `reasons` beside them (by vendor).
    """
    tree = tree_of(case)
    leaves = tree.of_kind(Kind.SECURITY)
    if not leaves or result.status != RANKED:
        return None
    optional = tuple(replace(requirement, mandatory=False) for requirement in case.requirements)
    steps = evaluate(replace(case, requirements=optional)).steps
    places = {row.vendor: row.place for row in result.ranking}
    points = []
    for bid in case.bids:
        got = [steps[bid.vendor].leaves[leaf].points for leaf in leaves] if bid.vendor in steps else [None]
        known = [value for value in got if value is not None]
        if bid.price is not None and len(known) == len(got):
            points.append(
                {
                    "vendor": bid.vendor,
                    "price": bid.price,
                    "security": sum(known, Fraction(0)),
                    "place": places.get(bid.vendor),
                    "reason": reasons.get(bid.vendor, ""),
                }
            )
    times = len(result.members) if case.aggregation == "sum" else 1
    return {
        "points": points,
        "maximum": times * sum((tree.effective[leaf] for leaf in leaves), Fraction(0)),
        "minimum": _minimum(case, tree, set(leaves), times),
        "slope": _slope(case, tree, result),
    }


def _minimum(case: Case, tree: Tree, security: set[str], times: int) -> Fraction | None:
    """The published minimum of all security points together, where one node holds exactly them."""
    for node in case.criteria:
        below = {leaf.code for leaf in tree.leaves if node.code in tree.upwards(leaf.code)}
        if node.minimum is not None and below == security:
            return node.minimum * times
    return None


def _slope(case: Case, tree: Tree, result: Result) -> Fraction | None:
    """How many points a price of one million more costs, where the formula is a straight line."""
    ceiling, floor = case.price.ceiling, case.price.floor
    if tree.price_leaf is None or ceiling is None or floor is None or result.figure != "total":
        return None
    return tree.effective[tree.price_leaf.code] / (ceiling - floor) * 1_000_000
