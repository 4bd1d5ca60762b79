"""What sets a panel member apart from a bid, and what the working group said before anybody marked."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from bids.choices import DeclarationOutcome
from procurement.models import Criterion, Seat
from procurement.models.fields import SIGNATURE_LENGTH, ExactDecimalField

from .bid import Bid


class Declaration(models.Model):
    """A member's signed word on interests in the bidders. A new one is added when the officer asks again."""

    seat = models.ForeignKey(
        Seat, models.CASCADE, related_name="declarations", verbose_name=_("panel member")
    )
    number = models.PositiveSmallIntegerField(_("number"))
    #: `{"vendor": name, "ground": value of `Ground`, "detail": words}` for every interest; empty for none.
    interests = models.JSONField(_("interests"), default=list)
    #: What was promised on the same screen, as it was read: confidentiality and conduct.
    undertakings = models.JSONField(_("undertakings"), default=list)
    signed_name = models.CharField(_("signed by"), max_length=SIGNATURE_LENGTH)
    at = models.DateTimeField(_("declared"))
    #: What the officer did with declared interests.
    outcome = models.CharField(_("outcome"), max_length=10, choices=DeclarationOutcome, blank=True)
    outcome_reason = models.TextField(_("reason"), blank=True)
    settled_by = models.CharField(_("settled by"), max_length=SIGNATURE_LENGTH, blank=True)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["number"]
        verbose_name = _("declaration of interest")
        verbose_name_plural = _("declarations of interest")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["seat", "number"], name="declaration_number_once_a_seat"),
        ]

    def __str__(self) -> str:
        return f"{self.seat} {self.number}"

    @property
    def is_settled(self) -> bool:
        """Whether it says "none", or the officer has recused the member for what it says."""
        return self.outcome == DeclarationOutcome.RECUSED or not (self.outcome or self.interests)

    @property
    def waits_for_officer(self) -> bool:
        """Whether an interest is declared that the officer has not dealt with."""
        return bool(self.interests) and not self.outcome


class Recusal(models.Model):
    """That a member has no say on a bid, and does not see it."""

    seat = models.ForeignKey(Seat, models.CASCADE, related_name="recusals", verbose_name=_("panel member"))
    bid = models.ForeignKey(Bid, models.CASCADE, related_name="recusals", verbose_name=_("bid"))
    position = models.PositiveIntegerField(editable=False)
    reason = models.TextField(_("reason"), blank=True)
    #: Empty for a case that was loaded from a file.
    by_name = models.CharField(_("entered by"), max_length=SIGNATURE_LENGTH, blank=True)
    at = models.DateTimeField(_("entered"), null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["position"]
        verbose_name = _("recusal")
        verbose_name_plural = _("recusals")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["seat", "bid"], name="recusal_once"),
        ]

    def __str__(self) -> str:
        return f"{self.seat} {self.bid}"


class FirstOpinion(models.Model):
    """What the working group thought of a bid on a leaf (初審意見); departing from it asks for a reason."""

    bid = models.ForeignKey(Bid, models.CASCADE, related_name="first_opinions", verbose_name=_("bid"))
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+", verbose_name=_("criterion"))
    mark = ExactDecimalField(_("mark"), null=True, blank=True)
    text = models.TextField(_("opinion"))
    by_name = models.CharField(_("recorded by"), max_length=SIGNATURE_LENGTH)
    at = models.DateTimeField(_("recorded"))

    class Meta:
        ordering: ClassVar = ["pk"]
        verbose_name = _("first opinion")
        verbose_name_plural = _("first opinions")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["bid", "criterion"], name="first_opinion_once"),
        ]

    def __str__(self) -> str:
        return f"{self.bid_id} {self.criterion_id}"
