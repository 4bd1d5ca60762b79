"""The file of an import."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procurement.sheets.tables import UPLOAD_BYTES


class ImportForm(forms.Form):
    """A workbook or a text table."""

    file = forms.FileField(
        label=gettext_lazy("File (.xlsx or .csv)"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv,.tsv,.txt"}),
    )

    def clean_file(self) -> Any:
        """The file, unless it is too large to be read."""
        file = self.cleaned_data["file"]
        if file.size > UPLOAD_BYTES:
            size = filesizeformat(UPLOAD_BYTES)
            raise ValidationError(_("The file is larger than %(size)s.") % {"size": size})
        return file
