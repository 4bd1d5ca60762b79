"""What the story's register holds: what was opened, who warned, who decided, until when."""

from datetime import datetime, timedelta

from django.utils import timezone

from procurement.actions.register import advise, decide, request_entry
from procurement.choices import Advice, Decision, Exposure
from procurement.models import RegisterEntry, Tender, User, Vendor


def tell(people: dict[str, User], now: datetime) -> None:
    """One entry is overdue, one was granted against security's advice, and one waits for security."""
    overdue = _ask(
        people["huang"],
        now - timedelta(days=70),
        until=timezone.localdate(now) - timedelta(days=9),
        owner=people["xu"],
        system="分行櫃檯",
        kind=Exposure.CONNECTION,
        origin="分行櫃檯網段",
        target="表單廠商雲端",
        opening="TCP 443，全部網域",
        reason="電子表單試辦。",
        risk="櫃檯主機可直接連往網際網路。",
    )
    _answer(overdue, people, Advice.CONDITIONS, "僅限兩個網域，試辦後關閉。", now - timedelta(days=68))
    opened = _ask(
        people["xu"],
        now - timedelta(days=30),
        until=timezone.localdate(now) + timedelta(days=40),
        owner=people["wang"],
        system="ATM 端點",
        kind=Exposure.CONNECTION,
        origin="ATM 派送伺服器",
        target="全行 1,204 台 ATM",
        opening="TCP 445 全開",
        reason="換鈔期前須完成派送。",
        risk="派送伺服器遭入侵時可寫入所有 ATM。",
        vendor=Vendor.objects.get(name="捷惠科技"),
        tender=Tender.objects.get(reference="ITS-2026-041"),
    )
    _answer(opened, people, Advice.AGAINST, "2016 年盜領案即由派送伺服器植入程式。", now - timedelta(days=29))
    _ask(
        people["zhang"],
        now - timedelta(days=1),
        until=timezone.localdate(now) + timedelta(days=14),
        owner=people["wang"],
        system="網路銀行",
        kind=Exposure.PORT,
        origin="WAF 廠商維護端",
        target="網銀測試區",
        opening="TCP 22，單一來源位址",
        reason="WAF 汰換前的壓力測試。",
        risk="測試區含去識別化資料。",
    )


def _ask(actor: User, now: datetime, *, until: object, **values: object) -> RegisterEntry:
    values = {"tender": None, "vendor": None, "expires_on": until} | values
    return request_entry(actor=actor, values=values, now=now)


def _answer(entry: RegisterEntry, people: dict[str, User], advice: str, reason: str, now: datetime) -> None:
    entry = advise(
        actor=people["chen"], entry=entry, advice=advice, reason=reason, seen=entry.version, now=now
    )
    decide(
        actor=people["ye"],
        entry=entry,
        decision=Decision.GRANTED,
        reason="換鈔期在即，限期開放並由資訊處每日回報。",
        seen=entry.version,
        now=now + timedelta(days=1),
    )
