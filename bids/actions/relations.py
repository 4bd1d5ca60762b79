"""Looking into the files of opened bids for what they say of their making."""

import time
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from bids import rules
from bids.actions.unsealing import content_of
from bids.files.traces import traces_of
from bids.models import Attachment
from bids.queries.relations import files_compared
from procurement import audit
from procurement.models import Tender, User


def trace_files(*, actor: User, tender: Tender, now: datetime, seconds: float) -> int:
    """Keep what files say that nobody has looked into, for so many seconds; how many are left.

    A file that was altered says nothing. Raises `Forbidden`, and `KeyUnavailable` without the system key.
    """
    rules.can_trace_files(actor, tender).enforce()
    files = list(files_compared(tender).filter(traces__isnull=True).select_related("bid__tender", "sealed"))
    until, done = time.monotonic() + seconds, 0
    for file in files:
        Attachment.objects.filter(pk=file.pk).update(traces=_traces(file))
        done += 1
        if time.monotonic() >= until:
            break
    if done:
        with transaction.atomic():
            audit.record(
                actor=actor,
                action="look into files of bids",
                object=tender,
                now=now,
                tender=tender,
                files=str(done),
            )
    return len(files) - done


def _traces(file: Attachment) -> dict[str, str]:
    try:
        return traces_of(file.name, content_of(file)).to_document()
    except ValidationError:
        return {}
