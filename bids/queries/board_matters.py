"""Advice that was overruled on awarded tenders, and what was promised and is past due, for the board."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from bids.choices import AnswerKind, LedgerKind, Outcome
from bids.models import ObjectionAnswer, Waiver
from procurement.choices import Agreement, Stage
from procurement.models import Lowering, RegisterEntry, Tender, Unit
from procurement.queries import overdue_entries, overruled_entries

from .board import standing_awards
from .objections import conditions_open
from .promises import standing_promises


@dataclass(frozen=True)
class Matter:
    """Something that the board should know of: what, on which tender, whose, and on which day.

    `at` is the day of the decision, or the day on which it was due. `page` is a URL name and what it takes.
    """

    kind: str | Lazy
    at: date
    tender: Tender | None
    unit: Unit | None
    text: str
    who: str
    page: tuple[str, object]

    def late(self, today: date) -> int:
        """For how many days it is past due."""
        return (today - self.at).days


# --- overruled --------------------------------------------------------------------------------------------
def overruled() -> list[Matter]:
    """Every time that advice was overruled, or a proposal of the intake lowered, the last first."""
    sources = (_answers(), _departures(), _waivers(), _lowerings(), _entries())
    return sorted((row for rows in sources for row in rows), key=lambda row: row.at, reverse=True)


def _day(moment: datetime) -> date:
    return timezone.localdate(moment)


def _answers() -> Iterator[Matter]:
    """Objections that were rejected, or accepted as a risk."""
    rows = ObjectionAnswer.objects.filter(
        kind__in=[AnswerKind.REJECTED, AnswerKind.ACCEPTED], objection__tender__stage=Stage.AWARDED
    )
    for row in rows.select_related("objection__tender__owner_unit").order_by("pk"):
        objection = row.objection
        kind = LedgerKind.REJECTED if row.kind == AnswerKind.REJECTED else LedgerKind.ACCEPTED
        yield Matter(
            kind.label,
            _day(row.answered_at),
            objection.tender,
            objection.tender.owner_unit,
            f"{objection} {objection.claim}",
            row.answered_by,
            ("objection", objection.pk),
        )


def _departures() -> Iterator[Matter]:
    """Awards to another bid than first place."""
    rows = standing_awards().exclude(departure_reason="").select_related("tender__owner_unit")
    for row in rows.defer("case_text", "result_text", "other_case_text"):
        yield Matter(
            LedgerKind.NOT_FIRST.label,
            _day(row.awarded_at),
            row.tender,
            row.tender.owner_unit,
            row.departure_reason,
            row.awarded_by,
            ("decision", row.tender_id),
        )


def _waivers() -> Iterator[Matter]:
    """Gates that were waived, and risks of other requirements that were accepted."""
    rows = Waiver.objects.filter(
        Q(loaded=True) | Q(security_by__gt=""),
        approved_by__gt="",
        refused_by="",
        claim__bid__tender__stage=Stage.AWARDED,
    )
    for row in rows.select_related("claim__requirement", "claim__bid__tender__owner_unit").order_by("pk"):
        requirement, tender = row.claim.requirement, row.claim.bid.tender
        kind = LedgerKind.WAIVER if requirement.mandatory else LedgerKind.ACCEPTED_RISK
        yield Matter(
            kind.label,
            _day(row.approved_at or tender.created_at),
            tender,
            tender.owner_unit,
            f"{requirement.code} {requirement.title}",
            row.approved_by,
            ("waiver", row.pk),
        )


def _lowerings() -> Iterator[Matter]:
    """Proposals of the intake that were lowered."""
    rows = Lowering.objects.filter(answer=Agreement.AGREED, intake__tender__stage=Stage.AWARDED)
    for row in rows.select_related("intake__tender__owner_unit").order_by("pk"):
        tender = row.intake.tender
        yield Matter(
            _("Proposal of the intake lowered"),
            _day(row.answered_at or row.asked_at),
            tender,
            tender.owner_unit,
            row.reason,
            row.asked_by,
            ("intake", tender.pk),
        )


def _entries() -> Iterator[Matter]:
    """Exceptions that were granted although security advised against them."""
    for row in overruled_entries():
        yield Matter(
            LedgerKind.REGISTER.label,
            _day(row.decided_at or row.proposed_at),
            _told(row),
            row.unit,
            f"{row} {row.system}: {row.opening}",
            row.decided_by,
            ("register-entry", row.pk),
        )


def _told(entry: RegisterEntry) -> Tender | None:
    """The tender of an exception, where it is awarded."""
    awarded = entry.tender is not None and entry.tender.stage == Stage.AWARDED
    return entry.tender if awarded else None


# --- past due ---------------------------------------------------------------------------------------------
def past_due(today: date) -> list[Matter]:
    """Conditions, promises and exceptions whose day is over, and promises that were broken, oldest first."""
    sources = (_conditions(today), _promises(today), _exceptions(today))
    return sorted((row for rows in sources for row in rows), key=lambda row: row.at)


def _conditions(today: date) -> Iterator[Matter]:
    rows = conditions_open().filter(due_on__lt=today, answer__objection__tender__stage=Stage.AWARDED)
    for row in rows:
        objection = row.answer.objection
        yield Matter(
            _("Condition of an accepted risk"),
            row.due_on,
            objection.tender,
            row.unit,
            row.text,
            row.owner_name,
            ("objection", objection.pk),
        )


def _promises(today: date) -> Iterator[Matter]:
    rows = standing_promises().filter(Q(outcome="", due_on__lt=today) | Q(outcome=Outcome.BROKEN))
    for row in rows.select_related("tender", "bid__vendor", "unit").order_by("pk"):
        yield Matter(
            _("Promise of the vendor, broken") if row.outcome else _("Promise of the vendor"),
            row.due_on,
            row.tender,
            row.unit,
            f"{row.code} {row.text}",
            str(row.bid),
            ("promise", row.pk),
        )


def _exceptions(today: date) -> Iterator[Matter]:
    for row in overdue_entries(today):
        yield Matter(
            _("Exception past its last day"),
            row.expires_on,
            _told(row),
            row.unit,
            f"{row} {row.system}: {row.opening}",
            str(row.owner),
            ("register-entry", row.pk),
        )
