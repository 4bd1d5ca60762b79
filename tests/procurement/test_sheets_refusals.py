"""Every file that is no table gets its own sentence, at once, and nothing costs more than the caps allow."""

import io
import random
import time
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procurement.sheets.reading import read_tables
from procurement.sheets.unreadable import Unreadable
from tests.procurement.sheet_files import (
    ROWS,
    SHEET,
    csv_text,
    locked_zip,
    ole,
    packed_otherwise,
    repacked,
    shuffled,
    with_rows,
    with_sheet,
    with_the_same_part_twice,
    workbook,
    zipped,
    zipped_sheets,
)

BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]><worksheet>&j;</worksheet>"
)

HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "is empty"),
    "only white space": (lambda: b" \r\n\t\n", "is empty"),
    "only separators": (lambda: b",,,\n,,,\n", "No cell of the file"),
    "a workbook of nothing": (lambda: with_rows(""), "No cell of the file"),
    "too many bytes": (lambda: b"a,b\n" * 2_600_000, r"10\.4 MB; at most 10 MB"),
    "a PDF": (lambda: b"%PDF-1.7\n1 0 obj", "a PDF"),
    "an encrypted workbook": (lambda: ole("EncryptionInfo", "EncryptedPackage"), "protected by a password"),
    "an old workbook": (lambda: ole("Workbook", "SummaryInformation"), r"old \.xls format"),
    "an older workbook": (lambda: b"\x09\x04\x06\x00\x00\x00\x10\x00", r"old \.xls format"),
    "an old document": (lambda: ole("WordDocument"), "old Office document"),
    "a web page": (lambda: b"\xef\xbb\xbf\n<html><table><tr><td>1</td></tr></table></html>", "a web page"),
    "a web page in XML": (lambda: b'<?xml version="1.0"?><!DOCTYPE html><html></html>', "a web page"),
    "XML of 2003": (lambda: b'<?xml version="1.0"?><Workbook/>', "an XML document"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(50), "a picture"),
    "rich text": (lambda: b"{\\rtf1 x}", r"\(RTF\)"),
    "JSON": (lambda: b'{"format": "tender-case/1"}', "a JSON file"),
    "gzip": (lambda: b"\x1f\x8b\x08" + bytes(50), "compressed archive"),
    "noise": (lambda: random.Random(5).randbytes(3000), "neither an .xlsx workbook nor a text"),
    "Latin-1": (lambda: "naïve,Café\nÄÖÜ,ß é\n".encode("latin-1"), "neither UTF-8 nor Big5"),
    "an open quotation mark": (lambda: b'a,b\n1,2\n"3,4\n5,6\n', "opens in row 3 is never closed"),
    "a wide text": (lambda: b"a,b\n" + b"1," * 300 + b"1\n", "Row 2 has more than 200 columns"),
    "a text wide at once": (lambda: b"1," * 300 + b"1\n2\n", "Row 1 has more than 200 columns"),
    "a wide text by one": (lambda: b"1," * 200 + b"1\n2\n", "past column GR: cell GS1"),
    "a long text": (lambda: b"a,b\n" * 20_001, "more than 20000 rows"),
    "a text of line breaks": (lambda: b"\n" * 9_000_000 + b"a", "more than 20000 rows"),
    "an endless cell": (lambda: b"a,b\n1," + b"x" * 40_000, "Cell B2 .* more than 32767"),
    "a zip of something": (lambda: zipped({"a.csv": b"1,2"}), "without a workbook"),
    "an empty zip": (lambda: zipped({}), "without a workbook"),
    "Word": (
        lambda: zipped({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}),
        "Word or PowerPoint",
    ),
    "OpenDocument": (
        lambda: zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}),
        "an OpenDocument file",
    ),
    "binary Excel": (
        lambda: zipped({"[Content_Types].xml": b"<x/>", "xl/workbook.bin": b"x"}),
        r"binary \.xlsb",
    ),
    "macros": (lambda: repacked(workbook(), {"xl/vbaProject.bin": b"x"}), "contains macros"),
    "macros by type": (
        lambda: repacked(
            workbook(),
            {
                "[Content_Types].xml": lambda part: part.replace(
                    b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
                    b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
                )
            },
        ),
        "contains macros",
    ),
    "links to other files": (
        lambda: repacked(workbook(), {"xl/externalLinks/externalLink1.xml": b"<x/>"}),
        "draws on other",
    ),
    "a linked picture": (
        lambda: repacked(
            workbook(),
            {
                "xl/worksheets/_rels/sheet1.xml.rels": b'<Relationships><Relationship Id="r" Type="t/image"'
                b' Target="x" TargetMode="External"/></Relationships>'
            },
        ),
        "draws on other",
    ),
    "a file inside": (
        lambda: repacked(workbook(), {"xl/embeddings/oleObject1.bin": b"x"}),
        "other files inside",
    ),
    "a zip inside": (
        lambda: repacked(workbook(), {"xl/media/image1.png": zipped({"a": b"b"})}),
        "other files inside",
    ),
    "entities": (lambda: repacked(workbook(), {SHEET: BOMB}), "declares entities"),
    "entities in UTF-16": (lambda: repacked(workbook(), {SHEET: BOMB.decode().encode("utf-16")}), "damaged"),
    "a zip bomb": (lambda: with_sheet(lambda part: part + b" " * 50_000_000), "packed more tightly"),
    "too much at all": (
        lambda: repacked(
            workbook(), {f"xl/media/{n}.bin": random.Random(n).randbytes(20_000) * 440 for n in range(7)}
        ),
        "unpacks to more than 60 MB",
    ),
    "too many parts": (
        lambda: repacked(workbook(), {f"docProps/{n}.xml": b"<x/>" for n in range(600)}),
        "500 parts",
    ),
    "a locked zip": (locked_zip, "archive protected by a password"),
    "the same part twice": (with_the_same_part_twice, "damaged"),
    "another way of packing": (packed_otherwise, "damaged"),
    "a sheet under another name": (
        lambda: repacked(
            workbook(),
            {
                SHEET: None,
                "xl/other.bin": "".join(f"<c r='A{n}'/>" for n in range(260_000)).encode(),
                "xl/_rels/workbook.xml.rels": lambda part: part.replace(
                    b"worksheets/sheet1.xml", b"other.bin"
                ),
            },
        ),
        "too many cells",
    ),
    "half a file": (lambda: workbook()[:3000], "damaged"),
    "overwritten bytes": (lambda: shuffled(workbook()), "damaged"),
    "no sheet": (lambda: repacked(workbook(), {SHEET: None}), "damaged"),
    "broken XML": (lambda: with_sheet(lambda part: part[:-30]), "damaged"),
    "a wrong string": (lambda: with_rows('<row r="1"><c r="A1" t="s"><v>99</v></c></row>'), "damaged"),
    "a wrong style": (lambda: with_rows('<row r="1"><c r="A1" s="99"><v>1</v></c></row>'), "damaged"),
    "a wrong number": (lambda: with_rows('<row r="1"><c r="A1"><v>nan</v></c></row>'), "damaged"),
    "endless digits": (lambda: with_rows(f'<row r="1"><c r="A1"><v>{"9" * 5000}</v></c></row>'), "damaged"),
    "one far cell": (
        lambda: with_rows('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
        "past row 20000",
    ),
    "one cell far down": (
        lambda: with_rows('<row r="900000"><c r="A900000"><v>1</v></c></row>'),
        "cell A900000",
    ),
    "one cell far right": (
        lambda: with_rows('<row r="1"><c r="XFD1"><v>1</v></c></row>'),
        "column GR: cell XFD1",
    ),
    "a row that cannot be": (
        lambda: with_rows('<row r="99999999999"><c r="A1"><v>1</v></c></row>'),
        "cells far out",
    ),
    "a column that cannot be": (
        lambda: with_rows('<row r="1"><c r="ABCDEFGH1"><v>1</v></c></row>'),
        "damaged",
    ),
    "blanks without end": (
        lambda: with_rows("".join(f'<row r="{n}"><c r="XFD{n}"/></row>' for n in range(1, 9000))),
        "cells far out",
    ),
    "a row without end": (lambda: with_rows('<row r="1">' + "<c/>" * 200_000 + "</row>"), "too many cells"),
    "rows without end": (lambda: with_rows("<row><c><v>1</v></c></row>" * 20_001), "past row 20000"),
    "tags without end": (
        lambda: repacked(workbook(), {"xl/theme/theme1.xml": b"<a>" + b"<b/>" * 2_600_000 + b"</a>"}),
        "too many cells|tightly",
    ),
    "strings without end": (
        lambda: repacked(workbook(), {"xl/sharedStrings.xml": b"<sst>" + b"<si/>" * 1_100_000 + b"</sst>"}),
        "too many cells|tightly",
    ),
    "validations without end": (
        lambda: with_sheet(lambda part: part.replace(b"</worksheet>", b"<a/>" * 70_000 + b"</worksheet>")),
        "too many cells",
    ),
    "depth without end": (lambda: with_rows("<row>" * 15_000 + "</row>" * 15_000), "damaged|No cell"),
    "too many sheets": (
        lambda: zipped_sheets(40),
        "more than 30 sheets",
    ),
}


