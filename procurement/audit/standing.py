"""Whether the database is the one that was signed last, looked at while people work; and beginning anew
after a backup had to be restored.

A restored backup lacks what was acknowledged since, so no bid is taken on top of it until somebody who
answers for that has settled it, on record (`manage.py settle_trail`).
"""

import time
from datetime import datetime

from django.conf import settings
from django.db import transaction

from procurement.audit.chain import REWRITTEN, SHORTENED, record
from procurement.audit.checkpoints import AnchorState, anchor_state, make_checkpoint
from procurement.signing.anchors import Anchors
from procurement.signing.verify import Document, Fault

#: How often it is looked at, in seconds: as quick as it is, it reads a file and asks the database.
LOOKED_EVERY = 60.0

#: Why no bid is taken. Checkpoints that cannot be read are an alarm, and say nothing of the database.
PAUSING = frozenset({SHORTENED, REWRITTEN})

# One per process, with the time of the look by the machine's own counter.
_looked: tuple[float, AnchorState] | None = None


def look() -> AnchorState:
    """How the database stands to its last checkpoint, as of a minute ago at most."""
    global _looked  # noqa: PLW0603 - this is the process's memory
    at = time.monotonic()
    if _looked is None or at - _looked[0] >= LOOKED_EVERY:
        _looked = at, anchor_state()
    return _looked[1]


def is_another_database() -> bool:
    """Whether the database is older than its last checkpoint, or another one."""
    return look().why in PAUSING


def settle(*, reason: str, now: datetime) -> Document:
    """Take the database as it is for right: the checkpoints it does not extend are put aside, with the reason
    on record, and a new series begins; its first checkpoint is returned, and mailed like any other.

    Copies of the old checkpoints go on to show what happened. Raises `Fault` where there is nothing to
    settle, and what `make_checkpoint` raises.
    """
    global _looked  # noqa: PLW0603 - as above
    state = anchor_state()
    if not state.why:
        raise Fault("the database extends its last checkpoint: there is nothing to settle")
    folder = f"aside-{now:%Y%m%dT%H%M%SZ}"
    with transaction.atomic():
        record(
            actor=None,
            action="settle trail",
            object="trail",
            now=now,
            reason=reason,
            why=state.why,
            checkpoint=state.last,
            folder=folder,
        )
    Anchors(settings.ANCHORS).put_aside(folder)
    _looked = None
    return make_checkpoint("settle trail")
