"""A tender from its deadline to a system in operation, decided jointly, each person at a window of their own.

The marks and prices are chosen so that two bids tie to the last digit once a member has corrected a mark:
45 × 4/5 + 25 × 3/5 + 30 × (20 − 15)/10 = 66 = 45 × (4 + 2 + 3)/3/5 + 25 × 3/5 + 30 × (20 − 12)/10.
"""

import hashlib
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.db.models import F
from django.utils import timezone
from docx import Document
from playwright.sync_api import expect

from bids.choices import Envelope
from bids.models import Acceptance, Award, Bid, LotDraw, Mark, Objection, Recusal
from procurement.choices import Role, Stage
from procurement.models import Seat, User, Vendor
from tests.cast import NOW, hand_in, publish, unlock
from tests.journeys import accepting, deciding, judging, meeting
from tests.journeys.people import Walk
from tests.journeys.site import press, tab

BEDROCK, HARBOUR, QUICKWIN = "Bedrock Security", "Harbour Systems", "Quickwin Technology"
DESK = {"width": 1440, "height": 900}
DEADLINE = NOW + timedelta(days=7)

#: By member, then criterion, then bid. The business unit has two members; one is recused from the third bid.
MARKS = {
    "security": {
        "S": {BEDROCK: "4", QUICKWIN: "4", HARBOUR: "1"},
        "Q": {BEDROCK: "3", QUICKWIN: "3", HARBOUR: "2"},
    },
    "business": {
        "S": {BEDROCK: "4", QUICKWIN: "1", HARBOUR: "1"},
        "Q": {BEDROCK: "3", QUICKWIN: "3", HARBOUR: "2"},
    },
    "stranger": {"S": {BEDROCK: "4", QUICKWIN: "3"}, "Q": {BEDROCK: "3", QUICKWIN: "3"}},
}
SEED = "08 13 22 27 31 40 特別號 05"
PROMISED = ["R1", "R2", "R3"]


@pytest.fixture
def walk(watch, look, clock, draft, cast):
    """The tender a minute after its deadline: two bids meet every gate, and a cheaper one does not."""
    third = User.objects.create(
        username="third",
        password=cast.vendor.password,
        name="Third",
        role=Role.VENDOR,
        vendor=Vendor.objects.create(name=HARBOUR),
    )
    other = cast.stranger
    Seat.objects.create(
        tender=draft, position=2, code="stranger", unit=other.unit, user=other, name=other.name
    )
    draft.criteria.filter(code__in=["S", "Q"]).update(maximum="5")
    draft.requirements.filter(code="R3").update(criterion=draft.criteria.get(code="S"))
    draft.tie_break = ["lots"]
    draft.save()
    tender = publish(draft)
    hand_in(cast.vendor, tender, "15000000")
    hand_in(cast.rival, tender, "12000000")
    hand_in(third, tender, "11000000", R2="not_met")
    clock(DEADLINE + timedelta(minutes=1))
    walk = Walk("en", partial(watch, viewport=DESK), partial(_see, look), cast)
    walk.address = f"/tenders/{tender.pk}/"
    return walk


def _see(look, page):
    """A page that is new: on a desk by day and on a phone by night, and no wider than either."""
    look(page)
    look(page, phone=True)


def bid_of(vendor):
    return Bid.objects.get(vendor__name=vendor)


def impartial(walk):
    """The members who have a say about the tender as a whole: those who are recused from no bid."""
    return walk.tender.seats.exclude(user=walk.cast.stranger)


def test_the_joint_decision(walk, clock, tmp_path):
    members_declare_and_one_is_recused(walk)
    the_bank_finds_and_a_gate_is_waived_for_two_days(walk)
    members_mark_alone(walk)
    the_meeting_settles_a_difference(walk)
    the_waiver_lapses(walk, clock)
    first_place_is_tied_and_lots_are_drawn(walk)
    one_objection_is_accepted_and_one_upheld(walk)
    the_award_is_made_by_name(walk)
    papers_are_printed(walk, tmp_path)
    the_system_goes_live_by_exception(walk)
    the_bank_remembers(walk)


def members_declare_and_one_is_recused(walk):
    page = walk.at("officer", "opening/")
    walk.look(page)
    judging.step(page, "bidders")
    page = walk.at("security", "declaration/")
    walk.look(page)
    judging.declare(page, "Security")
    judging.declare(walk.at("business", "declaration/"), "Business")
    page = walk.at("stranger", "declaration/")
    judging.declare(page, "Stranger", interest=bid_of(HARBOUR), detail="在其任職至 2025 年 worked there")

    page = walk.at("officer", "opening/")
    settle = page.locator("details", has=page.locator("[name=outcome][value=recused]"))
    settle.locator("summary").click()
    walk.look(page)
    settle.locator("form button").click()
    expect(settle).to_have_count(0)
    assert Recusal.objects.get().bid == bid_of(HARBOUR)
    unlock(walk.tender, Envelope.TECHNICAL, at=timezone.now())
    page.reload()
    judging.step(page, "bids")
    assert walk.tender.stage == Stage.TECHNICAL_OPENED


