"""How a bid was marked, and what members said of their own marks later."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from bids.choices import Absence
from procurement.models import Criterion, Seat
from procurement.models.fields import SIGNATURE_LENGTH, ExactDecimalField, Versioned

from .bid import Bid


class Mark(Versioned):
    """One member's mark on one leaf of one bid in one round, 0 … top of the scale.

    A mark without a number is an abstention, or says that the leaf is not the member's field (`absence`).
    Once the sheet is signed the row never changes: what the member says later is a `Correction`.
    """

    bid = models.ForeignKey(Bid, models.CASCADE, related_name="marks", verbose_name=_("bid"))
    seat = models.ForeignKey(Seat, models.PROTECT, related_name="marks", verbose_name=_("panel member"))
    criterion = models.ForeignKey(
        Criterion, models.PROTECT, related_name="marks", verbose_name=_("criterion")
    )
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    position = models.PositiveIntegerField(editable=False)
    mark = ExactDecimalField(_("mark"), null=True, blank=True)
    absence = models.CharField(_("why there is no mark"), max_length=20, choices=Absence, blank=True)
    comment = models.TextField(_("comment"), blank=True)

    class Meta:
        ordering: ClassVar = ["position", "pk"]
        verbose_name = _("mark")
        verbose_name_plural = _("marks")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["bid", "seat", "criterion", "round"], name="mark_once_a_round"),
        ]

    def __str__(self) -> str:
        return f"{self.bid_id} {self.criterion_id} {self.mark}"


class Correction(models.Model):
    """What a member changed in an own mark after the talk, with a reason. The last one counts."""

    mark = models.ForeignKey(Mark, models.PROTECT, related_name="corrections", verbose_name=_("mark"))
    number = models.PositiveSmallIntegerField(_("number"))
    corrected = ExactDecimalField(_("corrected mark"))
    reason = models.TextField(_("reason"))
    by_name = models.CharField(_("corrected by"), max_length=SIGNATURE_LENGTH)
    at = models.DateTimeField(_("corrected"))

    class Meta:
        ordering: ClassVar = ["number"]
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["mark", "number"], name="correction_number_once_a_mark"),
            models.CheckConstraint(name="correction_with_reason", condition=~models.Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.mark_id} {self.corrected}"


class Agreed(models.Model):
    """A mark that the panel agreed on, with its reason; it takes the place of the members' aggregate."""

    bid = models.ForeignKey(Bid, models.CASCADE, related_name="agreed", verbose_name=_("bid"))
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+", verbose_name=_("criterion"))
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    position = models.PositiveIntegerField(editable=False)
    mark = ExactDecimalField(_("mark"))
    reason = models.TextField(_("reason"))

    class Meta:
        ordering: ClassVar = ["position"]
        verbose_name = _("agreed mark")
        verbose_name_plural = _("agreed marks")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["bid", "criterion", "round"], name="agreed_once_a_bid_leaf_and_round"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bid_id} {self.criterion_id} {self.mark}"


class ScoreSheet(models.Model):
    """That a member has submitted the marks of a round: they are locked, and others' become visible."""

    seat = models.ForeignKey(Seat, models.CASCADE, related_name="sheets", verbose_name=_("panel member"))
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    submitted_at = models.DateTimeField(_("submitted"))
    signed_name = models.CharField(_("signed by"), max_length=SIGNATURE_LENGTH)

    class Meta:
        ordering: ClassVar = ["round"]
        verbose_name = _("score sheet")
        verbose_name_plural = _("score sheets")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["seat", "round"], name="sheet_once_a_seat_and_round"),
        ]

    def __str__(self) -> str:
        return self.signed_name
