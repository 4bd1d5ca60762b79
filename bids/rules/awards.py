"""Who recommends, approves, decides and hears complaints: each step by another person."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from bids.choices import ApprovalSide
from bids.models import Award, Complaint, Resolution
from bids.queries import (
    approvals_of,
    award_of,
    own_bid,
    recommendation_of,
    sides_missing,
    standing_submission,
    state_of,
)
from procurement.choices import SECURITY_SIDE, Role, Stage, UnitKind
from procurement.models import Tender, User
from procurement.rules import YES, Verdict, has_role, no_unless

from .bank import at_stage
from .objections import is_free_of_objections

#: Who looks after the papers of a tender; members sign them, and read the ranking on its page.
PAPER_ROLES = (Role.OFFICER, Role.APPROVER, Role.AUDITOR)


def can_recommend(actor: User, tender: Tender) -> Verdict:
    """Officers record which bid the panel recommends; a later recommendation takes the place of the last."""
    return has_role(actor, Role.OFFICER) & at_stage(tender, Stage.RANKED)


def side_of(actor: User) -> ApprovalSide | None:
    """The side for which an approver signs before the award; None for who stands on neither."""
    kind = actor.unit.kind if actor.unit else ""
    if kind in SECURITY_SIDE:
        return ApprovalSide.SECURITY
    return ApprovalSide.BUSINESS if kind == UnitKind.BUSINESS else None


def decides(actor: User, tender: Tender) -> bool:
    """Whether the award is the person's: of the approver named in the tender, or of the one next above.

    Where a case was loaded without either, it is any approver's.
    """
    named = {tender.approver_id, tender.escalation_id} - {None}
    return actor.role == Role.APPROVER and (not named or actor.pk in named)


def is_impartial(actor: User, tender: Tender, resolution: Resolution | None) -> Verdict:
    """Nobody approves what they marked, raised or proposed."""
    return (
        no_unless(
            not actor.seats.filter(tender=tender).exists(),
            _("Who sits on the panel cannot award the tender."),
        )
        & no_unless(
            actor.pk not in (tender.officer_id, tender.owner_id),
            _("You raised this tender: somebody else approves its award."),
        )
        & no_unless(
            resolution is None or resolution.recorder_id != actor.pk,
            _("You recorded the recommendation: somebody else approves it."),
        )
    )


def _has_recommendation(resolution: Resolution | None) -> Verdict:
    return no_unless(
        resolution is not None,
        _("The panel has not recommended a bid, or its recommendation was refused."),
    )


def _has_not_signed(actor: User, resolution: Resolution | None, fingerprint: str) -> Verdict:
    """One person, one signature."""
    if resolution is None:
        return YES
    signed = [row for row in approvals_of(resolution, fingerprint).values() if row.signer_id == actor.pk]
    return no_unless(
        not signed,
        _("You signed for “%(side)s”: another person signs here.")
        % {"side": signed[0].get_side_display() if signed else ""},
    )


def can_approve(actor: User, tender: Tender, now: datetime, fingerprint: str = "") -> Verdict:
    """An approver of IT or security, and one of business, sign what the panel recommends.

    With `fingerprint` only what was signed on that ranking counts as signed already.
    """
    resolution, side = recommendation_of(tender), side_of(actor)
    return (
        has_role(actor, Role.APPROVER)
        & at_stage(tender, Stage.RANKED)
        & no_unless(side is not None, _("Approvers of IT, security and business sign for their side."))
        & is_impartial(actor, tender, resolution)
        & _has_recommendation(resolution)
        & is_free_of_objections(tender, now, resolution.bid if resolution else None)
        & _has_not_signed(actor, resolution, fingerprint)
        & no_unless(
            resolution is None or side in sides_missing(resolution, fingerprint),
            _("“%(side)s” has signed already.") % {"side": side.label if side else ""},
        )
    )


def can_award(actor: User, tender: Tender, now: datetime, fingerprint: str = "") -> Verdict:
    """The named approver, or the one next above, awards what the panel recommends and both sides approved.

    The reason says in one sentence what is missing. With `fingerprint` only approvals of that ranking count.
    """
    resolution = recommendation_of(tender)
    return (
        has_role(actor, Role.APPROVER)
        & at_stage(tender, Stage.RANKED)
        & is_impartial(actor, tender, resolution)
        & no_unless(
            decides(actor, tender),
            _("%(person)s decides this award.") % {"person": tender.approver or tender.escalation},
        )
        & is_ready(tender, resolution, now, fingerprint)
        & _has_not_signed(actor, resolution, fingerprint)
    )


def is_ready(tender: Tender, resolution: Resolution | None, now: datetime, fingerprint: str) -> Verdict:
    """Whether nothing holds the award up but the last signature."""
    missing = sides_missing(resolution, fingerprint) if resolution else []
    earlier = sides_missing(resolution) if resolution else []
    sides = " / ".join(str(side.label) for side in missing)
    sentence = _("Approval is missing of: %(sides)s.")
    if missing and missing != earlier:
        sentence = _("The ranking changed after it was approved. To be approved again by: %(sides)s.")
    return (
        is_free_of_objections(tender, now, resolution.bid if resolution else None)
        & _has_recommendation(resolution)
        & no_unless(not missing, sentence % {"sides": sides})
    )


# --- after the award --------------------------------------------------------------------------------------
def can_complain(actor: User, tender: Tender) -> Verdict:
    """The officer enters what arrived; a vendor's person that took part writes on the outcome page."""
    took_part = actor.role == Role.VENDOR and _took_part(actor, tender)
    return no_unless(
        took_part or actor.role == Role.OFFICER,
        _("Complaints come from vendors that took part, or are entered by the officer."),
    ) & no_unless(award_of(tender) is not None, _("There is no award to complain about."))


