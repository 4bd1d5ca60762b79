"""The papers: who may take which, and what each of them never says."""

import json

import pytest
from django.urls import reverse

from bids.actions.papers import KINDS
from bids.models import Agreed
from bids.papers.document import Table
from bids.papers.words import letter
from bids.queries import award_of
from procurement.choices import Stage
from procurement.rules import Forbidden
from tests.awarded import award_it
from tests.bids.paper_reading import (
    CONCEALED,
    EXCEPTED,
    LANGUAGES,
    LOSER,
    OUT,
    WINNER,
    atm,
    awarded_atm,
    letter_to,
    load,
    made,
    members,
    row_that_begins,
    tender_at_review,
    text_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def tender(cast):
    return atm(cast)


@pytest.fixture
def awarded(cast):
    return awarded_atm(cast)


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


def test_the_stage_goes_no_further_by_taking_papers(client, cast, awarded):
    client.force_login(cast.officer)
    client.get(reverse("paper", args=[awarded.pk, "award-paper"]))
    awarded.refresh_from_db()
    assert awarded.stage == Stage.AWARDED
