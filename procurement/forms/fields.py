"""Fields that take numbers and money as people write them, and texts that a case file can carry."""

import unicodedata
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from procurement.models import Criterion, Requirement
from procurement.models.fields import plain
from procurement.sheets.numerals import DIGITS
from procurement.sheets.values import Unreadable, parse_amount, parse_number

HUNDRED = Decimal(100)


class NumberField(forms.CharField):
    """An exact number: full-width digits, thousands separators and Chinese numerals are read.

    `least` and `above` are the bounds (inclusive, exclusive). The cleaned value is a `Decimal` or None.
    """

    def __init__(
        self, *, least: int | None = None, above: int | None = None, most: int | None = None, **kwargs: Any
    ) -> None:
        self.least, self.above, self.most = least, above, most
        kwargs.setdefault("required", False)
        super().__init__(**kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return super().widget_attrs(widget) | {"inputmode": "decimal", "autocomplete": "off"}

    def prepare_value(self, value: Any) -> Any:
        return plain(value) if isinstance(value, Decimal) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)

    def read(self, text: str) -> Decimal:
        """The number that stands in the text. Raises `Unreadable`."""
        return parse_number(text)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if text in self.empty_values:
            return None
        try:
            return self.read(text)
        except Unreadable as refusal:
            raise ValidationError(_(refusal.template) % refusal.params) from refusal

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is None:
            return
        if self.least is not None and value < self.least:
            raise ValidationError(_("It must be at least %(bound)s.") % {"bound": self.least})
        if self.above is not None and value <= self.above:
            raise ValidationError(_("It must be more than %(bound)s.") % {"bound": self.above})
        if self.most is not None and value > self.most:
            raise ValidationError(_("It must be at most %(bound)s.") % {"bound": self.most})
        self._check_digits(plain(value.copy_abs()) if isinstance(value, Decimal) else str(abs(value)))

    def _check_digits(self, text: str) -> None:
        """Refuse more digits than a case file takes: 十0.… can have more than were typed."""
        whole, _point, decimals = text.partition(".")
        if max(len((whole + decimals).lstrip("0")), len(decimals)) > DIGITS:
            raise ValidationError(
                _("“%(text)s” has more than %(digits)d digits.") % {"text": text, "digits": DIGITS}
            )

    def run_validators(self, value: Any) -> None:
        """Those of a text do not fit a number."""


class WholeField(NumberField):
    """A whole number; the cleaned value is an `int` or None."""

    def to_python(self, value: Any) -> Any:
        number = super().to_python(value)
        if number is None:
            return None
        if number != number.to_integral_value():
            raise ValidationError(_("It must be a whole number."))
        return int(number)


class MoneyField(NumberField):
    """An amount of money, as people write it: 1,850 萬元, NT$ 18,500,000."""

    def prepare_value(self, value: Any) -> Any:
        return f"{value:,f}" if isinstance(value, Decimal) else value

    def read(self, text: str) -> Decimal:
        return parse_amount(text).value


class PercentField(NumberField):
    """A share typed in percent: `80` or `80 %` is 0.8."""

    def prepare_value(self, value: Any) -> Any:
        return plain(value * HUNDRED) if isinstance(value, Decimal) else value

    def read(self, text: str) -> Decimal:
        return parse_number(text, percent=True)

    def clean(self, value: Any) -> Any:
        percent = super().clean(value)
        return None if percent is None else percent / HUNDRED


class MomentField(forms.DateTimeField):
    """A date and a time of day in Taipei, not before 2000: the first hours of year 1 have no UTC."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    earliest_year = 2000

    def to_python(self, value: Any) -> Any:
        moment = super().to_python(value)
        if moment is not None and moment.year < self.earliest_year:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return moment


def _is_character(sign: str) -> bool:
    """Whether a case file takes the code point: no control character, no surrogate, no noncharacter."""
    point = ord(sign)
    noncharacter = point & 0xFFFE == 0xFFFE or 0xFDD0 <= point <= 0xFDEF
    return not noncharacter and unicodedata.category(sign) not in ("Cc", "Cs")


class AskedField(forms.ModelChoiceField):
    """A requirement or a criterion, in the reader's language."""

    def label_from_instance(self, obj: Requirement | Criterion) -> str:
        return obj.shown


class Tidy(forms.BaseForm):
    """Texts as a case file takes them: composed, no control characters, line feeds only in text areas."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name, value in list(cleaned.items()):
            if isinstance(value, str) and not isinstance(self.fields[name].widget, forms.PasswordInput):
                cleaned[name] = unicodedata.normalize("NFC", value.replace("\r\n", "\n"))
                several_lines = isinstance(self.fields[name].widget, forms.Textarea)
                if not all(_is_character(sign) or (sign == "\n" and several_lines) for sign in cleaned[name]):
                    self.add_error(name, _("There is an invisible control character in this text."))
        return cleaned


class Seen(forms.BaseForm):
    """Remembers which version of the row was on screen."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"] = forms.IntegerField(
            widget=forms.HiddenInput, initial=self.instance.version, required=self.instance.pk is not None
        )

    @property
    def seen(self) -> int:
        """The version that was on screen."""
        return self.cleaned_data["version"]
