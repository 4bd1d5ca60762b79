"""What stands behind a bid on a criterion, and how high it may be marked for that."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from bids.choices import Evidence
from bids.models import Bid, Claim
from procurement.models import Criterion, Requirement, Tender

#: The highest mark that a step of evidence allows, as a share of the scale (design, Evidence badge).
CAPS = {
    Evidence.CLAIMED: Fraction(2, 5),
    Evidence.ATTESTED: Fraction(3, 5),
    Evidence.TESTED: Fraction(4, 5),
    Evidence.VERIFIED: Fraction(1),
}


@dataclass(frozen=True, slots=True)
class Answered:
    """A requirement that informs a criterion, what the bid answers, and the step of evidence that counts."""

    requirement: Requirement
    claim: Claim | None
    level: Evidence | None
    today: date

    @property
    def step(self) -> int:
        """The level as a number: 0 nothing, 1 claimed … 4 verified by us."""
        return 0 if self.level is None else list(Evidence).index(self.level) + 1

    @property
    def is_expired(self) -> bool:
        """Whether its evidence was good until an earlier day, and so counts one step less."""
        until = self.claim.evidence_until if self.claim else None
        return self.level is not None and until is not None and until < self.today


@dataclass(frozen=True, slots=True)
class Support:
    """What a bid answers to the requirements that inform a criterion, in order; there is at least one."""

    answers: tuple[Answered, ...]

    @property
    def weakest(self) -> Answered:
        """The answer with the least behind it: a mark is no better founded than that."""
        return min(self.answers, key=lambda answer: answer.step)

    def cap(self, maximum: Fraction) -> Fraction:
        """The highest mark that the weakest answer allows, on a scale from 0 to `maximum`."""
        level = self.weakest.level
        return Fraction(0) if level is None else CAPS[level] * maximum


#: What stands behind each bid on each informed criterion, by their keys.
Supports = dict[tuple[int, object], Support]


def supports(
    tender: Tender, bids: Iterable[Bid], today: date, *, criterion: Criterion | None = None
) -> Supports:
    """What stands behind the bids on the day, in two queries; of one criterion, or of all that are informed.

    A criterion that no requirement informs is not in it: nothing caps its marks.
    """
    asked = tender.requirements.filter(criterion__isnull=False).order_by("position")
    if criterion is not None:
        asked = asked.filter(criterion=criterion)
    requirements = list(asked)
    judged = list(bids)
    claims = {
        (claim.requirement_id, claim.bid_id): claim
        for claim in Claim.objects.filter(bid__in=judged, requirement__in=requirements)
    }
    answers: dict[tuple[int, object], list[Answered]] = {}
    for row in requirements:
        for bid in judged:
            claim = claims.get((row.pk, bid.pk))
            level = claim.evidence_level(today) if claim else None
            key: tuple[int, object] = (row.criterion_id or 0, bid.pk)
            answers.setdefault(key, []).append(Answered(row, claim, level, today))
    return {key: Support(tuple(rows)) for key, rows in answers.items()}


def cap_of(criterion: Criterion, maximum: Fraction, support: Support | None) -> Fraction | None:
    """The highest mark that the evidence allows; None where it does not limit the marks."""
    if support is None or not criterion.caps_marks:
        return None
    return support.cap(maximum)
