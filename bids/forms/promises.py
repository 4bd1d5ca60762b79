"""Promises: planning them, signing them, going live, and what a vendor's record is told."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bids.choices import Outcome, PromiseState, Proof, Tier
from bids.forms.submission import read_upload
from procurement.choices import Severity
from procurement.forms.fields import Tidy
from procurement.forms.filters import Filters
from procurement.forms.register import words
from procurement.forms.signing import Signed
from procurement.models import Tender, User


def day(label: Any, **kwargs: Any) -> forms.DateField:
    """A day, chosen in a calendar."""
    return forms.DateField(
        label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs
    )


class PlanForm(Tidy, forms.Form):
    """When a promise is due, and what shows that it is kept."""

    due_on = day(_("Due"))
    proof = forms.ChoiceField(label=_("Kind of evidence"), choices=Proof)
    reason = words(_("Reason"), rows=2)
    version = forms.IntegerField(widget=forms.HiddenInput)


class TargetForm(Tidy, forms.Form):
    """The day of going live."""

    target_on = day(_("Planned to go live"))
    reason = words(_("Reason"), rows=2)
    version = forms.IntegerField(widget=forms.HiddenInput)


class ContractForm(forms.Form):
    """Until when the contract runs."""

    contract_until = day(
        _("Last day of the contract"), required=False, help_text=_("Empty: it runs until somebody says so.")
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class SignOffForm(Tidy, forms.Form):
    """Kept or broken, in words, with a file if there is one."""

    outcome = forms.ChoiceField(label=pgettext_lazy("promise", "Outcome"), widget=forms.RadioSelect)
    text = words(_("Evidence: what was seen, tested or read; or what was broken"))
    file = forms.FileField(
        label=_("File, if there is one"),
        required=False,
        max_length=255,
        help_text=_("PDF, XLSX, DOCX, PNG or JPG, at most 20 MB."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, outcomes: list[Outcome], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = [(outcome.value, outcome.label) for outcome in outcomes]

    def clean_file(self) -> tuple[str, bytes] | None:
        """Name and content; None without a file. Raises `ValidationError` naming file, rule and limit."""
        upload = self.cleaned_data["file"]
        return read_upload(upload) if upload else None


class GoLiveForm(Signed):
    """The signature under going live."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class LiveExceptionForm(Tidy, forms.Form):
    """Why the system must go live before every gate promise is kept, at what risk, and until when."""

    reason = words(_("Business reason"))
    risk = words(_("Risk"))
    owner = forms.ModelChoiceField(
        User.objects.none(), label=_("Owner"), help_text=_("Closes it when it is no longer needed.")
    )
    expires_on = day(_("Expiry date"), help_text=_("At most 365 days from today."))

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people


class PromiseFilters(Filters):
    """Narrows promises over all tenders."""

    q = forms.CharField(
        label=_("Requirement, tender or vendor"), max_length=200, required=False, widget=forms.SearchInput
    )
    state = forms.ChoiceField(
        label=_("State"), choices=[("", _("All")), *PromiseState.choices], required=False
    )
    gate = forms.ChoiceField(
        label=_("Kind"),
        choices=[("", _("All")), ("gate", _("Gate")), ("scored", _("Scored"))],
        required=False,
    )

    @property
    def chosen(self) -> dict[str, str]:
        """What the query wants to know."""
        return {"text": self.value("q"), "state": self.value("state"), "gate": self.value("gate")}


class VendorFilters(Filters):
    """Narrows the list of vendors."""

    q = forms.CharField(label=_("Name"), max_length=200, required=False, widget=forms.SearchInput)
    tier = forms.ChoiceField(label=_("Tier"), choices=[("", _("All")), *Tier.choices], required=False)


class IncidentForm(Tidy, forms.Form):
    """What went wrong, how badly, and when."""

    severity = forms.ChoiceField(label=_("Severity"), choices=Severity, initial=Severity.HIGH)
    happened_on = day(_("Day it happened"))
    tender = forms.ModelChoiceField(Tender.objects.none(), label=_("Tender"), required=False)
    what = words(_("What happened"), rows=4)

    def __init__(self, *args: Any, tenders: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tender"].queryset = tenders


class NoteForm(Tidy, forms.Form):
    """The closing note of an incident."""

    note = words(_("What came of it"), rows=2)
