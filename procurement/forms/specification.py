"""Requirements, criteria and seats."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from procurement import queries
from procurement.choices import Kind, Role
from procurement.forms.anchors import lines_of, read_anchors
from procurement.forms.fields import AskedField, MoneyField, NumberField, Seen, Tidy
from procurement.models import Criterion, Requirement, Seat, Tender, Unit, User


class PersonField(forms.ModelChoiceField):
    """Somebody of the bank, listed by unit."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=User.objects.none(), **kwargs)

    def label_from_instance(self, obj: User) -> str:
        return f"{obj.belongs_to} · {obj}"


class RequirementForm(Tidy, Seen, forms.ModelForm):
    """One requirement."""

    mandatory = forms.TypedChoiceField(
        label=_("Gate or scored"),
        choices=[
            ("yes", _("Gate: a bid that does not meet it is excluded")),
            ("no", _("Scored: it is looked at when marks are given")),
        ],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    owner = PersonField(label=_("Owner"), required=False)
    criterion = AskedField(
        Criterion.objects.none(),
        label=_("Read beside the criterion"),
        required=False,
        empty_label=_("None: it is looked at by itself"),
        help_text=_("Members read its answer and evidence while they mark that criterion."),
    )

    class Meta:
        model = Requirement
        fields = [
            "code",
            "title",
            "title_en",
            "mandatory",
            "kind",
            "severity",
            "pass_test",
            "pass_test_en",
            "evidence",
            "evidence_en",
            "evidence_level",
            "criterion",
            "unit",
            "owner",
            "why",
            "why_en",
            "source",
        ]
        widgets = {"source": forms.TextInput} | {
            name: forms.Textarea(attrs={"rows": 2})
            for text in ("title", "pass_test", "evidence", "why")
            for name in (text, f"{text}_en")
        }
        help_texts = {
            "title": _("The text of record. Blanks stand in square brackets until they are filled in."),
            "title_en": _("The same for readers of English; empty: they read the text of record."),
            "pass_test": _("What somebody does, and sees, when it is met."),
            "source": _("Rule, baseline or article that asks for it."),
            "evidence": _("What a vendor must show. A gate cannot be published without it."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["mandatory"] = "yes" if self.instance.mandatory else "no"
        self.fields["owner"].queryset = queries.bank_people(self.instance.owner_id)
        self.fields["criterion"].queryset = queries.leaves_that_are_informed(self.instance.tender)

    def clean_title(self) -> str:
        """The requirement on one line, as the case file wants it."""
        return " ".join(self.cleaned_data["title"].split())

    def clean_title_en(self) -> str:
        """The same in English, on one line, too."""
        return " ".join(self.cleaned_data["title_en"].split())


class CriterionForm(Tidy, Seen, forms.ModelForm):
    """One node of the criteria tree. What only a leaf has is not asked for a group."""

    weight = NumberField(label=_("Weight"), required=True, above=0)
    minimum = NumberField(
        label=_("Minimum"),
        least=0,
        help_text=_("In effective points; a bid below it is excluded. Empty: none."),
    )
    maximum = NumberField(
        label=_("Top of the scale"),
        above=0,
        help_text=_("Highest mark. Empty: the effective points of the criterion."),
    )
    value = MoneyField(
        label=_("Value in money"), help_text=_("Only where bids are ordered by adjusted price.")
    )
    kind = forms.ChoiceField(
        label=_("Kind"), choices=[("", _("Group of criteria")), *Kind.choices], required=False
    )
    units = forms.ModelMultipleChoiceField(
        label=_("Marking units"),
        queryset=Unit.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("None: every unit of the panel marks it."),
    )

    anchors = forms.CharField(
        label=_("What the marks mean"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("One mark a line: 5 = tested by us, also without a network."),
    )
    evidence_caps = forms.TypedChoiceField(
        label=_("Weak evidence caps the mark"),
        choices=[
            ("", _("As usual: for security criteria, not for others")),
            ("yes", _("Yes")),
            ("no", _("No")),
        ],
        coerce=lambda word: word == "yes",
        empty_value=None,
        required=False,
        help_text=_("Claimed: 2 of 5 at most; attested: 3; independently tested: 4; verified by us: 5."),
    )

    class Meta:
        model = Criterion
        fields = [
            "code",
            "title",
            "title_en",
            "parent",
            "weight",
            "minimum",
            "kind",
            "maximum",
            "anchors",
            "evidence_caps",
            "value",
        ]
        widgets = {"title": forms.TextInput, "title_en": forms.TextInput}
        help_texts = {"title_en": _("The same for readers of English; empty: they read the text of record.")}

    #: What only a leaf has, and what it is on a group.
    LEAF = {"kind": "", "maximum": None, "value": None, "anchors": [], "evidence_caps": None, "units": []}

    def __init__(self, *args: Any, tender: Tender, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = tender.criteria.exclude(pk=self.instance.pk)
        self.fields["parent"].empty_label = _("The tender itself")
        self.fields["units"].queryset = Unit.objects.all()
        self.is_group = self.instance.pk is not None and self.instance.children.exists()
        if self.is_group:
            for name in self.LEAF:
                del self.fields[name]
            return
        self.initial["anchors"] = lines_of(self.instance.anchors)
        self.initial["evidence_caps"] = {True: "yes", False: "no", None: ""}[self.instance.evidence_caps]
        if self.instance.pk:
            self.initial["units"] = [link.unit_id for link in self.instance.marking_units.all()]

    def clean(self) -> dict[str, Any]:
        """Read the anchors, once their text is tidy, against the top of the scale where one is given."""
        cleaned = super().clean()
        if "anchors" in cleaned:
            try:
                cleaned["anchors"] = read_anchors(cleaned["anchors"], cleaned.get("maximum"))
            except ValidationError as refusal:
                self.add_error("anchors", refusal)
        return cleaned

    def values(self) -> dict[str, Any]:
        """Columns and marking units."""
        return self.LEAF | self.cleaned_data

    def _get_validation_exclusions(self) -> set[str]:
        """A group's kind is held against the tree when it is published."""
        return super()._get_validation_exclusions() | {"kind"}


class SeatForm(Tidy, Seen, forms.ModelForm):
    """A seat of the panel: a unit and one of its members."""

    user = PersonField(label=_("Person"))

    class Meta:
        model = Seat
        fields = ["unit", "user", "expert", "code"]
        help_texts = {
            "code": _("How the seat is called in the case file. Empty: the user name."),
            "expert": _("Counts as an expert for the quorum."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].required = False
        people = queries.bank_people(self.instance.user_id)
        self.fields["user"].queryset = people.filter(role=Role.MEMBER)
