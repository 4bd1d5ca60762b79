"""Who may write, hand in and withdraw a bid."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from bids.models import Bid
from bids.queries import closing_of, is_invited, needs_confirmation, standing_submission
from procurement import clock
from procurement.audit import standing
from procurement.choices import Role, Stage
from procurement.models import Tender, User
from procurement.rules import Verdict, has_role, no_unless


def can_read_own_bid(actor: User) -> Verdict:
    """The bid page is the vendor's own."""
    return has_role(actor, Role.VENDOR)


def can_bid(actor: User, tender: Tender, now: datetime) -> Verdict:
    """Vendors write, hand in, replace and withdraw a bid before the deadline; at the deadline it is late."""
    return (
        has_role(actor, Role.VENDOR)
        & _is_invited(actor, tender)
        & _is_open_for_bids(tender, now)
        & _clock_is_right(now)
        & _trail_is_whole()
    )


def _is_open_for_bids(tender: Tender, now: datetime) -> Verdict:
    if tender.is_open_for_bids(now):
        # The clock may have gone back a little, or differ from that of another machine.
        return no_unless(closing_of(tender) is None, _("Bidding is closed and signed: nothing was accepted."))
    if tender.stage in (Stage.DRAFT, Stage.CANCELLED) or tender.deadline is None:
        return Verdict(False, _("This tender takes no bids."))
    return Verdict(False, _("The deadline has passed: nothing was accepted, and your draft was kept."))


def _is_invited(actor: User, tender: Tender) -> Verdict:
    return no_unless(is_invited(actor, tender), _("Only invited vendors bid on this tender."))


def is_late(tender: Tender, now: datetime) -> bool:
    """Whether the deadline has passed; at the deadline itself it has."""
    return tender.deadline is not None and now >= tender.deadline


def can_send(actor: User, tender: Tender) -> Verdict:
    """Vendors send bids to a tender that takes any; one that comes late is refused on record."""
    takes_bids = tender.stage not in (Stage.DRAFT, Stage.CANCELLED) and tender.deadline is not None
    return (
        has_role(actor, Role.VENDOR)
        & _is_invited(actor, tender)
        & no_unless(takes_bids, _("This tender takes no bids."))
    )


def can_only_be_late(tender: Tender, now: datetime) -> Verdict:
    """A bid is refused for being late only when it is."""
    return no_unless(is_late(tender, now), _("The deadline has not passed yet."))


def can_confirm(actor: User, bid: Bid, now: datetime) -> Verdict:
    """The vendor lets its bid stand under an amendment, until the deadline."""
    return (
        can_bid(actor, bid.tender, now)
        & no_unless(bid.vendor_id == actor.vendor_id, _("This is another vendor's bid."))
        & no_unless(needs_confirmation(bid), _("There is nothing to confirm."))
    )


def _clock_is_right(now: datetime) -> Verdict:
    """A clock that was set back would let late bids in."""
    return no_unless(
        not clock.behind(now),
        _("No bids are taken at the moment: the server's clock went back. Your draft was kept."),
    )


def _trail_is_whole() -> Verdict:
    """What was acknowledged since a backup was made is missing after it was restored."""
    return no_unless(
        not standing.is_another_database(),
        _("No bids are taken at the moment: the bank restored a backup, and has to settle that first."),
    )


def can_withdraw(actor: User, bid: Bid, now: datetime) -> Verdict:
    """The vendor withdraws what it handed in, until the deadline."""
    return (
        can_bid(actor, bid.tender, now)
        & no_unless(bid.vendor_id == actor.vendor_id, _("This is another vendor's bid."))
        & no_unless(standing_submission(bid) is not None, _("There is no bid to withdraw."))
    )
