"""Questions: a vendor's own, those released to all, and for the bank all of them without their vendors."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet

from procurement.choices import Role, Stage
from procurement.models import Question, Tender, Unit, User
from procurement.queries import tenders_visible_to


def questions_visible_to(user: User) -> QuerySet[Question]:
    """To the bank questions on the tenders that the person may know of and, until the opening, those that its
    unit is to answer; to vendors none but their own.

    What was released is read from `released_questions`; it leads to no page of its own.
    """
    rows = Question.objects.select_related("tender", "unit", "requirement", "criterion", "same_as")
    if user.role == Role.VENDOR:
        return rows.filter(vendor=user.vendor)
    known = Q(tender__in=tenders_visible_to(user).values("pk"))
    to_answer = Q(unit=user.unit, tender__stage=Stage.PUBLISHED)
    return rows.filter(known | to_answer if _answers(user) else known)


def tenders_with_questions(user: User) -> QuerySet[Tender]:
    """Tenders that the person may know of, and those on which its unit is to answer a question."""
    if not _answers(user):
        return tenders_visible_to(user)
    to_answer = Q(stage=Stage.PUBLISHED, pk__in=Question.objects.filter(unit=user.unit).values("tender"))
    rows = Tender.objects.filter(to_answer | Q(pk__in=tenders_visible_to(user).values("pk")))
    return rows.select_related("owner_unit", "officer__unit")


def _answers(user: User) -> bool:
    """Whether questions are routed to the person's unit; others see all tenders, or none of the bank's."""
    return user.role == Role.MEMBER and user.unit_id is not None


def released_questions(tender: Tender) -> QuerySet[Question]:
    """What all vendors read, in the order of release; it says the same to everybody."""
    return Question.objects.filter(tender=tender, number__isnull=False).order_by("number")


def open_questions(tenders: Iterable[Tender] | QuerySet[Tender]) -> QuerySet[Question]:
    """Questions on these tenders that nobody has answered and that ask nothing of another one's."""
    rows = Question.objects.filter(tender__in=tenders, released_at=None, same_as=None)
    return rows.select_related("tender", "unit", "requirement", "criterion").order_by("asked_at", "pk")


def questions_waiting_for(user: User, now: datetime) -> QuerySet[Question]:
    """Those without a draft that this person's unit answers; an officer answers those of no unit, too."""
    of_unit = Q(unit=user.unit) if user.unit_id else Q(pk=None)
    of_none = Q(unit=None) if user.role == Role.OFFICER else Q(pk=None)
    open_ones = Tender.objects.filter(stage=Stage.PUBLISHED, deadline__gt=now)
    return open_questions(open_ones).filter(of_unit | of_none, drafted_by="")


def answering_units(tender: Tender) -> QuerySet[Unit]:
    """Units that know of the tender: of its requirements, its panel, its owner and its officer."""
    known = Q(pk__in=tender.requirements.values("unit")) | Q(pk__in=tender.seats.values("unit"))
    officer = tender.officer.unit_id if tender.officer else None
    return Unit.objects.filter(known | Q(pk=tender.owner_unit_id) | Q(pk=officer)).order_by("code")
