"""The papers: what they say and in which words, on the page and in the file."""

import json
import re
import subprocess
from io import BytesIO
from pathlib import Path

import docx as python_docx
import pytest
from django.urls import reverse
from django.utils import translation

from bids.actions.loading import load_case
from bids.actions.papers import KINDS
from bids.evaluation import read
from bids.models import Mark
from bids.papers.document import Notes, Table
from bids.papers.docx import clean, docx
from bids.papers.records import without
from bids.papers.words import day, sum_of
from bids.queries import award_of
from procurement.models import AuditEntry
from tests.awarded import recommend_it
from tests.bids.objecting import object_to
from tests.bids.paper_reading import (
    CONCEALED,
    EXCEPTED,
    LANGUAGES,
    LOSER,
    STORIES,
    WINNER,
    atm,
    awarded_atm,
    made,
    members,
    row_that_begins,
    tender_at_review,
    text_of,
    texts,
)
from tests.cast import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def tender(cast):
    return atm(cast)


@pytest.fixture
def awarded(cast):
    return awarded_atm(cast)


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

    def test_how_firm_first_place_is_in_figures_that_can_be_drawn_again(self, cast, tender):
        ranked = tender_at_review(cast, tender)
        text = text_of(made(cast.officer, ranked, "award-paper"))
        assert "20,000 weightings at random, each share within ±20% of the published one (seed 7)" in text
        assert "first place stays in 100.0%" in text
        assert "members: 7 of 7 unchanged; units: 4 of 4 unchanged; criteria: 7 of 7 unchanged" in text

    def test_first_place_that_hangs_on_one_member_says_so_without_the_name(self, cast, tender):
        marks = Mark.objects.filter(seat__tender=tender)
        marks.filter(bid__vendor__name=WINNER).exclude(seat__code="lin").update(mark="3")
        marks.filter(bid__vendor__name=WINNER, seat__code="lin").update(mark="5")
        marks.filter(bid__vendor__name=LOSER, seat__code="lin").update(mark="0")
        text = text_of(made(cast.officer, tender_at_review(cast, tender), "award-paper", lettered=True))
        line = next(line for line in text.split("\n") if "members: " in line)
        assert "members: 6 of 7 unchanged" in line
        assert not [name for name in members(tender) if name in line]

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
