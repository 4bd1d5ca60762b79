"""Where a tender stands, as the stage bar and the lists show it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procurement.choices import WALK, Stage
from procurement.models import Tender
from procurement.templatetags.figures import short_day, short_moment

#: Bidding is over and nothing is opened yet: the clock says so, no column does.
CLOSED = "closed"

#: A moment that is shown between two stages.
PUBLICATION = "publication"

#: What is shown, in order. The opening begins at the deadline and goes on while interests are declared.
SHOWN: list[tuple[str, str | Promise]] = [
    (Stage.DRAFT, Stage.DRAFT.label),
    (PUBLICATION, gettext_lazy("Publication")),
    (Stage.PUBLISHED, Stage.PUBLISHED.label),
    (CLOSED, gettext_lazy("Opening")),
    *((stage, stage.label) for stage in WALK[3:]),
]
_ORDER = [stage for stage, _label in SHOWN]


@dataclass(frozen=True)
class Step:
    """One stage of a tender: its name, done, now or future, and a date if there is one."""

    name: str
    state: str
    date: str = ""


def stands_at(tender: Tender, now: datetime) -> str:
    """The stage that is shown: the stored one, or `CLOSED`."""
    return CLOSED if tender.is_closed(now) else tender.stage


def _tick(stage: str) -> int:
    """Where in the bar a stage is shown."""
    return _ORDER.index(CLOSED if stage == Stage.BIDDERS_NAMED else stage)


def stage_name(tender: Tender, now: datetime) -> str:
    """The name of the stage at which the tender stands."""
    return str(dict(SHOWN).get(stands_at(tender, now), tender.get_stage_display()))


def steps(tender: Tender, now: datetime) -> list[Step]:
    """The way of a tender; a cancelled one has no current stage, and stays where it was left."""
    dates = _dates(tender)
    if tender.stage == Stage.CANCELLED:
        last = max(_tick(stage) for stage in _reached(tender))
        here = last + 1
        states = ["done"] * here + ["future"] * (len(_ORDER) - here)
    else:
        here = _tick(stands_at(tender, now))
        states = ["done"] * here + ["now"] + ["future"] * (len(_ORDER) - here - 1)
    return [
        Step(str(name), state, dates.get(stage, ""))
        for (stage, name), state in zip(SHOWN, states, strict=True)
    ]


def _dates(tender: Tender) -> dict[str, str]:
    """The dates that are known, by stage."""
    deadline = _("until %(moment)s") % {"moment": short_moment(tender.deadline)} if tender.deadline else ""
    known = {
        PUBLICATION: tender.published_at,
        CLOSED: tender.bidders_named_at,
        Stage.TECHNICAL_OPENED: tender.opened_at,
        Stage.PRICE_OPENED: tender.priced_at,
    }
    return {
        str(Stage.DRAFT): _("from %(day)s") % {"day": short_day(tender.created_at)},
        str(Stage.PUBLISHED): deadline,
    } | {str(stage): short_day(moment) for stage, moment in known.items() if moment}


def _reached(tender: Tender) -> list[str]:
    """The stages that a cancelled tender is known to have reached."""
    known = {
        Stage.DRAFT: tender.created_at,
        Stage.PUBLISHED: tender.published_at,
        Stage.BIDDERS_NAMED: tender.bidders_named_at,
        Stage.TECHNICAL_OPENED: tender.opened_at,
        Stage.PRICE_OPENED: tender.priced_at,
    }
    return [str(stage) for stage, moment in known.items() if moment or stage == Stage.DRAFT]
