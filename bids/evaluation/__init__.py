"""The arithmetic of a tender, without a database: read a case, evaluate it, carry every step of the result.

Rooms, each importing only those above it: `issues`, `exact` → `case` → reading (`json_text`, `fields`,
`schema`, `tree`, `checks`, `guards`, `document`) → points (`panel`, `points`, `prices`) → gate
(`requirements`, `sheet`, `gate`, `stages`) → ranking (`places`, `ranking`) → analysis (`alarms`, `agreement`,
`turning`, `price_only`) → `evaluation` → `robustness`, which alone needs numpy and is imported by itself.
"""

from bids.evaluation.case import (
    Agreed,
    Alarm,
    Band,
    Bid,
    Case,
    Claim,
    Criterion,
    Mark,
    MarkedDifference,
    Member,
    PassMark,
    Price,
    Requirement,
    Round,
    Rounding,
    Waiver,
)
from bids.evaluation.document import canonical, case_file, document_of, fingerprint
from bids.evaluation.evaluation import evaluate, evaluate_file
from bids.evaluation.issues import Issue, Refused
from bids.evaluation.reading import check_specification, read, read_document
from bids.evaluation.result import Reason, Result, refused_document

__all__ = [
    "Agreed",
    "Alarm",
    "Band",
    "Bid",
    "Case",
    "Claim",
    "Criterion",
    "Issue",
    "Mark",
    "MarkedDifference",
    "Member",
    "PassMark",
    "Price",
    "Reason",
    "Refused",
    "Requirement",
    "Result",
    "Round",
    "Rounding",
    "Waiver",
    "canonical",
    "case_file",
    "check_specification",
    "document_of",
    "evaluate",
    "evaluate_file",
    "fingerprint",
    "read",
    "read_document",
    "refused_document",
]
