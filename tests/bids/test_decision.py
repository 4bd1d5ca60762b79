"""The ranking page: both rankings, who sees them, and what can be taken away."""

import json
from datetime import timedelta
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from bids.actions.awards import present_ranking
from bids.actions.loading import load_case
from bids.cases import evaluated
from bids.choices import ResolutionKind
from bids.evaluation import canonical, case_file, fingerprint, read
from bids.exports import WorkbookTooLarge
from bids.models import Award, Claim, Mark, Recommendation, Resolution, Waiver
from procurement.choices import Stage
from procurement.models import AuditEntry, User, Vendor
from procurement.rules import Forbidden
from tests.bids.vendors import sent_on_paper
from tests.cast import NOW

STORIES = Path(__file__).resolve().parents[2] / "bids" / "management" / "stories"

pytestmark = pytest.mark.django_db


def load(name, cast):
    return load_case(read((STORIES / f"{name}.json").read_bytes()), now=NOW, actor=cast.officer)


@pytest.fixture
def tender(cast):
    """The ATM tender, prices open, with the cast's two members on its panel."""
    tender = load("atm-endpoint", cast)
    for code, person in (("lin", cast.security), ("xu", cast.business)):
        tender.seats.filter(code=code).update(user=person)
    return tender


@pytest.fixture
def ranked(cast, tender):
    return present_ranking(actor=cast.officer, tender=tender, now=NOW)


def page(client, user, tender, name="decision"):
    client.force_login(user)
    return client.get(reverse(name, args=[tender.pk]))


def awarded(tender, person, vendor="磐礎資安", *, with_exceptions=True):
    """An award of the tender as it is stored, without the way there."""
    ranking = evaluated(tender, now=NOW, waivers=with_exceptions)
    bid = tender.bids.get(vendor__name=vendor)
    resolution = Resolution.objects.create(
        tender=tender,
        number=1,
        kind=ResolutionKind.RECOMMEND,
        bid=bid,
        reason="x",
        in_favour=5,
        recorded_by="x",
        recorder=person,
        recorded_at=NOW,
    )
    Recommendation.objects.create(
        resolution=resolution,
        fingerprint=ranking[1].fingerprint,
        with_exceptions=with_exceptions,
        discussed=True,
    )
    type(tender).objects.filter(pk=tender.pk).update(stage=Stage.AWARDED)
    return Award.objects.create(
        tender=tender,
        bid=bid,
        resolution=resolution,
        reason="Firmest on security",
        with_exceptions=with_exceptions,
        signer=person,
        awarded_by=f"{person} ({person.belongs_to})",
        awarded_at=NOW,
        standstill_until=NOW + timedelta(days=10),
        case_text=canonical(case_file(ranking[0])),
        result_text=canonical(ranking[1].to_document()),
        fingerprint=ranking[1].fingerprint,
    )


