"""Forms of the decision: warnings, their answers, and the award."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bids.choices import ObjectionAnswer
from bids.models import Bid
from procurement.choices import Severity
from procurement.forms.fields import MomentField, Tidy
from procurement.models import Requirement, Tender


class ObjectionForm(Tidy, forms.Form):
    """A security warning against one bid."""

    bid = forms.ModelChoiceField(Bid.objects.none(), label=_("Bid"))
    requirement = forms.ModelChoiceField(
        Requirement.objects.none(), label=_("Requirement it is about"), required=False
    )
    severity = forms.ChoiceField(label=_("Severity"), choices=Severity)
    claim = forms.CharField(label=_("What is wrong"), widget=forms.Textarea(attrs={"rows": 4}))
    remedy = forms.CharField(
        label=_("What would settle it"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    due_at = MomentField(label=_("Answer due"))

    def __init__(self, *args: Any, tender: Tender, bids: Any, now: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"due_at": now + timedelta(days=2), "severity": Severity.HIGH})
        super().__init__(*args, **kwargs)
        self.now = now
        self.fields["bid"].queryset = bids
        self.fields["requirement"].queryset = tender.requirements.all()

    def clean_due_at(self) -> Any:
        """An answer cannot be due in the past."""
        due_at = self.cleaned_data["due_at"]
        if due_at <= self.now:
            raise forms.ValidationError(_("This moment has passed."))
        return due_at


class AnswerForm(Tidy, forms.Form):
    """The named answer to a warning."""

    answer = forms.ChoiceField(label=_("Answer"), choices=ObjectionAnswer, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason, and conditions where the risk is accepted"), widget=forms.Textarea(attrs={"rows": 4})
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class AwardForm(Tidy, forms.Form):
    """The reason of the award, and the ranking that was on screen."""

    reason = forms.CharField(label=_("Reason of the award"), widget=forms.Textarea(attrs={"rows": 4}))
    fingerprint = forms.CharField(widget=forms.HiddenInput)
