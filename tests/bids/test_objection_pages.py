"""The pages of objections: what each role reads, types and downloads."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from bids import queries
from bids.actions import objections
from bids.actions.snapshots import on_screen
from bids.models import Condition, Objection, ObjectionAnswer, ObjectionFile, Recusal
from procurement.choices import Stage
from procurement.models import Tender
from procurement.queries import requirements_visible_to, specifications_visible_to, tenders_visible_to
from tests.bids.objecting import DAY, TODAY, answer, colleague, find, object_to
from tests.cast import NOW, PASSWORD
from tests.files.making import pdf

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

PDF = pdf()


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def get(client, who, name, *args, **query):
    client.force_login(who)
    response = client.get(reverse(name, args=args), query)
    if response.streaming:
        response.data = b"".join(response.streaming_content)  # which closes it
    return response


def post(client, who, name, *args, **fields):
    client.force_login(who)
    return client.post(reverse(name, args=args), fields)


def text_of(client, who, name, *args, **query):
    response = get(client, who, name, *args, **query)
    assert response.status_code == 200
    return response.content.decode()


def said(**changes):
    return {
        "severity": "high",
        "claim": "The key is theirs",
        "argument": "They sign alone",
        "remedy": "We sign",
        "due_at": "2026-11-24T14:00",
    } | changes


def file(name="report.pdf", content=PDF):
    return SimpleUploadedFile(name, content)


# --- who reads --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("officer", 200), ("security", 200), ("business", 200), ("approver", 200), ("next_above", 200),
        ("auditor", 200), ("stranger", 404), ("vendor", 403), ("rival", 403), ("administrator", 403),
    ],
)  # fmt: skip
def test_the_bank_reads_what_stands_against_a_bid(client, cast, opened, who, status):
    objection = object_to(opened, cast.security, files=[("report.pdf", PDF)])
    actor = getattr(cast, who)
    assert get(client, actor, "objection", objection.pk).status_code == status
    assert get(client, actor, "objection-file", ObjectionFile.objects.get().pk).status_code == status
    listed = get(client, actor, "objections")
    assert listed.status_code == (403 if status == 403 else 200)
    assert ("signing key" in listed.content.decode()) == (status == 200)


def test_security_without_a_seat_reads_specifications_and_nothing_of_the_bids(client, cast, priced):
    other = colleague(cast)
    against_bid = object_to(priced, cast.security)
    against_tender = object_to(priced, cast.security, vendor="", claim="R1 asks for too little")
    assert priced in specifications_visible_to(other)
    assert priced not in tenders_visible_to(other)
    assert priced not in specifications_visible_to(cast.stranger)
    assert not requirements_visible_to(other).exists()
    assert not queries.bids_visible_to(other).exists()
    assert not queries.claims_visible_to(other).exists()
    assert list(queries.objections_visible_to(other)) == [against_tender]
    assert get(client, other, "objection", against_bid.pk).status_code == 404
    for name in ("opening", "verification", "marks", "decision", "workbook", "case-file", "result-file"):
        assert get(client, other, name, priced.pk).status_code == 404, name
    for name, key in (("tender", priced.pk), ("tenders", None), ("objection", against_tender.pk)):
        body = text_of(client, other, name, *([key] if key else []))
        for secret in ("Bedrock", "Quickwin", "12,000,000", "1,200", "verification/", "decision/"):
            assert secret not in body, (name, secret)


def test_nor_the_reserve_price(client, cast, draft):
    Tender.objects.update(reserve_price="17654321")
    assert "17,654,321" in text_of(client, cast.business, "tender", draft.pk)
    assert "17,654,321" not in text_of(client, colleague(cast), "tender", draft.pk)


def test_who_is_recused_from_the_bid_finds_no_trace(client, cast, opened):
    object_to(opened, cast.security, vendor="", claim="R1 asks for too little")
    before = text_of(client, cast.business, "tender-objections", opened.pk)
    seat = opened.seats.get(code="business")
    bid = opened.bids.get(vendor__name="Bedrock Security")
    Recusal.objects.create(seat=seat, bid=bid, position=0)
    objection = object_to(opened, cast.security)
    assert get(client, cast.business, "objection", objection.pk).status_code == 404
    after = text_of(client, cast.business, "tender-objections", opened.pk)
    assert without_tokens(after) == without_tokens(before)
    assert "signing key" not in text_of(client, cast.business, "objections", q="key")
    assert "Bedrock" not in " ".join(waits(client, cast.business))


def without_tokens(body):
    return re.sub(r"[A-Za-z0-9]{64}", "", body)


def waits(client, who):
    return [wait.what for wait in get(client, who, "work").context["waits"]]


# --- raising ----------------------------------------------------------------------------------------------
def test_one_is_raised_with_files_that_are_served_as_downloads(client, cast, opened):
    bid = opened.bids.get(vendor__name="Bedrock Security")
    words = said(bid=bid.pk, requirement=opened.requirements.get(code="R1").pk)
    post(client, cast.security, "objection-new", opened.pk, **words, files=[file(), file("keys.pdf")])
    objection = Objection.objects.get()
    assert (objection.bid, objection.requirement.code, objection.raiser) == (bid, "R1", cast.security)
    body = text_of(client, cast.officer, "objection", objection.pk)
    assert "report.pdf" in body
    assert "They sign alone" in body
    response = get(client, cast.officer, "objection-file", objection.files.get(name="report.pdf").pk)
    assert response.data == PDF
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("upload", "fault"),
    [
        (("page.html", b"<script>"), "is not taken"),
        (("report.pdf", b"<html>"), "does not hold what its name says"),
        (("empty.pdf", b""), "empty"),
    ],
)
def test_other_files_are_refused_and_what_was_typed_stays(client, cast, opened, upload, fault):
    response = post(client, cast.security, "objection-new", opened.pk, **said(), files=[file(*upload)])
    body = response.content.decode()
    assert fault in body
    assert "They sign alone" in body
    assert not Objection.objects.exists()


def test_files_that_are_too_large_together_are_not_lost_in_silence(client, cast, opened, settings):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 100
    settings.FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
    client.force_login(cast.security)
    words = said() | {"files": BytesIO(PDF * 20)}
    words["files"].name = "report.pdf"
    response = client.post(reverse("objection-new", args=[opened.pk]), words)
    assert "larger than 20 MB together" in response.content.decode()
    assert not Objection.objects.exists()


def test_a_draft_offers_the_tender_only(client, cast, draft):
    response = get(client, cast.security, "objection-new", draft.pk)
    assert "bid" not in response.context["form"].fields
    assert post(client, cast.security, "objection-new", draft.pk, **said()).status_code == 302
    assert Objection.objects.get().bid is None
    assert "OBJ-1 is unanswered" in text_of(client, cast.officer, "tender", draft.pk)


@pytest.mark.parametrize(("who", "status"), [("stranger", 404), ("officer", 403), ("vendor", 403)])
def test_others_raise_none(client, cast, opened, who, status):
    assert post(client, getattr(cast, who), "objection-new", opened.pk, **said()).status_code == status


# --- answering --------------------------------------------------------------------------------------------
def signed(objection, answered, **changes):
    return {
        "kind": answered,
        "reason": "Cash day comes first",
        "seen": on_screen(Objection.objects.get(pk=objection.pk), NOW),
        "password": PASSWORD,
    } | changes


def condition(cast, number=0, **changes):
    fields = {
        "text": "Key in our HSM",
        "control": "Released by hand",
        "owner": cast.business.pk,
        "due_on": (TODAY + 20 * DAY).isoformat(),
    } | changes
    return {f"c{number}-{name}": value for name, value in fields.items()}


def test_a_risk_is_accepted_with_conditions(client, cast, opened):
    objection = object_to(opened, cast.security)
    expires = {"expires_on": (TODAY + 90 * DAY).isoformat()}
    fields = signed(objection, "accepted", **expires) | condition(cast) | condition(cast, 1, text="Log it")
    response = post(client, cast.approver, "objection-answer", objection.pk, **fields)
    assert response.status_code == 302
    assert [row.text for row in Condition.objects.all()] == ["Key in our HSM", "Log it"]
    body = text_of(client, cast.business, "objection", objection.pk)
    for words in (
        "Risk accepted",
        "Key in our HSM",
        "Released by hand",
        "Approver (Management)",
        "2027/02/20",
    ):
        assert words in body
    post(client, cast.business, "condition-met", objection.pk, Condition.objects.first().pk, text="Report 7")
    assert "Report 7" in text_of(client, cast.approver, "objection", objection.pk)


def test_another_row_is_added_without_signing(client, cast, opened):
    objection = object_to(opened, cast.security)
    fields = signed(objection, "accepted", add="1") | condition(cast)
    response = post(client, cast.approver, "objection-answer", objection.pk, **fields)
    entry = response.context["entry"]
    assert len(entry.conditions) == 2
    assert "Key in our HSM" in response.content.decode()
    assert entry.main["seen"].value() == fields["seen"]
    assert not ObjectionAnswer.objects.exists()


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"password": "wrong"}, "This is not your password"),
        ({"kind": ""}, "Choose one of the three answers"),
        ({"reason": " "}, "This field is required"),
        ({"kind": "accepted"}, "until when the risk is accepted"),
        ({"kind": "accepted", "expires_on": "2026-12-20"}, "at least one condition"),
        ({"kind": "accepted", "expires_on": "2027-06-01"}, "180 days"),
        ({"kind": "accepted", "expires_on": "2026-12-20", "c0-text": "HSM"}, "This field is required"),
    ],
)
def test_what_is_missing_shows_and_what_was_typed_stays(client, cast, opened, changes, fault):
    objection = object_to(opened, cast.security)
    fields = signed(objection, "rejected", **changes)
    response = post(client, cast.approver, "objection-answer", objection.pk, **fields)
    assert response.status_code == 422
    body = response.content.decode()
    assert fault in body
    assert ("Cash day comes first" in body) == ("reason" not in changes)
    assert not ObjectionAnswer.objects.exists()


def test_an_answer_to_another_state_is_a_409_and_both_values_show(client, cast, opened):
    objection = object_to(opened, cast.security)
    fields = signed(objection, "rejected")
    find(objection.bid, "R1", verified=False, finding="Signed with a test key")
    assert post(client, cast.approver, "objection-answer", objection.pk, **fields).status_code == 409
    body = text_of(client, cast.approver, "objection", objection.pk)
    assert "The case has changed." in body
    assert "The vendor says: Met" in body
    assert "Signed with a test key" in body


@pytest.mark.parametrize("who", ["security", "officer", "next_above", "auditor"])
def test_others_read_why_they_do_not_answer(client, cast, opened, who):
    objection = object_to(opened, cast.security)
    actor = getattr(cast, who)
    response = get(client, actor, "objection", objection.pk)
    assert "entry" not in response.context
    assert 'aria-disabled="true"' in response.content.decode()
    fields = signed(objection, "rejected")
    assert post(client, actor, "objection-answer", objection.pk, **fields).status_code == 403


def test_both_units_are_heard_and_the_rest_is_signed(client, cast, opened):
    objection = object_to(opened, cast.security)
    post(client, cast.business, "objection-statement", objection.pk, text="Live first, key later")
    assert "Live first, key later" in text_of(client, cast.approver, "objection", objection.pk)
    assert post(client, cast.auditor, "objection-statement", objection.pk, text="x").status_code == 403
    answer(objection, cast.approver, "upheld")
    assert "Exclude the bid" in text_of(client, cast.officer, "objection", objection.pk)
    wrong = {"text": "Seen", "password": "wrong"}
    assert post(client, cast.security, "objection-remedy", objection.pk, **wrong).status_code == 422
    right = wrong | {"password": PASSWORD}
    assert post(client, cast.security, "objection-remedy", objection.pk, **right).status_code == 302
    assert "Upheld, settled" in text_of(client, cast.business, "objection", objection.pk)


def test_a_withdrawal_stays_on_record(client, cast, opened):
    objection = object_to(opened, cast.security)
    words = {"text": "The wrong file", "password": PASSWORD}
    assert post(client, cast.security, "objection-withdraw", objection.pk, **words).status_code == 302
    assert "The wrong file" in text_of(client, cast.auditor, "objection", objection.pk)


# --- lists ------------------------------------------------------------------------------------------------
def test_the_list_is_narrowed_by_state_unit_and_text(client, cast, opened, clock):
    first = object_to(opened, cast.security, claim="Key with the vendor")
    second = object_to(opened, cast.business, claim="Old machines", vendor="Quickwin Technology")
    answer(second, cast.approver)

    def found(**query):
        return [item.row.pk for item in get(client, cast.auditor, "objections", **query).context["page"]]

    assert found() == [first.pk, second.pk]
    assert found(state="open") == [first.pk]
    assert found(state="answered") == [second.pk]
    assert found(state="overdue") == []
    assert found(unit="business") == [second.pk]
    assert found(q="Old") == [second.pk]
    assert found(q="Quickwin") == [second.pk]
    assert found(q="nothing like it") == []
    clock(NOW + 3 * DAY)
    assert found(state="overdue") == [first.pk]


def test_many_are_shown_by_pages_and_asked_for_as_often_as_few(
    client, cast, opened, django_assert_num_queries
):
    object_to(opened, cast.security)
    client.force_login(cast.auditor)
    with django_assert_num_queries(6):
        client.get(reverse("objections"))
    for _number in range(25):
        object_to(opened, cast.security)
    with django_assert_num_queries(6):
        response = client.get(reverse("objections"))
    assert "OBJ-26" not in response.content.decode()
    assert "OBJ-26" in text_of(client, cast.auditor, "objections", page=2)


def test_the_tab_counts_what_the_reader_may_read(client, cast, opened):
    object_to(opened, cast.security)
    object_to(opened, cast.security, vendor="")

    def count(who):
        tabs = get(client, who, "tender", opened.pk).context["tabs"]
        return next(tab["count"] for tab in tabs if tab["label"] == "Objections")

    assert (count(cast.officer), count(colleague(cast))) == (2, 1)


@pytest.mark.parametrize("stage", [Stage.AWARDED, Stage.CANCELLED])
def test_nothing_waits_once_the_tender_is_over(client, cast, opened, stage):
    object_to(opened, cast.security)
    Tender.objects.update(stage=stage)
    assert get(client, cast.approver, "work").context["tasks"] == []


def test_an_objection_is_waited_for_by_officer_owner_and_raiser(client, cast, opened):
    Tender.objects.update(owner=cast.business)
    objection = object_to(opened, cast.security)
    for who in (cast.officer, cast.business, cast.security):
        assert "OBJ-1 The vendor alone holds the signing key" in waits(client, who)
    tasks = get(client, cast.next_above, "work").context["tasks"]
    assert tasks == []
    objections.state_opinion(actor=cast.business, objection=objection, text="x", now=NOW + timedelta(hours=1))
    task = get(client, cast.approver, "work").context["tasks"][0]
    assert (task.what, task.due) == ("Answer an objection", objection.due_at)
