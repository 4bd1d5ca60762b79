"""The same dummies under every other price formula and every other method.

Points of what is not price keep their size under a method without points for the price; bounds on a total go
down with it. What a formula or a method needs and the tender does not say is assumed and named, or the
variant is not tried and it says why.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from bids.evaluation import exact
from bids.evaluation.advisor.dummies import Asked, Ground, in_case
from bids.evaluation.advisor.outcome import Outcome, outcome
from bids.evaluation.case import FORMULAS, METHODS, RELATIVE_FORMULAS, Band, Case, Criterion, Price
from bids.evaluation.guards import TW_PUBLIC
from bids.evaluation.tender_checks import NO_PRICE_LEAF
from bids.evaluation.tree import Tree, tree_of

#: Why a variant was not tried.
NOT_ALLOWED, NO_VALUES, NO_PRICE_CRITERION, NO_QUALITY, HAS_MINIMUM, NOT_AGREED = (
    "not_allowed",
    "no_values",
    "no_price_criterion",
    "no_quality",
    "has_minimum",
    "not_agreed",
)
#: What was assumed.
FROM_CEILING, IN_BANDS, FAIR_PRICE = "ceiling", "bands", "fair_price"

_BANDS = 5


@dataclass(frozen=True, slots=True)
class Variant:
    """One method with one formula: its outcome, or `why_not`; `assumed` names what had to be assumed."""

    method: str
    formula: str
    published: bool
    outcome: Outcome | None
    assumed: str = ""
    why_not: str = ""


def variants_of(ground: Ground, asked: Asked, profile: str) -> tuple[Variant, ...]:
    """The published variant first, then other formulas, then other methods, as `profile` allows them."""
    return tuple(_variants(ground, asked, profile))


def _variants(ground: Ground, asked: Asked, profile: str) -> Iterator[Variant]:
    case = ground.case
    own = case.price.formula
    yield _tried(case, asked, Variant(case.method, own, published=True, outcome=None))
    if not case.criteria:
        return  # the lowest price without any criterion: there is nothing else to try
    if case.method not in NO_PRICE_LEAF:
        for formula in FORMULAS:
            if formula not in (own, "marked"):
                yield _formula(ground, asked, profile, formula)
    for method in METHODS:
        if method != case.method:
            yield _method(ground, asked, method)


def _tried(case: Case, asked: Asked, variant: Variant) -> Variant:
    """The variant with what comes out in its case."""
    made = in_case(case, tree_of(case), asked.dummies)
    return replace(variant, outcome=outcome(made, asked.dummies))


# --- formulas -----------------------------------------------------------------------------------------------
def _formula(ground: Ground, asked: Asked, profile: str, formula: str) -> Variant:
    case, tree = ground.case, ground.tree
    variant = Variant(case.method, formula, published=False, outcome=None)
    why_not = _why_not_formula(ground, profile, formula)
    if why_not:
        return replace(variant, why_not=why_not)
    if formula == "none":
        return _tried(_without_price(case, tree), asked, variant)
    leaf = tree.price_leaf
    criteria = tuple(
        replace(node, maximum=None, units=None) if leaf and node.code == leaf.code else node
        for node in case.criteria
    )
    price, assumed = _parameters(ground, formula)
    return _tried(replace(case, criteria=criteria, price=price), asked, replace(variant, assumed=assumed))


def _why_not_formula(ground: Ground, profile: str, formula: str) -> str:
    tree = ground.tree
    if tree.price_leaf is None:
        return NO_PRICE_CRITERION
    relative = formula in RELATIVE_FORMULAS
    if relative and profile == TW_PUBLIC:
        return NOT_ALLOWED
    if relative and any(n.minimum is not None and n.code in tree.above_price for n in ground.case.criteria):
        return HAS_MINIMUM
    return NO_QUALITY if formula == "none" and not tree.quality else ""


def _parameters(ground: Ground, formula: str) -> tuple[Price, str]:
    """The formula with what it needs: from the yardstick down to 0, or five bands down to half of it."""
    top, leaf = ground.yardstick, ground.tree.price_leaf
    if formula == "ceiling-linear":
        return Price(formula, ceiling=top, floor=exact.ZERO), FROM_CEILING
    if formula == "bands" and leaf is not None:
        worth = ground.tree.effective[leaf.code]
        bands = tuple(
            Band(top * (_BANDS + step) / (2 * _BANDS), worth * (_BANDS - step + 1) / _BANDS)
            for step in range(1, _BANDS + 1)
        )
        return Price(formula, bands=bands), IN_BANDS
    return Price(formula), ""


# --- methods ------------------------------------------------------------------------------------------------
def _method(ground: Ground, asked: Asked, method: str) -> Variant:
    case, tree = ground.case, ground.tree
    variant = Variant(method, case.price.formula, published=False, outcome=None)
    if method == "adjusted-price" and not any(leaf.value for leaf in tree.leaves):
        return replace(variant, why_not=NO_VALUES)
    if method == "rank-sum" and case.aggregation == "consensus":
        return replace(variant, why_not=NOT_AGREED)
    changed = _for_method(case, method)
    if method in NO_PRICE_LEAF and tree.price_leaf is not None:
        if not tree.quality:
            return replace(variant, why_not=NO_QUALITY)
        changed = _without_price(changed, tree)
    changed = replace(changed, method=method, quality_scale="absolute")
    if method == "best-fair-price" and case.fair_price_ceiling is None:
        changed = replace(changed, fair_price_ceiling=ground.yardstick)
        variant = replace(variant, assumed=FAIR_PRICE)
    return _tried(changed, asked, replace(variant, formula=changed.price.formula))


def _for_method(case: Case, method: str) -> Case:
    """The case without what only other methods have; for `rank-sum` every member marks every leaf."""
    criteria = tuple(
        replace(
            node,
            value=node.value if method == "adjusted-price" else None,
            units=None if method == "rank-sum" else node.units,
        )
        for node in case.criteria
    )
    fair = case.fair_price_ceiling if method == "best-fair-price" else None
    rules = tuple(rule for rule in case.tie_break if rule != "more-first-places" or method == "rank-sum")
    return replace(case, criteria=criteria, fair_price_ceiling=fair, tie_break=rules)


def _without_price(case: Case, tree: Tree) -> Case:
    """The case without its price leaf: the others keep their points, and a bound on a total its share."""
    left = {code: _left(tree, code) for code in tree.nodes}
    criteria = tuple(_kept(node, tree, left[node.code]) for node in case.criteria if left[node.code])
    mark = case.pass_mark
    if mark and mark.on == "total":
        mark = replace(mark, points=mark.points * tree.quality / tree.reachable)
    return replace(case, criteria=criteria, total_points=tree.quality, price=Price(), pass_mark=mark)


def _left(tree: Tree, code: str) -> Fraction:
    """A node's effective points without the price below it."""
    gone = tree.price_leaf.code if tree.price_leaf else ""
    return exact.total(
        tree.effective[leaf.code]
        for leaf in tree.leaves
        if leaf.code != gone and code in tree.upwards(leaf.code)
    )


def _kept(node: Criterion, tree: Tree, points: Fraction) -> Criterion:
    minimum = None if node.minimum is None else node.minimum * points / tree.effective[node.code]
    return replace(node, weight=points, minimum=minimum, maximum=tree.scales.get(node.code))
