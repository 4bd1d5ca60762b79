"""What is stored of keys, envelopes and what lies in them: nothing of it opens by itself."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from bids.choices import Envelope
from procurement.models import Tender, User
from procurement.models.fields import SIGNATURE_LENGTH

from .bid import Bid, Submission
from .key import OfficerKey


class OpeningOfficer(models.Model):
    """One of three, of whom any two open a tender's bids; key, name and unit are copied at publication."""

    tender = models.ForeignKey(
        Tender, models.CASCADE, related_name="opening_officers", verbose_name=_("tender")
    )
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("person"))
    position = models.PositiveSmallIntegerField(editable=False)
    key = models.ForeignKey(OfficerKey, models.PROTECT, null=True, related_name="+", verbose_name=_("key"))
    name = models.CharField(_("name as published"), max_length=SIGNATURE_LENGTH, blank=True)
    unit_code = models.CharField(_("unit as published"), max_length=40, blank=True)
    #: From when on somebody else opens in this officer's place.
    replaced_at = models.DateTimeField(_("replaced"), null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["position"]
        verbose_name = _("opening officer")
        verbose_name_plural = _("opening officers")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tender", "user"],
                condition=models.Q(replaced_at=None),
                name="opening_officer_once_a_tender",
            ),
        ]

    def __str__(self) -> str:
        return self.name or str(self.user)


class Package(models.Model):
    """What was published with a tender and what every bid is sealed under: its canonical text, never changed.

    Number 0 is the publication; each amendment adds one.
    """

    tender = models.ForeignKey(Tender, models.PROTECT, related_name="packages", verbose_name=_("tender"))
    amendment = models.PositiveIntegerField(_("amendment"))
    text = models.TextField(editable=False)
    digest = models.CharField(_("SHA-256"), max_length=64, unique=True)
    at = models.DateTimeField(_("published"))

    class Meta:
        ordering: ClassVar = ["amendment"]
        verbose_name = _("package")
        verbose_name_plural = _("packages")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tender", "amendment"], name="package_number_once_a_tender"),
        ]

    def __str__(self) -> str:
        return f"{self.tender} {self.amendment}"


class EnvelopeKey(models.Model):
    """The key that one envelope of a tender's bids is sealed to; its private half exists in pieces only."""

    tender = models.ForeignKey(Tender, models.PROTECT, related_name="envelope_keys", verbose_name=_("tender"))
    envelope = models.CharField(_("envelope"), max_length=10, choices=Envelope)
    public = models.CharField(_("public key"), max_length=130)
    #: The system's share under the system key, in hex.
    system_share = models.TextField(editable=False)
    #: A digest by which two officers' halves are known to be whole without the system's share.
    quorum_check = models.CharField(max_length=64, editable=False)
    #: From when on two officers have opened the envelope, and its key under the system key (hex): an opening
    #: that broke off goes on without them.
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True)
    opened_key = models.TextField(editable=False, blank=True)

    class Meta:
        ordering: ClassVar = ["-envelope"]
        verbose_name = _("envelope key")
        verbose_name_plural = _("envelope keys")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tender", "envelope"], name="envelope_key_once_a_tender"),
        ]

    def __str__(self) -> str:
        return f"{self.tender} {self.get_envelope_display()}"


class KeyHalf(models.Model):
    """An officer's half of the quorum's share for one pair, sealed to the officer's key."""

    envelope_key = models.ForeignKey(EnvelopeKey, models.CASCADE, related_name="halves")
    officer = models.ForeignKey(OpeningOfficer, models.PROTECT, related_name="+")
    partner = models.ForeignKey(OpeningOfficer, models.PROTECT, related_name="+")
    sealed = models.TextField(editable=False)

    class Meta:
        verbose_name = _("half of a key")
        verbose_name_plural = _("halves of keys")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["envelope_key", "officer", "partner"], name="key_half_once_a_pair_and_officer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.envelope_key}: {self.officer} + {self.partner}"


class OpeningTurn(models.Model):
    """An officer has unlocked an envelope; the halves wait under the system key for the second officer."""

    envelope_key = models.ForeignKey(EnvelopeKey, models.CASCADE, related_name="turns")
    officer = models.ForeignKey(OpeningOfficer, models.PROTECT, related_name="turns")
    at = models.DateTimeField(_("time"))
    signed_by = models.CharField(_("officer"), max_length=SIGNATURE_LENGTH)
    #: Empty once they were used, or once the time to use them is over.
    halves = models.TextField(editable=False, blank=True)

    class Meta:
        ordering: ClassVar = ["at", "pk"]
        verbose_name = _("turn of an officer")
        verbose_name_plural = _("turns of officers")

    def __str__(self) -> str:
        return f"{self.envelope_key}: {self.signed_by}"


