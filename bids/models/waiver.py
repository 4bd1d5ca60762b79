"""An exception for one requirement of one bid: proposed, signed twice, and over on a day."""

from datetime import date, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bids.choices import WaiverState
from procurement.models import User
from procurement.models.fields import SIGNATURE_LENGTH, Versioned

from .bid import Claim

#: Days before the end from which a follow-up may be proposed, and people are reminded.
SOON = timedelta(days=14)


def _different(one: str, other: str) -> Q:
    """That two people, where both are known, are not the same."""
    return ~Q(**{one: F(other), f"{one}__isnull": False, f"{other}__isnull": False})


class Waiver(Versioned):
    """That a failed gate is waived, or that the risk of an unmet scored requirement is accepted.

    It needs security and an approver, expires, and never moves the base ranking: the case is evaluated with
    and without waivers, and both are shown. One that was loaded with a case file has one name and no expiry.

    Names are copied when somebody signs; the keys of the people beside them only keep anybody from signing
    twice.
    """

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="waivers", verbose_name=_("claim"))
    reason = models.TextField(_("reason"))
    control = models.TextField(_("compensating control"), blank=True)
    expires_on = models.DateField(_("expires"), null=True, blank=True)
    proposed_by = models.CharField(_("proposed by"), max_length=SIGNATURE_LENGTH, blank=True)
    proposed_at = models.DateTimeField(_("proposed"), null=True, blank=True)
    proposer = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+")
    security_by = models.CharField(_("agreed by security"), max_length=SIGNATURE_LENGTH, blank=True)
    security_at = models.DateTimeField(_("agreed"), null=True, blank=True)
    security_signer = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+")
    approved_by = models.CharField(_("approved by"), max_length=SIGNATURE_LENGTH, blank=True)
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    approver = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+")
    refused_by = models.CharField(_("refused by"), max_length=SIGNATURE_LENGTH, blank=True)
    refused_at = models.DateTimeField(_("refused"), null=True, blank=True)
    refused_reason = models.TextField(_("reason of the refusal"), blank=True)
    loaded = models.BooleanField(_("loaded with a case"), default=False, editable=False)

    class Meta:
        ordering: ClassVar = ["pk"]
        verbose_name = _("waiver")
        verbose_name_plural = _("waivers")
        constraints: ClassVar = [
            models.CheckConstraint(name="waiver_with_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="waiver_expires_unless_loaded",
                condition=Q(loaded=True) | Q(expires_on__isnull=False),
            ),
            models.CheckConstraint(
                name="waiver_nobody_signs_twice",
                condition=_different("proposer", "security_signer")
                & _different("proposer", "approver")
                & _different("security_signer", "approver"),
            ),
            models.CheckConstraint(
                name="waiver_refused_by_name_with_reason",
                condition=Q(refused_by="", refused_reason="") | ~Q(refused_by="") & ~Q(refused_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.claim}"

    @property
    def word(self) -> str:
        """What it is called: a gate is waived, the risk of anything else is accepted."""
        return str(_("Waiver") if self.claim.requirement.mandatory else _("Accepted risk"))

    def state(self, today: date) -> WaiverState:
        """Where it stands on the day, in Taipei."""
        if self.refused_by:
            return WaiverState.REFUSED
        if self.is_in_force(today):
            return WaiverState.IN_FORCE
        over = self.expires_on is not None and self.expires_on < today
        return WaiverState.LAPSED if over else WaiverState.PROPOSED

    def ends_soon(self, today: date) -> bool:
        """Whether it is in force and ends within two weeks."""
        return self.is_in_force(today) and self.expires_on is not None and self.expires_on - today <= SOON

    def is_in_force(self, today: date) -> bool:
        """Whether both have signed and the last day, in Taipei, is not over."""
        if self.refused_by or not self.approved_by:
            return False
        return self.loaded or (
            bool(self.security_by) and self.expires_on is not None and today <= self.expires_on
        )

    @property
    def signed_by(self) -> str:
        """Who waived, as the case file names it."""
        return "; ".join(name for name in (self.approved_by, self.security_by) if name)
