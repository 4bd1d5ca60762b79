"""Promises: what becomes one, who signs it, what is late, and how far its day can be moved."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from bids.actions import promises as steps
from bids.choices import PromiseState, Proof
from bids.models import Acceptance, Bid, Claim, Promise, Recusal, SignOff
from bids.queries.concentration import concentration
from bids.queries.promises import promises_to_sign, promises_visible_to
from procurement.actions.locking import Stale
from procurement.choices import Stage
from procurement.models import AuditEntry
from procurement.rules import Forbidden
from tests.bids.promised import (
    DUE,
    VENDOR,
    award_to,
    promise_of,
    sign,
)
from tests.cast import NOW
from tests.files.making import pdf

pytestmark = pytest.mark.django_db


# --- what becomes a promise -------------------------------------------------------------------------------
def test_what_the_winning_bid_meets_becomes_a_promise(cast, opened):
    bid = Bid.objects.get(tender=opened, vendor__name=VENDOR)
    Claim.objects.filter(bid=bid, requirement__code="R2").update(answer="not_met", verified=True)
    Claim.objects.filter(bid=bid, requirement__code="R3").update(verified=False)
    award_to(opened, VENDOR, cast.approver)
    made = list(Promise.objects.order_by("position"))
    assert [(row.code, row.mandatory) for row in made] == [("R1", True), ("R2", True)]
    assert {(row.unit, row.owner, row.text) for row in made if row.code == "R1"} == {
        (cast.security.unit, cast.security, "Requirement R1")
    }
    assert {row.due_on for row in made} == {DUE.date()} == {Acceptance.objects.get().target_on}
    assert {row.proof for row in made} == {Proof.TEST_REPORT}
    assert AuditEntry.objects.filter(action="make promises", payload__contains='["R1","R2"]').count() == 1


def test_what_security_agreed_does_not_apply_is_no_promise(cast, opened):
    claims = Claim.objects.filter(bid__vendor__name=VENDOR, requirement__code="R1")
    claims.update(answer="not_applicable", not_applicable_by="Security", not_applicable_reason="No key")
    award_to(opened, VENDOR, cast.approver)
    assert set(Promise.objects.values_list("code", flat=True)) == {"R2", "R3"}


def test_a_requirement_without_a_name_is_the_system_owners(cast, opened):
    opened.requirements.filter(code="R1").update(unit=None, owner=None)
    award_to(opened, VENDOR, cast.approver)
    promise = promise_of(opened, "R1")
    assert (promise.unit, promise.owner) == (opened.owner_unit, opened.owner)


@pytest.mark.parametrize(
    ("words", "proof"),
    [
        ("SBOM in CycloneDX", Proof.SBOM),
        ("原始碼檢測報告", Proof.SOURCE_REVIEW),
        ("第三方測試報告", Proof.TEST_REPORT),
        ("Demonstration on site", Proof.DEMONSTRATION),
        ("Contract clause", Proof.DOCUMENT),
        ("", Proof.DOCUMENT),
    ],
)
def test_the_kind_of_evidence_follows_the_words_of_the_requirement(words, proof):
    assert steps.proof_asked(words) == proof


def test_a_second_award_makes_promises_of_its_own_and_lets_the_first_rest(cast, opened):
    first = award_to(opened, VENDOR, cast.approver)
    first.suspended_at, first.suspended_by = NOW, "Approver"
    first.save()
    opened.stage = Stage.RANKED
    opened.save()
    assert not promises_visible_to(cast.officer).exists()
    later = NOW + timedelta(days=20)
    award_to(opened, "Quickwin Technology", cast.approver, at=later)
    visible = promises_visible_to(cast.officer)
    assert {row.bid.vendor.name for row in visible} == {"Quickwin Technology"}
    assert not promises_visible_to(cast.vendor).exists()
    assert Promise.objects.count() == 6
    assert Acceptance.objects.get().target_on == (DUE + timedelta(days=20)).date()


# --- signing ----------------------------------------------------------------------------------------------
def test_the_owner_and_members_of_the_accountable_unit_sign_and_nobody_else(cast, promised, colleague):
    promise = promise_of(promised, "R1")
    for name in ("officer", "business", "approver", "auditor", "administrator", "vendor", "rival"):
        with pytest.raises(Forbidden):
            sign(getattr(cast, name), promise)
    sign(colleague, promise)
    promise.refresh_from_db()
    assert promise.state(NOW.date()) == PromiseState.KEPT
    assert SignOff.objects.get().by_name == "Colleague (Security)"


def test_who_is_recused_from_the_bid_neither_sees_nor_signs_its_promises(cast, promised):
    promise = promise_of(promised, "R1")
    seat = promised.seats.get(user=cast.security)
    Recusal.objects.create(seat=seat, bid=promise.bid, position=0)
    assert not promises_visible_to(cast.security).exists()
    with pytest.raises(Forbidden):
        sign(cast.security, promise)


def test_late_is_what_the_calendar_says(cast, promised):
    promise, due = promise_of(promised, "R1"), DUE.date()
    assert promise.state(due) == PromiseState.OPEN
    assert promise.state(due + timedelta(days=1)) == PromiseState.LATE
    sign(cast.security, promise, at=DUE + timedelta(days=1))
    promise.refresh_from_db()
    assert promise.state(due) == PromiseState.LATE
    assert promise.is_kept


def test_a_day_ends_in_taipei(cast, promised):
    promise = promise_of(promised, "R1")
    last = DUE.replace(hour=15, minute=59)  # 23:59 in Taipei
    sign(cast.security, promise, at=last)
    other = promise_of(promised, "R2")
    sign(cast.security, other, at=last + timedelta(minutes=1))
    assert promise_of(promised, "R1").state(DUE.date()) == PromiseState.KEPT
    assert promise_of(promised, "R2").state(DUE.date()) == PromiseState.LATE


def test_what_was_signed_stays_and_the_last_one_counts(cast, promised):
    promise = promise_of(promised, "R1")
    sign(cast.security, promise, "broken", text="Key in clear")
    with pytest.raises(ValidationError, match="signed last"):
        sign(cast.security, promise, "broken")
    sign(cast.security, promise, "kept")
    promise.refresh_from_db()
    assert promise.state(NOW.date()) == PromiseState.LATE, "broken before it was kept"
    sign(cast.security, promise, "broken", text="Again")
    promise.refresh_from_db()
    assert promise.state(NOW.date()) == PromiseState.BROKEN
    signed = SignOff.objects.order_by("number").values_list("number", "outcome", "text")
    assert [row[1] for row in signed] == ["broken", "kept", "broken"]
    assert AuditEntry.objects.filter(action="sign promise as broken").count() == 2


def test_a_stale_tab_signs_nothing(cast, promised, colleague):
    promise = promise_of(promised, "R1")
    sign(cast.security, promise)
    with pytest.raises(Stale):
        sign(colleague, promise, "broken", seen=1)
    assert SignOff.objects.count() == 1


def test_broken_and_kept_need_words(client, cast, promised, clock):
    promise = promise_of(promised, "R1")
    client.force_login(cast.security)
    answer = client.post(
        reverse("promise-sign", args=[promise.pk]), {"outcome": "broken", "text": "  ", "version": 1}
    )
    assert answer.status_code == 422
    assert not SignOff.objects.exists()


def test_a_file_comes_back_as_a_download_only(client, cast, promised, clock, settings):
    promise = promise_of(promised, "R1")
    client.force_login(cast.security)
    upload = SimpleUploadedFile("報告.pdf", pdf())
    said = {"outcome": "kept", "text": "Read", "version": 1, "file": upload}
    assert client.post(reverse("promise-sign", args=[promise.pk]), said).status_code == 302
    url = reverse("sign-off-file", args=[SignOff.objects.get().pk])
    assert url in client.get(reverse("promise", args=[promise.pk])).content.decode()
    answer = client.get(url)
    assert b"".join(answer) == pdf()
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    for who, code in ((cast.vendor, 403), (cast.stranger, 404), (cast.administrator, 403)):
        client.force_login(who)
        assert client.get(url).status_code == code


def test_a_file_that_is_not_what_its_name_says_is_refused(client, cast, promised, clock):
    client.force_login(cast.security)
    upload = SimpleUploadedFile("report.pdf", b"MZ")
    said = {"outcome": "kept", "text": "Read", "version": 1, "file": upload}
    answer = client.post(reverse("promise-sign", args=[promise_of(promised, "R1").pk]), said)
    assert answer.status_code == 422
    assert "does not hold what its name says" in answer.content.decode()


# --- planning ---------------------------------------------------------------------------------------------
def plan(actor, promise, due_on, *, at=NOW, proof="sbom"):
    promise.refresh_from_db()
    return steps.plan_promise(
        actor=actor, promise=promise, due_on=due_on, proof=proof, reason="New", seen=promise.version, now=at
    )


def test_the_officer_and_the_owner_plan_until_the_day_is_over(cast, promised):
    promise = promise_of(promised, "R1")
    plan(cast.officer, promise, date(2026, 12, 1))
    plan(cast.security, promise, date(2026, 12, 2))
    promise.refresh_from_db()
    assert (promise.due_on, promise.first_due_on, promise.proof) == (
        date(2026, 12, 2),
        DUE.date(),
        Proof.SBOM,
    )
    with pytest.raises(Forbidden):
        plan(cast.business, promise, date(2026, 12, 3))
    with pytest.raises(ValidationError, match="day is over"):
        plan(cast.officer, promise, date(2026, 11, 1))
    with pytest.raises(ValidationError, match="can no longer be moved"):
        plan(cast.officer, promise, date(2027, 1, 1), at=NOW + timedelta(days=20))
    sign(cast.security, promise)
    with pytest.raises(Forbidden, match="signed"):
        plan(cast.officer, promise, date(2026, 12, 3))


def test_the_day_of_going_live_takes_with_it_what_was_due_on_it(cast, promised):
    plan(cast.officer, promise_of(promised, "R1"), date(2026, 12, 1))
    sign(cast.security, promise_of(promised, "R2"))
    row = Acceptance.objects.get()
    moved = steps.set_target(
        actor=cast.officer,
        acceptance=row,
        target_on=date(2027, 1, 5),
        reason="Later",
        seen=row.version,
        now=NOW,
    )
    assert moved.target_on == date(2027, 1, 5)
    days = {row.code: row.due_on for row in Promise.objects.all()}
    assert days == {"R1": date(2026, 12, 1), "R2": DUE.date(), "R3": date(2027, 1, 5)}


def test_a_contract_that_ended_holds_no_share_any_more(client, cast, promised, clock):
    row, last = Acceptance.objects.get(), date(2026, 12, 31)
    Bid.objects.filter(tender=promised).update(price="15000000")
    assert [one.share for one in concentration(last)] == [1]
    client.force_login(cast.officer)
    where = reverse("contract-end", args=[promised.pk])
    early = client.post(where, {"contract_until": "2020-01-01", "version": row.version})
    assert "A contract does not end before its award." in early.content.decode()
    client.post(where, {"contract_until": last.isoformat(), "version": row.version})
    row.refresh_from_db()
    assert row.contract_until == last
    page = client.get(reverse("promises", args=[promised.pk])).content.decode()
    assert "The contract runs until 2026/12/31" in page
    assert [one.share for one in concentration(last)] == [1]
    assert concentration(last + timedelta(days=1)) == []
    assert AuditEntry.objects.get(action="set end of contract").tender == promised
    client.force_login(cast.business)
    assert client.post(where, {"version": row.version}).status_code == 403


# --- not before the award is final ------------------------------------------------------------------------
def test_nobody_signs_before_the_standstill_is_over(client, clock, cast, opened):
    award = award_to(opened, VENDOR, cast.approver, final=False)
    promise = promise_of(opened, "R1")
    assert not promises_to_sign(cast.security, NOW).exists()
    for moment in (NOW, award.standstill_until):
        with pytest.raises(Forbidden, match="Promises are signed once the award is final"):
            sign(cast.security, promise, at=moment)
    client.force_login(cast.security)
    page = client.get(reverse("promise", args=[promise.pk])).content.decode()
    assert "Promises are signed once the award is final" in page
    assert reverse("promise-sign", args=[promise.pk]) not in page
    assert client.post(reverse("promise-sign", args=[promise.pk]), {}).status_code == 403
    after = award.standstill_until + timedelta(seconds=1)
    assert promises_to_sign(cast.security, after).count() == 3
    assert sign(cast.security, promise, at=after).outcome == "kept"


def test_nobody_signs_while_a_complaint_is_open_or_the_award_is_suspended(cast, opened):
    award = award_to(opened, VENDOR, cast.approver)
    promise = promise_of(opened, "R1")
    complaint = award.complaints.create(
        number=1, text="Unfair", received_at=NOW, entered_at=NOW, entered_by="x", late=False
    )
    assert not promises_to_sign(cast.security, NOW).exists()
    with pytest.raises(Forbidden, match="no complaint open"):
        sign(cast.security, promise)
    complaint.answer, complaint.answered_by, complaint.answer_reason = "rejected", "Approver", "In vain"
    complaint.save()
    sign(cast.security, promise)
    type(award).objects.update(suspended_at=NOW, suspended_by="Approver")
    with pytest.raises(Forbidden, match="once the award is final"):
        sign(cast.security, promise, "broken")
