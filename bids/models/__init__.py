"""The nouns of the bids wing."""

from .amendment import Amendment, OfficerReplacement, Outage
from .award import Approval, Award, Complaint, Recommendation
from .bid import Attachment, Bid, Claim, Submission
from .incident import Incident
from .key import OfficerKey
from .ledger import LedgerNote
from .objection import (
    Condition,
    Objection,
    ObjectionAnswer,
    ObjectionFile,
    RemedyConfirmation,
    Statement,
)
from .panel import Declaration, FirstOpinion, Recusal
from .promise import Acceptance, Promise, SignOff
from .reminder import SentReminder
from .resolution import Dissent, LotDraw, Resolution, Round
from .score import Agreed, Correction, Mark, ScoreSheet
from .sealing import (
    ClosingRecord,
    DraftKey,
    EnvelopeKey,
    KeyHalf,
    LateBid,
    OpeningOfficer,
    OpeningTurn,
    Package,
    SealedDraft,
    SealedManifest,
    StagedFile,
)
from .waiver import Waiver

__all__ = [
    "Acceptance",
    "Agreed",
    "Amendment",
    "Approval",
    "Attachment",
    "Award",
    "Bid",
    "Claim",
    "ClosingRecord",
    "Complaint",
    "Condition",
    "Correction",
    "Declaration",
    "Dissent",
    "DraftKey",
    "EnvelopeKey",
    "FirstOpinion",
    "Incident",
    "KeyHalf",
    "LateBid",
    "LedgerNote",
    "LotDraw",
    "Mark",
    "Objection",
    "ObjectionAnswer",
    "ObjectionFile",
    "OfficerKey",
    "OfficerReplacement",
    "OpeningOfficer",
    "OpeningTurn",
    "Outage",
    "Package",
    "Promise",
    "Recommendation",
    "Recusal",
    "RemedyConfirmation",
    "Resolution",
    "Round",
    "ScoreSheet",
    "SealedDraft",
    "SealedManifest",
    "SentReminder",
    "SignOff",
    "StagedFile",
    "Statement",
    "Submission",
    "Waiver",
]
