"""An exception for one requirement of one bid: proposed, signed twice, and over on a day."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from procurement.models.fields import SIGNATURE_LENGTH, Versioned

from .bid import Claim


class Waiver(Versioned):
    """That a failed gate is waived, or that the risk of an unmet scored requirement is accepted.

    It needs security and an approver, expires, and never moves the base ranking: the case is evaluated with
    and without waivers, and both are shown. One that was loaded with a case file has one name and no expiry.
    """

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="waivers", verbose_name=_("claim"))
    reason = models.TextField(_("reason"))
    control = models.TextField(_("compensating control"), blank=True)
    expires_on = models.DateField(_("expires"), null=True, blank=True)
    proposed_by = models.CharField(_("proposed by"), max_length=SIGNATURE_LENGTH, blank=True)
    proposed_at = models.DateTimeField(_("proposed"), null=True, blank=True)
    security_by = models.CharField(_("agreed by security"), max_length=SIGNATURE_LENGTH, blank=True)
    security_at = models.DateTimeField(_("agreed"), null=True, blank=True)
    approved_by = models.CharField(_("approved by"), max_length=SIGNATURE_LENGTH, blank=True)
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    refused_by = models.CharField(_("refused by"), max_length=SIGNATURE_LENGTH, blank=True)
    refused_at = models.DateTimeField(_("refused"), null=True, blank=True)
    refused_reason = models.TextField(_("reason of the refusal"), blank=True)
    loaded = models.BooleanField(_("loaded with a case"), default=False, editable=False)

    class Meta:
        ordering: ClassVar = ["pk"]
        verbose_name = _("waiver")
        verbose_name_plural = _("waivers")
        constraints: ClassVar = [
            models.CheckConstraint(name="waiver_with_reason", condition=~models.Q(reason="")),
            models.CheckConstraint(
                name="waiver_expires_unless_loaded",
                condition=models.Q(loaded=True) | models.Q(expires_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.claim}"

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
