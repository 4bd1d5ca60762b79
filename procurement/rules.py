"""Who may do what in the procurement wing, and why not.

A rule answers with a `Verdict`. Actions enforce it; pages ask it to grey out a button and to say why.
"""

from dataclasses import dataclass
from typing import Self

from django.core.exceptions import PermissionDenied
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from procurement.choices import MOVES, Role, Stage
from procurement.models import Tender, User


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
