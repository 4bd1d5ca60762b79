"""The files of an evaluation held on paper."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procurement.forms.imports import ImportForm
from procurement.sheets.tables import UPLOAD_BYTES


class EvaluationForm(ImportForm):
    """A workbook with bids, claims and marks; or the bids, and the marks in a file of their own."""

    marks = forms.FileField(
        label=gettext_lazy("Marks, where they are in another file"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv,.tsv,.txt"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].label = gettext_lazy("Bids with prices and claims (.xlsx or .csv)")

    def clean_marks(self) -> Any:
        """The file, unless it is too large to be read."""
        file = self.cleaned_data["marks"]
        if file and file.size > UPLOAD_BYTES:
            size = filesizeformat(UPLOAD_BYTES)
            raise ValidationError(_("The file is larger than %(size)s.") % {"size": size})
        return file
