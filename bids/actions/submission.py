"""Writing a bid, handing it in, replacing it and withdrawing it, until the deadline and in secret."""

import hashlib
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import rfc8785
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from bids import rules
from bids.choices import DATED_EVIDENCE, OFFERED_EVIDENCE, Answer, Evidence, SubmissionKind
from bids.models import Attachment, Bid, Submission
from bids.queries import latest_submission
from procurement import audit
from procurement.actions.changes import signature
from procurement.actions.locking import advance, enforce_and_lock
from procurement.models import Requirement, Tender, User
from procurement.models.fields import plain
from procurement.templatetags.figures import listed

#: Files that the draft of a bid may hold at a time.
MOST_FILES = 100


def hold(tender: Tender) -> None:
    """Lock the tender to the end of the transaction, so that its stage cannot change meanwhile."""
    Tender.objects.select_for_update().get(pk=tender.pk)


def _open_tender(actor: User, tender: Tender, now: datetime) -> Tender:
    """The tender, locked, while it takes bids. Raises `Forbidden` with the reason."""
    return enforce_and_lock(lambda person, row: rules.can_bid(person, row, now), actor, tender)


def _own_bid(actor: User, tender: Tender) -> Bid:
    """The vendor's bid row, made when first needed; the tender is locked."""
    return Bid.objects.get_or_create(tender=tender, vendor=actor.vendor)[0]


def save_draft(
    *,
    actor: User,
    tender: Tender,
    answers: Mapping[str, Mapping[str, str]],
    price: str,
    seen: int,
    now: datetime,
) -> Bid:
    """Keep the vendor's unfinished work: what is said by requirement code, and the price as typed.

    An answer has a note and, where it is "met", the level of its evidence and the ISO day until which that is
    good; without a level it is claimed and no more. `seen` is the version on screen, 0 where there was no bid
    yet. A draft has no legal effect and leaves no entry in the trail, which would tell that somebody is
    writing a bid. Raises `Forbidden` and `Stale`.
    """
    with transaction.atomic():
        tender = _open_tender(actor, tender, now)
        bid = _own_bid(actor, tender)
        advance(bid, seen or 1)
        known = set(tender.requirements.values_list("code", flat=True))
        bid.draft = {
            "answers": {
                code: {"answer": said["answer"], "note": said["note"], **_evidence_of(said)}
                for code, said in answers.items()
                if code in known and (said["answer"] or said["note"])
            },
            "price": price,
        }
        bid.save(update_fields=["draft", "version"])
    return bid


def add_file(
    *, actor: User, tender: Tender, requirement: Requirement, name: str, content: bytes, now: datetime
) -> Attachment:
    """Keep a file beside an answer, under a random name. Its kind and size were checked by the form.

    Raises `Forbidden` and `ValidationError`.
    """
    with transaction.atomic():
        tender = _open_tender(actor, tender, now)
        bid = _own_bid(actor, tender)
        if bid.attachments.filter(removed=False).count() >= MOST_FILES:
            raise ValidationError(_("A bid holds at most %(most)s files.") % {"most": MOST_FILES})
        return Attachment.objects.create(
            bid=bid,
            requirement=requirement,
            name=name,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            file=ContentFile(content, name=uuid.uuid4().hex),
            uploaded_at=now,
        )


def remove_file(*, actor: User, attachment: Attachment, now: datetime) -> None:
    """Take a file out of the draft; one that was never handed in is deleted. Raises `Forbidden`."""
    with transaction.atomic():
        _open_tender(actor, attachment.bid.tender, now)
        if attachment.bid.submissions.filter(technical__contains=str(attachment.pk)).exists():
            attachment.removed = True
            attachment.save(update_fields=["removed"])
        else:
            storage, stored = attachment.file.storage, attachment.file.name
            attachment.delete()
            transaction.on_commit(lambda: storage.delete(stored))


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


def gaps_in(bid: Bid | None, requirements: list[Requirement], with_files: set[int]) -> Gaps:
    """What the draft still lacks; `with_files` are the keys of the requirements that have a file."""
    gaps = Gaps([], [], [], [])
    answers = bid.draft.get("answers", {}) if bid else {}
    for row in requirements:
        said = answers.get(row.code, {"answer": "", "note": "", "evidence": "", "until": ""})
        note = said["note"].strip()
        if not said["answer"]:
            gaps.answer.append(row)
        elif said["answer"] == Answer.NOT_APPLICABLE and not note:
            gaps.reason.append(row)
        elif said["evidence"] in DATED_EVIDENCE:
            if not note and row.pk not in with_files:
                gaps.proof.append(row)
            if not said["until"]:
                gaps.day.append(row)
    return gaps


