"""The other tenders of the story, each at another stage, written by the same actions that the pages call."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from bids.actions.opening import name_bidders, open_technical
from bids.actions.publication import publish
from bids.actions.scoring import save_mark, submit_marks
from bids.actions.submission import save_draft, submit_bid
from bids.actions.verification import record_finding
from bids.models import Claim
from bids.queries import cells_missing, marking
from procurement.actions.specification import add_criterion, add_requirement, add_seat
from procurement.actions.tenders import create_tender
from procurement.choices import Aggregation, Kind, Method, PriceFormula, Profile, SystemClass
from procurement.models import Tender, Unit, User
from procurement.models.tender import default_thresholds

from .atm import OWNERS

#: Requirements of the ATM tender that fit any system.
COMMON = ("R03", "R05", "R06", "R07", "R09", "R10", "R11", "R12", "R13")

#: Code, part of, title, weight, kind and marking units of the criteria.
CRITERIA: tuple[tuple[str, str, str, str, str, tuple[str, ...]], ...] = (
    ("S", "", "資安", "45", "", ()),
    ("S1", "S", "漏洞與修補管理", "15", Kind.SECURITY, ("security", "it")),
    ("S2", "S", "監控、日誌與事件應變", "15", Kind.SECURITY, ("security", "it")),
    ("S3", "S", "供應鏈與元件透明度", "15", Kind.SECURITY, ("security",)),
    ("Q", "", "品質與營運", "25", "", ()),
    ("Q1", "Q", "建置與切換計畫", "13", Kind.QUALITY, ("it", "business")),
    ("Q2", "Q", "維運支援與在地服務", "12", Kind.QUALITY, ("it", "business")),
    ("P", "", "價格（三年總成本）", "30", Kind.PRICE, ()),
)

PANEL = ("lin", "wang", "xu")


class Teller:
    """Writes tenders with the officer's and the vendors' own hands."""

    def __init__(self, people: dict[str, User]) -> None:
        self.people = people
        self.officer = people["zheng"]
        self.units = {unit.code: unit for unit in Unit.objects.all()}
        text = (Path(__file__).parent / "atm-endpoint.json").read_text(encoding="utf-8")
        self.requirements = {row["code"]: row for row in json.loads(text)["requirements"]}

    def draft(
        self, reference: str, title: str, system: str, *, millions: int, deadline: datetime, now: datetime
    ) -> Tender:
        """A tender with its rules, and nothing asked yet."""
        ceiling = Decimal(millions) * 1_000_000
        values: dict[str, Any] = dict.fromkeys(
            ("fair_price_ceiling", "unit_shares", "pass_mark", "rounding", "reserve_price", "panel_rules")
        ) | {
            "reference": reference,
            "title": title,
            "currency": "TWD",
            "system": system,
            "system_class": SystemClass.CLASS_2,
            "owner_unit": self.units["security"],
            "owner": self.people["lin"],
            "approver": self.people["cai"],
            "escalation": self.people["shen"],
            "comment_at_ends": True,
            "masked_bidders": True,
            "difference_thresholds": default_thresholds(),
            "standstill_days": 10,
            "profile": Profile.BANK,
            "method": Method.TOTAL,
            "quality_scale": "absolute",
            "aggregation": Aggregation.UNIT_MEAN,
            "total_points": Decimal(100),
            "price_formula": PriceFormula.CEILING_LINEAR,
            "price_parameters": {"ceiling": str(ceiling), "floor": str(ceiling / 2)},
            "rank_scope": "passing",
            "tied_rank": "competition",
            "tie_break": ["heaviest-criterion", "lots"],
            "budget": ceiling,
            "low_price": [],
            "deadline": deadline,
        }
        tender = create_tender(actor=self.officer, values=values, now=now)
        Tender.objects.filter(pk=tender.pk).update(created_at=now)
        return tender

    def ask(self, tender: Tender, codes: Iterable[str], now: datetime) -> None:
        """Requirements of the ATM tender, with those who answer for them."""
        for code in codes:
            row = self.requirements[code]
            values = {
                key: row[key]
                for key in ("code", "title", "kind", "mandatory", "severity", "source", "evidence")
            }
            values |= {"unit": self.units[row["unit"]], "owner": self.people[OWNERS[row["unit"]]]}
            add_requirement(actor=self.officer, tender=tender, values=values, now=now)

    def weigh(self, tender: Tender, now: datetime) -> None:
        """The criteria, with marks from 0 to 5."""
        nodes = {}
        for code, parent, title, weight, kind, units in CRITERIA:
            values = {
                "code": code,
                "title": title,
                "parent": nodes.get(parent),
                "weight": Decimal(weight),
                "minimum": Decimal(24) if code == "S" else None,
                "kind": kind,
                "maximum": Decimal(5) if units else None,
                "value": None,
                "units": [self.units[unit] for unit in units],
            }
            nodes[code] = add_criterion(actor=self.officer, tender=tender, values=values, now=now)

    def seat(self, tender: Tender, usernames: Iterable[str], now: datetime) -> None:
        """The panel."""
        for username in usernames:
            person = self.people[username]
            values = {
                "code": username,
                "unit": person.unit,
                "user": person,
                "name": person.name,
                "expert": username == "lin",
                "present": True,
            }
            add_seat(actor=self.officer, tender=tender, values=values, now=now)

    def whole(self, *words: str, millions: int, deadline: datetime, now: datetime) -> Tender:
        """A tender that is complete, and published."""
        tender = self.draft(*words, millions=millions, deadline=deadline, now=now)
        self.ask(tender, COMMON, now)
        self.weigh(tender, now)
        self.seat(tender, PANEL, now)
        return publish(actor=self.officer, tender=tender, now=now)

    def bid(
        self,
        tender: Tender,
        username: str,
        price: int,
        now: datetime,
        *,
        unmet: Iterable[str] = (),
        hand_in: bool = True,
    ) -> None:
        """A vendor answers every requirement, and hands the bid in unless it is only a draft."""
        person = self.people[username]
        answers = {
            code: {"answer": "not_met", "note": "規劃中，明年第二季完成。"}
            if code in unmet
            else {"answer": "met", "note": "詳服務建議書與附件。"}
            for code in COMMON
        }
        row = save_draft(actor=person, tender=tender, answers=answers, price=str(price), seen=0, now=now)
        if hand_in:
            submit_bid(actor=person, tender=tender, price=Decimal(price), seen=row.version, now=now)


def tell(people: dict[str, User], now: datetime) -> None:
    """One draft that cannot be published yet, one open for bids, one being verified and marked."""
    teller = Teller(people)
    _draft(teller, now)
    _open(teller, now)
    _being_marked(teller, now)


def _draft(teller: Teller, now: datetime) -> None:
    words = ("ITS-2026-052", "櫃檯系統主機更新", "櫃檯系統")
    tender = teller.draft(*words, millions=24, deadline=now + timedelta(days=30), now=now - timedelta(days=2))
    teller.ask(tender, ("R03", "R05", "R07"), now - timedelta(days=1))
    tender.requirements.filter(code="R05").update(evidence="", owner=None)
    teller.weigh(tender, now - timedelta(days=1))


def _open(teller: Teller, now: datetime) -> None:
    words = ("ITS-2026-046", "網路銀行 WAF 汰換", "網路銀行")
    tender = teller.whole(*words, millions=12, deadline=now + timedelta(days=9), now=now - timedelta(days=12))
    teller.bid(tender, "panchu", 9_800_000, now - timedelta(days=1))
    teller.bid(tender, "dingche", 10_600_000, now - timedelta(hours=3), hand_in=False)


def _being_marked(teller: Teller, now: datetime) -> None:
    words = ("ITS-2026-047", "端點偵測與回應（EDR）擴充", "行員電腦")
    tender = teller.whole(*words, millions=16, deadline=now - timedelta(days=3), now=now - timedelta(days=24))
    for username, price, unmet in (
        ("panchu", 13_900_000, ()),
        ("yuanheng", 12_700_000, ("R12",)),
        ("jiehui", 9_900_000, ("R05", "R13")),
    ):
        teller.bid(tender, username, price, now - timedelta(days=4), unmet=unmet)
    tender = name_bidders(actor=teller.officer, tender=tender, now=now - timedelta(days=3))
    tender = open_technical(actor=teller.officer, tender=tender, now=now - timedelta(days=2))
    _verify(teller, tender, now - timedelta(days=1))
    _mark(teller, tender, "lin", now - timedelta(hours=20))
    submit_marks(actor=teller.people["lin"], seat=tender.seats.get(code="lin"), now=now - timedelta(hours=19))
    _mark(teller, tender, "wang", now - timedelta(hours=2), most=4)


def _verify(teller: Teller, tender: Tender, now: datetime) -> None:
    """Security has looked at what it answers for; IT has not yet."""
    claims = Claim.objects.filter(bid__tender=tender, requirement__unit__code="security")
    for claim in claims.select_related("bid__tender", "requirement__unit"):
        record_finding(
            actor=teller.people["lin"],
            claim=claim,
            verified=bool(claim.met),
            finding="佐證與規格相符。" if claim.met else "廠商自承尚未提供。",
            seen=claim.version,
            now=now,
        )


def _mark(teller: Teller, tender: Tender, username: str, now: datetime, most: int | None = None) -> None:
    """Marks of one member, the lowest for the bid that came in last."""
    plan = marking(tender)
    seat = next(seat for seat in plan.seats if seat.code == username)
    for leaf, bid in cells_missing(plan, seat)[:most]:
        save_mark(
            actor=teller.people[username],
            seat=seat,
            bid=bid,
            criterion=leaf.row,
            mark=Decimal(5 - min(bid.position, 2)),
            comment="佐證完整。" if bid.position == 0 else "",
            seen=0,
            now=now,
        )
