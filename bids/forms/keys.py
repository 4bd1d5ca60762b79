"""Passphrases of opening keys, and who opens a tender's bids."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bids.forms.panel import PasswordForm
from bids.models.key import OFFICERS
from procurement.forms.specification import PersonField
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
    """The three people of whom any two open the bids; `suggested` are shown where nobody is named yet."""

    def __init__(
        self, *args: Any, tender: Tender, people: Any, suggested: Sequence[User] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        named = [row.user_id for row in tender.opening_officers.all()]
        shown = named or [user.pk for user in suggested]
        for number in range(OFFICERS):
            field = PersonField(label=_("Opening officer %(n)d") % {"n": number + 1})
            field.queryset = people
            field.initial = shown[number] if number < len(shown) else None
            self.fields[f"officer_{number + 1}"] = field

    @property
    def users(self) -> list[User]:
        """Those who were chosen, in order."""
        return [self.cleaned_data[name] for name in self.fields]
