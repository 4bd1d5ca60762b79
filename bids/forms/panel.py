"""What officers and members enter between opening and ranking: findings, marks, and who takes part."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bids.models import Bid
from procurement.forms.fields import NumberField, Tidy
from procurement.models import Seat, Tender, User

MOST_TEXT = 4000

#: A scale of whole marks up to this one is shown as buttons, a longer one as a field.
MOST_BUTTONS = 10


def long_text(label: Any, *, rows: int = 2, **kwargs: Any) -> forms.CharField:
    """A text of several lines."""
    widget = forms.Textarea(attrs={"class": "fld", "rows": rows})
    return forms.CharField(label=label, max_length=MOST_TEXT, widget=widget, **kwargs)


class VersionForm(Tidy, forms.Form):
    """Remembers which version of the row was on screen."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class ReasonForm(VersionForm):
    """A reason, asked for."""

    reason = long_text(gettext_lazy("Reason"))


class PresenceForm(ReasonForm):
    """Whether a member takes part, and why not."""

    present = forms.BooleanField(required=False)


class RecusalForm(Tidy, forms.Form):
    """Who has no say on which bid, and why."""

    seat = forms.ModelChoiceField(Seat.objects.none(), label=gettext_lazy("Panel member"))
    bid = forms.ModelChoiceField(Bid.objects.none(), label=gettext_lazy("Bid"))
    reason = long_text(gettext_lazy("Reason"))

    def __init__(self, *args: Any, tender: Tender, bids: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seat"].queryset = tender.seats.order_by("position")
        self.fields["bid"].queryset = bids


class FindingForm(VersionForm):
    """What the bank found about a claim."""

    verified = forms.TypedChoiceField(
        label=gettext_lazy("Finding"),
        choices=[
            ("yes", gettext_lazy("Met")),
            ("no", gettext_lazy("Not met")),
            ("", gettext_lazy("No finding")),
        ],
        coerce=lambda word: word == "yes",
        empty_value=None,
        required=False,
    )
    finding = long_text(gettext_lazy("What was found"), required=False)


class MarkForm(VersionForm):
    """One mark: a number, or `x` for an abstention; what cannot be given is refused by the action."""

    ABSTAIN = "x"

    mark = forms.CharField(label=gettext_lazy("Mark"), required=False, max_length=40)
    comment = long_text(gettext_lazy("Reason of the mark"), required=False)

    def clean_mark(self) -> Decimal | None:
        """The number, None for an abstention. Raises `ValidationError` where neither stands."""
        typed = self.cleaned_data["mark"]
        if typed.lower() == self.ABSTAIN:
            return None
        if not typed:
            raise ValidationError(_("Give a mark, or say that you do not mark this."))
        return NumberField().clean(typed)

    @property
    def arguments(self) -> dict[str, Any]:
        """What the action wants to know."""
        words = self.cleaned_data
        return {"mark": words["mark"], "comment": words["comment"], "seen": words["version"]}


def steps_of(maximum: Fraction) -> list[int]:
    """The marks of a scale that is short enough to be shown as buttons; empty for others."""
    if maximum.denominator != 1 or maximum > MOST_BUTTONS:
        return []
    return list(range(int(maximum) + 1))


class PasswordForm(forms.Form):
    """A signature: the password, typed afresh."""

    password = forms.CharField(
        label=gettext_lazy("Your password, as a signature"),
        strip=False,
        widget=forms.PasswordInput(attrs={"class": "fld", "autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor

    def clean_password(self) -> str:
        """Raise `ValidationError` unless it is the actor's own."""
        password: str = self.cleaned_data["password"]
        if not self.actor.check_password(password):
            raise ValidationError(_("This is not your password. Nothing was submitted."))
        return password


class AgreedForm(Tidy, forms.Form):
    """A mark that the panel agreed on."""

    bid = forms.ModelChoiceField(Bid.objects.none())
    mark = NumberField(label=gettext_lazy("Agreed mark"), required=True, max_length=40)
    reason = long_text(gettext_lazy("Reason"))
    replaces = NumberField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, bids: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bid"].queryset = bids
