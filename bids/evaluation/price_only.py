"""The yardstick: what a tender by price alone would have bought."""

from collections.abc import Mapping
from fractions import Fraction

from bids.evaluation.case import Case
from bids.evaluation.requirements import unmet_by_severity
from bids.evaluation.result import PriceOnly, Reason


def price_only(case: Case, winner: str | None, reasons: Mapping[str, tuple[Reason, ...]]) -> PriceOnly | None:
    """The cheapest `valid` bid with a price, gates and marks ignored; `None` without one."""
    prices: dict[str, Fraction] = {
        bid.vendor: bid.price for bid in case.bids if bid.status == "valid" and bid.price is not None
    }
    if not prices:
        return None
    lowest = min(prices.values())
    vendors = tuple(vendor for vendor, price in prices.items() if price == lowest)
    paid = prices.get(winner) if winner is not None else None
    first = next(bid for bid in case.bids if bid.vendor == vendors[0])
    return PriceOnly(
        vendor=first.vendor,
        vendors=vendors,
        price=lowest,
        premium=None if paid is None else paid - lowest,
        same_as_winner=winner in vendors,
        would_have_been_excluded_for=reasons.get(first.vendor, ()),
        unmet=unmet_by_severity(case, first),
    )
