"""What several requirements of a draft are given at once; what is left as it is stays with each of them."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procurement import queries
from procurement.choices import Kind, Severity
from procurement.forms.fields import AskedField, NumberField, Tidy
from procurement.forms.specification import PersonField
from procurement.models import Criterion, Tender, Unit

#: Choices of the criterion beside the keys of those that are there.
NONE, NEW = "none", "new"

_STAYS = gettext_lazy("Stays as it is")


class CommonForm(Tidy, forms.Form):
    """What the chosen requirements are given."""

    mandatory = forms.ChoiceField(
        label=gettext_lazy("Gate or scored"),
        choices=[("", _STAYS), ("yes", gettext_lazy("Gate")), ("no", gettext_lazy("Scored"))],
        required=False,
    )
    severity = forms.ChoiceField(
        label=gettext_lazy("Severity"), choices=[("", _STAYS), *Severity.choices], required=False
    )
    unit = forms.ModelChoiceField(
        Unit.objects.none(), label=gettext_lazy("Accountable unit"), required=False, empty_label=_STAYS
    )
    owner = PersonField(
        label=gettext_lazy("Owner"),
        required=False,
        empty_label=_STAYS,
        help_text=gettext_lazy("Where no unit is chosen it becomes the owner’s."),
    )
    criterion = forms.ChoiceField(label=gettext_lazy("Read beside the criterion"), required=False)
    new_title = forms.CharField(label=gettext_lazy("New criterion"), max_length=200, required=False)
    new_title_en = forms.CharField(
        label=gettext_lazy("New criterion in English"), max_length=200, required=False
    )
    new_parent = AskedField(
        Criterion.objects.none(),
        label=gettext_lazy("Part of"),
        required=False,
        empty_label=gettext_lazy("The tender itself"),
    )
    new_weight = NumberField(label=gettext_lazy("Weight"), above=0)
    new_kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=[(kind.value, kind.label) for kind in (Kind.SECURITY, Kind.QUALITY)],
        required=False,
    )

    def __init__(self, *args: Any, tender: Tender, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = Unit.objects.all()
        self.fields["owner"].queryset = queries.bank_people()
        leaves = [(str(row.pk), row.shown) for row in queries.leaves_that_are_informed(tender)]
        self.fields["criterion"].choices = [
            ("", _STAYS),
            (NONE, _("None: it is looked at by itself")),
            (NEW, _("A new criterion, named below")),
            *leaves,
        ]
        groups = tender.criteria.filter(children__isnull=False).distinct()
        self.fields["new_parent"].queryset = groups

    def clean(self) -> dict[str, Any]:
        """A new criterion has a name and a weight."""
        cleaned = super().clean()
        if cleaned.get("criterion") == NEW:
            for name in ("new_title", "new_weight"):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, _("A new criterion needs a name and a weight."))
        return cleaned

    @property
    def values(self) -> dict[str, Any]:
        """The columns that are given, and their values."""
        given = self.cleaned_data
        values = {name: given[name] for name in ("severity", "unit", "owner") if given[name]}
        if given["owner"]:
            values.setdefault("unit", given["owner"].unit)
        if given["mandatory"]:
            values["mandatory"] = given["mandatory"] == "yes"
        if given["criterion"] == NONE:
            values["criterion"] = None
        elif given["criterion"] not in ("", NEW):
            values["criterion"] = Criterion.objects.get(pk=given["criterion"])
        return values

    @property
    def new_criterion(self) -> dict[str, Any] | None:
        """Name, group, weight and kind of a criterion to be made; None where none is."""
        given = self.cleaned_data
        if given["criterion"] != NEW:
            return None
        return {
            "title": given["new_title"],
            "title_en": given["new_title_en"],
            "parent": given["new_parent"],
            "weight": given["new_weight"],
            "kind": given["new_kind"] or Kind.SECURITY,
        }
