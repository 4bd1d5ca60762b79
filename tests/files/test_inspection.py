"""What may come in, by name and by content: sound files pass, each danger has its own sentence."""

import io
import zipfile

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from bids.files import MOST_BYTES, FileRefused, Kind, inspect, tidy_name
from tests.files.making import (
    docx_file,
    named,
    packed,
    parts_of,
    pdf,
    picture,
    related,
    replaced,
    with_part,
    xlsx_file,
)

MACRO = "contains macros"
EMBEDDED = "other files or objects inside"
OUTSIDE = "draws on something outside itself"
LINK = "neither a web page nor a mail address"
SCRIPTS = "scripts or actions"
FORM = "form that changes or sends itself"
LOCKED = "protected by a password"
DAMAGED = "is damaged"
CONTENT = "does not hold what its name says"
HIDDEN = "more than one file at once"
BOMB = "packed more tightly"
ENTITIES = "declares entities"
PATHS = "names lead elsewhere"


def refused(name, content, sentence):
    with pytest.raises(FileRefused) as caught:
        inspect(name, content)
    assert sentence in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.template % caught.value.params == str(caught.value)
    return str(caught.value)


# --- sound files --------------------------------------------------------------------------------------------
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


# --- names and kinds ----------------------------------------------------------------------------------------
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


# --- office files -------------------------------------------------------------------------------------------
def add_fields(document, fields, *, closed=True):
    """Complex fields, each a list of pieces of its instruction; None opens another field in it."""
    from docx.oxml import OxmlElement  # noqa: PLC0415 - beside its only use
    from docx.oxml.ns import qn  # noqa: PLC0415 - as above

    paragraph = document.add_paragraph()

    def mark(step):
        sign = OxmlElement("w:fldChar")
        sign.set(qn("w:fldCharType"), step)
        paragraph.add_run()._r.append(sign)

    for pieces in fields:
        mark("begin")
        for piece in pieces:
            if piece is None:
                mark("begin")
                continue
            text = OxmlElement("w:instrText")
            text.text = piece
            paragraph.add_run()._r.append(text)
        for _ in range(1 + pieces.count(None) if closed else 0):
            mark("separate")
            mark("end")


@pytest.mark.parametrize(
    ("pieces", "sentence"),
    [
        (["DDEAUTO c:\\\\windows\\\\cmd"], OUTSIDE),
        (["DDE", "AUTO c:\\\\windows"], OUTSIDE),
        (["  include", "picture ", '"https://a.example/x.png"'], OUTSIDE),
        (["LINK Excel.Sheet.8"], OUTSIDE),
        ([None, "QUOTE 68 68 69", "DDE"], OUTSIDE),
        (['HYPERLINK "file:///c:/a.exe"'], LINK),
        (["HYPERLINK \\\\server\\share"], LINK),
        (['HYPERLINK \\n "file:///c:/a.exe"'], LINK),
    ],
)
@pytest.mark.parametrize("closed", [True, False])
def test_fields_that_reach_out_are_refused(pieces, sentence, closed):
    content = docx_file(lambda document: add_fields(document, [pieces], closed=closed))
    refused("a.docx", content, sentence)


def test_a_simple_field_that_reaches_out_is_refused():
    field = b'<w:fldSimple w:instr=" DDE&#65;UTO cmd "/></w:body>'
    refused("a.docx", replaced(docx_file(), "word/document.xml", b"</w:body>", field), OUTSIDE)


@pytest.mark.parametrize(
    ("kind", "target", "mode", "sentence"),
    [
        ("image", "https://a.example/x.png", "External", OUTSIDE),
        ("attachedTemplate", "https://a.example/x.dotm", "External", OUTSIDE),
        ("attachedTemplate", "template.xml", "", OUTSIDE),
        ("image", "https://a.example/x.png", "", OUTSIDE),
        ("image", "\\\\server\\x.png", "", OUTSIDE),
        ("frame", "a.htm", "External", OUTSIDE),
        ("aFChunk", "a.html", "", EMBEDDED),
        ("oleObject", "embeddings/a.bin", "", EMBEDDED),
        ("oleObject", "https://a.example/x", "External", EMBEDDED),
        ("package", "embeddings/a.xlsx", "", EMBEDDED),
        ("control", "activeX1.xml", "", EMBEDDED),
        ("subDocument", "b.docx", "External", EMBEDDED),
        ("vbaProject", "vbaProject.bin", "", MACRO),
        ("hyperlink", "file:///c:/x.exe", "External", LINK),
        ("hyperlink", "\\\\server\\share", "External", LINK),
        ("hyperlink", " java\tscript:x", "External", LINK),
        ("hyperlink", "b.docx", "External", LINK),
        ("hyperlink", "search-ms:query=x", "External", LINK),
    ],
)
def test_relationships_that_are_refused(kind, target, mode, sentence):
    refused("a.docx", related(docx_file(), kind, target, mode), sentence)


