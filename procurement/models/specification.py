"""What a tender asks: requirements, and the tree of criteria with its weights."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from procurement.choices import Kind, RequirementKind, Severity

from .fields import CODE_LENGTH, ExactDecimalField, Versioned
from .people import Unit, User
from .tender import Tender


class Requirement(Versioned):
    """Something a bid must, or should, fulfil. A mandatory one is a gate: not met excludes the bid."""

    tender = models.ForeignKey(Tender, models.CASCADE, related_name="requirements", verbose_name=_("tender"))
    position = models.PositiveIntegerField(editable=False)
    code = models.CharField(_("code"), max_length=CODE_LENGTH)
    title = models.TextField(_("requirement"))
    kind = models.CharField(
        _("kind"), max_length=10, choices=RequirementKind, default=RequirementKind.SECURITY
    )
    mandatory = models.BooleanField(_("gate"), default=True)
    severity = models.CharField(_("severity"), max_length=10, choices=Severity, default=Severity.MEDIUM)
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("accountable unit")
    )
    owner = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    source = models.TextField(_("source"), blank=True)
    evidence = models.TextField(_("evidence asked"), blank=True)
    #: The leaf beside which its answer and evidence are read; None where it is a gate and nothing else.
    criterion = models.ForeignKey(
        "Criterion",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="informed_by",
        verbose_name=_("criterion"),
    )

    class Meta:
        ordering: ClassVar = ["position"]
        verbose_name = _("requirement")
        verbose_name_plural = _("requirements")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tender", "code"], name="requirement_code_once_a_tender"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class Criterion(Versioned):
    """A node of the criteria tree. People mark leaves; a node's weight is weighed against its siblings'."""

    tender = models.ForeignKey(Tender, models.CASCADE, related_name="criteria", verbose_name=_("tender"))
    position = models.PositiveIntegerField(editable=False)
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="children", verbose_name=_("part of")
    )
    code = models.CharField(_("code"), max_length=CODE_LENGTH)
    title = models.TextField(_("criterion"))
    weight = ExactDecimalField(_("weight"))
    minimum = ExactDecimalField(_("minimum"), null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, blank=True)
    maximum = ExactDecimalField(_("top of the scale"), null=True, blank=True)
    value = ExactDecimalField(_("value in money"), null=True, blank=True)
    #: What a mark means: `{"mark": number as text, "text": words}`, lowest first.
    anchors = models.JSONField(_("anchors"), default=list, blank=True)
    #: Whether weak evidence caps the mark; None is "yes for security, no for the rest".
    evidence_caps = models.BooleanField(_("evidence caps the mark"), null=True, blank=True)
    units = models.ManyToManyField(
        Unit, through="CriterionUnit", related_name="+", blank=True, verbose_name=_("marking units")
    )

    class Meta:
        ordering: ClassVar = ["position"]
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tender", "code"], name="criterion_code_once_a_tender"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def caps_marks(self) -> bool:
        """Whether weak evidence caps the mark; by default it does for security."""
        return self.kind == Kind.SECURITY if self.evidence_caps is None else self.evidence_caps


class CriterionUnit(models.Model):
    """A unit that marks a criterion; none at all means that every unit of the panel does."""

    criterion = models.ForeignKey(Criterion, models.CASCADE, related_name="marking_units")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["criterion", "unit"], name="criterion_unit_once"),
        ]

    def __str__(self) -> str:
        return f"{self.criterion.code} {self.unit.code}"
