"""The figures of the board's page, worked out exactly from the awards and matters of a period and a unit.

Money of different currencies is never added up: each figure in money stands once a currency.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from bids.evaluation import exact
from procurement.choices import Severity, SystemClass
from procurement.models import Vendor

from .board import LACKS, Bought
from .board_matters import Matter

#: Conditions by which the list of awards is narrowed to those behind one figure.
BEHIND = {
    "price": lambda row: row.on_price_only,
    "alone": lambda row: row.price_alone_counted,
    "cheapest": lambda row: row.frozen.is_cheapest and not row.price_alone_counted,
    "dearer": lambda row: bool(row.premium and row.premium > 0),
    "cheapest_out": lambda row: bool(row.premium and row.premium > 0) and row.frozen.lowest_out,
    "met": lambda row: bool(row.premium and row.premium > 0) and row.met_count > 0,
    "unpriced": lambda row: row.premium is None,
} | {code: lambda row, code=code: code in row.lacks for code in LACKS}


def behind(rows: Iterable[Bought], figure: str) -> list[Bought]:
    """The awards behind a figure of `BEHIND`, in the same order; all of them for an empty one."""
    return [row for row in rows if not figure or BEHIND[figure](row)]


@dataclass(frozen=True)
class Premium:
    """In one currency: what was paid above the cheapest bids, and what all those awards cost."""

    currency: str
    awards: int
    paid: Fraction
    value: Fraction

    @property
    def share(self) -> Fraction:
        """The premium as a share of what was paid; awards cost more than 0 (case file, Bids)."""
        return self.paid / self.value


@dataclass(frozen=True)
class Holding:
    """What was awarded to one vendor in one currency, and its share of all that was; perhaps of one class."""

    vendor: Vendor
    currency: str
    awards: int
    value: Fraction
    share: Fraction
    system_class: str = ""

    @property
    def class_name(self) -> str:
        """The class in words."""
        return str(SystemClass(self.system_class).label) if self.system_class else ""


@dataclass(frozen=True)
class Figures:
    """Everything that the board's page says of the awards and matters given."""

    bought: Sequence[Bought]
    overruled: Sequence[Matter]
    past_due: Sequence[Matter]

    def count(self, figure: str) -> int:
        """How many awards stand behind a figure of `BEHIND`."""
        return len(behind(self.bought, figure))

    @property
    def price_share(self) -> Fraction | None:
        """The share of awards on price only; None without an award."""
        return Fraction(self.count("price"), len(self.bought)) if self.bought else None

    @cached_property
    def dearer(self) -> list[Bought]:
        """Awards that cost more than the cheapest bid."""
        return behind(self.bought, "dearer")

    @cached_property
    def premiums(self) -> list[Premium]:
        """What was paid above the cheapest bids, the largest first, against all awards with a price."""
        priced = [row for row in self.bought if row.premium is not None]
        found = []
        for currency in dict.fromkeys(row.tender.currency for row in priced):
            rows = [row for row in priced if row.tender.currency == currency]
            above = [row.premium for row in rows if row.premium and row.premium > 0]
            value = exact.total(row.frozen.price for row in rows if row.frozen.price is not None)
            if above:
                found.append(Premium(currency, len(above), exact.total(above), value))
        return sorted(found, key=lambda row: (-row.awards, row.currency))

    @cached_property
    def met(self) -> Mapping[Severity, int]:
        """Requirements that dearer bids meet and the cheapest do not, by severity, the gravest first."""
        counts: Counter[str] = Counter()
        for row in self.dearer:
            counts.update(row.frozen.met)
        return {severity: counts[severity.value] for severity in Severity if counts[severity.value]}

    @property
    def met_count(self) -> int:
        """All of those together."""
        return sum(self.met.values())

    @property
    def compared(self) -> int:
        """In how many dearer awards both bids have security points."""
        return sum(row.frozen.security is not None for row in self.dearer)

    @property
    def security(self) -> Fraction | None:
        """The mean share of the security points by which those lie above the cheapest; None without any."""
        shares = [row.frozen.security for row in self.dearer if row.frozen.security is not None]
        return exact.mean(shares) if shares else None

    @cached_property
    def holdings(self) -> list[Holding]:
        """By currency and vendor, the largest share first."""
        return _holdings(self.bought)

    @cached_property
    def largest(self) -> list[Holding]:
        """The largest vendor of each system class and currency; what has no class comes last."""
        groups: dict[str, list[Bought]] = defaultdict(list)
        for row in self.bought:
            groups[row.tender.system_class].append(row)
        found = []
        for system_class in sorted(groups, key=lambda name: (not name, name)):
            seen: set[str] = set()
            for holding in _holdings(groups[system_class], system_class):
                if holding.currency not in seen:
                    found.append(holding)
                seen.add(holding.currency)
        return found

    @property
    def lacking(self) -> list[tuple[str, int]]:
        """How many awarded tenders had no …, by code, without those that all had."""
        return [(code, count) for code in LACKS if (count := self.count(code))]


def _holdings(rows: Iterable[Bought], system_class: str = "") -> list[Holding]:
    groups: dict[tuple[str, int], list[Bought]] = defaultdict(list)
    totals: dict[str, Fraction] = defaultdict(Fraction)
    for row in rows:
        if row.frozen.price is not None:
            groups[row.tender.currency, row.vendor.pk].append(row)
            totals[row.tender.currency] += row.frozen.price
    found = []
    for (currency, _vendor), group in groups.items():
        value = exact.total(row.frozen.price for row in group if row.frozen.price is not None)
        share = value / totals[currency]
        found.append(Holding(group[0].vendor, currency, len(group), value, share, system_class))
    return sorted(found, key=lambda row: (row.currency, -row.share, row.vendor.name))
