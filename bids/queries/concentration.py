"""How much of what the bank awarded lies with one vendor."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from bids.models import Award
from procurement.choices import Stage
from procurement.models import Vendor


@dataclass(frozen=True, slots=True)
class Concentration:
    """What is awarded to a vendor in one currency: how many awards, their value, and its share of all."""

    vendor: Vendor
    currency: str
    awards: int
    value: Decimal
    share: Fraction


def standing_awards_with_prices() -> Iterable[tuple[Vendor, str, Decimal]]:
    """Vendor, currency and price of every award that stands: no complaint brought it down."""
    rows = Award.objects.filter(suspended_at__isnull=True, tender__stage=Stage.AWARDED)
    for award in rows.select_related("tender", "bid__vendor").order_by("pk"):
        if award.bid.price is not None:
            yield award.bid.vendor, award.tender.currency, award.bid.price


def concentration() -> list[Concentration]:
    """By currency and vendor, the largest share first. Money of different currencies is not added up.

    Nothing here says when a contract ends, so every award that stands counts as running.
    """
    sums: dict[tuple[str, Vendor], Decimal] = defaultdict(Decimal)
    counts: dict[tuple[str, Vendor], int] = defaultdict(int)
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for vendor, currency, price in standing_awards_with_prices():
        sums[currency, vendor] += price
        counts[currency, vendor] += 1
        totals[currency] += price
    found = [
        Concentration(
            vendor=vendor,
            currency=currency,
            awards=counts[currency, vendor],
            value=value,
            share=Fraction(value) / Fraction(totals[currency]) if totals[currency] else Fraction(0),
        )
        for (currency, vendor), value in sums.items()
    ]
    return sorted(found, key=lambda row: (row.currency, -row.share, row.vendor.name))
