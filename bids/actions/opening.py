"""Opening: first everything but the price, then, once the marks are locked, the price."""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bids import queries, rules
from bids.actions.closing import close_bidding
from bids.actions.differences import obstacle_of_differences
from bids.actions.panel import obstacles_to_open, without_quorum
from bids.actions.unsealing import Unsealer, answers_of, price_of, unsealer
from bids.cases import evaluated, faults_of
from bids.choices import BidStatus, Envelope, SubmissionKind
from bids.evaluation import Refused
from bids.models import Attachment, Bid, Claim, Submission
from bids.sealing.parts import FileEntry
from bids.sealing.refusals import SealRefused, Unopenable, gettext_noop
from procurement import audit
from procurement.actions.locking import enforce_and_lock
from procurement.choices import Kind, Stage
from procurement.models import Tender, User
from procurement.templatetags.figures import listed


def name_bidders(*, actor: User, tender: Tender, now: datetime) -> Tender:
    """Say who bid, and open nothing: the panel now declares its interests. Raises `Forbidden`."""
    with transaction.atomic():
        tender = enforce_and_lock(lambda person, row: rules.can_name_bidders(person, row, now), actor, tender)
        close_bidding(tender, now)
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


def open_technical(*, actor: User, tender: Tender, now: datetime, seconds: float | None = None) -> Tender:
    """Read every bid that was handed in, in order of receipt, and leave the prices closed.

    Two officers unlocked the envelopes before. Each bid is read in a transaction of its own: what broke off
    goes on where it stopped, also after `seconds`, and all bids are opened together once the last was read.
    Withdrawn bids are listed as withdrawn and not read; drafts that were never handed in are no bids. A bid
    that cannot be read is excluded with the reason and stops no other. Raises `Forbidden`, and
    `ValidationError` with the members whose interests are not declared or not settled.
    """
    tender = Tender.objects.get(pk=tender.pk)
    rules.can_open_technical(actor, tender).enforce()
    _without_obstacles(tender)
    until = None if seconds is None else time.monotonic() + seconds
    handed_in = queries.handed_in(tender)
    with unsealer(tender, Envelope.TECHNICAL) as reader:
        for position, sent in enumerate(handed_in):
            if sent[0].unsealed_at is not None:
                continue
            _read_bid(actor, reader, sent, position, now)
            if until is not None and time.monotonic() > until:
                break
    return _open_all(actor, tender, now)


def _without_obstacles(tender: Tender) -> None:
    obstacles = obstacles_to_open(tender)
    if obstacles:
        raise ValidationError(obstacles)


def _open_all(actor: User, tender: Tender, now: datetime) -> Tender:
    """Open the bids for the bank, where every one of them was read; the tender as it then stands."""
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_open_technical, actor, tender)
        _without_obstacles(tender)
        handed_in = queries.handed_in(tender)
        if any(bid.unsealed_at is None for bid, _last in handed_in):
            return tender
        _list_lost(actor, tender, len(handed_in), now)
        tender.bids.filter(unsealed_at__isnull=False).update(opened_at=now)
        tender.stage, tender.opened_at = Stage.TECHNICAL_OPENED, now
        tender.save(update_fields=["stage", "opened_at"])
        audit.record(
            actor=actor,
            action="open bids",
            object=tender,
            now=now,
            tender=tender,
            officers=[turn.signed_by for turn in queries.turns_of(tender, Envelope.TECHNICAL)],
            root=tender.closing.root,
            bids=[
                {
                    "vendor": str(bid),
                    "version": last.number,
                    "commitment": last.commitment,
                    "status": bid.status,
                }
                for bid, last in handed_in
            ],
        )
        audit.stage_changed("open bids")
    return tender


def _read_bid(
    actor: User, reader: Unsealer, sent: tuple[Bid, Submission], position: int, now: datetime
) -> None:
    """Write the claims of one bid and what files it holds; nobody sees them before all bids are opened."""
    found = _found(reader, *sent)  # before anything is locked: many files take long
    with transaction.atomic():
        bid = Bid.objects.select_for_update(of=("self",)).select_related("tender").get(pk=sent[0].pk)
        if bid.unsealed_at is not None:
            return
        bid.position, bid.unsealed_at = position, now
        if found is None:
            bid.status = BidStatus.WITHDRAWN
        elif isinstance(found, Unopenable):
            _exclude_unreadable(actor, bid, found, now)
        else:
            answers, files = found
            _write_claims(bid, answers)
            _list_files(bid, answers, files)
        bid.save(update_fields=["position", "unsealed_at", "status", "reason", "unreadable"])


