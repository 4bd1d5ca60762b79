"""Who may plan promises, sign them, say that a system is live, and keep a vendor's record."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from bids.choices import Outcome
from bids.models import Acceptance, Incident, Promise
from bids.queries.awards import award_of
from bids.queries.promises import promises_visible_to
from procurement.choices import SECURITY_SIDE, Role, Stage
from procurement.models import Tender, User
from procurement.rules import Verdict, has_role, no_unless

from .awards import is_final
from .bank import BANK, at_stage

#: The roles that act on promises; auditors read.
_ACTING = (Role.OFFICER, Role.MEMBER, Role.APPROVER)


def can_read_promises(actor: User, tender: Tender) -> Verdict:
    """The bank from the award on, and the vendor that made them."""
    if actor.role == Role.VENDOR:
        return no_unless(
            promises_visible_to(actor).filter(tender=tender).exists(),
            _("Promises are shown to the vendor that made them."),
        )
    return has_role(actor, *BANK) & at_stage(tender, Stage.AWARDED)


def can_list_promises(actor: User) -> Verdict:
    """Everybody who has to do with promises: the bank, and vendors for their own."""
    return has_role(actor, *BANK, Role.VENDOR)


def can_read_promise(actor: User) -> Verdict:
    """What was signed about a promise, with names and evidence, is the bank's own."""
    return has_role(actor, *BANK)


def answers_for_system(actor: User, tender: Tender) -> Verdict:
    """Whether the person owns the system, or is the officer who runs the tender."""
    runs = actor.role == Role.OFFICER and tender.officer_id in (None, actor.pk)
    owns = actor.role in _ACTING and tender.owner_id == actor.pk
    return no_unless(
        runs or owns, _("This is for the owner of the system and the officer who runs the tender.")
    )


def can_plan(actor: User, tender: Tender) -> Verdict:
    """Days and kinds of evidence are set by the officer or the owner of the system."""
    return answers_for_system(actor, tender) & at_stage(tender, Stage.AWARDED)


def can_plan_promise(actor: User, promise: Promise) -> Verdict:
    """The same for one promise, as long as nobody has signed it."""
    return can_plan(actor, promise.tender) & no_unless(not promise.outcome, _("This promise is signed."))


def can_sign_off(actor: User, promise: Promise, now: datetime) -> Verdict:
    """The owner of the promise, or somebody of the accountable unit, once nothing can bring the award down.

    Never who is recused from the bid.
    """
    award = award_of(promise.tender)
    mine = promise.owner_id == actor.pk or (promise.unit_id is not None and promise.unit_id == actor.unit_id)
    unit = promise.unit.name if promise.unit else str(promise.owner or "—")
    return (
        has_role(actor, *_ACTING)
        & no_unless(mine, _("%(unit)s answers for this promise and signs it.") % {"unit": unit})
        & no_unless(
            not promise.bid.recusals.filter(seat__user=actor).exists(), _("You are recused from this bid.")
        )
        & no_unless(
            bool(is_final(award, now)),
            _("Promises are signed once the award is final: standstill over, and no complaint open."),
        )
    )


def next_outcomes(promise: Promise) -> list[Outcome]:
    """What can be signed next: either at first, then the other one of what was signed last."""
    if not promise.outcome:
        return list(Outcome)
    return [outcome for outcome in Outcome if outcome != promise.outcome]


def can_move_target(actor: User, acceptance: Acceptance) -> Verdict:
    """The day of going live is theirs, too, until the system is live."""
    return can_plan(actor, acceptance.tender) & _is_not_live(acceptance)


def can_set_contract_end(actor: User, acceptance: Acceptance) -> Verdict:
    """The same people say until when the contract runs, also once the system is live."""
    return can_plan(actor, acceptance.tender)


def _is_not_live(acceptance: Acceptance) -> Verdict:
    return no_unless(
        not acceptance.live_by,
        _("%(name)s put this system into operation already.") % {"name": acceptance.live_by},
    )


def can_go_live(actor: User, tender: Tender, now: datetime) -> Verdict:
    """The owner of the system or the officer, once, when the award is final.

    Which gate promises are open is asked of the promises themselves, not of this rule.
    """
    may = can_plan(actor, tender)
    award, acceptance = award_of(tender), Acceptance.objects.filter(tender=tender).first()
    if not may or award is None or acceptance is None:
        return may & no_unless(False, _("This tender has no promises to accept."))
    return _is_not_live(acceptance) & is_final(award, now)


def can_ask_to_go_live(actor: User, tender: Tender) -> Verdict:
    """The same people ask for an exception, also to prolong one after the system went live."""
    return answers_for_system(actor, tender) & at_stage(tender, Stage.AWARDED)


# --- the record of vendors --------------------------------------------------------------------------------
def can_read_vendors(actor: User) -> Verdict:
    """Vendors' records are the bank's own; administrators enter vendors on their own page."""
    return has_role(actor, *BANK)


def can_record_incident(actor: User) -> Verdict:
    """Members of IT and security, and officers, record what went wrong."""
    of_side = actor.unit is not None and actor.unit.kind in SECURITY_SIDE
    return has_role(actor, Role.OFFICER, Role.MEMBER) & no_unless(
        actor.role == Role.OFFICER or of_side,
        _("Incidents are recorded by members of IT and security, and by officers."),
    )


def can_close_incident(actor: User, incident: Incident) -> Verdict:
    """The same people add the closing note, once."""
    return can_record_incident(actor) & no_unless(
        not incident.closed_by, _("%(name)s closed this incident already.") % {"name": incident.closed_by}
    )
