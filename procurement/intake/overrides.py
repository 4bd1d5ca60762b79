"""Which lowered proposals security has agreed to."""

from collections.abc import Iterable
from dataclasses import dataclass

from procurement.intake.proposals import Finding, is_at_least


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
