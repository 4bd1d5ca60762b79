"""The way to an award: what the panel recommends, who approves it, and who may not."""

import json
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from bids import queries, rules
from bids.actions import approvals, awards
from bids.actions.rankings import can_be_awarded, followed, rankings_of
from bids.actions.resolutions import Meeting
from bids.choices import ApprovalSide
from bids.models import Approval, Bid, Mark, Recommendation
from procurement.actions.locking import Stale
from procurement.choices import Profile, Role, Stage
from procurement.models import AuditEntry, Seat
from procurement.rules import Forbidden
from tests.awarded import approve_it, award_it, recommend_it
from tests.cast import NOW, PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def ranked(cast, priced):
    """Bedrock Security is first, and Quickwin Technology is cheaper."""
    Mark.objects.filter(bid__vendor=cast.vendor.vendor, criterion__code="S").update(mark="44")
    return awards.present_ranking(actor=cast.officer, tender=priced, now=NOW)


@pytest.fixture
def recommended(ranked):
    recommend_it(ranked)
    return ranked


@pytest.fixture
def approved(recommended):
    approve_it(recommended)
    return recommended


def seen(tender):
    return awards.recommended(tender, NOW).result.fingerprint


def approve(actor, tender, **words):
    told = {"approved": True, "reason": "", "seen": seen(tender)} | words
    return approvals.approve(actor=actor, tender=tender, now=NOW, **told)


def recommend(cast, tender, vendor, **more):
    both = rankings_of(tender, NOW)
    present = list(tender.seats.all())
    told = {
        "bid": tender.bids.get(vendor__name=vendor),
        "meeting": Meeting(present, len(present), 0, "Best"),
        "discussed": True,
        "benefits": "Security",
        "seen": both.fingerprint,
    } | more
    return awards.recommend(actor=cast.officer, tender=tender, now=NOW, **told)


def test_who_recorded_the_recommendation_is_known_by_key_and_not_by_name(cast, recommended):
    recommended.refresh_from_db()
    type(recommended).objects.update(officer=None)
    recommended.refresh_from_db()
    row = queries.recommendation_of(recommended)
    assert (row.recorder, row.recorded_by) == (cast.officer, "Officer (Procurement)")
    recorder, namesake = cast.officer, cast.security_head
    namesake.name = recorder.name
    namesake.save(update_fields=["name"])
    recorder.name, recorder.role, recorder.unit = "Renamed", Role.APPROVER, namesake.unit
    recorder.save(update_fields=["name", "role", "unit"])
    assert "You recorded the recommendation" in str(rules.can_approve(recorder, recommended, NOW).reason)
    assert rules.can_approve(namesake, recommended, NOW)


class TestRecommendation:
    def test_it_is_a_resolution_of_those_present_with_what_it_rests_on(self, cast, ranked):
        row = recommend_it(ranked)
        assert (row.kind, row.bid.vendor.name, row.in_favour) == ("recommend", "Bedrock Security", 2)
        assert row.recommendation.discussed
        assert row.recommendation.fingerprint == seen(ranked)
        assert AuditEntry.objects.first().action == "recommend award"
        assert AuditEntry.objects.filter(action="record resolution").exists()

    @pytest.mark.parametrize(("in_favour", "against"), [(1, 1), (1, 0), (0, 2), (3, 0)])
    def test_half_of_those_present_are_no_majority(self, cast, ranked, in_favour, against):
        present = list(ranked.seats.all())
        with pytest.raises(ValidationError):
            recommend(cast, ranked, "Bedrock Security", meeting=Meeting(present, in_favour, against, "Best"))
        assert not Recommendation.objects.exists()

    def test_nobody_decides_without_a_quorum(self, cast, ranked):
        with pytest.raises(ValidationError, match="No quorum"):
            recommend(cast, ranked, "Bedrock Security", meeting=Meeting([], 0, 0, "Best"))

    def test_a_dearer_bid_needs_a_word_on_what_the_money_buys(self, cast, ranked):
        with pytest.raises(ValidationError) as refusal:
            recommend(cast, ranked, "Bedrock Security", benefits="")
        assert set(refusal.value.message_dict) == {"benefits"}

    def test_not_on_a_ranking_that_changed_meanwhile(self, cast, ranked):
        with pytest.raises(Stale):
            recommend(cast, ranked, "Bedrock Security", seen="sha256:0")

    def test_only_at_award_review_and_by_officers(self, cast, priced):
        assert not rules.can_recommend(cast.officer, priced)
        ranked = awards.present_ranking(actor=cast.officer, tender=priced, now=NOW)
        assert rules.can_recommend(cast.officer, ranked)
        for who in ("security", "approver", "auditor", "security_head"):
            assert not rules.can_recommend(getattr(cast, who), ranked)

    def test_an_excluded_bid_is_in_no_ranking(self, cast, ranked):
        Bid.objects.filter(vendor=cast.rival.vendor).update(status="excluded", reason="Late")
        with pytest.raises(ValidationError, match="no ranking"):
            recommend(cast, ranked, "Quickwin Technology")

    def test_a_later_recommendation_takes_the_place_of_the_last(self, cast, recommended):
        approve_it(recommended)
        recommend_it(recommended)
        assert not rules.can_award(cast.approver, recommended, NOW)
        assert queries.recommendation_of(recommended).number == 2

    def test_on_the_page(self, client, cast, ranked):
        client.force_login(cast.officer)
        address = reverse("recommendation", args=[ranked.pk])
        form = client.get(address).context["form"]
        words = {
            "bid": Bid.objects.get(vendor=cast.vendor.vendor).pk,
            "present": list(ranked.seats.values_list("pk", flat=True)),
            "in_favour": 2,
            "against": 0,
            "discussed": "yes",
            "reason": "The best of both",
            "seen": form["seen"].value(),
        }
        refused = client.post(address, words)
        assert refused.status_code == 422
        assert "The best of both" in refused.content.decode()
        body = client.post(address, words | {"benefits": "A vault"}, follow=True).content.decode()
        assert "RES-1" in body
        assert "IT and security" in body


