"""The register of exceptions: asking, security's answer, the decision, the end. Every step has a name."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from procurement import audit, rules
from procurement.actions.changes import entered, only, signature
from procurement.actions.locking import advance, enforce_and_lock
from procurement.choices import Advice, Decision, Exposure
from procurement.models import RegisterEntry, User
from procurement.sheets.lists import Heading, list_workbook

#: The longest that anything may stay open without being asked for again.
LONGEST = timedelta(days=365)

ASKED = (
    "system",
    "kind",
    "origin",
    "target",
    "opening",
    "reason",
    "risk",
    "owner",
    "expires_on",
    "tender",
    "vendor",
)


def _check_expiry(expires_on: Any, now: datetime) -> None:
    """Raise `ValidationError` unless the day is neither over nor more than a year away."""
    today = timezone.localdate(now)
    if expires_on < today:
        raise ValidationError({"expires_on": _("This day is over.")})
    if expires_on > today + LONGEST:
        raise ValidationError({"expires_on": _("At most 365 days from today; ask again before they end.")})


def request_entry(
    *, actor: User, values: Mapping[str, Any], now: datetime, renews: RegisterEntry | None = None
) -> RegisterEntry:
    """Ask to open something, for the actor's own unit. `renews` is the entry that it would prolong.

    Raises `Forbidden`, and `ValidationError` for a day that is over or more than 365 days away.
    """
    rules.can_request_entry(actor).enforce()
    values = only(values, ASKED)
    with transaction.atomic():
        if renews is not None:
            renews = enforce_and_lock(rules.can_prolong, actor, renews)
        _check_expiry(values["expires_on"], now)
        entry = RegisterEntry(
            **values,
            unit=actor.unit,
            renews=renews,
            proposer=actor,
            proposed_by=signature(actor),
            proposed_at=now,
        )
        entry.full_clean()
        entry.save(force_insert=True)
        told = entered(values) | {"expires_on": values["expires_on"].isoformat()}
        told.pop("tender", None)
        audit.record(
            actor=actor,
            action="request exception",
            object=entry,
            now=now,
            tender=entry.tender,
            renews=str(renews or ""),
            **told,
        )
    return entry


def advise(
    *, actor: User, entry: RegisterEntry, advice: str, reason: str, seen: int, now: datetime
) -> RegisterEntry:
    """Give security's answer, by name and with a reason, once. Raises `Forbidden` and `Stale`."""
    with transaction.atomic():
        entry = enforce_and_lock(rules.can_advise, actor, entry)
        advance(entry, seen)
        entry.advice, entry.advice_reason = Advice(advice), reason
        entry.adviser, entry.advised_by, entry.advised_at = actor, signature(actor), now
        entry.save(
            update_fields=["advice", "advice_reason", "adviser", "advised_by", "advised_at", "version"]
        )
        audit.record(
            actor=actor,
            action="advise on exception",
            object=entry,
            now=now,
            tender=entry.tender,
            advice=advice,
            reason=reason,
        )
    return entry


def decide(
    *, actor: User, entry: RegisterEntry, decision: str, reason: str, seen: int, now: datetime
) -> RegisterEntry:
    """Grant or refuse, by name and with a reason, once; granting prolongs the entry that this one renews.

    Against security's advice it is marked as overruled for ever. Raises `Forbidden`, `Stale`, and
    `ValidationError` where the day is over, or where going live has no agreement of security.
    """
    with transaction.atomic():
        entry = enforce_and_lock(rules.can_decide, actor, entry)
        advance(entry, seen)
        if decision == Decision.GRANTED:
            _check_grant(entry, now)
        entry.decision, entry.decision_reason = Decision(decision), reason
        entry.decider, entry.decided_by, entry.decided_at = actor, signature(actor), now
        entry.save(
            update_fields=["decision", "decision_reason", "decider", "decided_by", "decided_at", "version"]
        )
        prolonged = _prolong(entry) if entry.decision == Decision.GRANTED else None
        audit.record(
            actor=actor,
            action="grant exception" if decision == Decision.GRANTED else "refuse exception",
            object=entry,
            now=now,
            tender=entry.tender,
            reason=reason,
            advice=entry.advice,
            overruled=entry.is_overruled,
            prolongs=str(prolonged or ""),
        )
    return entry


