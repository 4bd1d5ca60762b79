"""Who may say what was found, and exclude a bid."""

from django.utils.translation import gettext_lazy as _

from bids.choices import Answer, BidStatus
from bids.models import Bid, Claim
from bids.queries import is_upheld_against
from procurement.choices import Role, Stage, UnitKind
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
        and _takes_part(actor, tender)
    )
    unit = requirement.unit.name if requirement.unit else "—"
    return no_unless(
        accountable,
        _("%(unit)s is accountable for this requirement and says what was found.") % {"unit": unit},
    )


def _takes_part(actor: User, tender: Tender) -> bool:
    return tender.owner_id == actor.pk or actor.seats.filter(tender=tender).exists()


def can_verify_requirement(actor: User, tender: Tender, requirement: Requirement) -> Verdict:
    """Those accountable for a requirement verify it between the opening and the lock."""
    return is_accountable(actor, tender, requirement) & at_stage(tender, Stage.TECHNICAL_OPENED)


def can_verify(actor: User, claim: Claim) -> Verdict:
    """The same for one bid: it must be in play, and the actor not recused from it."""
    return (
        can_verify_requirement(actor, claim.bid.tender, claim.requirement)
        & is_in_play(claim.bid)
        & _is_not_recused(actor, claim.bid)
    )


def _is_not_recused(actor: User, bid: Bid) -> Verdict:
    return no_unless(not bid.recusals.filter(seat__user=actor).exists(), _("You are recused from this bid."))


def speaks_for_security(actor: User, tender: Tender, requirement: Requirement) -> Verdict:
    """A member of a security unit on this tender, or the requirement's owner if of such a unit."""
    of_security = actor.unit is not None and actor.unit.kind == UnitKind.SECURITY
    says = of_security and (
        requirement.owner_id == actor.pk or (actor.role == Role.MEMBER and _takes_part(actor, tender))
    )
    return no_unless(
        says,
        _("Where a vendor says that a requirement does not apply, security agrees or it counts as not met."),
    )


def can_settle_not_applicable(actor: User, tender: Tender, requirement: Requirement) -> Verdict:
    """Security says between the opening and the lock whether a requirement applies."""
    return speaks_for_security(actor, tender, requirement) & at_stage(tender, Stage.TECHNICAL_OPENED)


def is_said_not_to_apply(claim: Claim) -> Verdict:
    """Whether the vendor's "not applicable" still waits for an answer."""
    return (
        is_in_play(claim.bid)
        & no_unless(claim.answer == Answer.NOT_APPLICABLE, _("The vendor does not say “not applicable”."))
        & no_unless(not claim.not_applicable_by, _("Security agreed already that it does not apply."))
        & no_unless(claim.verified is None, _("There is a finding, and it counts."))
    )


def can_accept_not_applicable(actor: User, claim: Claim) -> Verdict:
    """Security agrees for one bid that a requirement does not apply, unless recused from it."""
    return (
        can_settle_not_applicable(actor, claim.bid.tender, claim.requirement)
        & is_said_not_to_apply(claim)
        & _is_not_recused(actor, claim.bid)
    )


def can_exclude(actor: User, bid: Bid) -> Verdict:
    """Officers exclude a bid, with a reason, while bids are verified and marked.

    One that an upheld objection stands against they exclude at any stage before the award.
    """
    tender = bid.tender
    running = can_run_panel(actor, tender)
    if not running and has_role(actor, Role.OFFICER) and tender.is_opened and tender.stage != Stage.AWARDED:
        running = no_unless(is_upheld_against(bid), running.reason)
    return running & is_in_play(bid)


def is_in_play(bid: Bid) -> Verdict:
    """Whether the bid is neither withdrawn nor excluded."""
    return no_unless(bid.status == BidStatus.VALID, _("This bid was withdrawn or excluded."))
