"""One tender through the user interface, from an empty page to the award and its workbook, in both languages.

Points are computed by hand: the mean of the members on each criterion, and a price in proportion to where it
lies between the ceiling of 20 million (no points) and the floor of 10 million (all 30).
"""

from decimal import Decimal
from functools import partial

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from bids.models import Bid, Objection, Waiver
from procurement.choices import Role, Stage
from procurement.models import User, Vendor
from tests.bids.recalculation import Recalculated
from tests.cast import OPENERS
from tests.journeys import bidding, ceremony, deciding, drafting, judging
from tests.journeys.people import Walk
from tests.journeys.site import press, tab

BEDROCK, HARBOUR, QUICKWIN = "Bedrock Security", "Harbour Systems", "Quickwin Technology"

#: By member, then criterion, then bid. S1 is the security unit's own, Q counts to 25 and the others to 5.
MARKS = {
    "security": {
        "S1": {BEDROCK: "5", QUICKWIN: "2", HARBOUR: "3"},
        "S2": {BEDROCK: "4", QUICKWIN: "2", HARBOUR: "3"},
        "Q": {BEDROCK: "20", QUICKWIN: "10", HARBOUR: "24"},
    },
    "business": {
        "S2": {BEDROCK: "4", QUICKWIN: "1", HARBOUR: "4"},
        "Q": {BEDROCK: "22", QUICKWIN: "12", HARBOUR: "22.5"},
    },
}
RANKED = [
    # 25 × 5/5 + 20 × (4 + 4)/2/5 + (20 + 22)/2 + 30 × (20 − 15)/10 = 25 + 16 + 21 + 15
    (BEDROCK, Decimal(77)),
    # 25 × 3/5 + 20 × (3 + 4)/2/5 + (24 + 22.5)/2 + 30 × (20 − 13.5)/10 = 15 + 14 + 23.25 + 19.5
    (HARBOUR, Decimal("71.75")),
]
STEPS = {
    "enrol opening key",
    "drill opening key",
    "create tender",
    "edit tender",
    "add requirement",
    "add criterion",
    "edit criterion",
    "add seat",
    "appoint opening officers",
    "publish tender",
    "submit bid",
    "refuse late bid",
    "close bidding",
    "name bidders",
    "declare interests",
    "take turn at envelope",
    "unlock envelope",
    "open bids",
    "record finding",
    "propose waiver",
    "sign waiver for security",
    "sign waiver as approver",
    "save mark",
    "submit marks",
    "lock marks",
    "open prices",
    "present ranking",
    "raise objection",
    "answer objection",
    "recommend award",
    "approve award",
    "award",
    "make promises",
    "export ranking",
}


@pytest.fixture(params=["zh-hant", "en"])
def walk(request, watch, look, cast, units):
    User.objects.create(
        username="third",
        password=cast.vendor.password,
        name="Third",
        role=Role.VENDOR,
        vendor=Vendor.objects.create(name=HARBOUR),
    )
    User.objects.update(language="")  # the browser's language decides
    # One language is looked at on a desk by day, the other on a phone by night; main pages both ways in both.
    return Walk(request.param, watch, partial(look, phone=request.param == "en"), cast, units)


def test_the_walk_of_a_tender(walk, later, faults, tmp_path):
    ceremony.three_officers_have_keys(walk)
    an_officer_writes_a_tender(walk)
    three_vendors_bid(walk, tmp_path)
    later(hours=2)
    a_bid_that_comes_too_late_is_refused(walk, faults, tmp_path)
    bids_are_opened_and_verified(walk)
    two_units_mark(walk)
    prices_make_a_ranking(walk)
    a_warning_stops_the_award_until_it_is_answered(walk)
    two_sides_approve_and_the_approver_awards(walk)
    the_vendors_see_the_outcome(walk)
    the_workbook_agrees(walk, tmp_path)
    an_auditor_reads_it_all(walk)


