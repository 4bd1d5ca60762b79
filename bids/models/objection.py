"""An objection of security, the answers by name that it got, and what was promised in them."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from bids.choices import AnswerKind
from procurement.choices import Severity
from procurement.models import Requirement, Tender, Unit, User
from procurement.models.fields import SIGNATURE_LENGTH, Versioned

from .bid import Bid

#: Length of the one sentence that says what is wrong.
CLAIM_LENGTH = 300

#: Files beside one objection, and conditions of one answer.
MOST_FILES = MOST_CONDITIONS = 10

#: Days for which a risk can be accepted at most.
MOST_DAYS = 180


class Objection(Versioned):
    """A named warning against a bid or, without one, against what the tender asks.

    Nothing of it changes once it is raised; what follows is added beside it. `snapshot` is the state of the
    case at that moment as canonical JSON (`bids.actions.snapshots`).
    """

    tender = models.ForeignKey(Tender, models.CASCADE, related_name="objections", verbose_name=_("tender"))
    number = models.PositiveIntegerField(_("number"))
    bid = models.ForeignKey(
        Bid, models.PROTECT, null=True, blank=True, related_name="objections", verbose_name=_("bid")
    )
    requirement = models.ForeignKey(
        Requirement, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("requirement")
    )
    severity = models.CharField(_("severity"), max_length=10, choices=Severity)
    claim = models.CharField(_("what is wrong"), max_length=CLAIM_LENGTH)
    argument = models.TextField(_("argument"), blank=True)
    evidence = models.TextField(_("evidence"), blank=True)
    remedy = models.TextField(_("what would settle it"), blank=True)
    consequence = models.TextField(_("what happens if nothing is done"), blank=True)
    raiser = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("raised by"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("raising unit"))
    raised_by = models.CharField(_("raised by"), max_length=SIGNATURE_LENGTH)
    raised_at = models.DateTimeField(_("raised"))
    due_at = models.DateTimeField(_("answer due"))
    snapshot = models.TextField(_("snapshot"), editable=False)
    withdrawn_by = models.CharField(_("withdrawn by"), max_length=SIGNATURE_LENGTH, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawn_reason = models.TextField(_("reason of the withdrawal"), blank=True)

    class Meta:
        ordering: ClassVar = ["number"]
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tender", "number"], name="objection_number_once_a_tender"),
            models.CheckConstraint(
                name="objection_withdrawn_by_name_with_reason",
                condition=models.Q(withdrawn_by="", withdrawn_reason="", withdrawn_at=None)
                | (~models.Q(withdrawn_by="") & ~models.Q(withdrawn_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"OBJ-{self.number}"


class ObjectionFile(models.Model):
    """A file that shows what an objection says; never changed, never run by a browser."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    objection = models.ForeignKey(
        Objection, models.PROTECT, related_name="files", verbose_name=_("objection")
    )
    name = models.CharField(_("file name"), max_length=255)
    size = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    file = models.FileField(_("file"), upload_to="objections/")

    class Meta:
        ordering: ClassVar = ["name", "pk"]
        verbose_name = _("file of an objection")
        verbose_name_plural = _("files of objections")

    def __str__(self) -> str:
        return self.name


class Statement(models.Model):
    """What the panel, the owner or the officer has to say to an objection, by name."""

    objection = models.ForeignKey(
        Objection, models.CASCADE, related_name="statements", verbose_name=_("objection")
    )
    text = models.TextField(_("opinion"))
    by_name = models.CharField(_("by"), max_length=SIGNATURE_LENGTH)
    at = models.DateTimeField(_("stated"))

    class Meta:
        ordering: ClassVar = ["pk"]
        verbose_name = _("opinion")
        verbose_name_plural = _("opinions")
        constraints: ClassVar = [
            models.CheckConstraint(name="statement_with_words", condition=~models.Q(text="")),
        ]

    def __str__(self) -> str:
        return self.by_name


