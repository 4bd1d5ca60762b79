"""Who may object, answer, and say what became of it."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from bids.choices import FREEZING, ObjectionState
from bids.models import Bid, Condition, Objection
from bids.queries import Standing, bids_visible_to, freezes, objections_visible_to, standing
from procurement.choices import Role, Stage, UnitKind
from procurement.models import Tender, User
from procurement.rules import YES, Verdict, has_role, no_unless

from .bank import BANK

_RUNNING = frozenset(Stage) - {Stage.AWARDED, Stage.CANCELLED}


def _is_running(tender: Tender) -> Verdict:
    return no_unless(
        tender.stage in _RUNNING, _("The tender is over: objections are raised and answered until the award.")
    )


def can_object(actor: User, tender: Tender) -> Verdict:
    """Members of a security unit, the owner and the panel object until the award, also to a draft."""
    of_security = actor.unit is not None and actor.unit.kind == UnitKind.SECURITY
    return (
        has_role(actor, Role.MEMBER, Role.APPROVER)
        & no_unless(
            of_security or tender.owner_id == actor.pk or actor.seats.filter(tender=tender).exists(),
            _("Members of security and of this tender’s panel raise objections."),
        )
        & _is_running(tender)
    )


def can_object_to(actor: User, bid: Bid) -> Verdict:
    """The same for one bid, which the person must be allowed to read."""
    return can_object(actor, bid.tender) & no_unless(
        bids_visible_to(actor).filter(pk=bid.pk).exists(),
        _("You do not read the bids of this tender; you may object to what it asks."),
    )


def can_read_objections(actor: User) -> Verdict:
    """Objections are the bank's own."""
    return has_role(actor, *BANK)


def can_answer_objection(actor: User, objection: Objection, now: datetime) -> Verdict:
    """The approver answers once, "next above" as well when the answer is overdue, and never who proposed."""
    return (
        has_role(actor, Role.APPROVER)
        & _is_running(objection.tender)
        & _waits(standing(objection, now))
        & _is_named(actor, objection, now)
        & is_above(actor, objection)
    )


def _waits(row: Standing) -> Verdict:
    return no_unless(
        row.waits,
        _("%(name)s answered this objection already.") % {"name": row.answer.answered_by}
        if row.answer
        else _("This objection was withdrawn."),
    )


def _is_named(actor: User, objection: Objection, now: datetime) -> Verdict:
    tender = objection.tender
    if tender.approver is None:
        return Verdict(False, _("No approver is named for this tender, so nobody can answer."))
    if actor.pk == tender.approver_id:
        return YES
    if actor.pk == tender.escalation_id:
        return no_unless(
            objection.due_at <= now,
            _("%(name)s answers; you do once it is overdue.") % {"name": tender.approver},
        )
    return Verdict(False, _("%(name)s answers objections to this tender.") % {"name": tender.approver})


def is_above(actor: User, objection: Objection) -> Verdict:
    """Whether the person did not propose: not raiser, officer, owner or panel, nor of one of their units."""
    tender = objection.tender
    return (
        no_unless(actor.pk != objection.raiser_id, _("Who raised the objection does not answer it."))
        & no_unless(
            actor.pk not in (tender.officer_id, tender.owner_id)
            and not actor.seats.filter(tender=tender).exists(),
            _("The officer, the owner and the panel of a tender do not answer objections to it."),
        )
        & no_unless(
            actor.unit_id not in (objection.unit_id, tender.owner_unit_id),
            _("People of the raising and of the proposing unit do not answer: it takes somebody above both."),
        )
    )


def can_withdraw_objection(actor: User, objection: Objection, now: datetime) -> Verdict:
    """Who raised it withdraws it while no answer stands."""
    return (
        no_unless(actor.pk == objection.raiser_id, _("Only who raised the objection withdraws it."))
        & _is_running(objection.tender)
        & no_unless(
            standing(objection, now).waits, _("An objection is withdrawn before it is answered, not after.")
        )
    )


def can_state_opinion(actor: User, objection: Objection) -> Verdict:
    """The officer, the owner and the panel of the tender say what they think, for the record."""
    tender = objection.tender
    part = (
        actor.role == Role.OFFICER
        or tender.owner_id == actor.pk
        or actor.seats.filter(tender=tender).exists()
    )
    return (
        no_unless(part, _("The officer, the owner and the panel of this tender state their opinion."))
        & _is_running(tender)
        & no_unless(not objection.withdrawn_by, _("This objection was withdrawn."))
        & _may_read(actor, objection)
    )


def _may_read(actor: User, objection: Objection) -> Verdict:
    return no_unless(
        objections_visible_to(actor).filter(pk=objection.pk).exists(), _("You are recused from this bid.")
    )


def can_confirm_remedy(actor: User, objection: Objection, now: datetime) -> Verdict:
    """The unit that raised an upheld objection says that its remedy is there."""
    return (
        has_role(actor, Role.MEMBER, Role.APPROVER)
        & no_unless(
            actor.unit_id == objection.unit_id,
            _("%(unit)s raised this objection and confirms the remedy.") % {"unit": objection.unit},
        )
        & _is_running(objection.tender)
        & no_unless(
            standing(objection, now).state == ObjectionState.UPHELD,
            _("A remedy is confirmed once the objection is upheld."),
        )
        & _may_read(actor, objection)
    )


def can_meet_condition(actor: User, condition: Condition) -> Verdict:
    """The unit of a condition's owner says how it was met, once; also after the award."""
    objection = condition.answer.objection
    return (
        has_role(actor, Role.MEMBER, Role.APPROVER, Role.OFFICER)
        & no_unless(
            actor.unit_id == condition.unit_id,
            _("%(unit)s is accountable for this condition.") % {"unit": condition.unit},
        )
        & no_unless(not condition.is_met, _("This condition is met."))
        & no_unless(objection.tender.stage != Stage.CANCELLED, _("The tender was cancelled."))
        & _may_read(actor, objection)
    )


def is_free_of_objections(tender: Tender, now: datetime, bid: Bid | None = None) -> Verdict:
    """Whether no objection freezes the publication, or the award (to `bid`, where it is known)."""
    frozen = freezes(tender, now, bid)
    return Verdict(False, why_frozen(frozen[0])) if frozen else YES


def why_frozen(row: Standing) -> str:
    """The sentence that names the objection. It names no vendor."""
    if row.state not in FREEZING:
        return ""
    words = {
        ObjectionState.OPEN: _("%(objection)s is unanswered: it must be answered by name first."),
        ObjectionState.UPHELD: _("%(objection)s was upheld, and its remedy is not confirmed."),
        ObjectionState.LAPSED: _(
            "The answer to %(objection)s lapsed, because what it rests on changed: it is unanswered again."
        ),
        ObjectionState.EXPIRED: _("The acceptance in %(objection)s has expired: it is unanswered again."),
    }
    return str(words[row.state]) % {"objection": row.objection}
