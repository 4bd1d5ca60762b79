"""The intake's questionnaire, and what follows from its result: taking over, lowering, filling in blanks."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procurement import intake, queries
from procurement.choices import Agreement, Part, Role, UnitKind
from procurement.forms.fields import Tidy
from procurement.forms.signing import Signed
from procurement.forms.specification import PersonField
from procurement.models import Requirement, User
from procurement.models.specification import BLANK_LENGTH

#: Sides that can answer for a requirement, and those that can have a seat by the intake.
OWNING = (UnitKind.SECURITY, UnitKind.IT, UnitKind.BUSINESS, UnitKind.PROCUREMENT)
SEATED = (UnitKind.SECURITY, UnitKind.IT, UnitKind.BUSINESS)

_MOST_TEXT = 2000


class IntakeForm(forms.Form):
    """The eight questions."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in intake.QUESTIONS:
            choices = [(option.code, gettext_lazy(option.text)) for option in question.options]
            kind = forms.MultipleChoiceField if question.several else forms.ChoiceField
            widget = forms.CheckboxSelectMultiple if question.several else forms.RadioSelect
            self.fields[question.code] = kind(
                label=gettext_lazy(question.text),
                choices=choices,
                widget=widget,
                error_messages={"required": gettext_lazy("Choose an answer.")},
            )

    @property
    def answers(self) -> dict[str, Any]:
        """The cleaned answers; those that are missing or faulty are not there."""
        return {code: self.cleaned_data[code] for code in intake.BY_CODE if self.cleaned_data.get(code)}

    @property
    def seen(self) -> int:
        """The version that was on screen; 0 where nothing was stored."""
        return self.cleaned_data["version"] or 0


class TakeForm(forms.Form):
    """What is taken over into the draft, who answers for it by side, and who sits for the sides."""

    parts = forms.MultipleChoiceField(
        label=gettext_lazy("What is taken over"),
        choices=Part,
        widget=forms.CheckboxSelectMultiple,
        initial=list(Part),
        required=True,
    )

    def __init__(self, *args: Any, sides: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sides = tuple(sides)
        for side in OWNING:
            name = _("Answers for requirements: %(side)s") % {"side": side.label}
            self._add(f"owner_{side}", name, queries.people_of(side))
        for side in self.sides:
            name = _("Sits on the panel: %(side)s") % {"side": UnitKind(side).label}
            self._add(f"seat_{side}", name, queries.people_of(side, Role.MEMBER))

    def _add(self, name: str, label: str, people: Any) -> None:
        """A choice of a person; where there is only one, or only one below the heads, that one."""
        field = PersonField(label=label, required=False, empty_label=_("Nobody yet"))
        field.queryset = people
        self.fields[name] = field
        known = dict(people.values_list("pk", "role"))
        members = [key for key, role in known.items() if role == Role.MEMBER]
        for found in (list(known), members):
            if len(found) == 1:
                self.initial = {name: found[0]} | self.initial

    def people(self, prefix: str) -> dict[str, User]:
        """The people chosen, by side; `prefix` is "owner" or "seat"."""
        return {
            name.partition("_")[2]: person
            for name, person in self.cleaned_data.items()
            if name.startswith(f"{prefix}_") and person is not None
        }


class LoweringForm(Tidy, forms.Form):
    """Which proposals are to be lowered, and why."""

    items = forms.MultipleChoiceField(
        error_messages={"required": gettext_lazy("Choose what is lowered.")}, required=True
    )
    reason = forms.CharField(
        label=gettext_lazy("Why less is enough"),
        max_length=_MOST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, keys: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["items"].choices = [(key, key) for key in keys]


class LoweringAnswerForm(Tidy, Signed):
    """Security's answer, signed."""

    answer = forms.ChoiceField(
        label=gettext_lazy("Security’s answer"),
        choices=[(Agreement.AGREED, gettext_lazy("Agree")), (Agreement.REFUSED, gettext_lazy("Refuse"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("A refusal needs one."),
        max_length=_MOST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class StepsForm(Tidy, forms.Form):
    """That steps before the tender were done: a note for each, by its code; an empty one is still to come."""

    def __init__(self, *args: Any, steps: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code in steps:
            self.fields[code] = forms.CharField(
                label=_("Who did it, when, and where it is written"), max_length=_MOST_TEXT, required=False
            )

    def clean(self) -> dict[str, Any]:
        """At least one of them is done."""
        cleaned = super().clean()
        if not self.errors and not any(cleaned.values()):
            for code in self.fields:
                self.add_error(code, _("Say who did it, when, and where it is written."))
        return cleaned

    @property
    def notes(self) -> dict[str, str]:
        """The notes that were written, by step."""
        return {code: note for code, note in self.cleaned_data.items() if note}


class BlanksForm(forms.Form):
    """One field for each blank of the requirements, filled with what is suggested.

    Requirements with a blank for which nothing is suggested come first: those only the bank can fill in.
    """

    def __init__(self, *args: Any, requirements: Iterable[Requirement], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places: dict[str, tuple[int, str]] = {}
        self.rows: list[tuple[Requirement, list[str]]] = []
        for row in requirements:
            names = [self._add(row, blank) for blank in row.blanks]
            if names:
                self.rows.append((row, names))
        self.rows.sort(key=lambda one: all(self.fields[name].initial for name in one[1]))

    @property
    def unsuggested(self) -> int:
        """For how many blanks nothing is suggested."""
        return sum(not field.initial for field in self.fields.values())

    def _add(self, row: Requirement, blank: dict[str, str]) -> str:
        name = f"blank-{row.pk}-{blank['id']}"
        self.places[name] = (row.pk, blank["id"])
        self.fields[name] = forms.CharField(
            label=row.label_of(blank),
            required=False,
            max_length=BLANK_LENGTH,
            initial=blank["suggested"],
        )
        return name

    @property
    def groups(self) -> list[tuple[Requirement, list[forms.BoundField]]]:
        """Each requirement with the fields of its blanks."""
        return [(row, [self[name] for name in names]) for row, names in self.rows]

    @property
    def values(self) -> dict[tuple[int, str], str]:
        """What was typed, by requirement and blank."""
        return {place: self.cleaned_data[name] for name, place in self.places.items()}
