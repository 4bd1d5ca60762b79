"""A security warning and the answer that it must get."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from bids.choices import ObjectionAnswer
from procurement.choices import Severity
from procurement.models import Requirement, Tender
from procurement.models.fields import SIGNATURE_LENGTH, Versioned

from .bid import Bid


class Objection(Versioned):
    """A named warning against a bid: no award while one is unanswered. The answer has a name and a reason."""

    tender = models.ForeignKey(Tender, models.CASCADE, related_name="objections", verbose_name=_("tender"))
    number = models.PositiveIntegerField(_("number"))
    bid = models.ForeignKey(Bid, models.PROTECT, related_name="objections", verbose_name=_("bid"))
    requirement = models.ForeignKey(
        Requirement, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("requirement")
    )
    severity = models.CharField(_("severity"), max_length=10, choices=Severity)
    claim = models.TextField(_("what is wrong"))
    remedy = models.TextField(_("what would settle it"), blank=True)
    raised_by = models.CharField(_("raised by"), max_length=SIGNATURE_LENGTH)
    raised_at = models.DateTimeField(_("raised"))
    due_at = models.DateTimeField(_("answer due"))
    answer = models.CharField(_("answer"), max_length=10, choices=ObjectionAnswer, blank=True)
    answer_reason = models.TextField(_("reason"), blank=True)
    answered_by = models.CharField(_("answered by"), max_length=SIGNATURE_LENGTH, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["number"]
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tender", "number"], name="objection_number_once_a_tender"),
            models.CheckConstraint(
                name="objection_answered_by_name_with_reason",
                condition=models.Q(answer="", answered_by="", answer_reason="")
                | (~models.Q(answer="") & ~models.Q(answered_by="") & ~models.Q(answer_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"OBJ-{self.number}"

    @property
    def is_open(self) -> bool:
        """Whether nobody has answered yet."""
        return not self.answer
