"""What comes in as uploaded tables: an evaluation held on paper, and a member's filled-in score sheet."""

from .evaluation import Outcome, Upload, evaluable, try_evaluation
from .score_sheet import Change, SheetOutcome, store_sheet, try_sheet

__all__ = [
    "Change",
    "Outcome",
    "SheetOutcome",
    "Upload",
    "evaluable",
    "store_sheet",
    "try_evaluation",
    "try_sheet",
]
