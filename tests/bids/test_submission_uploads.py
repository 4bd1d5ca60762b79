"""Files and prices as they come in on the bid page."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from bids.files import MEGABYTE
from bids.forms.submission import read_price
from bids.models import StagedFile
from bids.views.front_door import DRAFTS_COOKIE
from tests.bids.bid_pages import HTMX, drafted, text_of, upload
from tests.bids.vendors import add_file, save
from tests.files.making import docx_file, large_pdf, pdf, picture, with_part, xlsx_file


# --- files ------------------------------------------------------------------------------------------------
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
    # far over it, the server does not even keep it in memory
    far = upload(client, published, "a.pdf", b"%PDF-" + b"0" * (30 * MEGABYTE))
    assert "“a.pdf” has 31 MB; 20 MB is the limit." in text_of(far)
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
