"""Tenders of the story before anything is decided: a draft, one open, one to be opened, one being marked."""

from datetime import datetime, timedelta

from bids.actions.relations import trace_files
from bids.models import Bid
from bids.queries import Leaf
from procurement.models import User

from . import in_work
from .amended import confirm, extend, make_clear
from .asked import answered
from .questions import answered_by_amendment, answered_together, asked_about_the_peak, left_waiting
from .secret import Secrets
from .teller import Teller


def tell(people: dict[str, User], secrets: Secrets, now: datetime) -> None:
    """A draft that cannot be published yet; tenders open for bids, to be opened, and being marked."""
    teller = Teller(people, secrets)
    _draft(teller, now)
    _open(teller, now)
    _for_invited(teller, now)
    in_work.tell(teller, now)
    _closed(teller, now)
    _being_marked(teller, now)


def _draft(teller: Teller, now: datetime) -> None:
    """Its deadline is over before anybody could bid: it is late."""
    words = ("ITS-2026-052", "櫃檯系統主機更新", "櫃檯系統")
    tender = teller.draft(*words, millions=24, deadline=now - timedelta(days=2), now=now - timedelta(days=40))
    answered(tender, teller.officer, now - timedelta(days=40))
    teller.weigh(tender, now - timedelta(days=39))
    teller.ask(tender, ("R03", "R05", "R07"), now - timedelta(days=39))
    tender.requirements.filter(code="R05").update(evidence="", owner=None)


def _open(teller: Teller, now: datetime) -> None:
    """One bid is in, and was confirmed after the last of two amendments; another one is being written."""
    words = ("ITS-2026-046", "網路銀行 WAF 汰換", "網路銀行")
    tender = teller.whole(*words, millions=12, deadline=now + timedelta(days=4), now=now - timedelta(days=12))
    answered_together(tender, teller.people, now - timedelta(days=9))
    tender = extend(tender, teller.people, now - timedelta(days=6))
    peak = asked_about_the_peak(tender, teller.people, now - timedelta(days=3))
    teller.bid(tender, "panchu", 9_800_000, now - timedelta(days=1))
    tender = make_clear(tender, teller.people, now - timedelta(hours=20))
    answered_by_amendment(tender, peak, teller.people, now - timedelta(hours=18), amendment=2)
    left_waiting(tender, teller.people, now)
    confirm(tender, teller.people["panchu"], now - timedelta(hours=8))
    teller.bid(tender, "dingche", 10_600_000, now - timedelta(hours=3), hand_in=False)


def _for_invited(teller: Teller, now: datetime) -> None:
    """Two vendors are asked, and nobody else knows of it."""
    words = ("ITS-2026-053", "SWIFT 端末隔離與側錄", "SWIFT 端末")
    deadline, begun = now + timedelta(days=15), now - timedelta(days=6)
    teller.whole(*words, millions=11, deadline=deadline, now=begun, invited=("panchu", "dingche"))


def _closed(teller: Teller, now: datetime) -> None:
    """The bidders are named; two officers can unlock the bids. One sent a lower price two hours too late."""
    words = ("ITS-2026-049", "郵件安全閘道汰換", "電子郵件")
    tender = teller.whole(
        *words, millions=9, deadline=now - timedelta(hours=20), now=now - timedelta(days=16)
    )
    for username, price, unmet in (
        ("yuanheng", 7_400_000, ()),
        ("hongxiang", 6_100_000, ("R07",)),
        ("jiehui", 7_950_000, ()),
    ):
        at = now - timedelta(days=2)
        text = "特權帳號共 14 個，由保險庫保管，逐次核准並全程錄影。"
        teller.attach(tender, username, at, code="R05", name="設定文件.docx", text=text)
        teller.bid(tender, username, price, at, unmet=unmet)
    teller.bid(tender, "jiehui", 5_800_000, now - timedelta(hours=21), hours_later=3)
    teller.name(tender, now - timedelta(hours=4))


def _being_marked(teller: Teller, now: datetime) -> None:
    words = ("ITS-2026-047", "端點偵測與回應（EDR）擴充", "行員電腦")
    tender = teller.whole(*words, millions=16, deadline=now - timedelta(days=3), now=now - timedelta(days=24))
    for username, price, unmet in (
        ("panchu", 13_900_000, ()),
        ("yuanheng", 12_700_000, ("R12",)),
        ("jiehui", 9_900_000, ("R05", "R13")),
    ):
        if username != "panchu":
            text = f"端點共 3,400 台，代理程式以靜默方式派送，總價 {price:,} 元。"
            words_of_both = {"code": "R12", "name": "服務建議書.docx", "text": text, "author": "劉冠廷"}
            teller.attach(tender, username, now - timedelta(days=4), **words_of_both)
        teller.bid(tender, username, price, now - timedelta(days=4), unmet=unmet)
    tender = teller.open(tender, now - timedelta(days=2))
    trace_files(actor=teller.officer, tender=tender, now=now - timedelta(days=2), seconds=10)
    teller.verify(tender, now - timedelta(days=1), "security")
    teller.mark_and_sign(tender, "lin", now - timedelta(hours=19), _by_order)
    teller.mark(tender, "wang", now - timedelta(hours=2), _by_order, most=4)


def _by_order(_leaf: Leaf, bid: Bid) -> str:
    """The bid that came in first is a step ahead; no mark is higher than weak evidence allows."""
    return "2" if bid.position else "3"
