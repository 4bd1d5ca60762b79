"""Our own form of a catalogue: an empty workbook, or a CSV, to write one down in."""

import csv
from datetime import UTC, datetime
from io import StringIO

from procurement.sheets.columns import NOTES, Words
from procurement.sheets.writing import Properties, new_workbook

#: The same blank file has the same bytes, whenever it is made.
_CREATED = datetime(2026, 1, 1, tzinfo=UTC)

TITLE = Words("要求目錄", "Catalogue")
_FACTS = (
    (Words("代碼", "Code"), Words("BANK-SEC", "BANK-SEC")),
    (Words("版本", "Version"), Words("1.0", "1.0")),
    (Words("語言", "Language"), Words("zh-Hant", "en")),
    (Words("名稱", "Title"), Words("", "")),
    (Words("發布者", "Publisher"), Words("", "")),
    (Words("來源", "Source"), Words("", "")),
    (Words("授權", "Licence"), Words("", "")),
    (Words("等級", "Levels"), Words("普、中、高", "1, 2, 3")),
    (Words("累積", "Cumulative"), Words("是", "yes")),
)
_COLUMNS = (
    (Words("編號", "ID"), 14, Words("每列不同。", "Different in each row.")),
    (
        Words("上層", "Parent"),
        14,
        Words("所屬群組列的編號；可空白。", "The identifier of the group it belongs to, or empty."),
    ),
    (
        Words("種類", "Kind"),
        12,
        Words(
            "要求、群組、廢止或註；空白為要求。",
            "Requirement, group, withdrawn or note; empty means requirement.",
        ),
    ),
    (Words("標題", "Title"), 28, Words("一行；可空白。", "One line, or empty.")),
    (Words("內容", "Text"), 60, Words("要求的全文。", "What is required, in full; markdown.")),
    (
        Words("等級", "Level"),
        10,
        Words(
            "要求它的最低等級；不累積者列出所有等級。",
            "The lowest level that asks for it; all of them where levels do not add up.",
        ),
    ),
    (
        Words("說明", "Guidance"),
        40,
        Words("為什麼、怎麼驗；可空白。", "Why, and how it is tested; may be empty."),
    ),
    (Words("備註", "Remark"), 24, Words("可空白。", "May be empty.")),
)


def blank_workbook(language: str) -> bytes:
    """The workbook to fill in, with a sheet that explains its columns."""
    title = TITLE.of(language)
    book = new_workbook(Properties(title=title, created=_CREATED))
    sheet = book.add_sheet(title)
    for row, (name, example) in enumerate(_FACTS):
        book.write_text(sheet, row, 0, name.of(language), "head")
        book.write_text(sheet, row, 1, example.of(language), "cell")
    head = len(_FACTS) + 1
    for column, (name, width, _help) in enumerate(_COLUMNS):
        sheet.set_column(column, column, width)
        book.write_text(sheet, head, column, name.of(language), "head")
    sheet.freeze_panes(head + 1, 1)
    notes = book.add_sheet(NOTES.of(language))
    notes.set_column(0, 0, 16)
    notes.set_column(1, 1, 80)
    for row, (name, _width, text) in enumerate(_COLUMNS):
        book.write_text(notes, row, 0, name.of(language), "head")
        book.write_text(notes, row, 1, text.of(language), "cell", "wrap")
    return book.to_bytes()


def blank_csv(language: str) -> bytes:
    """The same as a text file, UTF-8 with a byte-order mark so that spreadsheets read it."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([name.of(language), example.of(language)] for name, example in _FACTS)
    writer.writerow([])
    writer.writerow([name.of(language) for name, _width, _help in _COLUMNS])
    return text.getvalue().encode("utf-8-sig")
