"""Promises: what becomes one, who signs, what is late, and what keeps a system from going live."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse

from bids.actions import promises as steps
from bids.choices import Outcome, PromiseState, Proof
from bids.models import Acceptance, Bid, Claim, Promise, Recusal, SignOff
from bids.queries.promises import due_promises, promises_to_sign, promises_visible_to
from procurement.actions import register
from procurement.actions.locking import Stale
from procurement.choices import Role, Stage
from procurement.models import AuditEntry, RegisterEntry, User
from procurement.rules import Forbidden
from tests.bids.promised import DUE, award_to, promise_of
from tests.cast import NOW, PASSWORD

pytestmark = pytest.mark.django_db

VENDOR = "Bedrock Security"


@pytest.fixture
def awarded(cast, opened):
    award_to(opened, VENDOR, cast.approver)
    return opened


@pytest.fixture
def colleague(cast):
    """Somebody else of security, with no seat on the panel."""
    return User.objects.create(
        username="colleague", name="Colleague", role=Role.MEMBER, unit=cast.security.unit, language="en"
    )


def sign(actor, promise, outcome="kept", *, at=NOW, text="Report 7 read", file=None, seen=None):
    promise.refresh_from_db()
    return steps.sign_off(
        actor=actor,
        promise=promise,
        outcome=outcome,
        text=text,
        file=file,
        seen=promise.version if seen is None else seen,
        now=at,
    )


def keep_gates(cast, tender, at=NOW):
    for promise in Promise.objects.filter(tender=tender, mandatory=True, outcome=""):
        sign(cast.security, promise, at=at)


def live(actor, tender, at=NOW):
    row = Acceptance.objects.get(tender=tender)
    return steps.go_live(actor=actor, tender=tender, seen=row.version, now=at)


def ask(actor, tender, *, days=30, at=NOW):
    return steps.ask_to_go_live(
        actor=actor,
        tender=tender,
        owner=tender.officer,
        reason="Branches wait",
        risk="Malware on an ATM",
        expires_on=(at + timedelta(days=days)).date(),
        now=at,
    )


def advise(actor, entry, advice="agrees"):
    entry.refresh_from_db()
    return register.advise(actor=actor, entry=entry, advice=advice, reason="Seen", seen=1, now=NOW)


def decide(actor, entry, decision="granted", at=NOW):
    entry.refresh_from_db()
    return register.decide(actor=actor, entry=entry, decision=decision, reason="Needed", seen=2, now=at)


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
def test_the_owner_and_members_of_the_accountable_unit_sign_and_nobody_else(cast, awarded, colleague):
    promise = promise_of(awarded, "R1")
    for name in ("officer", "business", "approver", "auditor", "administrator", "vendor", "rival"):
        with pytest.raises(Forbidden):
            sign(getattr(cast, name), promise)
    sign(colleague, promise)
    promise.refresh_from_db()
    assert promise.state(NOW.date()) == PromiseState.KEPT
    assert SignOff.objects.get().by_name == "Colleague (Security)"


def test_who_is_recused_from_the_bid_neither_sees_nor_signs_its_promises(cast, awarded):
    promise = promise_of(awarded, "R1")
    seat = awarded.seats.get(user=cast.security)
    Recusal.objects.create(seat=seat, bid=promise.bid, position=0)
    assert not promises_visible_to(cast.security).exists()
    with pytest.raises(Forbidden):
        sign(cast.security, promise)


def test_late_is_what_the_calendar_says(cast, awarded):
    promise, due = promise_of(awarded, "R1"), DUE.date()
    assert promise.state(due) == PromiseState.OPEN
    assert promise.state(due + timedelta(days=1)) == PromiseState.LATE
    sign(cast.security, promise, at=DUE + timedelta(days=1))
    promise.refresh_from_db()
    assert promise.state(due) == PromiseState.LATE
    assert promise.is_kept


def test_a_day_ends_in_taipei(cast, awarded):
    promise = promise_of(awarded, "R1")
    last = DUE.replace(hour=15, minute=59)  # 23:59 in Taipei
    sign(cast.security, promise, at=last)
    other = promise_of(awarded, "R2")
    sign(cast.security, other, at=last + timedelta(minutes=1))
    assert promise_of(awarded, "R1").state(DUE.date()) == PromiseState.KEPT
    assert promise_of(awarded, "R2").state(DUE.date()) == PromiseState.LATE


def test_what_was_signed_stays_and_the_last_one_counts(cast, awarded):
    promise = promise_of(awarded, "R1")
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


def test_a_stale_tab_signs_nothing(cast, awarded, colleague):
    promise = promise_of(awarded, "R1")
    sign(cast.security, promise)
    with pytest.raises(Stale):
        sign(colleague, promise, "broken", seen=1)
    assert SignOff.objects.count() == 1


def test_broken_and_kept_need_words(client, cast, awarded, clock):
    promise = promise_of(awarded, "R1")
    client.force_login(cast.security)
    answer = client.post(
        reverse("promise-sign", args=[promise.pk]), {"outcome": "broken", "text": "  ", "version": 1}
    )
    assert answer.status_code == 422
    assert not SignOff.objects.exists()


def test_a_file_comes_back_as_a_download_only(client, cast, awarded, clock, settings):
    promise = promise_of(awarded, "R1")
    client.force_login(cast.security)
    upload = SimpleUploadedFile("報告.pdf", b"%PDF-1.7 report")
    said = {"outcome": "kept", "text": "Read", "version": 1, "file": upload}
    assert client.post(reverse("promise-sign", args=[promise.pk]), said).status_code == 302
    url = reverse("sign-off-file", args=[SignOff.objects.get().pk])
    assert url in client.get(reverse("promise", args=[promise.pk])).content.decode()
    answer = client.get(url)
    assert b"".join(answer) == b"%PDF-1.7 report"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "application/octet-stream"
    for who, code in ((cast.vendor, 403), (cast.stranger, 404), (cast.administrator, 403)):
        client.force_login(who)
        assert client.get(url).status_code == code


def test_a_file_that_is_not_what_its_name_says_is_refused(client, cast, awarded, clock):
    client.force_login(cast.security)
    upload = SimpleUploadedFile("report.pdf", b"MZ")
    said = {"outcome": "kept", "text": "Read", "version": 1, "file": upload}
    answer = client.post(reverse("promise-sign", args=[promise_of(awarded, "R1").pk]), said)
    assert answer.status_code == 422
    assert "does not hold what its name says" in answer.content.decode()


# --- planning ---------------------------------------------------------------------------------------------
def plan(actor, promise, due_on, *, at=NOW, proof="sbom"):
    promise.refresh_from_db()
    return steps.plan_promise(
        actor=actor, promise=promise, due_on=due_on, proof=proof, reason="New", seen=promise.version, now=at
    )


def test_the_officer_and_the_owner_plan_until_the_day_is_over(cast, awarded):
    promise = promise_of(awarded, "R1")
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


def test_the_day_of_going_live_takes_with_it_what_was_due_on_it(cast, awarded):
    plan(cast.officer, promise_of(awarded, "R1"), date(2026, 12, 1))
    sign(cast.security, promise_of(awarded, "R2"))
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


# --- going live -------------------------------------------------------------------------------------------
def test_no_system_goes_live_while_a_gate_promise_is_open_or_broken(cast, awarded):
    with pytest.raises(ValidationError, match="R1, R2"):
        live(cast.officer, awarded)
    sign(cast.security, promise_of(awarded, "R1"))
    sign(cast.security, promise_of(awarded, "R2"), "broken")
    with pytest.raises(ValidationError, match=r": R2\."):
        live(cast.security, awarded)
    sign(cast.security, promise_of(awarded, "R2"))
    row = live(cast.officer, awarded)
    assert (row.live_by, row.live_despite) == ("Officer (Procurement)", [])
    with pytest.raises(Forbidden, match="already"):
        live(cast.officer, awarded)


def test_only_the_owner_and_the_officer_say_that_it_is_live(cast, awarded):
    keep_gates(cast, awarded)
    for name in ("business", "approver", "auditor", "administrator", "vendor", "stranger"):
        with pytest.raises(Forbidden):
            live(getattr(cast, name), awarded)
    other = User.objects.create(username="other", name="Other", role=Role.OFFICER, unit=cast.officer.unit)
    with pytest.raises(Forbidden):
        live(other, awarded)
    live(cast.security, awarded)


def test_an_exception_in_force_lets_it_go_live_and_is_named(cast, awarded, colleague):
    entry = ask(cast.officer, awarded)
    with pytest.raises(ValidationError):
        live(cast.officer, awarded)
    advise(colleague, entry, "conditions")
    with pytest.raises(ValidationError):
        live(cast.officer, awarded)
    decide(cast.approver, entry)
    row = live(cast.officer, awarded)
    assert row.live_despite == [
        {"code": "R1", "exception": str(entry)},
        {"code": "R2", "exception": str(entry)},
    ]


def test_an_exception_ends_with_its_day(cast, awarded, colleague):
    entry = ask(cast.officer, awarded, days=3)
    advise(colleague, entry)
    decide(cast.approver, entry)
    with pytest.raises(ValidationError):
        live(cast.officer, awarded, at=NOW + timedelta(days=4))
    live(cast.officer, awarded, at=NOW + timedelta(days=3))


def test_an_exception_needs_the_agreement_of_security_and_three_people(cast, awarded, colleague):
    entry = ask(cast.security, awarded)
    for actor in (cast.security, cast.business, cast.officer, cast.approver):
        with pytest.raises(Forbidden):
            advise(actor, entry)
    with pytest.raises(Forbidden, match="Security has not answered"):
        register.decide(actor=cast.approver, entry=entry, decision="granted", reason="Now", seen=1, now=NOW)
    advise(cast.security_head, entry, "against")
    with pytest.raises(Forbidden):
        decide(cast.security_head, entry)
    with pytest.raises(ValidationError, match="needs security's agreement"):
        decide(cast.approver, entry)
    decide(cast.approver, entry, "refused")
    with pytest.raises(ValidationError):
        live(cast.officer, awarded)


def test_an_exception_covers_only_what_was_open_when_it_was_asked_for(cast, awarded, colleague):
    sign(cast.security, promise_of(awarded, "R1"))
    entry = ask(cast.officer, awarded)
    advise(colleague, entry)
    decide(cast.approver, entry)
    sign(cast.security, promise_of(awarded, "R1"), "broken")
    with pytest.raises(ValidationError, match=r": R1\."):
        live(cast.officer, awarded)


def test_asking_again_prolongs_the_exception_that_stands(cast, awarded, colleague):
    first = ask(cast.officer, awarded, days=3)
    advise(colleague, first)
    decide(cast.approver, first)
    live(cast.officer, awarded)
    second = ask(cast.officer, awarded, days=60)
    assert second.renews == first
    advise(colleague, second)
    decide(cast.approver, second)
    first.refresh_from_db()
    assert first.prolonged_by == second


def test_no_exception_is_asked_for_where_none_is_needed(cast, awarded):
    keep_gates(cast, awarded)
    with pytest.raises(ValidationError, match="no exception is needed"):
        ask(cast.officer, awarded)
    assert not RegisterEntry.objects.exists()


def test_a_complaint_that_freezes_the_award_freezes_going_live(cast, awarded):
    from bids.models import Complaint  # noqa: PLC0415 - only this test knows of complaints

    keep_gates(cast, awarded)
    award = awarded.awards.get()
    complaint = Complaint.objects.create(
        award=award,
        number=1,
        complainant="Rival",
        text="Wrong",
        received_at=NOW,
        entered_by="Officer",
        entered_at=NOW,
        late=False,
    )
    with pytest.raises(Forbidden, match="complaint"):
        live(cast.officer, awarded)
    complaint.answer, complaint.answered_by, complaint.answer_reason = "rejected", "Approver", "No"
    complaint.save()
    live(cast.officer, awarded)


# --- pages ------------------------------------------------------------------------------------------------
PAGE = ("officer", "security", "business", "approver", "auditor", "vendor")


@pytest.mark.usefixtures("clock")
def test_who_opens_the_page_of_promises(client, cast, awarded):
    url = reverse("promises", args=[awarded.pk])
    for name, who in cast.everybody().items():
        client.force_login(who)
        status = client.get(url).status_code
        expected = 200 if name in PAGE or who.role == Role.APPROVER else 404
        expected = 403 if name == "rival" else expected
        assert status == expected, name


@pytest.mark.usefixtures("clock")
def test_before_the_award_there_is_no_page_of_promises(client, cast, opened):
    client.force_login(cast.officer)
    assert client.get(reverse("promises", args=[opened.pk])).status_code == 403
    assert "Promises</a>" not in client.get(reverse("tender", args=[opened.pk])).content.decode()


@pytest.mark.usefixtures("clock")
def test_a_vendor_reads_its_own_promises_and_no_name_of_the_bank(client, cast, awarded):
    sign(cast.security, promise_of(awarded, "R1"), "broken", text="Seen by Security herself")
    client.force_login(cast.vendor)
    for url in (reverse("promises", args=[awarded.pk]), reverse("acceptance")):
        page = client.get(url).content.decode()
        main = page[page.index('<div class="wrap">') :]
        assert "Requirement R1" in main
        assert "Broken" in main
        for word in ("Seen by", "Security (", "Officer", "Approver", cast.security.name + " "):
            assert word not in main.replace("Bedrock Security", ""), (url, word)
    client.force_login(cast.rival)
    assert "Requirement R1" not in client.get(reverse("acceptance")).content.decode()


@pytest.mark.usefixtures("clock")
def test_members_of_the_unit_see_what_it_answers_for_and_no_other_page(client, cast, awarded, colleague):
    Promise.objects.filter(code="R3").update(unit=cast.business.unit, owner=None)
    url = reverse("promises", args=[awarded.pk])
    for who, seen, unseen in ((colleague, "R1", "R3"), (cast.stranger, "R3", "R1")):
        client.force_login(who)
        page = client.get(url)
        assert f"Requirement {seen}" in page.content.decode()
        assert f"Requirement {unseen}" not in page.content.decode()
        assert client.get(reverse("promise", args=[promise_of(awarded, unseen).pk])).status_code == 404
        assert all(client.get(tab["url"]).status_code == 200 for tab in page.context["tabs"])
        assert url in [tab["url"] for tab in page.context["tabs"] if tab["current"]]
    assert client.get(reverse("decision", args=[awarded.pk])).status_code == 404


@pytest.mark.usefixtures("clock")
def test_the_page_says_what_keeps_the_system_from_going_live(client, cast, awarded):
    client.force_login(cast.officer)
    url = reverse("promises", args=[awarded.pk])
    page = client.get(url).content.decode()
    assert "2 gate promises keep this system from going live" in page
    assert "Every gate promise must be kept first" in page
    refused = client.post(reverse("go-live", args=[awarded.pk]), {"password": PASSWORD, "version": 1})
    assert refused.status_code == 422
    assert "no exception covers them: R1, R2." in refused.content.decode()
    keep_gates(cast, awarded)
    assert "Nothing keeps this system from going live" in client.get(url).content.decode()
    wrong = client.post(reverse("go-live", args=[awarded.pk]), {"password": "wrong", "version": 1})
    assert wrong.status_code == 422
    assert not Acceptance.objects.get().live_by
    done = client.post(reverse("go-live", args=[awarded.pk]), {"password": PASSWORD, "version": 1})
    assert done.status_code == 302
    assert "In operation: what Bedrock Security promised" in client.get(url).content.decode()


@pytest.mark.usefixtures("clock")
def test_the_list_over_all_tenders_is_narrowed(client, cast, awarded):
    sign(cast.security, promise_of(awarded, "R1"), "broken")
    client.force_login(cast.officer)

    def codes(**query):
        page = client.get(reverse("acceptance"), query).context["page"]
        return [row.code for row in page]

    assert codes() == ["R1", "R2", "R3"]
    assert codes(state="broken") == ["R1"]
    assert codes(state="open", gate="scored") == ["R3"]
    assert codes(state="late") == []
    assert codes(q="bedrock") == ["R1", "R2", "R3"]
    assert codes(q="ITS-2026-9999") == []
    assert codes(state="nonsense") == ["R1", "R2", "R3"]


@pytest.mark.usefixtures("clock")
def test_states_in_the_database_and_in_the_row_are_the_same(cast, awarded):
    from bids.queries.promises import search_promises  # noqa: PLC0415 - the one test that compares

    sign(cast.security, promise_of(awarded, "R1"), "broken")
    sign(cast.security, promise_of(awarded, "R1"), "kept")
    sign(cast.security, promise_of(awarded, "R2"), at=DUE + timedelta(days=2))
    for today in (NOW.date(), DUE.date(), DUE.date() + timedelta(days=1)):
        rows = promises_visible_to(cast.officer)
        for state in PromiseState:
            found = set(search_promises(rows, today=today, state=state).values_list("code", flat=True))
            assert found == {row.code for row in rows if row.state(today) == state}


def test_what_waits_is_the_owners_or_the_units(cast, awarded, colleague):
    Promise.objects.filter(code="R2").update(owner=None)
    assert [row.code for row in promises_to_sign(cast.security)] == ["R1", "R2", "R3"]
    assert [row.code for row in promises_to_sign(colleague)] == ["R2"]
    assert not promises_to_sign(cast.officer).exists()
    assert not due_promises(NOW.date()).exists()
    assert due_promises(DUE.date()).count() == 3


@pytest.mark.usefixtures("clock")
def test_a_page_costs_the_same_with_one_promise_and_with_three(
    client, cast, awarded, django_assert_max_num_queries
):
    from django.db import connection  # noqa: PLC0415 - counting
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415 - counting

    client.force_login(cast.officer)
    for url in (reverse("promises", args=[awarded.pk]), reverse("acceptance")):
        client.get(url)
        counts = []
        for rows in (3, 1):
            with transaction.atomic():
                if rows == 1:
                    SignOff.objects.all().delete()
                    Promise.objects.exclude(code="R1").delete()
                with CaptureQueriesContext(
                    connection,
                ) as queries:
                    client.get(url)
                counts.append(len(queries))
                transaction.set_rollback(True)
        assert counts[0] == counts[1], url


def test_sign_offs_are_counted_from_one(cast, awarded):
    promise = promise_of(awarded, "R1")
    assert sign(cast.security, promise).number == 1
    assert sign(cast.security, promise, "broken").number == 2
    assert promise_of(awarded, "R1").outcome == Outcome.BROKEN


# --- what waits -------------------------------------------------------------------------------------------
def tasks(client, who):
    client.force_login(who)
    return [(task.what, task.url, task.detail) for task in client.get(reverse("work")).context["tasks"]]


@pytest.mark.usefixtures("clock")
def test_what_waits_for_whom_after_the_award(client, cast, awarded):
    url = reverse("promises", args=[awarded.pk])
    finish = ("Put the system into operation", url, "2 gate promises are open")
    assert tasks(client, cast.officer) == [finish]
    assert tasks(client, cast.security) == [("Sign what was promised", url, "R1, R2, R3"), finish]
    assert tasks(client, cast.vendor) == [("Show what you promised", url, "R1, R2, R3")]
    assert tasks(client, cast.rival) == tasks(client, cast.auditor) == tasks(client, cast.business) == []
    for code in ("R1", "R2", "R3"):
        sign(cast.security, promise_of(awarded, code))
    live(cast.officer, awarded)
    assert tasks(client, cast.officer) == tasks(client, cast.security) == tasks(client, cast.vendor) == []


@pytest.mark.usefixtures("clock")
def test_an_exception_waits_for_security_then_for_an_approver_and_is_overdue_for_both_units(
    client, cast, awarded, colleague, clock
):
    entry = ask(cast.officer, awarded, days=30)
    page = reverse("register-entry", args=[entry.pk])
    assert ("Answer a request for an exception", page) in [row[:2] for row in tasks(client, colleague)]
    assert page not in [row[1] for row in tasks(client, cast.approver)]
    waits = client.get(reverse("work"))
    assert waits.status_code == 200
    advise(colleague, entry)
    assert page not in [row[1] for row in tasks(client, colleague)]
    assert ("Decide on an exception", page) in [row[:2] for row in tasks(client, cast.approver)]
    decide(cast.approver, entry)
    assert page not in [row[1] for row in tasks(client, cast.officer)]
    clock(NOW + timedelta(days=31))
    for who in (cast.officer, cast.security, colleague):
        assert ("An exception is overdue", page) in [row[:2] for row in tasks(client, who)]
    assert page not in [row[1] for row in tasks(client, cast.business)]


@pytest.mark.usefixtures("clock")
def test_what_was_granted_against_security_stands_in_the_ledger(client, cast, awarded):
    from bids.queries.ledger import ledger_rows  # noqa: PLC0415 - only this test knows of the ledger

    entry = ask_for_a_port(cast)
    advise(cast.security, entry, "against")
    assert ledger_rows(cast.officer, NOW) == []
    decide(cast.approver, entry)
    (row,) = ledger_rows(cast.officer, NOW)
    assert (row.kind, row.unit, row.approver) == ("register", cast.business.unit, "Approver (Management)")
    assert not row.overdue
    (late,) = ledger_rows(cast.security, NOW + timedelta(days=11))
    assert late.overdue


def ask_for_a_port(cast):
    return register.request_entry(
        actor=cast.business,
        values={
            "system": "ATM",
            "kind": "port",
            "origin": "Office",
            "target": "ATM",
            "opening": "TCP 22",
            "reason": "Support",
            "risk": "Malware",
            "owner": cast.business,
            "expires_on": (NOW + timedelta(days=10)).date(),
            "tender": None,
            "vendor": None,
        },
        now=NOW,
    )


def test_owners_are_reminded_of_promises_and_of_exceptions_that_end(cast, awarded):
    from bids.actions.reminders import exceptions, promises  # noqa: PLC0415 - only this test sends reminders

    assert list(promises(NOW)) == list(exceptions(NOW)) == []
    entry = ask_for_a_port(cast)
    advise(cast.security, entry)
    decide(cast.approver, entry)
    (ending,) = exceptions(NOW + timedelta(days=9))
    assert (ending.person, ending.about, ending.tender) == (cast.business, f"{entry} ATM", None)
    (due,) = promises(DUE - timedelta(days=1))
    assert (due.person, due.about) == (cast.security, "R1, R2, R3")
    assert due.due.date() == DUE.date()
    for code in ("R1", "R2", "R3"):
        sign(cast.security, promise_of(awarded, code))
    assert list(promises(DUE)) == []
