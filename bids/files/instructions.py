"""What text in a document tells its reader to do: links, fields of documents, formulas of workbooks."""

import html
import re
from io import BytesIO

from defusedxml.ElementTree import iterparse

from bids.files.refused import LINK, OUTSIDE, FileRefused, shown

#: Links that may be clicked on: web pages, addresses, and places in the file itself.
_TARGET = re.compile(r"(https?://|mailto:|tel:|#)", re.IGNORECASE)

#: Fields that fetch, link or embed (ISO/IEC 29500-1, 17.16.5), and those of older versions that still do.
_REACHING = {
    "DATABASE",
    "DDE",
    "DDEAUTO",
    "EMBED",
    "HTMLCONTROL",
    "IMPORT",
    "INCLUDE",
    "INCLUDEPICTURE",
    "INCLUDETEXT",
    "LINK",
    "CONTROL",
    "MACROBUTTON",
    "MERGEREC",
    "NEXT",
    "NEXTIF",
    "PRINT",
    "RD",
    "SKIPIF",
    "DATA",
}  # fmt: skip - one word a line says no more
_WORD = re.compile(r"[A-Za-z]+")
_ARGUMENT = re.compile(r'(\\[A-Za-z!*@](?=\s|$))|"([^"]*)"?|(\S+)')
#: Switches of a link after which stands a text and no target: a bookmark, a tip, a frame.
_TELLING = {"\\l", "\\o", "\\t"}

#: Functions that fetch or run something outside the workbook.
_CALLS = re.compile(
    r"\b(WEBSERVICE|IMAGE|RTD|CALL|REGISTER(?:\.ID)?|EXEC|STOCKHISTORY|SQL\.REQUEST)\s*\(", re.IGNORECASE
)
# A formula that names another file, or a program and what to tell it: [book.xlsx]Sheet1!A1, cmd|'/c calc'!A0
_OTHER_BOOK = re.compile(r"\[[^\[\]]*\.xl\w*\]|[\w.]+\|'", re.IGNORECASE)
_FORMULA = re.compile(
    rb"<(?:[\w.-]+:)?(?:f|formula[12]?|oldFormula|definedName|calculatedColumnFormula|totalsRowFormula)"
    rb"(?=[\s>])([^<]*)<(!)?"
)


def check_target(target: str) -> None:
    """Raise `FileRefused` unless a link leads to a web page, to an address or to a place in the file."""
    if not _TARGET.match("".join(sign for sign in target if sign > " ")):
        raise FileRefused(LINK, {"what": shown(target)})


def check_formulas(part: bytes) -> None:
    """Raise `FileRefused` if a formula in a part of a workbook reaches outside. Cells are not read.

    The text of a formula ends at the next tag; a comment or raw text in the middle of it would hide words.
    """
    for formula in _FORMULA.finditer(part):
        if formula[2]:
            raise FileRefused(OUTSIDE, {"what": "<!"})
        text = html.unescape(formula[1].decode("utf-8", "replace"))
        found = _CALLS.search(text) or _OTHER_BOOK.search(text)
        if found:
            raise FileRefused(OUTSIDE, {"what": shown(found[0])})


class _Field:
    """A field while it is read: its instruction, until its result begins."""

    def __init__(self) -> None:
        self.text = ""
        self.told = False

    def finish(self) -> None:
        if not self.told:
            self.told = True
            _check_instruction(self.text)


def check_fields(part: bytes) -> None:
    """Raise `FileRefused` if a field in a part of a document reaches outside, or hides what it does.

    An instruction may be spread over many runs; one whose first word comes out of another field is refused.
    """
    if b"instrText" not in part and b"fldSimple" not in part and b"InstrText" not in part:
        return
    open_fields: list[_Field] = []
    for event, element in iterparse(BytesIO(part), events=("start", "end"), forbid_dtd=True):
        word = element.tag.rpartition("}")[2]
        if event == "start":
            _start(word, {name.rpartition("}")[2]: text for name, text in element.items()}, open_fields)
        else:
            if word in ("instrText", "delInstrText") and open_fields:
                open_fields[-1].text += element.text or ""
            element.clear()
    for field in open_fields:
        field.finish()


def _start(word: str, attributes: dict[str, str], open_fields: list[_Field]) -> None:
    if word == "fldSimple":
        _check_instruction(attributes.get("instr", ""))
    if word != "fldChar":
        return
    step = attributes.get("fldCharType")
    if step == "begin":
        if open_fields and not open_fields[-1].told and not open_fields[-1].text.strip():
            raise FileRefused(OUTSIDE, {"what": "{ { } }"})
        open_fields.append(_Field())
    elif open_fields:
        open_fields[-1].finish()
        if step == "end":
            open_fields.pop()


def _check_instruction(text: str) -> None:
    first = _WORD.search(text)
    name = first[0].upper() if first else ""
    if name in _REACHING:
        raise FileRefused(OUTSIDE, {"what": name})
    if first and name == "HYPERLINK":
        _check_link_field(text[first.end() :])


def _check_link_field(arguments: str) -> None:
    before = ""
    for argument in _ARGUMENT.finditer(arguments):
        target = argument[2] or argument[3]
        if target and before not in _TELLING:
            check_target(target)
        before = argument[1] or ""
