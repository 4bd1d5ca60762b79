"""The Open Contracting Data Standard (OCDS 1.1): a tender as a release, and a release as a draft.

Knows no Django and no database. `facts` is what a release is made of, `release` makes it, `writing` writes
it with exact numbers, `extension` describes what the standard has no field for. `reading`, `tender` and
`rules` read a file, field by field (`fields`).
"""

from bids.ocds.extension import FOLDER, extension_files
from bids.ocds.facts import Asked, Change, Decided, Offer, Organisation, Process, Score, Weighed, Words
from bids.ocds.reading import MOST_BYTES, read_release
from bids.ocds.release import EXTENSIONS, Document, package, release
from bids.ocds.tender import LEFT, Draft, DraftCriterion, DraftRequirement, Reading, read_tender
from bids.ocds.writing import write

__all__ = [
    "EXTENSIONS",
    "FOLDER",
    "LEFT",
    "MOST_BYTES",
    "Asked",
    "Change",
    "Decided",
    "Document",
    "Draft",
    "DraftCriterion",
    "DraftRequirement",
    "Offer",
    "Organisation",
    "Process",
    "Reading",
    "Score",
    "Weighed",
    "Words",
    "extension_files",
    "package",
    "read_release",
    "read_tender",
    "release",
    "write",
]
