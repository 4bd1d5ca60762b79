"""Stretches of time that lists and figures are narrowed to: years and their quarters, in Taipei."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

#: The year before the first of the Republic of China, in which Taiwan counts.
ROC_EPOCH = 1911


@dataclass(frozen=True, order=True)
class Period:
    """A year (`quarter` 0) or a quarter of it (1 to 4)."""

    year: int
    quarter: int = 0

    @property
    def value(self) -> str:
        """As it stands in an address: `2026`, `2026-4`."""
        return f"{self.year}-{self.quarter}" if self.quarter else str(self.year)

    def __str__(self) -> str:
        """With the years of both calendars."""
        words = {"year": self.year, "roc": self.year - ROC_EPOCH, "quarter": self.quarter}
        if self.quarter:
            return _("Quarter %(quarter)s of %(year)s (ROC year %(roc)s)") % words
        return _("%(year)s (ROC year %(roc)s)") % words

    def holds(self, moment: date | datetime | None) -> bool:
        """Whether a day, or a moment as Taipei has it, lies in it."""
        if moment is None:
            return False
        day = local_day(moment)
        return day.year == self.year and self.quarter in (0, quarter_of(day))


def local_day(moment: date | datetime) -> date:
    """The day itself, or the day in Taipei of a moment."""
    return timezone.localdate(moment) if isinstance(moment, datetime) else moment


def quarter_of(day: date) -> int:
    """The quarter of the year in which a day lies, 1 to 4."""
    return (day.month + 2) // 3


def parsed(text: str) -> Period | None:
    """The period of a value as `Period.value` writes it; None for anything else."""
    year, _dash, quarter = text.partition("-")
    if not (year.isdecimal() and len(year) == 4 and (not quarter or quarter in ("1", "2", "3", "4"))):
        return None
    return Period(int(year), int(quarter or 0))


def periods_of(moments: Iterable[date | datetime]) -> list[Period]:
    """The years in which they lie, the last first, each followed by those of its quarters that hold one."""
    days = {local_day(moment) for moment in moments}
    found = {Period(day.year) for day in days} | {Period(day.year, quarter_of(day)) for day in days}
    return sorted(found, key=lambda period: (-period.year, period.quarter and 5 - period.quarter))
