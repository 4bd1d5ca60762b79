"""Passphrases of opening keys, and who opens a tender's bids."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bids.forms.panel import PasswordForm
from bids.models.key import OFFICERS
from procurement.models import Tender, User


class PassphraseForm(forms.Form):
    """The words as they were written down; capitals, spaces and full width are forgiven."""

    passphrase = forms.CharField(
        label=gettext_lazy("Your passphrase"),
        max_length=500,
        widget=forms.PasswordInput(attrs={"class": "fld", "autocomplete": "off", "spellcheck": "false"}),
    )


class UnlockForm(PassphraseForm, PasswordForm):
    """One's turn at an envelope: signed with the password, opened with the passphrase."""


class OpeningOfficersForm(forms.Form):
    """The three people of whom any two open the bids."""

    def __init__(self, *args: Any, tender: Tender, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        now = [row.user_id for row in tender.opening_officers.all()]
        for number in range(OFFICERS):
            self.fields[f"officer_{number + 1}"] = forms.ModelChoiceField(
                people,
                label=_("Opening officer %(n)d") % {"n": number + 1},
                initial=now[number] if number < len(now) else None,
            )

    @property
    def users(self) -> list[User]:
        """Those who were chosen, in order."""
        return [self.cleaned_data[name] for name in self.fields]
