"""What the board's page and the lists behind its figures are narrowed by."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from procurement.choices import SystemClass
from procurement.forms.filters import Filters
from procurement.forms.periods import Period, local_day, parsed, periods_of
from procurement.models import Unit, Vendor

#: The value of a period that holds everything.
ALL = "all"

#: What each of the lists of awards holds; the keys are those of `bids.queries.board_figures.BEHIND`.
FIGURES = {
    "price": _("Awarded on price only"),
    "alone": _("Nothing but the price counted"),
    "cheapest": _("Security counted, and the cheapest bid won"),
    "dearer": _("More was paid than the cheapest bid asked"),
    "cheapest_out": _("More was paid, and the cheapest bid was excluded"),
    "met": _("More was paid, and the cheapest bid would not have met requirements"),
    "unpriced": _("Without a price to compare"),
    "no_security_requirement": _("Without a security gate"),
    "no_security_criterion": _("Without a security criterion"),
    "security_outweighed": _("Price weighed more than security"),
    "no_intake": _("Without an intake"),
    "no_owner": _("Without somebody who answers for the system"),
}


class BoardFilters(Filters):
    """A period, this year's unless another one is chosen, and a unit."""

    period = forms.ChoiceField(label=_("Period"), required=False)
    unit = forms.ChoiceField(label=_("Unit"), required=False)

    def __init__(
        self,
        *args: Any,
        moments: Iterable[date | datetime],
        units: Iterable[Unit],
        now: datetime,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.this_year = Period(local_day(now).year)
        periods = periods_of([*moments, now])
        named = [(period.value, str(period)) for period in periods]
        self.fields["period"].choices = [*named, (ALL, _("All years"))]
        self.fields["period"].initial = self.this_year.value
        ordered = sorted({unit.pk: unit for unit in units}.values(), key=lambda unit: unit.name)
        self.fields["unit"].choices = [("", _("All")), *((str(unit.pk), unit.name) for unit in ordered)]
        if not self.value("period"):
            self.data = self.data.copy()
            self.data["period"] = self.this_year.value
            self.full_clean()

    @property
    def chosen(self) -> Period | None:
        """The period that is chosen; None for all of them."""
        return parsed(self.value("period"))

    @property
    def used(self) -> bool:
        """Whether it is narrowed otherwise than at first."""
        first = self.value("period") == self.this_year.value
        return not first or any(self.value(name) for name in self.fields if name != "period")


class AwardFilters(BoardFilters):
    """The awards behind one figure, of one vendor or one class."""

    figure = forms.ChoiceField(label=_("Figure"), choices=[("", _("All")), *FIGURES.items()], required=False)
    vendor = forms.ChoiceField(label=_("Vendor"), required=False)
    system_class = forms.ChoiceField(
        label=_("System class"), choices=[("", _("All")), *SystemClass.choices], required=False
    )

    def __init__(self, *args: Any, vendors: Iterable[Vendor], **kwargs: Any) -> None:
        self.vendors = sorted({row.pk: row for row in vendors}.values(), key=lambda row: row.name)
        super().__init__(*args, **kwargs)
        self.fields["vendor"].choices = [("", _("All")), *((str(row.pk), row.name) for row in self.vendors)]
        self.full_clean()
