"""Refusals are entries of the trail, but nobody can flood it with them.

Of any `WINDOW` entries at most `LIMIT` are refusals of one person. The last of them says that more are not
recorded for now. Beyond it a refusal writes nothing and locks nothing, so that it costs the site one read.
"""

from datetime import datetime

from django.db import transaction

from procurement.audit.chain import record
from procurement.models import AuditEntry, AuditHead, Tender, User

LIMIT = 30
WINDOW = 1000

#: What the trail calls it.
ACTION = "refuse"


def record_refusal(
    *, actor: User, route: str, method: str, tender: Tender | None, now: datetime
) -> AuditEntry | None:
    """Append that a person was told no at an address of the site; None once it was too often.

    The entry names the address by its name in the site, not what was sent there: that may be part of a bid.
    """
    if _met(actor) >= LIMIT:
        return None
    with transaction.atomic():
        AuditHead.objects.select_for_update().get(pk=1)  # those who count wait for those who write
        met = _met(actor)
        if met >= LIMIT:
            return None
        more = {"last": True} if met == LIMIT - 1 else {}
        return record(
            actor=actor, action="refuse", object=route, now=now, tender=tender, method=method, **more
        )


def _met(actor: User) -> int:
    """How many of the last entries are refusals of the person."""
    head = AuditHead.objects.get(pk=1).seq
    recent = AuditEntry.objects.filter(seq__gt=head - WINDOW, action=ACTION)
    return recent.filter(actor_name__startswith=f"{actor} (").count()
