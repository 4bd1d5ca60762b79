"""The register of exceptions: the request, security's answer, the decision, the end, and the filters."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from procurement.choices import Advice, Decision, EntryState, Exposure
from procurement.forms.fields import Tidy
from procurement.forms.filters import Filters
from procurement.forms.signing import Signed
from procurement.models import RegisterEntry
from procurement.queries import OVERRULED

MOST_TEXT = 4000


def words(label: Any, rows: int = 3, **kwargs: Any) -> forms.CharField:
    """A text of several lines."""
    return forms.CharField(
        label=label, max_length=MOST_TEXT, widget=forms.Textarea(attrs={"rows": rows}), **kwargs
    )


class RequestForm(Tidy, forms.ModelForm):
    """What is to be opened, why, at what risk, and until when."""

    class Meta:
        model = RegisterEntry
        fields = [
            "system",
            "kind",
            "origin",
            "target",
            "opening",
            "reason",
            "risk",
            "owner",
            "expires_on",
            "tender",
            "vendor",
        ]
        widgets = {
            "opening": forms.Textarea(attrs={"rows": 2}),
            "reason": forms.Textarea(attrs={"rows": 3}),
            "risk": forms.Textarea(attrs={"rows": 3}),
            "expires_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }
        help_texts = {
            "origin": _("Where the connection begins: network, host, vendor or unit."),
            "target": _("Where it ends: system, host or service."),
            "opening": _("Port and protocol, or the function, as exactly as the firewall has it."),
            "owner": _("Closes it when it is no longer needed."),
            "expires_on": _("At most 365 days from today."),
        }

    def __init__(self, *args: Any, people: Any, tenders: Any, vendors: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(kind, label) for kind, label in Exposure.choices if kind != Exposure.GOING_LIVE]
        self.fields["kind"] = forms.ChoiceField(label=_("Kind"), choices=kinds, widget=forms.RadioSelect)
        for name in ("opening", "reason", "risk"):
            self.fields[name].max_length = MOST_TEXT
            self.fields[name].widget.attrs["maxlength"] = MOST_TEXT
        self.fields["owner"].queryset = people
        self.fields["tender"].queryset = tenders
        self.fields["vendor"].queryset = vendors


class AdviceForm(Tidy, Signed):
    """Security's answer."""

    advice = forms.ChoiceField(label=_("Security’s answer"), choices=Advice, widget=forms.RadioSelect)
    reason = words(_("Reason, and conditions where there are any"))
    version = forms.IntegerField(widget=forms.HiddenInput)


class DecisionForm(Tidy, Signed):
    """The approver's decision."""

    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[(Decision.GRANTED, _("Grant")), (Decision.REFUSED, _("Refuse"))],
        widget=forms.RadioSelect,
    )
    reason = words(_("Reason"))
    version = forms.IntegerField(widget=forms.HiddenInput)


class ClosingForm(Tidy, forms.Form):
    """What was done at the end."""

    note = words(_("What was done"), rows=2)
    version = forms.IntegerField(widget=forms.HiddenInput)


class RegisterFilters(Filters):
    """Narrows the register."""

    q = forms.CharField(
        label=_("System, address, reason or owner"), max_length=200, required=False, widget=forms.SearchInput
    )
    state = forms.ChoiceField(label=_("State"), required=False)
    system = forms.ChoiceField(label=_("System"), required=False)
    unit = forms.ChoiceField(label=_("Proposing unit"), required=False)
    vendor = forms.ChoiceField(label=_("Vendor"), required=False)

    def __init__(self, *args: Any, systems: Any, units: Any, vendors: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everything = [("", _("All"))]
        self.fields["state"].choices = [*everything, *EntryState.choices, (OVERRULED, _("Overruled"))]
        self.fields["system"].choices = everything + [(system, system) for system in systems]
        self.fields["unit"].choices = everything + [(str(unit.pk), unit.name) for unit in units]
        self.fields["vendor"].choices = everything + [(str(row.pk), row.name) for row in vendors]

    @property
    def chosen(self) -> dict[str, str]:
        """What the query wants to know."""
        return {"text": self.value("q")} | {
            name: self.value(name) for name in ("state", "system", "unit", "vendor")
        }
