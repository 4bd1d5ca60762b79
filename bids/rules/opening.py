"""Who may name the bidders, and open bids and prices."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from procurement.choices import Role, Stage
from procurement.models import Tender, User
from procurement.rules import Verdict, can_move, has_role, no_unless

from .bank import BANK, at_stage


def can_read_opening(actor: User) -> Verdict:
    """Everybody of the bank who may know of the tender may read its opening record."""
    return has_role(actor, *BANK)


def can_read_bids(actor: User, tender: Tender) -> Verdict:
    """The bank reads bids once they are opened, and not a moment sooner."""
    return has_role(actor, *BANK) & no_unless(tender.is_opened, _("The bids have not been opened yet."))


def can_name_bidders(actor: User, tender: Tender, now: datetime) -> Verdict:
    """Officers say who bid once bidding is over, so that the panel can declare its interests."""
    return (
        has_role(actor, Role.OFFICER)
        & can_move(tender, Stage.BIDDERS_NAMED)
        & no_unless(tender.is_closed(now), _("Bids stay closed until the deadline has passed."))
    )


def can_open_technical(actor: User, tender: Tender) -> Verdict:
    """Officers open bids, prices apart, once the bidders are named.

    Whose declaration is missing is asked of the panel itself, not of this rule.
    """
    return has_role(actor, Role.OFFICER) & can_move(tender, Stage.TECHNICAL_OPENED)


def can_run_panel(actor: User, tender: Tender) -> Verdict:
    """Officers exclude bids while they are verified and marked."""
    return has_role(actor, Role.OFFICER) & at_stage(tender, Stage.TECHNICAL_OPENED)


def can_lock_marks(actor: User, tender: Tender) -> Verdict:
    """Officers lock the marks. Whose sheets are missing is asked of the panel itself, not of this rule."""
    return has_role(actor, Role.OFFICER) & can_move(tender, Stage.TECHNICAL_LOCKED)


def can_open_prices(actor: User, tender: Tender) -> Verdict:
    """Officers open the prices once the marks are locked."""
    return (
        has_role(actor, Role.OFFICER)
        & no_unless(
            tender.stage != Stage.TECHNICAL_OPENED, _("Prices stay closed until the marks are locked.")
        )
        & can_move(tender, Stage.PRICE_OPENED)
    )


def can_record_evaluation(actor: User, tender: Tender, now: datetime) -> Verdict:
    """Officers enter an evaluation held on paper, where bidding is over and no bid came in here."""
    return has_role(actor, Role.OFFICER) & no_unless(
        tender.is_closed(now), _("This is possible between the deadline and the opening.")
    )
