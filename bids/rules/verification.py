"""Who may say what was found, and except a bid from a gate."""

from django.utils.translation import gettext_lazy as _

from bids.choices import BidStatus
from bids.models import Bid, Claim
from procurement.choices import Role, Stage
from procurement.models import Requirement, Tender, User
from procurement.rules import Verdict, has_role, no_unless

from .bank import at_stage
from .opening import can_run_panel


def is_accountable(actor: User, tender: Tender, requirement: Requirement) -> Verdict:
    """Whether it is the actor's to say what was found: the owner, or a member of the unit on this tender."""
    accountable = requirement.owner_id == actor.pk or (
        actor.role == Role.MEMBER
        and requirement.unit_id is not None
        and actor.unit_id == requirement.unit_id
        and (tender.owner_id == actor.pk or actor.seats.filter(tender=tender).exists())
    )
    unit = requirement.unit.name if requirement.unit else "—"
    return no_unless(
        accountable,
        _("%(unit)s is accountable for this requirement and says what was found.") % {"unit": unit},
    )


def can_verify_requirement(actor: User, tender: Tender, requirement: Requirement) -> Verdict:
    """Those accountable for a requirement verify it between the opening and the lock."""
    return is_accountable(actor, tender, requirement) & at_stage(tender, Stage.TECHNICAL_OPENED)


def can_verify(actor: User, claim: Claim) -> Verdict:
    """The same for one bid: it must be in play, and the actor not recused from it."""
    return (
        can_verify_requirement(actor, claim.bid.tender, claim.requirement)
        & is_in_play(claim.bid)
        & no_unless(
            not claim.bid.recusals.filter(seat__user=actor).exists(), _("You are recused from this bid.")
        )
    )


def can_waive(actor: User, claim: Claim) -> Verdict:
    """Approvers accept that a gate is not met."""
    return (
        has_role(actor, Role.APPROVER)
        & at_stage(claim.bid.tender, Stage.TECHNICAL_OPENED)
        & is_in_play(claim.bid)
        & no_unless(claim.requirement.mandatory, _("Only a gate can be waived."))
        & no_unless(not claim.counts_as_met, _("The requirement is met: there is nothing to waive."))
        & no_unless(
            not any(waiver.approved_by for waiver in claim.waivers.all()), _("This was waived already.")
        )
    )


def can_exclude(actor: User, bid: Bid) -> Verdict:
    """Officers exclude a bid, with a reason, while bids are verified and marked."""
    return can_run_panel(actor, bid.tender) & is_in_play(bid)


def is_in_play(bid: Bid) -> Verdict:
    """Whether the bid is neither withdrawn nor excluded."""
    return no_unless(bid.status == BidStatus.VALID, _("This bid was withdrawn or excluded."))
