"""Bids, what was handed in, and what stands in an opened bid."""

import json

from django.db.models import Exists, OuterRef, Q, QuerySet

from bids.choices import Answer, BidStatus, DeclarationOutcome, SubmissionKind
from bids.models import (
    Attachment,
    Bid,
    Claim,
    Declaration,
    LateBid,
    Package,
    Recusal,
    Submission,
    Waiver,
)
from bids.sealing.parts import PartDigest
from procurement.choices import Role, UnitKind
from procurement.models import AuditEntry, CriterionUnit, Requirement, Seat, Tender, User
from procurement.queries import tenders_visible_to


def bids_visible_to(user: User) -> QuerySet[Bid]:
    """A vendor's own bids at any time; to the bank opened ones, without those a member is recused from.

    Members whose interests are not declared and settled see no bid of a tender that asked for it.
    """
    bids = Bid.objects.select_related("tender", "vendor").order_by("position", "pk")
    if user.role == Role.VENDOR:
        return bids.filter(vendor=user.vendor)
    bids = bids.filter(opened_at__isnull=False, tender__in=tenders_visible_to(user).values("pk"))
    return bids.exclude(pk__in=bids_kept_from(user).values("pk"))


def bids_kept_from(user: User) -> QuerySet[Bid]:
    """Bids that a member has no part in: by recusal, or until the own interests are declared and settled."""
    return Bid.objects.filter(
        Q(pk__in=Recusal.objects.filter(seat__user=user).values("bid"))
        | Q(tender__in=_undeclared(user).values("tender"))
    )


def _undeclared(user: User) -> QuerySet[Seat]:
    """The person's seats on tenders whose bidders were named here, without a settled declaration."""
    settled = Q(outcome="", interests=[]) | Q(outcome=DeclarationOutcome.RECUSED)
    declared = Declaration.objects.filter(settled, seat=OuterRef("pk"))
    return Seat.objects.filter(user=user, tender__bidders_named_at__isnull=False).exclude(Exists(declared))


