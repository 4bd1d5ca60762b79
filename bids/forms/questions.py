"""Questions on a tender: what a vendor asks, where it goes, and what all vendors are answered."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bids.queries import answering_units, open_questions
from procurement.forms.fields import AskedField, Tidy
from procurement.models import Criterion, Question, Requirement, Tender

from .panel import VersionForm, long_text


class QuestionForm(Tidy, forms.Form):
    """A question, and what it is about."""

    text = long_text(
        _("Your question"),
        rows=4,
        help_text=_("It is read without your name: name neither your company nor your people."),
    )
    requirement = AskedField(
        Requirement.objects.none(), label=_("About the requirement"), required=False, empty_label=_("None")
    )
    criterion = AskedField(
        Criterion.objects.none(), label=_("About the criterion"), required=False, empty_label=_("None")
    )

    def __init__(self, *args: Any, tender: Tender, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["requirement"].queryset = tender.requirements.order_by("position")
        self.fields["criterion"].queryset = tender.criteria.order_by("position")


class _Alike(forms.ModelChoiceField):
    """Another question, by its beginning."""

    def label_from_instance(self, obj: Question) -> str:
        return obj.text if len(obj.text) <= _SHORT else f"{obj.text[:_SHORT]}…"


#: How much of a question names it in a list, in characters.
_SHORT = 70


class RouteForm(VersionForm):
    """Who answers; or with which other question it is answered."""

    unit = forms.ModelChoiceField(
        None, label=_("Answering unit"), required=False, empty_label=_("The officer")
    )
    same_as = _Alike(
        None, label=_("Asks the same as"), required=False, empty_label=_("None: it stands by itself")
    )

    def __init__(self, *args: Any, question: Question, **kwargs: Any) -> None:
        initial = {
            "version": question.version,
            "unit": question.unit_id,
            "same_as": question.same_as_id,
        }
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["unit"].queryset = answering_units(question.tender)
        self.fields["same_as"].queryset = open_questions([question.tender]).exclude(pk=question.pk)


class AnswerForm(VersionForm):
    """The question as all vendors read it, and the answer, in both languages."""

    public_zh = long_text(_("Question in Chinese"), rows=3)
    public_en = long_text(_("Question in English"), rows=3)
    answer_zh = long_text(_("Answer in Chinese"), rows=4)
    answer_en = long_text(_("Answer in English"), rows=4)
    changes = forms.BooleanField(
        label=_("The answer changes what was published"),
        required=False,
        help_text=_("Then an amendment says so first; weights and gates stay."),
    )
    amendment = forms.IntegerField(
        label=_("Number of the amendment"),
        required=False,
        min_value=1,
        max_value=9999,
        help_text=_("Once it is in force."),
    )

    field_order = ("public_zh", "public_en", "answer_zh", "answer_en", "changes", "amendment", "version")

    def __init__(self, *args: Any, question: Question, **kwargs: Any) -> None:
        names = ("version", "answer_zh", "answer_en", "changes", "amendment")
        initial = {name: getattr(question, name) for name in names}
        initial |= {name: getattr(question, name) or question.text for name in ("public_zh", "public_en")}
        super().__init__(*args, initial=initial, **kwargs)


class ReleaseForm(forms.Form):
    """The answers that go out."""

    chosen = forms.ModelMultipleChoiceField(Question.objects.none(), required=False)

    def __init__(self, *args: Any, tender: Tender, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chosen"].queryset = open_questions([tender])
