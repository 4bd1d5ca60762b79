"""The vendor's bid page."""

import json
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from bids.actions import submission
from bids.files import MEGABYTE
from bids.forms.submission import read_price
from bids.models import Bid, LateBid, Package, SealedDraft, StagedFile, Submission
from bids.views.front_door import DRAFTS_COOKIE
from procurement.models import Requirement, User
from procurement.signing import verify
from tests.bids.vendors import add_file, draft_of, save
from tests.cast import NOW, PASSWORD, hand_in, sign_in
from tests.files.making import docx_file, large_pdf, pdf, picture, with_part, xlsx_file

HTMX = {"HX-Request": "true"}


def form_of(tender, version=0, price="1,500 萬元", **answers):
    """What the bid page posts; every requirement met unless told otherwise."""
    data = {"version": version, "price": price}
    for row in tender.requirements.all():
        data[f"answer-{row.pk}"] = answers.get(row.code, "met")
        for name in ("note", "evidence", "until"):
            data[f"{name}-{row.pk}"] = answers.get(f"{row.code}_{name}", "")
    return data


def signed(data, **more):
    """What is posted to hand in: with the password and a fresh key."""
    return data | {"password": PASSWORD, "key": str(uuid4())} | more


def post_bid(client, tender, version=0, *, follow=False, password=PASSWORD, key=None, **answers):
    """Hand in what the form holds."""
    data = signed(form_of(tender, version, **answers), password=password, key=str(key or uuid4()))
    return client.post(reverse("bid-submit", args=[tender.pk]), data, follow=follow)


def post_signed(client, name, tender):
    """Withdraw or confirm."""
    data = {f"{name}-password": PASSWORD, f"{name}-key": str(uuid4())}
    return client.post(reverse(f"bid-{name}", args=[tender.pk]), data, follow=True)


def vendor():
    return User.objects.get(username="vendor")


def drafted():
    """What the vendor's draft says."""
    return draft_of(vendor(), Bid.objects.get())


@pytest.fixture
def page(client, clock, cast, published):
    """The address of the bid page, with the vendor signed in."""
    sign_in(client, cast.vendor)
    return reverse("bid", args=[published.pk])


def text_of(response):
    return response.content.decode()


# --- reading ----------------------------------------------------------------------------------------------
def test_reading_the_page_makes_no_bid(client, page):
    response = client.get(page)
    assert response.status_code == 200
    assert "R1 has no answer" in text_of(response)
    assert "There is no price yet." in text_of(response)
    assert Bid.objects.count() == 0


@pytest.mark.parametrize("part", ["officer", "security", "approver", "auditor"])
def test_the_bank_is_told_that_the_page_is_a_vendors(client, clock, cast, published, part):
    client.force_login(getattr(cast, part))
    response = client.get(reverse("bid", args=[published.pk]))
    assert response.status_code == 403
    assert "This is for: Vendor." in text_of(response)


def test_strangers_and_drafts_are_not_found(client, clock, cast, draft):
    for person in (cast.stranger, cast.administrator, cast.vendor):
        client.force_login(person)
        assert client.get(reverse("bid", args=[draft.pk])).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_asks_as_many_queries_for_one_requirement_as_for_three(
    client, page, published, django_assert_num_queries, rows
):
    for code in ("R1", "R2", "R3")[:rows]:
        add_file(vendor(), published, code=code)
    hand_in(vendor(), published, "5")
    Requirement.objects.filter(position__gte=rows).delete()
    with django_assert_num_queries(17):
        client.get(page)


# --- the draft --------------------------------------------------------------------------------------------
def test_a_draft_is_saved_and_shown_again(client, page, published):
    response = client.post(page, form_of(published, R2="not_met", R2_note="in March"), follow=True)
    assert "The draft is saved. Nothing was handed in." in text_of(response)
    assert "in March" in text_of(response)
    assert "NT$ 15,000,000" in text_of(response)
    assert "R2 is a gate and not met" in text_of(response)
    assert not Submission.objects.exists()


def test_a_script_saves_as_one_types_and_gets_the_new_version(client, page, published):
    response = client.post(page, form_of(published, price="abc"), headers=HTMX)
    assert response.status_code == 200
    assert "<html" not in text_of(response)
    assert 'value="2" id="id_version" hx-swap-oob="true"' in text_of(response)
    assert "“abc” is not a number." in text_of(response)


