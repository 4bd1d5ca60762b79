"""Who may see the ranking, warn, answer and award."""

from django.utils.translation import gettext_lazy as _

from bids.models import Objection
from procurement.choices import Role, Stage
from procurement.models import Tender, User
from procurement.rules import Verdict, can_move, has_role, no_unless

from .bank import BANK


def can_see_ranking(actor: User, tender: Tender) -> Verdict:
    """The bank from the opening of prices on; a vendor that took part, once the award is made."""
    if actor.role == Role.VENDOR:
        return no_unless(
            tender.stage == Stage.AWARDED, _("The outcome is shown to bidders once the award is made.")
        )
    return has_role(actor, *BANK) & no_unless(
        tender.is_priced,
        _("Prices, totals and places are shown once the marks are locked and prices are open."),
    )


def can_export(actor: User, tender: Tender) -> Verdict:
    """Case, result and workbook hold every mark and price: for the bank, once it may see the ranking."""
    return has_role(actor, *BANK) & can_see_ranking(actor, tender)


def can_present(actor: User, tender: Tender) -> Verdict:
    """Officers put the ranking before the approver."""
    return has_role(actor, Role.OFFICER) & can_move(tender, Stage.RANKED)


def can_object(actor: User, tender: Tender) -> Verdict:
    """Panel members of the tender raise warnings from the opening of bids until the award."""
    return (
        has_role(actor, Role.MEMBER)
        & no_unless(
            tender.owner_id == actor.pk or actor.seats.filter(tender=tender).exists(),
            _("You are not on the panel of this tender."),
        )
        & no_unless(
            tender.is_opened and tender.stage != Stage.AWARDED,
            _("Warnings are raised between the opening of bids and the award."),
        )
    )


def can_read_objections(actor: User) -> Verdict:
    """Warnings are the bank's own."""
    return has_role(actor, *BANK)


def can_answer_objection(actor: User, objection: Objection) -> Verdict:
    """Approvers answer, once, as long as the tender goes on."""
    return (
        has_role(actor, Role.APPROVER)
        & no_unless(objection.tender.stage != Stage.CANCELLED, _("This tender was cancelled."))
        & no_unless(
            objection.is_open, _("%(name)s answered this warning already.") % {"name": objection.answered_by}
        )
    )


def can_award(actor: User, tender: Tender) -> Verdict:
    """An approver who did not mark awards, when no warning is unanswered."""
    return (
        has_role(actor, Role.APPROVER)
        & can_move(tender, Stage.AWARDED)
        & no_unless(
            not actor.seats.filter(tender=tender).exists(),
            _("Who sits on the panel cannot award the tender."),
        )
        & no_unless(
            not tender.objections.filter(answer="").exists(),
            _("A security warning is unanswered: it must be answered by name first."),
        )
    )
