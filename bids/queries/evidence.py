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
    def applies(self) -> bool:
        """Whether it informs the mark: not where security agreed that the requirement does not apply."""
        return self.claim is None or not self.claim.does_not_apply

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
    def weakest(self) -> Answered | None:
        """The answer with the least behind it; None where security agreed that none of them applies."""
        applying = [answer for answer in self.answers if answer.applies]
        return min(applying, key=lambda answer: answer.step, default=None)

    @property
    def shows_nothing(self) -> bool:
        """Whether none of the requirements that apply is met."""
        return not any(answer.level for answer in self.answers)

    def cap(self, maximum: Fraction) -> Fraction | None:
        """The highest mark that the evidence allows, on a scale from 0 to `maximum`.

        A mark is no better founded than the weakest answer behind it. One that is not met counts like the
        lowest step while another one is met, so that it neither wipes out what is shown nor ever allows more
        than a bare claim would; where none is met the mark is 0. None where no requirement applies: nothing
        limits the marks.
        """
        weakest = self.weakest
        if weakest is None:
            return None
        if self.shows_nothing:
            return Fraction(0)
        return CAPS[weakest.level or Evidence.CLAIMED] * maximum


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
