"""What the columns of each import are called, what they hold, and what may stand in them.

The keys are those of the case file. A column is known by its key, by its name in either language, and by the
other names that people give it; spaces, brackets, stars and full width make no difference.
"""

from collections.abc import Mapping

from procurement.sheets.kinds import CHOICES, LANGUAGES, Column, Holds, Template, Words

__all__ = [
    "BIDS",
    "CHOICES",
    "CLAIMS",
    "CRITERIA",
    "LANGUAGES",
    "MARKS",
    "NOTES",
    "REQUIREMENTS",
    "TEMPLATES",
    "Column",
    "Holds",
    "Template",
    "Words",
]

_VENDOR_NAMES = (
    "廠商名稱",
    "投標廠商",
    "投標廠商名稱",
    "供應商",
    "bidder",
    "supplier",
    "tenderer",
    "company",
)
_CODE = Words("每列不同的短代號。", "A short code, different in each row.")
_VENDOR = Words("廠商全名，各表寫法一致。", "The vendor's full name, written alike on every sheet.")
_NO_EXAMPLE = Words("", "")

REQUIREMENTS = Template(
    "requirements",
    Words("要求", "Requirements"),
    ("資安要求", "規格", "資安規格", "requirement", "specification"),
    ("code",),
    (
        Column(
            "code", "編號", "Code", True, Holds.CODE, _CODE, Words("R01", "R01"), ("要求編號", "id", "代號")
        ),
        Column(
            *("title", "要求", "Requirement", True, Holds.LINE),
            Words("一句話說明要求什麼。", "What is required, in one sentence."),
            Words("ATM 主機執行白名單", "The ATM host runs listed programs only"),
            ("title", "名稱", "標題", "要求內容", "內容", "規格", "description"),
        ),
        Column(
            *("kind", "類別", "Kind", False, Holds.REQUIREMENT_KIND),
            Words("資安、法遵或技術；空白為資安。", "Security, legal or technical; empty means security."),
            Words("資安", "security"),
            ("種類", "type"),
        ),
        Column(
            *("mandatory", "必要", "Mandatory", False, Holds.YES_NO),
            Words(
                "是：不符即不列入；空白為是。", "Yes: a bid that does not meet it is out; empty means yes."
            ),
            Words("是", "yes"),
            ("必要項", "是否必要", "必要/評分", "gate"),
        ),
        Column(
            *("severity", "嚴重度", "Severity", False, Holds.SEVERITY),
            Words("重大、高、中或低；空白為中。", "Critical, high, medium or low; empty means medium."),
            Words("重大", "critical"),
            ("嚴重程度", "重要性", "等級"),
        ),
        Column(
            *("unit", "權責單位", "Accountable unit", False, Holds.LINE),
            Words("誰為這項要求負責。", "Who answers for the requirement."),
            Words("資安處", "IT security"),
            ("單位", "負責單位", "unit", "owner"),
        ),
        Column(
            *("source", "依據", "Source", False, Holds.TEXT),
            Words("法規、標準或契約條款。", "The law, standard or clause it comes from."),
            Words("內部規範 4.2", "Internal rule 4.2"),
            ("來源", "出處", "法源", "reference"),
        ),
        Column(
            *("evidence", "佐證", "Evidence", False, Holds.TEXT),
            Words("廠商應附的文件。", "What vendors are to hand in as proof."),
            Words("第三方測試報告", "An independent test report"),
            ("佐證資料", "證明文件", "應附文件", "evidence asked"),
        ),
        Column(
            *("criterion", "對應準則", "Read beside", False, Holds.CODE),
            Words(
                "評這項準則時並列查閱；空白為不並列。", "The criterion beside which it is read when marking."
            ),
            Words("S1", "S1"),
            ("準則", "準則編號", "評選準則", "criterion code"),
        ),
        Column(
            *("title_en", "英文要求", "Requirement in English", False, Holds.LINE),
            Words("供閱讀英文者；空白時顯示正式文字。", "For readers of English; empty: the text of record."),
            Words("The ATM host runs listed programs only", "The ATM host runs listed programs only"),
            ("英文", "要求英文", "english"),
        ),
        Column(
            *("why", "為何要求", "Why", False, Holds.TEXT),
            Words("要求的理由。", "The reason for asking."),
            Words("ATM 的惡意程式都是多出來的程式", "Malware on cash machines is a program too many"),
            ("理由", "原因", "rationale"),
        ),
        Column(
            *("why_en", "英文理由", "Why, in English", False, Holds.TEXT),
            Words("供閱讀英文者。", "For readers of English."),
            _NO_EXAMPLE,
        ),
        Column(
            *("pass_test", "符合條件", "Met when", False, Holds.TEXT),
            Words("符合時，檢驗者做什麼、看到什麼。", "What somebody does, and sees, when it is met."),
            Words("執行未列名程式，遭阻擋", "An unlisted program is blocked"),
            ("通過條件", "驗收條件", "pass test"),
        ),
        Column(
            *("pass_test_en", "英文符合條件", "Met when, in English", False, Holds.TEXT),
            Words("供閱讀英文者。", "For readers of English."),
            _NO_EXAMPLE,
        ),
        Column(
            *("evidence_en", "英文佐證", "Evidence in English", False, Holds.TEXT),
            Words("供閱讀英文者。", "For readers of English."),
            _NO_EXAMPLE,
        ),
        Column(
            *("evidence_level", "最低佐證程度", "Least evidence", False, Holds.EVIDENCE),
            Words("廠商聲明、文件佐證或第三方測試。", "Claimed, attested or independently tested."),
            Words("文件佐證", "attested"),
            ("佐證程度", "佐證等級", "evidence level"),
        ),
        Column(
            *("catalogue", "來源目錄", "Catalogue", False, Holds.LINE),
            Words(
                "條文取自哪一份目錄；自訂者空白。", "The catalogue it was copied from; empty: written here."
            ),
            _NO_EXAMPLE,
            ("目錄", "目錄代號"),
        ),
        Column(
            *("catalogue_version", "目錄版本", "Edition", False, Holds.LINE),
            Words("該目錄的版本。", "The edition of that catalogue."),
            _NO_EXAMPLE,
        ),
        Column(
            *("entry", "目錄條號", "Entry", False, Holds.LINE),
            Words("該目錄中的條號。", "The identifier in that catalogue."),
            _NO_EXAMPLE,
        ),
        Column(
            *("entry_digest", "條文指紋", "Digest of the entry", False, Holds.LINE),
            Words("複製時條文的 SHA-256。", "SHA-256 of the entry's text when it was copied."),
            _NO_EXAMPLE,
        ),
    ),
)

