"""How the story writes tenders: with the officer's, the vendors' and the members' own hands."""

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.utils import timezone
from docx import Document

from bids.actions.companies import invite_vendors
from bids.actions.custody import appoint_opening_officers
from bids.actions.drafts import save_draft
from bids.actions.opening import name_bidders, open_technical
from bids.actions.panel import declare
from bids.actions.publication import publish
from bids.actions.scoring import save_mark, submit_marks
from bids.actions.staging import add_file
from bids.actions.submission import Late, submit_bid
from bids.actions.unlocking import unlock_envelope
from bids.actions.verification import record_finding
from bids.choices import Envelope, Evidence
from bids.models import Bid, Claim
from bids.queries import Leaf, cap_of, cells_missing, marking, supports
from procurement.actions.specification import add_criterion, add_requirement, add_seat
from procurement.actions.tenders import create_tender
from procurement.choices import Aggregation, Kind, Method, PriceFormula, Profile, SystemClass
from procurement.models import Seat, Tender, Unit, User
from procurement.models.tender import default_thresholds

from .asked import answered, lowered, signed_off
from .atm import OWNERS
from .english import CRITERIA as CRITERIA_EN
from .english import REQUIREMENTS as REQUIREMENTS_EN
from .secret import OPENERS, Secrets

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

#: What a mark from 0 to 5 means.
ANCHORS = [
    {"mark": str(mark), "text": text}
    for mark, text in enumerate(
        (
            "未提供，或明顯不符 / Nothing, or plainly not met",
            "有構想，沒有可查的內容 / An idea, and nothing that can be checked",
            "只有廠商聲明 / The vendor’s word only",
            "有文件佐證，符合要求 / Documents show that it is met",
            "第三方測試證實 / A third party’s test shows it",
            "本行實測證實 / Our own test shows it",
        )
    )
]

#: Beside which criterion the answer to a requirement is read.
READ_BESIDE = {"R03": "Q2", "R05": "S1", "R09": "S2", "R12": "S3", "R13": "S2"}

#: What a member undertakes with the declaration.
UNDERTAKINGS = ("評選前後，我對投標內容與評選過程保密。", "我獨立評分，不受任何人指示。")


