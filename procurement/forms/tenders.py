"""The form of a tender: its plain columns and the parts of its rules, filled in and checked together."""

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy

from procurement import queries
from procurement.choices import Method
from procurement.forms.fields import MomentField, MoneyField, NumberField, Seen, Tidy
from procurement.forms.rules import (
    AlarmsPart,
    DifferencesPart,
    PanelPart,
    Part,
    PassMarkPart,
    PricePart,
    RoundingPart,
    TiePart,
)
from procurement.forms.specification import PersonField
from procurement.models import Tender

#: Fields that say what is bought and who answers for it; all others are rules, which the intake proposes.
_WHAT_AND_WHO = {
    "reference",
    "title",
    "budget",
    "reserve_price",
    "deadline",
    "questions_until",
    "currency",
    "system",
    "system_class",
    "owner_unit",
    "owner",
    "approver",
    "escalation",
    NON_FIELD_ERRORS,
}


class TenderColumns(Tidy, Seen, forms.ModelForm):
    """The columns that are one value each."""

    currency = forms.CharField(
        label=gettext_lazy("Currency"),
        validators=[RegexValidator(r"\A[A-Z]{3}\Z", gettext_lazy("A currency is three capital letters."))],
    )
    owner = PersonField(label=gettext_lazy("Owner"), required=False)
    approver = PersonField(label=gettext_lazy("Approver"), required=False)
    escalation = PersonField(label=gettext_lazy("Next above"), required=False)
    budget = MoneyField(label=gettext_lazy("Budget"), above=0)
    reserve_price = MoneyField(label=gettext_lazy("Reserve price"), above=0)
    fair_price_ceiling = MoneyField(
        label=gettext_lazy("Fair price ceiling"),
        above=0,
        help_text=gettext_lazy("Only with “Highest total under a fair price”."),
    )
    total_points = NumberField(label=gettext_lazy("Total points"), required=True, above=0)
    deadline = MomentField(
        label=gettext_lazy("Deadline for bids"), required=False, help_text=gettext_lazy("Taipei time.")
    )
    questions_until = MomentField(
        label=gettext_lazy("Questions until"),
        required=False,
        help_text=gettext_lazy("Taipei time. Empty: five days before the deadline."),
    )

    class Meta:
        model = Tender
        fields = [
            "reference",
            "title",
            "currency",
            "system",
            "system_class",
            "owner_unit",
            "owner",
            "approver",
            "escalation",
            "profile",
            "method",
            "quality_scale",
            "fair_price_ceiling",
            "total_points",
            "rank_scope",
            "tied_rank",
            "budget",
            "reserve_price",
            "comment_at_ends",
            "masked_bidders",
            "standstill_days",
            "deadline",
            "questions_until",
        ]
        widgets = {"title": forms.TextInput}
        help_texts = {
            "system": gettext_lazy("Which system of the bank this is for."),
            "system_class": gettext_lazy("Empty: the intake finds it."),
            "owner_unit": gettext_lazy("Empty: the owner’s."),
            "owner": gettext_lazy("Who answers for the system, by name."),
            "approver": gettext_lazy("Who answers security warnings and makes the award."),
            "escalation": gettext_lazy("Who answers once an answer is overdue."),
            "total_points": gettext_lazy("What the criteria add up to."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = queries.bank_people(self.instance.owner_id)
        for name in ("approver", "escalation"):
            self.fields[name].queryset = queries.approvers(getattr(self.instance, f"{name}_id"))

    def columns(self) -> dict[str, Any]:
        """The columns that the cleaned fields fill."""
        given = {name: self.cleaned_data[name] for name in self.Meta.fields}
        if given["method"] != Method.BEST_FAIR_PRICE:
            given["fair_price_ceiling"] = None
        if given["owner"] and not given["owner_unit"]:
            given["owner_unit"] = given["owner"].unit
        return given


class TenderEntry:
    """Everything that an officer fills in: one form of several parts, each with fields of its own."""

    def __init__(self, data: Any = None, *, tender: Tender) -> None:
        self.main = TenderColumns(data, instance=tender)
        self.price = PricePart(data, tender=tender)
        self.panel = PanelPart(data, tender=tender)
        self.differences = DifferencesPart(data, tender=tender)
        self.pass_mark = PassMarkPart(data, tender=tender)
        self.ties = TiePart(data, tender=tender)
        self.rounding = RoundingPart(data, tender=tender)
        self.alarms = AlarmsPart(data, tender=tender)

    @property
    def parts(self) -> list[Part]:
        """Everything but the plain columns."""
        return [
            self.price,
            self.panel,
            self.differences,
            self.pass_mark,
            self.ties,
            self.rounding,
            self.alarms,
        ]

    def is_valid(self) -> bool:
        """Whether every part is; all of them are asked, so that all faults show."""
        return all([form.is_valid() for form in [self.main, *self.parts]])  # noqa: C419 - every part is to find its faults

    @property
    def faults(self) -> int:
        """How many fields need another look."""
        return sum(len(form.errors) for form in [self.main, *self.parts])

    @property
    def folded_faults(self) -> bool:
        """Whether one of them is in a part that is folded away."""
        folded = [self.pass_mark, self.ties, self.rounding, self.alarms, self.panel]
        return any(form.errors for form in folded) or bool(
            {"quality_scale", "fair_price_ceiling", "total_points", "rank_scope", "tied_rank", "currency"}
            & set(self.main.errors)
        )

    @property
    def rules_faults(self) -> bool:
        """Whether a field is to be looked at that says neither what is bought nor who answers for it."""
        return any(form.errors for form in self.parts) or bool(self.main.errors.keys() - _WHAT_AND_WHO)

    def columns(self) -> dict[str, Any]:
        """What is stored."""
        columns = self.main.columns()
        for part in self.parts:
            columns |= part.columns()
        return columns

    @property
    def seen(self) -> int:
        """The version that was on screen."""
        return self.main.seen

    @property
    def fields(self) -> dict[str, forms.Field]:
        """The fields at which a refusal of an action can show."""
        return self.main.fields

    def add_error(self, field: str | None, error: ValidationError) -> None:
        """Show what an action refused at a plain field, or above the form."""
        self.main.add_error(field, error)
