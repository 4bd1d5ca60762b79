"""One's own password."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


def _field(label: Any, purpose: str, **kwargs: Any) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"class": "fld", "autocomplete": purpose})
    return forms.CharField(label=label, strip=False, widget=widget, **kwargs)


class OwnPasswordForm(forms.Form):
    """The password as it is, and the new one twice."""

    old = _field(gettext_lazy("Your password now"), "current-password")
    password = _field(
        gettext_lazy("New password"), "new-password", help_text=gettext_lazy("At least 12 characters.")
    )
    again = _field(gettext_lazy("New password again"), "new-password")

    def clean_again(self) -> str:
        """Raise `ValidationError` unless both are the same."""
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("password", again):
            raise ValidationError(_("The two passwords differ."))
        return again
