"""Workbooks and documents, and the archive around them: each danger has its own sentence."""

import zipfile

import pytest

from bids.files import Kind, inspect
from tests.files.making import (
    add_fields,
    docx_file,
    packed,
    parts_of,
    picture,
    related,
    replaced,
    with_part,
    xlsx_file,
)
from tests.files.refusals import (
    BOMB,
    DAMAGED,
    EMBEDDED,
    ENTITIES,
    HIDDEN,
    LINK,
    LOCKED,
    MACRO,
    OUTSIDE,
    PATHS,
    refused,
)


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
