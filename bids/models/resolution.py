"""What the panel decided in a meeting: by whom, how many for and against, why, and who dissented."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from bids.choices import ResolutionKind
from procurement.models import Criterion, Seat, Tender, User
from procurement.models.fields import SIGNATURE_LENGTH

from .bid import Bid


class Resolution(models.Model):
    """A recorded decision of those present (審議規則 §6, 組織準則 §9). Never changed, and never automatic."""

    tender = models.ForeignKey(Tender, models.CASCADE, related_name="resolutions", verbose_name=_("tender"))
    number = models.PositiveIntegerField(_("number"))
    kind = models.CharField(_("decision"), max_length=10, choices=ResolutionKind)
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    #: The item it is about, where it is about one.
    criterion = models.ForeignKey(
        Criterion, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("criterion")
    )
    bid = models.ForeignKey(
        Bid, models.PROTECT, null=True, blank=True, related_name="resolutions", verbose_name=_("bid")
    )
    #: The member whose result is removed.
    seat = models.ForeignKey(
        Seat, models.PROTECT, null=True, blank=True, related_name="removals", verbose_name=_("panel member")
    )
    reason = models.TextField(_("reason"))
    #: `{"code", "name", "unit", "expert"}` of every member present, copied.
    present = models.JSONField(_("present"), default=list)
    in_favour = models.PositiveSmallIntegerField(_("in favour"))
    against = models.PositiveSmallIntegerField(_("against"), default=0)
    #: The signature is copied; the key beside it only keeps its owner from approving what was recorded.
    recorded_by = models.CharField(_("recorded by"), max_length=SIGNATURE_LENGTH)
    recorder = models.ForeignKey(User, models.PROTECT, editable=False, related_name="+")
    recorded_at = models.DateTimeField(_("recorded"))

    class Meta:
        ordering: ClassVar = ["number"]
        verbose_name = _("resolution")
        verbose_name_plural = _("resolutions")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tender", "number"], name="resolution_number_once_a_tender"),
            models.CheckConstraint(name="resolution_with_reason", condition=~models.Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"RES-{self.number}"


class Dissent(models.Model):
    """A member's differing opinion, which may not be refused (組織準則 §12)."""

    resolution = models.ForeignKey(
        Resolution, models.CASCADE, related_name="dissents", verbose_name=_("resolution")
    )
    seat = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name=_("panel member"))
    by_name = models.CharField(_("by"), max_length=SIGNATURE_LENGTH)
    text = models.TextField(_("differing opinion"))
    at = models.DateTimeField(_("recorded"))

    class Meta:
        ordering: ClassVar = ["pk"]
        verbose_name = _("dissent")
        verbose_name_plural = _("dissents")

    def __str__(self) -> str:
        return self.by_name


class Round(models.Model):
    """An evaluation that was opened again: which leaves are marked anew, and what stood before.

    Round 1 has no row. The case and the result of the round before are kept as canonical JSON.
    """

    tender = models.ForeignKey(Tender, models.CASCADE, related_name="rounds", verbose_name=_("tender"))
    number = models.PositiveSmallIntegerField(_("round"))
    #: Codes of the leaves that were declared changed; only these are marked again.
    criteria = models.JSONField(_("criteria marked again"), default=list)
    resolution = models.ForeignKey(
        Resolution, models.PROTECT, related_name="rounds", verbose_name=_("resolution")
    )
    opened_by = models.CharField(_("opened by"), max_length=SIGNATURE_LENGTH)
    opened_at = models.DateTimeField(_("opened"))
    case_text = models.TextField(editable=False)
    result_text = models.TextField(editable=False)
    fingerprint = models.CharField(_("fingerprint of the round before"), max_length=71)

    class Meta:
        ordering: ClassVar = ["number"]
        verbose_name = _("round")
        verbose_name_plural = _("rounds")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tender", "number"], name="round_once_a_tender"),
            models.CheckConstraint(
                name="round_second_or_third", condition=models.Q(number__gte=2, number__lte=3)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tender_id} {self.number}"


class LotDraw(models.Model):
    """How a tie was settled by lot: in the open before witnesses, or by a seed from a source named before."""

    tender = models.ForeignKey(Tender, models.CASCADE, related_name="lot_draws", verbose_name=_("tender"))
    resolution = models.ForeignKey(Resolution, models.PROTECT, related_name="+", verbose_name=_("resolution"))
    #: Names of the tied vendors, in file order.
    vendors = models.JSONField(_("vendors"), default=list)
    #: Where the seed will come from, said before it is known; empty for a draw by hand.
    seed_source = models.TextField(_("source of the seed"), blank=True)
    announced_by = models.CharField(_("announced by"), max_length=SIGNATURE_LENGTH, blank=True)
    announced_at = models.DateTimeField(_("announced"), null=True, blank=True)
    seed = models.TextField(_("seed"), blank=True)
    witnesses = models.TextField(_("witnesses"), blank=True)
    #: Names of the vendors in the order in which lots came out; empty while the seed is awaited.
    order = models.JSONField(_("order"), default=list)
    drawn_by = models.CharField(_("drawn by"), max_length=SIGNATURE_LENGTH, blank=True)
    drawn_at = models.DateTimeField(_("drawn"), null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        verbose_name = _("drawing of lots")
        verbose_name_plural = _("drawings of lots")

    def __str__(self) -> str:
        return f"{self.tender_id} {self.order}"
