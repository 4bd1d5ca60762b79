"""Who may see the ranking, and put it forward."""

from django.utils.translation import gettext_lazy as _

from bids.queries import is_kept_apart, last_award_of, may_read_ranking
from procurement.choices import Role, Stage
from procurement.models import Tender, User
from procurement.rules import Verdict, has_role, no_unless

from .bank import BANK, at_stage


def can_see_ranking(actor: User, tender: Tender) -> Verdict:
    """The bank from the opening of prices on; a vendor that took part, once the award is made.

    While bids are marked again it is hidden: it would tell what others gave. A member who is kept from a bid
    of the tender never sees it: it holds that bid.
    """
    if actor.role == Role.VENDOR:
        awarded = tender.stage == Stage.AWARDED or (
            tender.stage in (Stage.RANKED, Stage.CANCELLED) and last_award_of(tender) is not None
        )
        return no_unless(awarded, _("The outcome is shown to bidders once the award is made."))
    shown = has_role(actor, *BANK) & no_unless(
        tender.is_priced,
        _("Prices, totals and places are shown once the marks are locked and prices are open."),
    )
    return shown & is_not_kept_apart(actor, tender) & _is_not_marked_again(actor, tender) if shown else shown


def _is_not_marked_again(actor: User, tender: Tender) -> Verdict:
    """Whether no round is under way of which the ranking would tell."""
    return no_unless(
        may_read_ranking(actor, tender),
        _("Bids are being marked again; the ranking is shown once every sheet of this round is submitted."),
    )


def is_not_kept_apart(actor: User, tender: Tender) -> Verdict:
    """Whether the person is kept from no bid: a ranking shows all of them."""
    return no_unless(
        not is_kept_apart(actor, tender),
        _("You are kept from a bid of this tender, and the ranking shows every bid."),
    )


def can_export(actor: User, tender: Tender) -> Verdict:
    """Case, result and workbook hold every mark and price: for the bank, once it may see the ranking."""
    return has_role(actor, *BANK) & can_see_ranking(actor, tender)


def can_present(actor: User, tender: Tender) -> Verdict:
    """Officers put the ranking before the approver."""
    return has_role(actor, Role.OFFICER) & at_stage(tender, Stage.PRICE_OPENED)