def _took_part(actor: User, tender: Tender) -> bool:
    """Whether the person's vendor had a bid that stood at the opening."""
    bid = own_bid(actor, tender)
    return bid is not None and (bid.opened_at is not None or standing_submission(bid) is not None)


def can_answer_complaint(actor: User, complaint: Complaint) -> Verdict:
    """The named approver, or the one next above, answers once; what came late is kept without an answer."""
    award = complaint.award
    return (
        has_role(actor, Role.APPROVER)
        & no_unless(
            decides(actor, award.tender),
            _("%(person)s answers this complaint.")
            % {"person": award.tender.approver or award.tender.escalation},
        )
        & no_unless(
            not actor.seats.filter(tender=award.tender).exists(),
            _("Who sits on the panel cannot answer complaints."),
        )
        & no_unless(not complaint.late, _("It came after the standstill: it is kept on record."))
        & no_unless(not complaint.answer, _("This complaint was answered already."))
        & no_unless(award.suspended_at is None, _("The award was suspended already."))
    )


def is_final(award: Award | None, now: datetime) -> Verdict:
    """Whether the standstill is over and no complaint is open."""
    if award is None:
        return Verdict(False, _("There is no award."))
    state = state_of(award, now)
    return no_unless(state.is_final, _("The award is not final: %(state)s.") % {"state": state.sentence})


# --- papers -----------------------------------------------------------------------------------------------
def can_produce_papers(actor: User, tender: Tender) -> Verdict:
    """Officers, approvers and auditors, from the ranking on."""
    return has_role(actor, *PAPER_ROLES) & at_stage(tender, Stage.RANKED, Stage.AWARDED)


def can_produce_opening_record(actor: User, tender: Tender) -> Verdict:
    """The same people, as soon as the bids are opened: marking members do not know the bidders' names yet."""
    return has_role(actor, *PAPER_ROLES) & no_unless(
        tender.is_opened, _("The bids have not been opened yet.")
    )


def can_take_notice(actor: User, tender: Tender) -> Verdict:
    """The notice of the award is for everybody who took part, and for those who keep the papers."""
    return has_role(actor, Role.VENDOR, *PAPER_ROLES) & at_stage(tender, Stage.AWARDED)


def can_see_papers(actor: User, tender: Tender) -> Verdict:
    """Whether there is any paper of the tender for the person."""
    record = can_produce_opening_record(actor, tender)
    return record or can_take_notice(actor, tender)
