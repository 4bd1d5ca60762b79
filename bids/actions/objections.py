"""Objections: raised by name, with the state of the case; opinions on them; withdrawn by who raised them."""

import hashlib
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from bids import rules
from bids.actions.snapshots import snapshot_text
from bids.actions.submission import hold, signature
from bids.models import Bid, Objection, ObjectionFile, Statement
from procurement import audit
from procurement.actions.locking import enforce_and_lock
from procurement.models import Requirement, Tender, User

#: How long an approver has at least, so that "next above" is asked in earnest only, and at most.
SHORTEST, LONGEST = timedelta(days=1), timedelta(days=14)


def raise_objection(
    *,
    actor: User,
    tender: Tender,
    bid: Bid | None,
    requirement: Requirement | None,
    severity: str,
    claim: str,
    remedy: str,
    due_at: datetime,
    now: datetime,
    argument: str = "",
    evidence: str = "",
    consequence: str = "",
    files: Iterable[tuple[str, bytes]] = (),
) -> Objection:
    """Put an objection to a bid, or to what the tender asks, on record; it freezes award and publication.

    Kind and size of the files, name and content each, were checked by the form. Raises `Forbidden`, and
    `ValidationError` for a date that leaves less than a day or more than two weeks.
    """
    _check_due(due_at, now)
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_object, actor, tender)
        if bid is not None:
            rules.can_object_to(actor, bid).enforce()
        last = tender.objections.aggregate(last=Max("number"))["last"] or 0
        objection = Objection.objects.create(
            tender=tender,
            number=last + 1,
            bid=bid,
            requirement=requirement,
            severity=severity,
            claim=claim,
            argument=argument,
            evidence=evidence,
            remedy=remedy,
            consequence=consequence,
            raiser=actor,
            unit=actor.unit,
            raised_by=signature(actor),
            raised_at=now,
            due_at=due_at,
            snapshot=snapshot_text(tender, bid, now),
        )
        kept = [_keep(objection, name, content) for name, content in files]
        _record_raised(objection, kept, actor, now)
    return objection


def _check_due(due_at: datetime, now: datetime) -> None:
    if not SHORTEST <= due_at - now <= LONGEST:
        text = _("The answer is due in %(least)d to %(most)d days.")
        days = {"least": SHORTEST.days, "most": LONGEST.days}
        raise ValidationError({"due_at": text % days})


def _keep(objection: Objection, name: str, content: bytes | bytearray) -> ObjectionFile:
    """A file under a random name."""
    return ObjectionFile.objects.create(
        objection=objection,
        name=name,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        file=ContentFile(content, name=uuid.uuid4().hex),
    )


def _record_raised(objection: Objection, files: list[ObjectionFile], actor: User, now: datetime) -> None:
    audit.record(
        actor=actor,
        action="raise objection",
        object=objection,
        now=now,
        tender=objection.tender,
        bid=str(objection.bid or ""),
        requirement=objection.requirement.code if objection.requirement else "",
        severity=objection.severity,
        claim=objection.claim,
        argument=objection.argument,
        evidence=objection.evidence,
        remedy=objection.remedy,
        consequence=objection.consequence,
        files=[{"name": file.name, "sha256": file.sha256} for file in files],
        snapshot=digest_of(objection.snapshot),
    )


def digest_of(snapshot: str) -> str:
    """SHA-256, as hex, of a snapshot."""
    return hashlib.sha256(snapshot.encode()).hexdigest()


def state_opinion(*, actor: User, objection: Objection, text: str, now: datetime) -> Statement:
    """Add what the officer, the owner or the panel thinks of an objection. Raises `Forbidden`."""
    with transaction.atomic():
        hold(objection.tender)
        objection = enforce_and_lock(rules.can_state_opinion, actor, objection)
        statement = Statement.objects.create(objection=objection, text=text, by_name=signature(actor), at=now)
        _count_up(objection)
        audit.record(
            actor=actor,
            action="state opinion on objection",
            object=objection,
            now=now,
            tender=objection.tender,
            text=text,
        )
    return statement


def withdraw_objection(*, actor: User, objection: Objection, reason: str, now: datetime) -> Objection:
    """Take an unanswered objection back, with a reason; it stays on record. Raises `Forbidden`."""
    with transaction.atomic():
        hold(objection.tender)
        objection = enforce_and_lock(
            lambda person, row: rules.can_withdraw_objection(person, row, now), actor, objection
        )
        objection.withdrawn_by, objection.withdrawn_at = signature(actor), now
        objection.withdrawn_reason = reason
        objection.save(update_fields=["withdrawn_by", "withdrawn_at", "withdrawn_reason"])
        _count_up(objection)
        audit.record(
            actor=actor,
            action="withdraw objection",
            object=objection,
            now=now,
            tender=objection.tender,
            reason=reason,
        )
    return objection


def _count_up(objection: Objection) -> None:
    """What was on somebody's screen is no longer all there is. The row is locked."""
    objection.version += 1
    objection.save(update_fields=["version"])
