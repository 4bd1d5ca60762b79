"""The ranking page, warnings and the award."""

import json
from datetime import timedelta
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from bids import rules
from bids.actions.awards import award, present_ranking
from bids.actions.loading import load_case
from bids.actions.objections import answer_objection, raise_objection
from bids.cases import evaluated
from bids.choices import ObjectionAnswer
from bids.evaluation import fingerprint, read
from bids.exports import WorkbookTooLarge
from bids.models import Award, Claim, Mark, Objection, Submission
from procurement.actions.locking import Stale
from procurement.choices import Severity, Stage
from procurement.models import AuditEntry, User, Vendor
from procurement.rules import Forbidden
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


@pytest.fixture
def objection(cast, ranked):
    return raise_objection(
        actor=cast.security,
        tender=ranked,
        bid=ranked.bids.get(vendor__name="磐礎資安"),
        requirement=ranked.requirements.get(code="R04"),
        severity=Severity.CRITICAL,
        claim="The vendor holds the signing key",
        remedy="Our own HSM",
        due_at=NOW + timedelta(days=2),
        now=NOW,
    )


def page(client, user, tender, name="decision"):
    client.force_login(user)
    return client.get(reverse(name, args=[tender.pk]))


def decide(actor, tender, reason="Firmest on security", seen=None):
    seen = seen or evaluated(tender, now=NOW)[1].fingerprint
    return award(actor=actor, tender=tender, reason=reason, seen=seen, now=NOW)


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
        assert [claim.requirement.code for claim in lines["遠衡系統"].waivers] == ["R05"]
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
        client.force_login(cast.officer)
        with django_assert_max_num_queries(30):
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
        bid = ranked.bids.get(vendor=cast.rival.vendor)
        Submission.objects.create(bid=bid, number=1, kind="bid", at=NOW, by_name="x", digest="0" * 64)
        assert page(client, cast.rival, ranked).status_code == 403
        decide(cast.approver, ranked)
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


class TestObjections:
    def test_a_member_raises_one_on_the_page(self, client, cast, ranked):
        client.force_login(cast.security)
        address = reverse("objection-new", args=[ranked.pk])
        assert client.get(address).status_code == 200
        bid = ranked.bids.get(vendor__name="磐礎資安")
        words = {"bid": bid.pk, "severity": "high", "claim": "Key", "due_at": "2999-01-01T10:00"}
        response = client.post(address, words, follow=True)
        assert "OBJ-1" in response.content.decode()
        assert Objection.objects.get().raised_by.startswith("Security")

    def test_what_was_typed_stays_when_the_form_is_refused(self, client, cast, ranked):
        client.force_login(cast.security)
        response = client.post(reverse("objection-new", args=[ranked.pk]), {"claim": "A long explanation"})
        assert "A long explanation" in response.content.decode()
        assert not Objection.objects.exists()

    def test_it_is_answered_once_by_name(self, client, cast, objection):
        client.force_login(cast.approver)
        words = {"answer": "accepted", "reason": "HSM by March", "version": objection.version}
        body = client.post(
            reverse("objection-answer", args=[objection.pk]), words, follow=True
        ).content.decode()
        assert "HSM by March" in body
        objection.refresh_from_db()
        assert objection.answered_by.startswith("Approver")
        assert client.post(reverse("objection-answer", args=[objection.pk]), words).status_code == 403

    def test_an_answer_to_an_older_version_is_stale(self, cast, objection):
        with pytest.raises(Stale):
            answer_objection(
                actor=cast.approver, objection=objection, seen=0, answer="rejected", reason="x", now=NOW
            )

    @pytest.mark.parametrize("who", ["officer", "security", "auditor"])
    def test_only_approvers_answer(self, client, cast, objection, who):
        actor = getattr(cast, who)
        assert not rules.can_answer_objection(actor, objection)
        client.force_login(actor)
        assert client.get(reverse("objection", args=[objection.pk])).status_code == 200

    @pytest.mark.parametrize("who", ["stranger", "vendor", "administrator"])
    def test_strangers_do_not_find_it(self, client, cast, objection, who):
        client.force_login(getattr(cast, who))
        assert client.get(reverse("objection", args=[objection.pk])).status_code in {403, 404}

    def test_no_answer_without_name_and_reason_even_in_the_table(self, objection):
        with pytest.raises(IntegrityError), transaction.atomic():
            Objection.objects.filter(pk=objection.pk).update(answer=ObjectionAnswer.REJECTED)


