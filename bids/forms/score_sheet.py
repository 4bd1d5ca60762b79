"""The file of a filled-in score sheet."""

from django import forms
from django.utils.translation import gettext_lazy

from procurement.forms.imports import ImportForm


class ScoreSheetForm(ImportForm):
    """A workbook."""

    file = forms.FileField(
        label=gettext_lazy("Score sheet (.xlsx)"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
    )
