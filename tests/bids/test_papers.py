"""The papers: what they say, in which words, to whom, and what they never say."""

import json
import re
import subprocess
from io import BytesIO
from pathlib import Path

import docx as python_docx
import pytest
from django.urls import reverse
from django.utils import translation

from bids.actions.awards import present_ranking
from bids.actions.loading import load_case
from bids.actions.papers import KINDS, produce, produce_letter
from bids.evaluation import read
from bids.models import Agreed, Mark, Submission
from bids.papers.document import Notes, Paper, Signatures, Table, Text
from bids.papers.docx import clean, docx
from bids.papers.records import without
from bids.papers.words import day, letter, sum_of
from bids.queries import award_of
from procurement.choices import Stage
from procurement.models import AuditEntry, Vendor
from procurement.rules import Forbidden
from tests.bids.objecting import object_to
from tests.cast import NOW, award_it, recommend_it

STORIES = Path(__file__).resolve().parents[2] / "bids" / "management" / "stories"
WINNER, LOSER, EXCEPTED, OUT, CONCEALED = "磐礎資安", "鼎澈資訊", "遠衡系統", "捷惠科技", "宏橡軟體"
LANGUAGES = ["zh-hant", "en"]

pytestmark = pytest.mark.django_db


def load(name, cast):
    return load_case(read((STORIES / f"{name}.json").read_bytes()), now=NOW, actor=cast.officer)


@pytest.fixture
def tender(cast):
    tender = load("atm-endpoint", cast)
    for code, person in (("lin", cast.security), ("xu", cast.business)):
        tender.seats.filter(code=code).update(user=person)
    return tender


@pytest.fixture
def awarded(cast, tender):
    """Awarded to the first, as scored; each of two vendors' people is a loser's."""
    award_it(tender)
    for person, vendor in ((cast.vendor, LOSER), (cast.rival, OUT)):
        person.vendor = Vendor.objects.get(name=vendor)
        person.save(update_fields=["vendor"])
        bid = tender.bids.get(vendor=person.vendor)
        Submission.objects.create(bid=bid, number=1, kind="bid", at=NOW, by_name="x", digest="0" * 64)
    tender.refresh_from_db()
    return tender


def made(actor, tender, kind, language="en", **more):
    told = {"form": "print", "lettered": False} | more
    return produce(actor=actor, tender=tender, kind=kind, language=language, now=NOW, **told)


def letter_to(actor, tender, vendor, language="en"):
    bid = tender.bids.get(vendor__name=vendor)
    return produce_letter(actor=actor, bid=bid, language=language, form="print", now=NOW)


def texts(paper: Paper):
    """Every text of a paper but its foot."""
    for sheet in paper.sheets:
        yield sheet.title
        for fact in sheet.facts:
            yield from fact
        for block in sheet.blocks:
            if isinstance(block, Table):
                yield from (cell.text for row in (*block.head, *block.body) for cell in row)
            elif isinstance(block, Notes):
                yield from block.items
            elif isinstance(block, Signatures):
                yield from (text for one in block.people for text in (one.part, one.name, one.post))
            elif isinstance(block, Text):
                yield block.text


def text_of(paper):
    return "\n".join(texts(paper))


def members(tender):
    return [seat.name for seat in tender.seats.all()]


def row_that_begins(paper, *beginnings):
    tables = [block for sheet in paper.sheets for block in sheet.blocks if isinstance(block, Table)]
    rows = [[cell.text for cell in row] for table in tables for row in table.body]
    return next(row for row in rows if row[0] in beginnings)


