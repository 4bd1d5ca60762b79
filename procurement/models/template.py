"""Specifications that are kept to start tenders from."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from .fields import CODE_LENGTH, SIGNATURE_LENGTH


class SpecificationTemplate(models.Model):
    """Requirements, criteria and rules by value, without dates and people. It is never changed."""

    name = models.CharField(_("name"), max_length=CODE_LENGTH, unique=True)
    note = models.TextField(_("what it is for"), blank=True)
    #: `{"rules": {column: value}, "criteria": [row], "requirements": [row]}`, numbers as text, rows by code.
    document = models.JSONField(editable=False)
    #: The tender that it was made of, as it was called then.
    origin = models.TextField(_("made of"), editable=False)
    made_by = models.CharField(_("made by"), max_length=SIGNATURE_LENGTH, editable=False)
    made_at = models.DateTimeField(_("made"), editable=False)

    class Meta:
        ordering: ClassVar = ["name"]
        verbose_name = _("specification template")
        verbose_name_plural = _("specification templates")

    def __str__(self) -> str:
        return self.name

    def _number_of(self, part: str) -> int:
        rows: list[Any] = self.document[part]
        return len(rows)

    @property
    def requirements(self) -> int:
        """How many requirements it has."""
        return self._number_of("requirements")

    @property
    def criteria(self) -> int:
        """How many criteria it has."""
        return self._number_of("criteria")
