"""Who may propose, sign and refuse a waiver of a gate or the acceptance of a risk."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from bids.choices import WaiverState
from bids.models import Claim, Waiver
from procurement.choices import Role, Stage, UnitKind
from procurement.models import Tender, User
from procurement.rules import Verdict, has_role, no_unless

from .verification import is_in_play

#: A waiver is proposed and signed from the opening of bids until the award.
WAIVER_STAGES = (Stage.TECHNICAL_OPENED, Stage.TECHNICAL_LOCKED, Stage.PRICE_OPENED, Stage.RANKED)


def is_of_security(actor: User) -> bool:
    """Whether the person belongs to a unit of security."""
    return actor.unit is not None and actor.unit.kind == UnitKind.SECURITY


def _is_time(tender: Tender) -> Verdict:
    return no_unless(
        tender.stage in WAIVER_STAGES, _("This is possible between the opening of bids and the award.")
    )


def can_propose_waivers(actor: User, tender: Tender) -> Verdict:
    """The tender's officer, its owner and its panel propose."""
    runs = actor.role == Role.OFFICER and tender.officer_id in (None, actor.pk)
    return no_unless(
        runs or tender.owner_id == actor.pk or actor.seats.filter(tender=tender).exists(),
        _("The officer, the owner and the panel of this tender propose waivers."),
    ) & _is_time(tender)


def is_waivable(claim: Claim, today: date) -> Verdict:
    """Whether the requirement is unmet, and no waiver of it waits or holds for more than two weeks."""
    rows = list(claim.waivers.all())
    return (
        is_in_play(claim.bid)
        & no_unless(not claim.counts_as_met, _("The requirement is met: there is nothing to waive."))
        & no_unless(
            not any(row.state(today) == WaiverState.PROPOSED for row in rows),
            _("A proposal waits for its signatures already."),
        )
        & no_unless(
            not any(row.is_in_force(today) and not row.ends_soon(today) for row in rows),
            _("This was waived already. A follow-up can be proposed two weeks before it ends."),
        )
    )


def can_waive(actor: User, claim: Claim, today: date) -> Verdict:
    """Both, and the person is not recused from the bid. `today` is the day in Taipei."""
    return (
        can_propose_waivers(actor, claim.bid.tender)
        & is_waivable(claim, today)
        & no_unless(
            not claim.bid.recusals.filter(seat__user=actor).exists(), _("You are recused from this bid.")
        )
    )


def signs_for_security(actor: User, waiver: Waiver) -> bool:
    """Whether the person's signature would be security's; else it would be the approver's."""
    return not waiver.security_by and is_of_security(actor)


def can_sign_waiver(actor: User, waiver: Waiver, today: date) -> Verdict:
    """Security signs, and an approver who does not sit on the panel; nobody the own proposal, nobody twice.

    Whoever may sign may refuse instead.
    """
    bid = waiver.claim.bid
    state = waiver.state(today)
    return (
        has_role(actor, Role.MEMBER, Role.APPROVER)
        & _is_time(bid.tender)
        & no_unless(state == WaiverState.PROPOSED, _("It is settled: %(state)s.") % {"state": state.label})
        & no_unless(actor.pk != waiver.proposer_id, _("You proposed it; others sign it."))
        & no_unless(actor.pk not in (waiver.security_signer_id, waiver.approver_id), _("You have signed it."))
        & is_in_play(bid)
        & no_unless(not waiver.claim.counts_as_met, _("The requirement is met: there is nothing to waive."))
        & no_unless(not bid.recusals.filter(seat__user=actor).exists(), _("You are recused from this bid."))
        & _has_part(actor, waiver)
    )


def _has_part(actor: User, waiver: Waiver) -> Verdict:
    """Whether a signature is missing that is this person's to give."""
    if signs_for_security(actor, waiver):
        return Verdict(True)
    if actor.role != Role.APPROVER:
        return Verdict(False, _("Security and an approver sign it."))
    if waiver.approved_by:
        return Verdict(False, _("It waits for security."))
    return no_unless(
        not actor.seats.filter(tender=waiver.claim.bid.tender).exists(),
        _("Who sits on the panel cannot approve a waiver."),
    )
