"""What vendors of the story ask about an open tender, and what all of them are answered."""

from datetime import datetime, timedelta

from bids.actions.questions import ask_question, draft_answer, release_answers, route_question
from procurement.models import Question, Tender, User

HOUR = timedelta(hours=1)

_PEAK = {
    "public_zh": "附件二的每秒 4,000 筆交易是否包含尖峰流量？",
    "public_en": "Do the 4,000 transactions a second of annex 2 include the peak?",
    "answer_zh": "包含尖峰流量。附件二已配合修正。",
    "answer_en": "They include the peak. Annex 2 was amended accordingly.",
}
_SBOM = {
    "public_zh": "軟體物料清單可否以 CycloneDX 格式提供？",
    "public_en": "May the software bill of materials be handed in as CycloneDX?",
    "answer_zh": "可以。CycloneDX 或 SPDX 皆可，版本須為公告日仍受支援者。",
    "answer_en": "Yes. CycloneDX or SPDX, in an edition that was still supported on the day of publication.",
}


def _ask(tender: Tender, who: User, text: str, at: datetime, code: str = "") -> Question:
    about = tender.requirements.filter(code=code).first()
    return ask_question(actor=who, tender=tender, text=text, requirement=about, clock=lambda: at)


def _answer(row: Question, who: User, words: dict[str, str], at: datetime, amendment: int | None) -> None:
    row.refresh_from_db()
    draft_answer(
        actor=who,
        question=row,
        seen=row.version,
        clock=lambda: at,
        **words,
        changes=amendment is not None,
        amendment=amendment,
    )


def answered_together(tender: Tender, people: dict[str, User], at: datetime) -> None:
    """Two vendors ask the same; the unit answers once, and the officer releases it to all."""
    zheng, lin = people["zheng"], people["lin"]
    first = _ask(tender, people["panchu"], "物料清單可否以 CycloneDX 格式提供？", at, "R09")
    second = _ask(tender, people["yuanheng"], "SBOM 是否接受 CycloneDX？", at + 3 * HOUR, "R09")
    route_question(
        actor=zheng,
        question=second,
        unit=second.unit,
        same_as=first,
        seen=second.version,
        clock=lambda: at + 5 * HOUR,
    )
    unit = lin.unit
    if first.unit != unit:
        route_question(
            actor=zheng, question=first, unit=unit, same_as=None, seen=1, clock=lambda: at + 5 * HOUR
        )
    _answer(first, lin, _SBOM, at + 20 * HOUR, None)
    release_answers(actor=zheng, tender=tender, chosen=[first], clock=lambda: at + 26 * HOUR)


def asked_about_the_peak(tender: Tender, people: dict[str, User], at: datetime) -> Question:
    """A question whose answer changes an annex."""
    return _ask(tender, people["dingche"], "附件二的 4,000 筆是否含尖峰？", at)


def answered_by_amendment(
    tender: Tender, row: Question, people: dict[str, User], at: datetime, *, amendment: int
) -> None:
    """The amendment is in force, and the answer names it."""
    _answer(row, people["zheng"], _PEAK, at, amendment)
    release_answers(actor=people["zheng"], tender=tender, chosen=[row], clock=lambda: at)


def left_waiting(tender: Tender, people: dict[str, User], now: datetime) -> None:
    """One that is overdue at security, and one that came in this morning."""
    _ask(tender, people["jiehui"], "弱點修補時限是否自原廠公告日起算？", now - timedelta(days=4), "R05")
    _ask(tender, people["hongxiang"], "駐點人員是否須每月輪調？", now - 4 * HOUR)