def is_kept_apart(user: User, tender: Tender) -> bool:
    """Whether a recusal, or a declaration that is missing, keeps a member from a bid of the tender."""
    if user.role != Role.MEMBER:
        return False
    return (
        Recusal.objects.filter(seat__user=user, bid__tender=tender).exists()
        or _undeclared(user).filter(tender=tender).exists()
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


def submissions_visible_to(user: User) -> QuerySet[Submission]:
    """What the vendor's own people handed in, version by version; nothing of it to the bank."""
    own = Submission.objects.filter(bid__vendor=user.vendor) if user.role == Role.VENDOR else None
    return (own if own is not None else Submission.objects.none()).select_related("bid__tender", "package")


def late_bids_visible_to(user: User) -> QuerySet[LateBid]:
    """What the vendor's own people sent too late."""
    own = LateBid.objects.filter(bid__vendor=user.vendor) if user.role == Role.VENDOR else None
    return own if own is not None else LateBid.objects.none()


def current_package(tender: Tender) -> Package:
    """What was published last of the tender, and what is sealed under now. Raises `Package.DoesNotExist`."""
    return tender.packages.latest("amendment")


def committed_parts(submission: Submission) -> list[PartDigest]:
    """The digests of all sealed parts that a version commits to, in order, as its signed receipt lists them:
    the technical manifest, its files, the price manifest. None of them for a withdrawal.
    """
    lines = json.loads(submission.receipt)["parts"]
    return [PartDigest(line["envelope"], line["digest"]) for line in lines]


def handed_in(tender: Tender) -> list[tuple[Bid, Submission]]:
    """Every bid on the tender that was ever handed in, with its latest submission, in order of receipt.

    The package and the one that the vendor confirmed it under come along; the sealed manifests, a megabyte
    each, do not.
    """
    latest: dict[object, Submission] = {}
    rows = Submission.objects.filter(bid__tender=tender).order_by("number")
    for submission in rows.select_related("bid__vendor", "bid__tender", "package", "confirmed"):
        latest[submission.bid_id] = submission
    ordered = sorted(latest.values(), key=lambda submission: (submission.at, submission.pk))
    return [(submission.bid, submission) for submission in ordered]


def lost_bids(tender: Tender) -> list[str]:
    """The keys of bids that were handed in, as the trail says, and of which no version is stored any more."""
    said = AuditEntry.objects.filter(tender=tender, action="submit bid").values_list("object", flat=True)
    kept = Submission.objects.filter(bid__tender=tender).values_list("bid", flat=True)
    return sorted(set(said) - {str(key) for key in kept})


def requirements_read_by(user: User) -> QuerySet[Requirement]:
    """Requirements whose answers and evidence a person of the bank reads.

    A member reads what informs a criterion that the member's unit marks, what the member or the unit is
    accountable for, and what is nobody's; the owner of the tender reads everything, and so does who has no
    seat to mark from: officers, approvers, auditors.
    """
    if user.role == Role.VENDOR:
        return Requirement.objects.none()
    if user.role != Role.MEMBER:
        return Requirement.objects.all()
    seats = Seat.objects.filter(user=user, tender=OuterRef("tender"))
    marking = CriterionUnit.objects.filter(criterion=OuterRef("criterion"))
    units = Seat.objects.filter(user=user, tender=OuterRef("criterion__tender")).values("unit")
    accountable = Q(owner=user) | Q(unit=user.unit_id) | Exists(seats.filter(unit=OuterRef("unit")))
    marked = Exists(seats) & (~Exists(marking) | Exists(marking.filter(unit__in=units)))
    return Requirement.objects.filter(
        Q(tender__owner=user)
        | accountable
        | Q(unit__isnull=True, criterion__isnull=True)
        | Q(Q(criterion__isnull=False), marked)
    )


def claims_visible_to(user: User) -> QuerySet[Claim]:
    """Answers of opened bids, with what the bank found; nothing of a withdrawn bid.

    A member reads those of the own evaluation group; security also whatever it has to decide on: answers
    of "not applicable", waivers, and gates that are not met, so that it can propose one.
    """
    if user.role == Role.VENDOR:
        return Claim.objects.none()
    bids = bids_visible_to(user).exclude(status=BidStatus.WITHDRAWN)
    claims = Claim.objects.filter(bid__in=bids.values("pk"))
    if user.role == Role.MEMBER:
        read = Q(requirement__in=requirements_read_by(user).values("pk"))
        if user.unit is not None and user.unit.kind == UnitKind.SECURITY:
            waived = Exists(Waiver.objects.filter(claim=OuterRef("pk")))
            read |= Q(answer=Answer.NOT_APPLICABLE) | Q(waived) | _fails_a_gate()
        claims = claims.filter(read)
    return claims.select_related(
        "bid__tender", "bid__vendor", "requirement__unit", "requirement__owner__unit"
    ).prefetch_related("waivers")


def _fails_a_gate() -> Q:
    """Claims on gates that do not count as met (`Claim.counts_as_met`)."""
    silent = Q(verified=None, not_applicable_by="") & ~Q(answer=Answer.MET)
    return Q(requirement__mandatory=True) & (Q(verified=False) | silent)


def attachments_visible_to(user: User) -> QuerySet[Attachment]:
    """Files of opened bids, for the bank; members see them beside the answers that they read."""
    files = Attachment.objects.filter(bid__in=bids_visible_to(user).values("pk")).select_related(
        "bid__tender", "sealed__package"
    )
    if user.role == Role.VENDOR:
        return files.none()
    if user.role != Role.MEMBER:
        return files
    answers = (
        claims_visible_to(user).order_by().filter(bid=OuterRef("bid"), requirement=OuterRef("requirement"))
    )
    return files.filter(Exists(answers))