def test_an_older_version_is_refused_and_nothing_overwritten(client, page, published):
    client.post(page, form_of(published, R1_note="first"))
    response = client.post(page, form_of(published, R1_note="second"))
    assert response.status_code == 409
    assert "while you were editing it" in text_of(response)
    assert drafted().answers["R1"]["note"] == "first"


def test_what_cannot_be_kept_is_said_beside_the_field(client, page, published):
    long = form_of(published, R1_note="x" * 4001)
    response = client.post(page, long)
    assert response.status_code == 422
    assert "at most 4000 characters" in text_of(response)
    assert "x" * 4001 in text_of(response)
    fragment = client.post(page, long, headers=HTMX)
    assert fragment.status_code == 422
    assert "<html" not in text_of(fragment)
    assert client.post(page, form_of(published, R1_note="a\x07b")).status_code == 422
    assert not Bid.objects.exists()


def test_a_draft_that_is_late_is_not_saved(client, page, clock, cast, published):
    client.post(page, form_of(published, R1_note="in time"))
    clock(published.deadline)
    sign_in(client, cast.vendor)
    response = client.post(page, form_of(published, 2, R1_note="too late"))
    assert response.status_code == 403
    assert "The deadline has passed: nothing was accepted, and your draft was kept." in text_of(response)
    assert "too late" in text_of(response)
    assert drafted().answers["R1"]["note"] == "in time"


# --- whose draft opens ------------------------------------------------------------------------------------
def test_signing_in_opens_the_drafts_and_signing_out_closes_them(client, clock, cast, published):
    save(cast.vendor, published, {"R1": {"answer": "met", "note": "the secret way"}})
    response = client.post(reverse("sign-in"), {"username": "vendor", "password": PASSWORD})
    kept = response.cookies[DRAFTS_COOKIE]
    assert (kept["httponly"], kept["samesite"], kept["max-age"], kept["expires"]) == (True, "Lax", "", "")
    assert kept.value not in json.dumps(dict(client.session), default=str)
    address = reverse("bid", args=[published.pk])
    assert "the secret way" in text_of(client.get(address))
    assert client.post(reverse("sign-out")).cookies[DRAFTS_COOKIE].value == ""
    client.post(reverse("sign-in"), {"username": "rival", "password": PASSWORD})
    assert "the secret way" not in text_of(client.get(address))


def test_the_cookie_is_secure_where_the_session_is(client, cast, settings):
    settings.SESSION_COOKIE_SECURE = True
    response = client.post(reverse("sign-in"), {"username": "vendor", "password": PASSWORD})
    assert response.cookies[DRAFTS_COOKIE]["secure"]


def test_people_of_the_bank_get_no_such_cookie(client, cast):
    response = client.post(reverse("sign-in"), {"username": "officer", "password": PASSWORD})
    assert response.status_code == 302
    assert response.cookies[DRAFTS_COOKIE].value == ""


@pytest.mark.parametrize("kept", [None, "00" * 32, "nonsense"])
def test_without_what_the_browser_kept_the_draft_is_locked_until_the_password_is_typed(
    client, page, cast, published, kept
):
    save(cast.vendor, published, {"R1": {"answer": "met", "note": "the secret way"}})
    del client.cookies[DRAFTS_COOKIE]
    if kept:
        client.cookies[DRAFTS_COOKIE] = kept
    shown = text_of(client.get(page))
    assert "Your draft is locked" in shown
    assert "the secret way" not in shown
    late = client.post(page, form_of(published, 2, R1_note="typed"))
    assert late.status_code == 422
    assert "Nothing was saved." in text_of(late)
    assert "typed" in text_of(late)
    assert client.post(page, form_of(published, 2), headers=HTMX).status_code == 422
    opens = reverse("bid-open", args=[published.pk])
    wrong = client.post(opens, {"open-password": "wrong"})
    assert wrong.status_code == 422
    assert "This is not your password." in text_of(wrong)
    assert "the secret way" in text_of(client.post(opens, {"open-password": PASSWORD}, follow=True))
    assert drafted().answers["R1"]["note"] == "the secret way"


