"""Handing a bid in, sealed: each version with a receipt, until the deadline and in secret."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bids import queries, rules
from bids.actions import receipts
from bids.actions.drafts import own_bid, readable, seal_draft
from bids.choices import DATED_EVIDENCE, Answer, Envelope, SubmissionKind
from bids.models import Bid, LateBid, Package, SealedManifest, StagedFile, Submission
from bids.queries.drafts import SENT, Draft, OpenedKey
from bids.sealing import package as published
from bids.sealing import parts
from bids.sealing.canonical import Json, sha256
from bids.sealing.parts import Binding, Manifest, PartDigest
from bids.sealing.refusals import SealRefused
from procurement import audit
from procurement.actions.changes import signature
from procurement.actions.locking import advance, enforce_and_lock
from procurement.models import Requirement, Tender, User
from procurement.models.fields import plain
from procurement.templatetags.figures import listed

Clock = Callable[[], datetime]


class Late(Exception):
    """A bid came in at or after the deadline. It was put on record, and `row` holds the signed refusal."""

    def __init__(self, row: LateBid) -> None:
        super().__init__(row.pk)
        self.row = row


def hold(tender: Tender) -> None:
    """Lock the tender to the end of the transaction, so that its stage cannot change meanwhile."""
    Tender.objects.select_for_update().get(pk=tender.pk)


def site_clock() -> datetime:
    """The site's clock; read under the lock it says when something was received."""
    return timezone.now()


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


def gaps_in(draft: Draft, requirements: list[Requirement]) -> Gaps:
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
@dataclass(frozen=True)
class _Envelope:
    """What one envelope of a version holds: the sealed manifest, and the digests of all its parts in order."""

    envelope: Envelope
    sealed: bytes
    digests: tuple[PartDigest, ...]


