"""What stands between a ranking and its award, as pages show it: who signed, who has to, and why not yet."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.utils.translation import gettext as _

from bids import queries, rules
from bids.actions.papers import can_take_letter
from bids.actions.rankings import Followed, can_be_awarded, followed, rankings_of
from bids.choices import ApprovalSide
from bids.evaluation import Refused
from bids.models import Approval, Award, Bid, Complaint, Resolution
from bids.queries import AwardState
from procurement.choices import Role, Severity, Stage
from procurement.models import Tender, User
from procurement.rules import Verdict
from procurement.templatetags.figures import listed


@dataclass(frozen=True)
class Step:
    """One signature on the way: whose, whether it is there and still counts, and what this person may do."""

    side: ApprovalSide
    approval: Approval | None
    counts: bool
    verdict: Verdict
    url: str
    label: str


class Progress:
    """From the recommendation to a final award, for one reader."""

    def __init__(self, user: User, tender: Tender, now: datetime) -> None:
        self.user, self.tender, self.now = user, tender, now

    @cached_property
    def award(self) -> Award | None:
        """The award that stands."""
        return queries.award_of(self.tender)

    @cached_property
    def suspended(self) -> Award | None:
        """The last award, where a complaint brought it down and no new one stands."""
        return None if self.award else queries.last_award_of(self.tender)

    @cached_property
    def resolution(self) -> Resolution | None:
        """What the panel recommends; after the award, what it recommended."""
        return self.award.resolution if self.award else queries.recommendation_of(self.tender)

    @cached_property
    def choice(self) -> Followed | None:
        """Where the recommended bid stands by now; None where it cannot be said."""
        if self.award or self.resolution is None or self.resolution.bid is None:
            return None
        try:
            return followed(rankings_of(self.tender, self.now), self.resolution.bid.vendor.name)
        except Refused:
            return None

    @property
    def fingerprint(self) -> str:
        """Of the ranking that is signed for."""
        return self.choice.result.fingerprint if self.choice else ""

    @cached_property
    def obstacle(self) -> str:
        """Why the recommended bid cannot be awarded as things stand; empty where it can."""
        if self.award or self.resolution is None:
            return ""
        verdict = can_be_awarded(self.tender, self.choice)
        return "" if verdict else str(verdict.reason)

    @property
    def is_shown(self) -> bool:
        """Whether there is anything to show."""
        return self.tender.stage in (Stage.RANKED, Stage.AWARDED) or self.suspended is not None

    @cached_property
    def can_recommend(self) -> Verdict:
        """Whether the person records the panel's recommendation."""
        return rules.can_recommend(self.user, self.tender)

    @cached_property
    def steps(self) -> list[Step]:
        """The sides and the award, in order, each with its signature."""
        if self.resolution is None:
            return []
        said = queries.approvals_of(self.resolution)
        may = rules.can_approve(self.user, self.tender, self.now, self.fingerprint)
        last = rules.can_award(self.user, self.tender, self.now, self.fingerprint)
        own = rules.side_of(self.user)
        sides = [
            Step(
                side=side,
                approval=said.get(side),
                counts=self._counts(said.get(side)),
                verdict=may if side == own else Verdict(False),
                url="approve",
                label=_("Approve or refuse"),
            )
            for side in (ApprovalSide.SECURITY, ApprovalSide.BUSINESS)
        ]
        if not last and not rules.decides(self.user, self.tender):
            last = self._what_is_missing()
        final = Step(ApprovalSide.FINAL, None, self.award is not None, last, "award", _("Decide the award"))
        return [*sides, final]

    def _what_is_missing(self) -> Verdict:
        """For who does not decide: what holds the award up, or whose it is."""
        ready = rules.is_ready(self.tender, self.resolution, self.now, self.fingerprint)
        who = self.tender.approver or self.tender.escalation or ApprovalSide.FINAL.label
        return Verdict(False, _("%(person)s decides this award.") % {"person": who}) if ready else ready

    def _counts(self, approval: Approval | None) -> bool:
        """Whether an approval is one of the ranking as it is now."""
        fingerprint = self.award.fingerprint if self.award else self.fingerprint
        return approval is not None and approval.approved and approval.fingerprint == fingerprint

    @cached_property
    def refusals(self) -> list[Approval]:
        """What was refused before."""
        return list(queries.refusals_of(self.tender))

    # --- after the award ----------------------------------------------------------------------------------
    @cached_property
    def state(self) -> AwardState | None:
        """Where the award stands."""
        award = self.award or self.suspended
        return queries.state_of(award, self.now) if award else None

    @cached_property
    def complaints(self) -> list[Complaint]:
        """Complaints that the person may read."""
        rows = queries.complaints_visible_to(self.user).filter(award__tender=self.tender)
        return list(rows.order_by("pk"))

    @cached_property
    def can_complain(self) -> Verdict:
        """Whether the person may enter a complaint."""
        return rules.can_complain(self.user, self.tender)

    @cached_property
    def has_papers(self) -> bool:
        """Whether there are papers for the person."""
        return bool(rules.can_see_papers(self.user, self.tender))

    @cached_property
    def own_letter(self) -> Bid | None:
        """The vendor's own bid, where there is a letter to it."""
        bid = queries.own_bid(self.user, self.tender) if self.user.role == Role.VENDOR else None
        return bid if bid and can_take_letter(self.user, bid) else None

    # --- the other half of the page -----------------------------------------------------------------------
    @property
    def premium(self) -> str:
        """What price alone leaves out, in words: how many requirements of which severity."""
        alone = self.choice.result.price_only if self.choice else None
        if alone is None or self.choice is None:
            return ""
        severity = {row.code: row.severity for row in self.choice.ranking.case.requirements}
        counts = [
            f"{level.label} {count}"
            for level in Severity
            if (count := sum(severity[code] == level for code in alone.unmet))
        ]
        return listed(counts)
