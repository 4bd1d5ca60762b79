"""The only doors to rows of the bids wing: what a person may not see is not there."""

from .bids import (
    attachments_visible_to,
    bids_visible_to,
    claims_visible_to,
    handed_in,
    latest_submission,
    own_bid,
    standing_submission,
)
from .decision import (
    objections_visible_to,
)
from .marking import (
    Leaf,
    Marking,
    Rounds,
    agreed_visible_to,
    cells_marked,
    cells_missing,
    is_marking,
    marking,
    marks_visible_to,
    removals,
    sheets_missing,
    submitted_sheets,
)
from .work import (
    claims_to_verify,
    seats_to_fill,
    tenders_in_progress,
    vendors_standing,
)

__all__ = [
    "Leaf",
    "Marking",
    "Rounds",
    "agreed_visible_to",
    "attachments_visible_to",
    "bids_visible_to",
    "cells_marked",
    "cells_missing",
    "claims_to_verify",
    "claims_visible_to",
    "handed_in",
    "is_marking",
    "latest_submission",
    "marking",
    "marks_visible_to",
    "objections_visible_to",
    "own_bid",
    "removals",
    "seats_to_fill",
    "sheets_missing",
    "standing_submission",
    "submitted_sheets",
    "tenders_in_progress",
    "vendors_standing",
]
