"""What the bank of the story awarded before: a year in which the price decided, and one in which more did."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone

from bids.actions.awards import Words, present_ranking
from bids.actions.loading import load_case
from bids.actions.promises import go_live, set_contract_end, sign_off
from bids.choices import Outcome
from bids.evaluation import read
from bids.models import Acceptance, Promise
from procurement.choices import SystemClass
from procurement.models import Tender, Unit, User

from .atm import OWNERS
from .decided import Said, decide

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Earlier:
    """One award: its case, how many days ago, for how many more, whose system, and what was said."""

    name: str
    days: int
    contract_days: int
    system: str
    system_class: str
    owner: str
    said: Said


EARLIER = (
    Earlier(
        "earlier-web-filter",
        410,
        300,
        "行員上網",
        SystemClass.CLASS_3,
        "",
        Said(
            "捷惠科技",
            "價格最低，功能符合。",
            "",
            Words(reason="最低價且符合必要項。"),
        ),
    ),
    Earlier(
        "earlier-backup",
        280,
        1800,
        "備份系統",
        SystemClass.CLASS_2,
        "wang",
        Said(
            "遠衡系統",
            "隔離備份與還原演練均有實績。",
            "多付的金額換得加密金鑰由本行保管與每季還原演練。",
            Words(reason="總評分第一。", benefits="最低價廠商未提供還原演練，備份資料未加密。"),
        ),
    ),
)


def tell(people: dict[str, User], now: datetime) -> None:
    """Load the old cases and award them on their days."""
    for one in EARLIER:
        then = now - timedelta(days=one.days)
        case = read((HERE / f"{one.name}.json").read_bytes())
        tender = load_case(case, now=then - timedelta(days=30), actor=people["zheng"])
        _say_whose(tender, people, one, then)
        tender = present_ranking(actor=people["zheng"], tender=tender, now=then - timedelta(days=3))
        decide(tender, people, one.said, then - timedelta(days=2))
        _kept(tender, people, one, then + timedelta(days=70))


def _kept(tender: Tender, people: dict[str, User], one: Earlier, then: datetime) -> None:
    """Everything that was promised was delivered, and the system runs; the oldest contract is over."""
    for promise in Promise.objects.filter(tender=tender).order_by("pk"):
        sign_off(
            actor=people[OWNERS[promise.unit.code]],
            promise=promise,
            outcome=Outcome.KEPT,
            text="驗收紀錄與承諾相符。",
            file=None,
            seen=promise.version,
            now=then,
        )
    tender.refresh_from_db()
    acceptance = Acceptance.objects.get(tender=tender)
    go_live(
        actor=people[one.owner or "zheng"],
        tender=tender,
        seen=acceptance.version,
        now=then + timedelta(days=1),
    )
    acceptance.refresh_from_db()
    last = timezone.localdate(then) + timedelta(days=one.contract_days)
    set_contract_end(
        actor=people["zheng"],
        acceptance=acceptance,
        until=last,
        seen=acceptance.version,
        now=then + timedelta(days=2),
    )


def _say_whose(tender: Tender, people: dict[str, User], one: Earlier, then: datetime) -> None:
    """What a case file does not say. Nobody answered for the oldest one; the business had asked for it."""
    owner = people.get(one.owner)
    Tender.objects.filter(pk=tender.pk).update(
        system=one.system,
        system_class=one.system_class,
        owner=owner,
        owner_unit=owner.unit if owner else Unit.objects.get(code="business"),
        approver=people["cai"],
        escalation=people["shen"],
        created_at=then - timedelta(days=80),
        published_at=then - timedelta(days=60),
        deadline=then - timedelta(days=40),
        opened_at=then - timedelta(days=39),
        priced_at=then - timedelta(days=20),
    )
    for seat in tender.seats.all():
        seat.user = people[seat.code]
        seat.save(update_fields=["user"])
    tender.refresh_from_db()
