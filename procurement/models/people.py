"""Units, vendors and the people who belong to one of them."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
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


def check_tax_id(number: str) -> None:
    """Raise `ValidationError` unless it is a 統一編號 by its published checksum.

    Eight digits times 1, 2, 1, 2, 1, 2, 4, 1; the digits of the products add up to a multiple of 5 (of 10
    until the Ministry of Finance extended the numbers in April 2023). Where the seventh digit is 7, the 10 of
    its product 28 counts as 1 or as 0, so that one more will do, too.
    """
    if len(number) != 8 or not (number.isascii() and number.isdigit()):
        raise ValidationError(_("A tax id has eight digits."))
    products = (int(digit) * weight for digit, weight in zip(number, (1, 2, 1, 2, 1, 2, 4, 1), strict=True))
    total = sum(product // 10 + product % 10 for product in products)
    if total % 5 and not (number[6] == "7" and (total + 1) % 5 == 0):
        raise ValidationError(_("This is no tax id: its checksum is wrong."))


class Vendor(Versioned):
    """A company that may bid."""

    name = models.CharField(_("name"), max_length=300, unique=True)
    #: 統一編號; empty for companies that are not registered in Taiwan.
    tax_id = models.CharField(_("tax id"), max_length=8, blank=True, validators=[check_tax_id])

    class Meta:
        ordering: ClassVar = ["name"]
        verbose_name = _("vendor")
        verbose_name_plural = _("vendors")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tax_id"],
                condition=~Q(tax_id=""),
                name="vendor_tax_id_once",
                violation_error_message=_("A vendor with this tax id is there already."),
            ),
        ]

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
