"""Files for the tests: sound ones, made by libraries, and then changed."""

import io
import random
import zipfile

import docx
import xlsxwriter
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    TextStringObject,
)


def pdf(change=None):
    """A PDF of one page; `change` gets the writer."""
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    if change:
        change(writer)
    return saved(writer)


def large_pdf(size):
    """A PDF of one page and so many bytes of a picture that nothing packs any tighter."""

    def add(writer):
        stream = DecodedStreamObject()
        stream.set_data(random.Random(size).randbytes(size))
        writer.pages[0][NameObject("/Resources")] = named(XObject=named(Im0=writer._add_object(stream)))

    return pdf(add)


def saved(writer):
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def named(**entries):
    """A PDF dictionary: text that begins with / is a name."""
    return DictionaryObject({NameObject(f"/{key}"): _value(value) for key, value in entries.items()})


def _value(value):
    if isinstance(value, str):
        return NameObject(value) if value.startswith("/") else TextStringObject(value)
    return ArrayObject(_value(item) for item in value) if isinstance(value, list) else value


def picture(kind="PNG", size=(40, 30), mode="RGB", **options):
    target = io.BytesIO()
    Image.new(mode, size, 128 if mode in ("L", "1") else None).save(target, kind, **options)
    return target.getvalue()


def docx_file(change=None):
    document = docx.Document()
    document.add_paragraph("規格書 specification")
    if change:
        change(document)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def xlsx_file(change=None):
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "答覆")
        if change:
            change(book, sheet)
    return target.getvalue()


def parts_of(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts, *, method=zipfile.ZIP_DEFLATED):
    """A zip file of the parts, a mapping or pairs (for names that come twice)."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, part in parts.items() if isinstance(parts, dict) else parts:
            archive.writestr(name, part)
    return target.getvalue()


def with_part(content, name, part):
    """The same office file with a part added or put in place of another."""
    return packed(parts_of(content) | {name: part})


def replaced(content, name, old, new):
    """The same office file with a piece of one part changed, which has to be there."""
    parts = parts_of(content)
    assert old in parts[name], name
    return packed(parts | {name: parts[name].replace(old, new)})


def related(content, kind, target, mode="", at="word/_rels/document.xml.rels"):
    """The same office file with one more relationship."""
    row = f'<Relationship Id="rX" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"'
    row += f' Target="{target}"' + (f' TargetMode="{mode}"/>' if mode else "/>")
    return replaced(content, at, b"</Relationships>", row.encode() + b"</Relationships>")


def add_fields(document, fields, *, closed=True):
    """Complex fields, each a list of pieces of its instruction; None opens another field in it."""
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


def note_on_page(writer, note):
    writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(note)])


def on_opening(action):
    def change(writer):
        writer.root_object[NameObject("/OpenAction")] = action

    return change


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
