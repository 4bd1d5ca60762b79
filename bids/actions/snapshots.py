"""The state of a case at the moment when an objection is raised, answered or settled, frozen as text."""

import hashlib
from datetime import datetime
from typing import Any

import rfc8785

from bids.cases import evaluated
from bids.evaluation import Refused, Result
from bids.models import Bid, Objection
from bids.queries import bid_bases, is_marking, specification_bases
from procurement.models import Tender

#: The second of the ranking.
_SECOND = 1


def state_of(tender: Tender, bid: Bid | None, now: datetime) -> dict[str, Any]:
    """What a snapshot holds: `basis` (see `bids.queries.basis`), publication fingerprint, ranking.

    The ranking is None until prices are open, and while a round of marks goes on: its figures would tell of
    marks that are still secret.
    """
    basis = bid_bases([bid])[bid.pk] if bid else specification_bases([tender])[tender.pk]
    return {
        "basis": basis,
        "publication": tender.fingerprint,
        "ranking": _ranking(tender, now) if tender.is_priced and not is_marking(tender) else None,
    }


def snapshot_text(tender: Tender, bid: Bid | None, now: datetime) -> str:
    """The state as canonical JSON (RFC 8785)."""
    return rfc8785.dumps(state_of(tender, bid, now)).decode()


def on_screen(objection: Objection, now: datetime) -> str:
    """SHA-256, as hex, of what an answer would rest on: the state of the case, and what was said so far."""
    state = state_of(objection.tender, objection.bid, now)
    return hashlib.sha256(rfc8785.dumps({"state": state, "version": str(objection.version)})).hexdigest()


def _ranking(tender: Tender, now: datetime) -> dict[str, Any] | None:
    """First place, the lead, and what price alone would have bought; None where nobody can be ranked."""
    try:
        _case, result = evaluated(tender, now=now)
    except Refused:
        return None
    alone = result.price_only
    return {
        "fingerprint": result.fingerprint,
        "places": [
            {"vendor": row.vendor, "figure": str(row.figure), "place": str(row.place)}
            for row in result.ranking[: _SECOND + 1]
        ],
        "lead": _lead(result),
        "alone": {"vendors": list(alone.vendors), "price": str(alone.price), "unmet": list(alone.unmet)}
        if alone
        else None,
    }


def _lead(result: Result) -> str:
    """By how much the first figure differs from the second, as an exact fraction; empty with one bid."""
    if len(result.ranking) <= _SECOND:
        return ""
    return str(abs(result.ranking[0].figure - result.ranking[_SECOND].figure))