def an_officer_writes_a_tender(walk):
    page, security = walk.window("officer"), walk.cast.security
    walk.look(page)
    walk.address = drafting.start_tender(page, walk.units["security"], walk.cast)
    expect(drafting.faults(page)).to_contain_text([walk.says("Nobody sits on the panel.")])
    walk.look(page)
    publish = page.locator("#checks button[aria-disabled=true]")
    publish.dispatch_event("click")
    expect(publish).to_be_visible()

    common = {
        "unit": walk.units["security"].pk,
        "owner": security.pk,
        "source": "4.1",
        "evidence": "測試報告 Report",
    }
    gate = {"mandatory": "yes", "severity": "critical", "kind": "security"}
    drafting.add_requirement(page, code="R1", title="白名單 Allow-list", **gate, **common)
    drafting.add_requirement(page, code="R2", title="修補 Patches", **gate, **common | {"evidence": ""})
    scored = {"mandatory": "no", "severity": "medium", "kind": "technical"}
    drafting.add_requirement(page, code="R3", title="報表 Reports", **scored, **common)
    drafting.add_criterion(page, code="S", title="資安 Security", weight="40", minimum="10")
    of_security, five = [walk.units["security"]], {"kind": "security", "maximum": "5"}
    page.locator('#criteria a[href$="?parent=S"]').click()
    walk.look(page)
    page.go_back()
    group = {"parent": walk.tender.criteria.get(code="S").pk}
    drafting.add_criterion(
        page, of_security, code="S1", title="防護 Protection", weight="25", **five, **group
    )
    drafting.add_criterion(page, code="S2", title="維運 Operation", weight="20", **five, **group)
    drafting.add_criterion(page, code="Q", title="品質 Quality", weight="25", kind="quality", maximum="25")
    drafting.add_criterion(page, code="P", title="價格 Price", weight="30", kind="price")
    drafting.add_seat(page, security)
    drafting.add_seat(page, walk.cast.business)
    # evidence for R2, the sum of the parts of S, the sum of all, who opens, two signatures
    expect(drafting.faults(page)).to_have_count(6)
    walk.look(page)

    page.locator("#requirements").get_by_role("link", name="R2", exact=True).click()
    walk.look(page)
    form = page.locator("main form").first
    form.locator("[name=evidence]").fill("測試報告 Report")
    form.locator("button.btn-act").click()
    page.locator("#criteria").get_by_role("link", name="S", exact=True).click()
    form.locator("[name=weight]").fill("45")
    form.locator("button.btn-act").click()
    page.locator('main a[href$="/edit/"]', has_text=walk.says("Edit the tender")).click()
    walk.look(page)
    form.locator("[name=reserve_price]").fill("1,800 萬元")
    form.locator("button.btn-act").click()
    officers = walk.says("Name %(n)d different people who open the bids.") % {"n": 3}
    drafting.has_faults(page, officers, *drafting.unsigned(walk))
    ceremony.name_officers(page, [getattr(walk.cast, name) for name in OPENERS], walk.look)
    drafting.sign_off(walk, page)
    drafting.publish(page)
    walk.look(page, thoroughly=True)
    assert walk.tender.stage == Stage.PUBLISHED


def three_vendors_bid(walk, folder):
    rows = walk.requirements
    page = walk.window("vendor")
    bidding.open_bid(page, walk.path)
    for row in rows.values():
        bidding.answer(page, row, "met", "見附件 See the file")
    bidding.attach(page, rows["R1"], bidding.pdf("報告 report.pdf"))
    bidding.attach(page, rows["R2"], bidding.xlsx("修補 patches.xlsx"))
    bidding.write_price(page, "１６,０００,０００ 元")
    bidding.is_saved(page)
    bidding.time_runs(page)
    bidding.submit(page, 1)
    walk.look(page, thoroughly=True)
    assert bidding.checked(bidding.receipt(page, folder)) == 0

    page = walk.window("rival")
    bidding.open_bid(page, walk.path)
    for row in rows.values():
        bidding.answer(page, row, "met")
    bidding.write_price(page, "12000000")
    bidding.submit(page, 1)

    page = walk.window("third")
    bidding.open_bid(page, walk.path)
    bidding.answer(page, rows["R1"], "met")
    bidding.answer(page, rows["R2"], "not_met", "2027")
    bidding.answer(page, rows["R3"], "not_applicable", "無報表 No reports")
    bidding.write_price(page, "1,350 萬元")
    bidding.is_saved(page)
    walk.look(page)
    bidding.submit(page, 1)

    page = walk.window("vendor")
    bidding.write_price(page, "NT$ 15,000,000")
    bidding.submit(page, 2)


