"""Another approver is named where both that the tender names can answer no more."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bids import rules
from bids.actions.submission import signature
from procurement import audit
from procurement.actions.locking import enforce_and_lock
from procurement.models import Tender, User


def name_approver(*, actor: User, tender: Tender, approver: User, reason: str, now: datetime) -> Tender:
    """Put a person above the units in the approver's place, by name and with a reason.

    What was published stays. Raises `Forbidden` while one of the two named can answer, and
    `ValidationError` for somebody who does not stand above, and without a reason.
    """
    if not reason:
        raise ValidationError({"reason": _("Say why somebody else is named.")})
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_name_approver, actor, tender)
        above = rules.stands_above(approver, tender)
        if not above:
            raise ValidationError({"approver": str(above.reason)})
        before = {"approver": tender.approver, "next_above": tender.escalation}
        tender.approver = approver
        tender.save(update_fields=["approver"])
        audit.record(
            actor=actor,
            action="name another approver",
            object=tender,
            now=now,
            tender=tender,
            approver=signature(approver),
            in_place_of={part: signature(person) for part, person in before.items() if person},
            reason=reason,
        )
    return tender
