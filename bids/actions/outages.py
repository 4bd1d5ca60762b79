"""Outages: on record by name, and the same extension for every tender that one touched."""

import math
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bids import queries, rules
from bids.actions.amendments import Clock, drop, put_in_force, store_proposal
from bids.actions.notices import tell_vendors_later
from bids.choices import AmendmentKind, Decided
from bids.models import Amendment, Outage
from bids.sealing.canonical import timestamp
from procurement import audit
from procurement.actions.changes import signature
from procurement.clock import read as site_clock
from procurement.models import Tender, User
from procurement.rules import Verdict

_MINUTE = timedelta(minutes=1)


def record_outage(
    *, actor: User, begins_at: datetime, ends_at: datetime, text_zh: str, text_en: str, now: datetime
) -> Outage:
    """Put on record from when until when bids could not come in, and why.

    Raises `Forbidden`, and `ValidationError` where it ends before it begins, or in the future.
    """
    rules.can_record_outage(actor).enforce()
    if ends_at <= begins_at:
        raise ValidationError({"ends_at": _("It must end after it began.")})
    if ends_at > now:
        raise ValidationError({"ends_at": _("This is still to come: record an outage once it is over.")})
    with transaction.atomic():
        row = Outage.objects.create(
            begins_at=begins_at,
            ends_at=ends_at,
            text_zh=text_zh,
            text_en=text_en,
            recorder=actor,
            recorded_by=signature(actor),
            recorded_at=now,
        )
        audit.record(
            actor=actor,
            action="record outage",
            object=row,
            now=now,
            begins_at=timestamp(begins_at),
            ends_at=timestamp(ends_at),
            text_zh=text_zh,
            text_en=text_en,
        )
    return row


def least_minutes(outage: Outage) -> int:
    """How long the outage was, rounded up to the minute: less is not given back."""
    return math.ceil((outage.ends_at - outage.begins_at) / _MINUTE)


def extend_after_outage(
    *, actor: User, outage: Outage, minutes: int, clock: Clock = site_clock
) -> list[Amendment]:
    """Propose the same extension for every tender that the outage touched and that bids still come in for.

    Tenders that have it already, and those on which another proposal waits, are left out. Raises `Forbidden`,
    and `ValidationError` where it is less than the outage took, or where no tender is left.
    """
    rules.can_extend_after_outage(actor).enforce()
    if minutes < least_minutes(outage):
        raise ValidationError(
            {
                "minutes": _("The outage took %(n)d minutes: give back at least as many.")
                % {"n": least_minutes(outage)}
            }
        )
    with transaction.atomic():
        tenders = _lock(queries.tenders_touched(outage))
        at = clock()
        had = {
            row.tender_id for row in queries.amendments_after(outage) if row.outcome in ("", Decided.AGREED)
        }
        rows = [
            store_proposal(_proposal(outage, tender, minutes), actor, at)
            for tender in tenders
            if tender.pk not in had
            and rules.bidding_goes_on(tender, at)
            and queries.waiting_amendment(tender) is None
        ]
        if not rows:
            raise ValidationError(_("There is no tender that can be given more time for this outage."))
    return rows


def _lock(tenders: Iterable[Tender]) -> list[Tender]:
    """Lock tenders one after the other, always in the same order: two people never block each other."""
    keys = sorted(tender.pk for tender in tenders)
    return list(Tender.objects.select_for_update().filter(pk__in=keys).order_by("pk"))


def _proposal(outage: Outage, tender: Tender, minutes: int) -> Amendment:
    return Amendment(
        tender=tender,
        kind=AmendmentKind.OUTAGE,
        outage=outage,
        text_zh=outage.text_zh,
        text_en=outage.text_en,
        deadline=tender.deadline + minutes * _MINUTE,
    )


# --- the second person ------------------------------------------------------------------------------------
def agree_after_outage(*, actor: User, outage: Outage, clock: Clock = site_clock) -> list[Amendment]:
    """Put what was proposed in force for all tenders at once; what the deadline overtook stays undecided.

    Raises `Forbidden`, also where nothing waits any more.
    """
    with transaction.atomic():
        rows, at = _held(actor, outage, clock)
        for row in rows:
            put_in_force(actor, row, at)
        tell_vendors_later(rows)
    return rows


def refuse_after_outage(
    *, actor: User, outage: Outage, reason: str, clock: Clock = site_clock
) -> list[Amendment]:
    """Refuse what was proposed, for all tenders at once. Raises `Forbidden`, `ValidationError`."""
    if not reason:
        raise ValidationError({"reason": _("Say why you refuse.")})
    with transaction.atomic():
        rows, at = _held(actor, outage, clock)
        for row in rows:
            drop(actor, row, at, Decided.REFUSED, reason)
    return rows


def take_back_after_outage(*, actor: User, outage: Outage, clock: Clock = site_clock) -> list[Amendment]:
    """Take one's own proposal back, for all tenders at once. Raises `Forbidden`."""
    with transaction.atomic():
        rows, at = _held(actor, outage, clock, rules.can_take_back_outage)
        for row in rows:
            drop(actor, row, at, Decided.TAKEN_BACK)
    return rows


def _held(
    actor: User,
    outage: Outage,
    clock: Clock,
    rule: Callable[[User, list[Amendment]], Verdict] = rules.can_decide_outage,
) -> tuple[list[Amendment], datetime]:
    """What is decided on, with its tenders, all locked, and the time, which is read under the locks."""
    tenders = {tender.pk: tender for tender in _lock(queries.tenders_touched(outage))}
    at = clock()
    rows = [row for row in queries.waiting_after(outage, at) if rules.bidding_goes_on(row.tender, at)]
    rule(actor, rows).enforce()
    for row in rows:
        row.tender = tenders[row.tender_id]
    return rows, at
