"""What the verification page says: the matrix, one requirement in full, and each bid at the gates."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.utils.translation import gettext as _

from bids import queries, rules
from bids.choices import DATED_EVIDENCE, BidStatus, Evidence, WaiverState
from bids.forms.verification import FindingForm, finding_form
from bids.models import Attachment, Bid, Claim, Waiver
from procurement.choices import Role
from procurement.models import Requirement, Tender, User
from procurement.rules import Verdict


@dataclass(frozen=True)
class Cell:
    """A claim in the matrix; None where the bid has no such claim."""

    claim: Claim | None
    today: date
    #: Whether it belongs to another evaluation group.
    is_hidden: bool = False

    @property
    def kind(self) -> str:
        """How the chip is painted: what counts, and a waiver above that."""
        if self.claim is None:
            return "" if self.is_hidden else "no"
        if self.waiver:
            return "warn"
        if self.claim.finding_that_counts is None and self.claim.counts_as_met:
            return ""  # so far only the vendor says so
        return "ok" if self.claim.counts_as_met else "no"

    @property
    def word(self) -> str:
        """What the chip says."""
        if self.claim is None or (not self.claim.answer and self.claim.verified is None):
            return _("For other units") if self.is_hidden else _("Not answered")
        if self.waiver:
            return _("Waived") if self.claim.requirement.mandatory else _("Risk accepted")
        if self.claim.verified is not None:
            return _("Found met") if self.claim.verified else _("Found not met")
        if self.claim.does_not_apply:
            return _("Does not apply: agreed")
        if self.claim.counts_as_met:
            return _("Claimed met")
        return str(self.claim.get_answer_display())

    @property
    def waiver(self) -> Waiver | None:
        """The waiver, or the acceptance of the risk, that holds today."""
        return self.claim.waiver_in_force(self.today) if self.claim else None

    @property
    def level(self) -> Evidence | None:
        """The level of the evidence while it is good; None where not met, or agreed not to apply."""
        claim = self.claim
        if claim is None or not claim.counts_as_met or claim.does_not_apply:
            return None
        return Evidence(claim.evidence_found or claim.evidence or Evidence.CLAIMED)

    @property
    def step(self) -> int:
        """The step of the evidence, 1 for a claim; 0 where there is nothing to show."""
        return list(Evidence).index(self.level) + 1 if self.level else 0

    @property
    def is_dated(self) -> bool:
        """Whether the evidence is of a level that is good until a day."""
        return self.level in DATED_EVIDENCE

    @property
    def expired(self) -> bool:
        """Whether the evidence is no longer good today, and counts one step less."""
        until = self.claim.evidence_until if self.claim and self.is_dated else None
        return until is not None and until < self.today


@dataclass(frozen=True)
class Standing:
    """A bid at the gates: what it does not meet, what was waived, and whether the reader may exclude it."""

    bid: Bid
    unmet: list[Claim]
    waived: list[Waiver]
    can_exclude: Verdict


@dataclass(frozen=True)
class Entry:
    """One bid's claim on the chosen requirement, in full."""

    bid: Bid
    cell: Cell
    files: list[Attachment]
    can_verify: Verdict
    can_waive: Verdict
    can_accept: Verdict

    @property
    def form(self) -> FindingForm | None:
        """The finding as it is stored, to be changed."""
        return finding_form(self.cell.claim) if self.cell.claim else None

    @property
    def waivers(self) -> list[tuple[Waiver, WaiverState]]:
        """Everything that was proposed for it, and where that stands today."""
        rows = self.cell.claim.waivers.all() if self.cell.claim else []
        return [(row, row.state(self.cell.today)) for row in rows]

    @property
    def waits_for_security(self) -> bool:
        """Whether security has not said yet that the requirement does not apply, as the vendor says."""
        return self.cell.claim is not None and bool(rules.is_said_not_to_apply(self.cell.claim))


