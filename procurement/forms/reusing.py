"""Starting a tender from a template or a past tender, and keeping a specification as a template."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procurement import queries
from procurement.forms.fields import Tidy
from procurement.models import SpecificationTemplate, Tender, User
from procurement.models.fields import CODE_LENGTH

#: Past tenders that are offered, newest first; any other one is named by a link on its page.
MOST_TENDERS = 100

#: What stands before the key of a template, and of a tender.
TEMPLATE, TENDER = "template:", "tender:"


class StartForm(Tidy, forms.Form):
    """What to start from, and what the new tender is called."""

    source = forms.ChoiceField(label=gettext_lazy("Start from"))
    reference = forms.CharField(label=gettext_lazy("Reference"), max_length=CODE_LENGTH)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=500)

    def __init__(self, *args: Any, user: User, also: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._tenders = queries.tenders_visible_to(user)
        self._templates = SpecificationTemplate.objects.all()
        templates = [(f"{TEMPLATE}{key}", name) for key, name in self._templates.values_list("pk", "name")]
        rows = list(self._tenders[:MOST_TENDERS])
        named = self._tender(also) if also.startswith(TENDER) else None
        if named is not None and named not in rows:
            rows.insert(0, named)
        tenders = [(f"{TENDER}{row.pk}", f"{row.reference} {row.title}") for row in rows]
        self.fields["source"].choices = [
            ("", _("Choose")),
            (_("Templates"), templates),
            (_("Past tenders"), tenders),
        ]
        self.initial.setdefault("source", also)

    def _tender(self, key: str) -> Tender | None:
        """A tender by key, if the person may know of it."""
        try:
            return self._tenders.filter(pk=key.removeprefix(TENDER)).first()
        except (ValidationError, ValueError):
            return None

    @property
    def chosen(self) -> SpecificationTemplate | Tender | None:
        """What to start from; None where it is no longer there."""
        key = self.cleaned_data["source"]
        if key.startswith(TENDER):
            return self._tender(key)
        return self._templates.filter(pk=int(key.removeprefix(TEMPLATE))).first()


class TemplateForm(Tidy, forms.Form):
    """What a template is called, and what it is for."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=CODE_LENGTH)
    note = forms.CharField(label=gettext_lazy("What it is for"), max_length=500, required=False)
