"""Verifying the trail, which is an entry of the trail itself."""

from datetime import datetime

from django.db import transaction

from procurement import audit, rules
from procurement.audit.checkpoints import verify_trail
from procurement.models import User


def verify(*, actor: User, now: datetime) -> audit.ChainState:
    """Recompute the chain, lead it through every checkpoint, and put on record what was found.

    How many entries there are is not recorded: it would tell how many bids came in. Raises `Forbidden`.
    """
    rules.can_read_trail(actor).enforce()
    state, checkpoints = verify_trail()
    with transaction.atomic():
        audit.record(
            actor=actor,
            action="verify trail",
            object="",
            now=now,
            intact=state.intact,
            broken_at=str(state.broken_at or ""),
            why=state.why.partition(": ")[0] if state.broken_at == 0 else state.why,
            checkpoints=checkpoints,
        )
    return state