class TestApproval:
    def test_both_sides_then_the_named_approver(self, cast, recommended):
        assert "IT and security / Business" in str(rules.can_award(cast.approver, recommended, NOW).reason)
        approve(cast.security_head, recommended)
        reason = str(rules.can_award(cast.approver, recommended, NOW).reason)
        assert "Business" in reason
        assert "security" not in reason
        approve(cast.business_head, recommended)
        assert rules.can_award(cast.approver, recommended, NOW)
        assert rules.can_award(cast.next_above, recommended, NOW)
        assert [a.action for a in AuditEntry.objects.all()[:2]] == ["approve award", "approve award"]

    def test_first_place_is_not_yet_an_award(self, cast, ranked):
        assert "not recommended" in str(rules.can_award(cast.approver, ranked, NOW).reason)

    def test_each_side_signs_once(self, cast, recommended):
        approve(cast.security_head, recommended)
        with pytest.raises(Forbidden):
            approve(cast.security_head, recommended)
        row = Approval.objects.get()
        with pytest.raises(IntegrityError), transaction.atomic():
            Approval.objects.create(
                resolution=row.resolution,
                side=row.side,
                approved=True,
                fingerprint=row.fingerprint,
                signer=cast.business_head,
                signed_by="x",
                signed_at=NOW,
            )

    def test_who_signed_for_a_side_does_not_decide(self, cast, approved):
        approved.approver = cast.business_head
        approved.save(update_fields=["approver"])
        assert "You signed for “Business”" in str(rules.can_award(cast.business_head, approved, NOW).reason)
        assert rules.can_award(cast.next_above, approved, NOW)

    @pytest.mark.parametrize(
        "who", ["next_above", "approver", "officer", "security", "auditor", "administrator"]
    )
    def test_nobody_else_signs_for_a_side(self, cast, recommended, who):
        with pytest.raises(Forbidden):
            approve(getattr(cast, who), recommended)

    @pytest.mark.parametrize("who", ["security_head", "business_head"])
    def test_nobody_else_decides(self, cast, approved, who):
        assert not rules.can_award(getattr(cast, who), approved, NOW)

    def test_nobody_approves_what_they_marked(self, cast, recommended):
        Seat.objects.create(
            tender=recommended,
            position=9,
            code="x",
            unit=cast.security_head.unit,
            user=cast.security_head,
            present=False,
        )
        with pytest.raises(Forbidden, match="panel"):
            approve(cast.security_head, recommended)

    @pytest.mark.parametrize("part", ["officer", "owner"])
    def test_nobody_approves_what_they_raised(self, cast, recommended, part):
        setattr(recommended, part, cast.business_head)
        recommended.save(update_fields=[part])
        with pytest.raises(Forbidden, match="raised"):
            approve(cast.business_head, recommended)

    def test_nobody_approves_what_they_recorded(self, cast, recommended):
        cast.officer.role, cast.officer.unit = Role.APPROVER, cast.business_head.unit
        cast.officer.save()
        recommended.officer = None
        recommended.save(update_fields=["officer"])
        with pytest.raises(Forbidden, match="recorded"):
            approve(cast.officer, recommended)

    def test_a_changed_case_voids_what_was_signed(self, cast, approved):
        Mark.objects.filter(bid__vendor=cast.vendor.vendor, criterion__code="S").update(mark="43")
        fingerprint = seen(approved)
        verdict = rules.can_award(cast.approver, approved, NOW, fingerprint)
        assert "changed after it was approved" in str(verdict.reason)
        with pytest.raises(Forbidden, match="approved again"):
            awards.award(
                actor=cast.approver,
                tender=approved,
                words=awards.Words("First", "Security"),
                seen=fingerprint,
                now=NOW,
            )
        approve_it(approved)
        assert Approval.objects.count() == 4
        assert rules.can_award(cast.approver, approved, NOW, fingerprint)

    def test_what_was_on_screen_counts(self, cast, recommended):
        with pytest.raises(Stale):
            approve(cast.security_head, recommended, seen="sha256:0")

    def test_a_refusal_has_a_reason_and_ends_the_recommendation(self, cast, recommended):
        with pytest.raises(ValidationError):
            approve(cast.business_head, recommended, approved=False)
        approve(cast.business_head, recommended, approved=False, reason="No budget")
        assert queries.recommendation_of(recommended) is None
        assert not rules.can_approve(cast.security_head, recommended, NOW)
        assert queries.refusals_of(recommended).get().reason == "No budget"

    def test_the_approver_may_refuse_too(self, cast, approved):
        row = approvals.refuse_award(
            actor=cast.approver, tender=approved, reason="Wait", seen=seen(approved), now=NOW
        )
        assert row.side == ApprovalSide.FINAL
        assert queries.recommendation_of(approved) is None
        approved.refresh_from_db()
        assert approved.stage == Stage.RANKED

    def test_with_a_fresh_password(self, client, cast, recommended):
        client.force_login(cast.security_head)
        address = reverse("approve", args=[recommended.pk])
        words = {"decision": "yes", "seen": client.get(address).context["form"]["seen"].value()}
        assert client.post(address, words | {"password": "wrong"}).status_code == 422
        assert not Approval.objects.exists()
        client.post(address, words | {"password": PASSWORD})
        assert Approval.objects.get().signed_by.startswith("Security_Head")
        assert client.get(address).status_code == 403

    def test_the_decision_page_says_who_has_to_sign(self, client, cast, recommended):
        client.force_login(cast.business_head)
        body = client.get(reverse("decision", args=[recommended.pk])).content.decode()
        assert reverse("approve", args=[recommended.pk]) in body
        client.force_login(cast.approver)
        body = client.get(reverse("decision", args=[recommended.pk])).content.decode()
        assert "Approval is missing of: IT and security / Business." in body


