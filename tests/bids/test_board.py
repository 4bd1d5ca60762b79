"""The board's page: its figures on awards worked out by hand, who reads it, and that nothing leaks before."""

import json
from datetime import timedelta
from fractions import Fraction
from io import BytesIO
from uuid import uuid4

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bids.actions.promises import make_promises
from bids.models import Award, Bid, Promise, Resolution
from bids.queries import board
from bids.queries.board import all_bought
from bids.queries.board_figures import Figures, behind
from bids.queries.board_matters import overruled, past_due
from procurement.choices import Stage
from procurement.forms.periods import Period, parsed, periods_of
from procurement.models import AuditEntry, Lowering, Tender, User, Vendor
from tests.awarded import award_it
from tests.bids.objecting import answer, object_to
from tests.cast import NOW
from tests.procurement.exceptions import granted
from tests.secrets import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

READERS = ("officer", "approver", "next_above", "security_head", "business_head", "auditor")


@pytest.fixture
def awarded(cast, priced):
    """To the dearer vendor at 14 million; the rival asked 12 million. Security 40 and 30 of 45 points."""
    priced.bids.filter(vendor__name="Bedrock Security").update(price="14000000")
    award_it(priced)
    priced.refresh_from_db()
    return priced


def another(
    award: Award, number: int, *, days: int = 0, result=None, case=None, vendor=None, **tender
) -> Award:
    """The award again, on another tender, with what differs in its frozen texts."""
    copy = Tender.objects.get(pk=award.tender_id)
    bid = Bid.objects.get(pk=award.bid_id)
    copy.pk, copy.reference = None, f"COPY-{number}"
    for name, value in tender.items():
        setattr(copy, name, value)
    copy.save(force_insert=True)
    bid.pk, bid.tender = None, copy
    bid.vendor = vendor or bid.vendor
    bid.save(force_insert=True)
    recommended = Resolution.objects.get(pk=award.resolution_id)
    recommended.pk, recommended.tender, recommended.bid = None, copy, bid
    recommended.save(force_insert=True)
    made = Award.objects.get(pk=award.pk)
    made.pk, made.tender, made.bid, made.resolution = None, copy, bid, recommended
    made.awarded_at = award.awarded_at - timedelta(days=days)
    made.fingerprint = f"sha256:{uuid4().hex}"
    made.result_text = json.dumps(json.loads(made.result_text) | (result or {}))
    made.case_text = json.dumps(json.loads(made.case_text) | (case or {}))
    made.save(force_insert=True)
    return made


def cheapest(award: Award) -> dict[str, object]:
    """A result in which the awarded bid was the cheapest, too."""
    result = json.loads(award.result_text)
    alone = result["price_only"] | {"vendor": "Bedrock Security", "vendors": ["Bedrock Security"]}
    alone |= {"price": "14000000", "premium": "0", "same_as_winner": True, "unmet": []}
    return {"price_only": alone}


def unmet(award: Award, *codes: str, out: bool = False) -> dict[str, object]:
    """A result in which the cheapest bid does not meet these requirements."""
    reasons = [{"code": "requirement_not_met", "at": codes[0], "detail": "x"}] if out else []
    result = json.loads(award.result_text)
    alone = result["price_only"] | {"unmet": list(codes), "would_have_been_excluded_for": reasons}
    ranking = [row for row in result["ranking"] if not out or row["vendor"] == "Bedrock Security"]
    return {"price_only": alone, "ranking": ranking}


def figures(rows=None):
    return Figures(all_bought() if rows is None else rows, (), ())


# --- awards -----------------------------------------------------------------------------------------------
def test_an_award_is_read_from_what_was_frozen_with_it(awarded):
    Bid.objects.update(price="1")  # whatever becomes of the rows
    (row,) = all_bought()
    assert (row.frozen.price, row.frozen.lowest, row.premium) == (14_000_000, 12_000_000, 2_000_000)
    assert (row.vendor.name, row.frozen.lowest_vendor) == ("Bedrock Security", "Quickwin Technology")
    assert row.frozen.security == Fraction(10, 45)
    assert not row.on_price_only
    assert not row.frozen.met
    assert row.lacks == ()