@pytest.mark.parametrize("trouble", HOSTILE)
def test_each_trouble_has_its_sentence(trouble: str) -> None:
    make, says = HOSTILE[trouble]
    data = make()
    started = time.process_time()
    with pytest.raises(Unreadable, match=says):
        read_tables("upload.xlsx", data)
    assert time.process_time() - started < 10  # seconds; a tenth of it where nothing measures coverage


def test_the_far_cell_is_a_small_file_and_refused_at_once() -> None:
    make, _ = HOSTILE["one far cell"]
    data = make()
    assert len(data) < 8_000
    started = time.process_time()
    with pytest.raises(Unreadable):
        read_tables("far.xlsx", data)
    assert time.process_time() - started < 3


def test_too_many_cells() -> None:
    row = ",".join("1" * 40)
    with pytest.raises(Unreadable, match="more than 250000 filled cells"):
        read_tables("t.csv", "\n".join([row] * 7_000).encode())


WORKBOOK, TEXT = workbook(), csv_text(ROWS).encode()


@given(
    st.sampled_from([WORKBOOK, TEXT]),
    st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=6), st.integers(0, 40)), min_size=1, max_size=6),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_uploaded_is_read_or_refused(
    data: bytes, changes: list[tuple[float, bytes, int]]
) -> None:
    for place, inserted, removed in changes:
        position = int(place * len(data))
        data = data[:position] + inserted + data[position + removed :]
    assert_read_or_refused(data)


@given(
    st.sampled_from(
        [SHEET, "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml", "[Content_Types].xml"]
    ),
    st.lists(
        st.tuples(
            st.floats(0, 1),
            st.sampled_from([b"", b"9", b"<", b">", b'"', b"/", b"A", b"&", b"-", b"<c/>"]),
            st.integers(0, 12),
        ),
        min_size=1,
        max_size=4,
    ),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_stands_in_the_parts_is_read_or_refused(
    part: str, changes: list[tuple[float, bytes, int]]
) -> None:
    with zipfile.ZipFile(io.BytesIO(WORKBOOK)) as archive:
        content = archive.read(part)
    for place, inserted, removed in changes:
        position = int(place * len(content))
        content = content[:position] + inserted + content[position + removed :]
    assert_read_or_refused(repacked(WORKBOOK, {part: content}))


def assert_read_or_refused(data: bytes) -> None:
    """Reading gives tables or raises `Unreadable`, nothing else."""
    try:
        tables = read_tables("upload", data)
    except Unreadable as refusal:
        sentence = str(refusal)
    else:
        sentence = tables[0].sheet or "unnamed"
    assert sentence
