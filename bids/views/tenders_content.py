"""The list of tenders by stage: where each stands, since when, who acts next, and what is late about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bids.forms.tenders import STAGES, TenderFilters
from bids.queries.progress import Late, lateness_of, stages_since
from procurement.choices import Role, Stage
from procurement.models import Tender
from procurement.queries import specifications_visible_to
from procurement.sheets.lists import Cell
from procurement.templatetags.figures import clauses
from procurement.views.stages import Step, stage_name, stands_at, steps

from .waiting import next_step

#: In which order the stages are listed.
_ORDER = [value for value, _label in STAGES]

#: Tenders that are over wait for nobody.
_OVER = (Stage.AWARDED, Stage.CANCELLED)


@dataclass(frozen=True)
class Line:
    """One tender as the list shows it; `days` is None where nobody recorded since when it stands there."""

    tender: Tender
    stands: str
    stage: str
    steps: list[Step]
    since: date | None
    days: int | None
    next_step: str
    next_by: str
    late: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """One stage of the list: how many tenders stand there, and how many of them are late."""

    stands: str
    name: str
    count: int
    late: int


class Tenders:
    """The tenders that a person may know of, narrowed by the query string, by stage and late ones first."""

    def __init__(self, request: HttpRequest) -> None:
        self.user, self.now = request.user, request.now
        self.of_bank = request.user.role != Role.VENDOR
        visible = specifications_visible_to(self.user).select_related("approver", "escalation")
        known = list(visible.defer("published_text"))
        self.filters = TenderFilters(request.GET, tenders=known, of_bank=self.of_bank)
        self.late = lateness_of(self.user, known, self.now)
        self.rows = sorted(filter(self._is_asked, known), key=self._place)

    def _is_asked(self, row: Tender) -> bool:
        filters, begun = self.filters, self.filters.chosen
        wanted = {name: filters.value(name) for name in ("q", "stage", "unit", "officer")}
        words = f"{row.reference}\n{row.title}\n{row.system}".casefold()
        return (
            wanted["q"].casefold() in words
            and wanted["stage"] in ("", stands_at(row, self.now))
            and wanted["unit"] in ("", str(row.owner_unit_id))
            and wanted["officer"] in ("", str(row.officer_id))
            and (begun is None or begun.holds(row.created_at))
            and (not filters.value("late") or row.pk in self.late)
        )

    def _place(self, row: Tender) -> tuple[object, ...]:
        """By stage, the late ones first, then by deadline."""
        stage = _ORDER.index(stands_at(row, self.now))
        return stage, row.pk not in self.late, row.deadline is None, row.deadline or self.now, row.reference

    def groups(self) -> list[Group]:
        """The stages that the list holds, in order."""
        found: dict[str, list[Tender]] = {}
        for row in self.rows:
            found.setdefault(stands_at(row, self.now), []).append(row)
        return [
            Group(stands, stage_name(rows[0], self.now), len(rows), sum(row.pk in self.late for row in rows))
            for stands, rows in found.items()
        ]

    def lines(self, rows: Iterable[Tender]) -> list[Line]:
        """Some of the tenders as they are shown."""
        listed = list(rows)
        since = stages_since(listed, self.now) if self.of_bank else {}
        return [self._line(row, since.get(row.pk)) for row in listed]

    def _line(self, row: Tender, since: datetime | None) -> Line:
        today = timezone.localdate(self.now)
        day = timezone.localdate(since) if since else None
        what, who = ("", "") if row.stage in _OVER or not self.of_bank else next_step(row, self.now)
        late = tuple(self._sentence(one) for one in self.late.get(row.pk, ()))
        days = (today - day).days if day else None
        stands = stands_at(row, self.now)
        return Line(row, stands, stage_name(row, self.now), steps(row, self.now), day, days, what, who, late)

    def _sentence(self, late: Late) -> str:
        """What is late and for how long."""
        days = (self.now - late.since).days
        texts = {
            "deadline": _("The deadline of the draft is over"),
            "opening": _("Bidding is over and nobody has named the bidders"),
            "questions": ngettext(
                "%(n)d question is unanswered", "%(n)d questions are unanswered", late.count
            ),
            "objections": ngettext(
                "%(n)d objection is unanswered", "%(n)d objections are unanswered", late.count
            ),
        }
        words = {"what": texts[late.what] % {"n": late.count}, "days": days}
        if not days:
            return _("%(what)s, since today") % words
        return ngettext("%(what)s, late by %(days)d day", "%(what)s, late by %(days)d days", days) % words


def cells(line: Line) -> list[Cell]:
    """A line of the workbook, in the order of `bids.exports.tenders.headings`."""
    row = line.tender
    return [
        row.reference,
        row.title,
        str(row.get_system_class_display()),
        line.stage,
        line.since,
        line.days,
        line.next_step,
        line.next_by,
        timezone.localdate(row.deadline) if row.deadline else None,
        clauses(line.late),
        str(row.owner_unit or ""),
        str(row.owner or ""),
        str(row.officer or ""),
        timezone.localdate(row.created_at),
    ]
