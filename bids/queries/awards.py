"""What stands between a ranking and a final award: recommendation, approvals, standstill, complaints."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from bids.choices import ApprovalSide, ResolutionKind
from bids.models import Approval, Award, Complaint, Resolution
from procurement.choices import Role
from procurement.models import Tender, User
from procurement.queries import tenders_visible_to

from .bids import bids_kept_from


def award_of(tender: Tender) -> Award | None:
    """The award that stands; None before it, and while the last one is suspended."""
    awards = Award.objects.filter(tender=tender, suspended_at__isnull=True)
    return awards.select_related("tender", "bid__vendor", "resolution").first()


def last_award_of(tender: Tender) -> Award | None:
    """The award that stands, or the last one that was suspended."""
    return Award.objects.filter(tender=tender).select_related("tender", "bid__vendor").last()


def recommendation_of(tender: Tender) -> Resolution | None:
    """The resolution of the round to recommend a bid that is still to be followed.

    None once it was refused or its award suspended, and where the panel decided later to make no award.
    """
    return recommendations_of([tender]).get(tender.pk)


def recommendations_of(tenders: Iterable[Tender]) -> dict[object, Resolution]:
    """The same for many tenders, by key of the tender, in two queries."""
    rounds = {tender.pk: tender.round for tender in tenders}
    kinds = (ResolutionKind.RECOMMEND, ResolutionKind.NO_AWARD)
    rows = (
        Resolution.objects.filter(tender__in=rounds, kind__in=kinds)
        .select_related("tender", "bid__vendor", "recommendation", "award")
        .prefetch_related("approvals")
        .order_by("number")
    )
    last = {row.tender_id: row for row in rows if row.round == rounds[row.tender_id]}
    return {key: row for key, row in last.items() if _stands(row)}


def _stands(row: Resolution) -> bool:
    """Whether the recommendation was neither refused nor brought down with its award."""
    if row.kind == ResolutionKind.NO_AWARD or not all(approval.approved for approval in row.approvals.all()):
        return False
    award = getattr(row, "award", None)
    return award is None or award.suspended_at is None


def approvals_of(resolution: Resolution, fingerprint: str = "") -> dict[str, Approval]:
    """What each side signed, by side: the last word, or with a fingerprint the word on that ranking."""
    rows = resolution.approvals.all()
    return {row.side: row for row in rows if fingerprint in ("", row.fingerprint)}


def sides_missing(resolution: Resolution, fingerprint: str = "") -> list[ApprovalSide]:
    """The sides before the award that have not approved (that ranking) yet, in order."""
    signed = approvals_of(resolution, fingerprint)
    sides = (ApprovalSide.SECURITY, ApprovalSide.BUSINESS)
    return [side for side in sides if side not in signed or not signed[side].approved]


def refusals_of(tender: Tender) -> QuerySet[Approval]:
    """Every refusal of a recommendation on the tender, the last one first."""
    rows = Approval.objects.filter(resolution__tender=tender, approved=False)
    return rows.select_related("resolution__bid__vendor").order_by("-pk")


# --- after the award --------------------------------------------------------------------------------------
@dataclass(frozen=True)
class AwardState:
    """Where an award stands (suspended, frozen, standstill, final), what holds it up, and till when."""

    kind: str
    until: datetime
    frozen_by: tuple[Complaint, ...] = ()

    @property
    def is_final(self) -> bool:
        """Whether nothing can bring it down any more."""
        return self.kind == "final"

    @property
    def sentence(self) -> str:
        """The state in words; the moment of `until` is the page's to write."""
        if self.kind == "frozen":
            numbers = ", ".join(str(row.number) for row in self.frozen_by)
            return str(_("Frozen by complaint %(numbers)s") % {"numbers": numbers})
        words = {"suspended": _("Suspended"), "standstill": _("Standstill"), "final": _("Final")}
        return str(words[self.kind])


def state_of(award: Award, now: datetime) -> AwardState:
    """Where the award stands at the moment."""
    open_ones = tuple(row for row in award.complaints.all() if row.freezes)
    if award.suspended_at is not None:
        return AwardState("suspended", award.standstill_until)
    if open_ones:
        return AwardState("frozen", award.standstill_until, open_ones)
    kind = "standstill" if now <= award.standstill_until else "final"
    return AwardState(kind, award.standstill_until)


def complaints_visible_to(user: User) -> QuerySet[Complaint]:
    """A vendor's own; to the bank those on tenders that a person may know of and is kept from no bid of."""
    complaints = Complaint.objects.select_related("award__tender", "award__bid__vendor", "bid__vendor")
    if user.role == Role.VENDOR:
        return complaints.filter(bid__vendor=user.vendor)
    return complaints.filter(award__tender__in=tenders_visible_to(user).values("pk")).exclude(
        award__tender__in=bids_kept_from(user).values("tender")
    )


def complaints_waiting(user: User) -> QuerySet[Complaint]:
    """Complaints that keep an award from becoming final and wait for this approver's answer."""
    complaints = Complaint.objects.filter(late=False, answer="", award__suspended_at__isnull=True)
    if user.role != Role.APPROVER:
        return complaints.none()
    unnamed = Q(award__tender__approver__isnull=True, award__tender__escalation__isnull=True)
    own = Q(award__tender__approver=user) | Q(award__tender__escalation=user) | unnamed
    return complaints.filter(own).select_related("award__tender", "award__bid__vendor").order_by("pk")