CRITERIA = Template(
    "criteria",
    Words("準則", "Criteria"),
    ("評選準則", "評選項目", "criterion"),
    ("code",),
    (
        Column(
            "code", "編號", "Code", True, Holds.CODE, _CODE, Words("S1", "S1"), ("準則編號", "id", "代號")
        ),
        Column(
            *("parent", "上層", "Parent", False, Holds.CODE),
            Words("上一層準則的編號；空白為最上層。", "The code of the criterion above; empty at the top."),
            Words("S", "S"),
            ("上層編號", "父項", "parent code"),
        ),
        Column(
            *("title", "準則", "Criterion", True, Holds.LINE),
            Words("準則名稱。", "What the criterion is called."),
            Words("存取控制", "Access control"),
            ("title", "名稱", "評選準則", "評選項目", "標題"),
        ),
        Column(
            *("title_en", "英文準則", "Criterion in English", False, Holds.LINE),
            Words("供閱讀英文者；空白時顯示正式文字。", "For readers of English; empty: the text of record."),
            Words("Access control", "Access control"),
            ("英文", "準則英文", "英文名稱", "english"),
        ),
        Column(
            *("kind", "類別", "Kind", False, Holds.CRITERION_KIND),
            Words(
                "資安、品質或價格；最下層必填。", "Security, quality or price; needed on the lowest level."
            ),
            Words("資安", "security"),
            ("種類", "type"),
        ),
        Column(
            *("weight", "權重", "Weight", True, Holds.SHARE),
            Words("配分或同層內的比重，大於 0。", "Points, or the share among its siblings; above 0."),
            Words("35", "35"),
            ("配分", "占比", "層內占比", "points", "share"),
        ),
        Column(
            *("minimum", "最低分", "Minimum", False, Holds.COUNT),
            Words("低於此實得配分即不列入。", "A bid with fewer effective points here is out."),
            Words("21", "21"),
            ("及格分數", "門檻", "minimum points"),
        ),
        Column(
            *("maximum", "滿分", "Maximum", False, Holds.POSITIVE),
            Words(
                "委員評分的上限；空白為實得配分。", "The top of the scale; empty means its effective points."
            ),
            Words("5", "5"),
            ("最高分", "上限", "max points", "scale"),
        ),
        Column(
            *("units", "評分單位", "Units", False, Holds.LIST),
            Words(
                "哪些單位評這項，以頓號分開；空白為全部。", "Which units mark it, separated by ;. Empty: all."
            ),
            Words("資安處、資訊處", "IT security; IT"),
            ("單位", "評分之單位", "marking units"),
        ),
        Column(
            *("value", "折價", "Value", False, Holds.MONEY),
            Words(
                "滿分可折抵的金額，僅調整價法使用。", "Money that full points are worth; adjusted price only."
            ),
            _NO_EXAMPLE,
            ("折抵金額", "quality value"),
        ),
        Column(
            *("anchors", "給分標準", "Anchors", False, Holds.TEXT),
            Words("每行一個分數：5 = 本行實測。", "What the marks mean, one a line: 5 = tested by us."),
            Words("5 = 本行實測\n0 = 未提供", "5 = tested by us\n0 = nothing handed in"),
            ("給分說明", "評分標準", "anchor"),
        ),
        Column(
            *("evidence_caps", "佐證設限", "Evidence caps", False, Holds.YES_NO),
            Words(
                "佐證不足時是否限制給分；空白：資安為是，其他為否。",
                "Whether weak evidence caps the mark; empty: yes for security, no for others.",
            ),
            Words("是", "yes"),
            ("佐證上限", "依佐證設限"),
        ),
    ),
)