class TestAward:
    def test_by_an_approver_with_a_reason_and_everything_frozen(self, client, cast, ranked):
        client.force_login(cast.approver)
        address = reverse("award", args=[ranked.pk])
        form = client.get(address).context["form"]
        words = {"reason": "Firmest on security", "fingerprint": form["fingerprint"].value()}
        client.post(address, words)
        decision = Award.objects.get()
        assert decision.bid.vendor.name == "磐礎資安"
        assert decision.awarded_by.startswith("Approver")
        case = read(decision.case_text)
        assert fingerprint(case) == decision.fingerprint
        assert json.loads(decision.result_text)["winner"] == "磐礎資安"
        ranked.refresh_from_db()
        assert ranked.stage == Stage.AWARDED
        told = json.loads(AuditEntry.objects.get(action="award").payload)
        assert told["price_alone"] == "捷惠科技"

    def test_not_while_a_warning_is_unanswered(self, cast, objection):
        with pytest.raises(Forbidden, match="unanswered"):
            decide(cast.approver, objection.tender)
        answer_objection(
            actor=cast.approver, objection=objection, seen=1, answer="accepted", reason="By March", now=NOW
        )
        assert decide(cast.approver, objection.tender)

    def test_not_by_somebody_on_the_panel(self, cast, ranked):
        ranked.seats.filter(code="wang").update(user=cast.approver)
        with pytest.raises(Forbidden, match="panel"):
            decide(cast.approver, ranked)

    @pytest.mark.parametrize("who", ["officer", "security", "auditor", "administrator"])
    def test_not_by_other_roles(self, cast, ranked, who):
        with pytest.raises(Forbidden):
            decide(getattr(cast, who), ranked)

    def test_not_before_the_ranking_was_presented(self, cast, tender):
        with pytest.raises(Forbidden):
            decide(cast.approver, tender)

    def test_not_on_figures_that_changed_meanwhile(self, client, cast, ranked):
        seen = evaluated(ranked, now=NOW)[1].fingerprint
        Mark.objects.filter(bid__vendor__name="磐礎資安", criterion__code="S1", seat__code="lin").update(
            mark="4"
        )
        with pytest.raises(Stale):
            decide(cast.approver, ranked, seen=seen)
        client.force_login(cast.approver)
        words = {"reason": "x", "fingerprint": seen}
        assert client.post(reverse("award", args=[ranked.pk]), words).status_code == 409
        assert not Award.objects.exists()

    def test_not_while_first_place_is_tied(self, cast, ranked):
        document = json.loads((STORIES / "atm-endpoint.json").read_text(encoding="utf-8"))
        twin = json.loads(json.dumps(document["bids"][0])) | {"vendor": "Twin"}
        document |= {"reference": "TIE", "tie_break": [], "bids": [document["bids"][0], twin]}
        tied = load_case(read(json.dumps(document)), now=NOW, actor=cast.officer)
        tied = present_ranking(actor=cast.officer, tender=tied, now=NOW)
        with pytest.raises(ValidationError, match="tie"):
            decide(cast.approver, tied)

    def test_not_twice(self, cast, ranked):
        decide(cast.approver, ranked)
        with pytest.raises(Forbidden):
            decide(cast.approver, ranked)


def test_a_case_too_large_for_a_workbook_is_said_and_leads_back(client, cast, tender, monkeypatch):
    def refuse(*args, **kwargs):
        raise WorkbookTooLarge

    monkeypatch.setattr("bids.actions.exporting.workbook", refuse)
    client.force_login(cast.officer)
    body = client.get(reverse("workbook", args=[tender.pk]), follow=True).content.decode()
    assert "too large for a workbook" in body
