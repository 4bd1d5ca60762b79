"""Bids, what was handed in, and what stands in an opened bid."""

from django.db.models import QuerySet

from bids.choices import BidStatus, SubmissionKind
from bids.models import (
    Attachment,
    Bid,
    Claim,
    Recusal,
    Submission,
)
from procurement.choices import Role
from procurement.models import Tender, User
from procurement.queries import tenders_visible_to


def bids_visible_to(user: User) -> QuerySet[Bid]:
    """A vendor's own bids at any time; to the bank opened ones, without those a member is recused from."""
    bids = Bid.objects.select_related("tender", "vendor").order_by("position", "pk")
    if user.role == Role.VENDOR:
        return bids.filter(vendor=user.vendor)
    return bids.filter(opened_at__isnull=False, tender__in=tenders_visible_to(user).values("pk")).exclude(
        pk__in=Recusal.objects.filter(seat__user=user).values("bid")
    )


def own_bid(user: User, tender: Tender) -> Bid | None:
    """The bid, or draft of one, of the vendor's person on the tender."""
    if user.role != Role.VENDOR:
        return None
    return bids_visible_to(user).filter(tender=tender).first()


def latest_submission(bid: Bid) -> Submission | None:
    """What the vendor handed in last, be it a withdrawal."""
    return bid.submissions.order_by("-number").first()


def standing_submission(bid: Bid) -> Submission | None:
    """The submission that counts: the latest, unless it is a withdrawal."""
    latest = latest_submission(bid)
    return latest if latest is not None and latest.kind == SubmissionKind.BID else None


def handed_in(tender: Tender) -> list[tuple[Bid, Submission]]:
    """Every bid on the tender that was ever handed in, with its latest submission, in order of receipt."""
    latest: dict[object, Submission] = {}
    rows = Submission.objects.filter(bid__tender=tender).select_related("bid__vendor", "bid__tender")
    for submission in rows.order_by("number"):
        latest[submission.bid_id] = submission
    ordered = sorted(latest.values(), key=lambda submission: (submission.at, submission.pk))
    return [(submission.bid, submission) for submission in ordered]


def attachments_visible_to(user: User) -> QuerySet[Attachment]:
    """Files of the bids a person sees; the bank sees those that the opened submission holds."""
    files = Attachment.objects.filter(bid__in=bids_visible_to(user).values("pk")).select_related(
        "bid__tender"
    )
    return files if user.role == Role.VENDOR else files.filter(removed=False)


def claims_visible_to(user: User) -> QuerySet[Claim]:
    """Answers of opened bids, with what the bank found; nothing of a withdrawn bid."""
    if user.role == Role.VENDOR:
        return Claim.objects.none()
    bids = bids_visible_to(user).exclude(status=BidStatus.WITHDRAWN)
    return (
        Claim.objects.filter(bid__in=bids.values("pk"))
        .select_related("bid__tender", "bid__vendor", "requirement__unit", "requirement__owner__unit")
        .prefetch_related("waivers")
    )
