"""How a bid was marked."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from procurement.models import Criterion, Seat
from procurement.models.fields import SIGNATURE_LENGTH, ExactDecimalField, Versioned

from .bid import Bid


class Mark(Versioned):
    """One member's mark on one leaf of one bid, 0 … top of the scale; an empty mark is an abstention."""

    bid = models.ForeignKey(Bid, models.CASCADE, related_name="marks", verbose_name=_("bid"))
    seat = models.ForeignKey(Seat, models.PROTECT, related_name="marks", verbose_name=_("panel member"))
    criterion = models.ForeignKey(
        Criterion, models.PROTECT, related_name="marks", verbose_name=_("criterion")
    )
    position = models.PositiveIntegerField(editable=False)
    mark = ExactDecimalField(_("mark"), null=True, blank=True)
    comment = models.TextField(_("comment"), blank=True)

    class Meta:
        ordering: ClassVar = ["position", "pk"]
        verbose_name = _("mark")
        verbose_name_plural = _("marks")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["bid", "seat", "criterion"], name="mark_once"),
        ]

    def __str__(self) -> str:
        return f"{self.bid_id} {self.criterion_id} {self.mark}"


class Agreed(models.Model):
    """A mark that the panel agreed on, with its reason; it takes the place of the members' aggregate."""

    bid = models.ForeignKey(Bid, models.CASCADE, related_name="agreed", verbose_name=_("bid"))
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+", verbose_name=_("criterion"))
    position = models.PositiveIntegerField(editable=False)
    mark = ExactDecimalField(_("mark"))
    reason = models.TextField(_("reason"))

    class Meta:
        ordering: ClassVar = ["position"]
        verbose_name = _("agreed mark")
        verbose_name_plural = _("agreed marks")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["bid", "criterion"], name="agreed_once_a_bid_and_leaf"),
        ]

    def __str__(self) -> str:
        return f"{self.bid_id} {self.criterion_id} {self.mark}"


class ScoreSheet(models.Model):
    """That a member has submitted the marks: from then on they are locked and others' become visible."""

    seat = models.OneToOneField(Seat, models.CASCADE, related_name="sheet", verbose_name=_("panel member"))
    submitted_at = models.DateTimeField(_("submitted"))
    signed_name = models.CharField(_("signed by"), max_length=SIGNATURE_LENGTH)

    class Meta:
        verbose_name = _("score sheet")
        verbose_name_plural = _("score sheets")

    def __str__(self) -> str:
        return self.signed_name


class Recusal(models.Model):
    """That a member has no say on a bid."""

    seat = models.ForeignKey(Seat, models.CASCADE, related_name="recusals", verbose_name=_("panel member"))
    bid = models.ForeignKey(Bid, models.CASCADE, related_name="recusals", verbose_name=_("bid"))
    position = models.PositiveIntegerField(editable=False)

    class Meta:
        ordering: ClassVar = ["position"]
        verbose_name = _("recusal")
        verbose_name_plural = _("recusals")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["seat", "bid"], name="recusal_once"),
        ]

    def __str__(self) -> str:
        return f"{self.seat} {self.bid}"