def the_bank_finds_and_a_gate_is_waived_for_two_days(walk):
    rows = walk.requirements
    page = walk.at("security", "verification/")
    for vendor in (BEDROCK, QUICKWIN):
        judging.find(page, rows["R3"], vendor, "yes", "已測 Tested by us", level="verified")
    walk.look(page)

    page = walk.at("officer", "verification/")
    waiver = judging.propose_waiver(page, rows["R2"], HARBOUR, "兩日內修補 Patched within days", days=2)
    for name in ("security", "approver"):
        page = walk.window(name)
        page.goto(waiver)
        judging.sign_waiver(page)
    expect(page.locator(".headrow .chip.warn")).to_be_visible()
    walk.look(page)


def members_mark_alone(walk):
    page = walk.at("security", "marks/")
    expect(page.locator("main")).not_to_contain_text(BEDROCK)
    for code, marks in MARKS["security"].items():
        judging.open_criterion(page, code)
        for vendor in judging.in_order(page):
            judging.press_mark(page, vendor, marks[vendor])
            page.keyboard.press("j")
    judging.sign_marks(page)

    for name in ("business", "stranger"):
        page = walk.at(name, "marks/")
        assert set(judging.in_order(page)) == set(MARKS[name]["S"])
        for code, marks in MARKS[name].items():
            judging.mark(page, code, marks)
        judging.sign_marks(page)
    walk.look(page)


def the_meeting_settles_a_difference(walk):
    criterion, bid = walk.tender.criteria.get(code="S"), bid_of(QUICKWIN)
    page = walk.at("business", "differences/")
    meeting.open_item(page, criterion, bid)
    walk.look(page)
    meeting.correct(page, "2", "看過測試報告 After the test report")

    page = walk.at("officer", "differences/")
    meeting.open_item(page, criterion, bid)
    walk.look(page)
    meeting.resolve(page, "corrected", walk.tender.seats.all(), "兩處已說明 Both units explained")
    page = walk.at("security", "resolutions/")
    meeting.dissent(page, "仍偏高 Still too high")
    walk.look(page)
    marks = Mark.objects.filter(bid=bid, criterion=criterion)
    assert sorted(marks.values_list("mark", flat=True)) == [1, 3, 4]  # what was first given stays


def the_waiver_lapses(walk, clock):
    clock(DEADLINE + timedelta(days=3))
    walk.windows.clear()  # everybody's session is over as well
    page = walk.at("officer", "waivers/")
    walk.look(page)
    page.locator('main a[href^="/waivers/"]').first.click()
    expect(page.locator(".headrow .chip.no")).to_be_visible()


def first_place_is_tied_and_lots_are_drawn(walk):
    page = walk.at("officer", "opening/")
    judging.step(page, "lock")
    unlock(walk.tender, Envelope.PRICE, at=timezone.now())
    page.reload()
    judging.step(page, "prices")
    tab(page, "/decision/")
    ranking = page.locator("table.rank tbody tr:not(.out, .outh)")
    assert ranking.locator(".place").all_inner_texts() == ["=1", "=1"]
    assert [Decimal(text) for text in ranking.locator(".tot").all_inner_texts()] == [66, 66]
    expect(page.locator("table.rank tr.out")).to_contain_text(HARBOUR)
    walk.look(page)

    page.locator('.verdict a[href$="/resolutions/"]').click()
    meeting.resolve(page, "lots", impartial(walk), "同分抽籤 Lots for the tie")
    page = walk.at("officer", "lots/")
    walk.look(page)
    meeting.announce_seed(page, "今晚公告之開獎號碼 Tonight's winning numbers")
    drawn = meeting.draw(page, SEED)
    lines = {name: f"{SEED}\n{walk.tender.reference}\n{name}" for name in (BEDROCK, QUICKWIN)}
    tickets = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in lines.items()}
    assert drawn == sorted(tickets.items(), key=lambda item: item[1])
    assert LotDraw.objects.get().order == [BEDROCK, QUICKWIN]

    page = walk.at("officer", "decision/")
    assert ranking_of(page) == [("1", BEDROCK), ("2", QUICKWIN)]
    press(page, "present")
    expect(page.locator("#award")).to_be_visible()


def ranking_of(page):
    """Places and vendors of the ranking."""
    rows = page.locator("table.rank tbody tr:not(.out, .outh)")
    return list(
        zip(rows.locator(".place").all_inner_texts(), rows.locator(".v").all_inner_texts(), strict=True)
    )


