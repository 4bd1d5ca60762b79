"""What a vendor offers: the bid, what was handed in, its files, and its claims once opened."""

import uuid
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from bids.choices import Answer, BidStatus, Evidence, SubmissionKind
from procurement.models import Requirement, Tender, Vendor
from procurement.models.fields import SIGNATURE_LENGTH, ExactDecimalField, Versioned

if TYPE_CHECKING:
    from .waiver import Waiver


class Bid(Versioned):
    """One vendor's bid on one tender.

    Until opening it says nothing but whose it is: drafts (`SealedDraft`) and what was handed in
    (`Submission`) are sealed. Opening writes claims (first) and the price (once the marks are locked).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tender = models.ForeignKey(Tender, models.CASCADE, related_name="bids", verbose_name=_("tender"))
    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="bids", verbose_name=_("vendor"))
    position = models.PositiveIntegerField(default=0, editable=False)
    status = models.CharField(_("status"), max_length=10, choices=BidStatus, default=BidStatus.VALID)
    reason = models.TextField(_("reason"), blank=True)
    #: Why it could not be read, where it could not: `template` and `params`, said in the reader's language.
    unreadable = models.JSONField(_("why it could not be read"), null=True, blank=True, editable=False)
    price = ExactDecimalField(_("price"), null=True, blank=True)
    #: When its envelope was read; all bids of a tender are opened together when the last one was.
    unsealed_at = models.DateTimeField(_("read"), null=True, blank=True, editable=False)
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True, editable=False)

    class Meta:
        ordering: ClassVar = ["position", "pk"]
        verbose_name = _("bid")
        verbose_name_plural = _("bids")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tender", "vendor"], name="bid_once_a_vendor_and_tender"),
            models.CheckConstraint(
                name="bid_excluded_with_reason",
                condition=~models.Q(status=BidStatus.EXCLUDED) | ~models.Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        return self.vendor.name

    @property
    def fault(self) -> str:
        """Why it could not be read, as a sentence; empty where it could."""
        return str(_(self.unreadable["template"]) % self.unreadable["params"]) if self.unreadable else ""

    @property
    def why_out(self) -> str:
        """Why it takes no part: the fault in the reader's language, or the reason as it was entered."""
        return str(_("Unreadable: %(why)s") % {"why": self.fault}) if self.unreadable else self.reason


class Submission(models.Model):
    """What a vendor handed in, never changed: version 1, 2, … of a bid, or its withdrawal."""

    bid = models.ForeignKey(Bid, models.PROTECT, related_name="submissions", verbose_name=_("bid"))
    number = models.PositiveIntegerField(_("version"))
    kind = models.CharField(_("kind"), max_length=10, choices=SubmissionKind)
    at = models.DateTimeField(_("received"))
    by_name = models.CharField(_("handed in by"), max_length=SIGNATURE_LENGTH)
    #: What the bid was sealed under; an amendment since then wants it confirmed.
    package = models.ForeignKey("bids.Package", models.PROTECT, related_name="+", verbose_name=_("package"))
    #: SHA-256 over everything about the version that may be shown (`bids.sealing.parts.commitment`).
    commitment = models.CharField(_("commitment"), max_length=64)
    #: The signed receipt, as canonical JSON.
    receipt = models.TextField(editable=False)
    #: Given by the page that sent it: sent twice, it is taken once.
    idempotency_key = models.UUIDField(editable=False)
    #: The package that the vendor confirmed the version under, where it was amended afterwards.
    confirmed = models.ForeignKey("bids.Package", models.PROTECT, null=True, related_name="+")
    #: The signed receipt of that, as canonical JSON; empty until then.
    confirmation = models.TextField(editable=False, blank=True)

    class Meta:
        ordering: ClassVar = ["number"]
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["bid", "number"], name="submission_number_once_a_bid"),
            models.UniqueConstraint(fields=["bid", "idempotency_key"], name="submission_sent_once"),
        ]

    def __str__(self) -> str:
        return f"{self.bid} {self.number}"