def a_bid_that_comes_too_late_is_refused(walk, faults, folder):
    page = walk.window("third")
    bidding.write_price(page, "1,300 萬元")
    bidding.sign(page)
    page.locator('button[formaction$="/submit/"]').click()
    late = page.locator('section[id^="late-"]')
    expect(late).to_be_visible()
    walk.look(page)
    assert bidding.checked(bidding.refusal(page, folder)) == 0
    expect(page.locator("#receipt dd").first).to_have_text("1")
    assert [fault for fault in faults if "409" not in fault and "403" not in fault] == []
    faults.clear()  # the refusals themselves


def bids_are_opened_and_verified(walk):
    rows = walk.requirements
    page = walk.window("officer")
    page.reload()
    tab(page, "/opening/")
    walk.look(page)
    judging.step(page, "bidders")
    walk.look(page)
    for name in ("security", "business"):
        page = walk.at(name, "declaration/")
        walk.look(page)
        judging.declare(page, walk.cast.everybody()[name].name)
    ceremony.two_officers_unlock(walk, OPENERS[:2])
    page = walk.at("officer", "opening/")
    judging.step(page, "bids")
    walk.look(page)

    page = walk.at("security", "")
    tab(page, "/verification/")
    walk.look(page)
    with page.expect_download() as download:
        page.locator('a[href^="/attachments/"]').first.click()
    assert download.value.path().read_bytes() == bidding.PDF
    judging.find(page, rows["R1"], QUICKWIN, "no", "白名單可被繞過 The list can be bypassed")
    judging.find(page, rows["R1"], BEDROCK, "yes", "已測 Tested")
    walk.look(page)
    page = walk.at("officer", "verification/")
    waiver = judging.propose_waiver(page, rows["R2"], HARBOUR, "風險由業務處承擔 Business bears the risk")
    walk.look(page)
    for name in ("security", "approver"):
        page = walk.window(name)
        page.goto(waiver)
        judging.sign_waiver(page)
    walk.look(page)
    assert Waiver.objects.get().approved_by


def two_units_mark(walk):
    page = walk.at("security", "marks/")
    walk.look(page, thoroughly=True)
    # by keyboard, bids in the order drawn for this member; the pages wait for each other at "saved"
    expect(page.locator("main")).not_to_contain_text(BEDROCK)
    for code in ("S1", "S2"):
        judging.open_criterion(page, code)
        for vendor in judging.in_order(page):
            value = MARKS["security"][code][vendor]
            judging.press_mark(page, vendor, value, "示範 demonstrated" if value == "5" else "")
            page.keyboard.press("j")
    judging.mark(page, "Q", MARKS["security"]["Q"], reason="示範 Demonstration")
    judging.sign_marks(page)
    walk.look(page)

    page = walk.at("business", "marks/")
    for code, marks in MARKS["business"].items():
        judging.mark(page, code, marks)
    walk.look(page)
    judging.sign_marks(page)


def prices_make_a_ranking(walk):
    page = walk.at("officer", "opening/")
    judging.step(page, "lock")
    ceremony.two_officers_unlock(walk, OPENERS[1:])
    page = walk.at("officer", "opening/")
    judging.step(page, "prices")
    walk.look(page)
    tab(page, "/decision/")
    ranking = page.locator("table.rank tbody tr:not(.out, .outh)")
    assert ranking.locator(".v").all_inner_texts() == [vendor for vendor, _total in RANKED]
    assert ranking.locator(".place").all_inner_texts() == ["1", "2"]
    assert [Decimal(text) for text in ranking.locator(".tot").all_inner_texts()] == [
        total for _v, total in RANKED
    ]
    out = page.locator("table.rank tr.out")
    assert out.locator(".v").all_inner_texts() == [QUICKWIN]
    expect(out).to_contain_text("R1")
    expect(out).to_contain_text("The list can be bypassed")
    expect(page.locator(".verdict .other .big")).to_contain_text(QUICKWIN)
    walk.look(page, thoroughly=True)
    press(page, "present")


