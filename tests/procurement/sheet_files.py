"""Files for the tests of imports: good ones, zip files changed as bytes, and real ones that others wrote."""

import csv
import io
import json
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from procurement.sheets.reading import Table
from procurement.sheets.templates import Parsed, parse

#: Files of others, which a user's clone does not have.
SHARED = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared/data, which a clone lacks")

ROWS = [["編號", "名稱", "分數"], ["R01", "白名單", "85.5"], ["R02", '說 "好", 真的', "1,470 ,000 元"]]


def workbook(rows: list[list[object]] | None = None, **options: object) -> bytes:
    """A workbook with one sheet of these rows."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, **options})
    sheet = book.add_worksheet("要求")
    for row, values in enumerate(rows or ROWS):
        for column, value in enumerate(values):
            sheet.write(row, column, value)
    book.close()
    return target.getvalue()


def repacked(data: bytes, change: dict[str, bytes | Callable[[bytes], bytes] | None]) -> bytes:
    """The zip file with some parts replaced, changed, added or (None) left out."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in [*old.namelist(), *(name for name in change if name not in old.namelist())]:
            part = old.read(name) if name in old.namelist() else b""
            changed = change.get(name, part)
            if callable(changed):
                changed = changed(part)
            if changed is not None:
                new.writestr(name, changed)
    return target.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def with_sheet(change: Callable[[bytes], bytes]) -> bytes:
    """A workbook whose only sheet is changed as bytes."""
    return repacked(workbook(), {SHEET: change})


def with_rows(rows: str) -> bytes:
    """A workbook whose sheet holds this XML."""
    return with_sheet(
        lambda part: (
            part.split(b"<sheetData>")[0] + b"<sheetData>" + rows.encode() + b"</sheetData></worksheet>"
        )
    )


def expected(part: str) -> list[Any]:
    """The real strings of one kind, with what they mean."""
    return json.loads((SHARED / "messy" / "expected_parses.json").read_text("utf-8"))[part]


def texts(table: Table) -> list[list[str]]:
    """The texts of a table, row by row."""
    return [[cell.text for cell in row] for row in table.rows]


def csv_text(rows: list[list[str]], delimiter: str = ",") -> str:
    """The rows as separated values."""
    target = io.StringIO()
    csv.writer(target, delimiter=delimiter).writerows(rows)
    return target.getvalue()


def zipped_sheets(count: int) -> bytes:
    """A workbook of this many sheets."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    for _ in range(count):
        book.add_worksheet().write_string(0, 0, "x")
    book.close()
    return target.getvalue()


def ole(*streams: str) -> bytes:
    """Enough of an OLE container to be known by the names of its streams."""
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(504)
        + b"".join(name.encode("utf-16-le") for name in streams)
        + bytes(512)
    )


def zipped(parts: dict[str, bytes]) -> bytes:
    """A zip file of these parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return target.getvalue()


def locked_zip() -> bytes:
    """A zip file whose parts are marked as encrypted."""
    data = bytearray(workbook())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        position = data.find(signature)
        while position >= 0:
            data[position + offset] |= 1
            position = data.find(signature, position + 4)
    return bytes(data)


def with_the_same_part_twice() -> bytes:
    """A zip file with two sheets of one name, of which readers may take either."""
    target = io.BytesIO(workbook())
    with zipfile.ZipFile(target, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr(SHEET, b"<worksheet/>")
    return target.getvalue()


def packed_otherwise() -> bytes:
    """A workbook packed by a method that no spreadsheet uses."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook())) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_BZIP2) as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return target.getvalue()


def shuffled(data: bytes) -> bytes:
    """The file with bytes in its middle overwritten."""
    middle = bytearray(data)
    middle[len(data) // 3 : len(data) // 2] = random.Random(7).randbytes(len(data) // 2 - len(data) // 3)
    return bytes(middle)


def book_of(sheets: dict[str, list[list[Any]]], hidden: tuple[str, ...] = ()) -> bytes:
    """A workbook of several sheets."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = "hidden" if name in hidden else "visible"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def faults(parsed: Parsed) -> list[tuple[str, str]]:
    """Address and sentence of every fault."""
    return [(fault.address, fault.template % fault.params) for fault in parsed.faults]


def parse_csv(kind: str, *rows: list[str], **options: Any) -> Parsed:
    """The dry run of a CSV of these rows."""
    return parse(kind, "upload.csv", csv_text(list(rows)).encode(), **options)