def submit_bid(
    *,
    actor: User,
    tender: Tender,
    opened: OpenedKey,
    price: Decimal,
    seen: int,
    key: uuid.UUID,
    clock: Clock = site_clock,
) -> Submission:
    """Seal the draft and hand it in as the next version; the one before stays on record and counts no more.

    `price` is what the draft's price was read as, in the tender's currency; `seen` the version of the draft
    on screen; `key` a fresh one from the page: sent again, it gives the version of the first time. The time
    that counts is read once the tender is locked. Raises `Late` at or after the deadline, `Forbidden`,
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
            draft = readable(bid, opened)
            requirements = list(tender.requirements.order_by("position"))
            gaps = gaps_in(draft, requirements)
            if gaps:
                raise ValidationError(gaps.sentences())
            return _take(actor, bid, draft, requirements, price, key, at)
        late = _refuse(actor, bid, readable(bid, opened), price, at)
    raise Late(late)


def refuse_late(
    *, actor: User, tender: Tender, opened: OpenedKey, price: Decimal | None, clock: Clock = site_clock
) -> LateBid:
    """Put on record that the draft came in late, and sign the refusal. `price` is None where it is no price.

    Raises `Forbidden`, also where it is not late after all.
    """
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_send, actor, tender)
        at = clock()
        rules.can_only_be_late(tender, at).enforce()
        bid = own_bid(actor, tender)
        return _refuse(actor, bid, readable(bid, opened), price, at)


def _take(
    actor: User,
    bid: Bid,
    draft: Draft,
    requirements: list[Requirement],
    price: Decimal,
    key: uuid.UUID,
    at: datetime,
) -> Submission:
    """Store a version that is in time: manifests, row, entry of the trail and receipt, all or nothing."""
    package = queries.current_package(bid.tender)
    number = _next_number(bid)
    _check_stored(bid, draft)
    envelopes = _sealed(bid, package, number, draft, [row.code for row in requirements], price)
    submission = _record(actor, bid, SubmissionKind.BID, number, package, envelopes, key, at)
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
    sent = draft.written | {"version": number, "sizes": [file.entry.size for file in draft.files]}
    seal_draft(bid, replace(draft, sent=sent), [SENT])
    bid.save(update_fields=["version"])
    return submission


def _record(
    actor: User,
    bid: Bid,
    kind: SubmissionKind,
    number: int,
    package: Package,
    envelopes: list[_Envelope],
    key: uuid.UUID,
    at: datetime,
) -> Submission:
    """Add the row, its signed receipt and its entry in the trail, none of which tells what is inside."""
    digests = [digest for row in envelopes for digest in row.digests]
    commitment = parts.commitment(
        bid=str(bid.pk), version=number, package=package.digest, parts=digests, received_at=at
    )
    submission = Submission(
        bid=bid,
        number=number,
        kind=kind,
        at=at,
        by_name=signature(actor),
        package=package,
        commitment=commitment,
        idempotency_key=key,
    )
    submission.receipt = receipts.receipt_of(submission, digests)
    submission.save(force_insert=True)
    audit.record(
        actor=actor,
        action="submit bid" if kind == SubmissionKind.BID else "withdraw bid",
        object=bid.pk,
        now=at,
        tender=bid.tender,
        version=number,
        commitment=commitment,
        package=package.digest,
        parts=receipts.as_lines(digests),
    )
    receipts.mail_later(actor, bid.tender, submission.receipt, number)
    return submission


def _refuse(actor: User, bid: Bid, draft: Draft, price: Decimal | None, at: datetime) -> LateBid:
    """Keep time and digest of what came in late: the commitment that it would have had, sealed as ever."""
    package, number = queries.current_package(bid.tender), _next_number(bid)
    envelopes = _sealed(bid, package, number, draft, sorted(draft.answers), price)
    digest = parts.commitment(
        bid=str(bid.pk),
        version=number,
        package=package.digest,
        parts=[part for row in envelopes for part in row.digests],
        received_at=at,
    )
    row = LateBid(tender=bid.tender, bid=bid, at=at, by_name=signature(actor), digest=digest)
    row.refusal = receipts.refusal_of(row, package)
    row.save(force_insert=True)
    audit.record(
        actor=actor, action="refuse late bid", object=bid.pk, now=at, tender=bid.tender, digest=digest
    )
    return row


# --- sealing ----------------------------------------------------------------------------------------------
def _sealed(
    bid: Bid, package: Package, number: int, draft: Draft, codes: list[str], price: Decimal | None
) -> list[_Envelope]:
    """Both envelopes of a version, technical first. Raises `ValidationError` where it cannot be sealed."""
    contents: dict[Envelope, Manifest] = {
        Envelope.TECHNICAL: Manifest(_technical(bid, draft, codes), tuple(file.entry for file in draft.files)),
        Envelope.PRICE: Manifest(_price(bid, draft, price)),
    }
    try:
        publics = published.read(package.text.encode()).envelopes
        return [
            _seal(publics[envelope.value], bid, package, number, envelope, manifest)
            for envelope, manifest in contents.items()
        ]
    except SealRefused as refusal:
        raise ValidationError(_(refusal.template) % refusal.params) from refusal


def _seal(
    public: bytes, bid: Bid, package: Package, number: int, envelope: Envelope, manifest: Manifest
) -> _Envelope:
    binding = Binding(str(bid.tender_id), envelope.value, str(bid.pk), package.digest)
    sealed = parts.seal_manifest(public, manifest, binding=binding, version=number)
    digests = [sha256(sealed), *(entry.sealed_digest for entry in manifest.files)]
    return _Envelope(envelope, sealed, tuple(PartDigest(envelope.value, digest) for digest in digests))


def _technical(bid: Bid, draft: Draft, codes: list[str]) -> dict[str, Json]:
    """What is opened first: every answer with the keys of its files, and what was published."""
    return {
        "publication": bid.tender.fingerprint,
        "answers": [
            {
                "requirement": code,
                **draft.answers[code],
                "files": [file.pk for file in draft.files if file.requirement == code],
            }
            for code in codes
        ],
    }


def _price(bid: Bid, draft: Draft, price: Decimal | None) -> dict[str, Json]:
    """What is opened last: the price in plain digits, or as it was typed where it is none (late bids only)."""
    return {"currency": bid.tender.currency, "price": draft.price if price is None else plain(price)}


def _check_stored(bid: Bid, draft: Draft) -> None:
    """Raise `ValidationError` where a file of the draft is not stored as it was sealed."""
    stored = dict(StagedFile.objects.filter(bid=bid, removed=False).values_list("pk", "digest"))
    for file in draft.files:
        if stored.get(uuid.UUID(file.pk)) != file.entry.sealed_digest:
            raise ValidationError(_("“%(name)s” is damaged. Add it again.") % {"name": file.entry.name})


def _next_number(bid: Bid) -> int:
    latest = queries.latest_submission(bid)
    return 1 if latest is None else latest.number + 1


# --- afterwards -------------------------------------------------------------------------------------------
def withdraw_bid(*, actor: User, bid: Bid, key: uuid.UUID, clock: Clock = site_clock) -> Submission:
    """Withdraw what was handed in; the draft stays, and a bid may be handed in again until the deadline.

    It is a version of its own, with a receipt; `key` as in `submit_bid`. Raises `Forbidden`.
    """
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_send, actor, bid.tender)
        known = bid.submissions.filter(idempotency_key=key, bid__vendor=actor.vendor).first()
        if known is not None:
            return known
        at = clock()
        bid = enforce_and_lock(lambda person, row: rules.can_withdraw(person, row, at), actor, bid)
        package = queries.current_package(tender)
        return _record(actor, bid, SubmissionKind.WITHDRAWAL, _next_number(bid), package, [], key, at)


def confirm_bid(*, actor: User, bid: Bid, clock: Clock = site_clock) -> Submission:
    """Let the bid that counts stand as it is under the tender's last amendment.

    Raises `Forbidden`, also where there is nothing to confirm, as when it was confirmed just now.
    """
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_send, actor, bid.tender)
        at = clock()
        bid = enforce_and_lock(lambda person, row: rules.can_confirm(person, row, at), actor, bid)
        submission = queries.latest_submission(bid)
        submission.confirmed = queries.current_package(tender)
        submission.save(update_fields=["confirmed"])
        audit.record(
            actor=actor,
            action="confirm bid",
            object=bid.pk,
            now=at,
            tender=tender,
            version=submission.number,
            package=submission.confirmed.digest,
        )
    return submission
