"""Who plays in the story: all of them made up."""

from dataclasses import dataclass

from procurement.choices import Role
from procurement.models import Unit, User, Vendor

UNITS = {
    "security": ("資安處", "Security"),
    "it": ("資訊處", "IT"),
    "business": ("業務處", "Business"),
    "external": ("外聘委員", "External experts"),
    "procurement": ("採購處", "Procurement"),
    "audit": ("稽核處", "Audit"),
    "management": ("總經理室", "Executive office"),
}

#: 統一編號 of the vendors: made up, with a checksum that is right.
TAX_IDS = {
    "磐礎資安": "53021742",
    "遠衡系統": "70144260",
    "鼎澈資訊": "28917355",
    "捷惠科技": "16475805",
    "宏橡軟體": "42388617",
}


@dataclass(frozen=True)
class Part:
    """One person of the story; `home` is a unit's code, or a vendor's name."""

    username: str
    name: str
    job_title: str
    role: Role
    home: str


PARTS = (
    Part("zheng", "鄭淑芬", "經理", Role.OFFICER, "procurement"),
    Part("lin", "林以安", "副處長", Role.MEMBER, "security"),
    Part("chen", "陳柏睿", "資安工程師", Role.MEMBER, "security"),
    Part("wang", "王思源", "處長", Role.MEMBER, "it"),
    Part("zhang", "張家瑜", "系統工程師", Role.MEMBER, "it"),
    Part("xu", "許文彬", "副處長", Role.MEMBER, "business"),
    Part("huang", "黃詩涵", "通路專員", Role.MEMBER, "business"),
    Part("zhou", "周明哲", "教授", Role.MEMBER, "external"),
    Part("ye", "葉國棟", "副總經理", Role.APPROVER, "management"),
    Part("cai", "蔡明哲", "副總經理", Role.APPROVER, "management"),
    Part("shen", "沈書郁", "總經理", Role.APPROVER, "management"),
    Part("he", "何靜宜", "資安長", Role.APPROVER, "security"),
    Part("jiang", "江明德", "業務處處長", Role.APPROVER, "business"),
    Part("fang", "方雅琪", "稽核", Role.AUDITOR, "audit"),
    Part("admin", "羅志豪", "系統管理員", Role.ADMINISTRATOR, "it"),
    Part("panchu", "高偉倫", "業務經理", Role.VENDOR, "磐礎資安"),
    Part("yuanheng", "謝佳玲", "專案經理", Role.VENDOR, "遠衡系統"),
    Part("dingche", "鍾承翰", "業務經理", Role.VENDOR, "鼎澈資訊"),
    Part("jiehui", "簡志明", "業務副理", Role.VENDOR, "捷惠科技"),
    Part("hongxiang", "賴怡君", "專案經理", Role.VENDOR, "宏橡軟體"),
)


def enter_people(password: str) -> dict[str, User]:
    """Enter units, vendors and people with one password for all; gives back people by user name."""
    units = {
        code: Unit.objects.get_or_create(code=code, defaults={"name_zh": zh, "name_en": en, "kind": code})[0]
        for code, (zh, en) in UNITS.items()
    }
    people = {}
    for part in PARTS:
        vendor = _vendor(part.home) if part.role == Role.VENDOR else None
        person = User(
            username=part.username,
            name=part.name,
            job_title=part.job_title,
            role=part.role,
            unit=None if vendor else units[part.home],
            vendor=vendor,
            email=f"{part.username}@assay.example",
        )
        person.set_password(password)
        person.full_clean(exclude=["password"])
        person.save()
        people[part.username] = person
    return people


def _vendor(name: str) -> Vendor:
    return Vendor.objects.get_or_create(name=name, defaults={"tax_id": TAX_IDS[name]})[0]
