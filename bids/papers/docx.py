"""A paper as a `.docx`: the same sheets, tables and notes as on the printed page.

Page numbers are fields, so that they hold however the text runs; the foot stands on every page.
"""

from collections.abc import Iterator
from io import BytesIO

from django.utils.translation import gettext as _
from docx import Document
from docx.document import Document as DocumentOf
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table as TableOf
from docx.table import _Cell as CellOf
from docx.text.paragraph import Paragraph

from . import words
from .document import LEFT, RIGHT, Block, Cell, Notes, Paper, Row, Sheet, Signatures, Table, Text

#: The face of official papers, and the one beside it for latin text.
KAI, SERIF = "標楷體", "Times New Roman"

#: A4 in millimetres, and its margin.
SHORT, LONG, MARGIN = 210, 297, 12

SIDES = {LEFT: WD_ALIGN_PARAGRAPH.LEFT, RIGHT: WD_ALIGN_PARAGRAPH.RIGHT}


def docx(paper: Paper) -> bytes:
    """The paper as a file. Control characters, which XML cannot hold, are left out."""
    document = Document()
    _set_page(document, paper)
    _set_fonts(document)
    _set_properties(document, paper)
    for number, sheet in enumerate(paper.sheets):
        if number:
            document.paragraphs[-1].add_run().add_break(WD_BREAK.PAGE)
        _add_sheet(document, paper, sheet)
    _add_foot(document, paper)
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def clean(text: str) -> str:
    """The text without what XML cannot hold."""
    return "".join(sign for sign in text if sign in "\t\n" or (sign >= " " and sign not in "\ufffe\uffff"))


def _set_page(document: DocumentOf, paper: Paper) -> None:
    section = document.sections[0]
    wide, high = (LONG, SHORT) if paper.landscape else (SHORT, LONG)
    section.orientation = WD_ORIENT.LANDSCAPE if paper.landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(wide), Mm(high)
    for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(section, side, Mm(MARGIN))
    section.footer_distance = Mm(6)


def _set_fonts(document: DocumentOf) -> None:
    style = document.styles["Normal"]
    style.font.name, style.font.size = SERIF, Pt(9)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), KAI)
    style.paragraph_format.space_after = Pt(2)
    style.paragraph_format.space_before = Pt(0)


def _set_properties(document: DocumentOf, paper: Paper) -> None:
    properties = document.core_properties
    properties.title = clean(f"{paper.title} {paper.foot.reference}")[:255]
    properties.author = clean(paper.organisation or "Assay")[:255]
    properties.comments = clean(" · ".join(paper.foot.parts))[:255]
    properties.language = paper.language


# --- sheets -----------------------------------------------------------------------------------------------
def _add_sheet(document: DocumentOf, paper: Paper, sheet: Sheet) -> None:
    if paper.organisation:
        _write(document.add_paragraph(), paper.organisation, side=WD_ALIGN_PARAGRAPH.CENTER, size=10)
    _write(document.add_paragraph(), sheet.title, side=WD_ALIGN_PARAGRAPH.CENTER, size=16, strong=True)
    _add_facts(document, sheet, columns=3 if paper.landscape else 1)
    for block in sheet.blocks:
        _add(document, block)