def test_what_price_alone_decided(awarded):
    award = Award.objects.get()
    another(award, 1, result=cheapest(award))
    another(award, 2, method="lowest-price")
    another(award, 3, result=cheapest(award), method="lowest-price")
    points = dict.fromkeys(json.loads(award.result_text)["effective_points"], "0") | {"P": "100"}
    another(award, 4, result={"effective_points": points})
    found = figures()
    assert [found.count(name) for name in ("price", "alone", "cheapest", "dearer")] == [4, 3, 1, 3]
    assert found.price_share == Fraction(4, 5)


def test_what_the_premium_bought(awarded):
    award = Award.objects.get()
    another(award, 1, result=unmet(award, "R1", "R3"))
    another(award, 2, result=unmet(award, "R1", out=True), currency="USD")
    another(award, 3, result=cheapest(award))
    found = figures()
    ntd, usd = found.premiums
    assert (ntd.currency, ntd.awards, ntd.paid, ntd.value) == ("TWD", 2, 4_000_000, 42_000_000)
    assert (usd.currency, usd.paid, usd.share) == ("USD", 2_000_000, Fraction(1, 7))
    assert {str(level): count for level, count in found.met.items()} == {"critical": 2, "medium": 1}
    assert (found.count("cheapest_out"), found.count("met")) == (1, 2)
    assert (found.compared, found.security) == (2, Fraction(10, 45))


def test_a_requirement_that_the_winner_fails_too_was_not_bought(awarded):
    award = Award.objects.get()
    bids = json.loads(award.case_text)["bids"]
    for bid in bids:
        bid["claims"] = [claim | {"verified": claim["requirement"] == "R1"} for claim in bid["claims"]]
    another(award, 1, result=unmet(award, "R1", "R2"), case={"bids": bids})
    assert figures().met == {"critical": 1}


def test_concentration_by_vendor_currency_and_class(awarded, cast):
    award = Award.objects.get()
    other = Vendor.objects.create(name="Other")
    ranking = json.loads(award.result_text)["ranking"]
    row = ranking[0] | {"vendor": "Other", "price": "2000000"}
    another(award, 1, result={"ranking": [row]}, vendor=other, system_class="2")
    another(award, 2, currency="USD")
    found = [(row.vendor.name, row.currency, row.awards, row.share) for row in figures().holdings]
    assert found == [
        ("Bedrock Security", "TWD", 1, Fraction(7, 8)),
        ("Other", "TWD", 1, Fraction(1, 8)),
        ("Bedrock Security", "USD", 1, 1),
    ]
    largest = [(row.system_class, row.vendor.name, row.currency, row.share) for row in figures().largest]
    assert largest == [("1", "Bedrock Security", "TWD", 1), ("1", "Bedrock Security", "USD", 1),
                       ("2", "Other", "TWD", 1)]  # fmt: skip


def test_what_tenders_went_without(awarded):
    issue = {"level": "warning", "code": "no_security_criterion", "path": "", "message": ""}
    another(Award.objects.get(), 1, result={"issues": [issue]}, owner=None)
    found = figures()
    assert found.lacking == [("no_security_criterion", 1), ("no_intake", 1), ("no_owner", 1)]
    assert [row.tender.reference for row in behind(found.bought, "no_owner")] == ["COPY-1"]


def test_an_award_that_was_brought_down_is_not_counted(awarded):
    Award.objects.update(suspended_at=NOW, suspended_by="Approver")
    assert all_bought() == []


def test_a_missing_price_is_no_price(awarded):
    award = Award.objects.get()
    ranking = [row | {"price": None} for row in json.loads(award.result_text)["ranking"]]
    another(award, 1, result={"ranking": ranking})
    found = figures()
    assert (found.count("unpriced"), found.count("dearer"), found.premiums[0].value) == (1, 1, 14_000_000)


# --- matters ----------------------------------------------------------------------------------------------
def test_what_was_overruled(cast, priced):
    answer(object_to(priced, cast.security), cast.approver)
    intake = priced.intake
    Lowering.objects.create(
        intake=intake, number=1, items=[], reason="No time", asker=cast.officer, asked_by="Officer",
        asked_at=NOW, answer="agreed", answered_by="Security", answered_at=NOW,
    )  # fmt: skip
    granted(cast, cast.business, advice="against")
    granted(cast, cast.business, advice="agrees")
    assert [str(row.kind) for row in overruled()] == ["Connection opened against security’s answer"]
    award_it(priced)
    found = sorted((str(row.kind), row.page[0]) for row in overruled())
    assert found == [
        ("Connection opened against security’s answer", "register-entry"),
        ("Objection rejected", "objection"),
        ("Proposal of the intake lowered", "intake"),
    ]


