"""A tender of the story that was amended twice: more time, and an annex that was made clear."""

from datetime import datetime, timedelta

from bids.actions.amendments import agree_amendment, propose_amendment
from bids.actions.submission import confirm_bid
from bids.choices import AmendmentKind
from bids.models import Bid
from procurement.models import Tender, User

#: By how much the deadline is moved.
MORE_TIME = timedelta(days=5)


def extend(tender: Tender, people: dict[str, User], at: datetime) -> Tender:
    """Five days more."""
    return _agreed(
        tender,
        people,
        at,
        kind=AmendmentKind.EXTENSION,
        deadline=tender.deadline + MORE_TIME,
        text_zh="現場會勘順延至本週五，投標截止時間一併延後五日。",
        text_en="The site visit moves to Friday; bids come in five days longer.",
    )


def make_clear(tender: Tender, people: dict[str, User], at: datetime) -> Tender:
    """An annex that left something open."""
    return _agreed(
        tender,
        people,
        at,
        kind=AmendmentKind.DOCUMENTS,
        deadline=None,
        text_zh="附件二釐清：每秒 4,000 筆交易含尖峰流量；原文未載明是否含尖峰。",
        text_en="Annex 2 is made clear: 4,000 transactions a second include the peak, which was left open.",
    )


def _agreed(
    tender: Tender,
    people: dict[str, User],
    at: datetime,
    *,
    kind: AmendmentKind,
    deadline: datetime | None,
    text_zh: str,
    text_en: str,
) -> Tender:
    """The officer proposes and the approver agrees 40 minutes later."""
    row = propose_amendment(
        actor=people["zheng"],
        tender=tender,
        kind=kind,
        text_zh=text_zh,
        text_en=text_en,
        deadline=deadline,
        clock=lambda: at,
    )
    agreed = agree_amendment(actor=people["cai"], amendment=row, clock=lambda: at + timedelta(minutes=40))
    return agreed.tender


def confirm(tender: Tender, person: User, at: datetime) -> None:
    """The vendor lets its bid stand under the last amendment."""
    confirm_bid(actor=person, bid=Bid.objects.get(tender=tender, vendor=person.vendor), clock=lambda: at)