def test_a_relationship_in_utf_16_is_not_overlooked():
    content = related(docx_file(), "attachedTemplate", "https://a.example", "External")
    name = "word/_rels/document.xml.rels"
    text = parts_of(content)[name].decode().replace("UTF-8", "UTF-16")
    refused("a.docx", with_part(content, name, text.encode("utf-16")), DAMAGED)
    refused("a.docx", with_part(content, name, b"<?xml version='1.0' encoding='utf-7'?><a/>"), DAMAGED)


@pytest.mark.parametrize(
    ("formula", "sentence"),
    [
        ('=WEBSERVICE("https://a.example")', OUTSIDE),
        ('=_xlfn.WEBSERVICE("https://a.example")', OUTSIDE),
        ('=_xlfn.IMAGE ("https://a.example/x.png")', OUTSIDE),
        ("='[other.xlsx]Sheet1'!A1", OUTSIDE),
        ("='C:\\x\\[other.xlsx]Sheet1'!A1", OUTSIDE),
        ("=cmd|'/c calc'!A0", OUTSIDE),
        ('=CALL("Kernel32","WinExec","JCJ","x",0)', OUTSIDE),
    ],
)
def test_formulas_that_reach_out_are_refused(formula, sentence):
    refused("a.xlsx", xlsx_file(lambda book, sheet: sheet.write_formula(0, 0, formula)), sentence)
    refused("a.xlsx", xlsx_file(lambda book, sheet: book.define_name("x", formula)), sentence)


@pytest.mark.parametrize(
    "hidden",
    [b"<f>WEB&#83;ERVICE(1)</f>", b"<f>WEB<!-- -->SERVICE(1)</f>", b"<x:f a='>'><![CDATA[RTD(1)]]></x:f>"],
)
def test_formulas_that_are_written_to_be_overlooked_are_refused(hidden):
    sheet = b"<sheetData><row r='9'><c r='A9'>" + hidden + b"</c></row>"
    content = replaced(xlsx_file(), "xl/worksheets/sheet1.xml", b"<sheetData>", sheet)
    refused("a.xlsx", content, OUTSIDE)


@pytest.mark.parametrize(
    ("name", "part", "sentence"),
    [
        ("xl/vbaProject.bin", b"x", MACRO),
        ("xl/embeddings/a.xlsx", b"x", EMBEDDED),
        ("xl/media/a.png", packed({"a": b"x"}), EMBEDDED),
        ("xl/media/a.png", b"MZ\x90", EMBEDDED),
        ("xl/media/a.png", picture()[:20], DAMAGED),
        ("xl/a.xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", ENTITIES),
        ("xl/_rels/a.rels", b"<a", DAMAGED),
        ("../a.xml", b"<a/>", PATHS),
        ("/etc/passwd", b"x", PATHS),
        ("a/../../b", b"x", PATHS),
        ("a\\b", b"x", PATHS),
        ("XL/Workbook.xml", b"<a/>", DAMAGED),
        ("xl/media/a.svg", b"<svg><script>x</script></svg>", EMBEDDED),
        ("xl/media/a.svg", b"<svg><image href='https://a'/></svg>", OUTSIDE),
        ("xl/media/a.png", bytes(3_000_000), BOMB),
    ],
)
def test_parts_that_are_refused(name, part, sentence):
    refused("a.xlsx", with_part(xlsx_file(), name, part), sentence)


@pytest.mark.parametrize(
    ("content_type", "sentence"),
    [
        ("application/vnd.ms-office.vbaProject", MACRO),
        ("application/vnd.ms-excel.sheet.macroEnabled.main+xml", MACRO),
        ("application/vnd.ms-excel.intlmacrosheet+xml", MACRO),
        ("application/vnd.ms-office.activeX+xml", EMBEDDED),
        ("application/vnd.openxmlformats-officedocument.oleObject", EMBEDDED),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.externalLink+xml", OUTSIDE),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.connections+xml", OUTSIDE),
    ],
)
def test_types_of_parts_that_are_refused(content_type, sentence):
    row = f'<Override PartName="/xl/x.xml" ContentType="{content_type}"/></Types>'.encode()
    refused("a.xlsx", replaced(xlsx_file(), "[Content_Types].xml", b"</Types>", row), sentence)


