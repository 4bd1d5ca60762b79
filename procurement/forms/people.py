"""People, units and vendors."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.utils.translation import gettext_lazy as _

from procurement.choices import Role
from procurement.forms.fields import Seen, Tidy
from procurement.models import Unit, User, Vendor


class PersonForm(Tidy, Seen, forms.ModelForm):
    """A person. The user name is chosen once."""

    language = forms.ChoiceField(
        label=_("Language"),
        choices=[("", _("As the browser")), *settings.LANGUAGES],
        required=False,
    )
    password = forms.CharField(
        label=_("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
        help_text=_("At least 12 characters. Hand it over in person."),
    )

    class Meta:
        model = User
        fields = ["username", "name", "job_title", "email", "role", "unit", "vendor", "language"]
        help_texts = {
            "username": _("What the person signs in with. It cannot be changed later."),
            "email": _("Reminders of what is due go there."),
            "unit": _("For everybody of the bank."),
            "vendor": _("For people of a vendor only."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].validators = [UnicodeUsernameValidator()]
        if self.instance.pk:
            del self.fields["username"]
            self.fields["password"].required = False
            self.fields["password"].label = _("New password")
            self.fields["password"].help_text = _("Empty: the password stays.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        of_vendor = cleaned.get("role") == Role.VENDOR
        wanted, other = ("vendor", "unit") if of_vendor else ("unit", "vendor")
        if not cleaned.get(wanted):
            self.add_error(wanted, _("Choose the vendor.") if of_vendor else _("Choose the unit."))
        if cleaned.get(other):
            self.add_error(other, _("A person belongs to a unit or to a vendor, not to both."))
        return cleaned


class UnitForm(Tidy, Seen, forms.ModelForm):
    """A unit of the bank. The code is chosen once, because published specifications carry it."""

    class Meta:
        model = Unit
        fields = ["code", "name_zh", "name_en", "kind"]
        help_texts = {"code": _("Stands in case files. It cannot be changed later.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["code"]


class VendorForm(Tidy, Seen, forms.ModelForm):
    """A company that may bid."""

    class Meta:
        model = Vendor
        fields = ["name", "tax_id"]
        help_texts = {"tax_id": _("Eight digits; empty for a company that is not registered in Taiwan.")}
