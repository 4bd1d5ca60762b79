"""Passphrases of opening keys."""

from django import forms
from django.utils.translation import gettext_lazy


class PassphraseForm(forms.Form):
    """The words as they were written down; capitals, spaces and full width are forgiven."""

    passphrase = forms.CharField(
        label=gettext_lazy("Your passphrase"),
        max_length=500,
        widget=forms.PasswordInput(attrs={"class": "fld", "autocomplete": "off", "spellcheck": "false"}),
    )
