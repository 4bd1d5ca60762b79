"""The keys that people hold: an opening officer's pair, whose private half only a passphrase unlocks."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from procurement.models import User

#: How many people hold a part of a tender's keys; any two of them open.
OFFICERS = 3

#: A passphrase that was not typed for longer than this is taken for forgotten (sealing specification, Keys).
DRILL_HOLDS = timedelta(days=30)


class OfficerKey(models.Model):
    """A P-256 pair of somebody who opens bids. The passphrase that unlocks it is stored nowhere."""

    user = models.ForeignKey(User, models.PROTECT, related_name="officer_keys", verbose_name=_("person"))
    #: The public half as an uncompressed point, in hex.
    public = models.CharField(_("public key"), max_length=130, unique=True)
    #: SHA-256 of the public half, in hex: what is published and read out.
    fingerprint = models.CharField(_("fingerprint"), max_length=64)
    #: The private half under AES-256-GCM, with the costs of its Argon2id, as canonical JSON.
    locked = models.TextField(editable=False)
    made_at = models.DateTimeField(_("made"))
    #: When the passphrase last opened a fresh challenge.
    drilled_at = models.DateTimeField(_("last drill"), null=True, blank=True)
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        verbose_name = _("opening key")
        verbose_name_plural = _("opening keys")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(retired_at=None), name="officer_key_in_use_once_a_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.fingerprint[:16]}"

    @property
    def drill_ends_at(self) -> datetime | None:
        """Until when the last drill holds; None where there was none."""
        return self.drilled_at + DRILL_HOLDS if self.drilled_at else None

    def is_drilled(self, now: datetime) -> bool:
        """Whether the passphrase was proved within the last 30 days."""
        return self.drill_ends_at is not None and now < self.drill_ends_at
