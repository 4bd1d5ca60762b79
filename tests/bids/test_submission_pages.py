"""The vendor's bid page."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from bids.actions import submission
from bids.files import MEGABYTE
from bids.forms.submission import read_price
from bids.models import Attachment, Bid, Submission
from procurement.models import Requirement
from tests.cast import NOW
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


@pytest.fixture
def page(client, clock, cast, published):
    """The address of the bid page, with the vendor signed in."""
    client.force_login(cast.vendor)
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
    client.post(reverse("bid-submit", args=[published.pk]), form_of(published))
    Attachment.objects.all().delete()
    Requirement.objects.filter(position__gte=rows).delete()
    with django_assert_num_queries(12):
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
    assert Bid.objects.get().draft["answers"]["R1"]["note"] == "first"


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


def test_late_is_said_with_what_was_typed_and_the_draft_kept(client, page, clock, cast, published):
    client.post(page, form_of(published, R1_note="in time"))
    clock(published.deadline)
    client.force_login(cast.vendor)
    for name in ("bid", "bid-submit"):
        response = client.post(reverse(name, args=[published.pk]), form_of(published, 2, R1_note="too late"))
        assert response.status_code == 403
        assert "The deadline has passed: nothing was accepted, and your draft was kept." in text_of(response)
        assert "too late" in text_of(response)
    assert Bid.objects.get().draft["answers"]["R1"]["note"] == "in time"
    assert not Submission.objects.exists()


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
    refused = client.post(reverse("bid-submit", args=[published.pk]), data | {"version": 2})
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
    response = client.post(reverse("bid-submit", args=[published.pk]), form_of(published), follow=True)
    receipt = Submission.objects.get()
    assert receipt.number == 1
    assert "Version 1 is handed in" in text_of(response)
    assert " ".join(receipt.digest[i : i + 4] for i in range(0, 64, 4)) in text_of(response)
    assert "Draft agrees with version 1" in text_of(response)


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
    response = client.post(reverse("bid-submit", args=[published.pk]), form_of(published, **changes))
    assert response.status_code == 422
    assert reason in text_of(response)
    assert Bid.objects.get().draft["answers"]["R1"]["answer"] == "met"
    assert not Submission.objects.exists()


def test_a_changed_draft_is_told_from_what_was_handed_in(client, page, published):
    client.post(reverse("bid-submit", args=[published.pk]), form_of(published))
    version = Bid.objects.get().version
    response = client.post(page, form_of(published, version, price="1"), follow=True)
    assert "Draft differs from version 1" in text_of(response)
    assert "Submit version 2" in text_of(response)


def test_a_bid_is_withdrawn(client, page, published):
    client.post(reverse("bid-submit", args=[published.pk]), form_of(published))
    response = client.post(reverse("bid-withdraw", args=[published.pk]), follow=True)
    assert "Your bid is withdrawn" in text_of(response)
    assert client.post(reverse("bid-withdraw", args=[published.pk])).status_code == 403


def test_there_is_nothing_to_withdraw_before_there_is_a_bid(client, page, published):
    assert client.post(reverse("bid-withdraw", args=[published.pk])).status_code == 404


def test_after_the_deadline_the_page_can_be_read_and_not_changed(client, page, clock, cast, published):
    client.post(reverse("bid-submit", args=[published.pk]), form_of(published))
    clock(published.deadline + timedelta(days=1))
    client.force_login(cast.vendor)
    response = client.get(page)
    assert response.status_code == 200
    assert '<fieldset class="stack" data-until-deadline disabled>' in text_of(response)
    assert "Submit version" not in text_of(response)


# --- files ------------------------------------------------------------------------------------------------
def upload(client, tender, name, content, code="R1", **more):
    requirement = tender.requirements.get(code=code)
    data = {"requirement": requirement.pk, "file": SimpleUploadedFile(name, content)}
    return client.post(reverse("bid-file-add", args=[tender.pk]), data, **more)


def test_a_file_is_added_and_taken_out_again(client, page, published):
    response = upload(client, published, "報告.pdf", pdf(), follow=True)
    assert "報告.pdf" in text_of(response)
    file = Attachment.objects.get()
    assert (file.name, file.size, file.requirement.code) == ("報告.pdf", len(pdf()), "R1")
    address = reverse("bid-file-remove", args=[published.pk, file.pk])
    assert "報告.pdf" not in text_of(client.post(address, follow=True))
    assert client.post(address).status_code == 404


def test_a_script_gets_the_files_of_that_answer_only(client, page, published):
    response = upload(client, published, "a.pdf", pdf(), headers=HTMX)
    assert "a.pdf" in text_of(response)
    assert "<html" not in text_of(response)
    file = Attachment.objects.get()
    removed = client.post(reverse("bid-file-remove", args=[published.pk, file.pk]), headers=HTMX)
    assert "a.pdf" not in text_of(removed)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "script"])
def test_a_refused_file_is_named_with_the_rule(client, page, published, headers):
    response = upload(client, published, "run.exe", b"MZ", headers=headers)
    assert response.status_code == 422
    assert "“run.exe” is not taken. Files may be PDF, XLSX, DOCX, PNG or JPG." in text_of(response)
    assert not Attachment.objects.exists()


def test_a_file_over_the_cap_is_refused_with_the_limit(client, page, published):
    over = upload(client, published, "a.pdf", b"%PDF-" + b"0" * (20 * MEGABYTE))
    assert "“a.pdf” has 21 MB; 20 MB is the limit." in text_of(over)
    # far over it, the server does not even take it into memory
    far = upload(client, published, "a.pdf", b"%PDF-" + b"0" * (22 * MEGABYTE))
    assert "No file came in. Choose one of at most 20 MB." in text_of(far)
    assert not Attachment.objects.exists()


def test_an_upload_never_lies_in_a_temporary_folder(client, page, published, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a temporary file was asked for")

    monkeypatch.setattr("tempfile.NamedTemporaryFile", refuse)
    monkeypatch.setattr("django.core.files.temp.NamedTemporaryFile", refuse)
    large = large_pdf(3 * MEGABYTE)
    assert upload(client, published, "a.pdf", large).status_code == 302
    assert Attachment.objects.get().size == len(large)


def test_another_vendors_file_is_not_found(client, page, cast, published):
    file = submission.add_file(
        actor=cast.rival,
        tender=published,
        requirement=published.requirements.first(),
        name="a.pdf",
        content=b"%PDF-",
        now=NOW,
    )
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
    assert not Attachment.objects.exists()


def test_a_name_in_parts_is_kept_composed(client, page, published):
    assert upload(client, published, "Cafe\u0301.pdf", pdf()).status_code == 302
    assert Attachment.objects.get().name == "Café.pdf"


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
