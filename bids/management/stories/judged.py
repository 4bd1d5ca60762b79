"""Tenders of the story on which people disagree, decide and answer for it."""

from datetime import datetime, timedelta

from django.utils import timezone

from bids.actions.answers import Term, answer_objection, meet_condition
from bids.actions.awards import Words, present_ranking
from bids.actions.differences import correct_mark
from bids.actions.incidents import record_incident
from bids.actions.objections import raise_objection, state_opinion
from bids.actions.opening import lock_marks, open_prices
from bids.actions.promises import sign_off
from bids.actions.resolutions import dissent
from bids.actions.snapshots import on_screen
from bids.actions.waivers import propose_waiver, sign_waiver
from bids.choices import AnswerKind, Envelope, Outcome
from bids.models import Bid, Claim, Condition, Mark, Promise
from bids.queries import Leaf
from procurement.choices import Severity
from procurement.models import Tender, User, Vendor

from .decided import Said, approved, recommended
from .secret import Secrets
from .teller import Teller


def tell(people: dict[str, User], secrets: Secrets, now: datetime) -> None:
    """One tender whose panel is to settle a difference, and one awarded, with promises to be kept."""
    teller = Teller(people, secrets)
    _apart(teller, now)
    _awarded(teller, now)


# --- where the units are apart ----------------------------------------------------------------------------
def _apart(teller: Teller, now: datetime) -> None:
    words = ("ITS-2026-044", "分行網路存取控制（NAC）", "分行網路")
    tender = teller.whole(*words, millions=14, deadline=now - timedelta(days=8), now=now - timedelta(days=30))
    for username, price in (("yuanheng", 12_100_000), ("dingche", 12_900_000), ("hongxiang", 10_800_000)):
        teller.bid(tender, username, price, now - timedelta(days=9))
    tender = teller.open(tender, now - timedelta(days=7))
    teller.verify(tender, now - timedelta(days=6), "security", "it", "procurement")
    teller.mark_and_sign(tender, "lin", now - timedelta(days=4), _by_order)
    teller.mark_and_sign(tender, "wang", now - timedelta(days=4), _by_order)
    teller.mark_and_sign(tender, "xu", now - timedelta(days=3), _of_business)
    own = Mark.objects.filter(bid__tender=tender, seat__code="xu").select_related("seat__tender")
    correct_mark(
        actor=teller.people["xu"],
        mark=own.get(criterion__code="Q2", bid__vendor__name="遠衡系統"),
        corrected=4,
        reason="討論後：分行假日支援已於服務建議書第 31 頁載明。",
        seen=0,
        now=now - timedelta(hours=5),
    )


def _by_order(_leaf: Leaf, bid: Bid) -> str:
    """The bid that came in first is the best."""
    return str(5 - bid.position)


def _of_business(leaf: Leaf, bid: Bid) -> str:
    """What is quick to build pleases business, whatever security thinks of it."""
    quick = {"遠衡系統": "2", "鼎澈資訊": "3", "宏橡軟體": "5"}
    return quick[bid.vendor.name] if leaf.row.code in {"Q1", "Q2"} else "4"


# --- from the differences to the promises -----------------------------------------------------------------
def _awarded(teller: Teller, now: datetime) -> None:
    words = ("ITS-2026-038", "特權帳號管理（PAM）建置", "伺服器維運")
    tender = teller.whole(
        *words, millions=20, deadline=now - timedelta(days=60), now=now - timedelta(days=90)
    )
    for username, price, unmet in (
        ("panchu", 17_200_000, ("R09",)),
        ("dingche", 18_400_000, ()),
        ("jiehui", 11_900_000, ("R05", "R12", "R13")),
    ):
        teller.bid(tender, username, price, now - timedelta(days=61), unmet=unmet)
    tender = teller.open(tender, now - timedelta(days=58))
    teller.verify(tender, now - timedelta(days=56), "security", "it", "procurement")
    for username in ("lin", "wang", "xu"):
        teller.mark_and_sign(tender, username, now - timedelta(days=54), _of_one_mind)
    _waived(teller, tender, now - timedelta(days=53))
    tender = lock_marks(actor=teller.officer, tender=tender, now=now - timedelta(days=52))
    teller.unlock(tender, Envelope.PRICE, now - timedelta(days=51))
    tender = open_prices(actor=teller.officer, tender=tender, now=now - timedelta(days=51))
    _warned(teller, tender, now - timedelta(days=50))
    tender = present_ranking(actor=teller.officer, tender=tender, now=now - timedelta(days=48))
    _signed(teller, tender, now - timedelta(days=47))
    _kept(teller, tender, now)


