"""What waits of the intake: proposals that somebody wants to lower, for security to answer."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from procurement.models import User
from procurement.queries import lowerings_waiting
from procurement.rules import is_security

from .tasks import Task


def lowerings(user: User) -> Iterator[Task]:
    """Requests to ask for less than is proposed, where the person speaks for security."""
    if not is_security(user):
        return
    for row in lowerings_waiting(user):
        tender = row.intake.tender
        url = f"{reverse('intake', args=[tender.pk])}#lowering-{row.number}"
        yield Task(_("Answer a lowered proposal"), tender, tender.deadline, row.reason, url, _("Answer"))
