"""The award: who decided what, why, and on which figures."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from procurement.models import Tender
from procurement.models.fields import SIGNATURE_LENGTH

from .bid import Bid


class Award(models.Model):
    """The decision by name, with the case and the result as they stood, frozen."""

    tender = models.OneToOneField(Tender, models.PROTECT, related_name="award", verbose_name=_("tender"))
    bid = models.OneToOneField(Bid, models.PROTECT, related_name="award", verbose_name=_("bid"))
    reason = models.TextField(_("reason"))
    awarded_by = models.CharField(_("awarded by"), max_length=SIGNATURE_LENGTH)
    awarded_at = models.DateTimeField(_("awarded"))
    #: Canonical JSON of the case file and of the result file.
    case_text = models.TextField(editable=False)
    result_text = models.TextField(editable=False)
    fingerprint = models.CharField(_("ranking fingerprint"), max_length=71)

    class Meta:
        verbose_name = _("award")
        verbose_name_plural = _("awards")
        constraints: ClassVar = [
            models.CheckConstraint(
                name="award_with_name_and_reason",
                condition=~models.Q(awarded_by="") & ~models.Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tender} → {self.bid}"
