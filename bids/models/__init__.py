"""The nouns of the bids wing."""

from .award import Award
from .bid import Attachment, Bid, Claim, Submission
from .ledger import LedgerNote
from .objection import Objection
from .panel import Declaration, FirstOpinion, Recusal
from .resolution import Dissent, LotDraw, Resolution, Round
from .score import Agreed, Correction, Mark, ScoreSheet
from .waiver import Waiver

__all__ = [
    "Agreed",
    "Attachment",
    "Award",
    "Bid",
    "Claim",
    "Correction",
    "Declaration",
    "Dissent",
    "FirstOpinion",
    "LedgerNote",
    "LotDraw",
    "Mark",
    "Objection",
    "Recusal",
    "Resolution",
    "Round",
    "ScoreSheet",
    "Submission",
    "Waiver",
]
