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


@dataclass(frozen=True)
class Bought:
    """One award that stands. Money is in `tender.currency`; None is what could not be known.

    `lowest` is the cheapest valid bid, gates and marks ignored (case file, `price_only`), `lowest_out` says
    whether it was excluded. `security` is by which share of the security points that could be had the awarded
    bid lies above the cheapest one. `met` counts by severity the requirements that the awarded bid meets and
    the cheapest does not.
    """

    tender: Tender
    vendor: Vendor
    at: datetime
    price: Fraction | None
    lowest: Fraction | None
    lowest_vendor: str
    lowest_out: bool
    is_cheapest: bool
    price_alone_counted: bool
    security: Fraction | None
    met: Mapping[str, int]
    lacks: tuple[str, ...]

    @property
    def unit(self) -> Unit | None:
        """The unit that answers for the system."""
        return self.tender.owner_unit

    @property
    def on_price_only(self) -> bool:
        """Whether nothing but the price counted, or the cheapest bid won anyway."""
        return self.price_alone_counted or self.is_cheapest

    @property
    def premium(self) -> Fraction | None:
        """What was paid above the cheapest bid; 0 where that one won."""
        return None if self.price is None or self.lowest is None else self.price - self.lowest

    @property
    def met_count(self) -> int:
        """How many requirements it meets that the cheapest does not."""
        return sum(self.met.values())


def standing_awards() -> QuerySet[Award]:
    """Awards that no complaint brought down, the last first."""
    rows = Award.objects.filter(suspended_at__isnull=True, tender__stage=Stage.AWARDED)
    return rows.order_by("-awarded_at", "-pk")


def all_bought() -> list[Bought]:
    """Every award that stands, the last first, in one query."""
    rows = standing_awards().select_related("tender__owner_unit", "bid__vendor")
    rows = rows.annotate(has_intake=Exists(Intake.objects.filter(tender=OuterRef("tender"))))
    tender = ("reference", "title", "stage", "currency", "method", "system_class", "owner")
    return [
        _bought(row)
        for row in rows.only(
            "awarded_at",
            "result_text",
            "case_text",
            *(f"tender__{name}" for name in tender),
            *(f"tender__owner_unit__{name}" for name in ("code", "name_zh", "name_en")),
            "bid__vendor__name",
        )
    ]


def _bought(award: Award) -> Bought:
    result, case = json.loads(award.result_text), json.loads(award.case_text)
    tender, vendor, alone = award.tender, award.bid.vendor, result["price_only"]
    ranked = {row["vendor"]: row for row in result["ranking"]}
    own = ranked.get(vendor.name)
    cheapest = alone["vendor"] if alone else ""
    kinds = {node["code"]: node["kind"] for node in case["criteria"] if node.get("kind")}
    return Bought(
        tender=tender,
        vendor=vendor,
        at=award.awarded_at,
        price=Fraction(own["price"]) if own and own["price"] else None,
        lowest=Fraction(alone["price"]) if alone else None,
        lowest_vendor=cheapest,
        lowest_out=bool(alone and alone["would_have_been_excluded_for"]),
        is_cheapest=bool(alone and vendor.name in alone["vendors"]),
        price_alone_counted=_is_price_alone(tender, result, kinds),
        security=_security_above(result, case, kinds, own, ranked.get(cheapest)),
        met=_met_beyond(case, vendor.name, alone["unmet"] if alone else []),
        lacks=_lacking(award, result),
    )


def _is_price_alone(tender: Tender, result: Document, kinds: Mapping[str, str]) -> bool:
    """Whether nothing but the price could decide, gates aside."""
    counted = [kind for code, kind in kinds.items() if Fraction(result["effective_points"].get(code) or 0)]
    return tender.method == Method.LOWEST_PRICE or (bool(counted) and set(counted) == {Kind.PRICE.value})


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


def _lacking(award: Any, result: Document) -> tuple[str, ...]:
    """What the tender never had, of `LACKS`."""
    found = {issue["code"] for issue in result["issues"]}
    if not award.has_intake:
        found.add("no_intake")
    if award.tender.owner_id is None:
        found.add("no_owner")
    return tuple(code for code in LACKS if code in found)
