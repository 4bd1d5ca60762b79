"""What the builder shows of a draft: its requirements in order, coverage by family, and what stands twice."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import get_language

from procurement.actions.intake import proposals_of
from procurement.actions.picking import asked_of
from procurement.catalogues import baseline
from procurement.catalogues.likeness import families_of
from procurement.intake.proposals import ASK
from procurement.models import Intake, Requirement, Tender

from .picking_content import Draft


@dataclass(frozen=True)
class Family:
    """A family of 附表十: how many requirements and gates cover it, and what was proposed and left out."""

    code: str
    title: str
    asked: int
    gates: int
    left_out: list[tuple[str, str]]


class Content:
    """A draft, read once."""

    def __init__(self, tender: Tender) -> None:
        self.tender = tender
        self.requirements: list[Requirement] = list(
            tender.requirements.select_related("unit", "owner", "criterion")
        )
        self._draft = Draft(self.requirements)

    @cached_property
    def order(self) -> str:
        """The keys in order, as the form sends them back."""
        return ",".join(str(row.pk) for row in self.requirements)

    @property
    def pairs(self) -> list[tuple[Requirement, Requirement, str]]:
        """Requirements that ask for the same, and how one sees it."""
        return self._draft.pairs

    @cached_property
    def _proposed(self) -> list[str]:
        """What the intake proposes to ask, by identifier of the baseline."""
        row = Intake.objects.filter(tender=self.tender).first()
        keys = [one.key for one in proposals_of(row)] if row else []
        return [key.removeprefix(ASK) for key in keys if key.startswith(ASK)]

    @cached_property
    def families(self) -> list[Family]:
        """Every family, covered or not."""
        return list(self._families())

    def _families(self) -> Iterator[Family]:
        language = get_language() or ""
        covered = [(row, families_of(asked_of(row))) for row in self.requirements]
        there = {row.entry for row in self.requirements if row.catalogue == baseline.CODE}
        for family in baseline.families():
            rows = [row for row, families in covered if family.code in families]
            known = {row.id: row for row in family.requirements}
            left_out = [
                (name, known[name].shown(known[name].text).of(language))
                for name in self._proposed
                if name in known and name not in there
            ]
            gates = sum(row.mandatory for row in rows)
            yield Family(family.code, family.title.of(language), len(rows), gates, left_out)

    @cached_property
    def outside(self) -> int:
        """How many requirements belong to no family that is known."""
        return sum(not families_of(asked_of(row)) for row in self.requirements)