def _found(
    reader: Unsealer, bid: Bid, submission: Submission
) -> tuple[dict[str, dict[str, Any]], tuple[FileEntry, ...]] | Unopenable | None:
    """The answers and files of the bid, or why it cannot be read; None where it was withdrawn."""
    try:
        if submission.kind == SubmissionKind.WITHDRAWAL:
            reader.check_withdrawal(bid, submission)
            return None
        opened = reader.open(bid, submission)
        return answers_of(opened.content, reader.tender), opened.files
    except Unopenable as refusal:
        return refusal


def _exclude_unreadable(actor: User, bid: Bid, refusal: SealRefused, now: datetime) -> None:
    """Say why a bid cannot be read; it is neither repaired nor deleted."""
    bid.status = BidStatus.EXCLUDED
    bid.unreadable = {"template": refusal.template, "params": refusal.params}
    bid.reason = bid.why_out
    _record_unreadable(actor, bid.tender, str(bid.pk), refusal, now)


def _record_unreadable(actor: User, tender: Tender, key: str, refusal: SealRefused, now: datetime) -> None:
    audit.record(
        actor=actor,
        action="find bid unreadable",
        object=key,
        now=now,
        tender=tender,
        why=refusal.template,
    )


def _list_lost(actor: User, tender: Tender, position: int, now: datetime) -> None:
    """Bids of which the trail says that they were handed in, and nothing of them is stored any more."""
    gone = Unopenable(gettext_noop("What was handed in is not stored any more."))
    known = {str(bid.pk): bid for bid in tender.bids.all()}
    for key in queries.lost_bids(tender):
        bid = known.get(key)  # an entry that was altered may name what is no key at all
        if bid is None:
            _record_unreadable(actor, tender, key, gone, now)
        else:
            bid.position, bid.unsealed_at = position, now
            _exclude_unreadable(actor, bid, gone, now)
            bid.save(update_fields=["position", "unsealed_at", "status", "reason", "unreadable"])


def _list_files(bid: Bid, answers: Mapping[str, dict[str, Any]], files: Sequence[FileEntry]) -> None:
    """The files by the answer that they stand beside."""
    requirements = {row.code: row for row in bid.tender.requirements.all()}
    beside = {
        part: requirements[code]
        for code, answer in answers.items()
        for part in answer["files"]
        if code in requirements
    }
    Attachment.objects.bulk_create(
        Attachment(
            pk=entry.part,
            bid=bid,
            requirement=beside[entry.part],
            name=entry.name,
            size=entry.size,
            sha256=entry.digest,
            sealed_id=entry.part,
        )
        for entry in files
        if entry.part in beside
    )


def _write_claims(bid: Bid, answers: Mapping[str, dict[str, Any]]) -> None:
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
        return faults_of(refusal)
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
    """Read the price of every bid in play; those withdrawn or excluded stay closed.

    Two officers unlocked the prices before. A price that cannot be read excludes its bid and stops no other.
    Raises `Forbidden`, and `ValidationError` where the envelopes are not unlocked.
    """
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_open_prices, actor, tender)
        opened = [
            (bid, submission)
            for bid, submission in queries.handed_in(tender)
            if bid.status == BidStatus.VALID and bid.opened_at
        ]
        with unsealer(tender, Envelope.PRICE) as reader:
            for bid, submission in opened:
                _read_price(actor, reader, bid, submission, now)
        tender.stage, tender.priced_at = Stage.PRICE_OPENED, now
        tender.save(update_fields=["stage", "priced_at"])
        audit.record(
            actor=actor,
            action="open prices",
            object=tender,
            now=now,
            tender=tender,
            officers=[turn.signed_by for turn in queries.turns_of(tender, Envelope.PRICE)],
            bids=[
                {"vendor": str(bid), "version": last.number, "commitment": last.commitment}
                for bid, last in opened
                if bid.price is not None
            ],
        )
        audit.stage_changed("open prices")
    return tender


def _read_price(actor: User, reader: Unsealer, bid: Bid, submission: Submission, now: datetime) -> None:
    try:
        bid.price = price_of(reader.open(bid, submission).content, bid.tender.currency)
    except Unopenable as refusal:
        _exclude_unreadable(actor, bid, refusal, now)
    bid.save(update_fields=["price", "status", "reason", "unreadable"])
