"""The main tender of the story: ATM end-point protection, ready to be awarded but for one warning."""

from datetime import datetime, timedelta
from pathlib import Path

from bids.actions.awards import present_ranking
from bids.actions.loading import load_case
from bids.actions.objections import raise_objection, state_opinion
from bids.cases import publication_fingerprint, publication_text
from bids.evaluation import read
from bids.models import Claim, ScoreSheet
from procurement.actions.changes import signature
from procurement.choices import ClearanceSide, Severity, SystemClass
from procurement.models import Clearance, Tender, User

HERE = Path(__file__).parent

#: Who answers for the requirements of a unit.
OWNERS = {"security": "lin", "it": "wang", "procurement": "zheng"}

#: What was found, or what the vendor said, where a requirement is not met.
FINDINGS = {
    ("捷惠科技", "R01"): ("chen", "僅能封鎖已知惡意程式，沒有白名單。"),
    ("捷惠科技", "R02"): ("lin", "外接媒體開機後可執行任意程式。"),
    ("捷惠科技", "R12"): ("chen", "自答不提供元件清單。"),
    ("捷惠科技", "R13"): ("wang", "日誌每日匯出一次，可於主機上修改。"),
    ("宏橡軟體", "R07"): ("zheng", "未揭露持股 25% 以上實質受益人，補正期限屆滿未補。"),
    ("遠衡系統", "R05"): ("zhang", "核心維護帳號仍為共用，預計明年三月納管。"),
}


def tell(people: dict[str, User], now: datetime) -> Tender:
    """Load the case, say who did what and when, put the ranking up for award and raise the open warning."""
    tender = load_case(
        read((HERE / "atm-endpoint.json").read_bytes()), now=now - timedelta(days=2), actor=people["zheng"]
    )
    _say_who_and_when(tender, people, now)
    _say_what_was_found(tender, people, now)
    present_ranking(actor=people["zheng"], tender=tender, now=now - timedelta(days=1))
    warning = raise_objection(
        actor=people["lin"],
        tender=tender,
        bid=tender.bids.get(vendor__name="磐礎資安"),
        requirement=tender.requirements.get(code="R04"),
        severity=Severity.CRITICAL,
        claim="白名單更新包之簽章金鑰由廠商單方保管",
        argument=(
            "磐礎資安的白名單更新包由原廠金鑰簽署，金鑰只存放於廠商機房。廠商遭入侵時，攻擊者可簽出合法更新包，"
            "直接派送到 1,204 台 ATM。測試機台已重現：以廠商測試金鑰簽署的任意程式可執行。"
        ),
        evidence="測試紀錄 T-19：以廠商測試金鑰簽署的程式於測試機台執行成功。",
        remedy="改由本行 HSM 保管簽章金鑰，廠商僅能送簽；或決標後 60 日內完成，未完成前不得派送至營運機台。",
        consequence="與 2016 年 ATM 盜領案同型：由派送伺服器植入程式。估計影響 1,204 台（林以安估計）。",
        due_at=now + timedelta(days=2),
        now=now - timedelta(hours=20),
    )
    state_opinion(
        actor=people["xu"],
        objection=warning,
        text="同意風險存在；改用 HSM 需多 45 天，影響 12 月換鈔期。建議先上線，條件列入驗收。",
        now=now - timedelta(hours=5),
    )
    return tender


def _say_who_and_when(tender: Tender, people: dict[str, User], now: datetime) -> None:
    tender.system, tender.system_class = "ATM 端點", SystemClass.CLASS_1
    tender.owner, tender.owner_unit = people["lin"], people["lin"].unit
    tender.approver, tender.escalation = people["cai"], people["shen"]
    tender.created_at = now - timedelta(days=48)
    tender.published_at = now - timedelta(days=34)
    tender.deadline = now - timedelta(days=13)
    tender.opened_at = now - timedelta(days=12)
    for requirement in tender.requirements.select_related("unit"):
        requirement.owner = people[OWNERS[requirement.unit.code]]
        requirement.save(update_fields=["owner"])
    for seat in tender.seats.all():
        seat.user = people[seat.code]
        seat.save(update_fields=["user"])
        ScoreSheet.objects.create(
            seat=seat, submitted_at=now - timedelta(days=5), signed_name=str(people[seat.code])
        )
    tender.published_text = publication_text(tender)
    tender.fingerprint = publication_fingerprint(tender.published_text)
    tender.save()
    for side, username in ((ClearanceSide.SECURITY, "he"), (ClearanceSide.OWNER, "lin")):
        Clearance.objects.create(
            tender=tender,
            side=side,
            fingerprint=tender.fingerprint,
            signer=people[username],
            signed_by=signature(people[username]),
            signed_at=now - timedelta(days=35),
        )


def _say_what_was_found(tender: Tender, people: dict[str, User], now: datetime) -> None:
    for claim in Claim.objects.filter(bid__tender=tender).select_related("bid__vendor", "requirement__unit"):
        finder, finding = FINDINGS.get(
            (claim.bid.vendor.name, claim.requirement.code),
            (OWNERS[claim.requirement.unit.code], "佐證齊備，與規格相符。"),
        )
        person = people[finder]
        claim.finding = finding
        claim.verified_by = f"{person} ({person.belongs_to})"
        claim.verified_at = now - timedelta(days=10)
        claim.save(update_fields=["finding", "verified_by", "verified_at"])
