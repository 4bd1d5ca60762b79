"""The nouns of the bids wing."""

from .award import Award
from .bid import Attachment, Bid, Claim, Submission
from .objection import Objection
from .score import Agreed, Mark, Recusal, ScoreSheet

__all__ = [
    "Agreed",
    "Attachment",
    "Award",
    "Bid",
    "Claim",
    "Mark",
    "Objection",
    "Recusal",
    "ScoreSheet",
    "Submission",
]
