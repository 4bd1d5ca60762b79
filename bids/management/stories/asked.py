"""How the story's tenders came to what they ask: the intake, and what security agreed to lower."""

from datetime import datetime

from bids.actions.asking import standing_of
from bids.actions.clearances import sign_off_draft
from bids.actions.publication import draft_fingerprint
from procurement import intake
from procurement.actions.intake import answer_intake, answer_lowering, ask_to_lower, confirm_steps
from procurement.choices import Agreement, ClearanceSide
from procurement.models import Intake, Tender, User

#: Answers that make a Class 2 system of level 中.
ANSWERS: intake.Answers = {
    "bought": ["network-soc"],
    "system": "supports",
    "data": "personal",
    "exposure": "internal",
    "operator": "remote",
    "impact": "some",
    "place": "premises",
    "price": "from-10m",
}

#: What was done before the tender, by step.
_STEPS = {
    "feasibility": "資安處可行性分析 115 資安字第 021 號，林以安",
    "concentration": "採購處集中度檢核，現有契約未逾三成，鄭淑芬",
    "cost": "預算書第 7 項列資安經費 12%",
}

_REASON = "沿用全行共通資安規格 R01 至 R13；內建基準之其餘要求已由該規格或既有主契約涵蓋。"
_ANSWER = "已逐項比對，本案可沿用；下次改版併入內建基準。"


def answered(tender: Tender, officer: User, now: datetime, answers: intake.Answers = ANSWERS) -> Intake:
    """The officer answers the questions, and says what was done before the tender."""
    row = answer_intake(actor=officer, tender=tender, answers=answers, seen=0, now=now)
    confirm_steps(actor=officer, tender=tender, notes=_STEPS, now=now)
    return row


def lowered(tender: Tender, officer: User, security: User, now: datetime) -> None:
    """What the draft does not take over of what is proposed, with security's agreement by name."""
    standing = standing_of(tender)
    items = [intake.lowering_of(one) for one in standing.unasked] if standing else []
    lowering = ask_to_lower(actor=officer, tender=tender, items=items, reason=_REASON, now=now)
    answer_lowering(
        actor=security, lowering=lowering, answer=Agreement.AGREED, reason=_ANSWER, seen=1, now=now
    )


def signed_off(tender: Tender, people: dict[str, User], now: datetime, *sides: ClearanceSide) -> None:
    """Security and the accountable unit, or one of them, sign what the draft says."""
    signers = {ClearanceSide.SECURITY: people["he"], ClearanceSide.OWNER: people["lin"]}
    for side in sides or signers:
        actor = signers[side]
        sign_off_draft(actor=actor, tender=tender, side=side, seen=draft_fingerprint(tender), now=now)