class TestPage:
    def test_places_points_and_prices_stand_there(self, client, cast, tender):
        body = page(client, cast.officer, tender).content.decode()
        for text in ("72.75", "70.85", "69.43", "15,460,000", "−740,000", "+1,990,000", "33.7%", "61.6%"):
            assert text in body

    def test_the_parts_add_up_to_the_total(self, client, cast, tender):
        response = page(client, cast.officer, tender)
        for line in response.context["lines"]:
            assert sum((part.value for part in line.parts), Fraction(0)) == line.row.total

    def test_price_alone_is_named_with_what_it_leaves_out(self, client, cast, tender):
        alone = page(client, cast.officer, tender).context["alone"]
        assert alone.vendors == ("捷惠科技",)
        assert alone.saving == 3480000
        assert [failure.code for failure in alone.unmet] == ["R01", "R02", "R12", "R13"]
        assert alone.by_severity == [("critical", 2), ("medium", 2)]
        assert alone.gates == 2

    def test_who_is_out_and_why_and_who_found_it(self, client, cast, tender):
        Claim.objects.filter(bid__vendor__name="捷惠科技", requirement__code="R01").update(
            finding="Only a blocklist", verified_by="Chen (Security)"
        )
        response = page(client, cast.officer, tender)
        out = {line.vendor: line for line in response.context["out_lines"]}
        assert set(out) == {"捷惠科技", "宏橡軟體"}
        assert out["捷惠科技"].failures[0].text == "Only a blocklist"
        assert "Chen (Security)" in response.content.decode()

    def test_a_waiver_stays_on_the_name(self, client, cast, tender):
        lines = {line.row.vendor: line for line in page(client, cast.officer, tender).context["lines"]}
        assert [waiver.claim.requirement.code for waiver in lines["遠衡系統"].waivers] == ["R05"]
        assert "葉國棟" in page(client, cast.officer, tender).content.decode()

    def test_units_that_disagree_are_shown_largest_first(self, client, cast, tender):
        splits = page(client, cast.officer, tender).context["splits"]
        assert splits[0]["spread"] == Fraction(3, 2)
        assert [split["spread"] for split in splits] == sorted((s["spread"] for s in splits), reverse=True)

    def test_alarms_are_sentences(self, client, cast, tender):
        assert any("捷惠科技" in text for text in page(client, cast.officer, tender).context["warnings"])

    @pytest.mark.parametrize(
        "name",
        [
            "tw-kitchen-pass-then-lowest",
            "tw-fire-emr-rank-sum",
            "tw-road-price-per-point",
            "usac-sample-matrix",
        ],
    )
    def test_published_evaluations_are_shown_too(self, client, cast, name):
        tender = load(name, cast)
        response = page(client, cast.officer, tender)
        assert response.status_code == 200
        winner = evaluated(tender, now=NOW)[1].winner
        assert f'<p class="big">{winner}' in response.content.decode()

    def test_a_missing_mark_is_a_hole_and_nobody_is_ranked(self, client, cast, tender):
        Mark.objects.filter(bid__vendor__name="磐礎資安", criterion__code="S1").delete()
        body = page(client, cast.officer, tender).content.decode()
        assert "Nobody is ranked yet" in body
        assert "S1" in body

    def test_rules_that_do_not_fit_what_is_stored_are_said(self, client, cast, tender):
        tender.criteria.filter(code="S").update(minimum="46")
        body = page(client, cast.officer, tender).content.decode()
        assert "cannot be evaluated" in body

    @pytest.mark.parametrize("language", ["zh-hant", "en"])
    def test_both_languages(self, client, cast, tender, language):
        User.objects.filter(pk=cast.officer.pk).update(language=language)
        cast.officer.refresh_from_db()
        body = page(client, cast.officer, tender).content.decode()
        assert f'<html lang="{language}"' in body

    def test_the_number_of_queries_does_not_grow_with_the_bids(
        self, client, cast, tender, django_assert_max_num_queries
    ):
        document = json.loads((STORIES / "atm-endpoint.json").read_text(encoding="utf-8"))
        one = [bid for bid in document["bids"] if bid["vendor"] == "遠衡系統"]
        single = load_case(read(json.dumps(document | {"reference": "ONE", "bids": one})), now=NOW)
        client.force_login(cast.officer)
        for row in (single, tender):  # the first reading of a session is an entry of the trail
            client.get(reverse("decision", args=[row.pk]))
        with django_assert_max_num_queries(50) as asked:
            client.get(reverse("decision", args=[single.pk]))
        with django_assert_max_num_queries(len(asked)):
            client.get(reverse("decision", args=[tender.pk]))


class TestWhoSees:
    @pytest.mark.parametrize("who", ["officer", "security", "business", "approver", "auditor"])
    def test_the_bank_sees_the_ranking(self, client, cast, tender, who):
        assert page(client, getattr(cast, who), tender).status_code == 200

    @pytest.mark.parametrize("who", ["stranger", "administrator", "vendor"])
    def test_others_do_not_know_of_it(self, client, cast, tender, who):
        assert page(client, getattr(cast, who), tender).status_code == 404

    @pytest.mark.parametrize("name", ["decision", "workbook", "case-file", "result-file"])
    def test_nobody_sees_it_before_prices_are_open(self, client, cast, tender, name):
        type(tender).objects.filter(pk=tender.pk).update(stage=Stage.TECHNICAL_LOCKED)
        response = page(client, cast.officer, tender, name)
        assert response.status_code == 403
        assert "15,460,000" not in response.content.decode()

    def test_a_bidder_sees_its_own_line_and_the_winner_after_the_award(self, client, cast, ranked):
        cast.rival.vendor = Vendor.objects.get(name="鼎澈資訊")
        cast.rival.save()
        sent_on_paper(ranked.bids.get(vendor=cast.rival.vendor))
        assert page(client, cast.rival, ranked).status_code == 403
        awarded(ranked, cast.approver)
        body = page(client, cast.rival, ranked).content.decode()
        assert "磐礎資安" in body
        assert "鼎澈資訊" in body
        for hidden in ("遠衡系統", "捷惠科技", "宏橡軟體", "14,720,000"):
            assert hidden not in body
        assert page(client, cast.rival, ranked, "case-file").status_code == 403


