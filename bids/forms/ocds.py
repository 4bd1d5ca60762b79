"""A file of the Open Contracting Data Standard, and what to take of it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bids.ocds import MOST_BYTES
from procurement.models.fields import CODE_LENGTH


class ReleaseForm(forms.Form):
    """A release, a release package or a record package."""

    file = forms.FileField(
        label=gettext_lazy("File (.json)"),
        widget=forms.ClearableFileInput(attrs={"accept": ".json,application/json"}),
    )
    reference = forms.CharField(
        label=gettext_lazy("Reference here"),
        help_text=gettext_lazy("Empty: as in the file."),
        max_length=CODE_LENGTH,
        required=False,
    )
    ocid = forms.CharField(
        label=gettext_lazy("Process (ocid)"),
        help_text=gettext_lazy("Where the file has several."),
        max_length=300,
        required=False,
    )
    lot = forms.CharField(
        label=gettext_lazy("Lot"),
        help_text=gettext_lazy("Where the tender has several; a tender here is one."),
        max_length=CODE_LENGTH,
        required=False,
    )

    def clean_file(self) -> Any:
        """The file, unless it is too large to be read."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            size = filesizeformat(MOST_BYTES)
            raise ValidationError(_("The file is larger than %(size)s.") % {"size": size})
        return file
