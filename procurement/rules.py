"""Who may do what in the procurement wing, and why not.

A rule answers with a `Verdict`. Actions enforce it; pages ask it to grey out a button and to say why.
"""

from dataclasses import dataclass
from typing import Self

from django.core.exceptions import PermissionDenied
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from procurement.choices import MOVES, SECURITY_SIDE, Exposure, Role, Stage, UnitKind
from procurement.models import Lowering, RegisterEntry, Tender, User


class Forbidden(PermissionDenied):
    """A rule said no. `str()` is its reason in the reader's language."""


@dataclass(frozen=True)
class Verdict:
    """Yes, or no with a reason; a no is falsy."""

    allowed: bool
    reason: str | Promise = ""

    def __bool__(self) -> bool:
        return self.allowed

    def __and__(self, other: Self) -> Self:
        """Both; the first no wins."""
        return other if self else self

    def enforce(self) -> None:
        """Raise `Forbidden` with the reason unless allowed."""
        if not self:
            raise Forbidden(str(self.reason))


YES = Verdict(True)


def no_unless(condition: bool, reason: str | Promise) -> Verdict:
    """Yes when the condition holds, else no for the reason."""
    return YES if condition else Verdict(False, reason)


def has_role(actor: User, *roles: Role) -> Verdict:
    """Whether the person has one of the roles."""
    wanted = " / ".join(str(role.label) for role in roles)
    return no_unless(
        actor.role in roles,
        _("This is for: %(roles)s.") % {"roles": wanted} if actor.role not in roles else "",
    )


def can_move(tender: Tender, stage: Stage) -> Verdict:
    """Whether the tender may go to the stage from where it stands."""
    return no_unless(
        stage in MOVES[Stage(tender.stage)],
        _("The tender is at “%(now)s” and cannot go to “%(next)s”.")
        % {"now": tender.get_stage_display(), "next": stage.label},
    )


def can_list_tenders(actor: User) -> Verdict:
    """Everybody looks at tenders but administrators, who run the site and buy nothing."""
    return has_role(actor, *(role for role in Role if role is not Role.ADMINISTRATOR))


def can_export_tenders(actor: User) -> Verdict:
    """The bank takes the list of tenders along; vendors look at it."""
    return has_role(actor, Role.OFFICER, Role.MEMBER, Role.APPROVER, Role.AUDITOR)


def can_create_tender(actor: User) -> Verdict:
    """Officers write tenders."""
    return has_role(actor, Role.OFFICER)


def can_edit_tender(actor: User, tender: Tender) -> Verdict:
    """Officers edit a specification until it is published; then it is frozen."""
    return has_role(actor, Role.OFFICER) & no_unless(
        tender.is_draft(), _("The specification was published and is frozen.")
    )


def can_publish(actor: User, tender: Tender) -> Verdict:
    """Officers publish a draft. What is missing is asked of the specification itself, not of this rule."""
    return has_role(actor, Role.OFFICER) & can_move(tender, Stage.PUBLISHED)


def can_cancel(actor: User, tender: Tender) -> Verdict:
    """Officers cancel at any stage before the award."""
    return has_role(actor, Role.OFFICER) & can_move(tender, Stage.CANCELLED)


def can_manage_people(actor: User) -> Verdict:
    """Administrators enter people, units and vendors."""
    return has_role(actor, Role.ADMINISTRATOR)


def can_change_activity(actor: User, person: User) -> Verdict:
    """Administrators let people in and keep them out, but not themselves."""
    return can_manage_people(actor) & no_unless(
        actor.pk != person.pk, _("You cannot deactivate your own account.")
    )


def can_read_trail(actor: User) -> Verdict:
    """The whole trail is for auditors."""
    return has_role(actor, Role.AUDITOR)


# --- the intake -------------------------------------------------------------------------------------------
def can_read_intake(actor: User) -> Verdict:
    """What was answered and proposed is the bank's own; whose tenders, is a matter of the queries."""
    return has_role(actor, Role.OFFICER, Role.MEMBER, Role.APPROVER, Role.AUDITOR)


def can_answer_lowering(actor: User, lowering: Lowering) -> Verdict:
    """Security answers once, in the draft, by somebody who did not ask."""
    return (
        is_security(actor)
        & no_unless(
            not lowering.answer, _("%(name)s answered this already.") % {"name": lowering.answered_by}
        )
        & no_unless(actor.pk != lowering.asker_id, _("You asked for this: somebody else answers."))
        & no_unless(lowering.intake.tender.is_draft(), _("The specification was published and is frozen."))
    )


