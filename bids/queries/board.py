"""What the board's page rests on: every award that stands, as it was frozen.

Nothing here is of a tender that is not awarded. The figures are the same for everybody who may read them.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from bids.models import Award
from procurement.choices import Kind, Method, Severity, Stage
from procurement.models import Intake, Tender, Unit, Vendor

#: What an awarded tender can lack, by code; the first three are warnings of the arithmetic (case file).
LACKS = ("no_security_requirement", "no_security_criterion", "security_outweighed", "no_intake", "no_owner")

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Frozen:
    """What the case and the result of an award say. Money is in the tender's currency; None is not known.

    `lowest` is the cheapest valid bid, gates and marks ignored (case file, `price_only`), `lowest_out` says
    whether it was excluded. `only_price` says that no other criterion had any points. `security` is by which
    share of the security points that could be had the awarded bid lies above the cheapest one. `met` counts
    by severity the requirements that the awarded bid meets and the cheapest does not. `warnings` are the
    codes of what the arithmetic pointed out.
    """

    price: Fraction | None
    lowest: Fraction | None
    lowest_vendor: str
    lowest_out: bool
    is_cheapest: bool
    only_price: bool
    security: Fraction | None
    met: Mapping[str, int]
    warnings: frozenset[str]


@dataclass(frozen=True)
class Bought:
    """One award that stands."""

    tender: Tender
    vendor: Vendor
    at: datetime
    has_intake: bool
    frozen: Frozen

    @property
    def unit(self) -> Unit | None:
        """The unit that answers for the system."""
        return self.tender.owner_unit

    @property
    def price_alone_counted(self) -> bool:
        """Whether nothing but the price could decide, gates aside."""
        return self.tender.method == Method.LOWEST_PRICE or self.frozen.only_price

    @property
    def on_price_only(self) -> bool:
        """Whether nothing but the price counted, or the cheapest bid won anyway."""
        return self.price_alone_counted or self.frozen.is_cheapest

    @property
    def premium(self) -> Fraction | None:
        """What was paid above the cheapest bid; 0 where that one won."""
        price, lowest = self.frozen.price, self.frozen.lowest
        return None if price is None or lowest is None else price - lowest

    @property
    def met_count(self) -> int:
        """How many requirements it meets that the cheapest does not."""
        return sum(self.frozen.met.values())

    @property
    def lacks(self) -> tuple[str, ...]:
        """What the tender never had, of `LACKS`."""
        found = set(self.frozen.warnings)
        if not self.has_intake:
            found.add("no_intake")
        if self.tender.owner_id is None:
            found.add("no_owner")
        return tuple(code for code in LACKS if code in found)


def standing_awards() -> QuerySet[Award]:
    """Awards that no complaint brought down, the last first."""
    rows = Award.objects.filter(suspended_at__isnull=True, tender__stage=Stage.AWARDED)
    return rows.order_by("-awarded_at", "-pk")


#: What was read before, by fingerprint of the case and vendor: under the same fingerprint it says the same.
_READ: dict[tuple[str, str], Frozen] = {}
_MOST_READ = 10_000


def all_bought() -> list[Bought]:
    """Every award that stands, the last first, in two queries; texts that were read before are not again."""
    rows = standing_awards().select_related("tender__owner_unit", "bid__vendor")
    rows = rows.annotate(has_intake=Exists(Intake.objects.filter(tender=OuterRef("tender"))))
    tender = ("reference", "title", "stage", "currency", "method", "system_class", "owner")
    found = list(
        rows.only(
            "awarded_at",
            "fingerprint",
            *(f"tender__{name}" for name in tender),
            *(f"tender__owner_unit__{name}" for name in ("code", "name_zh", "name_en")),
            "bid__vendor__name",
        )
    )
    _read([row for row in found if _key(row) not in _READ])
    return [
        Bought(row.tender, row.bid.vendor, row.awarded_at, row.has_intake, _READ[_key(row)]) for row in found
    ]


def _key(award: Award) -> tuple[str, str]:
    return award.fingerprint, award.bid.vendor.name


def _read(awards: list[Any]) -> None:
    """Read what is frozen with these awards, one at a time: the texts of all would fill the memory."""
    if len(_READ) + len(awards) > _MOST_READ:
        _READ.clear()
    named = {award.pk: _key(award) for award in awards}
    texts = Award.objects.filter(pk__in=list(named)).values_list("pk", "case_text", "result_text")
    for pk, case, result in texts.iterator(chunk_size=50):
        _READ[named[pk]] = _frozen(named[pk][1], json.loads(case), json.loads(result))


def _frozen(vendor: str, case: Document, result: Document) -> Frozen:
    alone = result["price_only"]
    ranked = {row["vendor"]: row for row in result["ranking"]}
    own = ranked.get(vendor)
    cheapest = alone["vendor"] if alone else ""
    kinds = {node["code"]: node["kind"] for node in case["criteria"] if node.get("kind")}
    counted = {kind for code, kind in kinds.items() if Fraction(result["effective_points"].get(code) or 0)}
    return Frozen(
        price=Fraction(own["price"]) if own and own["price"] else None,
        lowest=Fraction(alone["price"]) if alone else None,
        lowest_vendor=cheapest,
        lowest_out=bool(alone and alone["would_have_been_excluded_for"]),
        is_cheapest=bool(alone and vendor in alone["vendors"]),
        only_price=counted == {Kind.PRICE.value},
        security=_security_above(result, case, kinds, own, ranked.get(cheapest)),
        met=_met_beyond(case, vendor, alone["unmet"] if alone else []),
        warnings=frozenset(issue["code"] for issue in result["issues"]),
    )


def _security_above(
    result: Document, case: Document, kinds: Mapping[str, str], own: Document | None, other: Document | None
) -> Fraction | None:
    """None where either bid has no points, or no security points can be had."""
    leaves = [code for code, kind in kinds.items() if kind == Kind.SECURITY]
    if own is None or other is None or not leaves:
        return None
    rows = [[row["points"].get(code) for code in leaves] for row in (own, other)]
    if any(points is None for row in rows for points in row):
        return None
    times = len(result["members"]) if case.get("aggregation") == "sum" else 1
    whole = sum((Fraction(result["effective_points"][code]) for code in leaves), Fraction(0)) * (times or 1)
    mine, theirs = (sum(map(Fraction, row), Fraction(0)) for row in rows)
    return (mine - theirs) / whole if whole else None


def _met_beyond(case: Document, vendor: str, unmet: Iterable[str]) -> Mapping[str, int]:
    """By severity, what the vendor meets of the requirements with those codes."""
    failed = set(unmet)
    if not failed:
        return {}
    bid = next((bid for bid in case["bids"] if bid["vendor"] == vendor), None)
    met = {claim["requirement"] for claim in (bid or {}).get("claims", ()) if _is_met(claim)}
    counts = Counter(row["severity"] for row in case["requirements"] if row["code"] in failed & met)
    return {severity.value: counts[severity.value] for severity in Severity if counts[severity.value]}


def _is_met(claim: Document) -> bool:
    """What somebody found, else what the vendor says."""
    return bool(claim.get("met") if claim.get("verified") is None else claim["verified"])
