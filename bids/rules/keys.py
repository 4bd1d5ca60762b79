"""Who may hold an opening key."""

from django.utils.translation import gettext_lazy as _

from bids.choices import Envelope
from procurement.choices import Role, Stage
from procurement.models import Tender, User
from procurement.rules import Verdict, has_role, no_unless

from .bank import BANK, at_stage


def can_hold_key(actor: User) -> Verdict:
    """Anybody of the bank who follows tenders; never its administrator, who has the machine already."""
    return has_role(actor, *BANK)


def can_appoint_opening_officers(actor: User, tender: Tender) -> Verdict:
    """Officers name who opens the bids, until the publication."""
    return has_role(actor, Role.OFFICER) & at_stage(tender, Stage.DRAFT)


def can_unlock(actor: User, tender: Tender, envelope: Envelope) -> Verdict:
    """The tender's opening officers, once bidders are named; prices once the marks are locked."""
    stages = {Envelope.TECHNICAL: Stage.BIDDERS_NAMED, Envelope.PRICE: Stage.TECHNICAL_LOCKED}
    opens = tender.opening_officers.filter(user=actor, replaced_at=None).exists()
    return no_unless(opens, _("Only the opening officers of this tender open its bids.")) & at_stage(
        tender, stages[envelope]
    )
