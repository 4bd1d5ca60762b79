"""Tenders of the past that were like a draft: what they asked, and what went wrong with them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Q

from bids.choices import AnswerKind, Outcome
from bids.models import Incident
from procurement.choices import EntryState, Role, Stage
from procurement.models import Intake, Requirement, Tender, User
from procurement.queries import (
    register_entries_visible_to,
    search_register,
    specifications_visible_to,
    tenders_visible_to,
)

from .objections import objections_visible_to
from .promises import promises_visible_to

#: How many are shown, and among how many of the latest they are looked for.
SHOWN, LOOKED_AT = 5, 60


@dataclass(slots=True)
class Past:
    """One of them. The lists say what went wrong, in the words in which it was recorded."""

    tender: Tender
    same_system: bool
    gates: int = 0
    scored: int = 0
    #: Requirements that it asked and the draft does not, by code.
    asked_besides: list[Requirement] = field(default_factory=list)
    upheld: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    incidents: list[str] = field(default_factory=list)
    overdue: list[str] = field(default_factory=list)

    @property
    def went_wrong(self) -> int:
        """How much was recorded."""
        return len(self.upheld) + len(self.broken) + len(self.incidents) + len(self.overdue)


def similar_tenders(user: User, tender: Tender, intake: Intake, today: date) -> list[Past]:
    """Published tenders of the same system, else of the same class and kind, those of the system first."""
    like = Q(system_class=intake.system_class)
    if tender.system:
        like |= Q(system__iexact=tender.system)
    rows = list(
        specifications_visible_to(user)
        .filter(like)
        .exclude(pk=tender.pk)
        .exclude(stage__in=[Stage.DRAFT, Stage.CANCELLED])
        .select_related("intake")
        .order_by("-published_at", "pk")[:LOOKED_AT]
    )
    ranked = sorted(rows, key=lambda row: -_likeness(row, tender, intake))[:SHOWN]
    found = [Past(row, _is_of(row, tender)) for row in ranked]
    if found:
        _add_asked(found, tender)
        _add_what_went_wrong(found, user, today)
    return found


def _is_of(row: Tender, tender: Tender) -> bool:
    return bool(tender.system) and row.system.casefold() == tender.system.casefold()


def _likeness(row: Tender, tender: Tender, intake: Intake) -> int:
    """How much alike two tenders are: the same system counts most, then what is bought, then the class."""
    other: Intake | None = getattr(row, "intake", None)
    shared = set(other.answers["bought"]) & set(intake.answers["bought"]) if other else set()
    same_class = row.system_class == intake.system_class
    return 100 * _is_of(row, tender) + 10 * len(shared) + same_class


def _add_asked(found: Sequence[Past], tender: Tender) -> None:
    keys = [past.tender.pk for past in found]
    counts = Counter[tuple[object, bool]]()
    for row in (
        Requirement.objects.filter(tender__in=keys)
        .order_by()
        .values("tender", "mandatory")
        .annotate(n=Count("pk"))
    ):
        counts[row["tender"], row["mandatory"]] = row["n"]
    own = tender.requirements.values_list("code", flat=True)
    besides: dict[object, list[Requirement]] = defaultdict(list)
    for one in Requirement.objects.filter(tender__in=keys).exclude(code__in=own).order_by("position"):
        besides[one.tender_id].append(one)
    for past in found:
        past.gates, past.scored = counts[past.tender.pk, True], counts[past.tender.pk, False]
        past.asked_besides = besides[past.tender.pk]


def _add_what_went_wrong(found: Sequence[Past], user: User, today: date) -> None:
    """Objections that were upheld, promises broken, incidents, exceptions past their day."""
    keys = [past.tender.pk for past in found]
    known = set(tenders_visible_to(user).filter(pk__in=keys).values_list("pk", flat=True))
    objections = objections_visible_to(user).filter(tender__in=keys, answers__kind=AnswerKind.UPHELD)
    upheld = _texts((row.tender_id, row.claim) for row in objections.distinct())
    promises = promises_visible_to(user).filter(tender__in=known)
    broken = _texts(
        (row.tender_id, str(row)) for row in promises.filter(Q(outcome=Outcome.BROKEN) | Q(was_broken=True))
    )
    recorded = Incident.objects.filter(tender__in=known)
    incidents = _texts((row.tender_id, row.what) for row in recorded) if user.role != Role.VENDOR else {}
    entries = register_entries_visible_to(user).filter(tender__in=known)
    late = search_register(entries, today=today, state=EntryState.OVERDUE)
    overdue = _texts((row.tender_id, f"{row} {row.opening}") for row in late)
    for past in found:
        key = past.tender.pk
        past.upheld, past.broken = upheld.get(key, []), broken.get(key, [])
        past.incidents, past.overdue = incidents.get(key, []), overdue.get(key, [])


def _texts(pairs: Iterable[tuple[object, str]]) -> dict[object, list[str]]:
    """Texts by tender, in order."""
    texts: dict[object, list[str]] = defaultdict(list)
    for key, text in pairs:
        texts[key].append(text)
    return texts