# --- catalogues -------------------------------------------------------------------------------------------
def can_read_catalogues(actor: User) -> Verdict:
    """Catalogues are read by everybody of the bank who works on tenders."""
    return has_role(actor, Role.OFFICER, Role.MEMBER, Role.APPROVER, Role.AUDITOR)


def can_load_catalogues(actor: User) -> Verdict:
    """Officers and people of security bring catalogues in."""
    return has_role(actor, Role.OFFICER, Role.MEMBER, Role.APPROVER) & no_unless(
        actor.role == Role.OFFICER or (actor.unit is not None and actor.unit.kind == UnitKind.SECURITY),
        _("Catalogues are loaded by procurement officers and by people of a security unit."),
    )


# --- the register of exceptions ---------------------------------------------------------------------------
def can_read_ledger(actor: User) -> Verdict:
    """The ledger of overruled advice: auditors, approvers, officers, and members of security and IT."""
    return has_role(actor, Role.AUDITOR, Role.APPROVER, Role.OFFICER, Role.MEMBER) & no_unless(
        actor.role != Role.MEMBER or (actor.unit is not None and actor.unit.kind in SECURITY_SIDE),
        _("The ledger is read by auditors, approvers, officers, and members of security and IT."),
    )


def can_read_board(actor: User) -> Verdict:
    """The board's page: officers, approvers, auditors, and members of a management unit."""
    return has_role(actor, Role.OFFICER, Role.APPROVER, Role.AUDITOR, Role.MEMBER) & no_unless(
        actor.role != Role.MEMBER or (actor.unit is not None and actor.unit.kind == UnitKind.MANAGEMENT),
        _("The board’s page is read by officers, approvers, auditors, and members of management."),
    )


def can_read_register(actor: User) -> Verdict:
    """The register is the bank's own; which entries a person sees is a matter of the queries."""
    return has_role(actor, Role.OFFICER, Role.MEMBER, Role.APPROVER, Role.AUDITOR)


def can_request_entry(actor: User) -> Verdict:
    """Whoever works with systems asks; auditors read."""
    return has_role(actor, Role.OFFICER, Role.MEMBER, Role.APPROVER)


def is_security(actor: User) -> Verdict:
    """Whether the person speaks for security: a member, or an approver, of a unit of that side."""
    return has_role(actor, Role.MEMBER, Role.APPROVER) & no_unless(
        actor.unit is not None and actor.unit.kind == UnitKind.SECURITY,
        _("Security answers: this is for members and approvers of a security unit."),
    )


def _is_no_party(actor: User, entry: RegisterEntry) -> Verdict:
    """Whether the person neither proposed the entry nor answers for it as its owner."""
    return no_unless(
        actor.pk not in (entry.proposer_id, entry.owner_id),
        _("You proposed this or are its owner: somebody else answers."),
    )


def can_advise(actor: User, entry: RegisterEntry) -> Verdict:
    """Security answers a request once, by somebody who did not propose it and does not own it."""
    return (
        is_security(actor)
        & no_unless(not entry.advice, _("%(name)s answered this already.") % {"name": entry.advised_by})
        & _is_no_party(actor, entry)
    )


def can_decide(actor: User, entry: RegisterEntry) -> Verdict:
    """An approver outside the proposing unit decides once, after security, and in another person."""
    return (
        has_role(actor, Role.APPROVER)
        & no_unless(bool(entry.advice), _("Security has not answered yet: nobody decides before."))
        & no_unless(not entry.decision, _("%(name)s decided this already.") % {"name": entry.decided_by})
        & _is_no_party(actor, entry)
        & no_unless(actor.unit_id != entry.unit_id, _("An approver outside the proposing unit decides."))
        & no_unless(actor.pk != entry.adviser_id, _("You answered for security: somebody else decides."))
    )


def can_close_entry(actor: User, entry: RegisterEntry) -> Verdict:
    """The owner closes what was granted, and says what was done."""
    return no_unless(actor.pk == entry.owner_id, _("The owner of the exception closes it.")) & no_unless(
        entry.is_standing, _("Only what was granted, and is neither closed nor prolonged, can be closed.")
    )


def can_prolong(actor: User, entry: RegisterEntry) -> Verdict:
    """What stands is prolonged by a new request that names it, and by nothing else."""
    return can_request_entry(actor) & no_unless(
        entry.is_standing, _("Only what was granted, and is neither closed nor prolonged, can be prolonged.")
    )


def can_renew(actor: User, entry: RegisterEntry) -> Verdict:
    """The same on the register's own pages, where going live cannot be asked for."""
    return can_prolong(actor, entry) & no_unless(
        entry.kind != Exposure.GOING_LIVE,
        _("This one is prolonged from the promises of its tender."),
    )
