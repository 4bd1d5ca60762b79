"""What the story's vendors declare about themselves, and who asks to be let in."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from bids.actions.companies import (
    approve_registration,
    ask_registration,
    declare_company,
    refuse_registration,
)
from bids.queries import latest_profile
from procurement.models import Registration, User, Vendor

_INNER = "台北市內湖區瑞光路 513 號 8 樓"

#: By user name. Two of them have more in common than a market would make.
DECLARED: dict[str, dict[str, Any]] = {
    "panchu": {
        "address": "新竹市東區光復路二段 101 號",
        "phone": "03-571-2200",
        "contact": "高偉倫",
        "email": "contact@panchu.example",
        "account": "808-0123456789",
        "owners": [{"name": "磐石投資股份有限公司", "country": "TW", "share": "42"}],
        "subcontractors": [{"name": "泓信資安檢測有限公司", "country": "TW", "work": "滲透測試"}],
        "origins": [
            {"product": "端點防護主程式", "country": "TW"},
            {"product": "威脅情資", "country": "US"},
        ],
    },
    "yuanheng": {
        "address": _INNER,
        "phone": "02-2658-7700",
        "contact": "謝佳玲",
        "email": "bids@yuanheng.example",
        "account": "812-2200456701",
        "owners": [{"name": "衡遠控股股份有限公司", "country": "TW", "share": "61"}],
        "subcontractors": [{"name": "捷惠科技", "country": "TW", "work": "分行到場維修"}],
        "origins": [{"product": "連線管理設備", "country": "JP"}],
    },
    "jiehui": {
        "address": _INNER,
        "phone": "+886 2 2658 7700",
        "contact": "簡志明",
        "email": "sales@jiehui.example",
        "account": "700-0031200987",
        "owners": [
            {"name": "衡遠控股股份有限公司", "country": "TW", "share": "30"},
            {"name": "簡志明", "country": "TW", "share": "35"},
        ],
        "subcontractors": [],
        "origins": [{"product": "防護代理程式", "country": "CN"}],
    },
    "dingche": {
        "address": "台北市信義區松仁路 100 號 20 樓",
        "phone": "02-8722-1000",
        "contact": "鍾承翰",
        "email": "tender@dingche.example",
        "account": "013-5566001122",
        "control": "SG",
        "owners": [{"name": "Dingche Holdings Pte. Ltd.", "country": "SG", "share": "80"}],
        "subcontractors": [{"name": "Dingche Labs GmbH", "country": "DE", "work": "第三線支援"}],
        "origins": [{"product": "端點防護", "country": "DE"}],
    },
}

#: Who asks to be let in, and how many days ago.
_ASKED = (
    (
        {
            "name": "青禾雲端股份有限公司",
            "tax_id": "61509274",
            "country": "TW",
            "person": "盧若涵",
            "email": "lu@qinghe.example",
            "phone": "02-2700-3300",
            "words": "雲端備份與還原服務。",
        },
        40,
    ),
    (
        {
            "name": "Fast Win Trading",
            "tax_id": "",
            "country": "HK",
            "person": "Mark Lee",
            "email": "mark@fastwin.example",
            "phone": "+852 3000 0000",
            "words": "All kinds of equipment.",
        },
        12,
    ),
    (
        {
            "name": "曜石資安股份有限公司",
            "tax_id": "55667788",
            "country": "TW",
            "person": "蘇品妤",
            "email": "su@obsidian.example",
            "phone": "04-2326-1100",
            "words": "原始碼檢測與紅隊演練。",
        },
        2,
    ),
)


def tell(people: dict[str, User], password: str, now: datetime) -> None:
    """Four of five declare, one of them twice; one company was let in, one was not, one waits."""
    for username, values in DECLARED.items():
        person = people[username]
        certificates = _certificates(username, now)
        if username == "panchu":
            _declare(person, values | {"subcontractors": []}, certificates[:1], now - timedelta(days=210))
        _declare(person, values, certificates, now - timedelta(days=100))
    _let_in(people, password, now)


def _certificates(username: str, now: datetime) -> list[dict[str, str]]:
    """One ends within the month, and one has ended."""
    days = {"panchu": (18, 410), "yuanheng": (260,), "jiehui": (-12,), "dingche": (330, 500)}[username]
    names = (("ISO/IEC 27001:2022", "BSI"), ("ISO 22301:2019", "SGS"))
    return [
        {
            "name": name,
            "issuer": issuer,
            "number": f"IS {7400 + place}-{username}",
            "until": (timezone.localdate(now) + timedelta(days=left)).isoformat(),
        }
        for place, ((name, issuer), left) in enumerate(zip(names, days, strict=False))
    ]


def _declare(person: User, values: dict[str, Any], certificates: list[dict[str, str]], at: datetime) -> None:
    vendor = Vendor.objects.get(people=person)
    last = latest_profile(vendor)
    given = {"country": "TW", "control": "TW", "no_large_owner": False, "certificates": certificates} | values
    declare_company(actor=person, vendor=vendor, values=given, seen=last.number if last else 0, now=at)


def _let_in(people: dict[str, User], password: str, now: datetime) -> None:
    officer = people["zheng"]
    here, refused, _waits = (_ask(one, password, now - timedelta(days=days)) for one, days in _ASKED)
    approve_registration(
        actor=officer,
        registration=here,
        vendor=None,
        reason="公司登記與統一編號已查核。",
        seen=here.version,
        now=now - timedelta(days=39),
    )
    refuse_registration(
        actor=officer,
        registration=refused,
        reason="查無公司登記，電話無人接聽；補件後可再申請。",
        seen=refused.version,
        now=now - timedelta(days=11),
    )


def _ask(values: dict[str, str], password: str, at: datetime) -> Registration:
    return ask_registration(values=values, password=password, language="zh-hant", address=None, now=at)
