"""Words that stand for a choice, in Traditional Chinese and English, and short results of award notices."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from procurement.sheets.amounts import parse_number
from procurement.sheets.numerals import CHINESE, fold, read_numeral
from procurement.sheets.unreadable import Unreadable, gettext_noop, shown


class Answer(Enum):
    """What somebody answers to a requirement. "Not applicable" is no yes: it never counts as met."""

    YES = "yes"
    NO = "no"
    NOT_APPLICABLE = "not applicable"


def _table(words: Mapping[str, str]) -> dict[str, str]:
    return {word: meaning for meaning, listed in words.items() for word in listed.split()}


_ANSWERS = {
    Answer.YES: (
        "是 有 可 對 符合 全部符合 完全符合 合格 達成 通過 v ✓ ✔ √ ☑ ■ ○ \u3007 o "
        "y yes true t 1 met pass passed comply complies compliant ok"
    ),
    Answer.NO: (
        "否 無 不 非 不可 不符 不符合 未符合 不合格 未達成 未通過 不通過 x ✗ ✘ ✕ × \u2573 ☒ "
        "n no false f 0 notmet unmet fail failed noncompliant notcompliant"
    ),
    Answer.NOT_APPLICABLE: "不適用 無須 免附 免 n/a na n.a notapplicable - – — ／ /",
}
_ANSWER_OF = {word: answer for answer, listed in _ANSWERS.items() for word in listed.split()}
_ANSWER_OF |= {fold(word).lower(): answer for word, answer in _ANSWER_OF.items()}

_SEVERITIES = _table(
    {
        "critical": "重大 嚴重 極高 緊急 critical crit severe",
        "high": "高 high",
        "medium": "中 中等 普通 一般 medium moderate med",
        "low": "低 輕微 low minor",
    }
)
_KINDS = _table(
    {
        "security": "資安 資訊安全 資通安全 安全 資安規格 security infosec cybersecurity",
        "legal": "法遵 法律 法務 法規 合規 legal compliance",
        "technical": "技術 功能 規格 技術規格 technical technology functional",
        "quality": "品質 品質與營運 服務 品質與服務 履約 quality service",
        "price": "價格 價金 標價 報價 price cost",
    }
)
_STATUSES = _table(
    {
        "valid": "有效 有效標 合格 合格標 valid",
        "withdrawn": "撤回 已撤回 撤標 withdrawn",
        "excluded": "排除 已排除 不合格 不合格標 無效 無效標 不予決標 excluded invalid disqualified",
    }
)
_EVIDENCE = _table(
    {
        "claimed": "廠商聲明 聲明 自述 claimed claim",
        "attested": "文件佐證 文件 佐證 attested document",
        "tested": "第三方測試 第三方 獨立測試 tested independentlytested thirdparty",
    }
)
_ABSTENTIONS = {
    "不評",
    "未評",
    "棄權",
    "迴避",
    "abstain",
    "abstained",
    "abstention",
    "notmarked",
    "n/a",
    "-",
    "–",
    "—",
}
_UNOPENED = {"未開標", "未開啟", "未啟封", "密封", "notopened", "unopened", "sealed"}

_NO_ANSWER = gettext_noop("“%(text)s” is not an answer: write met, not met or not applicable.")
_NO_YES_OR_NO = gettext_noop("“%(text)s” is neither yes nor no.")
_NO_SEVERITY = gettext_noop("“%(text)s” is not a severity: write critical, high, medium or low.")
_NO_KIND = gettext_noop("“%(text)s” is not a kind that may stand here: %(kinds)s.")
_NO_STATUS = gettext_noop("“%(text)s” is not the status of a bid: write valid, withdrawn or excluded.")
_NO_EVIDENCE = gettext_noop(
    "“%(text)s” is no level of evidence: write claimed, attested or independently tested."
)
_BOXES = gettext_noop("In “%(text)s” not exactly one box is ticked.")
_NO_STANDING = gettext_noop("“%(text)s” is no place, score or total that can be read.")

_TICKED, _EMPTY_BOX = "■☑☒▣✓✔", "□☐▢"
_BOX = re.compile(rf"([{_TICKED}{_EMPTY_BOX}])([^{_TICKED}{_EMPTY_BOX}]*)")


def _word(text: str) -> str:
    """Return the text as the tables hold it: folded, lower case, without spaces, hyphens and end marks."""
    word = re.sub(r"\s", "", fold(text).lower()).rstrip("。.!")
    return re.sub(r"(?<=[a-z])[-_](?=[a-z])", "", word) or word


def parse_answer(text: str) -> Answer:
    """Read met, not met or not applicable: 符合, 不符, 不適用, 是, v, ✓, x, N/A, □符合■不符合.

    Raises `Unreadable`.
    """
    word = _word(text)
    if word in _ANSWER_OF:
        return _ANSWER_OF[word]
    boxes = [(sign in _TICKED, label) for sign, label in _BOX.findall(word) if label]
    if len(boxes) > 1 and all(label.strip("()/,、") in _ANSWER_OF for _, label in boxes):
        ticked = [label for is_ticked, label in boxes if is_ticked]
        if len(ticked) != 1:
            raise Unreadable(_BOXES, {"text": shown(text)})
        return _ANSWER_OF[ticked[0].strip("()/,、")]
    raise Unreadable(_NO_ANSWER, {"text": shown(text)})


def parse_yes_no(text: str) -> bool:
    """Read yes or no; "not applicable" is refused."""
    word = _word(text)
    if word in ("必要", "必要項", "必備", "強制", "mandatory", "required", "must", "gate"):
        return True
    if word in ("評分", "評分項", "選配", "非必要", "加分", "optional", "scored", "should"):
        return False
    answer = _ANSWER_OF.get(word)
    if answer not in (Answer.YES, Answer.NO):
        raise Unreadable(_NO_YES_OR_NO, {"text": shown(text)})
    return answer is Answer.YES


def parse_severity(text: str) -> str:
    """Read a severity: ``critical``, ``high``, ``medium`` or ``low``."""
    severity = _SEVERITIES.get(_word(text))
    if severity is None:
        raise Unreadable(_NO_SEVERITY, {"text": shown(text)})
    return severity


def parse_kind(text: str, allowed: tuple[str, ...]) -> str:
    """Read a kind among ``allowed``, which are some of security, legal, technical, quality and price."""
    kind = _KINDS.get(_word(text))
    if kind not in allowed:
        raise Unreadable(_NO_KIND, {"text": shown(text), "kinds": ", ".join(allowed)})
    return kind


def parse_evidence(text: str) -> str:
    """Read the least level of evidence: ``claimed``, ``attested`` or ``tested``."""
    level = _EVIDENCE.get(_word(text))
    if level is None:
        raise Unreadable(_NO_EVIDENCE, {"text": shown(text)})
    return level


def parse_status(text: str) -> str:
    """Read the status of a bid: ``valid``, ``withdrawn`` or ``excluded``."""
    status = _STATUSES.get(_word(text))
    if status is None:
        raise Unreadable(_NO_STATUS, {"text": shown(text)})
    return status


def means_abstention(text: str) -> bool:
    """Say whether a cell for a mark says in words that there is none: 不評, 棄權, abstain, —."""
    return _word(text) in _ABSTENTIONS


def means_unopened(text: str) -> bool:
    """Say whether a cell for a price says in words that the price was not opened: 未開標, sealed."""
    return _word(text) in _UNOPENED


@dataclass(frozen=True, slots=True)
class Standing:
    """What the short text of an award notice says about a bid; None is what it does not say.

    ``score`` is the panel's score of one bid, ``total`` the sum over its members, ``quotient`` price ÷ total.
    ``ranked`` is False where the text says that the bid took no place.
    """

    rank: int | None = None
    rank_sum: Decimal | None = None
    score: Decimal | None = None
    total: Decimal | None = None
    average: Decimal | None = None
    quotient: Decimal | None = None
    ranked: bool | None = None


_FIGURE = rf"(?:為|是|:|第|=)?(-?[0-9]+(?:,[0-9]{{3}})*(?:\.[0-9]+)?|[{CHINESE}]+)"
#: Longer names first: each match is taken out of the text before the next pattern looks.
_STANDING = (
    (
        "ranked",
        re.compile(
            r"未達(?:合格|及格)分數(?:[0-9.]+分)?,?(?:不予|不列入)?(?:排序|排名)?|(?:不予|不列入)(?:排序|排名)"
        ),
    ),
    ("rank_sum", re.compile(rf"序位(?:名次)?(?:合計值|合計|總和|總計|加總|和|值)(?:值)?{_FIGURE}")),
    ("rank", re.compile(rf"(?:序位|名次|排名|排序){_FIGURE}名?")),
    (
        "average",
        re.compile(rf"(?:總平均評分|平均總評分|平均評分|總平均分數|平均分數|總平均|平均){_FIGURE}分?"),
    ),
    ("quotient", re.compile(rf"商數{_FIGURE}")),
    ("total", re.compile(rf"(?:合計總評分|總評分合計|總評分為|總分合計|合計總分|總分){_FIGURE}分?")),
    ("score", re.compile(rf"(?:總評分|評分|得分){_FIGURE}分")),
    ("total", re.compile(rf"總評分{_FIGURE}")),
)


def parse_standing(text: str) -> Standing:
    """Read what an award notice writes beside a bid: 序位第1/總評分85.2分, 序位和11，總平均評分85.14分.

    Raises `Unreadable` where something is left that has no reading.
    """
    rest = re.sub(r"\s", "", fold(text))
    found: dict[str, Decimal] = {}
    ranked: bool | None = None
    for name, pattern in _STANDING:
        match = pattern.search(rest)
        if match is None or name in found:
            continue
        rest = rest[: match.start()] + " " + rest[match.end() :]
        if name == "ranked":
            ranked = False
        else:
            found[name] = parse_number(match[1]) if match[1][0] not in CHINESE else read_numeral(match[1])
    if re.sub(r"[\s,/;:、。()]", "", rest) or (not found and ranked is None):
        raise Unreadable(_NO_STANDING, {"text": shown(text)})
    rank = found.pop("rank", None)
    if rank is not None and (rank < 1 or rank != rank.to_integral_value()):
        raise Unreadable(_NO_STANDING, {"text": shown(text)})
    return Standing(rank=None if rank is None else int(rank), ranked=ranked, **found)
