"""The weights of all criteria in one form, group by group."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from procurement.forms.fields import NumberField
from procurement.models import Criterion

#: What a group's weights are meant to add up to, where they are spread.
WHOLE = Decimal(100)


@dataclass(frozen=True)
class Group:
    """The criteria that are weighed against each other; `key` is the parent's, 0 for the tender itself."""

    key: int
    title: str
    rows: tuple[Criterion, ...]


class WeightsForm(forms.Form):
    """A weight and a version for every criterion, and what each group is meant to add up to."""

    def __init__(self, *args: Any, criteria: Iterable[Criterion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = {row.pk: row for row in criteria}
        below: dict[int, list[Criterion]] = {}
        for row in self.rows.values():
            below.setdefault(row.parent_id or 0, []).append(row)
        order = [0, *(key for key in self.rows if key in below)]
        self.groups = [
            Group(key, self.rows[key].shown if key else _("The tender itself"), tuple(below[key]))
            for key in order
            if key in below
        ]
        for group in self.groups:
            name = f"whole-{group.key}"
            self.fields[name] = NumberField(label=_("They add up to"), above=0, initial=WHOLE)
            for row in group.rows:
                label = _("Weight of %(row)s") % {"row": row.shown}
                self.fields[f"weight-{row.pk}"] = NumberField(
                    label=label, required=True, above=0, initial=row.weight
                )
                self.fields[f"version-{row.pk}"] = forms.IntegerField(
                    widget=forms.HiddenInput, initial=row.version
                )

    @property
    def tables(self) -> list[tuple[Group, Any, list[tuple[Criterion, Any, Any]]]]:
        """Each group with the field of its whole, and its criteria with weight and version."""
        return [
            (
                group,
                self[f"whole-{group.key}"],
                [(row, self[f"weight-{row.pk}"], self[f"version-{row.pk}"]) for row in group.rows],
            )
            for group in self.groups
        ]

    def typed(self) -> dict[int, Decimal | None]:
        """The weights as they are typed, also of a form that is not complete; None for what is no weight."""
        found: dict[int, Decimal | None] = {}
        for key in self.rows:
            field = self.fields[f"weight-{key}"]
            text = self.data.get(f"weight-{key}") if self.is_bound else self[f"weight-{key}"].value()
            try:
                found[key] = field.clean(text)
            except forms.ValidationError:
                found[key] = None
        return found

    def whole(self, group: Group) -> Decimal:
        """What a group is meant to add up to, as typed; `WHOLE` where that is no number."""
        name = f"whole-{group.key}"
        try:
            number = self.fields[name].clean(self.data.get(name))
        except forms.ValidationError:
            number = None
        return number or WHOLE

    @property
    def weights(self) -> dict[int, Decimal]:
        """The weights by key of the criterion."""
        return {key: self.cleaned_data[f"weight-{key}"] for key in self.rows}

    @property
    def seen(self) -> dict[int, int]:
        """The versions that were on screen, by key of the criterion."""
        return {key: self.cleaned_data[f"version-{key}"] for key in self.rows}