class DraftKey(models.Model):
    """The key of one of a vendor's people; only their password unlocks it, and with it the drafts."""

    user = models.ForeignKey(User, models.CASCADE, related_name="draft_keys", verbose_name=_("person"))
    public = models.CharField(_("public key"), max_length=130)
    locked = models.TextField(editable=False)
    made_at = models.DateTimeField(_("made"))
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True)

    class Meta:
        verbose_name = _("key of drafts")
        verbose_name_plural = _("keys of drafts")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(retired_at=None), name="draft_key_in_use_once_a_person"
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)


class SealedDraft(models.Model):
    """A piece of a vendor's unfinished work, sealed to one of its people: the answers, or what a file is."""

    bid = models.ForeignKey(Bid, models.CASCADE, related_name="drafts", verbose_name=_("bid"))
    key = models.ForeignKey(DraftKey, models.CASCADE, related_name="+")
    #: "answers", or the identifier of a staged file.
    subject = models.CharField(max_length=40)
    sealed = models.BinaryField()

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["bid", "key", "subject"], name="sealed_draft_once_a_key"),
        ]

    def __str__(self) -> str:
        return f"{self.bid_id} {self.subject}"


class StagedFile(models.Model):
    """A sealed file. What it is called and belongs to stands in the draft and in the manifest, sealed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    bid = models.ForeignKey(Bid, models.PROTECT, related_name="staged_files", verbose_name=_("bid"))
    package = models.ForeignKey(Package, models.PROTECT, related_name="+")
    sealed = models.FileField(_("sealed file"), upload_to="sealed/")
    digest = models.CharField(_("SHA-256 of what is stored"), max_length=64)
    staged_at = models.DateTimeField(_("staged"))
    removed = models.BooleanField(_("taken out of the draft"), default=False)

    class Meta:
        ordering: ClassVar = ["staged_at", "pk"]
        verbose_name = _("staged file")
        verbose_name_plural = _("staged files")

    def __str__(self) -> str:
        return str(self.pk)


class SealedManifest(models.Model):
    """Part 0 of one envelope of a submission, sealed."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="manifests")
    envelope = models.CharField(_("envelope"), max_length=10, choices=Envelope)
    sealed = models.BinaryField()
    digest = models.CharField(_("SHA-256 of what is stored"), max_length=64)
    #: How many parts the envelope has, this one included.
    parts = models.PositiveIntegerField(_("parts"))

    class Meta:
        ordering: ClassVar = ["-envelope"]
        verbose_name = _("manifest")
        verbose_name_plural = _("manifests")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["submission", "envelope"], name="manifest_once_an_envelope"),
        ]

    def __str__(self) -> str:
        return f"{self.submission} {self.get_envelope_display()}"


class LateBid(models.Model):
    """A bid that came in at or after the deadline: not taken, and not forgotten."""

    tender = models.ForeignKey(Tender, models.PROTECT, related_name="late_bids", verbose_name=_("tender"))
    bid = models.ForeignKey(Bid, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("received"))
    by_name = models.CharField(_("sent by"), max_length=SIGNATURE_LENGTH)
    digest = models.CharField(_("SHA-256"), max_length=64)
    #: The signed refusal, as the vendor got it.
    refusal = models.TextField(editable=False)

    class Meta:
        ordering: ClassVar = ["at", "pk"]
        verbose_name = _("late bid")
        verbose_name_plural = _("late bids")

    def __str__(self) -> str:
        return f"{self.bid_id} {self.at:%Y-%m-%d %H:%M:%S}"


class ClosingRecord(models.Model):
    """The Merkle root of all commitments at the deadline, padded so that their number does not show."""

    tender = models.OneToOneField(Tender, models.PROTECT, related_name="closing", verbose_name=_("tender"))
    at = models.DateTimeField(_("written"))
    root = models.CharField(_("Merkle root"), max_length=64)
    #: The leaves in order, as a JSON list of hex: commitments and random ones.
    leaves = models.TextField(editable=False)
    #: The signed record, as it was mailed: canonical JSON.
    document = models.TextField(editable=False)

    class Meta:
        verbose_name = _("closing record")
        verbose_name_plural = _("closing records")

    def __str__(self) -> str:
        return f"{self.tender} {self.root[:16]}"