class TestExports:
    def test_the_case_file_recomputes_to_the_same_fingerprint(self, client, cast, tender):
        response = page(client, cast.officer, tender, "case-file")
        assert fingerprint(read(response.content)) == evaluated(tender, now=NOW)[1].fingerprint
        assert "attachment" in response.headers["Content-Disposition"]

    def test_the_result_file_is_the_result(self, client, cast, tender):
        response = page(client, cast.officer, tender, "result-file")
        assert json.loads(response.content) == evaluated(tender, now=NOW)[1].to_document()

    def test_the_workbook_opens_and_names_the_winner(self, client, cast, tender):
        response = page(client, cast.officer, tender, "workbook")
        book = openpyxl.load_workbook(BytesIO(response.content), data_only=True)
        cells = [cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
        assert "磐礎資安" in cells

    @pytest.mark.parametrize(("who", "named"), [("officer", False), ("auditor", True)])
    def test_individual_sheets_are_confidential_under_the_procurement_act(self, client, cast, who, named):
        tender = load("tw-fire-emr-rank-sum", cast)
        tender.seats.filter(code="A").update(name="Somebody Known")
        response = page(client, getattr(cast, who), tender, "workbook")
        book = openpyxl.load_workbook(BytesIO(response.content), data_only=True)
        cells = [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
        assert any("Somebody Known" in cell for cell in cells) == named

    def test_every_export_is_on_the_trail(self, client, cast, tender):
        for name in ("workbook", "case-file", "result-file"):
            page(client, cast.officer, tender, name)
        kinds = [json.loads(e.payload)["kind"] for e in AuditEntry.objects.filter(action="export ranking")]
        assert sorted(kinds) == ["case", "result", "xlsx"]


class TestPresenting:
    def test_the_officer_puts_the_ranking_before_the_approver(self, client, cast, tender):
        client.force_login(cast.officer)
        client.post(reverse("present", args=[tender.pk]))
        tender.refresh_from_db()
        assert tender.stage == Stage.RANKED
        assert AuditEntry.objects.first().action == "present ranking"

    def test_an_incomplete_case_is_not_presented(self, client, cast, tender):
        Mark.objects.filter(bid__vendor__name="磐礎資安", criterion__code="S1").delete()
        with pytest.raises(ValidationError):
            present_ranking(actor=cast.officer, tender=tender, now=NOW)
        client.force_login(cast.officer)
        response = client.post(reverse("present", args=[tender.pk]), follow=True)
        assert "missing" in response.content.decode()
        tender.refresh_from_db()
        assert tender.stage == Stage.PRICE_OPENED

    def test_only_officers_do(self, cast, tender):
        with pytest.raises(Forbidden):
            present_ranking(actor=cast.security, tender=tender, now=NOW)


class TestBothRankings:
    """As scored, and with the waiver of R05 that the story holds."""

    def test_side_by_side_where_they_differ(self, client, cast, tender):
        response = page(client, cast.officer, tender)
        rankings = response.context["rankings"]
        both = {row.vendor: row for row in rankings.rows}
        assert both["遠衡系統"].scored is None
        assert both["遠衡系統"].accepted.place == 2
        assert (both["鼎澈資訊"].scored.place, both["鼎澈資訊"].accepted.place) == (2, 3)
        assert [row.vendor for row in rankings.rows if row.moved] == ["遠衡系統", "鼎澈資訊"]
        assert not rankings.change_first
        body = response.content.decode()
        for text in ("Exceptions change the ranking, but not first place.", "Ranked only with exceptions"):
            assert text in body
        assert "The panel’s recommendation will say" in body

    def test_who_signed_what_until_when(self, client, cast, tender):
        waiver = Waiver.objects.get()
        day = timezone.localdate(NOW) + timedelta(days=30)
        Waiver.objects.update(
            loaded=False, expires_on=day, security_by="Lin (Security)", control="Two locks on the door"
        )
        body = page(client, cast.officer, tender).content.decode()
        for text in ("Two locks on the door", "Lin (Security)", "葉國棟", "2026/12/22"):
            assert text in body
        assert reverse("waiver", args=[waiver.pk]) in body

    def test_a_plain_sentence_where_nothing_is_excepted(self, client, cast, tender):
        Waiver.objects.all().delete()
        response = page(client, cast.officer, tender)
        body = response.content.decode()
        assert "No waiver and no accepted risk is in force: both rankings are one." in body
        assert "First by the published rules" in body
        assert response.context["result"] == evaluated(tender, now=NOW, waivers=False)[1]

    def test_a_sentence_where_an_exception_moves_nothing(self, client, cast, tender):
        """A waiver does not help a bid that fails another gate."""
        claims = Claim.objects.filter(bid__vendor__name="捷惠科技", verified=False)
        Waiver.objects.update(claim=claims.first())
        body = page(client, cast.officer, tender).content.decode()
        assert "1 exception is in force and changes no place and no figure" in body

    def test_an_expired_exception_is_in_neither(self, client, cast, tender):
        Waiver.objects.update(
            loaded=False, security_by="x", expires_on=timezone.localdate(NOW) - timedelta(days=1)
        )
        response = page(client, cast.officer, tender)
        assert response.context["rankings"].waivers == []
        assert "遠衡系統" in {line.vendor for line in response.context["out_lines"]}

    def test_first_place_by_exception_is_said_in_the_verdict(self, client, cast, tender):
        tender.bids.filter(vendor__name="磐礎資安").update(status="excluded", reason="forged report")
        body = page(client, cast.officer, tender).content.decode()
        assert "First with accepted exceptions" in body
        assert "As scored <b>鼎澈資訊</b> is first." in body

    def test_an_award_as_scored_shows_the_ranking_as_scored(self, client, cast, tender):
        award = awarded(tender, cast.approver, with_exceptions=False)
        response = page(client, cast.officer, tender)
        assert response.context["result"].fingerprint == award.fingerprint
        body = response.content.decode()
        assert "First as scored" in body
        assert "The award follows the ranking as scored." in body

    def test_what_an_award_rests_on_stays_when_its_exception_ends(self, client, cast, tender, clock):
        Waiver.objects.update(
            loaded=False, security_by="x", expires_on=timezone.localdate(NOW) + timedelta(days=5)
        )
        award = awarded(tender, cast.approver, "遠衡系統")
        clock(NOW + timedelta(days=40))
        response = page(client, cast.officer, tender)
        assert response.context["result"].fingerprint == award.fingerprint
        assert "The award follows the ranking with accepted exceptions." in response.content.decode()
        exported = read(page(client, cast.officer, tender, "case-file").content)
        assert fingerprint(exported) == award.fingerprint

    @pytest.mark.parametrize("name", ["case-file", "result-file"])
    def test_both_can_be_taken_away(self, client, cast, tender, name):
        client.force_login(cast.officer)
        address = reverse(name, args=[tender.pk])
        accepted = client.get(address)
        scored = client.get(address, {"ranking": "as-scored"})
        assert "as-scored" in scored.headers["Content-Disposition"]
        assert "as-scored" not in accepted.headers["Content-Disposition"]
        told = [
            json.loads(e.payload)["as_scored"] for e in AuditEntry.objects.filter(action="export ranking")
        ]
        assert told == [True, False]
        if name == "case-file":
            base = evaluated(tender, now=NOW, waivers=False)[1]
            assert fingerprint(read(scored.content)) == base.fingerprint
            assert fingerprint(read(accepted.content)) == evaluated(tender, now=NOW)[1].fingerprint


def test_a_case_too_large_for_a_workbook_is_said_and_leads_back(client, cast, tender, monkeypatch):
    def refuse(*args, **kwargs):
        raise WorkbookTooLarge

    monkeypatch.setattr("bids.actions.exporting.workbook", refuse)
    client.force_login(cast.officer)
    body = client.get(reverse("workbook", args=[tender.pk]), follow=True).content.decode()
    assert "too large for a workbook" in body
