"""Sign-offs of a draft: two people put their names under what it says before it is published."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from procurement.choices import ClearanceSide

from .fields import SIGNATURE_LENGTH
from .people import User
from .tender import Tender


class Clearance(models.Model):
    """One side's signature under a draft as it stood, by its fingerprint. It never changes.

    It stands as long as the draft has that fingerprint: what is changed afterwards is signed again.
    """

    tender = models.ForeignKey(Tender, models.CASCADE, related_name="clearances", verbose_name=_("tender"))
    side = models.CharField(_("side"), max_length=10, choices=ClearanceSide)
    #: `sha256:` and 64 hex digits, as publication would give it.
    fingerprint = models.CharField(_("fingerprint"), max_length=71)
    signer = models.ForeignKey(User, models.PROTECT, related_name="+")
    signed_by = models.CharField(_("signed by"), max_length=SIGNATURE_LENGTH)
    signed_at = models.DateTimeField(_("signed"))

    class Meta:
        ordering: ClassVar = ["signed_at", "pk"]
        verbose_name = _("sign-off of a draft")
        verbose_name_plural = _("sign-offs of drafts")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tender", "side", "fingerprint"], name="clearance_once_a_side_and_fingerprint"
            ),
            models.CheckConstraint(name="clearance_by_name", condition=~models.Q(signed_by="")),
        ]

    def __str__(self) -> str:
        return f"{self.tender.reference} {self.get_side_display()}"