class TestCheapestButNotFirst:
    @pytest.fixture
    def cheapest(self, ranked):
        return recommend_it(ranked, "Quickwin Technology")

    def test_the_approver_says_why(self, cast, ranked, cheapest):
        approve_it(ranked)
        words = awards.Words("Cheapest", "", "")
        told = {"tender": ranked, "seen": seen(ranked), "now": NOW}
        with pytest.raises(ValidationError) as refusal:
            awards.award(actor=cast.approver, words=words, **told)
        assert "departure" in refusal.value.message_dict
        made = awards.award(
            actor=cast.approver, words=awards.Words("Cheapest", "", "The budget was cut"), **told
        )
        assert made.departure_reason == "The budget was cut"

    def test_nobody_but_the_named_approver(self, cast, ranked, cheapest):
        approve_it(ranked)
        with pytest.raises(ValidationError, match="named in the tender"):
            awards.award(
                actor=cast.next_above,
                tender=ranked,
                words=awards.Words("x", "", "y"),
                seen=seen(ranked),
                now=NOW,
            )

    def test_refused_under_the_procurement_act(self, cast, ranked):
        choice = followed(rankings_of(ranked, NOW), "Quickwin Technology")
        assert can_be_awarded(ranked, choice)
        ranked.profile = Profile.TW_PUBLIC
        assert "Procurement Act" in str(can_be_awarded(ranked, choice).reason)

    def test_first_place_needs_no_departure(self, cast, ranked):
        assert award_it(ranked).departure_reason == ""


def test_the_trail_says_what_was_signed(cast, ranked):
    award_it(ranked)
    told = json.loads(AuditEntry.objects.get(action="award").payload)
    assert told["price_alone"] == "Quickwin Technology"
    assert told["benefits"]
    assert told["standstill_until"].startswith((NOW + timedelta(days=10)).date().isoformat())
