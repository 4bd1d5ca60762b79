"""The site's clock: read once per request, and watched for being set back.

A deadline is only as good as the clock, and whoever sets it back lets late bids in. So the latest time that
was seen is kept (`ClockMark`), and while the clock shows less than that, no bid is taken. Marks are written
once a minute; in between, the machine's own counter since its start (which cannot be set, and which its
processes share) tells how late it must be by now. A clock that was wrongly ahead and is put right is refused
for as long as it was ahead; `manage.py settle_clock` ends that by hand, on record.
"""

import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from platform import node

from django.db import DatabaseError, transaction
from django.db.models import Max
from django.utils import timezone

from procurement import audit
from procurement.models import ClockMark

#: How far the clock may be put back unnoticed: time servers do this to every clock.
TOLERANCE = timedelta(seconds=2)
#: How often the mark is written.
KEPT_EVERY = timedelta(minutes=1)
#: How long an alarm is shown after the clock was set back.
SHOWN_FOR = timedelta(days=7)

_MICROSECOND = timedelta(microseconds=1)
_BOOT = Path("/proc/sys/kernel/random/boot_id")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Seen:
    """What this process knows of the marks."""

    ahead: timedelta
    kept: datetime
    mark: datetime
    jumped_at: datetime | None
    jumped_by: timedelta


@dataclass(frozen=True)
class Alarm:
    """The clock was set back: when, by how much, and until when no bids are taken (None: they are again)."""

    at: datetime | None
    by: timedelta
    paused_until: datetime | None


# One per process: a request that finds nothing new asks the database nothing.
_seen: _Seen | None = None


def read() -> datetime:
    """The time, once per request; whether the clock was set back is looked at on the way."""
    now = timezone.now()
    watch(now)
    return now


def watch(now: datetime) -> None:
    """Compare the time with the counter and the mark, and keep both when it is time to.

    Where they cannot be kept, the log says so and the request goes on: what is known is not forgotten.
    """
    global _seen  # noqa: PLW0603 - this is the process's memory
    ahead = _ahead(now)
    if _seen and abs(ahead - _seen.ahead) <= TOLERANCE and timedelta(0) <= now - _seen.kept < KEPT_EVERY:
        return
    try:
        with transaction.atomic():
            _seen = _keep(now, ahead)
    except DatabaseError:
        logger.exception("The mark of the clock was not kept")


def behind(now: datetime) -> timedelta:
    """How far the time lies behind the latest that was seen; nothing within the tolerance."""
    gap = _seen.mark - now if _seen else timedelta(0)
    return gap if gap > TOLERANCE else timedelta(0)


def alarm(now: datetime) -> Alarm | None:
    """What people who answer for the site are shown while bids are paused, and for a week after a jump."""
    if _seen is None:
        return None
    paused = _seen.mark if behind(now) else None
    recent = _seen.jumped_at is not None and now - _seen.jumped_at < SHOWN_FOR
    return Alarm(_seen.jumped_at, _seen.jumped_by, paused) if paused or recent else None


def settle(*, reason: str, now: datetime) -> None:
    """Take the time as it is for right, so that bids are taken again; the reason goes on record."""
    global _seen  # noqa: PLW0603 - as above
    with transaction.atomic():
        latest = _latest()
        ClockMark.objects.filter(at__gt=now).update(at=now)
        audit.record(
            actor=None,
            action="settle clock",
            object="clock",
            now=now,
            reason=reason,
            latest=latest.isoformat() if latest else "",
        )
        _seen = None


def _ahead(now: datetime) -> timedelta:
    """The clock less the counter since the machine was started."""
    return timedelta(seconds=now.timestamp() - _counter())


def _counter() -> float:
    """Seconds since the machine was started, sleep included where the system counts it."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def _machine() -> str:
    """A name for this start of this machine."""
    try:
        return f"{node()} {_BOOT.read_text(encoding='ascii').strip()}"[:100]
    except OSError:
        return node()[:100]


def _latest() -> datetime | None:
    return ClockMark.objects.aggregate(latest=Max("at"))["latest"]


def _keep(now: datetime, ahead: timedelta) -> _Seen:
    """Write the mark of this machine, and the alarm where the clock was set back since."""
    row, is_new = ClockMark.objects.select_for_update().get_or_create(
        machine=_machine(), defaults={"at": now, "ahead": ahead // _MICROSECOND}
    )
    latest = _latest() or now
    # By its counter it must be this late; after a restart only the marks themselves can tell.
    due = now + row.ahead * _MICROSECOND - ahead
    back = (latest if is_new else due) - now
    if back > TOLERANCE:
        row.at = max(row.at, now + back)
        row.jumped_at, row.jumped_by = now, back // _MICROSECOND
        _raise_alarm(now, back, max(latest, row.at))
        row.ahead = ahead // _MICROSECOND
    # Short of an alarm it is never lowered, or many small steps back would add up to a long one.
    row.at, row.ahead = max(row.at, now), max(row.ahead, ahead // _MICROSECOND)
    row.save()
    return _remembered(now, row.ahead * _MICROSECOND)


def _raise_alarm(now: datetime, back: timedelta, mark: datetime) -> None:
    seconds = f"{back.total_seconds():.3f}"
    audit.record(
        actor=None, action="set clock back", object="clock", now=now, seconds=seconds, latest=mark.isoformat()
    )
    logger.error("The clock went back by %s s; no bids are taken before %s", seconds, mark.isoformat())


def _remembered(now: datetime, ahead: timedelta) -> _Seen:
    last = ClockMark.objects.filter(jumped_at__isnull=False).order_by("-jumped_at").first()
    return _Seen(
        ahead=ahead,
        kept=now,
        mark=_latest() or now,
        jumped_at=last.jumped_at if last else None,
        jumped_by=last.jumped_by * _MICROSECOND if last else timedelta(0),
    )