def test_a_draft_that_does_not_open_can_be_begun_anew(client, page, cast, published):
    save(cast.vendor, published, {"R1": {"answer": "met", "note": "the secret way"}})
    cast.vendor.set_password("another quite long password")
    cast.vendor.save()
    client.post(reverse("sign-in"), {"username": "vendor", "password": "another quite long password"})
    assert "This draft does not open to you" in text_of(client.get(page))
    response = client.post(page, form_of(published, 2))
    assert response.status_code == 422
    assert SealedDraft.objects.exists()
    shown = text_of(client.post(reverse("bid-anew", args=[published.pk]), follow=True))
    assert "R1 has no answer" in shown
    assert not SealedDraft.objects.exists()


def test_a_draft_that_opens_is_not_thrown_away(client, page, published):
    client.post(page, form_of(published, R1_note="kept"))
    shown = text_of(client.post(reverse("bid-anew", args=[published.pk]), follow=True))
    assert "This draft opens to you." in shown
    assert "kept" in shown


def test_one_changes_the_own_password_and_the_draft_stays_open(client, page, cast, published):
    client.post(page, form_of(published, R1_note="the secret way"))
    address, new = reverse("password"), "another quite long password"
    for data, fault in (
        ({"old": "wrong", "password": new, "again": new}, "This is not your password."),
        ({"old": PASSWORD, "password": new, "again": "other"}, "The two passwords differ."),
        ({"old": PASSWORD, "password": "short", "again": "short"}, "too short"),
    ):
        response = client.post(address, data)
        assert response.status_code == 422
        assert fault in text_of(response)
    done = client.post(address, {"old": PASSWORD, "password": new, "again": new}, follow=True)
    assert "Your password is changed." in text_of(done)
    assert "the secret way" in text_of(client.get(page))


def test_the_banks_people_change_their_password_too(client, cast):
    client.force_login(cast.officer)
    new = "another quite long password"
    data = {"old": PASSWORD, "password": new, "again": new}
    assert "Your password is changed." in text_of(client.post(reverse("password"), data, follow=True))
    cast.officer.refresh_from_db()
    assert cast.officer.check_password(new)


# --- the level of the evidence ----------------------------------------------------------------------------
def test_the_level_and_its_day_are_kept_and_shown_again(client, page, published):
    data = form_of(published, R1_evidence="tested", R1_until="2027-06-30", R1_note="report 12")
    response = client.post(page, data, follow=True)
    assert '<option value="tested" selected>' in text_of(response)
    assert 'value="2027-06-30"' in text_of(response)
    assert "Independently tested</span>" in text_of(response)
    assert "needs a file" not in text_of(response)


def test_what_the_evidence_lacks_is_said_before_it_is_handed_in(client, page, published):
    data = form_of(
        published, R1_evidence="attested", R2_evidence="tested", R2_note="x", R2_until="2026-11-21"
    )
    shown = text_of(client.post(page, data, headers=HTMX))
    assert "R1 needs a file or a note behind its evidence" in shown
    assert "R1 needs the day until which its evidence is good" in shown
    assert "The evidence of R2 has expired and counts one step less" in shown
    assert "Expired; counts as: Attested" in shown
    refused = client.post(reverse("bid-submit", args=[published.pk]), signed(data, version=2))
    assert refused.status_code == 422
    assert "Evidence beyond a claim needs a file or a note: R1." in text_of(refused)


def test_a_file_answers_at_once_what_the_evidence_lacked(client, page, published):
    client.post(page, form_of(published, R1_evidence="attested", R1_until="2027-06-30"))
    shown = text_of(upload(client, published, "a.pdf", pdf(), headers=HTMX))
    assert 'class="state" hx-swap-oob="true"' in shown
    assert "needs a file" not in shown


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"R1_evidence": "verified"}, "not one of the available choices"),
        ({"R1_until": "soon"}, "Enter a valid date."),
    ],
)
def test_a_level_or_day_that_cannot_be_is_refused_at_the_field(client, page, published, typed, said):
    response = client.post(page, form_of(published, **typed))
    assert response.status_code == 422
    assert said in text_of(response)


