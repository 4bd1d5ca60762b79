"""Forms of waivers and accepted risks; each ends in the password, typed afresh."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from procurement.forms.fields import Tidy

from .panel import PasswordForm, long_text


class WaiverForm(Tidy, PasswordForm):
    """What is proposed: why, what takes the requirement's place, and until when."""

    field_order = ("reason", "control", "expires_on", "password")

    reason = long_text(_("Why it is acceptable"), rows=4)
    control = long_text(
        _("Compensating control"), rows=3, help_text=_("What is done in its place until the expiry date.")
    )
    expires_on = forms.DateField(
        label=_("Expiry date"),
        help_text=_("The last day on which it holds, at most 180 days ahead."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, today: date, longest: timedelta, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        bounds = {"min": today + timedelta(days=1), "max": today + longest}
        self.fields["expires_on"].widget.attrs.update({key: f"{day}" for key, day in bounds.items()})

    @property
    def arguments(self) -> dict[str, Any]:
        """What the action wants to know."""
        return {name: self.cleaned_data[name] for name in ("reason", "control", "expires_on")}


class SignatureForm(Tidy, PasswordForm):
    """A signature on the version that was on screen."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class RefusalForm(SignatureForm):
    """The same for a refusal, which has a reason."""

    field_order = ("reason", "password")

    reason = long_text(_("Reason of the refusal"), rows=3)