def _of_one_mind(_leaf: Leaf, bid: Bid) -> str:
    """Everybody sees the same."""
    return {"磐礎資安": "5", "鼎澈資訊": "4", "捷惠科技": "2"}[bid.vendor.name]


def _waived(teller: Teller, tender: Tender, now: datetime) -> None:
    """The gate that the best bid fails is waived for a time, by security and by an approver."""
    claim = Claim.objects.get(bid__tender=tender, bid__vendor__name="磐礎資安", requirement__code="R09")
    waiver = propose_waiver(
        actor=teller.officer,
        claim=claim,
        reason="通報介接規格尚待主管機關公布，先以人工通報替代。",
        control="資安處每日人工比對並通報。",
        expires_on=timezone.localdate(now) + timedelta(days=170),
        now=now,
    )
    for username in ("chen", "ye"):
        waiver.refresh_from_db()
        sign_waiver(actor=teller.people[username], waiver=waiver, seen=waiver.version, now=now)


def _warned(teller: Teller, tender: Tender, now: datetime) -> None:
    """Security warns, business disagrees, and an approver takes the risk with conditions and a day."""
    people = teller.people
    objection = raise_objection(
        actor=people["lin"],
        tender=tender,
        bid=tender.bids.get(vendor__name="磐礎資安"),
        requirement=tender.requirements.get(code="R05"),
        severity=Severity.HIGH,
        claim="維護廠商的緊急帳號不經保險庫",
        argument="緊急帳號可繞過雙人覆核直接登入核心主機，事後才補登。",
        remedy="緊急帳號改由本行保管，使用時雙人開啟。",
        consequence="維護人員帳號遭竊時，無人能即時發現。",
        due_at=now + timedelta(days=3),
        now=now,
    )
    state_opinion(
        actor=people["xu"],
        objection=objection,
        text="同意風險存在；改由本行保管將延後上線六週，建議附條件先行。",
        now=now + timedelta(hours=20),
    )
    then, today = now + timedelta(days=1), timezone.localdate(now)
    terms = [
        Term("緊急帳號納入保險庫", "使用前電話通知資安處", people["wang"], today + timedelta(days=30)),
        Term("完成雙人覆核演練並留存紀錄", "每週抽查登入紀錄", people["lin"], today + timedelta(days=90)),
    ]
    objection.refresh_from_db()
    answer_objection(
        actor=people["cai"],
        objection=objection,
        seen=on_screen(objection, then),
        kind=AnswerKind.ACCEPTED,
        reason="年底前須完成特權帳號納管；以逐次通知與抽查控制過渡期風險。",
        expires_on=today + timedelta(days=150),
        conditions=terms,
        now=then,
    )


def _signed(teller: Teller, tender: Tender, now: datetime) -> None:
    """The panel recommends, both sides approve, and the approver decides."""
    said = Said(
        "磐礎資安",
        "資安與品質得分最高，風險已附條件。",
        "多付的金額換得事件日誌不可竄改、元件清單與保險庫控管。",
        Words(
            reason="依委員會建議決標予第一名。",
            benefits="最低價廠商不符三項必要要求，其中共用帳號無法歸責。",
        ),
    )
    dissent(
        actor=teller.people["xu"],
        resolution=recommended(tender, teller.people, said, now),
        text="上線時程未列入給分，建議下次列為評分項。",
        now=now + timedelta(hours=1),
    )
    approved(tender, teller.people, said, now + timedelta(days=1))


def _kept(teller: Teller, tender: Tender, now: datetime) -> None:
    """Some promises are kept, one is broken, a condition is met, and something happened."""
    people = teller.people
    first = Condition.objects.filter(answer__objection__tender=tender).order_by("position").first()
    meet_condition(
        actor=people["wang"],
        condition=first,
        evidence="保險庫設定畫面與測試紀錄 T-31。",
        now=now - timedelta(days=22),
    )
    outcomes = {"R03": Outcome.KEPT, "R07": Outcome.KEPT, "R12": Outcome.BROKEN}
    for promise in Promise.objects.filter(tender=tender, requirement__code__in=outcomes).order_by("pk"):
        outcome = outcomes[promise.requirement.code]
        sign_off(
            actor=promise.owner,
            promise=promise,
            outcome=outcome,
            text="佐證與承諾相符。" if outcome == Outcome.KEPT else "元件清單缺少第三方函式庫版本。",
            file=None,
            seen=promise.version,
            now=now - timedelta(days=6),
        )
    record_incident(
        actor=people["chen"],
        vendor=Vendor.objects.get(name="捷惠科技"),
        tender=None,
        severity=Severity.HIGH,
        happened_on=timezone.localdate(now) - timedelta(days=200),
        what="維護人員將測試主機密碼寄至私人信箱。",
        now=now - timedelta(days=198),
    )
