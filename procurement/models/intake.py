"""The intake of a tender: answers, what they came to, and what was lowered with whose agreement."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from procurement.choices import Agreement, ProtectionLevel, RiskTier, SystemClass

from .fields import CODE_LENGTH, SIGNATURE_LENGTH, Versioned
from .people import User
from .tender import Tender


class Intake(Versioned):
    """The answers to the eight questions, and what was computed from them, by value.

    Proposals are `{"key", "value", "template", "params", "source"}`; templates are English and translated
    when shown. Later editions of the rules change no intake.
    """

    tender = models.OneToOneField(
        Tender, models.CASCADE, related_name="intake", verbose_name=_("tender"), primary_key=True
    )
    rules = models.CharField(_("edition of the rules"), max_length=CODE_LENGTH)
    answers = models.JSONField(_("answers"))
    #: The most demanding answer ever given to each question: less than that is lowering.
    worst = models.JSONField(_("most demanding answers"))
    system_class = models.CharField(_("system class"), max_length=1, choices=SystemClass)
    level = models.CharField(_("protection level"), max_length=10, choices=ProtectionLevel)
    tier = models.CharField(_("outsourcing risk"), max_length=10, choices=RiskTier)
    proposals = models.JSONField(_("proposals"), default=list)
    #: What had to be done before the tender, by step: `{"note", "by", "at"}`.
    steps = models.JSONField(_("steps before the tender"), default=dict, blank=True)
    answered_by = models.CharField(_("answered by"), max_length=SIGNATURE_LENGTH)
    answered_at = models.DateTimeField(_("answered"))

    class Meta:
        verbose_name = _("intake")
        verbose_name_plural = _("intakes")

    def __str__(self) -> str:
        return str(self.tender)


class Lowering(Versioned):
    """Proposals that somebody wants to lower, for a reason, and what security said by name.

    `items` are `{"key", "proposed", "value"}`; an empty value leaves the proposal out.
    """

    intake = models.ForeignKey(Intake, models.CASCADE, related_name="lowerings", verbose_name=_("intake"))
    number = models.PositiveIntegerField(_("number"), editable=False)
    items = models.JSONField(_("what is lowered"))
    reason = models.TextField(_("reason"))
    asker = models.ForeignKey(User, models.PROTECT, related_name="+", editable=False)
    asked_by = models.CharField(_("asked by"), max_length=SIGNATURE_LENGTH)
    asked_at = models.DateTimeField(_("asked"))
    answer = models.CharField(_("security’s answer"), max_length=10, choices=Agreement, blank=True)
    answer_reason = models.TextField(_("reason of the answer"), blank=True)
    answered_by = models.CharField(_("answered by"), max_length=SIGNATURE_LENGTH, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["number"]
        verbose_name = _("lowered proposal")
        verbose_name_plural = _("lowered proposals")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["intake", "number"], name="lowering_number_once_an_intake"),
            models.CheckConstraint(name="lowering_has_a_reason", condition=~models.Q(reason="")),
            models.CheckConstraint(
                name="lowering_answered_by_name",
                condition=models.Q(answer="", answered_by="", answered_at__isnull=True)
                | (~models.Q(answer="") & ~models.Q(answered_by="") & models.Q(answered_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.intake.tender.reference} #{self.number}"
