"""Units, vendors and the people who belong to one of them."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from procurement.choices import Role, Theme, UnitKind

from .fields import CODE_LENGTH, Versioned


class Unit(Versioned):
    """A department of the bank. The code stands in case files, the names on screen."""

    code = models.CharField(_("code"), max_length=CODE_LENGTH, unique=True)
    name_zh = models.CharField(_("Chinese name"), max_length=CODE_LENGTH)
    name_en = models.CharField(_("English name"), max_length=CODE_LENGTH)
    kind = models.CharField(_("side"), max_length=20, choices=UnitKind, default=UnitKind.BUSINESS)

    class Meta:
        ordering: ClassVar = ["pk"]
        verbose_name = _("unit")
        verbose_name_plural = _("units")

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return self.name_en if (get_language() or "").startswith("en") else self.name_zh


class Vendor(Versioned):
    """A company that may bid."""

    name = models.CharField(_("name"), max_length=300, unique=True)

    class Meta:
        ordering: ClassVar = ["name"]
        verbose_name = _("vendor")
        verbose_name_plural = _("vendors")

    def __str__(self) -> str:
        return self.name


class User(Versioned, AbstractUser):
    """A person who signs in: of one unit of the bank, or of one vendor."""

    first_name = None  # type: ignore[assignment]  # Django's way to drop an inherited field
    last_name = None  # type: ignore[assignment]  # Django's way to drop an inherited field
    name = models.CharField(_("name"), max_length=100)
    job_title = models.CharField(_("job title"), max_length=100, blank=True)
    role = models.CharField(_("role"), max_length=20, choices=Role)
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="people", verbose_name=_("unit")
    )
    vendor = models.ForeignKey(
        Vendor, models.PROTECT, null=True, blank=True, related_name="people", verbose_name=_("vendor")
    )
    language = models.CharField(_("language"), max_length=10, blank=True)
    theme = models.CharField(_("theme"), max_length=5, choices=Theme, default=Theme.AUTO)

    REQUIRED_FIELDS: ClassVar = ["name"]

    #: Where the request comes from that this person makes; nothing that is stored.
    address: str | None = None

    class Meta:
        ordering: ClassVar = ["username"]
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints: ClassVar = [
            models.CheckConstraint(
                name="user_of_one_unit_or_one_vendor",
                condition=Q(role=Role.VENDOR, vendor__isnull=False, unit__isnull=True)
                | Q(~Q(role=Role.VENDOR), vendor__isnull=True, unit__isnull=False),
                violation_error_message=_("A vendor's person belongs to a vendor, everybody else to a unit."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.job_title}".strip()

    def get_full_name(self) -> str:
        """The name as it is signed."""
        return self.name

    def get_short_name(self) -> str:
        """The name as it is signed."""
        return self.name

    @property
    def belongs_to(self) -> str:
        """Name of the unit or vendor."""
        return str(self.unit or self.vendor or "")
