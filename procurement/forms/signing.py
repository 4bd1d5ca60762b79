"""A signature: the person's own password, typed afresh."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procurement import throttle
from procurement.models import User


class Signed(forms.Form):
    """Adds the password of `actor` as the last field."""

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        self.fields["password"] = forms.CharField(
            label=gettext_lazy("Your password, as a signature"),
            strip=False,
            widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        )

    def clean_password(self) -> str:
        """Raise `ValidationError` unless it is the actor's own."""
        password: str = self.cleaned_data["password"]
        if not throttle.knows_password(self.actor, password):
            raise ValidationError(_("This is not your password. Nothing was signed."))
        return password
