"""What may come in, by name and by content: sound files pass, and what is none is refused."""

import io

import pytest

from bids.files import MOST_BYTES, Kind, inspect, tidy_name
from tests.files.making import (
    add_fields,
    docx_file,
    named,
    note_on_page,
    packed,
    pdf,
    picture,
    related,
    with_part,
    xlsx_file,
)
from tests.files.refusals import (
    CONTENT,
    DAMAGED,
    HIDDEN,
    LOCKED,
    refused,
)


# --- sound files ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("報告.pdf", pdf(), Kind.PDF),
        ("A.PDF", pdf(), Kind.PDF),
        ("a.docx", docx_file(), Kind.DOCX),
        ("a.xlsx", xlsx_file(), Kind.XLSX),
        ("a.png", picture(), Kind.PNG),
        ("a.png", picture(mode="1"), Kind.PNG),
        ("a.png", picture(mode="RGBA"), Kind.PNG),
        ("a.jpg", picture("JPEG"), Kind.JPG),
        ("a.JPEG", picture("JPEG", mode="CMYK", progressive=True), Kind.JPG),
    ],
)
def test_sound_files_are_taken(name, content, kind):
    assert inspect(name, content) is kind


def test_links_to_web_pages_and_addresses_are_taken():
    def link(book, sheet):
        sheet.write_url(0, 0, "https://example.com/a?b=c")
        sheet.write_url(1, 0, "mailto:bids@example.com")
        sheet.write_url(2, 0, "internal:Sheet1!A1")
        sheet.write_formula(3, 0, '=HYPERLINK("https://example.com")')
        sheet.write_formula(4, 0, "=SUM(Sheet1!A1:A3)")
        sheet.write_string(5, 0, "IMAGE (front), CALL (02) 2345-6789, [book.xlsx]")

    assert inspect("a.xlsx", xlsx_file(link)) is Kind.XLSX
    document = related(docx_file(), "hyperlink", "https://example.com", "External")
    assert inspect("a.docx", document) is Kind.DOCX
    action = named(S="/URI", URI="https://example.com")
    note = named(Type="/Annot", Subtype="/Link", A=action)
    assert inspect("a.pdf", pdf(lambda writer: note_on_page(writer, note))) is Kind.PDF


def test_workbooks_with_charts_tables_and_pictures_are_taken():
    def fill(book, sheet):
        sheet.add_table(0, 0, 4, 1, {"columns": [{"header": "a"}, {"header": "b", "formula": "=1+1"}]})
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=Sheet1!$A$1:$A$4"})
        sheet.insert_chart("E1", chart)
        sheet.insert_image("E20", "a.png", {"image_data": io.BytesIO(picture())})
        sheet.write_comment("A9", "note")
        sheet.data_validation("B9", {"validate": "list", "source": ["yes", "no"]})
        book.define_name("Total", "=Sheet1!$A$1")

    assert inspect("a.xlsx", xlsx_file(fill)) is Kind.XLSX


def test_documents_with_pictures_and_harmless_fields_are_taken():
    def fill(document):
        document.add_picture(io.BytesIO(picture()))
        add_fields(
            document, [["TOC \\o ", '"1-3" \\h'], ['HYPERLINK \\l "a"'], ["PAGE"], ['HYPERLINK "https://a"']]
        )

    assert inspect("a.docx", docx_file(fill)) is Kind.DOCX


def test_files_of_the_reference_data_are_taken(shared):
    endings = ("*.xlsx", "*.png", "*.pdf", "*.docx")
    found = [path for ending in endings for path in shared.rglob(ending)]
    assert len(found) > 10
    for path in found:
        assert inspect(path.name, path.read_bytes()).value == path.suffix[1:]


# --- names and kinds --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("a\u202efdp.exe.pdf", "invisible"),
        ("a\x00.pdf", "invisible"),
        ("a\u200b.pdf", "invisible"),
        ("a\u3164.pdf", "invisible"),
        ("a\ufe0f.pdf", "invisible"),
        ("a\u2028.pdf", "invisible"),
        ("a" * 252 + ".pdf", "longer than 255"),
        ("../a.pdf", "cannot be the name"),
        ("a\\b.pdf", "cannot be the name"),
        ("C:a.pdf", "cannot be the name"),
        (".pdf", "cannot be the name"),
        ("a.pdf.", "cannot be the name"),
        ("pdf", "is not taken"),
        ("a.pdf.exe", "is not taken"),
        ("a.svg", "is not taken"),
        ("a.xlsm", "is not taken"),
        ("a.docm", "is not taken"),
        ("a", "is not taken"),
    ],
)
def test_names_that_are_refused(name, sentence):
    refused(name, pdf(), sentence)


def test_names_are_kept_composed():
    assert tidy_name(" Cafe\u0301 報告.pdf ") == "Café 報告.pdf"


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.pdf", b"", "is empty"),
        ("a.pdf", b"MZ", CONTENT),
        ("a.pdf", b" " + pdf(), CONTENT),
        ("a.pdf", picture(), CONTENT),
        ("a.docx", xlsx_file(), CONTENT),
        ("a.xlsx", docx_file(), CONTENT),
        ("a.xlsx", packed({"a.txt": "x"}), CONTENT),
        ("a.jpg", picture(), CONTENT),
        ("a.png", picture("JPEG"), CONTENT),
        ("a.jpg", picture("GIF"), CONTENT),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an old one", CONTENT),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), LOCKED),
        ("a.pdf", b"%PDF-" + bytes(MOST_BYTES), "21 MB; 20 MB is the limit"),
    ],
)
def test_content_that_does_not_fit_is_refused(name, content, sentence):
    assert name in refused(name, content, sentence)


# --- pictures ---------------------------------------------------------------------------------------------
def test_pictures_that_are_refused():
    refused("a.png", picture()[:-20], DAMAGED)
    refused("a.png", picture() + b"more", HIDDEN)
    refused("a.png", picture()[:60] + b"x" + picture()[61:], DAMAGED)
    refused("a.jpg", picture("JPEG", size=(400, 300))[:700], DAMAGED)
    refused("a.jpg", picture("JPEG") + packed({"a": b"x"}), HIDDEN)
    refused("a.png", picture(size=(8100, 8000), mode="1"), "64 million pixels")


def test_a_huge_picture_inside_a_document_is_refused():
    content = with_part(docx_file(), "word/media/a.png", picture(size=(8100, 8000), mode="1"))
    refused("a.docx", content, "64 million pixels")
