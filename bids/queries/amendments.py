"""Amendments of a tender, outages, and who took whose place among the opening officers."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby

from django.db.models import QuerySet

from bids.choices import AmendmentKind, Decided
from bids.models import Amendment, Bid, OfficerReplacement, OpeningOfficer, Outage, Submission
from procurement.choices import Role, Stage
from procurement.models import Tender, User
from procurement.queries import tenders_visible_to

from .bids import standing_submission

#: While a tender stands here, somebody may still have to open something.
_TO_OPEN = (
    Stage.DRAFT,
    Stage.PUBLISHED,
    Stage.BIDDERS_NAMED,
    Stage.TECHNICAL_OPENED,
    Stage.TECHNICAL_LOCKED,
)

_PEOPLE = ("proposer__unit", "package", "outage", "tender__approver")


def amendments_visible_to(user: User) -> QuerySet[Amendment]:
    """What was proposed on tenders that the person may know of; to vendors only what was agreed."""
    rows = Amendment.objects.filter(tender__in=tenders_visible_to(user).values("pk"))
    if user.role == Role.VENDOR:
        rows = rows.filter(outcome=Decided.AGREED)
    return rows.select_related(*_PEOPLE)


def agreed_amendments(tender: Tender) -> QuerySet[Amendment]:
    """What was published after the publication, in order."""
    rows = Amendment.objects.filter(tender=tender, outcome=Decided.AGREED)
    return rows.select_related(*_PEOPLE).order_by("package__amendment")


def waiting_amendment(tender: Tender) -> Amendment | None:
    """The proposal that nobody decided on; it has lapsed where bidding is over."""
    return Amendment.objects.filter(tender=tender, outcome="").select_related(*_PEOPLE).first()


def amendments_to_decide(tenders: Iterable[Tender]) -> QuerySet[Amendment]:
    """Proposals that nobody decided on, on these tenders."""
    return Amendment.objects.filter(tender__in=tenders, outcome="").select_related(*_PEOPLE)


def tenders_that_ask(tenders: Sequence[Tender]) -> list[Tender]:
    """Those of the tenders of which an amendment asks for bids to be confirmed."""
    asking = Amendment.objects.filter(
        tender__in=tenders, outcome=Decided.AGREED, kind=AmendmentKind.DOCUMENTS
    ).values_list("tender", flat=True)
    wanted = set(asking)
    return [tender for tender in tenders if tender.pk in wanted]


# --- what has to be confirmed -----------------------------------------------------------------------------
def confirmation_asked(tender: Tender) -> int:
    """The number of the last amendment that asks for bids to be confirmed; 0 where none does.

    Only changed or clarified documents ask. More time, or another opening officer, takes nothing from a bid
    that was handed in before.
    """
    rows = Amendment.objects.filter(
        tender=tender, outcome=Decided.AGREED, kind=AmendmentKind.DOCUMENTS
    ).order_by("-package__amendment")
    return rows.values_list("package__amendment", flat=True).first() or 0


def is_unconfirmed(submission: Submission, asked: int) -> bool:
    """Whether a submission was sealed before the amendment of that number and not confirmed since."""
    if submission.package.amendment >= asked:
        return False
    return submission.confirmed is None or submission.confirmed.amendment < asked


def unanswered_amendments(submission: Submission) -> list[Amendment]:
    """The amendments of documents that a submission was neither sealed nor confirmed under."""
    rows = agreed_amendments(submission.bid.tender).filter(kind=AmendmentKind.DOCUMENTS)
    return [row for row in rows if is_unconfirmed(submission, row.number)]


def needs_confirmation(bid: Bid) -> bool:
    """Whether the bid that counts was sealed before the documents were amended and not confirmed since."""
    asked = confirmation_asked(bid.tender)
    standing = standing_submission(bid) if asked else None
    return standing is not None and is_unconfirmed(standing, asked)


# --- outages ----------------------------------------------------------------------------------------------
def outages() -> QuerySet[Outage]:
    """What was recorded, the last one first."""
    return Outage.objects.select_related("recorder")


def tenders_touched(outage: Outage) -> QuerySet[Tender]:
    """Tenders that could get no bids for a part of the time in which they took them."""
    return (
        Tender.objects.filter(published_at__lt=outage.ends_at, deadline__gt=outage.begins_at)
        .exclude(stage__in=[Stage.DRAFT, Stage.CANCELLED])
        .order_by("deadline", "reference")
    )


def amendments_after(outage: Outage) -> QuerySet[Amendment]:
    """What was proposed after an outage, by tender."""
    return outage.amendments.select_related(*_PEOPLE).order_by("tender_id", "pk")


def waiting_after(outage: Outage, now: datetime) -> list[Amendment]:
    """What a second person can still agree to."""
    return [row for row in amendments_after(outage) if not row.outcome and row.tender.is_open_for_bids(now)]


# --- opening officers -------------------------------------------------------------------------------------
def standing_officers(tender: Tender) -> QuerySet[OpeningOfficer]:
    """Those of whom any two open the bids now."""
    return tender.opening_officers.filter(replaced_at=None).select_related("user__unit", "key")


def places_of_opener(user: User) -> list[OpeningOfficer]:
    """Where a person opens bids that are still to be opened, or is named to; the next deadline first."""
    rows = OpeningOfficer.objects.filter(user=user, replaced_at=None, tender__stage__in=_TO_OPEN)
    return list(rows.select_related("tender", "key").order_by("tender__deadline", "tender__reference"))


def lapsed_openers(user: User, now: datetime) -> Iterator[tuple[Tender, list[OpeningOfficer]]]:
    """The officer's tenders with those who open and have left, or have not proved their keys in time.

    A draft's are asked for at its publication.
    """
    rows = OpeningOfficer.objects.filter(
        replaced_at=None, key__isnull=False, tender__officer=user, tender__stage__in=_TO_OPEN
    ).select_related("tender", "user", "key")
    for tender, places in groupby(rows.order_by("tender__deadline", "tender_id"), lambda row: row.tender):
        lapsed = [row for row in places if not row.user.is_active or not _is_proved(row, now)]
        if lapsed:
            yield tender, lapsed


def drills_ending(until: datetime) -> list[OpeningOfficer]:
    """Those who open bids and whose passphrase has to be proved by then; keys in use alone can be."""
    rows = OpeningOfficer.objects.filter(
        replaced_at=None, key__retired_at=None, key__isnull=False, tender__stage__in=_TO_OPEN
    ).select_related("tender__officer", "user", "key")
    return [row for row in rows.order_by("tender__deadline", "pk") if not _is_proved(row, until)]


def _is_proved(row: OpeningOfficer, now: datetime) -> bool:
    return row.key is not None and row.key.is_drilled(now)


def replacements_waiting(tenders: Iterable[Tender]) -> QuerySet[OfficerReplacement]:
    """Replacements on the tenders that nobody has ended."""
    return _replacements().filter(tender__in=tenders, outcome="")


def waiting_replacement(tender: Tender) -> OfficerReplacement | None:
    """The replacement that two officers have to agree to."""
    return _replacements().filter(tender=tender, outcome="").first()


def replacements_of(tender: Tender) -> QuerySet[OfficerReplacement]:
    """Who took whose place, in order."""
    return _replacements().filter(tender=tender, outcome=Decided.AGREED).order_by("package__amendment")


def replacements_visible_to(user: User) -> QuerySet[OfficerReplacement]:
    """Replacements on tenders that the person of the bank may know of."""
    if user.role == Role.VENDOR:
        return OfficerReplacement.objects.none()
    return _replacements().filter(tender__in=tenders_visible_to(user).values("pk"))


def _replacements() -> QuerySet[OfficerReplacement]:
    return OfficerReplacement.objects.select_related(
        "tender", "leaving__user", "successor__unit", "package", "first__user"
    )


# --- who is told ------------------------------------------------------------------------------------------
def invited_people() -> QuerySet[User]:
    """Everybody who may bid: a tender is open to all vendors, and all of them are told the same."""
    people = User.objects.filter(role=Role.VENDOR, is_active=True, vendor__isnull=False)
    return people.exclude(email="").order_by("pk")
