"""Handing a bid in, sealed: each version with a receipt, until the deadline and in secret."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bids import queries, rules
from bids.actions import receipts
from bids.actions.drafts import own_bid, readable, seal_draft
from bids.actions.versions import Place, SealedEnvelope, Version, in_order, seal_version
from bids.choices import DATED_EVIDENCE, Answer, SubmissionKind
from bids.models import Bid, LateBid, SealedManifest, Submission
from bids.queries.drafts import SENT, Draft, OpenedKey
from procurement import audit
from procurement.actions.changes import signature
from procurement.actions.locking import advance, enforce_and_lock
from procurement.clock import read as site_clock
from procurement.models import Requirement, Tender, User
from procurement.templatetags.figures import listed

#: Gives the time; read under the lock it says when something was received.
Clock = Callable[[], datetime]


class Late(Exception):
    """A bid came in at or after the deadline. It was put on record, and `row` holds the signed refusal."""

    def __init__(self, row: LateBid) -> None:
        super().__init__(row.pk)
        self.row = row


def hold(tender: Tender) -> None:
    """Lock the tender to the end of the transaction, so that its stage cannot change meanwhile."""
    Tender.objects.select_for_update().get(pk=tender.pk)


# --- what is missing --------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Gaps:
    """Requirements of a draft that keep it from being handed in, by what is missing."""

    answer: list[Requirement]
    #: "Not applicable" without saying why.
    reason: list[Requirement]
    #: Evidence that is attested or tested, with neither a file nor a note.
    proof: list[Requirement]
    #: Such evidence without the day until which it is good.
    day: list[Requirement]

    def sentences(self) -> list[str]:
        """What is missing, a sentence each, with the codes; empty when the draft can be handed in."""
        lines = (
            (_("Answers or reasons are missing: %(codes)s."), [*self.answer, *self.reason]),
            (_("Evidence beyond a claim needs a file or a note: %(codes)s."), self.proof),
            (_("Say until when the evidence is good: %(codes)s."), self.day),
        )
        return [text % {"codes": listed(row.code for row in rows)} for text, rows in lines if rows]

    def __len__(self) -> int:
        return len({row.pk for row in (*self.answer, *self.reason, *self.proof, *self.day)})


def gaps_in(draft: Draft, requirements: Sequence[Requirement]) -> Gaps:
    """What the draft still lacks."""
    gaps = Gaps([], [], [], [])
    with_files = {file.requirement for file in draft.files}
    for row in requirements:
        said = draft.answers.get(row.code, {"answer": "", "note": "", "evidence": "", "until": ""})
        note = said["note"].strip()
        if not said["answer"]:
            gaps.answer.append(row)
        elif said["answer"] == Answer.NOT_APPLICABLE and not note:
            gaps.reason.append(row)
        elif said["evidence"] in DATED_EVIDENCE:
            if not note and row.code not in with_files:
                gaps.proof.append(row)
            if not said["until"]:
                gaps.day.append(row)
    return gaps


# --- handing in -------------------------------------------------------------------------------------------
def submit_bid(
    *,
    actor: User,
    tender: Tender,
    opened: OpenedKey,
    price: Decimal,
    seen: int,
    key: uuid.UUID,
    ahead: "Ahead | None" = None,
    clock: Clock = site_clock,
) -> Submission:
    """Seal the draft and hand it in as the next version; the one before stays on record and counts no more.

    `price` is what the draft's price was read as, in the tender's currency; `seen` the version of the draft
    on screen; `key` a fresh one from the page: sent again, it gives the version of the first time. The time
    that counts is read once the tender is locked; `ahead` is what `seal_ahead` gave before, and is taken
    where nothing has changed meanwhile. Raises `Late` at or after the deadline, `Forbidden`,
    `Stale`, and `ValidationError` when answers, reasons or evidence are missing or nothing can be sealed.
    """
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_send, actor, tender)
        bid = own_bid(actor, tender)
        known = bid.submissions.filter(idempotency_key=key).first()
        if known is not None:
            return known
        at = clock()
        if not rules.is_late(tender, at):
            rules.can_bid(actor, tender, at).enforce()
            advance(bid, seen or 1)
            version, draft = _next(actor, bid, at), readable(bid, opened)
            if ahead is None or not ahead.fits(version, draft, price):
                ahead = _seal(version, draft, list(tender.requirements.order_by("position")), price)
            return _take(version, draft, key, ahead.envelopes)
        late = _refuse(_next(actor, bid, at), readable(bid, opened))
    raise Late(late)


def refuse_late(
    *,
    actor: User,
    tender: Tender,
    opened: OpenedKey,
    answers: Mapping[str, Mapping[str, str]],
    price: str,
    clock: Clock = site_clock,
) -> LateBid:
    """Put on record that a bid came in late, and sign the refusal; the draft stays as it was saved last.

    Raises `Forbidden`, also where it is not late after all, and `ValidationError` where the draft does not
    open.
    """
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_send, actor, tender)
        at = clock()
        rules.can_only_be_late(tender, at).enforce()
        bid = own_bid(actor, tender)
        draft = replace(readable(bid, opened), answers=answers, price=price)
        return _refuse(_next(actor, bid, at), draft)


@dataclass(frozen=True)
class Ahead:
    """Envelopes that were sealed before the tender was locked: for which place, of which draft and price.

    The package stands for the requirements, which change with a new one only.
    """

    place: Place
    draft: Draft
    price: Decimal
    envelopes: Sequence[SealedEnvelope]

    def fits(self, place: Place, draft: Draft, price: Decimal) -> bool:
        """Whether they are what would be sealed for the place now."""
        same_place = (self.place.number, self.place.package.pk) == (place.number, place.package.pk)
        return same_place and (self.draft, self.price) == (draft, price)


def seal_ahead(bid: Bid, draft: Draft, requirements: Sequence[Requirement], price: Decimal) -> Ahead:
    """Seal what would be the next version while its tender is not locked, so that nobody has to wait for it.

    Raises `ValidationError` when answers, reasons or evidence are missing or it cannot be sealed.
    """
    return _seal(_place(bid), draft, requirements, price)


def _seal(place: Place, draft: Draft, requirements: Sequence[Requirement], price: Decimal) -> Ahead:
    gaps = gaps_in(draft, requirements)
    if gaps:
        raise ValidationError(gaps.sentences())
    codes = [row.code for row in requirements]
    return Ahead(place, draft, price, seal_version(place, draft, codes, price))


def _place(bid: Bid) -> Place:
    """Where the bid's next version stands."""
    latest = queries.latest_submission(bid)
    return Place(bid, queries.current_package(bid.tender), 1 if latest is None else latest.number + 1)


