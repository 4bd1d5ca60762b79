"""What the list of tenders is narrowed by."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from procurement.choices import Stage
from procurement.forms.filters import Filters
from procurement.forms.periods import Period, parsed, periods_of
from procurement.models import Tender

#: Where tenders are shown to stand: after bidding, and before anything is opened, the clock says so.
CLOSED = "closed"
STAGES = [
    pair
    for stage in Stage
    for pair in ([(stage.value, stage.label), (CLOSED, _("Opening"))] if stage == Stage.PUBLISHED else [])
    or [(stage.value, stage.label)]
]


class TenderFilters(Filters):
    """Narrows the list of tenders; units, officers and periods are those that stand in it."""

    q = forms.CharField(
        label=_("Reference, title or system"), max_length=200, required=False, widget=forms.SearchInput
    )
    stage = forms.ChoiceField(label=_("Stage"), choices=[("", _("All")), *STAGES], required=False)
    unit = forms.ChoiceField(label=_("Accountable unit"), required=False)
    officer = forms.ChoiceField(label=_("Officer"), required=False)
    begun = forms.ChoiceField(label=_("Begun"), required=False)
    late = forms.BooleanField(label=_("Late only"), required=False)

    def __init__(self, *args: Any, tenders: Iterable[Tender], of_bank: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not of_bank:
            for name in ("unit", "officer", "begun", "late"):
                del self.fields[name]
            return
        rows = list(tenders)
        units = {str(row.owner_unit_id): str(row.owner_unit) for row in rows if row.owner_unit}
        officers = {str(row.officer_id): str(row.officer) for row in rows if row.officer}
        for name, named in (("unit", units), ("officer", officers)):
            ordered = sorted(named.items(), key=lambda pair: (pair[1], pair[0]))
            self.fields[name].choices = [("", _("All")), *ordered]
        periods = periods_of(row.created_at for row in rows)
        self.fields["begun"].choices = [("", _("All")), *((row.value, str(row)) for row in periods)]

    @property
    def chosen(self) -> Period | None:
        """The period in which the tenders were begun, if one is chosen."""
        return parsed(self.value("begun"))
