"""Amending a tender that bids come in for: one person proposes, another agrees, before the deadline."""

from collections.abc import Callable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bids import queries, rules
from bids.actions.custody import publish_amended
from bids.actions.notices import tell_vendors_later
from bids.choices import AmendmentKind, Decided
from bids.models import Amendment
from bids.sealing import package
from bids.sealing.canonical import timestamp
from bids.sealing.refusals import SealRefused
from procurement import audit
from procurement.actions.changes import signature
from procurement.actions.locking import enforce_and_lock
from procurement.clock import read as site_clock
from procurement.models import Tender, User
from procurement.templatetags.figures import moment

#: Gives the time; it is read once the tender is locked.
Clock = Callable[[], datetime]


def propose_amendment(
    *,
    actor: User,
    tender: Tender,
    kind: AmendmentKind,
    text_zh: str,
    text_en: str,
    deadline: datetime | None,
    clock: Clock = site_clock,
) -> Amendment:
    """Propose a later deadline, or what was changed or made clear in the documents; nothing changes yet.

    `text_zh` and `text_en` are what vendors read. Raises `Forbidden`, and `ValidationError` for a deadline
    that is not later, and where another proposal waits.
    """
    with transaction.atomic():
        tender = Tender.objects.select_for_update().get(pk=tender.pk)
        at = clock()
        rules.can_amend(actor, tender, at).enforce()
        if queries.waiting_amendment(tender) is not None:
            raise ValidationError(_("Another proposal waits for a second person. It is decided first."))
        if kind == AmendmentKind.EXTENSION and deadline is None:
            raise ValidationError({"deadline": _("Say until when bids come in.")})
        check_deadline(tender, deadline)
        row = Amendment(tender=tender, kind=kind, text_zh=text_zh, text_en=text_en, deadline=deadline)
        return store_proposal(row, actor, at)


def check_deadline(tender: Tender, deadline: datetime | None) -> None:
    """Raise `ValidationError` at `deadline` unless it is later than the one that stands."""
    if deadline is not None and deadline <= tender.deadline:
        raise ValidationError(
            {
                "deadline": _("A deadline is only moved to a later time than %(moment)s.")
                % {"moment": moment(tender.deadline)}
            }
        )


def store_proposal(row: Amendment, actor: User, at: datetime) -> Amendment:
    """Store a proposal on a tender that the caller has locked, and put it on record."""
    row.deadline_before = row.tender.deadline
    row.proposer, row.proposed_by, row.proposed_at = actor, signature(actor), at
    row.save(force_insert=True)
    audit.record(
        actor=actor, action="propose amendment", object=row.pk, now=at, tender=row.tender, **_said(row)
    )
    return row


def _said(row: Amendment) -> dict[str, str]:
    """What an amendment says, as the trail and its package's notice have it."""
    return {
        "kind": str(row.kind),
        "text_zh": row.text_zh,
        "text_en": row.text_en,
        "deadline_before": timestamp(row.deadline_before),
        "deadline": timestamp(row.deadline) if row.deadline else "",
        "outage": str(row.outage or ""),
    }


def notice_digest(row: Amendment) -> str:
    """The digest by which the amendment's package names what it says."""
    return package.notice_of(**_said(row))


def is_as_agreed(row: Amendment) -> bool:
    """Whether an amendment still says what its package was published with."""
    text = row.package.text.encode()
    try:
        published = package.read(text)
    except SealRefused:
        return False
    return published.notice == notice_digest(row) and published.digest() == row.package.digest


# --- the second person ------------------------------------------------------------------------------------
def agree_amendment(*, actor: User, amendment: Amendment, clock: Clock = site_clock) -> Amendment:
    """Put a proposal in force and tell all vendors. The time that counts is read once the tender is locked.

    Raises `Forbidden`, from the deadline on too, and `ValidationError` where the deadline was moved since.
    """
    with transaction.atomic():
        row, at = _held(actor, amendment, clock)
        put_in_force(actor, row, at)
        tell_vendors_later([row])
    return row


def put_in_force(actor: User, row: Amendment, at: datetime) -> None:
    """Move the deadline, publish the package anew and sign; the tender is locked by the caller."""
    tender = row.tender
    check_deadline(tender, row.deadline)
    if row.deadline is not None:
        tender.deadline = row.deadline
        tender.save(update_fields=["deadline"])
    row.package = publish_amended(tender, notice=notice_digest(row), now=at)
    _decide(actor, row, Decided.AGREED, at)
    audit.record(
        actor=actor,
        action="agree to amendment",
        object=row.pk,
        now=at,
        tender=tender,
        number=row.number,
        package=row.package.digest,
        proposed_by=row.proposed_by,
        **_said(row),
    )


def refuse_amendment(
    *, actor: User, amendment: Amendment, reason: str, clock: Clock = site_clock
) -> Amendment:
    """Refuse a proposal, with a reason. Raises `Forbidden`, and `ValidationError` without a reason."""
    if not reason:
        raise ValidationError({"reason": _("Say why you refuse.")})
    with transaction.atomic():
        row, at = _held(actor, amendment, clock)
        drop(actor, row, at, Decided.REFUSED, reason)
    return row


def take_back_amendment(*, actor: User, amendment: Amendment, clock: Clock = site_clock) -> Amendment:
    """Take one's own proposal back. Raises `Forbidden`."""
    with transaction.atomic():
        Tender.objects.select_for_update().get(pk=amendment.tender_id)
        row = enforce_and_lock(rules.can_take_back_amendment, actor, amendment)
        drop(actor, row, clock(), Decided.TAKEN_BACK)
    return row


def drop(actor: User, row: Amendment, at: datetime, outcome: Decided, reason: str = "") -> None:
    """End a proposal without putting it in force; the caller has locked it."""
    row.reason = reason
    _decide(actor, row, outcome, at)
    actions = {Decided.REFUSED: "refuse amendment", Decided.TAKEN_BACK: "take back amendment"}
    audit.record(
        actor=actor, action=actions[outcome], object=row.pk, now=at, tender=row.tender, reason=reason
    )


def _held(actor: User, amendment: Amendment, clock: Clock) -> tuple[Amendment, datetime]:
    """The proposal with its tender, both locked, and the time, which is read under the lock."""
    tender = Tender.objects.select_for_update().get(pk=amendment.tender_id)
    at = clock()
    row = enforce_and_lock(
        lambda person, found: rules.can_decide_amendment(person, found, at), actor, amendment
    )
    row.tender = tender
    return row, at


def _decide(actor: User, row: Amendment, outcome: Decided, at: datetime) -> None:
    row.outcome, row.decided_by, row.decided_at = outcome, signature(actor), at
    row.save(update_fields=["outcome", "decided_by", "decided_at", "package", "reason"])
