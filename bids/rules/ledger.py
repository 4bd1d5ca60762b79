"""Who may say what came of overruled advice."""

from django.utils.translation import gettext_lazy as _

from procurement.models import User
from procurement.rules import Verdict, can_read_ledger, no_unless

from .waivers import is_of_security


def can_note_outcome(actor: User) -> Verdict:
    """Security says it, by name."""
    return can_read_ledger(actor) & no_unless(
        is_of_security(actor), _("Security says what came of its advice.")
    )
