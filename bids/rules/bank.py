"""What the rules of every step share."""

from django.utils.translation import gettext_lazy as _

from procurement.choices import Role, Stage
from procurement.models import Tender
from procurement.rules import Verdict, no_unless

#: The roles of the bank that follow a tender.
BANK = (Role.OFFICER, Role.MEMBER, Role.APPROVER, Role.AUDITOR)


def at_stage(tender: Tender, *stages: Stage) -> Verdict:
    """Whether the tender stands at one of the stages."""
    return no_unless(
        tender.stage in stages,
        _("This belongs to the stage “%(stage)s”; the tender is at “%(now)s”.")
        % {"stage": stages[0].label, "now": tender.get_stage_display()},
    )