def _next(actor: User, bid: Bid, at: datetime) -> Version:
    """What would be the bid's next version, received at that time."""
    place = _place(bid)
    return Version(place.bid, place.package, place.number, actor, at)


def _take(version: Version, draft: Draft, key: uuid.UUID, envelopes: Sequence[SealedEnvelope]) -> Submission:
    """Store a version that is in time: manifests, row, entry of the trail and receipt, all or nothing."""
    bid = version.bid
    _check_stored(draft)
    submission = _record(version, SubmissionKind.BID, envelopes, key)
    SealedManifest.objects.bulk_create(
        SealedManifest(
            submission=submission,
            envelope=row.envelope,
            sealed=row.sealed,
            digest=row.digests[0].digest,
            parts=len(row.digests),
        )
        for row in envelopes
    )
    sent = draft.written | {
        "version": version.number,
        "sizes": [file.entry.size for file in draft.files],
    }
    seal_draft(bid, replace(draft, sent=sent), [SENT])
    bid.save(update_fields=["version"])
    return submission


def _record(
    version: Version, kind: SubmissionKind, envelopes: Sequence[SealedEnvelope], key: uuid.UUID
) -> Submission:
    """Add the row, its signed receipt and its entry in the trail, none of which tells what is inside."""
    actor, bid, digests = version.actor, version.bid, in_order(envelopes)
    submission = Submission(
        bid=bid,
        number=version.number,
        kind=kind,
        at=version.at,
        by_name=signature(actor),
        package=version.package,
        commitment=version.commitment(digests),
        idempotency_key=key,
    )
    submission.receipt = receipts.receipt_of(submission, digests)
    submission.save(force_insert=True)
    audit.record(
        actor=actor,
        action="submit bid" if kind == SubmissionKind.BID else "withdraw bid",
        object=bid.pk,
        now=version.at,
        tender=bid.tender,
        vendor=str(bid.vendor_id),
        version=version.number,
        commitment=submission.commitment,
        package=version.package.digest,
        parts=[asdict(digest) for digest in digests],
    )
    receipts.mail_later(actor, submission, submission.receipt)
    return submission


