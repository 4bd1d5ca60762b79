"""Columns that the other models share."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

#: Length of identifiers such as codes and references, so that every database can index them.
CODE_LENGTH = 200

#: Length of a signature: name, job title, and unit or vendor.
SIGNATURE_LENGTH = 600


def plain(number: Decimal) -> str:
    """Write a finite decimal in plain notation without trailing zeros: `Decimal("1E+2")` gives `"100"`."""
    text = format(number, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


class ExactDecimalField(models.CharField):
    """A decimal of any scale, kept as text.

    SQLite would keep a decimal column as a binary float past 15 digits and PostgreSQL would cut it to a fixed
    scale; money and marks must come back exactly as they went in. Numbers are therefore never compared or
    sorted in SQL.
    """

    description = _("Exact decimal")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_length"] = 64
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_length"]
        return name, path, args, kwargs

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Decimal | None:
        return Decimal(value) if value else None

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or value == "":
            return None
        try:
            number = value if isinstance(value, Decimal) else Decimal(str(value))
        except InvalidOperation as error:
            raise ValidationError(_("“%(value)s” is not a number."), params={"value": value}) from error
        if not number.is_finite():
            raise ValidationError(_("“%(value)s” is not a number."), params={"value": value})
        return number

    def get_prep_value(self, value: Any) -> str | None:
        number = self.to_python(value)
        return None if number is None else plain(number)

    def value_to_string(self, obj: models.Model) -> str:
        return self.get_prep_value(self.value_from_object(obj)) or ""

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)

    def run_validators(self, value: Any) -> None:
        """The length of the text is held against the column, not the number."""
        if value not in self.empty_values:
            super().run_validators(plain(value))

    def formfield(self, **kwargs: Any) -> forms.Field:
        kwargs.pop("form_class", None)
        kwargs.pop("choices_form_class", None)
        return models.Field.formfield(self, form_class=forms.DecimalField, max_digits=30, **kwargs)


class Versioned(models.Model):
    """A row that several people may edit: whoever saves an older version is told, nothing is overwritten."""

    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    class Meta:
        abstract = True