def _add_facts(document: DocumentOf, sheet: Sheet, *, columns: int) -> None:
    """Labels with their texts, side by side without a frame."""
    if not sheet.facts:
        return
    table = document.add_table(rows=-(-len(sheet.facts) // columns), cols=columns)
    for number, (label, text) in enumerate(sheet.facts):
        place = table.cell(number // columns, number % columns)
        _write(place.paragraphs[0], words.labelled(label, text))


def _add(document: DocumentOf, block: Block) -> None:
    if isinstance(block, Table):
        _add_table(document, block)
    elif isinstance(block, Notes):
        frame = _new_table(document, len(block.items), 1)
        for row, text in zip(frame.rows, block.items, strict=True):
            _fill(row.cells[0], Cell(text, LEFT))
    elif isinstance(block, Signatures):
        _add_signatures(document, block)
    else:
        _add_text(document, block)
    if not isinstance(block, Text):
        document.add_paragraph().paragraph_format.space_after = Pt(0)


def _add_text(document: DocumentOf, block: Text) -> None:
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.keep_with_next = block.heading
    _write(paragraph, block.text, size=8 if block.small else 11 if block.heading else 9, strong=block.heading)


def _new_table(document: DocumentOf, rows: int, columns: int) -> TableOf:
    table = document.add_table(rows=rows, cols=columns)
    table.style = document.styles["Table Grid"]
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    return table


def _add_table(document: DocumentOf, block: Table) -> None:
    if block.title:
        _add_text(document, Text(block.title, heading=True))
    table = _new_table(document, len(block.head) + len(block.body), len(block.widths))
    _set_widths(document, table, block.columns)
    grid = [list(row.cells) for row in table.rows]  # asking a row for its cells is slow
    for number, row in enumerate([*block.head, *block.body]):
        for column, cell in _placed(row, number, block):
            place = grid[number][column]
            if cell.span > 1 or cell.rows > 1:
                place = place.merge(grid[number + cell.rows - 1][column + cell.span - 1])
            _fill(place, cell, shaded=number < len(block.head) or number - len(block.head) in block.grey)
    for row in table.rows[: len(block.head)]:
        _repeat(row._tr)  # noqa: SLF001 - python-docx has no word for it
    for row in table.rows:
        _keep_whole(row._tr)  # noqa: SLF001 - python-docx has no word for it


def _placed(row: Row, number: int, block: Table) -> Iterator[tuple[int, Cell]]:
    """Every cell of the row with the column it begins in, past those that a higher cell reaches down to."""
    taken = set()
    if number == 1 and len(block.head) > 1:
        column = 0
        for cell in block.head[0]:
            if cell.rows > 1:
                taken |= set(range(column, column + cell.span))
            column += cell.span
    column = 0
    for cell in row:
        while column in taken:
            column += 1
        yield column, cell
        column += cell.span


def _set_widths(document: DocumentOf, table: TableOf, shares: list[int]) -> None:
    section = document.sections[0]
    whole = section.page_width - section.left_margin - section.right_margin
    for column, part in zip(table.columns, shares, strict=True):
        width = int(whole * part / sum(shares))
        column.width = width
        for cell in column.cells:
            cell.width = width


def _signatures_a_row(document: DocumentOf) -> int:
    return 8 if document.sections[0].orientation == WD_ORIENT.LANDSCAPE else 5


def _add_signatures(document: DocumentOf, block: Signatures) -> None:
    if not block.people:
        return
    wide = min(len(block.people), _signatures_a_row(document))
    table = _new_table(document, -(-len(block.people) // wide), wide)
    for number, person in enumerate(block.people):
        cell = table.cell(number // wide, number % wide)
        _fill(cell, Cell(f"{person.part}\n{person.name}\n{person.post}\n\n", LEFT))
    for row in table.rows:
        _keep_whole(row._tr)  # noqa: SLF001 - python-docx has no word for it


# --- words ------------------------------------------------------------------------------------------------
def _fill(place: CellOf, cell: Cell, *, shaded: bool = False) -> None:
    place.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    paragraph = place.paragraphs[0]
    side = SIDES.get(cell.look, WD_ALIGN_PARAGRAPH.CENTER)
    for number, line in enumerate(cell.lines):
        _write(
            paragraph if not number else place.add_paragraph(), line, side=side, strong=cell.strong, size=8
        )
    if shaded:
        shade = OxmlElement("w:shd")
        shade.set(qn("w:val"), "clear")
        shade.set(qn("w:fill"), "F1F1F1")
        place._tc.get_or_add_tcPr().append(shade)  # noqa: SLF001 - python-docx has no word for it


def _write(
    paragraph: Paragraph,
    text: str,
    *,
    side: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.LEFT,
    size: int = 9,
    strong: bool = False,
) -> None:
    paragraph.alignment = side
    run = paragraph.add_run(clean(text))
    run.font.size, run.bold = Pt(size), strong


def _repeat(row: OxmlElement) -> None:
    """The row stands again on every page that the table runs over."""
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row.get_or_add_trPr().append(mark)


def _keep_whole(row: OxmlElement) -> None:
    """The row is not broken by the end of a page."""
    mark = OxmlElement("w:cantSplit")
    mark.set(qn("w:val"), "true")
    row.get_or_add_trPr().append(mark)


# --- foot -------------------------------------------------------------------------------------------------
def _add_foot(document: DocumentOf, paper: Paper) -> None:
    """Reference, fingerprints, who produced it, what is pending, and page n of m."""
    footer = document.sections[0].footer
    line = footer.paragraphs[0]
    _write(line, "   ".join(paper.foot.parts), size=7)
    if paper.foot.pending:
        _write(footer.add_paragraph(), paper.foot.pending, size=8, strong=True)
    pages = footer.add_paragraph()
    before, between, after = page_words()
    _write(pages, before, size=7, side=WD_ALIGN_PARAGRAPH.RIGHT)
    _add_field(pages, "PAGE")
    _write(pages, between, size=7, side=WD_ALIGN_PARAGRAPH.RIGHT)
    _add_field(pages, "NUMPAGES")
    _write(pages, after, size=7, side=WD_ALIGN_PARAGRAPH.RIGHT)


def page_words() -> tuple[str, str, str]:
    """The words around the number of the page and the number of pages."""
    before, _n, rest = _("Page {n} of {m}").partition("{n}")
    between, _m, after = rest.partition("{m}")
    return before, between, after


def _add_field(paragraph: Paragraph, name: str) -> None:
    run = paragraph.add_run()
    run.font.size = Pt(7)
    for kind, text in (("begin", ""), ("instrText", name), ("end", "")):
        if kind == "instrText":
            part = OxmlElement("w:instrText")
            part.set(qn("xml:space"), "preserve")
            part.text = text
        else:
            part = OxmlElement("w:fldChar")
            part.set(qn("w:fldCharType"), kind)
        run._r.append(part)  # noqa: SLF001 - python-docx has no word for it