class ObjectionAnswer(models.Model):
    """An answer by name, given for the state of the case that `snapshot` holds, and never changed.

    The last one counts. It lapses when bid, findings or marks are no longer those of its snapshot, and an
    acceptance ends with the day `expires_on`, in Taipei; a new answer is then a new row.
    """

    objection = models.ForeignKey(
        Objection, models.PROTECT, related_name="answers", verbose_name=_("objection")
    )
    number = models.PositiveSmallIntegerField(_("number"))
    kind = models.CharField(_("answer"), max_length=10, choices=AnswerKind)
    reason = models.TextField(_("reason"))
    expires_on = models.DateField(_("acceptance expires"), null=True, blank=True)
    answerer = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("answered by"))
    answered_by = models.CharField(_("answered by"), max_length=SIGNATURE_LENGTH)
    answered_at = models.DateTimeField(_("answered"))
    #: That "next above" answered, because the approver had not in time.
    escalated = models.BooleanField(_("answered by next above"), default=False)
    snapshot = models.TextField(_("snapshot"), editable=False)

    class Meta:
        ordering: ClassVar = ["number"]
        verbose_name = _("answer to an objection")
        verbose_name_plural = _("answers to objections")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["objection", "number"], name="answer_number_once_an_objection"),
            models.CheckConstraint(
                name="answer_with_name_and_reason",
                condition=~models.Q(answered_by="") & ~models.Q(reason=""),
            ),
            models.CheckConstraint(
                name="answer_expires_if_it_accepts",
                condition=models.Q(kind=AnswerKind.ACCEPTED, expires_on__isnull=False)
                | (~models.Q(kind=AnswerKind.ACCEPTED) & models.Q(expires_on__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.objection} {self.number}"


class Condition(models.Model):
    """What must be done for an accepted risk, by whom and until when; once it is met it says how."""

    answer = models.ForeignKey(
        ObjectionAnswer, models.PROTECT, related_name="conditions", verbose_name=_("answer")
    )
    position = models.PositiveSmallIntegerField(_("position"))
    text = models.TextField(_("condition"))
    control = models.TextField(_("compensating control"))
    owner = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("owner"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("accountable unit"))
    owner_name = models.CharField(_("owner"), max_length=SIGNATURE_LENGTH)
    due_on = models.DateField(_("due"))
    met_by = models.CharField(_("met, says"), max_length=SIGNATURE_LENGTH, blank=True)
    met_at = models.DateTimeField(_("met"), null=True, blank=True)
    met_evidence = models.TextField(_("how it was met"), blank=True)

    class Meta:
        ordering: ClassVar = ["answer", "position"]
        verbose_name = _("condition")
        verbose_name_plural = _("conditions")
        constraints: ClassVar = [
            models.CheckConstraint(
                name="condition_met_by_name_with_evidence",
                condition=models.Q(met_by="", met_evidence="", met_at=None)
                | (~models.Q(met_by="") & ~models.Q(met_evidence="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.answer.objection} {self.position + 1}"

    @property
    def is_met(self) -> bool:
        """Whether the owner's unit has said how it was met."""
        return bool(self.met_by)


class RemedyConfirmation(models.Model):
    """That the raising unit saw the remedy of an upheld objection; good for the state in `snapshot` only."""

    answer = models.ForeignKey(
        ObjectionAnswer, models.PROTECT, related_name="confirmations", verbose_name=_("answer")
    )
    text = models.TextField(_("what was done"))
    by_name = models.CharField(_("confirmed by"), max_length=SIGNATURE_LENGTH)
    at = models.DateTimeField(_("confirmed"))
    snapshot = models.TextField(_("snapshot"), editable=False)

    class Meta:
        ordering: ClassVar = ["pk"]
        verbose_name = _("confirmation of a remedy")
        verbose_name_plural = _("confirmations of remedies")
        constraints: ClassVar = [
            models.CheckConstraint(
                name="confirmation_with_name_and_words",
                condition=~models.Q(by_name="") & ~models.Q(text=""),
            ),
        ]

    def __str__(self) -> str:
        return self.by_name
