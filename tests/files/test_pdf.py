"""PDF: scripts, actions, files inside and passwords are found, however they are written."""

import io

import pytest
from pypdf import PdfWriter
from pypdf.generic import (
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    TextStringObject,
)

from bids.files import FileRefused, Kind, inspect
from tests.files.making import (
    compressed,
    named,
    note_on_page,
    on_opening,
    packed,
    pdf,
)
from tests.files.refusals import (
    DAMAGED,
    EMBEDDED,
    FORM,
    HIDDEN,
    LINK,
    LOCKED,
    OUTSIDE,
    SCRIPTS,
    refused,
)


def test_a_pdf_with_scripts_or_files_is_refused():
    refused("a.pdf", pdf(on_opening(named(S="/JavaScript", JS="app.alert(1)"))), SCRIPTS)
    refused("a.pdf", pdf(lambda writer: writer.add_attachment("a.txt", b"x")), EMBEDDED)
    refused("a.pdf", pdf(lambda writer: writer.encrypt("secret", algorithm="AES-256")), LOCKED)
    refused("a.pdf", pdf(lambda writer: writer.encrypt("", "owner", algorithm="AES-256")), LOCKED)


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        (named(S="/JavaScript", JS="x"), SCRIPTS),
        (named(S="/Launch", F="cmd.exe"), SCRIPTS),
        (named(S="/SubmitForm", F="https://a"), FORM),
        (named(S="/ImportData", F="a.fdf"), FORM),
        (named(S="/GoToR", F="\\\\server\\a.pdf"), OUTSIDE),
        (named(S="/GoToE"), EMBEDDED),
        (named(S="/Rendition"), SCRIPTS),
        (named(S="/URI", URI="file:///c:/a.exe"), LINK),
        (named(S="/GoTo", Next=[named(S="/Launch", F="x")]), SCRIPTS),
    ],
)
def test_pdf_actions_that_are_refused(action, sentence):
    refused("a.pdf", pdf(on_opening(action)), sentence)
    note = named(Type="/Annot", Subtype="/Link", A=action)
    refused("a.pdf", pdf(lambda writer: note_on_page(writer, note)), sentence)
    refused("a.pdf", compressed(pdf(on_opening(action))), sentence)


def test_a_pdf_of_compressed_objects_is_taken():
    assert inspect("a.pdf", compressed(pdf())) is Kind.PDF


def test_a_pdf_with_forms_that_change_themselves_or_media_is_refused():
    form = DictionaryObject({NameObject("/XFA"): TextStringObject("x")})

    def add_form(writer):
        writer.root_object[NameObject("/AcroForm")] = form

    refused("a.pdf", pdf(add_form), FORM)
    for word in ("/RichMedia", "/FileAttachment", "/Movie", "/Sound", "/3D", "/Screen"):
        note = named(Type="/Annot", Subtype=word)
        refused("a.pdf", pdf(lambda writer, note=note: note_on_page(writer, note)), EMBEDDED)


def test_what_an_older_version_of_a_pdf_held_is_refused():
    first = pdf(on_opening(named(S="/JavaScript", JS="x")))
    writer = PdfWriter(io.BytesIO(first), incremental=True)
    del writer.root_object["/OpenAction"]
    target = io.BytesIO()
    writer.write(target)
    refused("a.pdf", target.getvalue(), SCRIPTS)


def test_names_written_by_numbers_are_read():
    content = pdf(on_opening(named(S="/Launch", F="x")))
    refused("a.pdf", content.replace(b"/Launch", b"/L#61unch"), SCRIPTS)
    refused("a.pdf", content.replace(b"/Launch", b"/#4caun#63h"), SCRIPTS)


def test_pdfs_that_cannot_be_read_are_refused():
    refused("a.pdf", b"%PDF-1.7", DAMAGED)
    refused("a.pdf", pdf()[: len(pdf()) // 2], DAMAGED)
    refused("a.pdf", pdf() + packed({"a": b"x"}), HIDDEN)


def test_a_stream_that_lies_in_another_file_is_refused():
    def add(writer):
        stream = DecodedStreamObject()
        stream.set_data(b"x")
        stream[NameObject("/F")] = TextStringObject("\\\\server\\a")
        writer._add_object(stream)

    refused("a.pdf", pdf(add), OUTSIDE)


def test_nothing_of_a_file_is_written_to_the_log(caplog):
    with caplog.at_level("DEBUG"):
        for content in (pdf()[:-40], pdf().replace(b"/Pages", b"/Secret"), b"%PDF-1.7 << /Secret"):
            with pytest.raises(FileRefused):
                inspect("a.pdf", content + b"Secret")
    assert "Secret" not in caplog.text
