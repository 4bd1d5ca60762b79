"""What a vendor declares about itself: who owns it, who works for it, what it sells, its certificates."""

from datetime import date
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from .fields import CODE_LENGTH, SIGNATURE_LENGTH, Versioned
from .people import Vendor, check_tax_id

#: Owners from this share on are named, with their country (rules of the Bankers Association).
LEAST_SHARE = 25

country_code = RegexValidator(r"^[A-Z]{2}$", _("A country is two capital letters, as in TW."))


class CompanyProfile(models.Model):
    """One declaration of a vendor, never changed: the next one has the next number.

    The lists keep texts: `owners` have name, country and share in percent, `subcontractors` name, country and
    work, `origins` product and country, `certificates` name, issuer, number and the last day (ISO).
    """

    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="profiles", verbose_name=_("vendor"))
    number = models.PositiveIntegerField(_("version"))
    country = models.CharField(_("country of registration"), max_length=2, validators=[country_code])
    address = models.CharField(_("address"), max_length=CODE_LENGTH)
    phone = models.CharField(_("phone"), max_length=50)
    contact = models.CharField(_("contact"), max_length=CODE_LENGTH)
    email = models.EmailField(_("email"))
    account = models.CharField(_("bank account"), max_length=60, blank=True)
    #: Said in so many words, so that an empty list is no omission.
    no_large_owner = models.BooleanField(_("no owner holds as much as 25 %"), default=False)
    control = models.CharField(_("country of control"), max_length=2, validators=[country_code])
    owners = models.JSONField(_("owners of at least 25 %"), default=list, blank=True)
    subcontractors = models.JSONField(_("subcontractors"), default=list, blank=True)
    origins = models.JSONField(_("origin of products"), default=list, blank=True)
    certificates = models.JSONField(_("certificates"), default=list, blank=True)
    declared_by = models.CharField(_("declared by"), max_length=SIGNATURE_LENGTH)
    declared_at = models.DateTimeField(_("declared"))

    class Meta:
        ordering: ClassVar = ["-number"]
        verbose_name = _("company profile")
        verbose_name_plural = _("company profiles")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["vendor", "number"], name="company_profile_number_once"),
            models.CheckConstraint(name="company_profile_by_name", condition=~models.Q(declared_by="")),
        ]

    def __str__(self) -> str:
        return f"{self.vendor} {self.number}"

    def clean(self) -> None:
        """Owners of at least 25 % are named, or it is said that there are none."""
        if bool(self.owners) == self.no_large_owner:
            raise ValidationError(
                {
                    "owners": _(
                        "Name the owners of at least 25 %, or state that there is none: one of the two."
                    )
                }
            )

    def certificates_on(self, today: date) -> list[dict[str, Any]]:
        """The certificates with their last `day`, and whether they have `ended` on the day."""
        rows = [row | {"day": date.fromisoformat(row["until"])} for row in self.certificates]
        return [row | {"ended": row["day"] < today} for row in rows]


class Registration(Versioned):
    """That a company asked to be let in, and what the bank answered.

    The password is kept as its hash alone, for the account that an approval makes of it.
    """

    name = models.CharField(_("company"), max_length=300)
    tax_id = models.CharField(_("tax id"), max_length=8, blank=True, validators=[check_tax_id])
    country = models.CharField(_("country of registration"), max_length=2, validators=[country_code])
    person = models.CharField(_("your name"), max_length=100)
    email = models.EmailField(_("email"), max_length=150)
    phone = models.CharField(_("phone"), max_length=50)
    words = models.TextField(_("what you offer"))
    language = models.CharField(_("language"), max_length=10, blank=True)
    password = models.CharField(max_length=128, editable=False)
    asked_at = models.DateTimeField(_("asked"))
    #: Where it was asked from; so many a day and no more.
    address = models.GenericIPAddressField(null=True, editable=False)
    approved = models.BooleanField(_("approved"), null=True, editable=False)
    reason = models.TextField(_("reason"), blank=True)
    decided_by = models.CharField(_("decided by"), max_length=SIGNATURE_LENGTH, blank=True, editable=False)
    decided_at = models.DateTimeField(_("decided"), null=True, editable=False)
    vendor = models.ForeignKey(Vendor, models.PROTECT, null=True, editable=False, related_name="+")

    class Meta:
        ordering: ClassVar = ["-asked_at", "-pk"]
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        constraints: ClassVar = [
            models.CheckConstraint(
                name="registration_decided_by_name",
                condition=models.Q(approved__isnull=True, decided_by="", decided_at__isnull=True)
                | (models.Q(approved__isnull=False, decided_at__isnull=False) & ~models.Q(decided_by="")),
            ),
            models.CheckConstraint(
                name="registration_refused_with_reason",
                condition=~models.Q(approved=False) | ~models.Q(reason=""),
            ),
            models.CheckConstraint(
                name="registration_approved_with_vendor",
                condition=models.Q(approved=True, vendor__isnull=False)
                | (~models.Q(approved=True) & models.Q(vendor__isnull=True))
                | models.Q(approved__isnull=True, vendor__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name
