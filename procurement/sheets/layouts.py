"""What openpyxl's streaming mode does not tell of a sheet: formulas never calculated, and merged cells."""

import posixpath
import re
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZipFile

from procurement.sheets.tables import CELLS
from procurement.sheets.unreadable import Unreadable, gettext_noop

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_TOO_MUCH = gettext_noop("The workbook holds more merged cells and formulas than can be read.")

_ADDRESS = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")
_RELATIONSHIP = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATIONSHIP = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"


@dataclass(slots=True)
class Layout:
    """Rows and columns count from 1.

    ``formulas``: row → columns of formulas that carry no value. ``merged``: first cell of a block that is
    merged downward → its last row.
    """

    formulas: dict[int, list[int]] = field(default_factory=dict)
    merged: dict[tuple[int, int], int] = field(default_factory=dict)


def read_layouts(data: bytes) -> dict[str, Layout]:
    """Return the layout of each sheet by its name. Raises what parser and archive raise when they break."""
    from defusedxml import ElementTree  # noqa: PLC0415 - only where a workbook is read

    layouts: dict[str, Layout] = {}
    with ZipFile(BytesIO(data)) as archive:
        links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
        targets = {link.get("Id"): link.get("Target", "") for link in links}
        for sheet in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter():
            link = sheet.get(_RELATIONSHIP) or sheet.get(_STRICT_RELATIONSHIP)
            if not sheet.tag.endswith("}sheet") or link not in targets:
                continue
            part = posixpath.normpath(posixpath.join("/xl", targets[link])).lstrip("/")
            layouts[sheet.get("name", "")] = _layout(archive.read(part))
    return layouts


def _layout(part: bytes) -> Layout:
    """Walk through one sheet, once, and only if there is something to find."""
    from defusedxml import ElementTree  # noqa: PLC0415 - only where a workbook is read

    layout = Layout()
    if b"<f" not in part and b":f" not in part and b"mergeCell" not in part:
        return layout
    found = 0
    for _, element in ElementTree.iterparse(BytesIO(part)):
        name = element.tag.rpartition("}")[2]
        if name == "c" and _is_formula_without_value(element):
            row, column = _position(element.get("r", ""))
            layout.formulas.setdefault(row, []).append(column)
            found += 1
        elif name == "mergeCell":
            first, _, last = element.get("ref", "").partition(":")
            (row, column), (last_row, _) = _position(first), _position(last or first)
            if last_row > row:
                layout.merged[row, column] = last_row
            found += 1
        if name in ("row", "mergeCell"):
            element.clear()
        if found > CELLS:
            raise Unreadable(_TOO_MUCH)
    return layout


def _is_formula_without_value(cell: "Element") -> bool:
    """Say so for a cell with a formula whose value is missing; a formula may well give the empty text."""
    children = {child.tag.rpartition("}")[2]: child.text for child in cell}
    return "f" in children and not children.get("v") and cell.get("t") != "str"


def _position(address: str) -> tuple[int, int]:
    """Return row and column of an address, counted from 1. Raises ValueError."""
    match = _ADDRESS.fullmatch(address)
    if match is None:
        raise ValueError(address)
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(match[2]), column