def one_objection_is_accepted_and_one_upheld(walk):
    bid = bid_of(BEDROCK)
    raised = []
    for claim in ("備援未測 The spare site was not tested", "金鑰無人保管 Nobody keeps the keys"):
        page = walk.at("security", "objections/")
        raised.append(deciding.object_to(page, bid, claim, requirement=walk.requirements["R1"].pk))
    accepted, upheld = raised
    page = walk.window("approver")
    page.goto(accepted)
    walk.look(page)
    deciding.answer(page, "accepted", "條件下接受 Accepted until tested", owner=walk.cast.business)
    walk.look(page)
    page.goto(upheld)
    deciding.answer(page, "upheld", "理由充分 Well founded")

    page = walk.at("officer", "decision/")
    expect(page.locator(".verdict .note.warn")).to_be_visible()
    page = walk.window("security")
    page.goto(upheld)
    deciding.confirm_remedy(page, "金鑰改由資安處保管 Security keeps them now")
    page = walk.at("officer", "decision/")
    expect(page.locator(".verdict .note.warn")).to_have_count(0)
    assert set(Objection.objects.values_list("number", flat=True)) == {1, 2}


def the_award_is_made_by_name(walk):
    page = walk.at("officer", "decision/")
    deciding.recommend(page, bid_of(BEDROCK), impartial(walk), "資安最佳 Best on security")
    page = walk.at("approver", "decision/")
    expect(page.locator('#award a[href$="/award/"]')).to_have_count(0)  # nobody has approved
    for name in ("security_head", "business_head"):
        deciding.approve(walk.at(name, "decision/"))
    page = walk.at("approver", "decision/")
    deciding.award(page, "資安最佳 Best on security, by lot", benefits="有備援 A spare site")
    walk.look(page)
    assert walk.tender.stage == Stage.AWARDED


def papers_are_printed(walk, folder):
    page = walk.at("officer", "papers/")
    walk.look(page)
    text = _downloaded(page, page.locator('a[href*="/papers/"][href*="form=docx"]').first, folder)
    assert BEDROCK in text
    page.locator('a[href*="/papers/"]:not([href*="form=docx"])[href*="?language="]').first.click()
    expect(page.locator("section.paper").first).to_contain_text(BEDROCK)
    walk.look(page)

    page = walk.at("rival", "papers/")
    walk.look(page)
    letter = page.locator('a[href*="/letter/"][href*="form=docx"]')
    text = _downloaded(page, letter.first, folder)
    assert QUICKWIN in text
    assert BEDROCK in text
    assert not [word for word in (HARBOUR, "Security Security", "Business Business") if word in text]


def _downloaded(page, link, folder):
    """All text of the document behind a link."""
    with page.expect_download() as download:
        link.click()
    path = folder / "paper.docx"
    download.value.save_as(path)
    document = Document(path)
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + cells)


def the_system_goes_live_by_exception(walk):
    # Nothing can bring the award down any more.
    Award.objects.update(standstill_until=F("awarded_at") - timedelta(seconds=1))
    page = walk.at("security", "promises/")
    walk.look(page)
    page.locator('main a[href^="/promises/"]').first.click()
    walk.look(page)
    page.go_back()
    accepting.keep(page, "R1", "驗收時再測 Tested again at acceptance")
    assert Acceptance.objects.get().live_by == ""

    page = walk.at("officer", "promises/")
    expect(page.locator("[aria-labelledby=live] li.no")).to_contain_text("R2")
    expect(page.locator("[aria-labelledby=live] button[aria-disabled=true]")).to_be_visible()
    expect(page.locator('form[action$="/promises/live/"]')).to_have_count(0)
    entry = accepting.ask_for_exception(page, walk.cast.business, "月底上線 To be live this month")
    page = walk.window("security_head")
    page.goto(entry)
    accepting.advise(page, "每週掃描 Scanned every week")
    page = walk.window("approver")
    page.goto(entry)
    accepting.grant(page, "可接受 Acceptable")
    walk.look(page)

    page = walk.at("officer", "promises/")
    accepting.go_live(page)
    assert [row["code"] for row in Acceptance.objects.get().live_despite] == ["R2"]


def the_bank_remembers(walk):
    page = walk.at("officer")
    page.goto(f"/vendors/{bid_of(BEDROCK).vendor_id}/")
    walk.look(page)
    expect(page.locator("[aria-labelledby=bids] tbody tr")).to_contain_text(walk.tender.reference)
    assert page.locator("[aria-labelledby=promised] tbody b").all_inner_texts() == PROMISED

    page = walk.window("auditor")
    page.goto("/ledger/")
    walk.look(page)
    cases = page.locator("main section.sec").last.locator("tbody")
    expect(cases).to_contain_text("The spare site was not tested")
    expect(cases.locator("tr", has_text=HARBOUR)).to_be_visible()
    expect(cases).not_to_contain_text("Nobody keeps the keys")
    page.goto("/trail/")
    page.locator('form[action="/trail/verify/"] button').click()
    expect(page.locator(".messages .note.ok")).to_be_visible()
