"""Who hands out open data about a tender, and who takes a tender over from it."""

from procurement.models import Tender, User
from procurement.rules import Verdict, can_create_tender, has_role

from .awards import PAPER_ROLES


def can_export_release(actor: User, tender: Tender) -> Verdict:  # noqa: ARG001 - rules of a tender take it
    """Those who look after the papers, at any stage: what may not be said yet is not in the release."""
    return has_role(actor, *PAPER_ROLES)


def can_import_release(actor: User) -> Verdict:
    """Who writes tenders."""
    return can_create_tender(actor)