BIDS = Template(
    "bids",
    Words("投標", "Bids"),
    ("標單", "投標廠商", "廠商", "bid", "bidders"),
    ("vendor",),
    (
        Column(
            "vendor", "廠商", "Vendor", True, Holds.LINE, _VENDOR, Words("磐礎資安", "Bedrock"), _VENDOR_NAMES
        ),
        Column(
            *("price", "標價", "Price", True, Holds.PRICE),
            Words(
                "含稅總價；未開標者寫「未開標」。",
                "The price, tax included; “not opened” while it is sealed.",
            ),
            Words("15,460,000", "15,460,000"),
            ("報價", "總標價", "投標金額", "標價金額", "金額", "總價", "bid price", "amount"),
        ),
        Column(
            *("status", "狀態", "Status", False, Holds.STATUS),
            Words("有效、撤回或排除；空白為有效。", "Valid, withdrawn or excluded; empty means valid."),
            Words("有效", "valid"),
            ("投標狀態",),
        ),
        Column(
            *("reason", "事由", "Reason", False, Holds.TEXT),
            Words("排除者必填。", "Needed where a bid is excluded."),
            _NO_EXAMPLE,
            ("原因", "理由"),
        ),
    ),
)

CLAIMS = Template(
    "claims",
    Words("符合", "Claims"),
    ("符合情形", "符合性", "查核", "claim", "compliance"),
    ("vendor", "requirement"),
    (
        Column(
            "vendor", "廠商", "Vendor", True, Holds.LINE, _VENDOR, Words("磐礎資安", "Bedrock"), _VENDOR_NAMES
        ),
        Column(
            *("requirement", "要求編號", "Requirement", True, Holds.CODE),
            Words("要求的編號。", "The code of the requirement."),
            Words("R01", "R01"),
            ("要求", "編號", "code", "requirement code"),
        ),
        Column(
            *("met", "符合", "Met", False, Holds.ANSWER),
            Words("符合、不符或不適用；空白為未答。", "Met, not met or not applicable; empty: not answered."),
            Words("符合", "met"),
            ("廠商答覆", "是否符合", "答覆", "claim", "claimed", "answer"),
        ),
        Column(
            *("verified", "查核", "Verified", False, Holds.ANSWER),
            Words("本行查核結果；空白為未查核。", "What we found ourselves; empty: not verified."),
            _NO_EXAMPLE,
            ("查核結果", "finding"),
        ),
        Column(
            *("note", "說明", "Note", False, Holds.TEXT),
            Words("廠商或查核的說明。", "A note on the answer or the finding."),
            Words("第 3.2 節", "Section 3.2"),
            ("備註", "comment", "remarks"),
        ),
    ),
)

MARKS = Template(
    "marks",
    Words("評分", "Marks"),
    ("給分", "評分表", "mark", "scores"),
    ("member", "vendor", "criterion"),
    (
        Column(
            *("member", "委員", "Member", True, Holds.CODE),
            Words("委員代號。", "The code of the panel member."),
            Words("M1", "M1"),
            ("評選委員", "評審委員", "委員代號", "panel member", "evaluator"),
        ),
        Column(
            "vendor", "廠商", "Vendor", True, Holds.LINE, _VENDOR, Words("磐礎資安", "Bedrock"), _VENDOR_NAMES
        ),
        Column(
            *("criterion", "準則", "Criterion", True, Holds.CODE),
            Words("準則的編號。", "The code of the criterion."),
            Words("S1", "S1"),
            ("準則編號", "評選準則", "評選項目", "criterion code"),
        ),
        Column(
            *("mark", "評分", "Mark", True, Holds.MARK),
            Words("0 到滿分；不評者寫「不評」。", "0 to the maximum; write “abstain” to give none."),
            Words("4", "4"),
            ("得分", "分數", "給分", "score"),
        ),
        Column(
            *("comment", "理由", "Comment", False, Holds.TEXT),
            Words("給分的理由。", "Why this mark."),
            Words("斷網仍有效", "Works off line"),
            ("評語", "意見", "評分理由", "reason"),
        ),
    ),
)

TEMPLATES: Mapping[str, Template] = {
    template.kind: template for template in (REQUIREMENTS, CRITERIA, BIDS, CLAIMS, MARKS)
}
#: The sheet that explains the others; it is never read.
NOTES = Words("說明", "Notes")
