"""Who is named in the place of approvers who can answer no more."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from procurement import queries
from procurement.forms.fields import Tidy
from procurement.forms.specification import PersonField

from .panel import PasswordForm, long_text


class ApproverForm(Tidy, PasswordForm):
    """An approver above the units, and why; signed with the password."""

    field_order = ("approver", "reason", "password")

    approver = PersonField(
        label=_("Approver"),
        help_text=_("Above the raising and the proposing unit; neither on the panel nor running the tender."),
    )
    reason = long_text(_("Why somebody else is named"), rows=3)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["approver"].queryset = queries.approvers()

    @property
    def arguments(self) -> dict[str, Any]:
        """What the action wants to know."""
        return {name: self.cleaned_data[name] for name in ("approver", "reason")}
