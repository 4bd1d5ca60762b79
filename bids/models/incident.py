"""What went wrong with a vendor in operation."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from procurement.choices import Severity
from procurement.models import Tender, Vendor
from procurement.models.fields import SIGNATURE_LENGTH


class Incident(models.Model):
    """Something that happened, recorded by name. It never changes; once, a closing note is added."""

    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="incidents", verbose_name=_("vendor"))
    tender = models.ForeignKey(
        Tender, models.PROTECT, null=True, blank=True, related_name="incidents", verbose_name=_("tender")
    )
    severity = models.CharField(_("severity"), max_length=10, choices=Severity)
    happened_on = models.DateField(_("day it happened"))
    what = models.TextField(_("what happened"))
    recorded_by = models.CharField(_("recorded by"), max_length=SIGNATURE_LENGTH)
    recorded_at = models.DateTimeField(_("recorded"))
    closing_note = models.TextField(_("what came of it"), blank=True)
    closed_by = models.CharField(_("closed by"), max_length=SIGNATURE_LENGTH, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-happened_on", "-pk"]
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        constraints: ClassVar = [
            models.CheckConstraint(
                name="incident_with_name_and_words",
                condition=~models.Q(what="") & ~models.Q(recorded_by=""),
            ),
            models.CheckConstraint(
                name="incident_closed_by_name_with_note",
                condition=models.Q(closed_by="", closing_note="")
                | (~models.Q(closed_by="") & ~models.Q(closing_note="")),
            ),
        ]

    def __str__(self) -> str:
        return f"INC-{self.pk}"