# --- handing in -------------------------------------------------------------------------------------------
def test_a_bid_is_handed_in_with_what_was_typed(client, page, published):
    response = post_bid(client, published, follow=True)
    row = Submission.objects.get()
    assert row.number == 1
    assert "Version 1 is handed in. Its receipt stands below." in text_of(response)
    assert "Version 1 is sealed" in text_of(response)
    assert " ".join(row.commitment[i : i + 4] for i in range(0, 64, 4)) in text_of(response)
    assert "Draft agrees with version 1" in text_of(response)


def test_what_is_posted_twice_is_handed_in_once(client, page, clock, published, cast):
    key = uuid4()
    post_bid(client, published, key=key)
    again = post_bid(client, published, key=key, follow=True)
    assert again.status_code == 200
    assert "Version 1 is handed in." in text_of(again)
    # the answer was lost, and by the time it is sent again the deadline has passed
    clock(published.deadline)
    sign_in(client, cast.vendor)
    assert "Version 1 is handed in." in text_of(post_bid(client, published, key=key, follow=True))
    assert Submission.objects.count() == 1
    assert not LateBid.objects.exists()


@pytest.mark.parametrize("key", ["", "x"])
def test_a_page_without_a_key_hands_in_all_the_same(client, page, published, key):
    data = signed(form_of(published), key=key)
    assert client.post(reverse("bid-submit", args=[published.pk]), data).status_code == 302
    assert Submission.objects.get().idempotency_key.version == 4


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"password": "wrong"}, "This is not your password. Nothing was submitted."),
        ({"password": ""}, "This field is required."),
    ],
)
def test_without_the_password_nothing_is_handed_in_and_the_draft_is_saved(
    client, page, published, given, fault
):
    data = signed(form_of(published, R1_note="typed"), **given)
    response = client.post(reverse("bid-submit", args=[published.pk]), data)
    assert response.status_code == 422
    assert fault in text_of(response)
    assert drafted().answers["R1"]["note"] == "typed"
    assert not Submission.objects.exists()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"price": ""}, "There is no price yet."),
        ({"price": "0"}, "The price must be more than 0."),
        ({"price": "US$ 5"}, "asked for in TWD, not in USD"),
        ({"R3": ""}, "Answers or reasons are missing: R3."),
        ({"R3": "not_applicable"}, "Answers or reasons are missing: R3."),
    ],
)
def test_what_is_missing_is_said_and_the_draft_is_saved(client, page, published, changes, reason):
    response = post_bid(client, published, **changes)
    assert response.status_code == 422
    assert reason in text_of(response)
    assert drafted().answers["R1"]["answer"] == "met"
    assert not Submission.objects.exists()


def test_a_changed_draft_is_told_from_what_was_handed_in(client, page, published):
    post_bid(client, published)
    version = Bid.objects.get().version
    response = client.post(page, form_of(published, version, price="1"), follow=True)
    assert "Draft differs from version 1" in text_of(response)
    assert "Seal and submit version 2" in text_of(response)


def test_a_bid_is_withdrawn(client, page, published):
    post_bid(client, published)
    address = reverse("bid-withdraw", args=[published.pk])
    refused = client.post(address, {"withdraw-password": "wrong", "withdraw-key": str(uuid4())})
    assert refused.status_code == 422
    assert "Your bid is withdrawn" in text_of(post_signed(client, "withdraw", published))
    assert post_signed(client, "withdraw", published).status_code == 403


def test_there_is_nothing_to_withdraw_before_there_is_a_bid(client, page, published):
    assert post_signed(client, "withdraw", published).status_code == 404


def test_after_the_deadline_the_page_can_be_read_and_not_changed(client, page, clock, cast, published):
    post_bid(client, published)
    clock(published.deadline + timedelta(days=1))
    sign_in(client, cast.vendor)
    response = client.get(page)
    assert response.status_code == 200
    assert '<fieldset class="stack" data-until-deadline disabled>' in text_of(response)
    assert "Seal and submit version" not in text_of(response)


# --- receipts ---------------------------------------------------------------------------------------------
def test_the_receipt_of_each_version_is_fetched_again_at_will(client, page, clock, cast, published):
    rows = [hand_in(cast.vendor, published, "1"), hand_in(cast.vendor, published, "2")]
    clock(published.deadline + timedelta(days=1))
    sign_in(client, cast.vendor)
    for row in rows:
        address = reverse("bid-receipt", args=[published.pk, row.number])
        assert address in text_of(client.get(page))
        response = client.get(address)
        assert response.content.decode() == row.receipt
        assert (
            response["Content-Disposition"]
            == f'attachment; filename="receipt-its-2026-900-{row.number}.json"'
        )
        verify.check_document(verify.read_document(response.content))