def _check_grant(entry: RegisterEntry, now: datetime) -> None:
    """Raise `ValidationError` where nobody can grant the entry any more, or at all."""
    if entry.expires_on < timezone.localdate(now):
        raise ValidationError(_("Its last day is over: it can only be refused, and asked for anew."))
    if entry.kind == Exposure.GOING_LIVE and entry.advice == Advice.AGAINST:
        raise ValidationError(_("Going live with a gate promise open needs security's agreement."))


def _prolong(entry: RegisterEntry) -> RegisterEntry | None:
    """Let the entry stand in the place of the one it renews, and give that one back; None without any."""
    if entry.renews_id is None:
        return None
    old = RegisterEntry.objects.select_for_update().get(pk=entry.renews_id)
    if not old.is_standing:
        return None
    old.prolonged_by, old.version = entry, old.version + 1
    old.save(update_fields=["prolonged_by", "version"])
    return old


def close(*, actor: User, entry: RegisterEntry, note: str, seen: int, now: datetime) -> RegisterEntry:
    """End an exception and say what was done. Raises `Forbidden` and `Stale`."""
    with transaction.atomic():
        entry = enforce_and_lock(rules.can_close_entry, actor, entry)
        advance(entry, seen)
        entry.closing_note, entry.closed_by, entry.closed_at = note, signature(actor), now
        entry.save(update_fields=["closing_note", "closed_by", "closed_at", "version"])
        audit.record(
            actor=actor, action="close exception", object=entry, now=now, tender=entry.tender, note=note
        )
    return entry


def export_register(
    *, actor: User, entries: Iterable[RegisterEntry], known_tenders: set[object], now: datetime
) -> bytes:
    """The entries as a workbook; the trail says who took them. `known_tenders` are those the actor sees.

    Raises `Forbidden`.
    """
    rules.can_read_register(actor).enforce()
    today = timezone.localdate(now)
    rows = [_line(entry, today, known_tenders) for entry in entries]
    with transaction.atomic():
        audit.record(actor=actor, action="export register", object=f"{len(rows)}", now=now)
    return list_workbook(
        title=_("Register of exceptions"), headings=_headings(), rows=rows, created=timezone.localtime(now)
    )


def _headings() -> list[Heading]:
    return [
        Heading(_("No."), 9),
        Heading(_("State"), 14),
        Heading(_("System"), 20),
        Heading(_("Kind"), 14),
        Heading(pgettext("connection", "From"), 22),
        Heading(pgettext("connection", "To"), 22),
        Heading(_("Port or function"), 28),
        Heading(_("Business reason"), 36),
        Heading(_("Risk"), 36),
        Heading(_("Owner"), 16),
        Heading(_("Proposing unit"), 16),
        Heading(_("Proposed by"), 24),
        Heading(_("Proposed at"), 12),
        Heading(_("Expiry date"), 12),
        Heading(_("Security’s answer"), 20),
        Heading(_("Reason, and conditions"), 36),
        Heading(_("Answered by"), 24),
        Heading(_("Decision"), 12),
        Heading(_("Overruled"), 11),
        Heading(_("Reason"), 36),
        Heading(_("Decided by"), 24),
        Heading(_("Decided at"), 12),
        Heading(_("Tender"), 18),
        Heading(_("Vendor"), 22),
        Heading(_("Prolongs"), 10),
        Heading(_("Prolonged by"), 10),
        Heading(_("What was done"), 36),
        Heading(_("Closed by"), 24),
        Heading(_("Closed at"), 12),
    ]


def _line(entry: RegisterEntry, today: Any, known_tenders: set[object]) -> list[Any]:
    """The cells of an entry, in the order of the headings."""

    def day(moment: datetime | None) -> Any:
        return timezone.localdate(moment) if moment else None

    return [
        str(entry),
        str(entry.state(today).label),
        entry.system,
        entry.get_kind_display(),
        entry.origin,
        entry.target,
        entry.opening,
        entry.reason,
        entry.risk,
        str(entry.owner),
        entry.unit.name,
        entry.proposed_by,
        day(entry.proposed_at),
        entry.expires_on,
        entry.get_advice_display(),
        entry.advice_reason,
        entry.advised_by,
        entry.get_decision_display(),
        _("Overruled") if entry.is_overruled else "",
        entry.decision_reason,
        entry.decided_by,
        day(entry.decided_at),
        entry.tender.reference if entry.tender and entry.tender_id in known_tenders else "",
        entry.vendor.name if entry.vendor else "",
        str(entry.renews or ""),
        str(entry.prolonged_by or ""),
        entry.closing_note,
        entry.closed_by,
        day(entry.closed_at),
    ]