def a_warning_stops_the_award_until_it_is_answered(walk):
    bid = Bid.objects.get(vendor__name=BEDROCK)
    page = walk.at("business", "decision/")
    page.locator('main a[href$="/objections/new/"]').first.click()
    walk.look(page)
    page.go_back()
    warning = deciding.object_to(page, bid, "備援未測 The spare site was not tested")

    page = walk.at("officer", "decision/")
    page.locator('#award a[href$="/recommendation/"]').click()
    walk.look(page)
    page.go_back()
    deciding.recommend(page, bid, walk.tender.seats.all(), "資安與價格合計最高 Highest in total")
    page = walk.at("security_head", "decision/")
    expect(page.locator("#award")).to_contain_text(
        walk.says("%(objection)s is unanswered: it must be answered by name first.")
        % {"objection": Objection.objects.get()}
    )
    expect(page.locator('#award a[href$="/approval/"]')).to_have_count(0)
    walk.look(page)

    page = walk.window("approver")
    page.goto(warning)
    walk.look(page)
    deciding.answer(page, "rejected", "備援站已另行測試 The spare site was tested apart")
    walk.look(page)


def two_sides_approve_and_the_approver_awards(walk):
    for name in ("security_head", "business_head"):
        page = walk.at(name, "decision/")
        page.locator('#award a[href$="/approval/"]').click()
        walk.look(page)
        page.go_back()
        deciding.approve(page)
    page = walk.at("approver", "decision/")
    page.locator('#award a[href$="/award/"]').click()
    walk.look(page)
    page.go_back()
    deciding.award(page, "資安與價格合計最高 Highest on security and price", benefits="備援 A spare site")
    expect(page.locator(".verdict .note.ok")).to_contain_text("Highest on security and price")
    walk.look(page)
    assert walk.tender.stage == Stage.AWARDED


def the_vendors_see_the_outcome(walk):
    page = walk.at("rival", "decision/")
    rows = page.locator("main tbody tr")
    assert rows.locator("td.b").all_inner_texts() == [BEDROCK, QUICKWIN]
    expect(rows.first).to_contain_text("15,000,000")
    expect(page.locator("main")).not_to_contain_text(HARBOUR)
    walk.look(page)


def the_workbook_agrees(walk, folder):
    page = walk.at("officer", "decision/")
    with page.expect_download() as download:
        page.locator('a[href$="/workbook/"]').click()
    path = folder / "ranking.xlsx"
    download.value.save_as(path)
    book = load_workbook(path, data_only=True)
    table = {name: _cells(book, name) for name in ("ranking_vendor", "ranking_place", "ranking_figure")}
    assert [vendor for vendor in table["ranking_vendor"] if vendor] == [vendor for vendor, _total in RANKED]
    assert table["ranking_place"][:2] == [1, 2]
    assert [Decimal(str(figure)) for figure in table["ranking_figure"][:2]] == [total for _v, total in RANKED]
    assert _cells(book, "check_ok") == [True]
    assert Recalculated(path.read_bytes()).values("check_ok") == [True]


def _place(book, name):
    (place,) = book.defined_names[name].destinations
    return place[0], place[1].replace("$", "")


def _cells(book, name):
    sheet, address = _place(book, name)
    cells = book[sheet][address]
    return [row[0].value for row in cells] if isinstance(cells, tuple) else [cells.value]


def an_auditor_reads_it_all(walk):
    page = walk.window("auditor")
    walk.look(page)
    page.locator('nav.main a[href="/trail/"]').click()
    walk.look(page)
    actions = page.locator("[name=action] option").evaluate_all(
        "options => options.map((option) => option.value)"
    )
    assert set(actions) >= STEPS
    page.locator('form[action="/trail/verify/"] button').click()
    expect(page.locator(".messages .note.ok")).to_be_visible()
    page.locator("[name=action]").select_option("award")
    page.locator("form.filters button").click()
    expect(page.locator("main table tbody tr")).to_have_count(1)
