"""The two rankings of a tender, as scored and with exceptions, and which one an award of a bid follows."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from bids.cases import evaluated
from bids.evaluation import Case, Result
from bids.evaluation.result import RANKED, Row
from procurement.choices import Profile
from procurement.models import Tender
from procurement.rules import YES, Verdict


@dataclass(frozen=True)
class Ranking:
    """One case and what the arithmetic makes of it."""

    case: Case
    result: Result

    def row_of(self, vendor: str) -> Row | None:
        """The vendor's row, where it is ranked."""
        if self.result.status != RANKED:
            return None
        return next((row for row in self.result.ranking if row.vendor == vendor), None)


@dataclass(frozen=True)
class Rankings:
    """Both rankings; where there is no exception they are the same."""

    as_scored: Ranking
    with_exceptions: Ranking

    @property
    def differ(self) -> bool:
        """Whether there are exceptions at all."""
        return self.as_scored.result.fingerprint != self.with_exceptions.result.fingerprint

    @property
    def fingerprint(self) -> str:
        """What tells whether either of them is another one by now."""
        prints = (self.as_scored.result.fingerprint, self.with_exceptions.result.fingerprint)
        return " ".join(dict.fromkeys(prints))

    def vendors(self) -> list[str]:
        """Everybody who stands in either ranking, best first."""
        rows = [*self.as_scored.result.ranking, *self.with_exceptions.result.ranking]
        return list(dict.fromkeys(row.vendor for row in rows))


@dataclass(frozen=True)
class Followed:
    """The ranking that an award to a bid would follow, and where the bid stands in it."""

    ranking: Ranking
    other: Ranking | None
    with_exceptions: bool
    row: Row

    @property
    def result(self) -> Result:
        """What the arithmetic says."""
        return self.ranking.result

    @property
    def is_first(self) -> bool:
        """Whether the bid stands in first place, alone."""
        return self.result.winner == self.row.vendor

    @property
    def is_cheapest(self) -> bool:
        """Whether no ranked bid costs less."""
        prices = [row.price for row in self.result.ranking if row.price is not None]
        return self.row.price is not None and self.row.price == min(prices)

    @property
    def costs_more(self) -> bool:
        """Whether price alone, gates and marks ignored, would have bought another bid."""
        alone = self.result.price_only
        return alone is not None and self.row.vendor not in alone.vendors


def rankings_of(tender: Tender, now: datetime) -> Rankings:
    """Evaluate the tender without and with the exceptions in force, if there are any.

    Raises `bids.evaluation.Refused`.
    """
    excepted = Ranking(*evaluated(tender, now=now, waivers=True))
    if not any(claim.waiver for bid in excepted.case.bids for claim in bid.claims):
        return Rankings(excepted, excepted)
    return Rankings(Ranking(*evaluated(tender, now=now, waivers=False)), excepted)


def followed(rankings: Rankings, vendor: str) -> Followed | None:
    """The ranking that the bid is first in, as scored before with exceptions; else one that it stands in."""
    sides = [(rankings.as_scored, False), (rankings.with_exceptions, True)]
    ranked = [
        Followed(ranking, _other(rankings, ranking), excepted, row)
        for ranking, excepted in sides
        if (row := ranking.row_of(vendor)) is not None
    ]
    return next((one for one in ranked if one.is_first), ranked[0] if ranked else None)


def _other(rankings: Rankings, ranking: Ranking) -> Ranking | None:
    if not rankings.differ:
        return None
    return rankings.with_exceptions if ranking is rankings.as_scored else rankings.as_scored


def can_be_awarded(tender: Tender, bid: Followed | None) -> Verdict:
    """First place can be awarded; the cheapest that is not first only outside the Procurement Act.

    It then takes a reason of the approver named in the tender (細則 and 最有利標評選辦法 know no such way).
    """
    if bid is None:
        return Verdict(False, _("This bid stands in no ranking, so it cannot be awarded."))
    if bid.is_first:
        return YES
    if bid.result.winner is None:
        return Verdict(
            False, _("First place is not settled: a tie or a missing quorum must be resolved first.")
        )
    if not bid.is_cheapest:
        return Verdict(False, _("This bid is neither first nor the cheapest."))
    if tender.profile == Profile.TW_PUBLIC:
        return Verdict(
            False,
            _("This bid is the cheapest but not first; under the Procurement Act first place is awarded."),
        )
    return YES
