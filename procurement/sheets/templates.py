"""The files of an import: their columns, the blank ones that we hand out, and the dry run of a filled one.

blank_workbook("requirements", "zh-Hant")          the file to fill in
parsed = parse("requirements", upload.name, data)  rows, faults with their cells, columns left unread
parse_all(upload.name, data)                       a whole tender: every kind that has a sheet of its name
"""

from procurement.sheets.blanks import TENDER, blank_csv, blank_workbook
from procurement.sheets.cells import Claim, Value
from procurement.sheets.columns import LANGUAGES, TEMPLATES, Column, Holds, Template, Words
from procurement.sheets.parsing import Fault, Parsed, Place, parse, parse_all

__all__ = [
    "LANGUAGES",
    "TEMPLATES",
    "TENDER",
    "Claim",
    "Column",
    "Fault",
    "Holds",
    "Parsed",
    "Place",
    "Template",
    "Value",
    "Words",
    "blank_csv",
    "blank_workbook",
    "parse",
    "parse_all",
]
