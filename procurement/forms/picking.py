"""Picking requirements: what the rows are narrowed by, and what is said of all that are chosen."""

from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from procurement import intake, queries
from procurement.catalogues import baseline
from procurement.forms.fields import AskedField
from procurement.forms.filters import Filters
from procurement.models import Catalogue, Criterion, Tender, Unit

#: The source that is the built-in baseline; every other one is the key of a stored catalogue.
BUILT_IN = "baseline"


class PickFilters(Filters):
    """Narrows the rows to pick from. Level, family and what is bought are those of the chosen catalogue."""

    q = forms.CharField(
        label=gettext_lazy("Words in identifier or text, in either language"),
        max_length=200,
        required=False,
        widget=forms.SearchInput,
    )
    source = forms.ChoiceField(label=gettext_lazy("Catalogue"), required=False)
    family = forms.ChoiceField(label=gettext_lazy("Family"), required=False)
    level = forms.ChoiceField(label=gettext_lazy("Asked at level"), required=False)
    profile = forms.ChoiceField(label=gettext_lazy("Asked where this is bought"), required=False)

    def __init__(self, data: Any, *, catalogues: list[Catalogue]) -> None:
        super().__init__(data)
        self._catalogues = {str(row.pk): row for row in catalogues}
        titles = [(key, f"{row} {row.title}") for key, row in self._catalogues.items()]
        everything = ("", _("All"))
        self.fields["source"].choices = [everything, (BUILT_IN, _("Built-in baseline")), *titles]
        chosen = str(data.get("source", ""))
        families, levels, profiles = _options(chosen, self._catalogues)
        for name, options in (("family", families), ("level", levels), ("profile", profiles)):
            if options:
                self.fields[name].choices = [everything, *options]
            else:
                del self.fields[name]

    def value(self, name: str) -> str:
        """The value of a filter, empty also where the chosen catalogue has no such filter."""
        return super().value(name) if name in self.fields else ""

    @property
    def catalogue(self) -> Catalogue | None:
        """The stored catalogue that is chosen."""
        return self._catalogues.get(self.value("source"))


def _options(source: str, catalogues: dict[str, Catalogue]) -> tuple[Any, Any, Any]:
    """Families, levels and profiles of a source; none where all are searched."""
    if source == BUILT_IN:
        language = get_language() or ""
        return (
            [(family.code, f"{family.code} {family.title.of(language)}") for family in baseline.families()],
            [(name, baseline.LEVEL_NAMES[name]) for name in baseline.LEVELS],
            [(option.code, _(option.text)) for option in intake.BY_CODE["bought"].options],
        )
    row = catalogues.get(source)
    if row is None:
        return [], [], []
    return row.families, [(level.name, level.title or level.name) for level in row.scheme.levels], []


class PickForm(forms.Form):
    """What is said of all requirements that are picked at once."""

    mandatory = forms.TypedChoiceField(
        label=gettext_lazy("Gate or scored"),
        choices=[
            ("", gettext_lazy("As the baseline proposes; from other catalogues scored")),
            ("yes", gettext_lazy("All of them gates")),
            ("no", gettext_lazy("All of them scored")),
        ],
        coerce=lambda value: value == "yes",
        empty_value=None,
        required=False,
    )
    unit = forms.ModelChoiceField(
        Unit.objects.none(),
        label=gettext_lazy("Accountable unit"),
        required=False,
        empty_label=gettext_lazy("As the baseline proposes, else the tender’s unit"),
    )
    criterion = AskedField(
        Criterion.objects.none(),
        label=gettext_lazy("Read beside the criterion"),
        required=False,
        empty_label=gettext_lazy("None: it is looked at by itself"),
    )

    def __init__(self, *args: Any, tender: Tender, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = Unit.objects.all()
        self.fields["criterion"].queryset = queries.leaves_that_are_informed(tender)
