"""The award: what the panel recommended, who approved it, who decided, and who complained."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from bids.choices import ApprovalSide, ComplaintAnswer
from procurement.models import Tender, User
from procurement.models.fields import SIGNATURE_LENGTH, Versioned

from .bid import Bid
from .resolution import Resolution

_FINGERPRINT_LENGTH = 71


class Recommendation(models.Model):
    """What the resolution to recommend a bid rests on; the bid and the reason stand in the resolution."""

    resolution = models.OneToOneField(
        Resolution, models.PROTECT, related_name="recommendation", verbose_name=_("resolution")
    )
    #: Of the ranking that the panel had before it.
    fingerprint = models.CharField(_("ranking fingerprint"), max_length=_FINGERPRINT_LENGTH)
    with_exceptions = models.BooleanField(_("follows the ranking with accepted exceptions"), default=False)
    #: Whether the members present discussed every item (評選總表, first note).
    discussed = models.BooleanField(_("every item was discussed"))
    benefits = models.TextField(_("what the higher price buys"), blank=True)

    class Meta:
        verbose_name = _("recommendation")
        verbose_name_plural = _("recommendations")

    def __str__(self) -> str:
        return str(self.resolution)


class Approval(models.Model):
    """That a side approved or refused a recommendation, bound to the ranking that was on screen.

    Where the ranking is another one by now it counts no more, and stays on record.
    """

    resolution = models.ForeignKey(
        Resolution, models.PROTECT, related_name="approvals", verbose_name=_("recommendation")
    )
    side = models.CharField(_("side"), max_length=10, choices=ApprovalSide)
    approved = models.BooleanField(_("approved"))
    reason = models.TextField(_("reason"), blank=True)
    fingerprint = models.CharField(_("ranking fingerprint"), max_length=_FINGERPRINT_LENGTH)
    signer = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("signed by"))
    signed_by = models.CharField(_("signed by"), max_length=SIGNATURE_LENGTH)
    signed_at = models.DateTimeField(_("signed"))

    class Meta:
        ordering: ClassVar = ["pk"]
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["resolution", "side", "fingerprint"], name="approval_once_a_side_and_ranking"
            ),
            models.UniqueConstraint(
                fields=["resolution", "signer", "fingerprint"], name="approval_once_a_person_and_ranking"
            ),
            models.CheckConstraint(
                name="approval_refused_with_reason", condition=models.Q(approved=True) | ~models.Q(reason="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resolution} {self.side}"


class Award(models.Model):
    """The decision by name, with the case and the result as they stood, frozen.

    A tender has one award that stands; one that a complaint brought down stays on record as suspended.
    """

    tender = models.ForeignKey(
        Tender,
        models.PROTECT,
        related_name="awards",
        related_query_name="award",
        verbose_name=_("tender"),
    )
    bid = models.ForeignKey(
        Bid, models.PROTECT, related_name="awards", related_query_name="award", verbose_name=_("bid")
    )
    resolution = models.OneToOneField(
        Resolution, models.PROTECT, related_name="award", verbose_name=_("recommendation")
    )
    reason = models.TextField(_("reason"))
    #: For which money, where a cheaper bid was there.
    benefits = models.TextField(_("what the higher price buys"), blank=True)
    #: Why the cheapest bid was taken although it is not first; the named approver's alone.
    departure_reason = models.TextField(_("reason for departing from first place"), blank=True)
    with_exceptions = models.BooleanField(_("follows the ranking with accepted exceptions"), default=False)
    #: `{"code", "title", "signed_by", "reason", "expires_on"}` of every exception it rests on, copied.
    exceptions = models.JSONField(_("accepted exceptions"), default=list)
    signer = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("awarded by"))
    awarded_by = models.CharField(_("awarded by"), max_length=SIGNATURE_LENGTH)
    awarded_at = models.DateTimeField(_("awarded"))
    #: The last moment of the standstill: the end of a day in Taipei.
    standstill_until = models.DateTimeField(_("standstill until"))
    #: Canonical JSON of the case file and of the result file that the award follows.
    case_text = models.TextField(editable=False)
    result_text = models.TextField(editable=False)
    fingerprint = models.CharField(_("ranking fingerprint"), max_length=_FINGERPRINT_LENGTH)
    #: The case of the other ranking: as scored where the award follows the exceptions, else with them. Empty
    #: where there are none.
    other_case_text = models.TextField(editable=False, blank=True)
    suspended_at = models.DateTimeField(_("suspended"), null=True, blank=True)
    suspended_by = models.CharField(_("suspended by"), max_length=SIGNATURE_LENGTH, blank=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        verbose_name = _("award")
        verbose_name_plural = _("awards")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tender"],
                condition=models.Q(suspended_at__isnull=True),
                name="award_one_stands_a_tender",
            ),
            models.CheckConstraint(
                name="award_with_name_and_reason",
                condition=~models.Q(awarded_by="") & ~models.Q(reason=""),
            ),
            models.CheckConstraint(
                name="award_suspended_by_name",
                condition=models.Q(suspended_at__isnull=True, suspended_by="")
                | (models.Q(suspended_at__isnull=False) & ~models.Q(suspended_by="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tender} → {self.bid}"


class Complaint(Versioned):
    """What somebody has against an award. Received in the standstill it freezes the award until answered."""

    award = models.ForeignKey(Award, models.PROTECT, related_name="complaints", verbose_name=_("award"))
    number = models.PositiveIntegerField(_("number"))
    #: The bid of the vendor that complains; empty where somebody else does.
    bid = models.ForeignKey(
        Bid, models.PROTECT, null=True, blank=True, related_name="complaints", verbose_name=_("bid")
    )
    complainant = models.CharField(_("complainant"), max_length=SIGNATURE_LENGTH)
    text = models.TextField(_("complaint"))
    received_at = models.DateTimeField(_("received"))
    entered_by = models.CharField(_("entered by"), max_length=SIGNATURE_LENGTH)
    entered_at = models.DateTimeField(_("entered"))
    late = models.BooleanField(_("received after the standstill"))
    answer = models.CharField(_("answer"), max_length=10, choices=ComplaintAnswer, blank=True)
    answer_reason = models.TextField(_("reason"), blank=True)
    answered_by = models.CharField(_("answered by"), max_length=SIGNATURE_LENGTH, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        verbose_name = _("complaint")
        verbose_name_plural = _("complaints")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["award", "number"], name="complaint_number_once_an_award"),
            models.CheckConstraint(name="complaint_with_words", condition=~models.Q(text="")),
            models.CheckConstraint(
                name="complaint_answered_by_name_with_reason",
                condition=models.Q(answer="", answered_by="", answer_reason="")
                | (~models.Q(answer="") & ~models.Q(answered_by="") & ~models.Q(answer_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{_('Complaint')} {self.number}"

    @property
    def freezes(self) -> bool:
        """Whether the award waits for its answer: it came in time and nobody has answered."""
        return not self.late and not self.answer
