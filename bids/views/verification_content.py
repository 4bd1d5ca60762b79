"""What the verification page says: the matrix, one requirement in full, and each bid at the gates."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from bids import queries, rules
from bids.choices import BidStatus
from bids.forms.panel import FindingForm
from bids.models import Attachment, Bid, Claim
from procurement.models import Requirement, Tender, User
from procurement.rules import Verdict


@dataclass(frozen=True)
class Cell:
    """A claim in the matrix; None where the bid has no such claim."""

    claim: Claim | None

    @property
    def kind(self) -> str:
        """How the chip is painted: what counts, and a waiver above that."""
        if self.claim is None:
            return "no"
        if self.claim.signed_waiver and not self.claim.counts_as_met:
            return "warn"
        if self.claim.verified is None and self.claim.counts_as_met:
            return ""  # so far only the vendor says so
        return "ok" if self.claim.counts_as_met else "no"

    @property
    def word(self) -> str:
        """What the chip says."""
        if self.claim is None or (not self.claim.answer and self.claim.verified is None):
            return _("Not answered")
        if self.kind == "warn":
            return _("Waived")
        if self.claim.verified is not None:
            return _("Found met") if self.claim.verified else _("Found not met")
        if self.claim.counts_as_met:
            return _("Claimed met")
        return str(self.claim.get_answer_display())


@dataclass(frozen=True)
class Standing:
    """A bid at the gates: what it does not meet, what was waived, and whether the reader may exclude it."""

    bid: Bid
    unmet: list[Claim]
    waived: list[Claim]
    can_exclude: Verdict


@dataclass(frozen=True)
class Entry:
    """One bid's claim on the chosen requirement, in full."""

    bid: Bid
    cell: Cell
    files: list[Attachment]
    can_verify: Verdict
    can_waive: Verdict

    @property
    def form(self) -> FindingForm | None:
        """The finding as it is stored, to be changed."""
        claim = self.cell.claim
        if claim is None:
            return None
        said = {True: "yes", False: "no", None: ""}[claim.verified]
        return FindingForm(initial={"verified": said, "finding": claim.finding, "version": claim.version})


class VerificationContent:
    """The verification of one tender; `chosen` is the key of a requirement, else the first stands open."""

    def __init__(self, user: User, tender: Tender, chosen: str) -> None:
        self.user, self.tender, self._chosen = user, tender, chosen

    @cached_property
    def requirements(self) -> list[Requirement]:
        """What was asked, in order."""
        rows = self.tender.requirements.select_related("unit", "owner__unit")
        return list(rows.order_by("position"))

    @cached_property
    def bids(self) -> list[Bid]:
        """Bids that were not withdrawn, in order of receipt."""
        bids = queries.bids_visible_to(self.user).filter(tender=self.tender)
        return list(bids.exclude(status=BidStatus.WITHDRAWN))

    @cached_property
    def _claims(self) -> dict[tuple[int, object], Claim]:
        claims = queries.claims_visible_to(self.user).filter(bid__tender=self.tender)
        return {(claim.requirement_id, claim.bid_id): claim for claim in claims}

    @property
    def matrix(self) -> list[tuple[Requirement, list[Cell]]]:
        """Each requirement with one cell a bid."""
        return [
            (row, [Cell(self._claims.get((row.pk, bid.pk))) for bid in self.bids])
            for row in self.requirements
        ]

    @property
    def found(self) -> int:
        """How many claims have a finding."""
        return sum(claim.verified is not None for claim in self._claims.values())

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
        entries = []
        for bid in self.bids:
            claim = self._claims.get((row.pk, bid.pk))
            nobody = Verdict(False, _("There is no such claim."))
            entries.append(
                Entry(
                    bid,
                    Cell(claim),
                    files[bid.pk],
                    accountable & rules.is_in_play(bid) if claim else nobody,
                    rules.can_waive(self.user, claim) if claim else nobody,
                )
            )
        return entries

    @property
    def standings(self) -> list[Standing]:
        """Every bid at the gates."""
        gates = [row for row in self.requirements if row.mandatory]
        standings = []
        for bid in self.bids:
            claims = [self._claims.get((row.pk, bid.pk)) for row in gates]
            unmet = [claim for claim in claims if claim and not claim.counts_as_met]
            standings.append(
                Standing(
                    bid,
                    [claim for claim in unmet if not claim.signed_waiver],
                    [claim for claim in unmet if claim.signed_waiver],
                    rules.can_exclude(self.user, bid),
                )
            )
        return standings