def test_what_is_past_due(cast, awarded):
    Promise.objects.all().delete()
    award = Award.objects.get()
    make_promises(actor=cast.approver, tender=awarded, bid=award.bid, now=NOW)
    first, second, *_others = Promise.objects.order_by("position")
    today = timezone.localdate(NOW)
    Promise.objects.update(due_on=today)
    assert past_due(today) == []
    Promise.objects.filter(pk=first.pk).update(due_on=today - timedelta(days=41))
    Promise.objects.filter(pk=second.pk).update(outcome="broken", settled_on=today)
    found = past_due(today)
    assert [(str(row.kind), row.late(today)) for row in found] == [
        ("Promise of the vendor", 41),
        ("Promise of the vendor, broken", 0),
    ]


# --- periods ----------------------------------------------------------------------------------------------
def test_periods_have_the_years_of_both_calendars():
    assert str(Period(2026)) == "2026 (ROC year 115)"
    assert str(Period(2026, 4)) == "Quarter 4 of 2026 (ROC year 115)"
    assert [parsed(text) for text in ("2026", "2026-4", "2026-5", "all", "")] == [
        Period(2026), Period(2026, 4), None, None, None,
    ]  # fmt: skip
    days = [NOW.date(), NOW.date() - timedelta(days=365), NOW.date() - timedelta(days=120)]
    assert [row.value for row in periods_of(days)] == ["2026", "2026-4", "2026-3", "2025", "2025-4"]


def test_the_year_ends_in_taipei():
    eve = NOW.replace(year=2026, month=12, day=31, hour=17)
    assert Period(2027, 1).holds(eve)
    assert not Period(2026).holds(eve)


# --- pages ------------------------------------------------------------------------------------------------
def page(client, who, name="board", **query):
    client.force_login(who)
    return client.get(reverse(name), query)


def test_who_reads_it(client, cast, units, awarded):
    manager = User.objects.create(
        username="manager", password=PASSWORD, name="Manager", role="member", unit=units["management"],
        language="en",
    )  # fmt: skip
    names = ("board", "board-awards", "board-overruled", "board-past-due", "board-workbook")
    for name in names:
        statuses = {part: page(client, who, name).status_code for part, who in cast.everybody().items()}
        assert [part for part, status in statuses.items() if status == 200] == [
            part for part in cast.everybody() if part in READERS
        ]
        assert page(client, manager, name).status_code == 200
    assert f'href="{reverse("board")}"' in page(client, cast.auditor).content.decode()
    assert f'href="{reverse("board")}"' not in page(client, cast.security, "work").content.decode()


def test_management_reads_of_tenders_and_is_led_to_none(client, units, awarded):
    manager = User.objects.create(
        username="manager", password=PASSWORD, name="Manager", role="member", unit=units["management"],
        language="en",
    )  # fmt: skip
    text = page(client, manager, "board-awards").content.decode()
    assert awarded.reference in text
    assert reverse("decision", args=[awarded.pk]) not in text


def test_the_page_says_the_finding_first(client, cast, awarded):
    award = Award.objects.get()
    another(award, 1, result=cheapest(award))
    another(award, 2, result=unmet(award, "R1", out=True), days=400)
    text = page(client, cast.auditor).content.decode()
    assert "1 of 2 awards went by price only." in text
    assert (
        "1 award cost more than the cheapest bid, by NT$ 2 million, which is 7.1% of everything paid." in text
    )
    assert "2025 (ROC year 114): 0%, 0 of 1; 2026 (ROC year 115): 50%, 1 of 2" in text
    assert "Bedrock Security holds 100.0% of the awarded value in TWD." in text
    every = page(client, cast.auditor, period="all").content.decode()
    assert "1 of 3 awards went by price only." in every
    assert (
        "It bought 1 requirement that the cheapest bid does not meet. 1 of the cheapest bids was excluded."
        in every
    )


