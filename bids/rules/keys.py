"""Who may hold an opening key."""

from procurement.models import User
from procurement.rules import Verdict, has_role

from .bank import BANK


def can_hold_key(actor: User) -> Verdict:
    """Anybody of the bank who follows tenders; never its administrator, who has the machine already."""
    return has_role(actor, *BANK)
