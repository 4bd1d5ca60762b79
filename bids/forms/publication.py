"""The form that ends a tender."""

from django import forms
from django.utils.translation import gettext_lazy as _

from procurement.forms.fields import Tidy


class CancelForm(Tidy, forms.Form):
    """Why a tender ends without an award."""

    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000)
