"""What a company declares, what it asks for, and what the bank answers."""

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procurement.forms.fields import Tidy
from procurement.models import CompanyProfile, Registration, Vendor
from procurement.models.company import LEAST_SHARE, country_code
from procurement.models.fields import plain
from procurement.sheets.dates import parse_date
from procurement.sheets.unreadable import Unreadable
from procurement.sheets.values import parse_number

MOST_LINES = 100
MOST_TEXT = 200


def _text(value: str) -> str:
    if not value or len(value) > MOST_TEXT:
        raise ValidationError(_("a text of 1 to %(most)d characters") % {"most": MOST_TEXT})
    return value


def _country(value: str) -> str:
    try:
        country_code(value.upper())
    except ValidationError as error:
        raise ValidationError(_("a country in two letters, as in TW")) from error
    return value.upper()


def _share(value: str) -> str:
    try:
        share = parse_number(value.removesuffix("%").removesuffix("％").strip())
    except Unreadable as refusal:
        raise ValidationError(_("a share in percent, as in 30 %")) from refusal
    if not LEAST_SHARE <= share <= 100:
        raise ValidationError(_("a share of %(least)d to 100 %%") % {"least": LEAST_SHARE})
    return plain(share)


def _day(value: str) -> str:
    try:
        return parse_date(value).isoformat()
    except Unreadable as refusal:
        raise ValidationError(_("a day, as in 2027-06-30")) from refusal


Reader = Callable[[str], str]


class LinesField(forms.CharField):
    """One row a line, its columns with semicolons between; the cleaned value is a list of rows."""

    def __init__(self, *, columns: Mapping[str, Reader], **kwargs: Any) -> None:
        self.columns = columns
        super().__init__(
            required=False, widget=forms.Textarea(attrs={"rows": 3}), max_length=20_000, **kwargs
        )

    def prepare_value(self, value: Any) -> Any:
        return lines_of(value) if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)

    def to_python(self, value: Any) -> list[dict[str, str]]:
        lines = [line.strip() for line in super().to_python(value).splitlines() if line.strip()]
        if len(lines) > MOST_LINES:
            raise ValidationError(_("There are more than %(most)d lines.") % {"most": MOST_LINES})
        rows = [self._row(number, line) for number, line in enumerate(lines, 1)]
        names = [tuple(row.values()) for row in rows]
        if len(set(names)) < len(names):
            raise ValidationError(_("A line stands there twice."))
        return rows

    def _row(self, number: int, line: str) -> dict[str, str]:
        parts = [part.strip() for part in re.split("[;；]", line)]
        if len(parts) != len(self.columns):
            raise ValidationError(
                _("Line %(number)d has %(found)d parts, and %(wanted)d are expected.")
                % {"number": number, "found": len(parts), "wanted": len(self.columns)}
            )
        row = {}
        for (name, read), part in zip(self.columns.items(), parts, strict=True):
            try:
                row[name] = read(part)
            except ValidationError as error:
                raise ValidationError(
                    _("Line %(number)d: “%(part)s” should be %(what)s.")
                    % {"number": number, "part": part, "what": " ".join(error.messages)}
                ) from error
        return row

    def validate(self, value: Any) -> None:
        """Every list will do, an empty one, too."""

    def run_validators(self, value: Any) -> None:
        """Those of a text do not fit a list."""


#: In this order columns are typed; a database may keep them in another.
ORDER = ("name", "product", "issuer", "number", "until", "country", "share", "work")


def lines_of(rows: Iterable[Mapping[str, str]]) -> str:
    """The rows as they are typed."""
    return "\n".join("; ".join(row[name] for name in ORDER if name in row) for row in rows)


class ProfileForm(Tidy, forms.ModelForm):
    """The whole declaration, with what was declared before."""

    owners = LinesField(
        label=gettext_lazy("Owners of at least 25 %"),
        help_text=gettext_lazy("One a line: name; country; share in percent. As in 王大明; TW; 40"),
        columns={"name": _text, "country": _country, "share": _share},
    )
    subcontractors = LinesField(
        label=gettext_lazy("Subcontractors"),
        help_text=gettext_lazy("One a line: name; country; what they do."),
        columns={"name": _text, "country": _country, "work": _text},
    )
    origins = LinesField(
        label=gettext_lazy("Origin of products"),
        help_text=gettext_lazy("One a line: product or component; country it comes from."),
        columns={"product": _text, "country": _country},
    )
    certificates = LinesField(
        label=gettext_lazy("Certificates"),
        help_text=gettext_lazy(
            "One a line: name; issuer; number; last day. You are reminded before it ends."
        ),
        columns={"name": _text, "issuer": _text, "number": _text, "until": _day},
    )

    class Meta:
        model = CompanyProfile
        fields = [
            *("country", "address", "phone", "contact", "email", "account", "control"),
            *("owners", "no_large_owner", "subcontractors", "origins", "certificates"),
        ]
        help_texts = {
            "country": gettext_lazy("Two letters, as in TW."),
            "control": gettext_lazy("Where those sit who decide in the end. Two letters."),
            "account": gettext_lazy("Where payments go; read by nobody but the bank."),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        shares = sum(Decimal(row["share"]) for row in cleaned.get("owners") or [])
        if shares > 100:
            self.add_error("owners", _("The shares add up to more than 100 %."))
        return cleaned


class RegistrationForm(Tidy, forms.ModelForm):
    """A company asks to be let in, with the account of its first person."""

    password = forms.CharField(
        label=gettext_lazy("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
        max_length=128,
        help_text=gettext_lazy("At least 12 characters. You sign in with your email address and it."),
    )

    class Meta:
        model = Registration
        fields = ["name", "tax_id", "country", "person", "email", "phone", "words"]
        widgets = {"words": forms.Textarea(attrs={"rows": 3, "maxlength": 2000})}
        help_texts = {
            "tax_id": gettext_lazy("Eight digits; empty for a company that is not registered in Taiwan."),
            "country": gettext_lazy("Two letters, as in TW."),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("country") == "TW" and not cleaned.get("tax_id") and "tax_id" not in self.errors:
            self.add_error("tax_id", _("A company of Taiwan has a tax id."))
        if len(cleaned.get("words", "")) > 2000:
            self.add_error("words", _("At most 2,000 characters, please."))
        return cleaned


class RegistrationDecision(Tidy, forms.Form):
    """Let a company in, or not."""

    vendor = forms.ModelChoiceField(
        label=gettext_lazy("One more person of"),
        queryset=Vendor.objects.none(),
        required=False,
        empty_label=gettext_lazy("A new vendor"),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("Needed to refuse; the company is told."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, vendors: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["vendor"].queryset = vendors


class InvitationForm(forms.Form):
    """Who may bid: everybody, or those who are chosen."""

    invited_only = forms.BooleanField(
        label=gettext_lazy("Only invited vendors see the tender and bid"), required=False
    )
    vendors = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Invited vendors"),
        queryset=Vendor.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, vendors: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["vendors"].queryset = vendors

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("invited_only") and not cleaned.get("vendors"):
            self.add_error("vendors", _("Choose who is invited, or leave the tender open."))
        return cleaned