@pytest.mark.parametrize("part", ["rival", "officer", "auditor", "administrator"])
def test_nobody_else_fetches_a_receipt(client, clock, cast, published, part):
    hand_in(cast.vendor, published, "1")
    client.force_login(getattr(cast, part))
    assert client.get(reverse("bid-receipt", args=[published.pk, 1])).status_code == 404


# --- too late ---------------------------------------------------------------------------------------------
@pytest.fixture
def late(client, page, clock, cast, published):
    """A bid posted at the deadline; what was typed last differs from the draft."""
    client.post(page, form_of(published, R1_note="in time"))
    clock(published.deadline)
    sign_in(client, cast.vendor)
    return post_bid(client, published, 2, R1_note="too late")


def test_a_late_bid_is_refused_with_a_signed_refusal_and_what_was_typed(client, late, published):
    assert late.status_code == 409
    shown = text_of(late)
    assert "Received 2026-11-29 14:00:00.000, after the deadline: nothing was accepted." in shown
    assert "too late" in shown
    assert drafted().answers["R1"]["note"] == "in time"
    row = LateBid.objects.get()
    address = reverse("late-refusal", args=[row.pk])
    assert address in shown
    assert client.get(address).content.decode() == row.refusal
    assert not Submission.objects.exists()


def test_nobody_else_fetches_a_refusal(client, late, cast):
    for part in ("rival", "officer", "auditor"):
        client.force_login(getattr(cast, part))
        assert client.get(reverse("late-refusal", args=[LateBid.objects.get().pk])).status_code == 404


def test_a_bid_that_is_late_by_the_clock_under_the_lock_is_refused_as_well(
    client, page, published, monkeypatch
):
    at_the_deadline = partial(submission.submit_bid, clock=lambda: published.deadline)
    monkeypatch.setattr(submission, "submit_bid", at_the_deadline)
    response = post_bid(client, published)
    assert response.status_code == 409
    assert LateBid.objects.get().at == published.deadline


@pytest.mark.parametrize("given", [{"password": "wrong"}, {"answer-0": "x", "version": "x"}])
def test_late_and_not_signed_is_refused_without_a_record(client, page, clock, published, given):
    client.post(page, form_of(published))
    clock(published.deadline)
    sign_in(client, vendor())
    data = signed(form_of(published, 2), **given)
    response = client.post(reverse("bid-submit", args=[published.pk]), data)
    assert response.status_code == 409
    assert "The deadline has passed" in text_of(response)
    assert not LateBid.objects.exists()


# --- amendments -------------------------------------------------------------------------------------------
def test_an_amendment_asks_for_an_answer_and_gets_one(client, page, cast, published):
    hand_in(cast.vendor, published, "1")
    assert "needs your answer" not in text_of(client.get(page))
    Package.objects.create(tender=published, amendment=1, text="{}", digest="0" * 64, at=NOW)
    assert "Amendment 1 needs your answer" in text_of(client.get(page))
    address = reverse("bid-confirm", args=[published.pk])
    assert client.post(address, {"confirm-password": "wrong"}).status_code == 422
    shown = text_of(post_signed(client, "confirm", published))
    assert "Version 1 is confirmed and stands as it is." in shown
    assert "needs your answer" not in shown
    assert post_signed(client, "confirm", published).status_code == 403


# --- files ------------------------------------------------------------------------------------------------
def upload(client, tender, name, content, code="R1", **more):
    requirement = tender.requirements.get(code=code)
    data = {"requirement": requirement.pk, "file": SimpleUploadedFile(name, content)}
    return client.post(reverse("bid-file-add", args=[tender.pk]), data, **more)


def test_a_file_is_added_and_taken_out_again(client, page, published):
    response = upload(client, published, "報告.pdf", pdf(), follow=True)
    assert "報告.pdf" in text_of(response)
    file = StagedFile.objects.get()
    (kept,) = drafted().files
    assert (kept.entry.name, kept.entry.size, kept.requirement) == ("報告.pdf", len(pdf()), "R1")
    assert file.digest in text_of(response)
    address = reverse("bid-file-remove", args=[published.pk, file.pk])
    assert "報告.pdf" not in text_of(client.post(address, follow=True))
    assert client.post(address).status_code == 404


