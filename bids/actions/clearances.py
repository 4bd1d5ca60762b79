"""Signing a draft off before it is published: security, and the unit that answers for the system."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bids import queries, rules
from bids.cases import publication_fingerprint, publication_text
from procurement import audit
from procurement.actions.changes import signature
from procurement.actions.locking import Stale
from procurement.choices import ClearanceSide
from procurement.models import Clearance, Tender, User
from procurement.templatetags.figures import moment


@dataclass(frozen=True)
class Signing:
    """Where one side's signature stands: `row` under this text, else `lapsed`, under an earlier one."""

    side: ClearanceSide
    row: Clearance | None
    lapsed: Clearance | None

    @property
    def text(self) -> str:
        """It in a sentence."""
        name = self.side.label
        if self.row is not None:
            words = {"side": name, "name": self.row.signed_by}
            return _("Signed off for %(side)s by %(name)s.") % words
        if self.lapsed is not None:
            return _(
                "%(name)s signed off for %(side)s on %(moment)s; the draft changed since and needs it again."
            ) % {"name": self.lapsed.signed_by, "side": name, "moment": moment(self.lapsed.signed_at)}
        return _("Not signed off: %(side)s.") % {"side": name}

    def who(self, tender: Tender) -> str:
        """Who can sign."""
        if self.side == ClearanceSide.SECURITY:
            return _("A member or an approver of a security unit")
        unit = tender.owner_unit
        return _("A member or an approver of %(unit)s") % {"unit": unit} if unit else ""


def signings_of(tender: Tender, fingerprint: str) -> Iterator[Signing]:
    """Both sides, against the text with that fingerprint."""
    rows = list(tender.clearances.order_by("signed_at", "pk"))
    latest = {row.side: row for row in rows}
    standing = {row.side: row for row in rows if row.fingerprint == fingerprint}
    for side in ClearanceSide:
        row = standing.get(side)
        yield Signing(side, row, None if row else latest.get(side))


def sign_off_draft(
    *, actor: User, tender: Tender, side: ClearanceSide, seen: str, now: datetime
) -> Clearance:
    """Put the actor's name under the draft for one side.

    `seen` is the fingerprint of what the actor had on screen. Raises `Forbidden`, and `Stale` when the draft
    changed meanwhile.
    """
    with transaction.atomic():
        tender = Tender.objects.select_for_update().get(pk=tender.pk)
        found = publication_fingerprint(publication_text(tender))
        rules.can_sign_off_draft(actor, tender, side, queries.clearances_of(tender, found)).enforce()
        if seen != found:
            raise Stale(_("The draft changed while you were looking at it. Nothing was signed."))
        row = Clearance.objects.create(
            tender=tender,
            side=side,
            fingerprint=found,
            signer=actor,
            signed_by=signature(actor),
            signed_at=now,
        )
        audit.record(
            actor=actor,
            action="sign off draft",
            object=row.pk,
            now=now,
            tender=tender,
            side=str(side),
            fingerprint=found,
        )
    return row
