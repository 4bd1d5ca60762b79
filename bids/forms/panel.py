"""What officers and members enter between opening and ranking: findings, who takes part, signatures."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bids.models import Bid
from procurement import throttle
from procurement.forms.fields import Tidy
from procurement.models import Seat, Tender, User

MOST_TEXT = 4000


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
        if not throttle.knows_password(self.actor, password):
            raise ValidationError(_("This is not your password. Nothing was submitted."))
        return password