def test_a_part_of_two_types_is_refused():
    row = b'<Override PartName="/XL/workbook.xml" ContentType="text/plain"/></Types>'
    refused("a.xlsx", replaced(xlsx_file(), "[Content_Types].xml", b"</Types>", row), DAMAGED)


def test_a_workbook_of_macros_under_another_name_is_refused():
    old = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    new = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    refused("a.xlsx", replaced(xlsx_file(), "[Content_Types].xml", old, new), MACRO)


# --- the archive around them --------------------------------------------------------------------------------
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_archives_that_readers_disagree_about_are_refused():
    content = xlsx_file()
    pairs = [*parts_of(content).items(), ("xl/workbook.xml", b"<other/>")]
    refused("a.xlsx", packed(pairs), DAMAGED)
    refused("a.xlsx", content + packed({"a": b"x"}), HIDDEN)
    # a part that the directory does not name, between two that it names
    cut = content.index(b"PK\x01\x02")
    hidden = packed({"xl/hidden.xml": b"x"}, method=zipfile.ZIP_STORED)[:44]
    shifted = bytearray(content[:cut] + hidden + content[cut:])
    end = shifted.rindex(b"PK\x05\x06")
    shifted[end + 16 : end + 20] = (cut + len(hidden)).to_bytes(4, "little")
    refused("a.xlsx", bytes(shifted), HIDDEN)


def test_archives_over_the_caps_are_refused():
    many = parts_of(xlsx_file()) | {f"xl/{number}.txt": b"" for number in range(3001)}
    refused("a.xlsx", packed(many), "more than 3000 parts")
    # a directory that lies cannot make more come out than it says
    lying = bytearray(xlsx_file())
    at = lying.index(b"PK\x01\x02")
    lying[at + 24 : at + 28] = (150_000_000).to_bytes(4, "little")
    lying[at + 20 : at + 24] = (1_000_000).to_bytes(4, "little")
    refused("a.xlsx", bytes(lying), "unpacks to more than")


def test_an_encrypted_part_is_refused():
    content = bytearray(xlsx_file())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    refused("a.xlsx", bytes(content), LOCKED)


def test_a_far_cell_costs_nothing():
    sheet = b"<sheetData><row r='1048576'><c r='XFD1048576'><v>1</v></c></row></sheetData>"
    content = replaced(xlsx_file(), "xl/worksheets/sheet1.xml", b"<sheetData>", sheet + b"<!-- -->")
    assert inspect("a.xlsx", content) is Kind.XLSX


# --- pictures -----------------------------------------------------------------------------------------------
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


# --- PDF ----------------------------------------------------------------------------------------------------
def note_on_page(writer, note):
    writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(note)])


def on_opening(action):
    def change(writer):
        writer.root_object[NameObject("/OpenAction")] = action

    return change


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


def compressed(content):
    """The same PDF with its objects in a compressed stream, where no search for bytes finds them."""
    reader = PdfReader(io.BytesIO(content))
    numbers = sorted(number for offsets in reader.xref.values() for number in offsets)
    inner, head, offset = [], [], 0
    for number in numbers:
        target = io.BytesIO()
        reader.get_object(number).write_to_stream(target)
        data = target.getvalue() + b"\n"
        head.append(b"%d %d" % (number, offset))
        inner.append(data)
        offset += len(data)
    table = b" ".join(head) + b"\n"
    stream = DecodedStreamObject()
    stream.set_data(table + b"".join(inner))
    stream.update(named(Type="/ObjStm", N=NumberObject(len(numbers)), First=NumberObject(len(table))))
    out = io.BytesIO()
    out.write(b"%PDF-1.7\n")
    at = out.tell()
    home = numbers[-1] + 1
    out.write(b"%d 0 obj\n" % home)
    stream.flate_encode().write_to_stream(out)
    out.write(b"\nendobj\n")
    start = out.tell()
    rows = [b"\0" + bytes(6)]
    rows += [
        b"\2" + home.to_bytes(4, "big") + numbers.index(number).to_bytes(2, "big")
        for number in range(1, home)
    ]
    rows += [b"\1" + at.to_bytes(4, "big") + bytes(2), b"\1" + start.to_bytes(4, "big") + bytes(2)]
    xref = DecodedStreamObject()
    xref.set_data(b"".join(rows))
    root = reader.trailer.raw_get("/Root").idnum
    out.write(b"%d 0 obj\n<< /Type /XRef /Size %d /W [1 4 2] /Root %d 0 R" % (home + 1, home + 2, root))
    data = b"".join(rows)
    out.write(
        b" /Length %d >>\nstream\n%b\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % (len(data), data, start)
    )
    return out.getvalue()


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
