"""Who puts a name under a draft before it is published."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from procurement.choices import ClearanceSide, Role
from procurement.models import Clearance, Tender, User
from procurement.rules import Verdict, has_role, is_security, no_unless


def can_sign_off_draft(
    actor: User, tender: Tender, side: ClearanceSide, standing: Mapping[str, Clearance]
) -> Verdict:
    """Security's people for security, the accountable unit's for the owner; never one person for both.

    `standing` are the signatures under the draft as it is now, by side. Who runs the tender signs nothing.
    """
    other = [row for name, row in standing.items() if name != side]
    speaks = is_security(actor) if side == ClearanceSide.SECURITY else _is_of_owner(actor, tender)
    return (
        speaks
        & no_unless(tender.is_draft(), _("The specification was published and is frozen."))
        & no_unless(actor.pk != tender.officer_id, _("You run this tender: somebody else signs it off."))
        & no_unless(
            actor.pk not in [row.signer_id for row in other],
            _("You signed for the other side: two people sign."),
        )
        & no_unless(side not in standing, _("The draft as it stands is signed off already."))
    )


def _is_of_owner(actor: User, tender: Tender) -> Verdict:
    """A member or an approver of the unit that answers for the system."""
    return (
        has_role(actor, Role.MEMBER, Role.APPROVER)
        & no_unless(
            tender.owner_unit_id is not None,
            _("No unit answers for the system yet: the officer names one, and its people sign this."),
        )
        & no_unless(
            actor.unit_id == tender.owner_unit_id,
            _("Somebody of the accountable unit signs this: %(unit)s.") % {"unit": tender.owner_unit or ""},
        )
    )
