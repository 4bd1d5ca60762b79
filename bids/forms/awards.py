"""Forms of the last steps: recommendation, approvals, award, complaints. A signature ends in the password."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bids.choices import ComplaintAnswer
from bids.models import Bid
from procurement.forms.fields import MomentField, Tidy, WholeField
from procurement.models import Seat

from .panel import PasswordForm, long_text

#: What a person who signs can say.
YES, NO = "yes", "no"


def _radio(label: Any, yes: Any, no: Any) -> forms.ChoiceField:
    """Yes or no, in words, with nothing chosen beforehand."""
    return forms.ChoiceField(label=label, choices=[(YES, yes), (NO, no)], widget=forms.RadioSelect)


class RecommendationForm(Tidy, forms.Form):
    """The minutes of the panel's recommendation."""

    bid = forms.ModelChoiceField(Bid.objects.none(), label=gettext_lazy("Bid that the panel recommends"))
    present = forms.ModelMultipleChoiceField(
        Seat.objects.none(),
        label=gettext_lazy("Present"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    in_favour = WholeField(label=gettext_lazy("In favour"), required=True, least=0, most=1000)
    against = WholeField(label=gettext_lazy("Against"), required=True, least=0, most=1000)
    discussed = _radio(
        gettext_lazy("Did those present discuss every criterion?"),
        gettext_lazy("Yes, item by item"),
        gettext_lazy("No"),
    )
    reason = long_text(gettext_lazy("Reason, as it goes into the minutes"), rows=3)
    benefits = long_text(
        gettext_lazy("What the higher price buys"),
        rows=3,
        required=False,
        help_text=gettext_lazy("Needed where price alone would have bought another bid."),
    )
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, bids: Any, voters: Sequence[Seat], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bid"].queryset = bids
        self.fields["present"].queryset = Seat.objects.filter(pk__in=[seat.pk for seat in voters]).order_by(
            "position"
        )

    @property
    def was_discussed(self) -> bool:
        """Whether every criterion was discussed."""
        return self.cleaned_data["discussed"] == YES


class ApprovalForm(Tidy, PasswordForm):
    """A side's word on the recommendation."""

    field_order = ("decision", "reason", "password")

    decision = _radio(
        gettext_lazy("Decision"), gettext_lazy("Approve"), gettext_lazy("Refuse, with a reason")
    )
    reason = long_text(gettext_lazy("Reason"), rows=3, required=False)
    seen = forms.CharField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """A refusal has a reason."""
        cleaned = super().clean()
        if cleaned.get("decision") == NO and not cleaned.get("reason"):
            self.add_error("reason", ValidationError(_("Say why you refuse.")))
        return cleaned

    @property
    def agrees(self) -> bool:
        """Whether the person does not refuse."""
        return self.cleaned_data["decision"] == YES


class AwardForm(ApprovalForm):
    """The award by name: why, what the higher price buys, and why first place is departed from."""

    field_order = ("decision", "reason", "benefits", "departure", "password")

    decision = _radio(gettext_lazy("Decision"), gettext_lazy("Award"), gettext_lazy("Refuse, with a reason"))
    reason = long_text(gettext_lazy("Reason of the award, or of the refusal"), rows=4)
    benefits = long_text(gettext_lazy("What the higher price buys"), rows=3, required=False)
    departure = long_text(
        gettext_lazy("Why the cheapest bid is taken although it is not first"), rows=3, required=False
    )

    def __init__(self, *args: Any, costs_more: bool, departs: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not costs_more:
            del self.fields["benefits"]
        if not departs:
            del self.fields["departure"]


class ComplaintForm(Tidy, forms.Form):
    """A vendor's own complaint."""

    text = long_text(gettext_lazy("What you have against the award"), rows=6)

    @property
    def arguments(self) -> dict[str, Any]:
        """What the action wants to know; the rest of a vendor's complaint follows from who writes it."""
        return {"bid": None, "complainant": "", "received_at": None} | self.cleaned_data


class ReceivedComplaintForm(ComplaintForm):
    """A complaint that reached the bank otherwise, as the officer enters it."""

    field_order = ("bid", "complainant", "received_at", "text")

    bid = forms.ModelChoiceField(
        Bid.objects.none(), label=gettext_lazy("Bid of the complainant"), required=False
    )
    complainant = forms.CharField(label=gettext_lazy("Complainant"), max_length=200, required=False)
    received_at = MomentField(label=gettext_lazy("Received"))
    text = long_text(gettext_lazy("What it says"), rows=6)

    def __init__(self, *args: Any, bids: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bid"].queryset = bids
        self.fields["received_at"].initial = now

    def clean(self) -> dict[str, Any]:
        """Somebody complained."""
        cleaned = super().clean()
        if not cleaned.get("bid") and not cleaned.get("complainant"):
            self.add_error("complainant", ValidationError(_("Name the complainant, or the bid.")))
        return cleaned


class ComplaintAnswerForm(Tidy, PasswordForm):
    """The named answer to a complaint."""

    field_order = ("answer", "reason", "password")

    answer = forms.ChoiceField(
        label=gettext_lazy("Answer"), choices=ComplaintAnswer, widget=forms.RadioSelect
    )
    reason = long_text(gettext_lazy("Reason"), rows=4)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
