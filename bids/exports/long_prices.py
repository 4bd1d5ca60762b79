"""Prices with more digits than a cell holds: a head of at most 15 digits, and the rest in a cell of its own.

A cell holds 15 digits, a case 30. Where all prices of a case fit, there is no rest and no second cell.
Otherwise a price is head + rest with one scale for all of them, so that comparing heads, then rests, is
comparing prices.
"""

from fractions import Fraction

from bids.evaluation.case import Case

DIGITS = 15


def scale_of(case: Case) -> Fraction | None:
    """What every head is a multiple of, or `None` where all prices fit into 15 digits."""
    prices = [bid.price for bid in case.bids if bid.price is not None]
    if not prices or all(_fits(price) for price in prices):
        return None
    scale = Fraction(1)
    while max(prices) >= scale * 10**DIGITS:
        scale *= 10
    while scale > Fraction(1, 10**30) and max(prices) * 10 < scale * 10**DIGITS:
        scale /= 10
    return scale


def _fits(price: Fraction) -> bool:
    while price.denominator != 1:
        price *= 10
    return len(str(price.numerator).rstrip("0")) <= DIGITS


def split(price: Fraction, scale: Fraction | None) -> tuple[Fraction, Fraction]:
    """The head and the rest of a price; without a scale all of it is head."""
    if scale is None:
        return price, Fraction(0)
    head = price // scale * scale
    return head, price - head


def money_format(case: Case) -> str:
    """The number format of prices: as many decimal places as the prices of the case have, at most 6."""
    places = 0
    for bid in case.bids:
        while bid.price is not None and places < 6 and (bid.price * 10**places).denominator != 1:
            places += 1
    return "#,##0" + ("." + "0" * places if places else "")


def shown_money(amount: Fraction) -> str:
    """An amount as a sentence shows it: with two decimal places only where it has any."""
    return f"{amount.numerator:,}" if amount.denominator == 1 else f"{float(amount):,.2f}"
