"""The form of the award."""

from django import forms
from django.utils.translation import gettext_lazy as _

from procurement.forms.fields import Tidy


class AwardForm(Tidy, forms.Form):
    """The reason of the award, and the ranking that was on screen."""

    reason = forms.CharField(label=_("Reason of the award"), widget=forms.Textarea(attrs={"rows": 4}))
    fingerprint = forms.CharField(widget=forms.HiddenInput)
