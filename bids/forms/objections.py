"""Objections, their answers, and everything that is said to them."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from bids.choices import AnswerKind
from bids.forms.panel import PasswordForm, long_text
from bids.forms.submission import read_upload
from bids.models import Bid
from bids.models.objection import CLAIM_LENGTH, MOST_CONDITIONS, MOST_DAYS, MOST_FILES
from procurement.choices import Severity
from procurement.forms.fields import MomentField, Tidy
from procurement.forms.filters import Filters
from procurement.forms.specification import PersonField
from procurement.models import Requirement, Tender, Unit, User
from procurement.queries import bank_people

#: How long an answer takes unless the form says otherwise.
USUAL = timedelta(days=2)


class ManyFiles(forms.ClearableFileInput):
    """A field for several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files, each held against the rules of uploads; the cleaned value lists name and content."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[tuple[str, bytes]]:
        """Raise `ValidationError` naming the file, the rule and the limit."""
        uploads = [super(FilesField, self).clean(upload, initial) for upload in data or []]
        if len(uploads) > MOST_FILES:
            raise ValidationError(_("At most %(most)d files.") % {"most": MOST_FILES})
        return [read_upload(upload) for upload in uploads]


class ObjectionForm(Tidy, forms.Form):
    """An objection to a bid, or to what the tender asks. Without bids to choose from it is to the tender."""

    bid = forms.ModelChoiceField(
        Bid.objects.none(),
        label=pgettext_lazy("objection", "Against"),
        required=False,
        empty_label=gettext_lazy("The tender: what its specification asks"),
    )
    requirement = forms.ModelChoiceField(
        Requirement.objects.none(),
        label=gettext_lazy("Requirement it is about"),
        required=False,
        empty_label=gettext_lazy("None of them, or one that is missing"),
    )
    severity = forms.ChoiceField(label=gettext_lazy("Severity"), choices=Severity, initial=Severity.HIGH)
    claim = forms.CharField(
        label=gettext_lazy("What is wrong"),
        max_length=CLAIM_LENGTH,
        help_text=gettext_lazy("In one sentence: the heading of the objection."),
    )
    argument = long_text(gettext_lazy("Argument"), rows=5)
    evidence = long_text(gettext_lazy("Evidence"), required=False)
    files = FilesField(
        label=gettext_lazy("Files"),
        required=False,
        help_text=gettext_lazy("PDF, XLSX, DOCX, PNG or JPG, together at most 20 MB."),
    )
    remedy = long_text(gettext_lazy("What would settle it"))
    consequence = long_text(gettext_lazy("What happens if nothing is done"), required=False)
    due_at = MomentField(label=gettext_lazy("Answer due"), help_text=gettext_lazy("In 1 to 14 days."))

    def __init__(
        self, *args: Any, tender: Tender, bids: Any, now: datetime, dropped: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, initial={"due_at": now + USUAL}, **kwargs)
        self.dropped = dropped
        self.fields["bid"].queryset = bids
        self.fields["requirement"].queryset = tender.requirements.all()
        if not bids:
            del self.fields["bid"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.dropped:
            self.add_error("files", _("The files are larger than 20 MB together; none of them came in."))
        return {"bid": None} | cleaned


class AnswerForm(Tidy, PasswordForm):
    """The answer by name; `seen` is what the answerer had on screen."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Answer"),
        choices=AnswerKind,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one of the three answers.")},
    )
    reason = long_text(gettext_lazy("Reason"), rows=4)
    expires_on = forms.DateField(
        label=gettext_lazy("Acceptance expires"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "fld"}, format="%Y-%m-%d"),
    )
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hint = _("At most %(days)d days ahead. The objection opens again on its own.")
        self.fields["expires_on"].help_text = hint % {"days": MOST_DAYS}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("kind") == AnswerKind.ACCEPTED and not (
            cleaned.get("expires_on") or self.errors.get("expires_on")
        ):
            self.add_error("expires_on", _("Say until when the risk is accepted."))
        return cleaned


class ConditionForm(Tidy, forms.Form):
    """One condition of an accepted risk; all of it or nothing."""

    text = long_text(gettext_lazy("Condition"))
    control = long_text(gettext_lazy("Compensating control until then"))
    owner = PersonField(label=gettext_lazy("Owner"), widget=forms.Select(attrs={"class": "fld"}))
    due_on = forms.DateField(
        label=gettext_lazy("Due"),
        widget=forms.DateInput(attrs={"type": "date", "class": "fld"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, people: list[tuple[Any, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = bank_people()
        self.fields["owner"].widget.choices = people


class AnswerEntry:
    """An answer with its conditions: one form of several rows, which grow on request and with no script."""

    def __init__(self, data: Any = None, *, actor: User, seen: str, rows: int = 1) -> None:
        self.data = data
        self.main = AnswerForm(data, actor=actor, initial={"seen": seen})
        people = [("", "—"), *((person.pk, f"{person.belongs_to} · {person}") for person in bank_people())]
        self.conditions = [
            ConditionForm(
                data, prefix=f"c{number}", people=people, empty_permitted=True, use_required_attribute=False
            )
            for number in range(rows)
        ]

    @classmethod
    def posted(cls, data: Any, *, actor: User) -> "AnswerEntry":
        """What was sent in."""
        return cls(data, actor=actor, seen="", rows=_rows(data))

    @classmethod
    def grown(cls, data: Any, *, actor: User, seen: str) -> "AnswerEntry":
        """What was typed, unchecked, with one more row for a condition."""
        entry = cls(actor=actor, seen=seen, rows=min(_rows(data) + 1, MOST_CONDITIONS))
        for form in [entry.main, *entry.conditions]:
            for name in form.fields:
                if name not in ("password", "seen"):
                    form.initial[name] = data.get(form.add_prefix(name), "")
        return entry

    @property
    def accepts(self) -> bool:
        """Whether the risk is accepted with conditions."""
        return self.main.cleaned_data.get("kind") == AnswerKind.ACCEPTED

    def is_valid(self) -> bool:
        """Whether every part that counts is; all are asked, so that all faults show."""
        sound = self.main.is_valid()
        return all([form.is_valid() for form in self.conditions]) and sound if self.accepts else sound  # noqa: C419 - every row is to find its faults

    def terms(self) -> list[dict[str, Any]]:
        """The conditions that were filled in."""
        return [form.cleaned_data for form in self.conditions if form.has_changed()] if self.accepts else []

    @property
    def can_grow(self) -> bool:
        """Whether there may be one more condition."""
        return len(self.conditions) < MOST_CONDITIONS

    @property
    def fields(self) -> dict[str, forms.Field]:
        """The fields at which a refusal of the action can show."""
        return self.main.fields

    def add_error(self, field: str | None, error: ValidationError) -> None:
        """Show what the action refused."""
        self.main.add_error(field, error)


def _rows(data: Any) -> int:
    """How many conditions the sent form had, by their fields."""
    return sum(f"c{number}-text" in data for number in range(MOST_CONDITIONS)) or 1


class TextForm(Tidy, forms.Form):
    """A text that goes on record under one's name."""

    text = long_text(gettext_lazy("Text"), rows=3)


class SignedTextForm(TextForm, PasswordForm):
    """The same, signed with the password."""


class ObjectionFilters(Filters):
    """Narrows the list of objections."""

    OPEN, ANSWERED, OVERDUE = "open", "answered", "overdue"

    q = forms.CharField(
        label=gettext_lazy("Objection, tender or bidder"),
        max_length=200,
        required=False,
        widget=forms.SearchInput,
    )
    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        choices=[
            ("", gettext_lazy("All")),
            (OPEN, gettext_lazy("Freezing")),
            (OVERDUE, gettext_lazy("Overdue")),
            (ANSWERED, gettext_lazy("Settled")),
        ],
        required=False,
    )
    unit = forms.ChoiceField(label=pgettext_lazy("unit", "Raised by"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = Unit.objects.exclude(code="")
        self.fields["unit"].choices = [("", _("All")), *((unit.code, unit.name) for unit in units)]