def _evidence_of(said: Mapping[str, str]) -> dict[str, str]:
    """The level that the vendor gives an answer, and its day, as far as they mean anything."""
    if said["answer"] != Answer.MET:
        return {"evidence": "", "until": ""}
    level = said.get("evidence", "")
    level = level if level in OFFERED_EVIDENCE else Evidence.CLAIMED.value
    return {"evidence": level, "until": said.get("until", "") if level in DATED_EVIDENCE else ""}


def submit_bid(*, actor: User, tender: Tender, price: Decimal, seen: int, now: datetime) -> Submission:
    """Hand in the draft as the next version; the one before stays on record and no longer counts.

    `price` is what the draft's price was read as, in the tender's currency. Raises `Forbidden` (also when it
    is late), `Stale`, and `ValidationError` when answers, reasons or evidence are missing.
    """
    with transaction.atomic():
        tender = _open_tender(actor, tender, now)
        bid = _own_bid(actor, tender)
        advance(bid, seen or 1)
        requirements = list(tender.requirements.order_by("position"))
        with_files = bid.attachments.filter(removed=False).values_list("requirement_id", flat=True)
        gaps = gaps_in(bid, requirements, set(with_files))
        if gaps:
            raise ValidationError(gaps.sentences())
        number = _next_number(bid)
        technical = _technical_text(bid, tender, requirements, number)
        price_text = _price_text(bid, tender, price, number)
        submission = _hand_in(
            bid,
            actor,
            kind=SubmissionKind.BID,
            number=number,
            technical=technical,
            price=price_text,
            digest=digest_of(technical, price_text),
            now=now,
        )
        bid.save(update_fields=["version"])
        return submission


def withdraw_bid(*, actor: User, bid: Bid, now: datetime) -> Submission:
    """Withdraw what was handed in; the draft stays, and a bid may be handed in again until the deadline."""
    with transaction.atomic():
        _open_tender(actor, bid.tender, now)
        bid = enforce_and_lock(lambda person, row: rules.can_withdraw(person, row, now), actor, bid)
        number = _next_number(bid)
        text = rfc8785.dumps({"bid": str(bid.pk), "version": number, "withdrawal": True}).decode()
        return _hand_in(
            bid, actor, kind=SubmissionKind.WITHDRAWAL, number=number, digest=digest_of(text, ""), now=now
        )


def digest_of(technical: str, price: str) -> str:
    """SHA-256, as hex, of the canonical JSON of both texts; the files' digests stand in the technical one."""
    return hashlib.sha256(rfc8785.dumps({"price": price, "technical": technical})).hexdigest()


def _next_number(bid: Bid) -> int:
    latest = latest_submission(bid)
    return 1 if latest is None else latest.number + 1


def _technical_text(bid: Bid, tender: Tender, requirements: list[Requirement], number: int) -> str:
    """What is opened first, as canonical JSON: every answer, and the files by name, size and SHA-256."""
    answers: Mapping[str, Any] = bid.draft["answers"]
    files = bid.attachments.filter(removed=False).select_related("requirement")
    document = {
        "tender": str(tender.pk),
        "publication": tender.fingerprint,
        "bid": str(bid.pk),
        "version": number,
        "answers": [{"requirement": row.code, **answers[row.code]} for row in requirements],
        "files": [
            {
                "id": str(file.pk),
                "requirement": file.requirement.code,
                "name": file.name,
                "size": file.size,
                "sha256": file.sha256,
            }
            for file in files
        ],
    }
    return rfc8785.dumps(document).decode()


def _price_text(bid: Bid, tender: Tender, price: Decimal, number: int) -> str:
    """What is opened last, as canonical JSON.

    The random salt keeps the price from being guessed out of the digest, which is shown between the openings.
    """
    document = {
        "tender": str(tender.pk),
        "bid": str(bid.pk),
        "version": number,
        "currency": tender.currency,
        "price": plain(price),
        "salt": secrets.token_hex(16),
    }
    return rfc8785.dumps(document).decode()


def _hand_in(
    bid: Bid,
    actor: User,
    *,
    kind: SubmissionKind,
    number: int,
    digest: str,
    now: datetime,
    technical: str = "",
    price: str = "",
) -> Submission:
    """Add the row and its entry in the trail, which tells nothing of what is inside."""
    submission = Submission.objects.create(
        bid=bid,
        number=number,
        kind=kind,
        at=now,
        by_name=signature(actor),
        technical=technical,
        price=price,
        digest=digest,
    )
    audit.record(
        actor=actor,
        action="submit bid" if kind == SubmissionKind.BID else "withdraw bid",
        object=bid.pk,
        now=now,
        tender=bid.tender,
        version=number,
        digest=digest,
    )
    return submission
