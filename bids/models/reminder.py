"""Which reminders went out on which day."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from procurement.models import User


class SentReminder(models.Model):
    """That a person was reminded of a thing on a day, in Taipei, so that it is not said twice that day."""

    person = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("person"))
    day = models.DateField(_("day"))
    #: What it was about: kind and key of the row.
    matter = models.CharField(_("matter"), max_length=200)

    class Meta:
        verbose_name = _("reminder sent")
        verbose_name_plural = _("reminders sent")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "day", "matter"], name="reminder_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.matter}"