def _refuse(version: Version, draft: Draft) -> LateBid:
    """Keep time and digest of what came in late: the commitment that it would have had, sealed as ever."""
    bid, digests = version.bid, in_order(seal_version(version, draft, sorted(draft.answers), None))
    row = LateBid(
        tender=bid.tender,
        bid=bid,
        at=version.at,
        by_name=signature(version.actor),
        digest=version.commitment(digests),
    )
    row.refusal = receipts.refusal_of(row, version.package)
    row.save(force_insert=True)
    audit.record(
        actor=version.actor,
        action="refuse late bid",
        object=bid.pk,
        now=version.at,
        tender=bid.tender,
        digest=row.digest,
    )
    receipts.mail_refusal_later(version.actor, row)
    return row


def _check_stored(draft: Draft) -> None:
    """Raise `ValidationError` where a file of the draft is not stored as it was sealed."""
    for file in draft.files:
        if file.stored != file.entry.sealed_digest:
            raise ValidationError(_("“%(name)s” is damaged. Add it again.") % {"name": file.entry.name})


# --- afterwards -------------------------------------------------------------------------------------------
def withdraw_bid(*, actor: User, bid: Bid, key: uuid.UUID, clock: Clock = site_clock) -> Submission:
    """Withdraw what was handed in; the draft stays, and a bid may be handed in again until the deadline.

    It is a version of its own, with a receipt; `key` as in `submit_bid`. Raises `Forbidden`.
    """
    with transaction.atomic():
        enforce_and_lock(rules.can_send, actor, bid.tender)
        known = bid.submissions.filter(idempotency_key=key, bid__vendor=actor.vendor).first()
        if known is not None:
            return known
        at = clock()
        bid = enforce_and_lock(lambda person, row: rules.can_withdraw(person, row, at), actor, bid)
        return _record(_next(actor, bid, at), SubmissionKind.WITHDRAWAL, [], key)


def confirm_bid(*, actor: User, bid: Bid, clock: Clock = site_clock) -> Submission:
    """Let the bid that counts stand as it is under the tender's last amendment; there is a receipt of it.

    Raises `Forbidden`, also where there is nothing to confirm, as when it was confirmed just now.
    """
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_send, actor, bid.tender)
        at = clock()
        bid = enforce_and_lock(lambda person, row: rules.can_confirm(person, row, at), actor, bid)
        submission = queries.latest_submission(bid)
        submission.confirmed = queries.current_package(tender)
        submission.confirmation = receipts.confirmation_of(submission, submission.confirmed, at)
        submission.save(update_fields=["confirmed", "confirmation"])
        audit.record(
            actor=actor,
            action="confirm bid",
            object=bid.pk,
            now=at,
            tender=tender,
            version=submission.number,
            package=submission.confirmed.digest,
        )
        receipts.mail_later(actor, submission, submission.confirmation)
    return submission