def test_a_script_gets_the_files_of_that_answer_only(client, page, published):
    response = upload(client, published, "a.pdf", pdf(), headers=HTMX)
    assert "a.pdf" in text_of(response)
    assert "<html" not in text_of(response)
    file = StagedFile.objects.get()
    removed = client.post(reverse("bid-file-remove", args=[published.pk, file.pk]), headers=HTMX)
    assert "a.pdf" not in text_of(removed)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "script"])
def test_a_refused_file_is_named_with_the_rule(client, page, published, headers):
    response = upload(client, published, "run.exe", b"MZ", headers=headers)
    assert response.status_code == 422
    assert "“run.exe” is not taken. Files may be PDF, XLSX, DOCX, PNG or JPG." in text_of(response)
    assert not StagedFile.objects.exists()


def test_a_file_over_the_cap_is_refused_with_the_limit(client, page, published):
    over = upload(client, published, "a.pdf", b"%PDF-" + b"0" * (20 * MEGABYTE))
    assert "“a.pdf” has 21 MB; 20 MB is the limit." in text_of(over)
    # far over it, the server does not even take it into memory
    far = upload(client, published, "a.pdf", b"%PDF-" + b"0" * (22 * MEGABYTE))
    assert "No file came in. Choose one of at most 20 MB." in text_of(far)
    assert not StagedFile.objects.exists()


def test_an_upload_never_lies_in_a_temporary_folder(client, page, published, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a temporary file was asked for")

    monkeypatch.setattr("tempfile.NamedTemporaryFile", refuse)
    monkeypatch.setattr("django.core.files.temp.NamedTemporaryFile", refuse)
    large = large_pdf(3 * MEGABYTE)
    assert upload(client, published, "a.pdf", large).status_code == 302
    assert drafted().files[0].entry.size == len(large)


def test_another_vendors_file_is_not_found(client, page, cast, published):
    file = add_file(cast.rival, published)
    save(cast.vendor, published)
    assert client.post(reverse("bid-file-remove", args=[published.pk, file.pk])).status_code == 404


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (("a.pdf", b"MZ"), "does not hold what its name says"),
        (("a.svg", b"<svg/>"), "is not taken"),
        (("a.pdf.exe", pdf()), "is not taken"),
        (("a.pdf", pdf(lambda writer: writer.encrypt("x", algorithm="AES-256"))), "protected by a password"),
        (("a.xlsx", with_part(xlsx_file(), "xl/vbaProject.bin", b"x")), "contains macros"),
        (("a.docx", with_part(docx_file(), "word/embeddings/a.xlsx", b"x")), "other files or objects inside"),
        (("a.png", picture()[:-1]), "is damaged"),
    ],
)
def test_files_that_are_refused(client, page, published, file, sentence):
    response = upload(client, published, *file)
    assert response.status_code == 422
    assert sentence in text_of(response)
    assert not StagedFile.objects.exists()


def test_a_name_in_parts_is_kept_composed(client, page, published):
    assert upload(client, published, "Cafe\u0301.pdf", pdf()).status_code == 302
    assert drafted().files[0].entry.name == "Café.pdf"


def test_a_file_to_a_locked_draft_is_refused(client, page, published):
    del client.cookies[DRAFTS_COOKIE]
    response = upload(client, published, "a.pdf", pdf(), headers=HTMX)
    assert response.status_code == 422
    assert "type your password to open it" in text_of(response)
    assert not StagedFile.objects.exists()


# --- prices -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "price"),
    [
        ("15,460,000", "15460000"),
        ("１５４６００００", "15460000"),
        ("1,546 萬元", "15460000"),
        ("NT$ 1.5", "1.5"),
    ],
)
def test_prices_are_read_as_people_write_them(typed, price):
    assert str(read_price(typed, "TWD")) == price


@pytest.mark.parametrize("typed", ["", "x", "-5", "0", "5 USD", "9" * 31, "約 500 萬"])
def test_prices_that_are_refused(typed):
    with pytest.raises(ValidationError):
        read_price(typed, "TWD")
