"""The two rankings of a tender side by side, and the waivers and accepted risks that set them apart."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bids import queries
from bids.actions.rankings import Ranking, Rankings
from bids.actions.rankings import rankings_of as both_rankings
from bids.evaluation import Case, Result
from bids.evaluation.result import Row
from bids.models import Award, Waiver
from procurement.models import Tender


@dataclass(frozen=True)
class Both:
    """A bid in both rankings; None where it is not ranked."""

    vendor: str
    scored: Row | None
    accepted: Row | None

    @property
    def moved(self) -> bool:
        """Whether its place or its figure is another one."""
        return _standing(self.scored) != _standing(self.accepted)


@dataclass(frozen=True)
class Comparison:
    """Both rankings, the exceptions that make the difference, and which of them an award follows.

    `follows_exceptions` is what the award, or before it the panel's recommendation, says; None before both.
    """

    both: Rankings
    waivers: Sequence[Waiver]
    follows_exceptions: bool | None

    @property
    def scored(self) -> Result:
        """The result that no waiver moves."""
        return self.both.as_scored.result

    @property
    def accepted(self) -> Result:
        """The result with the exceptions in force."""
        return self.both.with_exceptions.result

    @property
    def shown(self) -> Ranking:
        """What the page is about: the ranking that the award follows, else the one with exceptions."""
        return self.both.as_scored if self.follows_exceptions is False else self.both.with_exceptions

    @property
    def rows(self) -> list[Both]:
        """Bids that are ranked in either, in the order of the ranking with exceptions."""
        scored = {row.vendor: row for row in self.scored.ranking}
        accepted = {row.vendor: row for row in self.accepted.ranking}
        vendors = dict.fromkeys([*accepted, *scored])
        return [Both(vendor, scored.get(vendor), accepted.get(vendor)) for vendor in vendors]

    @property
    def differ(self) -> bool:
        """Whether any bid stands elsewhere, or with another figure."""
        return any(row.moved for row in self.rows) or self.scored.status != self.accepted.status

    @property
    def change_first(self) -> bool:
        """Whether first place goes to another bid because of exceptions."""
        return self.scored.winner != self.accepted.winner


def compared(tender: Tender, award: Award | None, now: datetime) -> Comparison:
    """Both rankings with the waivers in force now, or when the award that stands was made.

    Raises `bids.evaluation.Refused`.
    """
    both = both_rankings(tender, award.awarded_at if award else now)
    stored = Waiver.objects.filter(claim__bid__tender=tender).order_by("pk")
    stored = stored.select_related("claim__bid__vendor", "claim__requirement")
    waivers = exceptions_of(both.with_exceptions.case, stored)
    return Comparison(both, list(waivers.values()), _follows_exceptions(tender, award))


def exceptions_of(case: Case, rows: Iterable[Waiver]) -> dict[tuple[str, str], Waiver]:
    """The waivers that a case counts, by vendor and requirement, out of those stored, oldest first.

    One on a requirement that is met does nothing and is left out.
    """
    said = {
        (bid.vendor, claim.requirement): (claim.waiver.by, claim.waiver.reason)
        for bid in case.bids
        for claim in bid.claims
        if claim.waiver and not claim.finding
    }
    found: dict[tuple[str, str], Waiver] = {}
    for row in rows:
        key = (row.claim.bid.vendor.name, row.claim.requirement.code)
        if said.get(key) == (row.signed_by, row.reason):
            found[key] = row
    return {key: found[key] for key in said if key in found}


def _follows_exceptions(tender: Tender, award: Award | None) -> bool | None:
    if award is not None:
        return award.with_exceptions
    resolution = queries.recommendation_of(tender)
    recommendation = getattr(resolution, "recommendation", None)
    return recommendation.with_exceptions if recommendation else None


def _standing(row: Row | None) -> tuple[object, ...] | None:
    return (row.place, row.figure) if row else None
