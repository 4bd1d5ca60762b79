"""Which lowered proposals security has agreed to."""

from collections.abc import Iterable
from dataclasses import dataclass

from procurement.intake.proposals import ANSWER, YES, Finding, Proposal, is_at_least
from procurement.intake.questions import BY_CODE, Answers, lowered
from procurement.intake.words import OWN, Sentence, gettext_noop


@dataclass(frozen=True, slots=True)
class Lowering:
    """A proposal that is lowered from one value to another; an empty `value` leaves it out."""

    key: str
    proposed: str
    value: str

    def covers(self, finding: Finding) -> bool:
        """Whether what was agreed to is this, or less than this."""
        if (finding.proposal.key, finding.proposal.value) != (self.key, self.proposed):
            return False
        return not self.value or is_at_least(self.key, finding.found, self.value)


def lowering_of(finding: Finding) -> Lowering:
    """What somebody has to agree to."""
    return Lowering(finding.proposal.key, finding.proposal.value, finding.found)


def not_covered(findings: Iterable[Finding], agreed: Iterable[Lowering]) -> list[Finding]:
    """The lowered proposals to which nobody agreed."""
    known = list(agreed)
    return [one for one in findings if one.is_lowered and not any(lowering.covers(one) for lowering in known)]


def answers_lowered(answers: Answers, worst: Answers) -> list[Finding]:
    """Answers that ask for less than ones given before: they are lowered, too."""
    why = Sentence(gettext_noop("An earlier answer asked for more."))
    return [
        Finding(Proposal(f"{ANSWER}{code}:{then}", YES, why, OWN), "")
        if BY_CODE[code].several
        else Finding(Proposal(f"{ANSWER}{code}", then, why, OWN), now)
        for code, then, now in lowered(answers, worst)
    ]
