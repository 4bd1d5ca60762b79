"""What the ledger is narrowed by, and what security adds to it."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bids.choices import LedgerKind
from procurement.forms.fields import Tidy
from procurement.forms.filters import Filters

from .panel import long_text


class LedgerFilters(Filters):
    """Narrows the ledger; units, approvers and years are those that stand in it."""

    q = forms.CharField(label=_("Text"), max_length=200, required=False, widget=forms.SearchInput)
    kind = forms.ChoiceField(label=_("Kind"), choices=[("", _("All")), *LedgerKind.choices], required=False)
    unit = forms.ChoiceField(label=_("Unit"), required=False)
    approver = forms.ChoiceField(label=_("Decided by"), required=False)
    year = forms.ChoiceField(label=_("Year"), required=False)
    overdue = forms.BooleanField(label=_("Past due only"), required=False)

    def __init__(
        self,
        *args: Any,
        units: Iterable[tuple[str, str]],
        approvers: Iterable[str],
        years: Iterable[str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        named = {
            "unit": list(units),
            "approver": [(name, name) for name in approvers],
            "year": [(year, year) for year in years],
        }
        for name, choices in named.items():
            self.fields[name].choices = [("", _("All")), *choices]


class OutcomeForm(Tidy, forms.Form):
    """What came of it."""

    text = long_text(_("What came of it"), rows=3)
