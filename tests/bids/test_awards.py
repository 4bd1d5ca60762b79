"""The award by name, on the panel's recommendation and both sides' approvals."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from bids import queries, rules
from bids.actions import awards
from bids.actions.loading import load_case
from bids.actions.rankings import followed, rankings_of
from bids.cases import evaluated
from bids.evaluation import fingerprint, read
from bids.models import Approval, Award, Mark, Promise, Waiver
from procurement.actions.locking import Stale
from procurement.choices import Stage
from procurement.models import AuditEntry
from procurement.rules import Forbidden
from tests.awarded import approve_it, award_it, recommend_it
from tests.cast import NOW, PASSWORD

STORIES = Path(__file__).resolve().parents[2] / "bids" / "management" / "stories"

pytestmark = pytest.mark.django_db


@pytest.fixture
def tender(cast):
    """The ATM tender: first 磐礎資安, cheapest 捷惠科技 (out), and 遠衡系統 ranked only with an exception."""
    case = read((STORIES / "atm-endpoint.json").read_bytes())
    return load_case(case, now=NOW, actor=cast.officer)


@pytest.fixture
def approved(tender):
    recommend_it(tender)
    tender.refresh_from_db()
    approve_it(tender)
    return tender


def decide(actor, tender, **words):
    seen = words.pop("seen", None) or awards.recommended(tender, NOW).result.fingerprint
    told = {"reason": "Firmest on security", "benefits": "No gate is left open"} | words
    return awards.award(actor=actor, tender=tender, words=awards.Words(**told), seen=seen, now=NOW)


class TestAward:
    def test_everything_is_frozen_with_it(self, cast, approved):
        made = decide(cast.approver, approved)
        assert made.bid.vendor.name == "磐礎資安"
        assert made.awarded_by.startswith("Approver")
        assert fingerprint(read(made.case_text)) == made.fingerprint
        assert json.loads(made.result_text)["winner"] == "磐礎資安"
        approved.refresh_from_db()
        assert approved.stage == Stage.AWARDED
        assert json.loads(AuditEntry.objects.get(action="award").payload)["price_alone"] == "捷惠科技"

    def test_the_winner_as_scored_needs_no_exception(self, cast, approved):
        made = decide(cast.approver, approved)
        assert (made.with_exceptions, made.exceptions) == (False, [])
        assert fingerprint(read(made.case_text)) == evaluated(approved, now=NOW, waivers=False)[1].fingerprint
        assert "遠衡系統" in made.other_case_text

    def test_it_makes_the_winner_promise(self, cast, approved):
        made = decide(cast.approver, approved)
        assert set(Promise.objects.values_list("bid", flat=True)) == {made.bid.pk}

    @pytest.mark.parametrize("missing", ["reason", "benefits"])
    def test_not_without_words(self, cast, approved, missing):
        with pytest.raises(ValidationError) as refusal:
            decide(cast.approver, approved, **{missing: ""})
        assert set(refusal.value.message_dict) == {missing}
        assert not Award.objects.exists()

    @pytest.mark.parametrize("who", ["officer", "security", "auditor", "administrator", "business_head"])
    def test_not_by_others(self, cast, approved, who):
        with pytest.raises(Forbidden):
            decide(getattr(cast, who), approved)

    def test_not_by_somebody_on_the_panel(self, cast, approved):
        approved.seats.filter(code="wang").update(user=cast.approver)
        with pytest.raises(Forbidden, match="panel"):
            decide(cast.approver, approved)

    def test_not_before_the_ranking_was_presented(self, cast, tender):
        assert not rules.can_award(cast.approver, tender, NOW)
        assert not rules.can_recommend(cast.officer, tender)

    def test_not_on_figures_that_changed_meanwhile(self, client, cast, approved):
        seen = awards.recommended(approved, NOW).result.fingerprint
        Mark.objects.filter(bid__vendor__name="磐礎資安", criterion__code="S1", seat__code="lin").update(
            mark="4"
        )
        with pytest.raises(Stale):
            decide(cast.approver, approved, seen=seen)
        assert not Award.objects.exists()

    def test_not_while_first_place_is_tied(self, cast):
        document = json.loads((STORIES / "atm-endpoint.json").read_text(encoding="utf-8"))
        twin = json.loads(json.dumps(document["bids"][0])) | {"vendor": "Twin"}
        document |= {"reference": "TIE", "tie_break": [], "bids": [document["bids"][0], twin]}
        tied = load_case(read(json.dumps(document)), now=NOW, actor=cast.officer)
        with pytest.raises(ValidationError, match="tie"):
            recommend_it(tied, "Twin")

    def test_not_twice(self, cast, approved):
        decide(cast.approver, approved)
        approved.refresh_from_db()
        with pytest.raises(Forbidden):
            decide(cast.approver, approved, seen="x")

    def test_on_the_page_with_a_fresh_password(self, client, cast, approved, clock):
        client.force_login(cast.approver)
        address = reverse("award", args=[approved.pk])
        response = client.get(address)
        assert "捷惠科技" in response.content.decode()
        words = {
            "decision": "yes",
            "reason": "Firmest on security",
            "benefits": "No gate is left open",
            "seen": response.context["form"]["seen"].value(),
        }
        assert client.post(address, words | {"password": "wrong"}).status_code == 422
        assert not Award.objects.exists()
        body = client.post(address, words | {"password": PASSWORD}, follow=True).content.decode()
        assert Award.objects.get().benefits == "No gate is left open"
        assert "Award final after 2026/12/02 23:59" in body

    def test_a_refusal_on_the_page(self, client, cast, approved):
        client.force_login(cast.approver)
        address = reverse("award", args=[approved.pk])
        words = {
            "decision": "no",
            "reason": "Ask the vendor again",
            "seen": client.get(address).context["form"]["seen"].value(),
            "password": PASSWORD,
        }
        client.post(address, words)
        assert Approval.objects.filter(side="final", approved=False).exists()
        assert client.get(address).status_code == 403


class TestExceptions:
    @pytest.fixture
    def by_exception(self, tender):
        """The winner as scored is out, and 遠衡系統 would be first with its waiver, 鼎澈資訊 without."""
        tender.bids.filter(vendor__name="磐礎資安").update(status="excluded", reason="Forged report")
        return tender

    def test_first_only_with_exceptions_names_who_signed_them(self, cast, by_exception):
        made = award_it(by_exception, "遠衡系統")
        assert made.with_exceptions
        assert [(one["code"], one["signed_by"]) for one in made.exceptions] == [
            ("R05", "葉國棟 副總經理（資訊處）")
        ]
        assert (
            fingerprint(read(made.other_case_text))
            == evaluated(by_exception, now=NOW, waivers=False)[1].fingerprint
        )

    def test_the_first_as_scored_is_awarded_as_scored(self, by_exception):
        choice = followed(rankings_of(by_exception, NOW), "鼎澈資訊")
        assert choice.is_first
        assert not choice.with_exceptions

    def test_an_exception_that_ends_voids_the_approvals(self, cast, by_exception):
        recommend_it(by_exception, "遠衡系統")
        by_exception.refresh_from_db()
        approve_it(by_exception)
        Waiver.objects.update(
            loaded=False, security_by="x", expires_on=timezone.localdate(NOW) - timedelta(days=1)
        )
        assert awards.recommended(by_exception, NOW) is None
        with pytest.raises(ValidationError, match="no ranking"):
            decide(cast.approver, by_exception, seen="x")


class TestStandstill:
    def test_it_ends_with_its_last_day_in_taipei(self, tender):
        made = award_it(tender)
        assert made.standstill_until == datetime(2026, 12, 2, 15, 59, 59, 999999, tzinfo=UTC)

    def test_late_in_the_evening_it_is_taipeis_day_that_counts(self, tender):
        made = award_it(tender, at=datetime(2026, 11, 22, 16, 30, tzinfo=UTC))
        assert timezone.localdate(made.standstill_until).isoformat() == "2026-12-03"

    def test_then_the_award_is_final(self, tender):
        made = award_it(tender)
        assert queries.state_of(made, made.standstill_until).kind == "standstill"
        assert not rules.is_final(made, made.standstill_until)
        after = made.standstill_until + timedelta(microseconds=1)
        assert queries.state_of(made, after).kind == "final"
        assert rules.is_final(made, after)

    def test_the_page_says_so(self, client, cast, tender, clock):
        made = award_it(tender)
        clock(made.standstill_until + timedelta(days=1))
        client.force_login(cast.officer)
        body = client.get(reverse("decision", args=[tender.pk])).content.decode()
        assert "the award is final" in body