class Teller:
    """Writes tenders with the officer's and the vendors' own hands."""

    def __init__(self, people: dict[str, User], secrets: Secrets) -> None:
        self.people, self.secrets = people, secrets
        self.officer = people["zheng"]
        self.units = {unit.code: unit for unit in Unit.objects.all()}
        text = (Path(__file__).parent / "atm-endpoint.json").read_text(encoding="utf-8")
        self.requirements = {row["code"]: row for row in json.loads(text)["requirements"]}

    def draft(
        self,
        reference: str,
        title: str,
        system: str,
        *,
        millions: int,
        deadline: datetime,
        now: datetime,
        **others: Any,
    ) -> Tender:
        """A tender with its rules, `others` in place of the usual ones, and nothing asked yet."""
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
            "questions_until": None,
        }
        tender = create_tender(actor=self.officer, values=values | others, now=now)
        Tender.objects.filter(pk=tender.pk).update(created_at=now)
        return tender

    def ask(self, tender: Tender, codes: Iterable[str], now: datetime) -> None:
        """Requirements of the ATM tender, with those who answer for them."""
        leaves = {row.code: row for row in tender.criteria.all()}
        for code in codes:
            row = self.requirements[code]
            values = {
                key: row[key]
                for key in ("code", "title", "kind", "mandatory", "severity", "source", "evidence")
            }
            values |= {"unit": self.units[row["unit"]], "owner": self.people[OWNERS[row["unit"]]]}
            values["title_en"], values["evidence_en"] = REQUIREMENTS_EN[code]
            values["criterion"] = leaves.get(READ_BESIDE.get(code))
            add_requirement(actor=self.officer, tender=tender, values=values, now=now)

    def weigh(self, tender: Tender, now: datetime) -> None:
        """The criteria, with marks from 0 to 5."""
        nodes = {}
        for code, parent, title, weight, kind, units in CRITERIA:
            values = {
                "code": code,
                "title": title,
                "title_en": CRITERIA_EN[code],
                "parent": nodes.get(parent),
                "weight": Decimal(weight),
                "minimum": Decimal(24) if code == "S" else None,
                "kind": kind,
                "maximum": Decimal(5) if units else None,
                "value": None,
                "anchors": ANCHORS if units else [],
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

    def complete(
        self, *words: str, millions: int, deadline: datetime, now: datetime, invited: Iterable[str] = ()
    ) -> Tender:
        """A draft that lacks nothing but signatures; only the vendors of those people are asked, if any."""
        tender = self.draft(*words, millions=millions, deadline=deadline, now=now)
        answered(tender, self.officer, now)
        self.weigh(tender, now)
        self.ask(tender, COMMON, now)
        self.seat(tender, PANEL, now)
        users = [self.people[username] for username in OPENERS]
        appoint_opening_officers(actor=self.officer, tender=tender, users=users, now=now)
        lowered(tender, self.officer, self.people["lin"], now)
        tender.refresh_from_db()
        vendors = [vendor for username in invited if (vendor := self.people[username].vendor)]
        if vendors:
            tender = invite_vendors(
                actor=self.officer,
                tender=tender,
                invited_only=True,
                vendors=vendors,
                seen=tender.version,
                now=now,
            )
        return tender

    def whole(self, *words: str, millions: int, deadline: datetime, now: datetime, **asked: Any) -> Tender:
        """A tender that is complete, and published."""
        tender = self.complete(*words, millions=millions, deadline=deadline, now=now, **asked)
        signed_off(tender, self.people, now)
        return publish(actor=self.officer, tender=tender, now=now)

    def bid(
        self,
        tender: Tender,
        username: str,
        price: int,
        now: datetime,
        *,
        unmet: Iterable[str] = (),
        evidence: Mapping[str, str] | None = None,
        hand_in: bool = True,
        hours_later: int = 0,
    ) -> None:
        """A vendor answers every requirement, and hands the bid in unless it is only a draft.

        What is handed in so many hours later that it is too late is refused, as it is on the site.
        """
        person = self.people[username]
        until = (timezone.localdate(now) + timedelta(days=400)).isoformat()
        answers = {
            code: {"answer": "not_met", "note": "規劃中，明年第二季完成。"}
            if code in unmet
            else {
                "answer": "met",
                "note": "詳服務建議書與附件。",
                "evidence": (evidence or {}).get(code, Evidence.ATTESTED),
                "until": until,
            }
            for code in COMMON
        }
        own = {"actor": person, "tender": tender, "opened": self.secrets.opened(person, now)}
        known = Bid.objects.filter(tender=tender, vendor=person.vendor).first()
        seen = known.version if known else 0
        row = save_draft(answers=answers, price=str(price), seen=seen, now=now, **own)
        if hand_in:
            at = now + timedelta(hours=hours_later)
            with suppress(Late):
                submit_bid(price=Decimal(price), seen=row.version, key=uuid4(), clock=lambda: at, **own)

    def attach(
        self,
        tender: Tender,
        username: str,
        now: datetime,
        *,
        code: str,
        name: str,
        text: str,
        author: str = "",
    ) -> None:
        """A vendor adds a document of one sentence beside an answer; the bid is handed in later."""
        person, document, content = self.people[username], Document(), BytesIO()
        document.core_properties.author = author or person.name
        document.core_properties.created = now
        document.add_paragraph(text)
        document.save(content)
        add_file(
            actor=person,
            tender=tender,
            opened=self.secrets.opened(person, now),
            requirement=tender.requirements.get(code=code),
            name=name,
            content=content.getvalue(),
            now=now,
        )

    def name(self, tender: Tender, now: datetime) -> Tender:
        """Name the bidders; everybody declares to have no interest in any of them."""
        tender = name_bidders(actor=self.officer, tender=tender, now=now)
        for seat in tender.seats.select_related("user"):
            declare(
                actor=seat.user,
                seat=seat,
                interests=[],
                undertakings=UNDERTAKINGS,
                typed_name=seat.user.name,
                now=now,
            )
        return tender

    def open(self, tender: Tender, now: datetime) -> Tender:
        """Name the bidders, and open what they handed in."""
        tender = self.name(tender, now)
        self.unlock(tender, Envelope.TECHNICAL, now)
        return open_technical(actor=self.officer, tender=tender, now=now)

    def unlock(self, tender: Tender, envelope: Envelope, now: datetime) -> None:
        """Two of the three officers take their turns."""
        for username in OPENERS[:2]:
            unlock_envelope(
                actor=self.people[username],
                tender=tender,
                envelope=envelope,
                typed=self.secrets.passphrases[username],
                now=now,
            )

    def verify(self, tender: Tender, now: datetime, *units: str) -> None:
        """The units look at what they answer for, and find what the vendors say of themselves."""
        claims = Claim.objects.filter(bid__tender=tender, requirement__unit__code__in=units)
        for claim in claims.select_related("bid__tender", "requirement__unit", "requirement__owner"):
            record_finding(
                actor=claim.requirement.owner,
                claim=claim,
                verified=bool(claim.met),
                finding="佐證與規格相符。" if claim.met else "廠商自承尚未提供。",
                level=Evidence.VERIFIED if claim.met else None,
                until=timezone.localdate(now) + timedelta(days=400) if claim.met else None,
                seen=claim.version,
                now=now,
            )

    def mark(
        self,
        tender: Tender,
        username: str,
        now: datetime,
        given: Callable[[Leaf, Bid], str],
        *,
        most: int | None = None,
    ) -> Seat:
        """Marks of one member, in order, each with a reason and none above what the evidence allows."""
        plan = marking(tender)
        seat = next(seat for seat in plan.seats if seat.code == username)
        known = supports(tender, plan.bids, timezone.localdate(now))
        for leaf, bid in cells_missing(plan, seat)[:most]:
            cap = cap_of(leaf.row, leaf.maximum, known.get((leaf.row.pk, bid.pk)))
            wanted = Decimal(given(leaf, bid))
            save_mark(
                actor=self.people[username],
                seat=seat,
                bid=bid,
                criterion=leaf.row,
                mark=wanted if cap is None else min(wanted, Decimal(int(cap))),
                comment="佐證與規格逐項比對，依給分標準給分。",
                seen=0,
                now=now,
            )
        return seat

    def mark_and_sign(
        self, tender: Tender, username: str, now: datetime, given: Callable[[Leaf, Bid], str]
    ) -> None:
        """All marks of one member, signed."""
        seat = self.mark(tender, username, now, given)
        submit_marks(actor=self.people[username], seat=seat, now=now)
