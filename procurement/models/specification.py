"""What a tender asks: requirements, and the tree of criteria with its weights."""

from typing import ClassVar

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from procurement.catalogues import baseline
from procurement.choices import EvidenceAsked, Kind, RequirementKind, Severity

from .fields import CODE_LENGTH, ExactDecimalField, Versioned
from .people import Unit, User
from .tender import Tender

#: Longest value that a blank takes, in characters.
BLANK_LENGTH = 60

#: Texts of a requirement in which blanks may stand.
BLANK_TEXTS = (
    "title",
    "title_en",
    "why",
    "why_en",
    "pass_test",
    "pass_test_en",
    "evidence",
    "evidence_en",
)


class Requirement(Versioned):
    """Something a bid must, or should, fulfil. A mandatory one is a gate: not met excludes the bid.

    `title` and `evidence` are the text of record; what ends in `_en` says the same to readers of English.
    What was picked from a catalogue is copied, with where it came from: a later edition changes nothing.
    """

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

    # in words for those who ask, who answer and who verify
    title_en = models.TextField(_("requirement in English"), blank=True)
    why = models.TextField(_("why it is asked"), blank=True)
    why_en = models.TextField(_("why it is asked, in English"), blank=True)
    pass_test = models.TextField(_("when it is met"), blank=True)
    pass_test_en = models.TextField(_("when it is met, in English"), blank=True)
    evidence_en = models.TextField(_("evidence asked, in English"), blank=True)
    evidence_level = models.CharField(
        _("least evidence"), max_length=10, choices=EvidenceAsked, blank=True, default=""
    )

    # where it comes from
    catalogue = models.CharField(_("catalogue"), max_length=CODE_LENGTH, blank=True, editable=False)
    catalogue_version = models.CharField(_("edition"), max_length=CODE_LENGTH, blank=True, editable=False)
    entry = models.CharField(_("entry of the catalogue"), max_length=CODE_LENGTH, blank=True, editable=False)
    #: Of the entry's text when it was copied, in hex.
    entry_digest = models.CharField(_("SHA-256 of the entry"), max_length=64, blank=True, editable=False)
    #: Blanks of the entry: `{"id", "label", "label_en", "suggested", "value"}`; see `blanks`.
    parameters = models.JSONField(_("blanks"), default=list, blank=True, editable=False)

    class Meta:
        ordering: ClassVar = ["position"]
        verbose_name = _("requirement")
        verbose_name_plural = _("requirements")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tender", "code"], name="requirement_code_once_a_tender"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def _of_reader(self, name: str) -> str:
        """A text in the reader's language where it is there, else as it is on record."""
        own: str = getattr(self, name)
        english = (get_language() or "").startswith("en")
        return (getattr(self, f"{name}_en") or own) if english else own

    @property
    def shown_title(self) -> str:
        """The requirement in the reader's language."""
        return self._of_reader("title")

    @property
    def shown(self) -> str:
        """Code and title in the reader's language."""
        return f"{self.code} {self.shown_title}"

    @property
    def shown_evidence(self) -> str:
        """The evidence asked in the reader's language."""
        return self._of_reader("evidence")

    @property
    def shown_source(self) -> str:
        """Where it comes from, in the reader's language where the baseline says the same in both."""
        if self.catalogue == baseline.CODE and (get_language() or "").startswith("en"):
            entry = baseline.by_id().get(self.entry)
            if entry is not None and entry.sources.zh == self.source:
                return entry.sources.en or self.source
        return self.source

    @property
    def shown_why(self) -> str:
        """Why it is asked, in the reader's language."""
        return self._of_reader("why")

    @property
    def shown_pass_test(self) -> str:
        """When it is met, in the reader's language."""
        return self._of_reader("pass_test")

    @staticmethod
    def label_of(blank: dict[str, str]) -> str:
        """What a blank is called in the reader's language."""
        english = (get_language() or "").startswith("en")
        return (blank.get("label_en") or blank["label"]) if english else blank["label"]

    @property
    def blanks(self) -> list[dict[str, str]]:
        """The blanks that still stand in a text, in square brackets; none may when it is published."""
        texts = "\n".join(getattr(self, name) for name in BLANK_TEXTS)
        return [
            blank
            for blank in self.parameters
            if any(f"[{label}]" in texts for label in (blank["label"], blank.get("label_en")) if label)
        ]


class Criterion(Versioned):
    """A node of the criteria tree. People mark leaves; a node's weight is weighed against its siblings'."""

    tender = models.ForeignKey(Tender, models.CASCADE, related_name="criteria", verbose_name=_("tender"))
    position = models.PositiveIntegerField(editable=False)
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="children", verbose_name=_("part of")
    )
    code = models.CharField(_("code"), max_length=CODE_LENGTH)
    title = models.TextField(_("criterion"))
    title_en = models.TextField(_("criterion in English"), blank=True)
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
    def shown_title(self) -> str:
        """The criterion in the reader's language where it is there, else as it is on record."""
        english = (get_language() or "").startswith("en")
        return (self.title_en or self.title) if english else self.title

    @property
    def shown(self) -> str:
        """Code and title in the reader's language."""
        return f"{self.code} {self.shown_title}"

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
