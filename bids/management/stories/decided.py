"""From the ranking to the award: the panel recommends, both sides approve, the approver decides."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bids.actions.approvals import approve
from bids.actions.awards import Words, award, recommend
from bids.actions.rankings import rankings_of
from bids.actions.resolutions import Meeting
from bids.models import Resolution
from procurement.models import Tender, User


@dataclass(frozen=True)
class Said:
    """To whom, what the panel says, what the money buys, and what the approver says."""

    vendor: str
    reason: str
    benefits: str
    words: Words


def recommended(tender: Tender, people: dict[str, User], said: Said, now: datetime) -> Resolution:
    """Everybody on the panel is for it."""
    present = list(tender.seats.select_related("unit", "user"))
    return recommend(
        actor=people["zheng"],
        tender=tender,
        bid=tender.bids.get(vendor__name=said.vendor),
        meeting=Meeting(present, in_favour=len(present), against=0, reason=said.reason),
        discussed=True,
        benefits=said.benefits,
        seen=rankings_of(tender, now).fingerprint,
        now=now,
    )


def approved(tender: Tender, people: dict[str, User], said: Said, now: datetime) -> None:
    """Both sides approve, and a day later the approver awards."""
    rankings = rankings_of(tender, now)
    seen = (rankings.with_exceptions or rankings.as_scored).result.fingerprint
    for username in ("he", "jiang"):
        approve(actor=people[username], tender=tender, approved=True, reason="已閱。", seen=seen, now=now)
    award(actor=people["cai"], tender=tender, words=said.words, seen=seen, now=now + timedelta(days=1))


def decide(tender: Tender, people: dict[str, User], said: Said, now: datetime) -> None:
    """All of it, within two days."""
    recommended(tender, people, said, now)
    approved(tender, people, said, now + timedelta(days=1))