class Attachment(models.Model):
    """A file beside an answer of an opened bid. Its content stays sealed, and is opened when it is read."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    bid = models.ForeignKey(Bid, models.PROTECT, related_name="attachments", verbose_name=_("bid"))
    requirement = models.ForeignKey(
        Requirement, models.PROTECT, related_name="+", verbose_name=_("requirement")
    )
    name = models.CharField(_("file name"), max_length=255)
    size = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    sealed = models.OneToOneField("bids.StagedFile", models.PROTECT, related_name="+")
    #: What the file says of its making, by `bids.files.traces`; None until somebody looked.
    traces = models.JSONField(null=True, editable=False)

    class Meta:
        ordering: ClassVar = ["name", "pk"]
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")

    def __str__(self) -> str:
        return self.name


class Claim(Versioned):
    """What a bid says to a requirement, what stands behind it, and what the bank found."""

    bid = models.ForeignKey(Bid, models.CASCADE, related_name="claims", verbose_name=_("bid"))
    requirement = models.ForeignKey(
        Requirement, models.PROTECT, related_name="claims", verbose_name=_("requirement")
    )
    position = models.PositiveIntegerField(editable=False)
    answer = models.CharField(_("answer"), max_length=20, choices=Answer, blank=True)
    note = models.TextField(_("note"), blank=True)
    verified = models.BooleanField(_("finding"), null=True, blank=True)
    finding = models.TextField(_("what was found"), blank=True)
    verified_by = models.CharField(_("found by"), max_length=SIGNATURE_LENGTH, blank=True)
    verified_at = models.DateTimeField(_("found at"), null=True, blank=True)
    #: What the vendor says stands behind the answer, and until when it is good.
    evidence = models.CharField(_("evidence"), max_length=10, choices=Evidence, blank=True)
    evidence_until = models.DateField(_("evidence good until"), null=True, blank=True)
    #: What the bank found to stand behind it; empty: as the vendor says.
    evidence_found = models.CharField(_("evidence found"), max_length=10, choices=Evidence, blank=True)
    #: Who of security agreed that the requirement does not apply, and why.
    not_applicable_by = models.CharField(_("agreed by"), max_length=SIGNATURE_LENGTH, blank=True)
    not_applicable_reason = models.TextField(_("why it does not apply"), blank=True)

    class Meta:
        ordering: ClassVar = ["position"]
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["bid", "requirement"], name="claim_once_a_requirement"),
            models.CheckConstraint(
                name="not_applicable_with_name_and_reason",
                condition=models.Q(not_applicable_by="", not_applicable_reason="")
                | (~models.Q(not_applicable_by="") & ~models.Q(not_applicable_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bid} {self.requirement.code}"

    @property
    def met(self) -> bool | None:
        """The claim as the case file has it: None is "not answered" and "not applicable" alike."""
        return {Answer.MET.value: True, Answer.NOT_MET.value: False}.get(self.answer)

    @property
    def counts_as_met(self) -> bool:
        """The finding where there is one, else the claim; silence is no assurance."""
        return bool(self.met if self.finding_that_counts is None else self.finding_that_counts)

    @property
    def does_not_apply(self) -> bool:
        """Whether security agreed that it does not apply, and no finding took the place of that."""
        return self.verified is None and bool(self.not_applicable_by)

    @property
    def finding_that_counts(self) -> bool | None:
        """The bank's finding; that security agreed "not applicable" is one, too."""
        return True if self.does_not_apply else self.verified

    def waiver_in_force(self, today: date) -> "Waiver | None":
        """The last waiver that holds on the day, where the requirement is not met."""
        if self.counts_as_met:
            return None
        return next((row for row in reversed(self.waivers.all()) if row.is_in_force(today)), None)

    def evidence_level(self, today: date) -> Evidence | None:
        """The step that counts on the day: what was found, else what the vendor says; expired, one step less.

        None where there is nothing to show: the requirement does not count as met (silence, "not met", a
        finding against the claim, a "not applicable" nobody agreed to), or security agreed that it does not
        apply.
        """
        if not self.counts_as_met or self.does_not_apply:
            return None
        level = Evidence(self.evidence_found or self.evidence or Evidence.CLAIMED)
        steps = list(Evidence)
        expired = self.evidence_until is not None and self.evidence_until < today
        return steps[max(0, steps.index(level) - expired)]
