"""Alarms on strikingly low prices. They point, and never exclude."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import pairwise

from bids.evaluation import exact
from bids.evaluation.case import Alarm, Case
from bids.evaluation.result import LowPrice

Prices = Mapping[str, Fraction]

# RD 1098/2001 art. 85.4: under 90 % of the mean; the mean is taken again without offers over 110 % of it.
SPAIN_LEAST_BIDS = 4
SPAIN_LEFT = 3
SPAIN_LOW = Fraction(9, 10)
SPAIN_HIGH = Fraction(11, 10)


def low_prices(case: Case) -> tuple[LowPrice, ...]:
    """Every alarm on the `valid` bids with a price, gates and marks ignored; in the order of the rules."""
    prices = {bid.vendor: bid.price for bid in case.bids if bid.status == "valid" and bid.price is not None}
    return tuple(low for alarm in case.low_price for low in _alarm(case, alarm, prices))


def _alarm(case: Case, alarm: Alarm, prices: Prices) -> list[LowPrice]:
    if alarm.rule == "sd-below-mean":
        return _below_deviations(alarm, prices)
    if alarm.rule == "spain-85":
        bound = _spain(sorted(prices.values()))
        return _below(alarm.rule, prices, lambda _: bound)
    share = alarm.share or exact.ZERO
    fixed = {"share-of-reserve": case.reserve_price, "share-of-budget": case.budget}
    if alarm.rule in fixed:
        money = fixed[alarm.rule]
        return _below(alarm.rule, prices, lambda _: None if money is None else money * share)
    if alarm.rule == "share-of-mean":
        whole, others = exact.total(prices.values()), len(prices) - 1
        return _below(alarm.rule, prices, lambda v: (whole - prices[v]) / others * share if others else None)
    ordered = sorted(set(prices.values()))
    above = dict(pairwise(ordered))
    return _below(alarm.rule, prices, lambda v: above[prices[v]] * share if prices[v] in above else None)


def _below(rule: str, prices: Prices, bound_of: Callable[[str], Fraction | None]) -> list[LowPrice]:
    """The prices strictly below their bound; a bid without a bound raises nothing."""
    found = []
    for vendor, price in prices.items():
        bound = bound_of(vendor)
        if bound is not None and price < bound:
            found.append(LowPrice(vendor, rule, bound))
    return found


def _below_deviations(alarm: Alarm, prices: Prices) -> list[LowPrice]:
    """Prices more than `sd` sample standard deviations below the mean, compared by their squares."""
    count = len(prices)
    if count < (alarm.min_bids or 2):
        return []
    mean = exact.mean(list(prices.values()))
    variance = exact.total((price - mean) ** 2 for price in prices.values()) / (count - 1)
    bound = (alarm.sd or exact.ZERO) ** 2 * variance
    return [
        LowPrice(vendor, alarm.rule, None, mean, variance)
        for vendor, price in prices.items()
        if price < mean and (mean - price) ** 2 > bound
    ]


def _spain(prices: list[Fraction]) -> Fraction | None:
    """The bound of art. 85.4 for prices in rising order; none for fewer than four bids."""
    if len(prices) < SPAIN_LEAST_BIDS:
        return None
    highest = exact.mean(prices) * SPAIN_HIGH
    left = [price for price in prices if price <= highest]
    return exact.mean(left if len(left) >= SPAIN_LEFT else prices[:SPAIN_LEFT]) * SPAIN_LOW
