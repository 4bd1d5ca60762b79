"""Readers of catalogues of security requirements that others publish, and of our own template. No Django.

``entries``     what a catalogue is once it was read: levels, rows, parameters, digests
``detect``      `read_catalogue` and `read_files`: a file of any known format, or the files of a YAML list
``report``      the dry run: counts as the publisher counts, and what is wrong
``difference``  what a newer version changes
``markdown``    a publisher's text as HTML through an allow-list
``template``    our own form, to be filled in
"""

from procurement.catalogues.detect import LARGEST_FILE, Naming, Quoted, read_catalogue, read_files
from procurement.catalogues.entries import (
    UNSTATED,
    Catalogue,
    Entry,
    Kind,
    Level,
    LevelScheme,
    Parameter,
    Remark,
)
from procurement.catalogues.report import Report, report_on
from procurement.sheets.unreadable import Unreadable

__all__ = [
    "LARGEST_FILE",
    "UNSTATED",
    "Catalogue",
    "Entry",
    "Kind",
    "Level",
    "LevelScheme",
    "Naming",
    "Parameter",
    "Quoted",
    "Remark",
    "Report",
    "Unreadable",
    "read_catalogue",
    "read_files",
    "report_on",
]
