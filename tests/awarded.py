"""From the ranking to the award, for tests that begin after it."""

from datetime import datetime

from bids.actions import approvals, awards
from bids.actions.rankings import rankings_of
from bids.actions.resolutions import Meeting
from bids.models import Award, Resolution
from bids.queries import electorate
from procurement.choices import Stage
from procurement.models import Tender, User
from tests.secrets import NOW


def recommend_it(
    tender: Tender, vendor: str = "", *, at: datetime = NOW, benefits: str = "Security"
) -> Resolution:
    """Everybody present recommends the bid of the vendor, else first place; it is presented first."""
    officer = User.objects.get(username="officer")
    if tender.stage == Stage.PRICE_OPENED:
        tender = awards.present_ranking(actor=officer, tender=tender, now=at)
    both = rankings_of(tender, at)
    winner = vendor or both.as_scored.result.winner or both.with_exceptions.result.winner
    present = [seat for seat in electorate(tender, None) if seat.present]
    return awards.recommend(
        actor=officer,
        tender=tender,
        bid=tender.bids.get(vendor__name=winner),
        meeting=Meeting(present, len(present), 0, "Best on what we asked for"),
        discussed=True,
        benefits=benefits,
        seen=both.fingerprint,
        now=at,
    )


def approve_it(tender: Tender, *usernames: str, at: datetime = NOW) -> None:
    """Both sides approve what is recommended, unless told which heads do."""
    for username in usernames or ("security_head", "business_head"):
        seen = awards.recommended(tender, at).result.fingerprint
        approvals.approve(
            actor=User.objects.get(username=username),
            tender=tender,
            approved=True,
            reason="",
            seen=seen,
            now=at,
        )


def award_it(tender: Tender, vendor: str = "", *, at: datetime = NOW) -> Award:
    """The panel recommends, both sides approve and the approver awards."""
    recommend_it(tender, vendor, at=at)
    tender.refresh_from_db()
    approve_it(tender, at=at)
    return awards.award(
        actor=User.objects.get(username="approver"),
        tender=tender,
        words=awards.Words("Firmest on security", "What price alone leaves out", "The panel is sure"),
        seen=awards.recommended(tender, at).result.fingerprint,
        now=at,
    )
