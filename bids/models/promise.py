"""What the winner promised: a check for every requirement its bid meets, its sign-offs, and going live."""

import uuid
from datetime import date
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from bids.choices import Outcome, PromiseState, Proof
from procurement.choices import Severity
from procurement.models import RegisterEntry, Requirement, Tender, Unit, User
from procurement.models.fields import CODE_LENGTH, SIGNATURE_LENGTH, Versioned

from .bid import Bid


class Acceptance(Versioned):
    """The way of an awarded tender into operation: when it is planned for, and who said that it is there."""

    tender = models.OneToOneField(Tender, models.PROTECT, related_name="acceptance", verbose_name=_("tender"))
    #: The day on which the system is to go live; promises are due on it unless they have a day of their own.
    target_on = models.DateField(_("planned to go live"))
    #: The contract's last day; one that nobody entered runs on.
    contract_until = models.DateField(_("last day of the contract"), null=True, blank=True)
    live_by = models.CharField(_("put into operation by"), max_length=SIGNATURE_LENGTH, blank=True)
    live_at = models.DateTimeField(_("in operation since"), null=True, blank=True)
    #: What was open then: `{"code", "exception"}` of each gate promise, with the exception that covered it.
    live_despite = models.JSONField(_("in spite of"), default=list, editable=False)

    class Meta:
        verbose_name = _("acceptance")
        verbose_name_plural = _("acceptances")

    def __str__(self) -> str:
        return str(self.tender)


class Promise(Versioned):
    """A requirement that the winning bid meets, copied at the award, as a thing to be shown and signed.

    It keeps its words, unit and owner whatever becomes of the requirement. `outcome` is the last sign-off's.
    Promises of a bid whose award was suspended stay on record and are nobody's any more.
    """

    tender = models.ForeignKey(Tender, models.PROTECT, related_name="promises", verbose_name=_("tender"))
    bid = models.ForeignKey(Bid, models.PROTECT, related_name="promises", verbose_name=_("bid"))
    requirement = models.ForeignKey(
        Requirement, models.PROTECT, related_name="promises", verbose_name=_("requirement")
    )
    position = models.PositiveIntegerField(editable=False)
    code = models.CharField(_("code"), max_length=CODE_LENGTH)
    text = models.TextField(_("requirement"))
    mandatory = models.BooleanField(_("gate"))
    severity = models.CharField(_("severity"), max_length=10, choices=Severity)
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("accountable unit")
    )
    owner = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="promises", verbose_name=_("owner")
    )
    proof = models.CharField(_("kind of evidence"), max_length=15, choices=Proof)
    due_on = models.DateField(_("due"))
    #: The day that was set at the award; moving it leaves this one.
    first_due_on = models.DateField(_("first due"), editable=False)
    outcome = models.CharField(_("outcome"), max_length=6, choices=Outcome, blank=True)
    settled_on = models.DateField(_("signed on"), null=True, blank=True)
    #: Whether it was broken before it was kept: then it was not kept in time.
    was_broken = models.BooleanField(_("was broken before"), default=False)
    #: What allows to go live before it is kept.
    exceptions = models.ManyToManyField(RegisterEntry, related_name="promises", blank=True)

    class Meta:
        ordering: ClassVar = ["position"]
        verbose_name = _("promise")
        verbose_name_plural = _("promises")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["bid", "requirement"], name="promise_once_a_bid_and_requirement"),
            models.CheckConstraint(
                name="promise_signed_on_a_day",
                condition=models.Q(outcome="", settled_on__isnull=True)
                | (~models.Q(outcome="") & models.Q(settled_on__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.text}"

    @property
    def is_kept(self) -> bool:
        """Whether the last sign-off says that it is kept, in time or not."""
        return self.outcome == Outcome.KEPT

    def state(self, today: date) -> PromiseState:
        """Where it stands on the day, in Taipei: late is what was, or was not yet, kept after its day."""
        if self.outcome == Outcome.BROKEN:
            return PromiseState.BROKEN
        if self.settled_on is not None:
            late = self.was_broken or self.settled_on > self.due_on
            return PromiseState.LATE if late else PromiseState.KEPT
        return PromiseState.LATE if today > self.due_on else PromiseState.OPEN

    def covered_by(self, today: date) -> RegisterEntry | None:
        """The exception in force on the day that lets the system go live without it; None where none does."""
        return next((entry for entry in self.exceptions.all() if entry.is_in_force(today)), None)


class SignOff(models.Model):
    """What somebody of the bank signed about a promise, with the evidence. Rows are only ever added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    promise = models.ForeignKey(Promise, models.PROTECT, related_name="sign_offs", verbose_name=_("promise"))
    number = models.PositiveSmallIntegerField(_("number"))
    outcome = models.CharField(_("outcome"), max_length=6, choices=Outcome)
    text = models.TextField(_("evidence, or what was broken"))
    by_name = models.CharField(_("signed by"), max_length=SIGNATURE_LENGTH)
    at = models.DateTimeField(_("signed"))
    file = models.FileField(_("file"), upload_to="sign-offs/", blank=True)
    file_name = models.CharField(_("file name"), max_length=255, blank=True)
    size = models.PositiveIntegerField(_("size in bytes"), default=0)
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)

    class Meta:
        ordering: ClassVar = ["number"]
        verbose_name = _("sign-off")
        verbose_name_plural = _("sign-offs")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["promise", "number"], name="sign_off_number_once_a_promise"),
            models.CheckConstraint(
                name="sign_off_by_name_with_words", condition=~models.Q(text="") & ~models.Q(by_name="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.promise_id} {self.outcome}"
