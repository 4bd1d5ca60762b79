"""What a column of an import is, and what its cells are read as."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

LANGUAGES = ("zh-Hant", "en")


@dataclass(frozen=True, slots=True)
class Words:
    """The same words in Traditional Chinese and in English."""

    zh: str
    en: str

    def of(self, language: str) -> str:
        """Return the words in a language: Chinese for every zh-…, else English."""
        return self.zh if language.startswith("zh") else self.en

    def __str__(self) -> str:
        """Both, for sentences that stand in either language."""
        return f"{self.zh} / {self.en}"


class Holds(Enum):
    """What the cells of a column are read as."""

    CODE = "code"
    LINE = "line"
    TEXT = "text"
    LIST = "list"
    POSITIVE = "number above 0"
    COUNT = "number from 0"
    SHARE = "weight"
    PRICE = "price"
    MONEY = "amount"
    MARK = "mark"
    YES_NO = "yes or no"
    ANSWER = "answer"
    SEVERITY = "severity"
    REQUIREMENT_KIND = "kind of requirement"
    CRITERION_KIND = "kind of criterion"
    EVIDENCE = "level of evidence"
    STATUS = "status"


#: The words of each closed choice: value in a row → what people pick in the templates.
CHOICES: Mapping[Holds, Mapping[object, Words]] = {
    Holds.YES_NO: {True: Words("是", "yes"), False: Words("否", "no")},
    Holds.ANSWER: {
        True: Words("符合", "met"),
        False: Words("不符", "not met"),
        None: Words("不適用", "not applicable"),
    },
    Holds.SEVERITY: {
        "critical": Words("重大", "critical"),
        "high": Words("高", "high"),
        "medium": Words("中", "medium"),
        "low": Words("低", "low"),
    },
    Holds.REQUIREMENT_KIND: {
        "security": Words("資安", "security"),
        "legal": Words("法遵", "legal"),
        "technical": Words("技術", "technical"),
    },
    Holds.CRITERION_KIND: {
        "security": Words("資安", "security"),
        "quality": Words("品質", "quality"),
        "price": Words("價格", "price"),
    },
    Holds.EVIDENCE: {
        "claimed": Words("廠商聲明", "claimed"),
        "attested": Words("文件佐證", "attested"),
        "tested": Words("第三方測試", "independently tested"),
    },
    Holds.STATUS: {
        "valid": Words("有效", "valid"),
        "withdrawn": Words("撤回", "withdrawn"),
        "excluded": Words("排除", "excluded"),
    },
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an import. ``required`` says that every row needs it; ``also`` are other names for it."""

    key: str
    zh: str
    en: str
    required: bool
    kind: Holds
    help: Words
    example: Words
    also: tuple[str, ...] = ()

    @property
    def names(self) -> Words:
        """The name in both languages."""
        return Words(self.zh, self.en)


@dataclass(frozen=True, slots=True)
class Template:
    """One kind of import: the names of its sheet, its columns, and which of them no two rows may share."""

    kind: str
    sheet: Words
    also: tuple[str, ...]
    unique: tuple[str, ...]
    columns: tuple[Column, ...]