class TestAwardPaper:
    def test_it_adds_up_as_the_design_has_it(self, cast, tender):
        paper = made(cast.officer, tender_at_review(cast, tender), "award-paper")
        assert row_that_begins(paper, "S1")[3:8] == ["5.0", "4.0", "／", "4.0", "14.20"]
        assert row_that_begins(paper, "Q1")[8:13] == ["4.0", "4.0", "2.5", "4.0", "7.40"]
        assert row_that_begins(paper, "Total")[2:] == ["72.75", "69.43"]
        assert row_that_begins(paper, "Place")[2:] == ["1", "2"]
        assert row_that_begins(paper, "Price (TWD)")[2:] == ["15,460,000", "17,450,000"]

    def test_every_row_of_the_grid_is_as_wide_as_its_columns(self, cast, tender):
        paper = made(cast.officer, tender_at_review(cast, tender), "award-paper")
        for sheet in paper.sheets:
            for block in sheet.blocks:
                if isinstance(block, Table):
                    widths = {sum(cell.span for cell in row) for row in block.body}
                    assert widths <= {len(block.widths)}

    def test_who_is_out_and_why(self, cast, tender):
        text = text_of(made(cast.officer, tender_at_review(cast, tender), "award-paper"))
        assert "R07 揭露持股 25% 以上實質受益人及控制國別 (High)" in text
        assert CONCEALED in text

    def test_both_rankings_stand_on_it(self, cast, tender):
        paper = made(cast.officer, tender_at_review(cast, tender), "award-paper")
        tables = [block for block in paper.sheets[0].blocks if isinstance(block, Table)]
        rows = next(table for table in tables if table.title).body
        assert [(row[0].text, row[1].text, row[3].text) for row in rows] == [
            ("1", WINNER, "—"),
            ("2", EXCEPTED, "R05"),
            ("3", LOSER, "—"),
        ]

    def test_the_three_notes_and_dissent(self, cast, tender):
        recommend_it(tender)
        tender.refresh_from_db()
        notes = next(
            b for b in made(cast.officer, tender, "award-paper").sheets[1].blocks if isinstance(b, Notes)
        )
        assert notes.items[0].startswith("1. Item by item: the members present discussed every criterion.")
        assert "no first opinion was recorded" in notes.items[1]
        assert f"Q1 {LOSER}" in notes.items[2]
        assert "no resolution is recorded" in notes.items[2]
        assert notes.items[3] == "4. Differing opinions: none."

    def test_price_alone_firmness_and_who_signed(self, cast, awarded):
        text = text_of(made(cast.officer, awarded, "award-paper"))
        for words in (
            "saves 3,480,000 (22.5%)",
            "4 requirements",
            "61.6%",
            "Firmest on security",
            "Approver (Management)",
        ):
            assert words in text

    def test_pending_as_long_as_an_objection_is_not_settled(self, cast, priced):
        ranked = tender_at_review(cast, priced)
        assert not made(cast.officer, ranked, "award-paper").foot.pending
        object_to(ranked, cast.security)
        assert made(cast.officer, ranked, "award-paper").foot.pending.startswith("Pending")

    def test_after_the_award_it_is_what_was_decided(self, cast, awarded):
        before = text_of(made(cast.officer, awarded, "award-paper"))
        Mark.objects.filter(bid__vendor__name=WINNER).update(mark="0")
        assert text_of(made(cast.officer, awarded, "award-paper")) == before

    def test_dates_and_sums_in_chinese(self, cast, awarded):
        paper = made(cast.officer, awarded, "award-paper", "zh-hant")
        text = text_of(paper)
        assert "新臺幣 18,500,000 元" in text
        assert "115 年 11 月 22 日" in text
        assert "一、" in text
        assert "2026" not in text.replace(awarded.reference, "")

    def test_both_fingerprints_who_and_when_in_the_foot(self, cast, awarded):
        foot = " ".join(made(cast.officer, awarded, "award-paper").foot.parts)
        for part in (
            awarded.reference,
            awarded.fingerprint[7:11],
            award_of(awarded).fingerprint[7:11],
            "Officer",
        ):
            assert part in foot
        assert "2026-11-22 14:00:00" in foot

    def test_more_bids_than_fit_take_more_sheets(self, cast):
        document = json.loads((STORIES / "atm-endpoint.json").read_text(encoding="utf-8"))
        first = document["bids"][0]
        more = [dict(first, vendor=f"Vendor {n}", price=15000000 + n) for n in range(5)]
        document |= {"reference": "MANY", "bids": [*document["bids"], *more]}
        tender = load_case(read(json.dumps(document)), now=NOW, actor=cast.officer)
        paper = made(cast.officer, tender_at_review(cast, tender), "award-paper")
        assert len(paper.sheets) == 4
        shown = text_of(paper)
        assert all(f"Vendor {n}" in shown for n in range(5))


def tender_at_review(cast, tender):
    return present_ranking(actor=cast.officer, tender=tender, now=NOW)


