"""Catalogues: the files of an upload, and what lists are narrowed by."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procurement.catalogues import LARGEST_FILE
from procurement.catalogues.detect import MOST_FILES
from procurement.choices import EntryKind
from procurement.forms.fields import Tidy
from procurement.forms.filters import Filters
from procurement.models.fields import CODE_LENGTH

#: Longest name of a language: the longest tag that BCP 47 asks software to take.
TAG_LENGTH = 35


class _SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class _FilesField(forms.FileField):
    """One file or several; the cleaned value is their content by name."""

    widget = _SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> dict[str, bytes]:
        given = data if isinstance(data, list | tuple) else [data]
        files = [super(_FilesField, self).clean(one, initial) for one in given or [None]]
        if len(files) > MOST_FILES:
            raise ValidationError(_("There are more than %(limit)d files.") % {"limit": MOST_FILES})
        if sum(file.size for file in files) > LARGEST_FILE:
            size = filesizeformat(LARGEST_FILE)
            raise ValidationError(_("The files are larger than %(size)s together.") % {"size": size})
        if len({file.name for file in files}) < len(files):
            raise ValidationError(_("Two of the files have the same name."))
        return {file.name: file.read() for file in files}


class UploadForm(Tidy, forms.Form):
    """The files of a catalogue, and what it is called where the file does not say."""

    files = _FilesField(
        label=gettext_lazy("File, or the YAML files of one list"),
        widget=_SeveralFiles(attrs={"accept": ".json,.xml,.csv,.xlsx,.yaml,.yml,.txt,.tsv"}),
    )
    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=CODE_LENGTH,
        required=False,
        help_text=gettext_lazy("Only where another is wanted than the file gives."),
    )
    version = forms.CharField(label=gettext_lazy("Version"), max_length=CODE_LENGTH, required=False)
    language = forms.CharField(
        label=gettext_lazy("Language"),
        max_length=TAG_LENGTH,
        required=False,
        help_text=gettext_lazy("A tag such as en or zh-Hant."),
    )

    @property
    def naming(self) -> dict[str, str]:
        """What the person says the catalogue is called."""
        return {name: self.cleaned_data[name] for name in ("code", "version", "language")}


class CatalogueFilters(Filters):
    """Narrows the list of catalogues."""

    q = forms.CharField(
        label=gettext_lazy("Code, title or publisher"),
        max_length=200,
        required=False,
        widget=forms.SearchInput,
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), required=False)

    def __init__(self, *args: Any, languages: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = [("", _("All")), *((tag, tag) for tag in languages)]


class EntryFilters(Filters):
    """Narrows the rows of a catalogue."""

    q = forms.CharField(
        label=gettext_lazy("Words in identifier, title or text"),
        max_length=200,
        required=False,
        widget=forms.SearchInput,
    )
    level = forms.ChoiceField(label=gettext_lazy("Asked at level"), required=False)
    family = forms.ChoiceField(label=gettext_lazy("Family"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), required=False)

    def __init__(self, *args: Any, levels: Any, families: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everything = [("", _("All"))]
        self.fields["level"].choices = everything + [
            (level.name, level.title or level.name) for level in levels
        ]
        self.fields["family"].choices = everything + list(families)
        self.fields["kind"].choices = [*everything, *EntryKind.choices]
