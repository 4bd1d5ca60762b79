"""Guard rails: what a profile refuses, and what everybody is warned of.

`tw-public` follows the Taiwanese regulations for most advantageous tenders (最有利標評選辦法): a scored price
weighs 20 to 50 % (§16, §17; at a fixed price its composition may weigh less), and a tender may not be scored
by other tenders' contents (§8). "Lower price first" among equals was repealed for IT services in 2025 (§14,
§15-1).
"""

from collections.abc import Iterator
from fractions import Fraction

from bids.evaluation import exact
from bids.evaluation.case import Case
from bids.evaluation.issues import ERROR, WARNING, Issue, error, gettext_noop, warning
from bids.evaluation.tree import Tree

TW_PUBLIC = "tw-public"
LEAST_PRICE_SHARE = Fraction(1, 5)
MOST_PRICE_SHARE = Fraction(1, 2)
TIE_RULES_NOT_ALLOWED = ("lower-price", "higher-security")


def guard_rails(case: Case, tree: Tree | None) -> Iterator[Issue]:
    """The warnings and refusals that depend on the settings; without a tree those that need none."""
    yield from _relative(case)
    if not any(requirement.mandatory and requirement.kind == "security" for requirement in case.requirements):
        template = gettext_noop(
            "No security requirement is mandatory: this is what a price-only tender looks like."
        )
        yield warning("no_security_requirement", "requirements", template)
    if tree:
        yield from _weights(case, tree)
    if case.profile == TW_PUBLIC:
        yield from _tw_public(case)
    for index, bid in enumerate(case.bids):
        if (
            case.budget is not None
            and bid.price is not None
            and bid.status == "valid"
            and bid.price > case.budget
        ):
            template = gettext_noop("The price {price} is over the budget {budget}.")
            numbers = {"price": exact.text(bid.price), "budget": exact.text(case.budget)}
            yield warning("over_budget", f"bids[{index}].price", template, **numbers)


def _relative(case: Case) -> Iterator[Issue]:
    level = ERROR if case.profile == TW_PUBLIC else WARNING
    if case.price.relative:
        template = gettext_noop("This price formula scores a bid by other bids' prices.")
        yield Issue(level, "relative_price_formula", "price.formula", template)
    if case.quality_scale == "relative-to-best":
        template = gettext_noop("This scale scores a bid by the best other bid.")
        yield Issue(level, "relative_quality_scale", "quality_scale", template)
    if case.price.relative and case.pass_mark and case.pass_mark.on == "total":
        template = gettext_noop("A bid below this pass mark still sets the reference prices of the others.")
        yield warning("pass_mark_with_relative_price", "pass_mark.on", template)


def _weights(case: Case, tree: Tree) -> Iterator[Issue]:
    security = exact.total(tree.effective[code] for code in tree.of_kind("security"))
    price = tree.effective[tree.price_leaf.code] if tree.price_leaf else exact.ZERO
    # A kind that is missing or could not be read may be security.
    known = all(leaf.kind for leaf in tree.leaves)
    if known and not security:
        template = gettext_noop(
            "No criterion is about security: this is what a price-only tender looks like."
        )
        yield warning("no_security_criterion", "criteria", template)
    if known and 0 < security < price:
        template = gettext_noop("Price weighs {price} points and security {security}.")
        yield warning(
            "security_outweighed",
            "criteria",
            template,
            price=exact.text(price),
            security=exact.text(security),
        )
    if case.profile == TW_PUBLIC and tree.price_leaf and case.price.formula != "none":
        share = price / tree.reachable
        if share > MOST_PRICE_SHARE or (share < LEAST_PRICE_SHARE and not case.price.fixed_price):
            index = case.criteria.index(tree.price_leaf)
            template = gettext_noop("A scored price weighs 20 to 50 %; here it weighs {percent} %.")
            yield error(
                "price_weight_out_of_bounds",
                f"criteria[{index}].weight",
                template,
                percent=exact.text(100 * share),
            )


def _tw_public(case: Case) -> Iterator[Issue]:
    for index, rule in enumerate(case.tie_break):
        if rule in TIE_RULES_NOT_ALLOWED:
            template = gettext_noop("The tie rule “{rule}” is not allowed under this profile.")
            yield error("tie_rule_not_allowed", f"tie_break[{index}]", template, rule=rule)
    if not case.tie_break:
        yield warning(
            "no_tie_rule", "tie_break", gettext_noop("No rule says what happens between equal bids.")
        )
    if case.method == "total" and case.price.formula == "none":
        yield warning("price_not_weighed", "price.formula", gettext_noop("The price has no weight at all."))
