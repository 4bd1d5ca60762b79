"""The words of a workbook in the reader's language; formulas compare cells with some of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from bids.evaluation.result import Reason


@dataclass(frozen=True, slots=True)
class Words:
    """Words by the names that a case file uses; in each mapping they differ from one another."""

    statuses: Mapping[str, str]
    findings: Mapping[str, str]
    kinds: Mapping[str, str]
    severities: Mapping[str, str]
    requirement_kinds: Mapping[str, str]
    gate: Mapping[bool, str]
    methods: Mapping[str, str]
    figures: Mapping[str, str]
    aggregations: Mapping[str, str]
    formulas: Mapping[str, str]
    tie_rules: Mapping[str, str]
    modes: Mapping[str, str]
    alarms: Mapping[str, str]


def words() -> Words:
    """The words in the active language."""
    return Words(
        statuses={"valid": _("Valid"), "withdrawn": _("Withdrawn"), "excluded": _("Excluded")},
        findings={
            "met": _("Met"),
            "not_met": _("Not met"),
            "waived": _("Waived"),
            "silent": _("Not answered"),
        },
        kinds={"security": _("Security"), "quality": _("Quality"), "price": _("Price"), "": ""},
        severities={"critical": _("Critical"), "high": _("High"), "medium": _("Medium"), "low": _("Low")},
        requirement_kinds={"security": _("Security"), "legal": _("Legal"), "technical": _("Technical")},
        gate={True: _("Gate"), False: _("Scored")},
        **_methods(),
        **_rules(),
    )


def _methods() -> dict[str, Mapping[str, str]]:
    return {
        "methods": {
            "total": _("Highest total"),
            "rank-sum": _("Lowest sum of the members' ranks"),
            "price-per-point": _("Lowest price per point"),
            "pass-then-lowest": _("Lowest price of the bids that pass"),
            "adjusted-price": _("Lowest price after what quality is worth"),
            "best-fair-price": _("Highest total within the fair price"),
            "lowest-price": _("Lowest price"),
        },
        "figures": {
            "total": _("Total"),
            "rank_sum": _("Sum of ranks"),
            "price_per_point": _("Price per point"),
            "price": pgettext("of a bid", "Price"),
            "adjusted_price": _("Adjusted price"),
        },
        "aggregations": {
            "mean": _("Mean of the members"),
            "median": _("Median of the members"),
            "unit-mean": _("Mean of the units, each by its share"),
            "sum": _("Sum of the members"),
            "consensus": _("Marks that the panel agreed on"),
        },
    }


def _rules() -> dict[str, Mapping[str, str]]:
    return {
        "formulas": {
            "none": _("Price is not scored"),
            "marked": _("The panel marks the price"),
            "lowest-over-price": _("Points × lowest price ÷ price"),
            "linear-to-lowest": _("Points × (2 − price ÷ lowest price)"),
            "min-max": _("Points × (highest − price) ÷ (highest − lowest)"),
            "mean": _("Points × (½ − (price − mean) ÷ mean)"),
            "ceiling-linear": _("Points × (ceiling − price) ÷ (ceiling − floor)"),
            "bands": _("Points by price band"),
        },
        "tie_rules": {
            "heaviest-criterion": _("Points on the heaviest criterion"),
            "more-first-places": _("More first places"),
            "higher-security": _("Points on security"),
            "lower-price": _("Lower price"),
            "lots": _("Lots"),
        },
        "modes": {"half-up": _("Half up"), "half-even": _("Half to even"), "down": _("Down")},
        "alarms": {
            "share-of-reserve": _("Below a share of the reserve price"),
            "share-of-budget": _("Below a share of the budget"),
            "share-of-mean": _("Below a share of the mean of the others"),
            "share-of-next": _("Below a share of the next price"),
            "sd-below-mean": _("Standard deviations below the mean"),
            "spain-85": _("Below nine tenths of the mean (article 85)"),
        },
    }


def sentence(reason: Reason) -> str:
    """A reason of exclusion in the active language."""
    return _(reason.template).format(**reason.params)


def listed(parts: list[str]) -> str:
    """Several short texts as one."""
    return _("; ").join(parts)


def in_a_row(things: Iterable[str]) -> str:
    """Codes or names one after the other."""
    return pgettext("between two things of a list", ", ").join(things)