class VerificationContent:
    """The verification of one tender; `chosen` is the key of a requirement, else the first stands open."""

    def __init__(self, user: User, tender: Tender, chosen: str, today: date) -> None:
        self.user, self.tender, self._chosen, self.today = user, tender, chosen, today

    @cached_property
    def _asked(self) -> list[Requirement]:
        """Everything that was asked, in order."""
        rows = self.tender.requirements.select_related("unit", "owner__unit")
        return list(rows.order_by("position"))

    @cached_property
    def _read(self) -> set[int]:
        """The keys of the requirements whose answers the person reads."""
        if self.user.role != Role.MEMBER:
            return {row.pk for row in self._asked}
        read = queries.requirements_read_by(self.user).filter(tender=self.tender)
        return set(read.values_list("pk", flat=True))

    @property
    def is_partial(self) -> bool:
        """Whether some answers belong to other evaluation groups."""
        return any(row.pk not in self._read for row in self._asked)

    @cached_property
    def requirements(self) -> list[Requirement]:
        """What was asked and concerns the person, in order."""
        shown = self._read | {requirement for requirement, _bid in self._claims}
        return [row for row in self._asked if row.pk in shown]

    @cached_property
    def _opened(self) -> list[Bid]:
        """Bids that were not withdrawn, in order of receipt."""
        bids = queries.bids_visible_to(self.user).filter(tender=self.tender)
        return list(bids.exclude(status=BidStatus.WITHDRAWN))

    @cached_property
    def bids(self) -> list[Bid]:
        """Those of them that have answers; one that could not be read has none, which is another thing."""
        answered = {bid for _requirement, bid in self._claims}
        return [bid for bid in self._opened if not bid.unreadable or bid.pk in answered]

    @cached_property
    def _claims(self) -> dict[tuple[int, object], Claim]:
        claims = queries.claims_visible_to(self.user).filter(bid__tender=self.tender)
        return {(claim.requirement_id, claim.bid_id): claim for claim in claims}

    @property
    def matrix(self) -> list[tuple[Requirement, list[Cell]]]:
        """Each requirement with one cell a bid."""
        return [
            (row, [self._cell(row, self._claims.get((row.pk, bid.pk))) for bid in self.bids])
            for row in self.requirements
        ]

    def _cell(self, row: Requirement, claim: Claim | None) -> Cell:
        return Cell(claim, self.today, is_hidden=claim is None and row.pk not in self._read)

    @property
    def found(self) -> int:
        """How many claims have a finding."""
        return sum(claim.finding_that_counts is not None for claim in self._claims.values())

    @property
    def total(self) -> int:
        """How many claims there are."""
        return len(self._claims)

    @cached_property
    def requirement(self) -> Requirement | None:
        """The requirement that is shown in full."""
        chosen = (row for row in self.requirements if str(row.pk) == self._chosen)
        return next(chosen, self.requirements[0] if self.requirements else None)

    @cached_property
    def entries(self) -> list[Entry]:
        """Every bid's claim on that requirement."""
        row = self.requirement
        if row is None:
            return []
        files: dict[object, list[Attachment]] = defaultdict(list)
        for file in queries.attachments_visible_to(self.user).filter(
            requirement=row, bid__tender=self.tender
        ):
            files[file.bid_id].append(file)
        accountable = rules.can_verify_requirement(self.user, self.tender, row)
        security = rules.can_settle_not_applicable(self.user, self.tender, row)
        proposes = rules.can_propose_waivers(self.user, self.tender)
        nobody = Verdict(False, _("There is no such claim."))
        entries = []
        for bid in self.bids:
            claim = self._claims.get((row.pk, bid.pk))
            cell = self._cell(row, claim)
            if cell.is_hidden:
                continue
            entries.append(
                Entry(
                    bid,
                    cell,
                    files[bid.pk],
                    accountable & rules.is_in_play(bid) if claim else nobody,
                    proposes & rules.is_waivable(claim, self.today) if claim else nobody,
                    security & rules.is_said_not_to_apply(claim) if claim else nobody,
                )
            )
        return entries

    @property
    def standings(self) -> list[Standing]:
        """Every bid at the gates; for those who read every answer."""
        gates = [row for row in self.requirements if row.mandatory]
        standings = []
        for bid in self._opened:
            claims = [self._claims.get((row.pk, bid.pk)) for row in gates]
            unmet = [claim for claim in claims if claim and not claim.counts_as_met]
            standings.append(
                Standing(
                    bid,
                    [claim for claim in unmet if not claim.waiver_in_force(self.today)],
                    [row for row in (claim.waiver_in_force(self.today) for claim in unmet) if row],
                    rules.can_exclude(self.user, bid),
                )
            )
        return standings
