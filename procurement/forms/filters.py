"""What lists are narrowed by. A filter that makes no sense is left out, not refused."""

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from procurement.choices import Role


class Filters(forms.Form):
    """Reads the query string; whatever is not valid counts as not given."""

    def value(self, name: str) -> str:
        """The value of a filter, empty when it is not given or not valid."""
        self.is_valid()
        return str(self.cleaned_data.get(name) or "")

    @property
    def used(self) -> bool:
        """Whether anything narrows the list."""
        return any(self.value(name) for name in self.fields)


class PeopleFilters(Filters):
    """Narrows the list of people."""

    q = forms.CharField(
        label=_("Name, unit or vendor"), max_length=200, required=False, widget=forms.SearchInput
    )
    role = forms.ChoiceField(label=_("Role"), choices=[("", _("All")), *Role.choices], required=False)


class TrailFilters(Filters):
    """Narrows the audit trail."""

    tender = forms.CharField(label=_("Tender"), max_length=200, required=False)
    person = forms.CharField(label=_("Person"), max_length=200, required=False)
    action = forms.ChoiceField(label=_("Action"), required=False)
    q = forms.CharField(label=_("Text"), max_length=200, required=False, widget=forms.SearchInput)

    def __init__(self, *args: object, actions: Iterable[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["action"].choices = [("", _("All")), *((action, gettext(action)) for action in actions)]
