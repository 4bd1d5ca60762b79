"""How much of what runs at the bank lies with one vendor."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from bids.models import Award
from procurement.choices import Stage
from procurement.models import Vendor


@dataclass(frozen=True, slots=True)
class Concentration:
    """What runs with a vendor in one currency: how many awards, their value, and its share of all."""

    vendor: Vendor
    currency: str
    awards: int
    value: Decimal
    share: Fraction


def running_contracts(today: date) -> Iterable[tuple[Vendor, str, Decimal]]:
    """Vendor, currency and price of every award that stands and whose contract has not ended on the day.

    No complaint brought it down; where nobody entered the last day the contract runs.
    """
    rows = Award.objects.filter(suspended_at__isnull=True, tender__stage=Stage.AWARDED)
    rows = rows.exclude(tender__acceptance__contract_until__lt=today)
    for award in rows.select_related("tender", "bid__vendor").order_by("pk"):
        if award.bid.price is not None:
            yield award.bid.vendor, award.tender.currency, award.bid.price


def concentration(today: date) -> list[Concentration]:
    """By currency and vendor, the largest share first. Money of different currencies is not added up."""
    sums: dict[tuple[str, Vendor], Decimal] = defaultdict(Decimal)
    counts: dict[tuple[str, Vendor], int] = defaultdict(int)
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for vendor, currency, price in running_contracts(today):
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