def test_it_is_narrowed_by_period_and_unit(client, cast, units, awarded):
    award = Award.objects.get()
    another(award, 1, days=400)
    another(award, 2, owner_unit=units["it"])

    def listed(**query):
        return [
            row.tender.reference
            for row in page(client, cast.auditor, "board-awards", **query).context["page"]
        ]

    assert listed() == ["COPY-2", awarded.reference]
    assert listed(period="2025") == ["COPY-1"]
    assert listed(period="2025-4") == ["COPY-1"]
    assert listed(period="2025-1") == ["COPY-2", awarded.reference]  # holds nothing, so it is none to choose
    assert listed(unit=str(units["it"].pk)) == ["COPY-2"]
    assert listed(period="all", figure="dearer", vendor=str(cast.vendor.vendor_id)) == [
        "COPY-2", awarded.reference, "COPY-1",
    ]  # fmt: skip
    assert listed(figure="cheapest") == []
    assert listed(system_class="2") == []


def test_every_figure_leads_to_its_list(client, cast, awarded):
    award = Award.objects.get()
    another(award, 1, result=cheapest(award) | unmet(award, "R1"), owner=None)
    granted(cast, cast.business, advice="against")
    content = page(client, cast.officer).content.decode()
    for name in ("board-awards", "board-overruled"):
        assert f'href="{reverse(name)}' in content
    for figure in ("price", "dearer", "met", "no_owner"):
        assert f'href="{reverse("board-awards")}?figure={figure}"' in content
    matters = page(client, cast.officer, "board-overruled").content.decode()
    assert "Connection opened against" in matters


def test_without_an_award_it_says_what_will_stand_there(client, cast, priced):
    text = page(client, cast.auditor).content.decode()
    assert "No award stands in this period" in text
    assert "from the day on which an approver makes them" in text
    assert "No award matches." in page(client, cast.auditor, "board-awards").content.decode()


def told(client, who):
    """Every page of the board, without what differs by itself."""
    names = ("board", "board-awards", "board-overruled", "board-past-due")
    texts = [page(client, who, name, period="all").content.decode() for name in names]
    return [text[text.index("<main") : text.index("</main")] for text in texts]


def test_nothing_is_told_before_the_award(client, cast, priced):
    before = told(client, cast.auditor)
    answer(object_to(priced, cast.security), cast.approver, "accepted")
    Tender.objects.filter(pk=priced.pk).update(stage=Stage.RANKED)
    Bid.objects.filter(tender=priced).update(price="99")
    assert told(client, cast.auditor) == before
    assert priced.reference not in "".join(before)


def test_the_workbook_holds_the_figures_and_the_trail_says_who_took_it(client, cast, awarded):
    award = Award.objects.get()
    another(award, 1, result=unmet(award, "R1", out=True))
    another(award, 2, result=cheapest(award), title="=1+1")
    answered = page(client, cast.approver, "board-workbook")
    book = openpyxl.load_workbook(BytesIO(answered.content))
    assert book.sheetnames == ["Summary", "Awards", "Advice overruled", "Past due", "Vendors"]
    summary = {row[0]: row[1:] for row in book["Summary"].iter_rows(min_row=5, values_only=True)}
    assert summary["Awards"][0] == 3
    assert summary["Paid above the cheapest bids"] == (2, pytest.approx(4 / 42), "TWD", 4_000_000)
    assert summary["Requirements met that the cheapest bids do not meet: Critical"][0] == 1
    head, *rows = list(book["Awards"].iter_rows(min_row=4, values_only=True))
    lines = [dict(zip(head, row, strict=True)) for row in rows]
    assert [line["Premium"] for line in lines] == [0, 2_000_000, 2_000_000]
    assert lines[0]["Tender"] == "=1+1"
    assert lines[1]["Cheapest was excluded"] == "Yes"
    (entry,) = AuditEntry.objects.filter(action="export board")
    assert entry.object == "2026 (ROC year 115)"


def test_it_costs_the_same_with_one_award_and_with_three(client, cast, awarded):
    award = Award.objects.get()
    for name in ("board", "board-awards", "board-workbook"):
        counts = []
        for number in range(2):
            if number and Award.objects.count() == 1:
                another(award, 1)
                another(award, 2)
            client.force_login(cast.officer)
            board._READ.clear()
            with CaptureQueriesContext(connection) as made:
                assert client.get(reverse(name)).status_code == 200
            counts.append(len(made))
        assert counts[0] == counts[1], name
