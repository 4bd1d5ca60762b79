"""Drafts that wait for a signature before they are published."""

from collections.abc import Iterator, Mapping

from django.urls import reverse
from django.utils.translation import gettext as _

from bids import queries
from bids.cases import publication_fingerprint, publication_text
from bids.rules.publication import can_sign_off_draft
from procurement.choices import ClearanceSide
from procurement.models import Clearance, Tender, User

from .tasks import Task


def drafts_to_sign(user: User) -> Iterator[Task]:
    """One line for each side of a draft that the person may sign now."""
    for tender in queries.drafts_to_sign(user):
        signed = _signed(tender)
        for side in ClearanceSide:
            if can_sign_off_draft(user, tender, side, signed):
                url = reverse("tender", args=[tender.pk])
                detail = _("For: %(side)s") % {"side": side.label}
                yield Task(_("Sign the draft off"), tender, tender.deadline, detail, url, _("To the draft"))


def _signed(tender: Tender) -> Mapping[str, Clearance]:
    """The signatures under the draft as it stands; what it says is only asked where there is any."""
    rows = list(tender.clearances.all())
    if not rows:
        return {}
    found = publication_fingerprint(publication_text(tender))
    return {row.side: row for row in rows if row.fingerprint == found}