class TestLetters:
    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("vendor", [LOSER, EXCEPTED, OUT, CONCEALED])
    def test_nothing_about_others_and_nobody_named(self, cast, awarded, vendor, language):
        text = text_of(letter_to(cast.officer, awarded, vendor, language))
        assert vendor in text
        assert WINNER in text
        for other in {LOSER, EXCEPTED, OUT, CONCEALED} - {vendor}:
            bid = awarded.bids.get(vendor__name=other)
            assert other not in text
            assert f"{bid.price:,}" not in text
        for name in members(awarded):
            assert name not in text

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_its_own_points_and_the_winners_price_and_total(self, cast, awarded, language):
        paper = letter_to(cast.officer, awarded, LOSER, language)
        text = text_of(paper)
        for own in ("15.40", "7.40", "69.43", "17,450,000", "15,460,000", "72.75"):
            assert own in text
        for winners in ("14.20", "8.20", "13.62", "38.93"):
            assert winners not in text

    def test_points_are_the_panels_and_no_members_or_units(self, cast, awarded):
        paper = letter_to(cast.officer, awarded, LOSER)
        row = row_that_begins(paper, "Q1 ATM 相容性與效能影響")
        assert row[1:3] == ["10", "7.40"]
        for unit in ("Security", "External experts", "資安處", "業務處"):
            assert unit not in text_of(paper)

    def test_reasons_stand_without_names_in_the_order_of_their_words(self, cast, awarded):
        text = f"{members(awarded)[0]} says {OUT} and {WINNER} did better"
        award = award_of(awarded)
        case = json.loads(award.case_text)
        bid = next(bid for bid in case["bids"] if bid["vendor"] == LOSER)
        mark = next(mark for mark in bid["marks"] if mark["criterion"] == "Q2")
        mark["comment"] = text
        award.case_text = json.dumps(case)
        award.save(update_fields=["case_text"])
        row = row_that_begins(letter_to(cast.officer, awarded, LOSER), "Q2 建置與切換計畫")
        assert row[3].split("\n")[-1] == "a panel member says another bidder and another bidder did better"
        assert row[3].split("\n") == sorted(row[3].split("\n"))

    def test_who_is_out_reads_what_was_found_and_not_by_whom(self, cast, awarded):
        claim = awarded.bids.get(vendor__name=OUT).claims.get(requirement__code="R01")
        claim.finding, claim.verified_by = f"{members(awarded)[1]} saw a blocklist only", "Finder (Security)"
        claim.save(update_fields=["finding", "verified_by"])
        text = text_of(letter_to(cast.officer, awarded, OUT))
        assert "a panel member saw a blocklist only" in text
        assert "Finder" not in text

    def test_the_winner_gets_none(self, cast, awarded):
        with pytest.raises(Forbidden):
            letter_to(cast.officer, awarded, WINNER)

    def test_an_agreed_mark_has_its_reason(self, cast, tender):
        bid = tender.bids.get(vendor__name=LOSER)
        Agreed.objects.create(
            bid=bid, criterion=tender.criteria.get(code="Q1"), position=0, mark="3", reason="One branch only"
        )
        award_it(tender)
        tender.refresh_from_db()
        row = row_that_begins(letter_to(cast.officer, tender, LOSER), "Q1 ATM 相容性與效能影響")
        assert "One branch only" in row[3]


class TestNotice:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_the_winner_and_nobody_else(self, cast, awarded, language):
        text = text_of(made(cast.officer, awarded, "award-notice", language))
        assert WINNER in text
        assert "15,460,000" in text
        for hidden in (LOSER, EXCEPTED, OUT, CONCEALED, *members(awarded)):
            assert hidden not in text

    def test_it_says_until_when_one_may_complain(self, cast, awarded):
        assert "2 December 2026 23:59" in text_of(made(cast.officer, awarded, "award-notice"))


class TestMinutesAndOpening:
    def test_votes_reasons_and_those_present(self, cast, tender):
        recommend_it(tender)
        tender.refresh_from_db()
        text = text_of(made(cast.officer, tender, "minutes"))
        for words in (
            "RES-1: Recommend a bid for award",
            "7 in favour, 0 against, of 7 present",
            "林以安",
            "Best on",
        ):
            assert words in text

    def test_without_a_resolution_that_is_said(self, cast, tender):
        assert "no resolution" in text_of(made(cast.officer, tender_at_review(cast, tender), "minutes"))

    def test_envelopes_in_order_of_receipt(self, cast, priced):
        text = text_of(made(cast.officer, priced, "opening-record"))
        assert text.index("Bedrock Security") < text.index("Quickwin Technology")
        assert "15,000,000" in text

    def test_no_price_before_the_prices_are_open(self, cast, locked):
        text = text_of(made(cast.officer, locked, "opening-record"))
        assert "15,000,000" not in text
        assert "15000000" not in text


