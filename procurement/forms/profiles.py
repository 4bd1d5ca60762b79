"""The file of a profile."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procurement.catalogues.profile_file import LARGEST_PROFILE


class ProfileForm(forms.Form):
    """An OSCAL profile in JSON."""

    file = forms.FileField(
        label=gettext_lazy("OSCAL profile (.json)"),
        widget=forms.ClearableFileInput(attrs={"accept": ".json"}),
    )

    def clean_file(self) -> Any:
        """The file, unless it is too large to be read."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST_PROFILE:
            size = filesizeformat(LARGEST_PROFILE)
            raise ValidationError(_("The file is larger than %(size)s.") % {"size": size})
        return file
