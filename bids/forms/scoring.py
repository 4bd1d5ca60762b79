"""What is entered while bids are marked: first opinions, marks, and what the panel agrees on."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bids.choices import Absence
from bids.forms.panel import VersionForm, long_text
from procurement.forms.fields import NumberField, Tidy

#: A scale of whole marks up to this one is shown as buttons, a longer one as a field.
MOST_BUTTONS = 10

#: What stands in the field of a mark in place of a number.
ABSENCES = {"x": Absence.ABSTAINED, "n": Absence.NOT_MY_FIELD}
SIGNS = {absence: sign for sign, absence in ABSENCES.items()}


class MarkForm(VersionForm):
    """One mark: a number, `x` for an abstention or `n` for "not my field"; the action refuses what cannot be.

    `instead` is the version of the stored mark that the member wants to replace after being told of it.
    """

    mark = forms.CharField(label=gettext_lazy("Mark"), required=False, max_length=40)
    comment = long_text(gettext_lazy("Reason of the mark"), required=False)
    instead = forms.IntegerField(required=False, min_value=1)

    def clean_mark(self) -> Decimal | Absence:
        """The number, or why there is none. Raises `ValidationError` where neither stands."""
        typed = self.cleaned_data["mark"].strip()
        if typed.lower() in ABSENCES:
            return ABSENCES[typed.lower()]
        if not typed:
            raise ValidationError(_("Give a mark, or say that you do not mark this."))
        return NumberField().clean(typed)

    @property
    def arguments(self) -> dict[str, Any]:
        """What the action wants to know."""
        words = self.cleaned_data
        seen = words["instead"] or words["version"]
        given = {"comment": words["comment"], "seen": seen}
        if isinstance(words["mark"], Decimal):
            return given | {"mark": words["mark"]}
        return given | {"mark": None, "absence": words["mark"]}


def steps_of(maximum: Fraction) -> list[int]:
    """The marks of a scale that is short enough to be shown as buttons; empty for others."""
    if maximum.denominator != 1 or maximum > MOST_BUTTONS:
        return []
    return list(range(int(maximum) + 1))


class OpinionForm(Tidy, forms.Form):
    """What the working group thought of one bid on one criterion."""

    bid = forms.ModelChoiceField(queryset=None)
    text = long_text(gettext_lazy("First opinion"))
    mark = NumberField(label=gettext_lazy("Mark, if it gave one"), max_length=40)

    def __init__(self, *args: Any, bids: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bid"].queryset = bids


class AgreedForm(Tidy, forms.Form):
    """A mark that the panel agreed on."""

    bid = forms.ModelChoiceField(queryset=None)
    mark = NumberField(label=gettext_lazy("Agreed mark"), required=True, max_length=40)
    reason = long_text(gettext_lazy("Reason"))
    replaces = NumberField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, bids: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bid"].queryset = bids