class TestMembersByLetter:
    @pytest.mark.parametrize("kind", ["award-paper", "minutes"])
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_a_copy_for_vendors_names_no_member(self, cast, awarded, kind, language):
        text = text_of(made(cast.officer, awarded, kind, language, lettered=True))
        assert [name for name in members(awarded) if name in text] == []

    @pytest.mark.parametrize(("who", "named"), [("officer", False), ("approver", False), ("auditor", True)])
    def test_under_the_procurement_act_only_auditors_see_whose_figures(self, cast, who, named):
        tender = load("tw-fire-emr-rank-sum", cast)
        tender.seats.filter(code="A").update(name="Somebody Known")
        paper = made(getattr(cast, who), tender_at_review(cast, tender), "award-paper")
        figures = paper.sheets[-1]
        cells = [
            cell.text
            for block in figures.blocks
            if isinstance(block, Table)
            for row in block.body
            for cell in row
        ]
        assert ("Somebody Known" in cells) == named
        assert any(cell.startswith("Member ") for cell in cells) != named

    def test_letters_do_not_follow_the_seats(self):
        assert [letter(number) for number in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


class TestWhoMay:
    @pytest.mark.parametrize("kind", list(KINDS))
    @pytest.mark.parametrize("who", ["security", "business", "administrator", "stranger"])
    def test_members_and_strangers_take_none(self, cast, awarded, kind, who):
        with pytest.raises(Forbidden):
            made(getattr(cast, who), awarded, kind)

    @pytest.mark.parametrize("kind", list(KINDS))
    @pytest.mark.parametrize("who", ["officer", "approver", "auditor", "security_head"])
    def test_those_who_keep_the_papers_take_all(self, cast, awarded, kind, who):
        assert made(getattr(cast, who), awarded, kind).kind == kind

    @pytest.mark.parametrize("kind", ["award-paper", "minutes", "opening-record"])
    def test_vendors_take_only_the_notice(self, client, cast, awarded, kind):
        client.force_login(cast.vendor)
        assert client.get(reverse("paper", args=[awarded.pk, kind])).status_code == 403
        assert client.get(reverse("paper", args=[awarded.pk, "award-notice"])).status_code == 200

    def test_a_vendor_takes_its_own_letter_and_no_other(self, client, cast, awarded):
        own, others = (awarded.bids.get(vendor__name=name).pk for name in (LOSER, OUT))
        client.force_login(cast.vendor)
        assert client.get(reverse("letter", args=[own])).status_code == 200
        assert client.get(reverse("letter", args=[others])).status_code == 404
        client.force_login(cast.stranger)
        assert client.get(reverse("letter", args=[own])).status_code == 404

    def test_nothing_of_the_award_before_it_is_made(self, client, cast, tender):
        tender_at_review(cast, tender)
        client.force_login(cast.officer)
        assert client.get(reverse("paper", args=[tender.pk, "award-notice"])).status_code == 403
        bid = tender.bids.get(vendor__name=LOSER)
        assert client.get(reverse("letter", args=[bid.pk])).status_code == 403

    def test_the_list_shows_what_the_person_may_take(self, client, cast, awarded):
        address = reverse("papers", args=[awarded.pk])
        client.force_login(cast.vendor)
        body = client.get(address).content.decode()
        assert LOSER in body
        assert "Minutes" not in body
        assert OUT not in body
        client.force_login(cast.officer)
        body = client.get(address).content.decode()
        assert "Minutes of the panel" in body
        assert OUT in body
        client.force_login(cast.security)
        assert client.get(address).status_code == 403

    def test_there_is_no_other_paper(self, client, cast, awarded):
        client.force_login(cast.officer)
        assert client.get(reverse("paper", args=[awarded.pk, "score-sheet"])).status_code == 404


class TestForms:
    @pytest.mark.parametrize("form", ["print", "docx"])
    def test_each_one_taken_is_on_the_trail(self, client, cast, awarded, form):
        client.force_login(cast.officer)
        client.get(reverse("paper", args=[awarded.pk, "minutes"]), {"form": form, "language": "en"})
        entry = AuditEntry.objects.first()
        told = json.loads(entry.payload)
        assert entry.action == "produce paper"
        assert (told["paper"], told["form"], told["language"], told["lettered"]) == (
            "minutes",
            form,
            "en",
            False,
        )

    def test_a_page_to_print_has_sheets_with_their_numbers(self, client, cast, awarded):
        client.force_login(cast.officer)
        response = client.get(reverse("paper", args=[awarded.pk, "award-paper"]), {"language": "en"})
        body = response.content.decode()
        assert body.count('<section class="paper"') == 2
        assert "Page 1 of 2" in body
        assert 'lang="en"' in body
        assert "style=" not in body

    def test_the_language_of_a_paper_is_not_the_readers(self, client, cast, awarded):
        client.force_login(cast.officer)
        body = client.get(
            reverse("paper", args=[awarded.pk, "award-notice"]), {"language": "zh-hant"}
        ).content.decode()
        assert 'lang="zh-hant"' in body
        assert "115 年 11 月 22 日" in body
        body = client.get(
            reverse("paper", args=[awarded.pk, "award-notice"]), {"language": "xx"}
        ).content.decode()
        assert 'lang="en"' in body

    @pytest.mark.parametrize("kind", list(KINDS))
    def test_a_file_says_what_the_page_says(self, client, cast, awarded, kind):
        client.force_login(cast.officer)
        response = client.get(reverse("paper", args=[awarded.pk, kind]), {"form": "docx", "language": "en"})
        assert f"{kind}-en.docx" in response.headers["Content-Disposition"]
        held = text_in(response.content)
        for text in texts(made(cast.officer, awarded, kind)):
            for line in filter(None, text.split("\n")):
                assert line in held

    def test_a_file_has_the_foot_and_page_numbers_as_fields(self, cast, awarded):
        document = python_docx.Document(BytesIO(docx(made(cast.officer, awarded, "award-paper"))))
        footer = document.sections[0].footer._element.xml
        assert "PAGE" in footer
        assert "NUMPAGES" in footer
        assert awarded.reference in footer
        section = document.sections[0]
        assert section.page_width > section.page_height

    def test_control_characters_do_not_break_it(self):
        assert clean("a\x00b\x0bc\ufffe\nd") == "abc\nd"

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_libreoffice_opens_it(self, soffice, tmp_path, cast, awarded, language):
        if not (Path(soffice).resolve().parent / "libswlo.so").exists():
            pytest.skip("LibreOffice has no Writer: install Debian's package libreoffice-writer")
        with translation.override(language):
            (tmp_path / "paper.docx").write_bytes(docx(made(cast.officer, awarded, "award-paper", language)))
        profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
        convert = [soffice, profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
        subprocess.run([*convert, str(tmp_path / "paper.docx")], check=True, capture_output=True, timeout=180)
        pdf = str(tmp_path / "paper.pdf")
        text = subprocess.run(
            ["pdftotext", "-layout", pdf, "-"], check=True, capture_output=True, text=True
        ).stdout
        for words in (WINNER, "72.75", "15,460,000", awarded.reference):
            assert words in text
        assert re.search(r"[1１]\D+2\s*\D*$", text.split("\f")[0].rstrip().split("\n")[-1])
        assert text.count("\f") == 2


def text_in(data):
    """Every text of a `.docx`, tables included, without its foot."""
    document = python_docx.Document(BytesIO(data))
    lines = [paragraph.text for paragraph in document.paragraphs]
    for table in document.tables:
        for row in table.rows:
            lines += [cell.text for cell in row.cells]
    return "\n".join(lines)


class TestWords:
    def test_days_in_both_calendars(self):
        with translation.override("zh-hant"):
            assert day(NOW) == "115 年 11 月 22 日"
        assert day(NOW) == "22 November 2026"

    def test_sums(self):
        with translation.override("zh-hant"):
            assert sum_of(18500000, "TWD") == "新臺幣 18,500,000 元"
            assert sum_of(5, "USD") == "USD 5"
        assert sum_of(None, "TWD") == "—"

    def test_the_longest_name_is_taken_out(self):
        names = {"Lin": "a member", "Lin Systems": "another bidder", "another": "x"}
        assert without("LIN SYSTEMS and lin", names) == "another bidder and a member"


def test_the_stage_goes_no_further_by_taking_papers(client, cast, awarded):
    client.force_login(cast.officer)
    client.get(reverse("paper", args=[awarded.pk, "award-paper"]))
    awarded.refresh_from_db()
    assert awarded.stage == Stage.AWARDED
