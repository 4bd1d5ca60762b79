"""Who may amend a tender that bids come in for, record an outage, and have an opening officer replaced."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from bids.models import Amendment, EnvelopeKey, OfficerReplacement
from bids.queries import closing_of
from procurement import clock
from procurement.choices import Role, Stage
from procurement.models import Tender, User
from procurement.rules import Verdict, has_role, no_unless

from .bank import BANK, at_stage

#: While a tender stands here, somebody may still have to open bids.
_BEFORE_PRICES = (Stage.PUBLISHED, Stage.BIDDERS_NAMED, Stage.TECHNICAL_OPENED, Stage.TECHNICAL_LOCKED)

_AT_ONCE = _("What was proposed after an outage is decided for all tenders at once.")


def can_read_amendments(actor: User) -> Verdict:
    """The bank reads what is proposed; what was agreed stands on the tender's page for everybody."""
    return has_role(actor, *BANK)


def bidding_goes_on(tender: Tender, now: datetime) -> Verdict:
    """Whether anything may still change: before the deadline, by a clock that was not set back."""
    return no_unless(
        tender.is_open_for_bids(now) and closing_of(tender) is None,
        _("This is possible only while bids come in, before the deadline."),
    ) & no_unless(
        not clock.behind(now), _("The server’s clock went back: no deadline is moved until it is right.")
    )


def can_amend(actor: User, tender: Tender, now: datetime) -> Verdict:
    """Officers propose while bids come in, one thing at a time."""
    return has_role(actor, Role.OFFICER) & bidding_goes_on(tender, now)


def is_second_person(actor: User, amendments: list[Amendment]) -> Verdict:
    """Whether the person may agree: the approver, or another officer of the proposer's unit."""
    if any(row.proposer_id == actor.pk for row in amendments):
        return Verdict(False, _("You proposed this: somebody else agrees to it or refuses it."))
    approves = actor.role == Role.APPROVER and any(row.tender.approver_id == actor.pk for row in amendments)
    of_unit = actor.role == Role.OFFICER and all(row.proposer.unit_id == actor.unit_id for row in amendments)
    return no_unless(
        approves or of_unit,
        _("The tender’s approver, or another officer of the proposer’s unit, agrees to this or refuses it."),
    )


def can_decide_amendment(actor: User, amendment: Amendment, now: datetime) -> Verdict:
    """A second person agrees or refuses, before the deadline; nobody decides on the own proposal."""
    return (
        is_second_person(actor, [amendment])
        & _waits(amendment)
        & no_unless(amendment.outage_id is None, _AT_ONCE)
        & bidding_goes_on(amendment.tender, now)
    )


def can_take_back_amendment(actor: User, amendment: Amendment) -> Verdict:
    """Who proposed it takes it back, as long as nobody decided."""
    return (
        _is_proposer(actor, amendment) & _waits(amendment) & no_unless(amendment.outage_id is None, _AT_ONCE)
    )


def _is_proposer(actor: User, proposal: Amendment | OfficerReplacement) -> Verdict:
    return no_unless(proposal.proposer_id == actor.pk, _("Only who proposed this takes it back."))


def _waits(proposal: Amendment | OfficerReplacement) -> Verdict:
    return no_unless(not proposal.outcome, _("This was decided already."))


# --- outages ----------------------------------------------------------------------------------------------
def can_read_outages(actor: User) -> Verdict:
    """Those who run tenders or the site, and those who look after either."""
    return has_role(actor, Role.OFFICER, Role.APPROVER, Role.AUDITOR, Role.ADMINISTRATOR)


def can_record_outage(actor: User) -> Verdict:
    """Officers and administrators put on record that bids could not come in."""
    return has_role(actor, Role.OFFICER, Role.ADMINISTRATOR)


def can_extend_after_outage(actor: User) -> Verdict:
    """Officers propose more time, for all tenders that the outage touched."""
    return has_role(actor, Role.OFFICER)


def can_decide_outage(actor: User, waiting: list[Amendment]) -> Verdict:
    """A second person decides once for all; an approver does where one of the tenders is the approver's."""
    return no_unless(bool(waiting), _("Nothing waits for a decision.")) & is_second_person(actor, waiting)


def can_take_back_outage(actor: User, waiting: list[Amendment]) -> Verdict:
    """Who proposed the extension for all takes it back for all."""
    own = bool(waiting) and all(row.proposer_id == actor.pk for row in waiting)
    return no_unless(bool(waiting), _("Nothing waits for a decision.")) & no_unless(
        own, _("Only who proposed this takes it back.")
    )


# --- opening officers -------------------------------------------------------------------------------------
def can_propose_replacement(actor: User, tender: Tender) -> Verdict:
    """An officer, or one of those who open, proposes while something is still to be opened."""
    opens = tender.opening_officers.filter(user=actor, replaced_at=None).exists()
    return no_unless(
        actor.role == Role.OFFICER or opens,
        _("This is for procurement officers and for those who open the bids of this tender."),
    ) & _has_closed_envelope(tender)


def _has_closed_envelope(tender: Tender) -> Verdict:
    return at_stage(tender, *_BEFORE_PRICES) & no_unless(
        EnvelopeKey.objects.filter(tender=tender, opened_at=None).exists(),
        _("Both envelopes are unlocked: nobody has to open anything any more."),
    )


def can_take_replacement_turn(actor: User, replacement: OfficerReplacement) -> Verdict:
    """Two of those who open agree with their passphrases; never who is to come in."""
    tender = replacement.tender
    opens = tender.opening_officers.filter(user=actor, replaced_at=None).exists()
    return (
        no_unless(opens, _("Only the opening officers of this tender agree to this."))
        & no_unless(actor.pk != replacement.successor_id, _("You are to open: the two others agree to it."))
        & _waits(replacement)
        & _has_closed_envelope(tender)
    )


def can_take_back_replacement(actor: User, replacement: OfficerReplacement) -> Verdict:
    """Who proposed it takes it back, and so does any officer: the person who proposed may have left."""
    return no_unless(
        replacement.proposer_id == actor.pk or actor.role == Role.OFFICER,
        _("Only who proposed this takes it back."),
    ) & _waits(replacement)
