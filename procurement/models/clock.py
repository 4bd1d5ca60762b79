"""How far the clock has been seen to go."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class ClockMark(models.Model):
    """The latest time that a machine has shown since its start, kept so that a clock set back is noticed."""

    #: Names one start of one machine: processes on it share a counter that nobody can set.
    machine = models.CharField(_("machine"), max_length=100, primary_key=True)
    at = models.DateTimeField(_("latest time"))
    #: Microseconds by which the clock is ahead of that counter; a clock that is set back loses some.
    ahead = models.BigIntegerField()
    jumped_at = models.DateTimeField(_("went back at"), null=True)
    #: Microseconds.
    jumped_by = models.PositiveBigIntegerField(_("went back by"), default=0)

    class Meta:
        verbose_name = _("mark of the clock")
        verbose_name_plural = _("marks of the clock")
        constraints: ClassVar = [
            models.CheckConstraint(
                name="clock_jump_with_time_and_length",
                condition=models.Q(jumped_at=None, jumped_by=0) | models.Q(jumped_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.machine} {self.at}"
