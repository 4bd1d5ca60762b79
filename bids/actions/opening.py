"""Opening: first everything but the price, then, once the marks are locked, the price."""

import json
from datetime import datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bids import queries, rules
from bids.actions.differences import obstacle_of_differences
from bids.actions.panel import obstacles_to_open, without_quorum
from bids.actions.submission import digest_of
from bids.cases import evaluated, sentence
from bids.choices import BidStatus, SubmissionKind
from bids.evaluation import Refused
from bids.models import Attachment, Bid, Claim, Submission
from procurement import audit
from procurement.actions.locking import enforce_and_lock
from procurement.choices import Kind, Stage
from procurement.models import Tender, User
from procurement.templatetags.figures import listed


def name_bidders(*, actor: User, tender: Tender, now: datetime) -> Tender:
    """Say who bid, and open nothing: the panel now declares its interests. Raises `Forbidden`."""
    with transaction.atomic():
        tender = enforce_and_lock(lambda person, row: rules.can_name_bidders(person, row, now), actor, tender)
        tender.stage, tender.bidders_named_at = Stage.BIDDERS_NAMED, now
        tender.save(update_fields=["stage", "bidders_named_at"])
        audit.record(
            actor=actor,
            action="name bidders",
            object=tender,
            now=now,
            tender=tender,
            bidders=[str(bid) for bid in queries.bidders_of(tender)],
        )
        audit.stage_changed("name bidders")
    return tender


def open_technical(*, actor: User, tender: Tender, now: datetime) -> Tender:
    """Open every bid that was handed in, in order of receipt, and leave the prices closed.

    Withdrawn bids are listed as withdrawn and not opened; drafts that were never handed in are no bids. A bid
    whose text does not match its digest is excluded as unreadable and stops no other. Raises `Forbidden`, and
    `ValidationError` with the members whose interests are not declared or not settled.
    """
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_open_technical, actor, tender)
        obstacles = obstacles_to_open(tender)
        if obstacles:
            raise ValidationError(obstacles)
        handed_in = queries.handed_in(tender)
        for position, (bid, submission) in enumerate(handed_in):
            _open_bid(bid, submission, position, now)
        tender.stage, tender.opened_at = Stage.TECHNICAL_OPENED, now
        tender.save(update_fields=["stage", "opened_at"])
        audit.record(
            actor=actor,
            action="open bids",
            object=tender,
            now=now,
            tender=tender,
            bids=[
                {"vendor": str(bid), "version": last.number, "digest": last.digest, "status": bid.status}
                for bid, last in handed_in
            ],
        )
        audit.stage_changed("open bids")
    return tender


def _open_bid(bid: Bid, submission: Submission, position: int, now: datetime) -> None:
    """Write the claims of one bid and let the bank see the files that the submission holds."""
    bid.position, bid.opened_at = position, now
    held: list[str] = []
    if submission.kind == SubmissionKind.WITHDRAWAL:
        bid.status = BidStatus.WITHDRAWN
    elif digest_of(submission.technical, submission.price) != submission.digest:
        bid.status = BidStatus.EXCLUDED
        bid.reason = _("What was handed in does not match its digest and cannot be read.")
    else:
        document = json.loads(submission.technical)
        held = [file["id"] for file in document["files"]]
        _write_claims(bid, {row["requirement"]: row for row in document["answers"]})
    bid.save(update_fields=["position", "opened_at", "status", "reason"])
    bid.attachments.update(removed=True)
    Attachment.objects.filter(bid=bid, pk__in=held).update(removed=False)


def _write_claims(bid: Bid, answers: dict[str, dict[str, str]]) -> None:
    """One claim for every requirement; what was not answered is there, too, and empty."""
    nothing = {"answer": "", "note": "", "evidence": "", "until": ""}
    Claim.objects.bulk_create(
        Claim(
            bid=bid,
            requirement=requirement,
            position=position,
            answer=answers.get(requirement.code, nothing)["answer"],
            note=answers.get(requirement.code, nothing)["note"],
            evidence=answers.get(requirement.code, nothing)["evidence"],
            evidence_until=answers.get(requirement.code, nothing)["until"] or None,
        )
        for position, requirement in enumerate(bid.tender.requirements.order_by("position"))
    )


def lock_marks(*, actor: User, tender: Tender, now: datetime) -> Tender:
    """Close the marks for good: the prices may then be opened.

    Raises `Forbidden`, and `ValidationError` with the members whose sheets are missing, or the bids and
    criteria that would stay without a mark.
    """
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_lock_marks, actor, tender)
        obstacles = obstacles_to_lock(tender, now)
        if obstacles:
            raise ValidationError(obstacles)
        tender.stage = Stage.TECHNICAL_LOCKED
        tender.save(update_fields=["stage"])
        audit.record(actor=actor, action="lock marks", object=tender, now=now, tender=tender)
        audit.stage_changed("lock marks")
    return tender


def obstacles_to_lock(tender: Tender, now: datetime) -> list[str]:
    """Why the marks cannot be locked yet, a sentence each; empty when they can."""
    waiting = queries.sheets_missing(tender, queries.marking(tender))
    if waiting:
        return [_("Score sheets are still missing from: %(names)s.") % {"names": listed(waiting)}]
    if not tender.bids.filter(opened_at__isnull=False, status=BidStatus.VALID).exists():
        return []
    try:
        case, result = evaluated(tender, now=now)
    except Refused as refusal:
        return [sentence(issue.template, issue.params) for issue in refusal.issues if issue.level == "error"]
    price = tender.criteria.filter(kind=Kind.PRICE).values_list("code", flat=True)
    if result.panel is not None and result.panel.quorum is False:
        return without_quorum(tender) or [
            _("The panel has no quorum: too few members, or experts, are present.")
        ]
    cells = dict.fromkeys(
        (hole.vendor, hole.criterion) for hole in result.holes if hole.criterion not in {"price", *price}
    )
    unmarked = [
        _("%(vendor)s has no mark that counts on criterion %(criterion)s.")
        % {"vendor": vendor, "criterion": code}
        for vendor, code in cells
    ]
    return unmarked or [text for text in [obstacle_of_differences(tender, case)] if text]


def open_prices(*, actor: User, tender: Tender, now: datetime) -> Tender:
    """Open the price of every bid in play; those withdrawn or excluded stay closed. Raises `Forbidden`."""
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_open_prices, actor, tender)
        opened = [
            (bid, submission)
            for bid, submission in queries.handed_in(tender)
            if bid.status == BidStatus.VALID and bid.opened_at
        ]
        for bid, submission in opened:
            bid.price = Decimal(json.loads(submission.price)["price"])
            bid.save(update_fields=["price"])
        tender.stage, tender.priced_at = Stage.PRICE_OPENED, now
        tender.save(update_fields=["stage", "priced_at"])
        audit.record(
            actor=actor,
            action="open prices",
            object=tender,
            now=now,
            tender=tender,
            bids=[
                {"vendor": str(bid), "version": last.number, "digest": last.digest} for bid, last in opened
            ],
        )
        audit.stage_changed("open prices")
    return tender
