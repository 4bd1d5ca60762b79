"""What came of advice that was overruled, as security says later."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from bids.choices import LedgerKind
from procurement.models import Tender
from procurement.models.fields import SIGNATURE_LENGTH


class LedgerNote(models.Model):
    """One signed remark on a row of the ledger; rows are only ever added.

    The row is known by its kind and the key of what it tells of, because it is no row of a table of its own.
    """

    kind = models.CharField(_("kind"), max_length=20, choices=LedgerKind)
    record = models.PositiveBigIntegerField(_("record"))
    tender = models.ForeignKey(Tender, models.PROTECT, null=True, related_name="+", verbose_name=_("tender"))
    text = models.TextField(_("what came of it"))
    by_name = models.CharField(_("recorded by"), max_length=SIGNATURE_LENGTH)
    at = models.DateTimeField(_("recorded"))

    class Meta:
        ordering: ClassVar = ["pk"]
        verbose_name = _("note in the ledger")
        verbose_name_plural = _("notes in the ledger")
        indexes: ClassVar = [models.Index(fields=["kind", "record"], name="note_of_a_ledger_row")]
        constraints: ClassVar = [
            models.CheckConstraint(name="ledger_note_with_words", condition=~models.Q(text="")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.record}"
